"""One call of the API: method, path, the scope it needs and who does it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from integration.sandbox.zoho.answers import Answer, Call

if TYPE_CHECKING:
    from integration.sandbox.zoho.org import ZohoOrg

BASE = "/inventory/v1"


@dataclass(frozen=True)
class Endpoint:
    """A path with names in braces for decimal ids; scopes are by call, not by HTTP method."""

    method: str
    path: str
    scope: str
    work: Callable[[ZohoOrg, Call], Answer]
    in_organization: bool = True

    def matches(self, path: str) -> dict[str, str] | None:
        """The ids in the path, or None where it is another path."""
        found = _pattern(self.path).fullmatch(path)
        return None if found is None else found.groupdict()


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[0-9]+)", BASE + path))
