"""Every HTTP route of an org, with what surrounds each call already wrapped around it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from integration.sandbox.call_log import CallLog
from integration.sandbox.faults import Faults
from integration.sandbox.salesforce.api_errors import method_not_allowed, not_found
from integration.sandbox.salesforce.authorize_routes import AuthorizeRoutes
from integration.sandbox.salesforce.bulk.routes import BulkRoutes
from integration.sandbox.salesforce.collection_routes import CollectionRoutes
from integration.sandbox.salesforce.cometd.routes import CometdRoutes
from integration.sandbox.salesforce.composite_routes import CompositeRoutes
from integration.sandbox.salesforce.edge import Edge
from integration.sandbox.salesforce.event_schema_routes import EventSchemaRoutes
from integration.sandbox.salesforce.oauth_routes import OAuthRoutes
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.query_routes import QueryRoutes
from integration.sandbox.salesforce.rest_routes import RestRoutes
from integration.sandbox.salesforce.soap_routes import SoapRoutes

RUNNER_OPTIONS: dict[str, Any] = {"max_line_size": 1_048_576, "max_field_size": 65_536}
"""For `web.AppRunner`: the org judges long URIs itself; aiohttp alone would refuse queries over 8 kB."""


def routes(org: SalesforceOrg, faults: Faults, call_log: CallLog) -> list[web.RouteDef]:
    """The routes, the last of which answers every other path and method as the org does."""
    edge = Edge(org, faults, call_log)
    data = [
        *CollectionRoutes(org).routes(),
        *EventSchemaRoutes(org).routes(),
        *RestRoutes(org).routes(),
        *QueryRoutes(org).routes(),
    ]
    served = [
        *OAuthRoutes(org).routes(),
        *AuthorizeRoutes(org).routes(),
        *SoapRoutes(org).routes(),
        *CometdRoutes(org).routes(),
        *CompositeRoutes(org, data).routes(),
        *BulkRoutes(org).routes(),
        *data,
    ]
    rest = web.route("*", "/{rest:.*}", _elsewhere)
    return [web.route(r.method, r.path, edge.wrap(r.handler), **r.kwargs) for r in (*served, rest)]


async def _elsewhere(request: web.Request) -> web.Response:
    """Raises METHOD_NOT_ALLOWED for a known path, else NOT_FOUND."""
    allowed: set[str] = set()
    for resource in request.app.router.resources():
        allowed |= (await resource.resolve(request))[1]
    allowed.discard("*")
    if allowed:
        raise method_not_allowed(request.method, allowed)
    raise not_found()
