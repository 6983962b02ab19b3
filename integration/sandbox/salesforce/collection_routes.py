"""sObject Collections under /services/data/vXX.0/composite/sobjects."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from integration.sandbox.salesforce.api_errors import ApiError, bad_json
from integration.sandbox.salesforce.edge import CALLER, json_object
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.rest_routes import BASE, SLASH

_ROOT = f"{BASE}/composite/sobjects"


class CollectionRoutes:
    """Many records in one call."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._collections = org.collections

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(f"{_ROOT}{SLASH}", self.create),
            web.patch(f"{_ROOT}{SLASH}", self.update),
            web.delete(f"{_ROOT}{SLASH}", self.delete),
            web.get(f"{_ROOT}/{{object}}{SLASH}", self.retrieve),
            web.post(f"{_ROOT}/{{object}}{SLASH}", self.retrieve_many),
            web.patch(f"{_ROOT}/{{object}}/{{field}}{SLASH}", self.upsert),
        ]

    async def create(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return web.json_response(self._collections.create(request[CALLER], body))

    async def update(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return web.json_response(self._collections.update(request[CALLER], body))

    async def delete(self, request: web.Request) -> web.Response:
        record_ids = _listed(request.query.get("ids"), "ids")
        all_or_none = request.query.get("allOrNone", "false").lower() == "true"
        return web.json_response(
            self._collections.delete(request[CALLER], record_ids, all_or_none=all_or_none)
        )

    async def upsert(self, request: web.Request) -> web.Response:
        definition = self._org.api.object(request.match_info["object"])
        field = self._org.saves.key_field(definition, request.match_info["field"])
        body = await json_object(request)
        return web.json_response(self._collections.upsert(request[CALLER], definition, field, body))

    async def retrieve(self, request: web.Request) -> web.Response:
        record_ids = _listed(request.query.get("ids"), "ids")
        names = _listed(request.query.get("fields"), "fields")
        return self._retrieved(request, record_ids, names)

    async def retrieve_many(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return self._retrieved(request, _texts(body, "ids"), _texts(body, "fields"))

    def _retrieved(self, request: web.Request, record_ids: list[str], names: list[str]) -> web.Response:
        definition = self._org.api.object(request.match_info["object"])
        found = self._collections.retrieve(definition, record_ids, names, request[CALLER].version)
        return web.json_response(found)


def _listed(text: str | None, name: str) -> list[str]:
    if not text:
        raise ApiError("MISSING_ARGUMENT", f"the parameter {name} is missing")
    return [part.strip() for part in text.split(",") if part.strip()]


def _texts(body: dict[str, Any], name: str) -> list[str]:
    found = body.get(name)
    if not isinstance(found, list) or not found or not all(isinstance(item, str) for item in found):
        raise bad_json(f"the request body needs a list of texts named {name}")
    return found
