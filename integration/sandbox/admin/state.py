"""What there is in all: addresses, counts, switches, the truth about generated customers; emptying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of, text
from integration.sandbox.errors import BadInstructionError

if TYPE_CHECKING:
    from integration.sandbox.kept_state import KeptState


class StateRoutes:
    """Reads and empties the whole."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/", self.about),
            web.get("/state", self.whole),
            web.put("/state", self.put_back),
            web.get("/state/saved", self.saved),
            web.post("/state/save", self.save),
            web.post("/state/load", self.load),
            web.get("/state/{system}", self.counts),
            web.get("/switches", self.switches),
            web.get("/truth", self.truth),
            web.post("/reset", self.reset),
        ]

    async def about(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.about)

    async def whole(self, _: web.Request) -> web.StreamResponse:
        return answer(self._kept().dump())

    async def put_back(self, request: web.Request) -> web.StreamResponse:
        self._kept().load(await body_of(request))
        return answer({"ok": True})

    async def saved(self, _: web.Request) -> web.StreamResponse:
        return answer({"states": self._kept().names()})

    async def save(self, request: web.Request) -> web.StreamResponse:
        path = self._kept().save(text(await body_of(request), "name"))
        return answer({"file": str(path.absolute())}, 201)

    async def load(self, request: web.Request) -> web.StreamResponse:
        self._kept().restore(text(await body_of(request), "name"))
        return answer({"ok": True})

    async def counts(self, request: web.Request) -> web.StreamResponse:
        return answer(self._desk.system(request.match_info["system"]).counts())

    async def switches(self, _: web.Request) -> web.StreamResponse:
        return answer({"switches": list(self._desk.switches)})

    async def truth(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.truth)

    async def reset(self, _: web.Request) -> web.StreamResponse:
        self._desk.reset()
        return answer({"ok": True})

    def _kept(self) -> KeptState:
        if self._desk.kept is None:
            raise BadInstructionError("this sandbox keeps no state")
        return self._desk.kept
