"""REST resources for queries."""

from __future__ import annotations

import orjson
from aiohttp import web

from integration.sandbox.salesforce.api_errors import malformed_query
from integration.sandbox.salesforce.edge import CALLER
from integration.sandbox.salesforce.locators import LARGEST_PAGE
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.soql_result import Json
from integration.sandbox.salesforce.soql_shown import Shown

BASE = "/services/data/v{version}"
SLASH = "{slash:/?}"


class QueryRoutes:
    """query, queryAll and what comes after their first page."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get(f"{BASE}/query{SLASH}", self.query),
            web.get(f"{BASE}/queryAll{SLASH}", self.query_all),
            web.get(f"{BASE}/query/{{locator}}{SLASH}", self.more),
            web.get(f"{BASE}/queryAll/{{locator}}{SLASH}", self.more),
        ]

    async def query(self, request: web.Request) -> web.Response:
        return self._query(request, with_deleted=False)

    async def query_all(self, request: web.Request) -> web.Response:
        return self._query(request, with_deleted=True)

    async def more(self, request: web.Request) -> web.Response:
        page = self._org.locators.next(request.match_info["locator"], request[CALLER].user_id)
        return _json(self._shown(request, page.size).page(page))

    def _query(self, request: web.Request, *, with_deleted: bool) -> web.Response:
        text = request.query.get("q")
        if text is None or not text.strip():
            raise malformed_query("SOQL statements cannot be empty or null")
        user_id = request[CALLER].user_id
        result = self._org.queries.run(text, with_deleted=with_deleted, user_id=user_id)
        return _json(self._shown(request, self._page_size(request)).result(result))

    def _shown(self, request: web.Request, page_size: int) -> Shown:
        org, caller = self._org, request[CALLER]
        return Shown(
            org.store,
            org.queries.finder,
            org.locators,
            user_id=caller.user_id,
            version=caller.version,
            page_size=page_size,
        )

    def _page_size(self, request: web.Request) -> int:
        """The batch size the caller hints at, within the bounds of the org."""
        for option in request.headers.get("Sforce-Query-Options", "").replace(",", ";").split(";"):
            name, _, value = option.partition("=")
            value = value.strip()
            if name.strip().lower() == "batchsize" and value.isascii() and value.isdigit():
                asked = int(value[:9])
                return max(self._org.options.switches.smallest_page, min(asked, LARGEST_PAGE))
        return LARGEST_PAGE


def _json(body: Json) -> web.Response:
    try:
        return web.Response(body=orjson.dumps(body), content_type="application/json", charset="utf-8")
    except TypeError:
        # Half of a surrogate pair can be stored and has no UTF-8.
        return web.json_response(body)
