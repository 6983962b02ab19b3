"""The query of a job: what of SOQL it may use, and its rows as CSV cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.schema import VIRTUAL_TYPES, FieldDef

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

_UNSUPPORTED = re.compile(r"'(?:[^'\\]|\\.)*'|\b(GROUP\s+BY|OFFSET|TYPEOF)\b", re.IGNORECASE)
_OUT_OF_PLAIN = (1e-3, 1e7)


class Selection:
    """Runs the query when made; the rows stay as they were then. Raises what the API says against it."""

    def __init__(self, org: SalesforceOrg, query: str, user_id: str, *, with_deleted: bool) -> None:
        _check_shape(query)
        self._org = org
        self._result = org.queries.run(query, with_deleted=with_deleted, user_id=user_id)
        paths = self._result.paths
        if any(path.field.type in VIRTUAL_TYPES for path in paths):
            raise _refused("Selecting compound data not supported in Bulk Query")
        self._fields = [path.field for path in paths]
        self._names = [[*(str(step.relationship) for step in path.steps), path.field.name] for path in paths]
        self.object_name = self._result.definition.name

    @property
    def names(self) -> list[str]:
        """The header: `Id`, `Account.Name`."""
        return [".".join(parts) for parts in self._names]

    def __len__(self) -> int:
        return len(self._result.rows)

    def cells(self, start: int, end: int) -> list[list[str]]:
        rows = self._result.rows[start:end]
        records = self._org.queries.render(self._result, rows, self._org.options.api_version)
        columns = list(zip(self._names, self._fields, strict=True))
        return [[self._cell(field, _at(record, parts)) for parts, field in columns] for record in records]

    def _cell(self, field: FieldDef, value: Any) -> str:
        switches = self._org.options.switches
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, float):
            return number_text(value) if switches.bulk_scientific_numbers else str(value)
        if field.type == "datetime" and switches.bulk_datetimes_end_in_z:
            return f"{str(value).removesuffix('+0000')}Z"
        return str(value)


def number_text(value: float) -> str:
    """A double as Java writes it: `12.5`, but `1.39E8`."""
    smallest, largest = _OUT_OF_PLAIN
    if value == 0 or smallest <= abs(value) < largest:
        return str(value)
    digits, _, exponent = f"{value:.17e}".partition("e")
    # Python's shortest text has the digits, in whatever notation.
    shortest = repr(value).lower().partition("e")[0].lstrip("-").replace(".", "").strip("0") or "0"
    sign = "-" if digits.startswith("-") else ""
    return f"{sign}{shortest[0]}.{shortest[1:] or '0'}E{int(exponent)}"


def _check_shape(query: str) -> None:
    """Raises API_ERROR for what query jobs leave out although SOQL has it."""
    selected = _selected(query)
    if re.search(r"\(\s*SELECT\b", selected, re.IGNORECASE):
        raise _refused("Aggregate Relationships not supported in Bulk Query")
    if "(" in selected:
        raise _refused("Aggregate functions not supported in Bulk Query")
    for match in _UNSUPPORTED.finditer(query):
        if match[1]:
            raise _refused(f"{' '.join(match[1].upper().split())} not supported in Bulk Query")


def _selected(query: str) -> str:
    """The text before the FROM that belongs to the query itself and not to one inside it."""
    depth = 0
    for match in re.finditer(r"\(|\)|\bFROM\b", query, re.IGNORECASE):
        if match[0] in "()":
            depth += 1 if match[0] == "(" else -1
        elif depth == 0:
            return query[: match.start()]
    return query


def _refused(message: str) -> ApiError:
    return ApiError("API_ERROR", message)


def _at(record: Any, parts: Sequence[str]) -> Any:
    for part in parts:
        if record is None:
            return None
        record = record.get(part)
    return record
