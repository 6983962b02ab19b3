"""What a query found, and what of it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from integration.sandbox.salesforce.schema import FieldDef, ObjectDef
from integration.sandbox.salesforce.soql_find import Wish
from integration.sandbox.salesforce.soql_paths import Path
from integration.sandbox.salesforce.tables import Row

Json = dict[str, Any]


@dataclass(frozen=True)
class Child:
    """A sub-query: the look-up its records point back with, what it shows of them and which it takes."""

    name: str
    field: FieldDef
    columns: tuple[Column, ...]
    wish: Wish


Column: TypeAlias = "Path | Child"


@dataclass(frozen=True)
class Result:
    """What a query found; rows are kept as they were when it ran."""

    definition: ObjectDef
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    counted: bool = False
    """`COUNT()`: only the size is answered."""
    aggregate: Mapping[str, int] | None = None
    """The numbers of `COUNT(field)` by alias."""

    @property
    def paths(self) -> tuple[Path, ...]:
        """The plain columns, without sub-queries."""
        return tuple(column for column in self.columns if isinstance(column, Path))


def attributes(definition: ObjectDef, record_id: str, version: str) -> Json:
    return {
        "type": definition.name,
        "url": f"/services/data/v{version}/sobjects/{definition.name}/{record_id}",
    }
