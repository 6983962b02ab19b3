"""Rules, chaos and history of outgoing webhooks."""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of, number
from integration.sandbox.errors import BadInstructionError


class WebhookRoutes:
    """Reads and sets what is sent, and sends once more."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/webhooks", self.configured),
            web.put("/webhooks", self.configure),
            web.get("/webhooks/history", self.history),
            web.post("/webhooks/resend/{n}", self.resend),
        ]

    async def configured(self, _: web.Request) -> web.StreamResponse:
        return answer(self._desk.webhooks.configured())

    async def configure(self, request: web.Request) -> web.StreamResponse:
        return answer(self._desk.webhooks.configure(await body_of(request)))

    async def history(self, request: web.Request) -> web.StreamResponse:
        since, limit = number(request, "since", 0), number(request, "limit", 10_000)
        return answer(self._desk.webhooks.history(since, limit))

    async def resend(self, request: web.Request) -> web.StreamResponse:
        named = request.match_info["n"]
        if not named.isdigit():
            raise BadInstructionError(f"{named!r} is no number of a delivery")
        self._desk.webhooks.resend(int(named))
        return answer({"ok": True}, 202)
