"""Limits nearly spent, and clocks that are wrong."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of
from integration.sandbox.circumstances import clocks, limits_left, skew, spend


class LimitRoutes:
    """Reads and sets what is left of limits, and how far each system's clock is off."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/limits", self.left),
            web.post("/limits", self.leave),
            web.get("/clock", self.clock),
            web.post("/clock", self.set_clock),
        ]

    async def left(self, _: web.Request) -> web.StreamResponse:
        return answer(limits_left(self._desk))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        return answer(spend(self._desk, await body_of(request)))

    async def clock(self, _: web.Request) -> web.StreamResponse:
        return answer(clocks(self._desk))

    async def set_clock(self, request: web.Request) -> web.StreamResponse:
        return answer(skew(self._desk, await body_of(request)))
