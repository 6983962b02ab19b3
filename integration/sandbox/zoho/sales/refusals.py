"""Where documents of sale find what they refuse; purchases refuse in the same words."""

from __future__ import annotations

from integration.sandbox.zoho.documents.refusals import (
    below_progress,
    has_documents,
    locked,
    no_approval,
    too_much,
    wrong_status,
)

__all__ = ["below_progress", "has_documents", "locked", "no_approval", "too_much", "wrong_status"]
