"""What the API calls on all kinds of documents read and do alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.documents.approval import Desk
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import invalid_value, missing_value
from integration.sandbox.zoho.fields import clean_text
from integration.sandbox.zoho.filters import MOST_IDS
from integration.sandbox.zoho.org import ZohoOrg

API = "api"
DeskOf = Callable[[ZohoOrg], Desk[Any]]


def own_number(call: Call) -> bool:
    """Whether the call brings its own document number."""
    return call.query.get("ignore_auto_number_generation", "").lower() == "true"


def ids_of(call: Call, key: str, most: int = MOST_IDS) -> list[str]:
    """Ids in the query, separated by commas or given several times.

    :raises ApiError: there are none, or more than a call may have
    """
    texts = getattr(call.query, "getall", lambda name, default: _single(call.query, name, default))(key, [])
    found = [part.strip() for text in texts for part in text.strip("[] ").split(",")]
    ids = list(dict.fromkeys(part for part in found if part))
    if not ids:
        raise missing_value(key)
    if len(ids) > most:
        raise invalid_value(key)
    return ids


def parent_in_query(call: Call, key: str) -> str:
    """The document that a new one is made from.

    :raises ApiError: the query lacks it, whatever the body says
    """
    parent_id = call.query.get(key, "")
    if not parent_id:
        raise missing_value(key)
    return parent_id


def approval_endpoints(entity: str, desk_of: DeskOf, *, several: bool = False) -> tuple[Endpoint, ...]:
    """Submit, approve and reject one document, or submit and approve `several`; all need UPDATE."""
    module, key = f"/{entity}s", f"{entity}_id"
    one, scope = f"{module}/{{{key}}}", f"{entity}s.UPDATE"

    def single(word: str) -> Callable[[ZohoOrg, Call], Answer]:
        def work(org: ZohoOrg, call: Call) -> Answer:
            if word == "reject" and call.content:
                clean_text("reason", call.body().get("reason"), None)
            getattr(desk_of(org), word)(call.path[key], API)
            return success()

        return work

    def each(word: str) -> Callable[[ZohoOrg, Call], Answer]:
        def work(org: ZohoOrg, call: Call) -> Answer:
            for record_id in ids_of(call, f"{key}s"):
                getattr(desk_of(org), word)(record_id, API)
            return success()

        return work

    words = (("submit", "submit"), ("approve", "approve"), ("approve/final", "approve"), ("reject", "reject"))
    many = ("submit", "approve") if several else ()
    return (
        *(Endpoint("POST", f"{module}/{word}", scope, each(word)) for word in many),
        *(Endpoint("POST", f"{one}/{path}", scope, single(word)) for path, word in words),
    )


def _single(query: Mapping[str, str], key: str, default: list[str]) -> list[str]:
    return [query[key]] if key in query else default
