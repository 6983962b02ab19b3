"""How a scripted fault is played out on an aiohttp request."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus

import orjson
from aiohttp import web

from integration.sandbox.fault import Fault

_POLL_SECONDS = 0.02
# SO_LINGER with zero seconds makes close() send RST, as a crashed peer's kernel does.
_RESET = struct.pack("ii", 1, 0)
_PAGE = "<html><head><title>{0}</title></head><body><h1>{0} {1}</h1></body></html>"
_SCRIPTED = frozenset({"status", "status_after", "html"})
NO_ANSWER = 499


async def before_the_work(request: web.Request, fault: Fault) -> web.Response | None:
    """The answer that comes instead of any work; None: do the work."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.wait)
    elif fault.kind == "hang":
        return await _hang(request)
    elif fault.kind == "reset_before":
        return _reset(request)
    elif fault.kind in _SCRIPTED and not is_after(fault):
        return _scripted(fault)
    return None


async def after_the_work(
    request: web.Request, fault: Fault, response: web.StreamResponse
) -> web.StreamResponse:
    """What becomes of the answer that the work gave."""
    if fault.kind == "slow_after":
        await asyncio.sleep(fault.wait)
    elif fault.kind == "hang_after":
        return await _hang(request)
    elif fault.kind == "reset_after":
        return _reset(request)
    elif fault.kind == "cut_answer":
        return await _cut(request, response)
    elif fault.kind == "wrong_json":
        return _half(response)
    elif fault.kind in _SCRIPTED and is_after(fault):
        return _scripted(fault)
    return response


def is_after(fault: Fault) -> bool:
    """Whether the work is done before the fault shows."""
    return fault.after_commit or fault.kind.endswith("_after")


def never_left(request: web.Request, response: web.StreamResponse) -> bool:
    """Whether the caller got no answer, or only a part of one."""
    transport = request.transport
    return response.status == NO_ANSWER or transport is None or transport.is_closing()


async def _hang(request: web.Request) -> web.Response:
    """Say nothing for as long as the caller has the patience."""
    # aiohttp tells nobody that the caller has gone, so this has to look.
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110
        await asyncio.sleep(_POLL_SECONDS)
    return web.Response(status=NO_ANSWER)


def _reset(request: web.Request) -> web.Response:
    """Cut the connection; the response returned cannot be written any more."""
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    return web.Response(status=NO_ANSWER)


async def _cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The head promises the whole answer, half of it follows, then the connection ends."""
    content = _content(response)
    if not content:
        return _reset(request)
    headers = {name: value for name, value in response.headers.items() if not name.startswith("X-Sandbox-")}
    begun = web.StreamResponse(status=response.status, headers=headers)
    begun.content_length = len(content)
    await begun.prepare(request)
    await begun.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return begun


def _half(response: web.StreamResponse) -> web.Response:
    """Half of the answer, sent as if it were whole."""
    content = _content(response) or b"{}"
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    return web.Response(status=response.status, body=content[: len(content) // 2], headers=headers)


def _content(response: web.StreamResponse) -> bytes:
    body = response.body if isinstance(response, web.Response) else None
    return bytes(body) if isinstance(body, bytes | bytearray) else b""


def _scripted(fault: Fault) -> web.Response:
    status = fault.status or (503 if fault.kind == "html" else 500)
    if fault.kind == "html":
        text = fault.body if isinstance(fault.body, str) else _page(status)
        return web.Response(status=status, text=text, content_type="text/html")
    if isinstance(fault.body, str):
        return web.Response(status=status, text=fault.body)
    body = {"code": 1000, "message": "Internal error"} if fault.body is None else fault.body
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _page(status: int) -> str:
    known = {found.value: found.phrase for found in HTTPStatus}
    return _PAGE.format(status, known.get(status, "Error"))
