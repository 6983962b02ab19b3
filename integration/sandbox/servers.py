"""Listening: one aiohttp site per face of the sandbox."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable, Iterable
from email.utils import format_datetime

from aiohttp import web

from integration.sandbox.clock import Clock

# Whoever hangs on a scripted fault must not hold up the end of the process.
_SHUTDOWN_SECONDS = 0.2
_LINE_BYTES = 65_536
# Long queries are refused by the stand-in itself, in the shape its system has, and not by the HTTP server.
_LARGEST_BODY = 64 * 1024 * 1024


class Servers:
    """The sites that were started, to be closed together."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._runners: list[web.AppRunner] = []

    async def listen(
        self,
        served: web.Application | Iterable[web.RouteDef],
        port: int,
        tls: ssl.SSLContext | None = None,
        clock: Clock | None = None,
    ) -> int:
        """Serve on the port (0: a free one) and answer the port; `clock` tells the time of Date headers."""
        app = served if isinstance(served, web.Application) else _application(served)
        if clock is not None:
            app.on_response_prepare.append(_dated(clock))
        runner = web.AppRunner(
            app,
            access_log=None,
            shutdown_timeout=_SHUTDOWN_SECONDS,
            max_line_size=_LINE_BYTES,
            max_field_size=_LINE_BYTES,
        )
        await runner.setup()
        self._runners.append(runner)
        site = web.TCPSite(runner, self._host, port, ssl_context=tls)
        await site.start()
        bound: int = runner.addresses[0][1]
        return bound

    async def close(self) -> None:
        """End every site."""
        for runner in self._runners:
            await runner.cleanup()


def _dated(clock: Clock) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    async def date(_: web.Request, response: web.StreamResponse) -> None:
        response.headers["Date"] = format_datetime(clock.now(), usegmt=True)

    return date


def _application(routes: Iterable[web.RouteDef]) -> web.Application:
    app = web.Application(client_max_size=_LARGEST_BODY)
    app.add_routes(routes)
    return app
