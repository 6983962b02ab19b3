"""Records from CSV, as if they had long existed: column names are field names, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from integration.sandbox.csv_rows import Row, rows_of
from integration.sandbox.errors import BadInstructionError, RefusedError
from integration.sandbox.standard_price import StandardPrices
from integration.sandbox.systems import Json, StandIn

TOLD_AT_MOST = 1_000
_PART = re.compile(r"([^.\[\]]+)|\[([^.\[\]]+)\]")
_FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


@dataclass
class Column:
    """One column: where its values go, and as what the system takes them."""

    path: tuple[str, ...]
    reading: int = 0

    @property
    def label(self) -> str:
        """The name of the field in the system's complaints."""
        return self.path[-1].replace("_", " ").casefold()

    def read(self, text: str) -> Any:
        """The value in the reading that worked last: text, else a number or a flag."""
        return text if self.reading == 0 else _other_than_text(text)


@dataclass
class CsvLoad:
    """Plants row after row into one entity; `refused` holds the first 1,000 lines that were not taken."""

    system: StandIn
    entity: str
    age_days: float = 30.0
    made: int = 0
    refusals: int = 0
    refused: list[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._prices = StandardPrices(self.system)

    def run(self, text: str, mapping: Mapping[str, str | None], delimiter: str = "") -> Iterator[int]:
        """Load everything; tells after each row how many were looked at.

        :raises BadInstructionError: a file without a header, or no such entity
        """
        # An entity that does not exist is refused once, and not with every line.
        self.system.check_entity(self.entity)
        columns: dict[str, Column] = {}
        for number, row in enumerate(rows_of(text, delimiter), start=1):
            if not columns:
                columns = _columns(row.cells, mapping)
            self._take(row, columns)
            yield number

    def told(self) -> Json:
        """`{"made", "refused", "lines": [{"line", "reason"}]}`."""
        return {"made": self.made, "refused": self.refusals, "lines": self.refused}

    def _take(self, row: Row, columns: Mapping[str, Column]) -> None:
        if row.problem:
            self._refuse(row.line, row.problem)
            return
        cells = {name: text for name, text in row.cells.items() if text.strip() and name in columns}
        price = cells.pop(_PRICE, None) if self.entity.casefold() == "product2" else None
        try:
            record_id = self._planted(cells, columns)
        except (RefusedError, BadInstructionError) as error:
            self._refuse(row.line, str(error))
            return
        self.made += 1
        if price is not None:
            self._price(row.line, record_id, price)

    def _planted(self, cells: Mapping[str, str], columns: Mapping[str, Column]) -> str:
        """The new record's id; a column that is refused as text is tried as a number or flag."""
        for _ in range(len(cells) + 1):
            try:
                return self.system.plant(self.entity, _fields(cells, columns), self.age_days)
            except RefusedError as error:
                column = self._misread(cells, columns, str(error))
                if column is None:
                    raise
                column.reading = 1
        raise BadInstructionError("no reading of the values is taken")

    @staticmethod
    def _misread(cells: Mapping[str, str], columns: Mapping[str, Column], complaint: str) -> Column | None:
        """The column that the complaint is about, if its value can be read as something else than text."""
        told = complaint.casefold()
        fitting = [
            columns[name]
            for name, text in cells.items()
            if columns[name].reading == 0
            and columns[name].label in told
            and _other_than_text(text) is not text
        ]
        # Both `rate` and `purchase_rate` stand in a complaint about the purchase rate.
        return max(fitting, key=lambda column: len(column.label), default=None)

    def _price(self, line: int, product: str, price: str) -> None:
        try:
            self._prices.plant(product, price, self.age_days)
        except (RefusedError, BadInstructionError) as error:
            self._refuse(line, f"the product was made, its price was refused: {error}")

    def _refuse(self, line: int, reason: str) -> None:
        self.refusals += 1
        if len(self.refused) < TOLD_AT_MOST:
            self.refused.append({"line": line, "reason": reason})


_PRICE = "UnitPrice"


def _columns(cells: Mapping[str, str], mapping: Mapping[str, str | None]) -> dict[str, Column]:
    unknown = set(mapping) - set(cells)
    if cells and unknown:
        raise BadInstructionError(f"the file has no columns {sorted(unknown)} to map; it has {[*cells]}")
    named = {name: mapping.get(name, name) for name in cells}
    return {name: Column(_path(target)) for name, target in named.items() if target}


def _path(name: str) -> tuple[str, ...]:
    """`a.b` and `a[b]` name a part of a; `cf_x` is short for `custom_fields[cf_x]`."""
    if name.startswith("cf_"):
        return ("custom_fields", name)
    parts = tuple(found[0] or found[1] for found in _PART.findall(name))
    if not parts or _PART.sub("", name).strip("."):
        raise BadInstructionError(f"{name!r} is no name of a field")
    return parts


def _fields(cells: Mapping[str, str], columns: Mapping[str, Column]) -> Json:
    found: Json = {}
    for name, text in cells.items():
        column = columns[name]
        if column.path[0] == "custom_fields" and len(column.path) == 2:
            entries = found.setdefault("custom_fields", [])
            entries.append({"api_name": column.path[1], "value": column.read(text)})
            continue
        inner: Json = found
        for part in column.path[:-1]:
            inner = inner.setdefault(part, {})
        inner[column.path[-1]] = column.read(text)
    return {key: _listed(value) for key, value in found.items()}


def _listed(value: Any) -> Any:
    """Parts named by numbers are a list in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(each) for key, each in value.items()}


def _other_than_text(text: str) -> Any:
    bare = text.strip()
    if _NUMBER.fullmatch(bare):
        return float(bare) if "." in bare else int(bare)
    return _FLAGS.get(bare.lower(), text)
