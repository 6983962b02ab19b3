"""Calls inside a call: they reach the same handlers as calls over HTTP, at once and without a socket."""

from __future__ import annotations

from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import orjson
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from integration.sandbox.salesforce.api import Caller, client_of
from integration.sandbox.salesforce.api_errors import ApiError, method_not_allowed, not_found
from integration.sandbox.salesforce.edge import CALLER, check_version

T = TypeVar("T")
CALL_OPTIONS = "Sforce-Call-Options"


@dataclass(frozen=True)
class Inner:
    """One call as a composite body asks for it; `url` is a path from the root of the host."""

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What an inner call was answered: parsed JSON or None, and the headers worth repeating."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.status >= 400


def refused(error: ApiError) -> Answer:
    """The answer that says the error."""
    return Answer(error.status, error.body)


class _InnerRequest:
    """As much of aiohttp's request as the handlers of this package look at."""

    content_type = "application/json"

    def __init__(self, inner: Inner, url: URL, caller: Caller) -> None:
        self.method = inner.method
        self.rel_url = url
        self.path, self.query, self.query_string = url.path, url.query, url.query_string
        self.headers: CIMultiDict[str] = CIMultiDict(inner.headers)
        self.match_info: Mapping[str, str] = {}
        self._body = b"" if inner.body is None else orjson.dumps(inner.body)
        self._facts: dict[Any, Any] = {CALLER: caller}

    async def read(self) -> bytes:
        return self._body

    def __getitem__(self, key: Any) -> Any:
        return self._facts[key]


class Dispatcher:
    """Finds the handler of an inner call among the given routes and runs it."""

    def __init__(self, served: Iterable[web.RouteDef]) -> None:
        self._router = web.UrlDispatcher()
        self._router.add_routes(list(served))

    def knows(self, method: str, url: str) -> bool:
        """Whether some method is served there; a wrong method is an answer, an unknown place is not."""
        found = self._resolve(_InnerRequest(Inner(method, url), URL(url), _NOBODY))
        return not isinstance(found.http_exception, web.HTTPNotFound)

    def object_of(self, method: str, url: str) -> str:
        """The object a path is about, in lower case; empty where it is about none."""
        found = self._resolve(_InnerRequest(Inner(method, url), URL(url), _NOBODY))
        return str(found.get("object", "")).lower()

    def _resolve(self, request: _InnerRequest) -> web.UrlMappingMatchInfo:
        return _at_once(self._router.resolve(_as_request(request)))

    def call(self, caller: Caller, inner: Inner, *, outer_client: bool) -> Answer:
        """Errors of the API are answers; anything else is raised.

        :param outer_client: whether the client id of the outer call is that of the inner one, too
        """
        try:
            return self._call(caller, inner, outer_client=outer_client)
        except ApiError as error:
            return refused(error)

    def _call(self, caller: Caller, inner: Inner, *, outer_client: bool) -> Answer:
        url = URL(inner.url)
        headers = CIMultiDict(inner.headers)
        own = client_of(headers.get(CALL_OPTIONS, ""))
        client = own or (caller.client if outer_client else None)
        request = _InnerRequest(inner, url, Caller(caller.user_id, version_of(inner.url), client))
        found = self._resolve(request)
        problem = found.http_exception
        if isinstance(problem, web.HTTPMethodNotAllowed):
            raise method_not_allowed(inner.method, problem.allowed_methods)
        if problem is not None:
            raise not_found()
        check_version(version_of(inner.url))
        request.match_info = found
        work = cast("Coroutine[Any, Any, web.Response]", found.handler(_as_request(request)))
        return _answer(_at_once(work))


_NOBODY = Caller("", "")


def version_of(url: str) -> str:
    """`61.0` of `/services/data/v61.0/...`; empty where there is none."""
    parts = url.split("/", 4)
    return parts[3][1:] if len(parts) > 3 and parts[3].startswith("v") else ""


def _as_request(request: _InnerRequest) -> web.Request:
    return cast("web.Request", request)


def _answer(response: web.Response) -> Answer:
    raw = response.body
    body = orjson.loads(raw) if isinstance(raw, bytes) and raw else None
    kept = {name: response.headers[name] for name in ("Location",) if name in response.headers}
    return Answer(response.status, body, kept)


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits, so that nothing else happens to the org meanwhile."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    work.close()
    raise RuntimeError("an inner call waited for something")
