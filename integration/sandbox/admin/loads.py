"""A catalogue or customers from CSV."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of
from integration.sandbox.csv_load import CsvLoad
from integration.sandbox.csv_rows import DELIMITERS, decoded
from integration.sandbox.errors import BadInstructionError

_KEYS = frozenset({"csv", "mapping", "age_days", "delimiter"})
_ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class _Order:
    """What is to be loaded: the text, what columns are to be called, how old the records are."""

    csv: str
    mapping: Mapping[str, str | None]
    age_days: float
    delimiter: str


class LoadRoutes:
    """Takes CSV as it is, or inside a JSON object that maps its columns."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/load/{system}/{entity}", self.load)]

    async def load(self, request: web.Request) -> web.StreamResponse:
        system = self._desk.system(request.match_info["system"])
        order = await _order(request)
        load = CsvLoad(system, request.match_info["entity"], order.age_days)
        for number in load.run(order.csv, order.mapping, order.delimiter):
            if number % _ROWS_AT_ONCE == 0:
                # Callers of the systems are not kept waiting by a large file.
                await asyncio.sleep(0)
        return answer(load.told(), 201 if load.made else 200)


async def _order(request: web.Request) -> _Order:
    if request.content_type == "application/json":
        spec = await body_of(request)
    else:
        spec = {"csv": decoded(await request.read()), **request.query}
    unknown = set(spec) - _KEYS
    if unknown or not isinstance(spec.get("csv"), str):
        raise BadInstructionError(
            f"a load is made of {sorted(_KEYS)}; csv is a text. Unknown: {sorted(unknown)}"
        )
    mapping, delimiter = spec.get("mapping", {}), spec.get("delimiter", "")
    texts = isinstance(mapping, dict) and all(isinstance(name, str | None) for name in mapping.values())
    if not texts or delimiter not in {"", *DELIMITERS}:
        raise BadInstructionError(f"mapping is column: field, delimiter one of {[*DELIMITERS]}")
    try:
        age_days = float(spec.get("age_days", 30.0))
    except (TypeError, ValueError) as error:
        raise BadInstructionError(f"age_days is a number, not {spec['age_days']!r}") from error
    if not 0 <= age_days < 36_500:
        raise BadInstructionError("age_days is between 0 and 36,500")
    return _Order(spec["csv"], mapping, age_days, delimiter)
