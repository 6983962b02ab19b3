"""What was called."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, number
from integration.sandbox.call_log import Wanted
from integration.sandbox.errors import BadInstructionError

_FILTERS = tuple(Wanted.__dataclass_fields__)
_KEYS = {"since", "limit", *_FILTERS}


class CallRoutes:
    """The last calls and counts of all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/calls", self.calls),
            web.get("/calls/counts", self.counts),
            web.get("/unsupported", self.unsupported),
        ]

    async def calls(self, request: web.Request) -> web.StreamResponse:
        unknown = set(request.query) - _KEYS
        if unknown:
            raise BadInstructionError(f"calls are asked for by {sorted(_KEYS)}, not by {sorted(unknown)}")
        since, limit = number(request, "since", 0), number(request, "limit", 1000)
        wanted = Wanted(**{name: request.query.get(name, "") for name in _FILTERS})
        log = self._desk.call_log
        return answer({"calls": log.since(since, limit, wanted), "last": log.last})

    async def counts(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.call_log.counts())

    async def unsupported(self, _: web.Request) -> web.StreamResponse:
        return answer({"unsupported": self._desk.org().unsupported()})
