"""REST resources under /services/data/."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from integration.sandbox.salesforce import replication
from integration.sandbox.salesforce.api import Caller
from integration.sandbox.salesforce.api_errors import not_found
from integration.sandbox.salesforce.describe import describe_global, describe_object, object_summary
from integration.sandbox.salesforce.edge import CALLER, json_object
from integration.sandbox.salesforce.limits import limits_of
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.tables import Row, Table

BASE = "/services/data/v{version}"
SLASH = "{slash:/?}"
_RELEASES = {
    61: "Summer '24",
    62: "Winter '25",
    63: "Spring '25",
    64: "Summer '25",
    65: "Winter '26",
    66: "Spring '26",
}


class RestRoutes:
    """Versions, describe, single records, replication and limits of one org."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._api = org.api

    def routes(self) -> list[web.RouteDef]:
        one = f"{BASE}/sobjects/{{object}}"
        keyed = f"{one}/{{field}}/{{value}}{SLASH}"
        return [
            web.get(f"/services/data{SLASH}", self.versions),
            web.get(f"{BASE}{SLASH}", self.resources),
            web.get(f"{BASE}/limits{SLASH}", self.limits),
            web.get(f"{BASE}/sobjects{SLASH}", self.sobjects),
            web.get(f"{one}/describe{SLASH}", self.describe),
            web.get(f"{one}/updated{SLASH}", self.updated),
            web.get(f"{one}/deleted{SLASH}", self.deleted),
            web.get(f"{one}{SLASH}", self.basics),
            web.post(f"{one}{SLASH}", self.create),
            web.post(f"{one}/Id{SLASH}", self.create),
            web.get(f"{one}/{{id}}{SLASH}", self.read),
            web.patch(f"{one}/{{id}}{SLASH}", self.update),
            web.delete(f"{one}/{{id}}{SLASH}", self.delete),
            web.get(keyed, self.read_by_key),
            web.patch(keyed, self.upsert),
            web.delete(keyed, self.delete_by_key),
        ]

    # -- around the data ------------------------------------------------------------------------

    async def versions(self, _request: web.Request) -> web.Response:
        found = [
            {"label": _RELEASES.get(n, f"API {n}"), "url": f"/services/data/v{n}.0", "version": f"{n}.0"}
            for n in range(31, 67)
        ]
        return web.json_response(found)

    async def resources(self, request: web.Request) -> web.Response:
        names = ("sobjects", "query", "queryAll", "limits", "composite", "jobs")
        base = f"/services/data/v{request[CALLER].version}"
        who = self._org.sessions.identity_url(request[CALLER].user_id)
        return web.json_response({**{name: f"{base}/{name}" for name in names}, "identity": who})

    async def limits(self, _request: web.Request) -> web.Response:
        return web.json_response(limits_of(self._org))

    async def sobjects(self, request: web.Request) -> web.Response:
        return web.json_response(describe_global(self._org.schema, request[CALLER].version))

    async def describe(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        return web.json_response(describe_object(definition, self._org.schema, request[CALLER].version))

    async def basics(self, request: web.Request) -> web.Response:
        summary = object_summary(self._object(request), request[CALLER].version)
        return web.json_response({"objectDescribe": summary, "recentItems": []})

    # -- single records -------------------------------------------------------------------------

    async def create(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        record_id = self._api.create(request[CALLER], definition, await json_object(request))
        headers = {"Location": record_url(definition, record_id, request[CALLER])}
        return web.json_response(_saved(record_id), status=201, headers=headers)

    async def read(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        row = self._org.saves.addressed(definition, request.match_info["id"])
        return self._record(request, definition, row)

    async def update(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        incoming = await json_object(request)
        self._api.update(request[CALLER], definition, request.match_info["id"], incoming)
        return web.Response(status=204)

    async def delete(self, request: web.Request) -> web.Response:
        self._api.delete(request[CALLER], self._object(request), request.match_info["id"])
        return web.Response(status=204)

    async def read_by_key(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        rows = self._keyed(request, definition)
        if len(rows) > 1:
            return self._several(request, definition, [row.id for row in rows])
        return self._record(request, definition, rows[0])

    async def delete_by_key(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        rows = self._keyed(request, definition)
        if len(rows) > 1:
            return self._several(request, definition, [row.id for row in rows])
        self._api.delete(request[CALLER], definition, rows[0].id)
        return web.Response(status=204)

    async def upsert(self, request: web.Request) -> web.Response:
        definition = self._object(request)
        caller = request[CALLER]
        incoming = await json_object(request)
        if request.match_info["field"].lower() == "id":
            self._api.update(caller, definition, request.match_info["value"], incoming)
            return web.Response(status=204)
        field = self._org.saves.key_field(definition, request.match_info["field"])
        update_only = request.query.get("updateOnly", "").lower() == "true"
        done = self._api.upsert(
            caller, definition, field, request.match_info["value"], incoming, update_only=update_only
        )
        if done.several:
            return self._several(request, definition, done.several)
        if not done.created and float(caller.version) < self._org.options.switches.upsert_body_since:
            return web.Response(status=204)
        body = {**_saved(done.record_id), "created": done.created}
        if not done.created:
            return web.json_response(body)
        headers = {"Location": record_url(definition, done.record_id, caller)}
        return web.json_response(body, status=201, headers=headers)

    def _keyed(self, request: web.Request, definition: ObjectDef) -> list[Row]:
        name, value = request.match_info["field"], request.match_info["value"]
        if name.lower() == "id":
            return [self._org.saves.addressed(definition, value)]
        field = self._org.saves.key_field(definition, name)
        rows = list(self._api.by_key(definition, field, value))
        if not rows:
            raise not_found()
        return rows

    def _several(self, request: web.Request, definition: ObjectDef, record_ids: Any) -> web.Response:
        urls = [record_url(definition, record_id, request[CALLER]) for record_id in record_ids]
        return web.json_response(urls, status=300)

    def _record(self, request: web.Request, definition: ObjectDef, row: Row) -> web.Response:
        names = request.query.get("fields")
        wanted = None if names is None else names.split(",")
        return web.json_response(self._api.shown(definition, row, request[CALLER].version, wanted))

    # -- replication ----------------------------------------------------------------------------

    async def updated(self, request: web.Request) -> web.Response:
        return web.json_response(
            replication.updated(*self._span(request), self._org.stamp(), self._org.options.switches)
        )

    async def deleted(self, request: web.Request) -> web.Response:
        return web.json_response(
            replication.deleted(*self._span(request), self._org.stamp(), self._org.options.switches)
        )

    def _span(self, request: web.Request) -> tuple[Table, str | None, str | None]:
        table = self._org.store.table(self._object(request).name)
        return table, request.query.get("start"), request.query.get("end")

    def _object(self, request: web.Request) -> ObjectDef:
        return self._api.object(request.match_info["object"])


def record_url(definition: ObjectDef, record_id: str, caller: Caller) -> str:
    return f"/services/data/v{caller.version}/sobjects/{definition.name}/{quote(record_id)}"


def _saved(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "success": True, "errors": []}
