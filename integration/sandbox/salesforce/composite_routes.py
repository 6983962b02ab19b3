"""/services/data/vXX.0/composite and what is below it, apart from sObject Collections."""

from __future__ import annotations

from collections.abc import Iterable

from aiohttp import web

from integration.sandbox.salesforce.composite_api import CompositeApi
from integration.sandbox.salesforce.composite_graph import GraphApi
from integration.sandbox.salesforce.edge import CALLER, json_object
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.rest_routes import BASE, SLASH
from integration.sandbox.salesforce.subrequests import Dispatcher

_ROOT = f"{BASE}/composite"
_ROWS = frozenset({
    f"{BASE}/sobjects/{{object}}",
    f"{BASE}/sobjects/{{object}}/{{id}}",
    f"{BASE}/sobjects/{{object}}/{{field}}/{{value}}",
})  # fmt: skip
_BESIDES_ROWS = frozenset({
    f"{BASE}/sobjects",
    f"{BASE}/sobjects/{{object}}/describe",
    f"{BASE}/sobjects/{{object}}/Id",
    f"{BASE}/query",
    f"{BASE}/queryAll",
    f"{BASE}/query/{{locator}}",
    f"{BASE}/queryAll/{{locator}}",
})  # fmt: skip
_COLLECTIONS = f"{_ROOT}/sobjects"
_ONLY_BATCHED = frozenset({f"{BASE}/limits"})


class CompositeRoutes:
    """Calls that carry calls; `served` are the routes these may reach."""

    def __init__(self, org: SalesforceOrg, served: Iterable[web.RouteDef]) -> None:
        known = list(served)
        steps = [r for r in known if _inside_composite(_place(r))]
        batched = [r for r in known if _inside_composite(_place(r)) or _place(r) in _ONLY_BATCHED]
        nodes = [r for r in known if _place(r) in _ROWS and not _is_basics(r)]
        self._composite = CompositeApi(org, Dispatcher(steps), Dispatcher(batched))
        self._graph = GraphApi(org, Dispatcher(nodes))

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{_ROOT}{SLASH}", self.resources),
            web.post(f"{_ROOT}{SLASH}", self.composite),
            web.post(f"{_ROOT}/batch{SLASH}", self.batch),
            web.post(f"{_ROOT}/graph{SLASH}", self.graph),
        ]

    async def resources(self, request: web.Request) -> web.Response:
        base = f"/services/data/v{request[CALLER].version}/composite"
        return web.json_response({name: f"{base}/{name}" for name in ("batch", "sobjects", "graph")})

    async def composite(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return web.json_response(self._composite.composite(request[CALLER], body))

    async def batch(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return web.json_response(self._composite.batch(request[CALLER], body))

    async def graph(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        return web.json_response(self._graph.graphs(request[CALLER], body))


def _place(route: web.RouteDef) -> str:
    return route.path.removesuffix(SLASH)


def _inside_composite(path: str) -> bool:
    return path in _ROWS or path in _BESIDES_ROWS or path.startswith(_COLLECTIONS)


def _is_basics(route: web.RouteDef) -> bool:
    return route.method == "GET" and _place(route).endswith("{object}")
