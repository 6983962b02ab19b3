"""REST calls on one org: token, pace, deadline, and foreign errors as faults of ours.

Built on simple-salesforce in its direct mode. In that mode the library never logs in again by itself, which
is wanted: its own renewal drops headers of the call, and every worker would renew for itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import requests
import structlog
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from integration.canonical.outcome import WorkClass
from integration.connectors.http import Http
from integration.connectors.salesforce.faults import needs_new_token, rest_fault
from integration.connectors.salesforce.ids import long_id, organization_of
from integration.errors import (
    Ambiguous,
    ConfigurationFault,
    Fault,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
)
from integration.ports import Pace, StoredToken

T = TypeVar("T")

_log = structlog.get_logger(__name__)


class Tokens(Protocol):
    """Where access tokens come from; one keeper for the whole fleet."""

    def token(self) -> StoredToken:
        """A token that should work."""

    def refresh(self, seen_epoch: int) -> StoredToken:
        """A token newer than the one that was refused."""


class Client:
    """Thread-safe REST access to one org; `http` is for this org alone, because its session is given a
    header.
    """

    def __init__(self, http: Http, tokens: Tokens, pace: Pace, api_version: str, client_name: str) -> None:
        self._session = http.session
        # On the session, not on calls: change events must name us as the author of every write.
        self._session.headers["Sforce-Call-Options"] = f"client={client_name}"
        self._tokens = tokens
        self._pace = pace
        self._api_version = api_version
        self._lock = threading.Lock()
        self._built: tuple[int, Salesforce] | None = None

    def call(
        self,
        method: str,
        path: str,
        work: WorkClass,
        *,
        label: str = "",
        params: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Any:  # noqa: ANN401 - whatever the answer holds
        """One REST call below `/services/data/vNN.0/`; returns its parsed JSON, None where the answer has
        no body.

        `label` stands for the path in errors and holds no ids. Raises the faults of `faults`, those of the
        transport, and Throttled by our own pace.
        """
        arguments: dict[str, Any] = {} if body is None else {"json": body}
        asked = dict(params or {})
        return self._authorized(
            lambda salesforce: salesforce.restful(path, asked, method, **arguments),
            work,
            method,
            label or path,
        )

    def query(self, soql: str, work: WorkClass, *, deleted_too: bool = False) -> Iterator[dict[str, Any]]:
        """All rows of a query, page after page; `deleted_too` also gives rows in the recycle bin."""
        endpoint = "queryAll" if deleted_too else "query"
        answer = self.call("GET", f"{endpoint}/", work, label=endpoint, params={"q": soql})
        while True:
            if not isinstance(answer, Mapping) or not isinstance(answer.get("records"), list):
                raise unreadable("GET", endpoint)
            yield from answer["records"]
            if answer.get("done", True):
                return
            more = str(answer["nextRecordsUrl"]).partition(f"/v{self._api_version}/")[2]
            answer = self.call("GET", more, work, label=f"{endpoint}/more")

    def organization_id(self) -> str:
        """The org's 18-character id: as its token tells it, else as the org is asked for it.

        Raises what a call raises.
        """
        token = self._tokens.token()
        told = token.organization_id or organization_of(token.access_token)
        return told or self._asked_for_organization()

    def _asked_for_organization(self) -> str:
        """By `userinfo`, and where the scopes of the token do not reach that far, by a query."""
        try:
            info = self._authorized(
                lambda salesforce: salesforce.oauth2("userinfo"), WorkClass.LOOKUP, "GET", "oauth2/userinfo"
            )
        except (Unauthorized, Rejected) as fault:
            _log.info("the org's id is queried, userinfo refuses", error_code=fault.code)
            info = {}
        told = info.get("organization_id") if isinstance(info, Mapping) else None
        for row in [] if told else self.query("SELECT Id FROM Organization", WorkClass.LOOKUP):
            told = row.get("Id")
        return long_id(str(told or ""))

    def _authorized(self, send: Callable[[Salesforce], T], work: WorkClass, method: str, label: str) -> T:
        token = self._tokens.token()
        try:
            return self._send(token, send, work, method, label)
        except Unauthorized as fault:
            if not needs_new_token(fault):
                raise
        return self._send(self._tokens.refresh(token.epoch), send, work, method, label)

    def _send(
        self, token: StoredToken, send: Callable[[Salesforce], T], work: WorkClass, method: str, label: str
    ) -> T:
        with self._pace.take(work):
            try:
                return send(self._salesforce(token))
            except SalesforceError as error:
                fault = rest_fault(error.status, error.content, method=method, path=label)
            except requests.exceptions.JSONDecodeError:
                fault = unreadable(method, label)
        # Raised out here so that the library's error, which quotes the record, is not chained to ours.
        if isinstance(fault, Throttled):
            self._pace.pause(fault.seconds, fault.scope)
        raise fault

    def _salesforce(self, token: StoredToken) -> Salesforce:
        with self._lock:
            if self._built is None or self._built[0] != token.epoch:
                self._built = (token.epoch, self._build(token))
            return self._built[1]

    def _build(self, token: StoredToken) -> Salesforce:
        salesforce = Salesforce(
            session_id=token.access_token,
            instance_url=token.base_url,
            version=self._api_version,
            session=self._session,
            parse_float=Decimal,
            object_pairs_hook=None,
        )
        if token.base_url.startswith("http://"):
            # The library always asks over TLS; a sandbox without certificates is asked as it says.
            root = token.base_url.rstrip("/")
            salesforce.base_url = f"{root}/services/data/v{self._api_version}/"
            salesforce.oauth2_url = f"{root}/services/oauth2/"
        return salesforce


def unreadable(method: str, label: str) -> Fault:
    """The fault of a successful answer nobody can read: a write may have taken effect."""
    kind = Retryable if method == "GET" else Ambiguous
    return kind(
        "salesforce.answer_unreadable", "the answer is no JSON", evidence={"method": method, "path": label}
    )


def quoted(value: str) -> str:
    """A value as one path segment.

    The library and the URL parsers below it fold `.` and `..` segments, and no encoding of a dot survives
    them. Raises ConfigurationFault for those two.
    """
    if value in {".", ".."}:
        raise ConfigurationFault("salesforce.key_unusable", "a key of dots cannot be sent in an address")
    return quote(value, safe="")
