"""What may be told about a call: its method and its path without ids, never a query or a body."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_WORD = re.compile(r"^(v\d{1,3}(\.\d{1,2})?|[A-Za-z][A-Za-z_.-]*(__[a-z]{1,3})?)$")
_LONGEST = 60


def endpoint(address: str) -> str:
    """The path of an address with everything that may name a record replaced: `/contacts/{id}/active`."""
    segments = urlsplit(address).path.split("/")
    return "/".join(segment if _is_word(segment) else "{id}" for segment in segments)


def _is_word(segment: str) -> bool:
    return not segment or (len(segment) <= _LONGEST and _WORD.match(segment) is not None)
