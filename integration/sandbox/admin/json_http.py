"""JSON in and out of the admin endpoint, and what a refusal looks like."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from integration.sandbox.errors import BadInstructionError, BadKeyError, NoSuchRecordError, RefusedError
from integration.sandbox.systems import Json

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """`{"error"}` with 400, 404 or 409 for what the sandbox refuses to do."""
    try:
        return await handler(request)
    except NoSuchRecordError as error:
        return answer({"error": str(error)}, 404)
    except RefusedError as error:
        return answer({"error": str(error), "body": error.body}, 409)
    except BadKeyError as error:
        return answer({"error": str(error), "key": error.key}, 400)
    except BadInstructionError as error:
        return answer({"error": str(error)}, 400)


async def body_of(request: web.Request) -> Json:
    """The JSON object sent; an empty body is an empty object. :raises BadInstructionError: something else."""
    try:
        found = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadInstructionError("the body is no JSON") from error
    if not isinstance(found, dict):
        raise BadInstructionError("the body is no JSON object")
    return found


def answer(body: object, status: int = 200) -> web.Response:
    """The body as JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def number(request: web.Request, key: str, default: int) -> int:
    """A whole number of the query. :raises BadInstructionError: it is none."""
    found = request.query.get(key, str(default))
    if not found.isdigit():
        raise BadInstructionError(f"{key} is a number, not {found!r}")
    return int(found)


def text(spec: Mapping[str, Any], key: str) -> str:
    """A text that must be there. :raises BadInstructionError: it is not."""
    found = spec.get(key)
    if not isinstance(found, str) or not found:
        raise BadInstructionError(f"{key!r} is missing")
    return found
