"""Faults still to come."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of
from integration.sandbox.fault_kinds import KINDS
from integration.sandbox.faults import parse_fault


class FaultRoutes:
    """Lists, adds and forgets scripted faults."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/faults", self.waiting),
            web.get("/faults/kinds", self.kinds),
            web.get("/faults/played", self.played),
            web.post("/faults", self.add),
            web.delete("/faults", self.clear),
        ]

    async def waiting(self, _: web.Request) -> web.StreamResponse:
        return answer({"faults": self._desk.faults.waiting()})

    async def kinds(self, _: web.Request) -> web.StreamResponse:
        return answer({
            name: {
                "doc": kind.doc, "systems": sorted(kind.systems), "faces": sorted(kind.faces),
                "methods": sorted(kind.methods),
            }
            for name, kind in KINDS.items()
        })  # fmt: skip

    async def played(self, _: web.Request) -> web.StreamResponse:
        return answer({"played": self._desk.faults.played()})

    async def add(self, request: web.Request) -> web.StreamResponse:
        self._desk.faults.add(parse_fault(await body_of(request)))
        return answer({"faults": self._desk.faults.waiting()}, 201)

    async def clear(self, _: web.Request) -> web.StreamResponse:
        self._desk.faults.clear()
        return answer({"ok": True})
