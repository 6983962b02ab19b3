"""Generated queries: right ones mean what a slow reading of the grammar says, wrong ones are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.sandbox_salesforce.conftest import org_options
from tests.contract.sandbox_salesforce.running_org import Running
from tests.contract.sandbox_salesforce.soql_oracle import Oracle, utc_now
from tests.contract.sandbox_salesforce.soql_world import PARCEL, World, build
from tests.contract.sandbox_salesforce.soql_writing import queries

_REFUSALS = {"MALFORMED_QUERY", "INVALID_FIELD", "INVALID_TYPE", "INVALID_QUERY_FILTER_OPERATOR"}
_EXAMPLES = settings.default.max_examples // 3
_ZONES = (("America/New_York", "en_US"), ("Asia/Kolkata", "en_GB"))


class Asker:
    """A plain HTTP client of one org."""

    def __init__(self, running: Running) -> None:
        self._url = f"{running.url}/services/data/v61.0"
        self._session = running.session()
        self._session.headers["Authorization"] = f"Bearer {running.token()}"

    def ask(self, query: str, *, resource: str = "query") -> requests.Response:
        return self._session.get(f"{self._url}/{resource}", params={"q": query}, timeout=10)


@pytest.fixture(scope="module", params=_ZONES, ids=lambda zone: zone[0])
def filled(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Asker, World]]:
    running = Running(org_options(definitions=(PARCEL,)), tmp_path_factory.mktemp("soql"))
    zone, locale = request.param
    world = build(running, 7, zone=zone, locale=locale)
    yield Asker(running), world
    running.close()


def bare(found: Any) -> Any:
    """The answer without `attributes`, which the oracle does not know."""
    if isinstance(found, list):
        return [bare(one) for one in found]
    if isinstance(found, dict):
        return {name: bare(value) for name, value in found.items() if name != "attributes"}
    return found


@settings(max_examples=_EXAMPLES)
@given(data=st.data())
def test_queries_mean_what_the_grammar_says(filled: tuple[Asker, World], data: st.DataObject) -> None:
    asker, world = filled
    asked, text = data.draw(queries(world))
    with_deleted = data.draw(st.booleans())
    before = utc_now()
    answer = asker.ask(text, resource="queryAll" if with_deleted else "query")
    assert answer.status_code == 200, (text, answer.text)
    expected = Oracle(world, before).answer(asked, with_deleted=with_deleted)
    assert bare(answer.json()) == {"totalSize": len(expected), "done": True, "records": expected}, text


@pytest.mark.parametrize("filled", _ZONES[:1], ids=["New York"], indirect=True)
@settings(max_examples=_EXAMPLES)
@given(data=st.data())
def test_spoilt_queries_are_refused_or_answered(filled: tuple[Asker, World], data: st.DataObject) -> None:
    asker, world = filled
    _, text = data.draw(queries(world))
    pieces = text.split(" ")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(pieces) - 1))
        pieces[at : at + 1] = data.draw(_spoilt(pieces[at]))
        pieces = pieces or [""]
    answer = asker.ask(" ".join(pieces))
    assert answer.status_code in {200, 400}, (pieces, answer.text)
    if answer.status_code == 400:
        (error,) = answer.json()
        assert error["errorCode"] in _REFUSALS | {"NUMBER_OUTSIDE_VALID_RANGE"}, error
        assert error["message"]


def _spoilt(piece: str) -> st.SearchStrategy[list[str]]:
    foreign = st.sampled_from(
        "( ) , . ' \\ ; = < != NOT AND OR IN LIKE NULL SELECT FROM WHERE GROUP FOR COUNT( TYPEOF :x 'x' 5 -"
        " 2026-13-45 2026-01-01 2026-01-01T25:00:00Z LAST_N_DAYS: LAST_N_DAYS:99999999 TODAY Nope USD5 *".split()
    )
    return st.one_of(
        st.just([]),
        st.just([piece, piece]),
        foreign.map(lambda word: [word]),
        foreign.map(lambda word: [piece, word]),
        st.just([piece[:-1]]),
        st.text(max_size=3).map(lambda text: [piece + text]),
    )
