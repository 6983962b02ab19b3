"""A story told to the Zoho stand-in: customers, items, orders and what becomes of them, every call once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.contract.sandbox_zoho.running import Running

Json = dict[str, Any]
_numbers = itertools.count(1)


class RefusedError(Exception):
    """A call of the story was refused, so that what builds on it cannot be told."""


@dataclass(frozen=True)
class Told:
    """One call and its answer."""

    status: int
    body: Json


@dataclass
class Story:
    """Calls by their published name (`PUT /items/{item_id}`), the last answer kept; ids by the name of their field."""

    running: Running
    told: dict[str, Told] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)

    def call(self, key: str, body: Any = None, **query: Any) -> Json:
        """The answer of one call, ids filled into its path. :raises RefusedError: any other than success."""
        method, path = key.split(" ")
        filled = re.sub(r"\{(\w+)\}", lambda name: self.ids[name[1]], path)
        answer = self.running.call(method, filled, body, **query)
        told = Told(answer.status_code, answer.json())
        if told.status >= 300 or told.body.get("code") != 0:
            raise RefusedError(f"{key} {body or ''}: {told.status} {told.body}")
        self.told[key] = told
        return told.body

    def made(self, key: str, body: Any, **query: str) -> Json:
        """The one record in the answer of a call, alone or in a list of one."""
        answer = self.call(key, body, **query)
        (found,) = (value for name, value in answer.items() if name not in {"code", "message"})
        record: Json = found[0] if isinstance(found, list) else found
        return record

    def keep(self, record: Json, *names: str, **others: str) -> None:
        """Remember ids of a record, under another name where one is given."""
        self.ids |= {name: record[name] for name in names}
        self.ids |= {name: record[source] for name, source in others.items()}

    def tell(self, *parts: Callable[[Story], None]) -> None:
        """Part after part; what is refused ends its part and is kept for those who ask why."""
        for part in parts:
            try:
                part(self)
            except (RefusedError, KeyError) as error:
                self.ended[part.__name__] = f"{part.__name__} ended: {error!r}"


def fresh(word: str) -> str:
    """A text no other record bears."""
    return f"{word} {next(_numbers)} of the story"
