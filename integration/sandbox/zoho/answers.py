"""What a handler of the API gets and gives: a parsed call, an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.faults import malformed_json


@dataclass(frozen=True)
class Call:
    """One authorised call; `path` holds the ids of the address."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    path: Mapping[str, str]
    content: bytes = b""
    switches: Switches = field(default_factory=Switches)

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent, as the body or in the form field JSONString.

        :raises ApiError: it is no JSON object
        """
        found = self._json()
        if not isinstance(found, dict):
            raise malformed_json(self.switches)
        return found

    def array(self) -> list[Any]:
        """The JSON array that was sent, the same ways. :raises ApiError: it is none."""
        found = self._json()
        if not isinstance(found, list):
            raise malformed_json(self.switches)
        return found

    def _json(self) -> object:
        text: str | bytes = self.content
        if self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            form = dict(parse_qsl(self.content.decode("utf-8", "replace"), keep_blank_values=True))
            text = form.get("JSONString", "")
        if not text:
            text = self.query.get("JSONString", "")
        try:
            found: object = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise malformed_json(self.switches) from error
        return found


@dataclass(frozen=True)
class Answer:
    """Status and body; `code` 0 means success."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body as it goes over the wire."""
        return orjson.dumps(self.body)


def success(message: str = "success", status: int = 200, **parts: object) -> Answer:
    """The envelope of a call that worked."""
    return Answer(status, {"code": 0, "message": message, **parts})
