"""A plain long-polling client of the Streaming API, and what tests make happen beside it."""

from __future__ import annotations

from typing import Any

import requests

from tests.contract.sandbox_salesforce.running_org import Running

Json = dict[str, Any]


class Faye:
    """A client with a cookie jar that knows four kinds of message."""

    def __init__(self, org: Running, *, scheme: str = "Bearer", tail: bool = False) -> None:
        self.org, self.tail = org, tail
        self.http = org.session()
        self.http.headers["Authorization"] = f"{scheme} {org.token()}"
        self.url = f"{org.url}/cometd/61.0"
        self.id: str | None = None
        self._number = 0

    def post(self, body: Any, path: str = "") -> requests.Response:
        return self.http.post(self.url + path, json=body, timeout=20)

    def send(self, channel: str, **more: Any) -> list[Json]:
        self._number += 1
        message = {"channel": channel, "id": str(self._number), **({"clientId": self.id} if self.id else {})}
        path = "/" + channel.rpartition("/")[2] if self.tail else ""
        answer = self.post([{**message, **more}], path)
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def handshake(self, **more: Any) -> Json:
        asked = {
            "version": "1.0", "minimumVersion": "1.0", "supportedConnectionTypes": ["long-polling"], **more,
        }  # fmt: skip
        (answer,) = self.send("/meta/handshake", **asked)
        self.id = answer.get("clientId")
        return answer

    def connect(self, **more: Any) -> tuple[list[Json], Json]:
        *events, answer = self.send("/meta/connect", connectionType="long-polling", **more)
        assert answer["channel"] == "/meta/connect"
        return events, answer

    def subscribe(self, channel: str, replay: Any = None) -> Json:
        ext = {} if replay is None else {"ext": {"replay": {channel: replay}}}
        (answer,) = self.send("/meta/subscribe", subscription=channel, **ext)
        return answer

    def ready(self, channel: str, replay: Any = None) -> Faye:
        """Shaken hands, connected once and subscribed."""
        assert self.handshake()["successful"]
        self.connect()
        assert self.subscribe(channel, replay)["successful"]
        return self


def edit(org: Running, entity: str, record_id: str | None = None, **fields: Any) -> Json:
    return org.do(lambda: org.org.edit(entity, record_id, fields))


def happen(org: Running, **instruction: Any) -> Json:
    return org.do(lambda: org.incidents.happen(instruction))
