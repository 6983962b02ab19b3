"""Misfortunes of Salesforce's event bus."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of


class EventRoutes:
    """Provokes them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/events/salesforce", self.told),
            web.post("/events/salesforce", self.provoke),
        ]

    async def told(self, _: web.Request) -> web.StreamResponse:
        """The chances in force with what came of them, and the kinds of incidents there are."""
        chaos = self._desk.org().accidents.configured()
        return answer({"chaos": chaos, "kinds": sorted(self._desk.incidents)})

    async def provoke(self, request: web.Request) -> web.StreamResponse:
        return answer(self._desk.happen(await body_of(request)))
