"""Keys under which records that may be the same find each other before they are bound."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache

from integration.canonical import traits
from integration.canonical.values import Value

Evidence = Mapping[str, Value]

DIGEST_LENGTH = 16
_TELLING = frozenset({"email", "phone", "mobile", "website", "name", "first_name", "last_name"})


def match_keys(entity_canonical: str, kind: str, fields: Evidence) -> frozenset[str]:
    """Keys of a record: `email:…`, `phone:…`, `domain:…`, `name:…`, each with a digest, so they hold no
    personal data.

    Fields are told by the last word of their name, so that those of a customer's persons may be given along
    with its own (`persons.0.email`).
    """
    told = tuple((n, v) for n, v in fields.items() if v and isinstance(v, str) and tells_who(n))
    return _keys(entity_canonical, kind, told)


@lru_cache(maxsize=4_096)
def tells_who(name: str) -> bool:
    """Whether keys are made of a field of that name."""
    return name.rpartition(".")[2] in _TELLING


@lru_cache(maxsize=10_000)
def _keys(entity_canonical: str, kind: str, told: tuple[tuple[str, str], ...]) -> frozenset[str]:
    """A record is decided several times within seconds, and seldom in what tells who it is."""
    fields = dict(told)
    found: list[tuple[str, str]] = [("email", traits.email_key(text)) for text in _texts(fields, "email")]
    found += [("phone", traits.phone_tail(text)) for text in _texts(fields, "phone", "mobile")]
    if entity_canonical == "customer" and kind != "individual":
        found += [("domain", traits.own_domain(text)) for text in _texts(fields, "website", "email")]
    found.append(("name", " ".join(name_words(entity_canonical, kind, fields))))
    return frozenset(f"{sort}:{_digest(text)}" for sort, text in found if text)


def _texts(fields: Mapping[str, str], *endings: str) -> list[str]:
    """Texts of all fields whose name ends in one of these words."""
    return [text for name, text in fields.items() if name.rpartition(".")[2] in endings]


def name_words(entity_canonical: str, kind: str, fields: Evidence) -> list[str]:
    """The words of a record's own name that tell it apart."""
    prefix = "primary_person." if entity_canonical == "customer" else ""
    if entity_canonical == "customer" and kind != "individual":
        return traits.core_words(str(fields.get("name") or ""))
    spoken = _spoken(fields.get(f"{prefix}first_name"), fields.get(f"{prefix}last_name"))
    return traits.words(spoken) if spoken else traits.person_words(str(fields.get("name") or ""))


def _spoken(*parts: Value) -> str:
    return " ".join(str(part) for part in parts if part)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:DIGEST_LENGTH]
