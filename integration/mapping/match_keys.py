"""Keys under which records that may be the same find each other before they are bound."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from integration.canonical import traits
from integration.canonical.values import Value

Evidence = Mapping[str, Value]

DIGEST_LENGTH = 16


def match_keys(entity_canonical: str, kind: str, fields: Evidence) -> frozenset[str]:
    """Keys of a record: `email:…`, `phone:…`, `domain:…`, `name:…`, each with a digest, so they hold no
    personal data.

    Fields are told by the last word of their name, so that those of a customer's persons may be given along
    with its own (`persons.0.email`).
    """
    found: list[tuple[str, str]] = [("email", traits.email_key(text)) for text in texts(fields, "email")]
    found += [("phone", traits.phone_tail(text)) for text in texts(fields, "phone", "mobile")]
    if entity_canonical == "customer" and kind != "individual":
        found += [("domain", traits.own_domain(text)) for text in texts(fields, "website", "email")]
    found.append(("name", " ".join(name_words(entity_canonical, kind, fields))))
    return frozenset(f"{sort}:{_digest(text)}" for sort, text in found if text)


def texts(fields: Evidence, *endings: str) -> list[str]:
    """Texts of all fields whose name ends in one of these words."""
    return [v for name, v in fields.items() if isinstance(v, str) and name.rpartition(".")[2] in endings]


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
