"""The admin endpoint: people's edits, state, calls, faults and webhooks, as JSON over HTTP.

Nothing here passes an API of the systems: no limit counts it and no token is asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from integration.sandbox.call_log import CallLog
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError, RefusedError
from integration.sandbox.faults import Faults, parse_fault
from integration.sandbox.systems import Json, Salesforce, StandIn, Webhooks, Zoho

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Desk:
    """Everything the admin endpoint works on; `salesforce` is None where only Zoho was started."""

    zoho: Zoho
    webhooks: Webhooks
    faults: Faults
    call_log: CallLog
    salesforce: Salesforce | None = None
    provoke: Callable[[Mapping[str, Any]], Json] | None = None
    switches: Sequence[Json] = ()
    about: Json = field(default_factory=dict)
    truth: Json = field(default_factory=dict)

    def system(self, name: str) -> StandIn:
        """The stand-in of that name. :raises BadInstructionError: there is none."""
        found: StandIn | None = {"zoho": self.zoho, "salesforce": self.salesforce}.get(name)
        if found is None:
            raise BadInstructionError(f"there is no system {name!r} here")
        return found

    def org(self) -> Salesforce:
        """The Salesforce stand-in. :raises BadInstructionError: it was not started."""
        if self.salesforce is None:
            raise BadInstructionError("there is no system 'salesforce' here")
        return self.salesforce

    def reset(self) -> None:
        """Empty both systems, forget calls, faults and webhooks."""
        for system in (self.zoho, self.salesforce):
            if system is not None:
                system.reset()
        for part in (self.faults, self.call_log, self.webhooks):
            part.clear()
        self.truth = {}


def admin_app(desk: Desk) -> web.Application:
    """The application that serves the desk."""
    admin = Admin(desk)
    app = web.Application(middlewares=[_errors], client_max_size=256 * 1024 * 1024)
    app.add_routes(
        [
            web.get("/", admin.about),
            web.get("/state/{system}", admin.state),
            web.get("/records/{system}/{entity}", admin.records),
            web.get("/records/{system}/{entity}/{id}", admin.record),
            web.post("/reset", admin.reset),
            web.get("/calls", admin.calls),
            web.get("/calls/counts", admin.call_counts),
            web.get("/faults", admin.list_faults),
            web.post("/faults", admin.add_fault),
            web.delete("/faults", admin.clear_faults),
            web.get("/switches", admin.switches),
            web.get("/truth", admin.truth),
            web.post("/edit/{system}/{entity}", admin.edit),
            web.post("/delete/{system}/{entity}/{id}", admin.delete),
            web.post("/merge/salesforce/{entity}", admin.merge),
            web.post("/events/salesforce", admin.provoke),
            web.post("/bulk", admin.bulk),
            web.get("/webhooks", admin.webhooks),
            web.put("/webhooks", admin.configure_webhooks),
            web.get("/webhooks/history", admin.webhook_history),
            web.post("/webhooks/resend/{n}", admin.resend_webhook),
        ]
    )
    return app


class Admin:
    """One method per address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def about(self, _: web.Request) -> web.StreamResponse:
        return _json(self._desk.about)

    async def state(self, request: web.Request) -> web.StreamResponse:
        return _json(self._desk.system(request.match_info["system"]).counts())

    async def records(self, request: web.Request) -> web.StreamResponse:
        system = self._desk.system(request.match_info["system"])
        return _json({"records": system.records(request.match_info["entity"])})

    async def record(self, request: web.Request) -> web.StreamResponse:
        system = self._desk.system(request.match_info["system"])
        return _json(system.record(request.match_info["entity"], request.match_info["id"]))

    async def reset(self, _: web.Request) -> web.StreamResponse:
        self._desk.reset()
        return _json({"ok": True})

    async def calls(self, request: web.Request) -> web.StreamResponse:
        since, limit = _number(request, "since", 0), _number(request, "limit", 1000)
        log = self._desk.call_log
        return _json({"calls": log.since(since, limit), "last": log.last})

    async def call_counts(self, _: web.Request) -> web.StreamResponse:
        return _json(self._desk.call_log.counts())

    async def list_faults(self, _: web.Request) -> web.StreamResponse:
        return _json({"faults": self._desk.faults.waiting()})

    async def add_fault(self, request: web.Request) -> web.StreamResponse:
        self._desk.faults.add(parse_fault(await _body(request)))
        return _json({"faults": self._desk.faults.waiting()}, 201)

    async def clear_faults(self, _: web.Request) -> web.StreamResponse:
        self._desk.faults.clear()
        return _json({"ok": True})

    async def switches(self, _: web.Request) -> web.StreamResponse:
        return _json({"switches": list(self._desk.switches)})

    async def truth(self, _: web.Request) -> web.StreamResponse:
        return _json(self._desk.truth)

    async def edit(self, request: web.Request) -> web.StreamResponse:
        return _json(self._edit({**request.match_info, **await _body(request)}))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        return _json(self._delete(request.match_info))

    async def merge(self, request: web.Request) -> web.StreamResponse:
        return _json(self._merge({**request.match_info, **await _body(request)}))

    async def provoke(self, request: web.Request) -> web.StreamResponse:
        if self._desk.provoke is None:
            raise BadInstructionError("there is no system 'salesforce' here")
        return _json(self._desk.provoke(await _body(request)))

    async def bulk(self, request: web.Request) -> web.StreamResponse:
        """A list of operations in order; one that is refused does not stop the others."""
        operations = (await _body(request)).get("operations")
        if not isinstance(operations, list):
            raise BadInstructionError("bulk needs a list `operations`")
        return _json({"results": [self._operate(operation) for operation in operations]})

    async def webhooks(self, _: web.Request) -> web.StreamResponse:
        return _json(self._desk.webhooks.configured())

    async def configure_webhooks(self, request: web.Request) -> web.StreamResponse:
        return _json(self._desk.webhooks.configure(await _body(request)))

    async def webhook_history(self, request: web.Request) -> web.StreamResponse:
        since, limit = _number(request, "since", 0), _number(request, "limit", 10_000)
        return _json(self._desk.webhooks.history(since, limit))

    async def resend_webhook(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["n"]
        if not number.isdigit():
            raise BadInstructionError(f"{number!r} is no number of a delivery")
        self._desk.webhooks.resend(int(number))
        return _json({"ok": True}, 202)

    def _operate(self, operation: object) -> Json:
        works: Mapping[object, Callable[[Mapping[str, Any]], Json]] = {
            "edit": self._edit, "delete": self._delete, "merge": self._merge, "status": self._status,
        }  # fmt: skip
        work = works.get(operation.get("op")) if isinstance(operation, dict) else None
        if not isinstance(operation, dict) or work is None:
            return {"ok": False, "error": f"an operation is an object whose op is one of {[*works]}"}
        try:
            return {"ok": True, "record": work(operation)}
        except RefusedError as error:
            return {"ok": False, "error": str(error), "body": error.body}
        except (BadInstructionError, NoSuchRecordError) as error:
            return {"ok": False, "error": str(error)}

    def _edit(self, spec: Mapping[str, Any]) -> Json:
        fields = spec.get("fields")
        if not isinstance(fields, dict):
            raise BadInstructionError("an edit needs an object `fields`")
        if spec.get("as", "person") != "person":
            raise BadInstructionError("only a person edits here; programs use the API")
        return self._desk.system(_text(spec, "system")).edit(_text(spec, "entity"), spec.get("id"), fields)

    def _delete(self, spec: Mapping[str, Any]) -> Json:
        self._desk.system(_text(spec, "system")).delete(_text(spec, "entity"), _text(spec, "id"))
        return {"id": spec["id"], "deleted": True}

    def _merge(self, spec: Mapping[str, Any]) -> Json:
        losers = spec.get("losers")
        if not isinstance(losers, list):
            raise BadInstructionError("a merge needs a list `losers`")
        fields = spec.get("fields") or {}
        return self._desk.org().merge(_text(spec, "entity"), _text(spec, "winner"), losers, fields)

    def _status(self, spec: Mapping[str, Any]) -> Json:
        return self._desk.zoho.set_status(_text(spec, "id"), _text(spec, "status"))


@web.middleware
async def _errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except NoSuchRecordError as error:
        return _json({"error": str(error)}, 404)
    except RefusedError as error:
        return _json({"error": str(error), "body": error.body}, 409)
    except BadInstructionError as error:
        return _json({"error": str(error)}, 400)


async def _body(request: web.Request) -> Json:
    try:
        found = orjson.loads(await request.read() or b"{}")
    except orjson.JSONDecodeError as error:
        raise BadInstructionError("the body is no JSON") from error
    if not isinstance(found, dict):
        raise BadInstructionError("the body is no JSON object")
    return found


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def _number(request: web.Request, key: str, default: int) -> int:
    text = request.query.get(key, str(default))
    if not text.isdigit():
        raise BadInstructionError(f"{key} is a number, not {text!r}")
    return int(text)


def _text(spec: Mapping[str, Any], key: str) -> str:
    found = spec.get(key)
    if not isinstance(found, str) or not found:
        raise BadInstructionError(f"{key!r} is missing")
    return found
