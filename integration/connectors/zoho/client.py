"""Single calls to Zoho Inventory: paced, signed in, with the envelope opened and failures translated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from integration.canonical.outcome import WorkClass
from integration.connectors.http import HARMLESS, Http, HttpAnswer
from integration.connectors.redaction import endpoint
from integration.connectors.tokens import FetchedToken, TokenKeeper
from integration.connectors.zoho.config import ZohoConfig
from integration.connectors.zoho.faults import Answered, Translator, day_pause, token_fault, unreadable
from integration.errors import Throttled, Unauthorized
from integration.ports import Pace, StoredToken

_CONNECT_AGAIN = "Connect again with a user and scopes that may do this (see `doctor`)."


@dataclass(frozen=True)
class Reply:
    """A good answer: the envelope's content and its HTTP status."""

    status: int
    data: Mapping[str, object]

    def record(self, name: str) -> Mapping[str, object]:
        """The object under `name`; some endpoints answer a list of one. Empty where there is none."""
        found = self.data.get(name)
        if isinstance(found, list):
            found = found[0] if found else None
        return found if isinstance(found, dict) else {}

    def rows(self, name: str) -> list[Mapping[str, object]]:
        """The objects of the list under `name`."""
        found = self.data.get(name)
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


@dataclass(frozen=True)
class Call:
    """One call below the API's base address; `effect` is whether it may change something."""

    method: str
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: object
    work: WorkClass
    organization: bool

    @property
    def effect(self) -> bool:
        """Whether the call may change something."""
        return self.method not in HARMLESS

    @property
    def place(self) -> tuple[str, str]:
        """Method and path without ids."""
        return self.method, endpoint(self.path)


@dataclass(frozen=True)
class DayLeft:
    """What Zoho itself says of the organisation's calls of this day, whoever made them."""

    limit: int
    remaining: int


class ZohoClient:
    """Safe for threads; one per organisation and process."""

    day_left: DayLeft | None = None
    """From the last answer that told it."""

    def __init__(self, http: Http, keeper: TokenKeeper, pace: Pace, config: ZohoConfig) -> None:
        self._http = http
        self._keeper = keeper
        self._pace = pace
        self._config = config
        self._translator = Translator(config.dialect, config.minute_seconds)
        # 401/57 means a dead token as well as a missing permission. A place that refused a token fetched for
        # it will refuse the next one too; asking again and again would use up the token server's ten
        # requests.
        self._hopeless: set[tuple[int, str, str]] = set()

    def call(
        self,
        method: str,
        path: str,
        work: WorkClass,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        organization: bool = True,
    ) -> Reply:
        """Send one call; a refused token is renewed and the call repeated once.

        Raises what `faults` says: Retryable, Ambiguous, Throttled, Unauthorized, Rejected and its kinds,
        ConfigurationFault.
        """
        call = Call(method, path, params or {}, headers or {}, body, work, organization)
        token = self._keeper.token()
        try:
            return self._send(call, token)
        except Unauthorized as fault:
            if (token.epoch, *call.place) in self._hopeless:
                fault.advice = _CONNECT_AGAIN
                raise
        token = self._keeper.refresh(token.epoch)
        try:
            return self._send(call, token)
        except Unauthorized as fault:
            self._hopeless.add((token.epoch, *call.place))
            fault.advice = _CONNECT_AGAIN
            raise

    def _send(self, call: Call, token: StoredToken) -> Reply:
        params = dict(call.params)
        if call.organization:
            params["organization_id"] = self._config.organization_id
        with self._pace.take(call.work):
            answer = self._http.send(
                call.method,
                self._config.base_url(token.base_url) + call.path,
                params=params,
                headers={"Authorization": f"Zoho-oauthtoken {token.access_token}", **call.headers},
                json=call.body,
            )
        try:
            return self._opened(call, answer)
        except Throttled as fault:
            self._pace.pause(fault.seconds, fault.scope)
            raise
        finally:
            self._heed(answer)

    def _opened(self, call: Call, answer: HttpAnswer) -> Reply:
        envelope = _json_object(answer)
        code = envelope.get("code") if envelope is not None else None
        good = 200 <= answer.status < 300
        if envelope is not None and good and _is_zero(code):
            return Reply(answer.status, envelope)
        answered = Answered(
            status=answer.status,
            code=int(code) if isinstance(code, int | str) and str(code).isdigit() else None,
            message=str((envelope or {}).get("message", "")),
            method=call.method,
            endpoint=endpoint(call.path),
            effect=call.effect,
            reset_seconds=_number(answer, "X-Rate-Limit-Reset"),
            retry_after=_number(answer, "Retry-After"),
        )
        if good and answered.code is None:
            raise unreadable(answered)
        raise self._translator.fault(answered)

    def _heed(self, answer: HttpAnswer) -> None:
        """Stop the fleet when Zoho says that nothing is left of the day."""
        limit, remaining, reset = (
            _number(answer, f"X-Rate-Limit-{name}") for name in ("Limit", "Remaining", "Reset")
        )
        if limit is not None and remaining is not None:
            self.day_left = DayLeft(int(limit), int(remaining))
        if remaining is not None and remaining <= 0 and reset is not None:
            self._pace.pause(day_pause(reset), "day")


def fetch_token(http: Http, config: ZohoConfig, refresh_token: str = "") -> FetchedToken:
    """Ask the accounts server for an access token; `refresh_token` stands for the one of the config.

    Raises Unauthorized when it refuses the grant, Throttled when asked too often, Retryable otherwise.
    Success is an answer with an access token: errors arrive under status 200 too
    (https://www.zoho.com/accounts/protocol/oauth).
    """
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token or config.refresh_token,
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    # An access token nobody received harms nobody, so a lost answer may simply be asked for again.
    answer = http.send("POST", f"{config.accounts}/oauth/v2/token", form=form, effect=False)
    data = _json_object(answer) or {}
    token = data.get("access_token")
    if answer.status >= 400 or not isinstance(token, str) or not token:
        error, description = str(data.get("error", "")), str(data.get("error_description", ""))
        raise token_fault(answer.status, error, description, window_seconds=10 * config.minute_seconds)
    lifetime = data.get("expires_in")
    return FetchedToken(
        access_token=token,
        base_url=str(data.get("api_domain") or ""),
        lifetime_seconds=float(lifetime) if isinstance(lifetime, int) else 3600.0,
        # Told with a first exchange only, says Zoho; one that comes after all is not thrown away.
        refresh_token=str(data.get("refresh_token") or ""),
    )


def _json_object(answer: HttpAnswer) -> dict[str, object] | None:
    try:
        found = answer.json()
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_zero(code: object) -> bool:
    return code == 0 and not isinstance(code, bool)


def _number(answer: HttpAnswer, header: str) -> float | None:
    """A header's number; anything else is as if it were not there."""
    try:
        found = float(answer.headers.get(header, ""))
    except ValueError:
        return None
    return max(found, 0.0) if math.isfinite(found) else None
