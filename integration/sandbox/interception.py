"""How a scripted fault is played out on an aiohttp request."""

from __future__ import annotations

import asyncio
import socket
import struct

import orjson
from aiohttp import web

from integration.sandbox.faults import Fault

_POLL_SECONDS = 0.02
# SO_LINGER with zero seconds makes close() send RST, as a crashed peer's kernel does.
_RESET = struct.pack("ii", 1, 0)
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0} Service Unavailable</h1></body></html>"


async def before_the_work(request: web.Request, fault: Fault) -> web.Response | None:
    """The answer that comes instead of any work; None: do the work."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.seconds)
    elif fault.kind == "hang":
        return await _hang(request)
    elif fault.kind == "reset_before":
        return _reset(request)
    elif fault.kind in {"status", "html"}:
        return _scripted(fault)
    return None


async def after_the_work(request: web.Request, fault: Fault) -> web.Response | None:
    """The answer that comes instead of the one the work gave; None: give that one."""
    if fault.kind == "hang_after":
        return await _hang(request)
    if fault.kind == "reset_after":
        return _reset(request)
    if fault.kind == "status_after":
        return _scripted(fault)
    return None


async def _hang(request: web.Request) -> web.Response:
    """Say nothing for as long as the caller has the patience."""
    # aiohttp tells nobody that the caller has gone, so this has to look.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_POLL_SECONDS)
    return web.Response(status=499)


def _reset(request: web.Request) -> web.Response:
    """Cut the connection; the response returned cannot be written any more."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    return web.Response(status=499)


def _scripted(fault: Fault) -> web.Response:
    status = fault.status or (503 if fault.kind == "html" else 500)
    if fault.kind == "html":
        text = fault.body if isinstance(fault.body, str) else _PAGE.format(status)
        return web.Response(status=status, text=text, content_type="text/html")
    if isinstance(fault.body, str):
        return web.Response(status=status, text=fault.body)
    body = {"code": 1000, "message": "Internal error"} if fault.body is None else fault.body
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")
