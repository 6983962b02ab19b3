"""The fault plan that is played."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer
from integration.sandbox.errors import BadInstructionError


class PlanRoutes:
    """Starts, tells and ends it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/plan", self.told),
            web.post("/plan", self.start),
            web.delete("/plan", self.end),
        ]

    async def told(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.player.told())

    async def start(self, request: web.Request) -> web.StreamResponse:
        try:
            text = (await request.read()).decode()
        except UnicodeDecodeError as error:
            raise BadInstructionError("a plan is text in UTF-8") from error
        player = self._desk.player
        player.start(player.parse(text, "the plan"))
        return answer(player.told(), 201)

    async def end(self, _: web.Request) -> web.StreamResponse:
        return answer({**self._desk.player.end(), "running": False})
