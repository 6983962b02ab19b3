"""Where documents of sale find what they stand on; it serves purchases, too."""

from __future__ import annotations

from integration.sandbox.zoho.documents.ground import Ground

__all__ = ["Ground"]
