"""All tables in one place, for migrations and tests."""

from __future__ import annotations

from integration.stores import tables_line, tables_operation, tables_people
from integration.stores.columns import metadata

__all__ = ["metadata", "tables_line", "tables_operation", "tables_people"]
