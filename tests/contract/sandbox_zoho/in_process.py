"""The API of an organisation without HTTP: the same addresses, bodies and envelopes, thousands of calls a second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.answers import Answer, Call
from integration.sandbox.zoho.api import ENDPOINTS
from integration.sandbox.zoho.endpoint import BASE
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.profile import Limits, make_profile
from tests.contract.sandbox_zoho.trading import HandClock

Json = dict[str, Any]


class MovedClock(HandClock):
    """A clock set by hand whose monotonic seconds are as exact as its time."""

    def monotonic(self) -> float:
        return self.present.timestamp()


class InProcess:
    """An organisation, and calls to it; search does not lag unless a switch says so."""

    def __init__(self, **switches: str) -> None:
        self.clock = MovedClock()
        self.switches = assigned(Switches(), {"zoho_search_lag_seconds": "0", **switches})
        self.org = ZohoOrg(make_profile(7, Limits()), self.switches, self.clock, 7)

    def raw(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> tuple[int, Json]:
        """HTTP status and envelope; anything but an answer or a refusal of the API is raised."""
        endpoint, ids = next(
            (each, ids)
            for each in ENDPOINTS
            if each.method == method and (ids := each.matches(BASE + path)) is not None
        )
        try:
            answer = endpoint.work(self.org, Call(method, query, headers or {}, ids, content, self.switches))
        except ApiError as error:
            answer = Answer(error.status, error.body)
        body: Json = orjson.loads(answer.content)
        assert isinstance(body["code"], int), body
        assert isinstance(body["message"], str), body
        assert (body["code"] == 0) == (answer.status < 300), (answer.status, body)
        assert answer.status in {200, 201} or 400 <= answer.status < 500, (answer.status, body)
        return answer.status, body

    def call(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Json]:
        """The same with a JSON body."""
        return self.raw(method, path, b"" if body is None else orjson.dumps(body), None, **query)

    def good(self, method: str, path: str, body: Any = None, **query: str) -> Json:
        """The envelope of a call that works."""
        status, found = self.call(method, path, body, **query)
        assert status < 300, (method, path, body, found)
        return found

    def move(self, seconds: float) -> None:
        """Time goes by."""
        self.clock.present += timedelta(seconds=seconds)
