"""Page tokens and the two listings as tables of answers."""

from __future__ import annotations

import pytest

from integration.connectors.zoho.client import Reply
from integration.connectors.zoho.paging import PageToken
from integration.connectors.zoho.poll import cut, page_of
from integration.errors import BadInput, Retryable

MORE = {"has_more_page": True}


def test_tokens_lead_on_and_end() -> None:
    first = PageToken.parse("")
    assert first == PageToken(1)
    following = first.following(["7", "8"], MORE | {"page": 1}, 10)
    second = PageToken.parse(following)
    assert second == PageToken(2, "7")
    assert second.following(["9"], {"page": 2, "has_more_page": False}, 10) == ""
    assert second.following([], {}, 10) == ""


@pytest.mark.parametrize(
    ("token", "ids", "context"),
    [
        (PageToken(2, "7"), ["7", "8"], MORE),
        (PageToken(2, "7"), ["9"], MORE | {"page": 1}),
        (PageToken(2, "7"), [], MORE),
        (PageToken(10, "7"), ["9"], MORE),
        (PageToken(2, "7"), ["7"], {"has_more_page": False}),
    ],
    ids=["page repeated", "another page", "empty page with more", "no end", "last page repeated"],
)
def test_a_listing_that_turns_in_circles_is_stopped(
    token: PageToken, ids: list[str], context: dict[str, object]
) -> None:
    with pytest.raises(Retryable) as caught:
        token.following(ids, context, 10)
    assert caught.value.code == "zoho.paging_loop"


@pytest.mark.parametrize("text", ["x", "1:7", "-2:7", "2", "²:7", ":"])
def test_foreign_tokens_are_refused(text: str) -> None:
    with pytest.raises(BadInput):
        PageToken.parse(text)


def rows(*seconds: int) -> Reply:
    contacts = [
        {"contact_id": str(100 + second), "last_modified_time": f"2026-01-01T00:00:{second:02}+0000"}
        for second in seconds
    ]
    return Reply(200, {"contacts": contacts, "page_context": {"page": 1, "has_more_page": True}})


NEW_YEAR = 1_767_225_600_000


@pytest.mark.parametrize(
    ("since", "kept", "goes_on"),
    [(0, 3, True), (10_000, 3, True), (10_999, 3, True), (11_000, 2, False), (99_000, 0, False)],
)
def test_a_delta_ends_at_the_first_older_record(since: int, kept: int, goes_on: bool) -> None:
    page = page_of(rows(30, 20, 10), PageToken(), 10)
    short = cut(page, NEW_YEAR + since)
    assert len(short.records) == kept
    assert bool(short.next_page) == goes_on
