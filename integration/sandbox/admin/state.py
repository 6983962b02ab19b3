"""What there is in all: addresses, counts, switches, the truth about generated customers; emptying it."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer


class StateRoutes:
    """Reads and empties the whole."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.about),
            web.get("/state/{system}", self.counts),
            web.get("/switches", self.switches),
            web.get("/truth", self.truth),
            web.post("/reset", self.reset),
        ]

    async def about(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.about)

    async def counts(self, request: web.Request) -> web.StreamResponse:
        return answer(self._desk.system(request.match_info["system"]).counts())

    async def switches(self, _: web.Request) -> web.StreamResponse:
        return answer({"switches": list(self._desk.switches)})

    async def truth(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.truth)

    async def reset(self, _: web.Request) -> web.StreamResponse:
        self._desk.reset()
        return answer({"ok": True})
