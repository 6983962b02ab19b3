"""People at work: reading, editing, deleting and merging records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of, text
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError, RefusedError
from integration.sandbox.systems import Json


class RecordRoutes:
    """What people do to single records, and many such deeds at once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/records/{system}/{entity}", self.records),
            web.get("/records/{system}/{entity}/{id}", self.record),
            web.post("/edit/{system}/{entity}", self.edit),
            web.post("/delete/{system}/{entity}/{id}", self.delete),
            web.post("/merge/salesforce/{entity}", self.merge),
            web.post("/bulk", self.bulk),
        ]

    async def records(self, request: web.Request) -> web.StreamResponse:
        system = self._desk.system(request.match_info["system"])
        return answer({"records": system.records(request.match_info["entity"])})

    async def record(self, request: web.Request) -> web.StreamResponse:
        system = self._desk.system(request.match_info["system"])
        return answer(system.record(request.match_info["entity"], request.match_info["id"]))

    async def edit(self, request: web.Request) -> web.StreamResponse:
        return answer(self._edit({**request.match_info, **await body_of(request)}))

    async def delete(self, request: web.Request) -> web.StreamResponse:
        return answer(self._delete(request.match_info))

    async def merge(self, request: web.Request) -> web.StreamResponse:
        return answer(self._merge({**request.match_info, **await body_of(request)}))

    async def bulk(self, request: web.Request) -> web.StreamResponse:
        """A list of operations in order; one that is refused does not stop the others."""
        operations = (await body_of(request)).get("operations")
        if not isinstance(operations, list):
            raise BadInstructionError("bulk needs a list `operations`")
        return answer({"results": [self._operate(operation) for operation in operations]})

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
        return self._desk.system(text(spec, "system")).edit(text(spec, "entity"), spec.get("id"), fields)

    def _delete(self, spec: Mapping[str, Any]) -> Json:
        self._desk.system(text(spec, "system")).delete(text(spec, "entity"), text(spec, "id"))
        return {"id": spec["id"], "deleted": True}

    def _merge(self, spec: Mapping[str, Any]) -> Json:
        losers = spec.get("losers")
        if not isinstance(losers, list):
            raise BadInstructionError("a merge needs a list `losers`")
        fields = spec.get("fields") or {}
        return self._desk.org().merge(text(spec, "entity"), text(spec, "winner"), losers, fields)

    def _status(self, spec: Mapping[str, Any]) -> Json:
        entity = text(spec, "entity") if spec.get("entity") else "contact"
        return self._desk.zoho.set_status(text(spec, "id"), text(spec, "status"), entity)
