"""Tokens shared by the fleet: encrypted, refreshed by one, never too often. And the calls counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from integration.canonical.outcome import WorkClass
from integration.errors import ConfigurationFault, Throttled
from integration.ports import RotatedGrant, StoredToken
from integration.stores.tables_operation import credentials
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import KEY

WINDOW = 600_000


def _token(epoch: int, text: str = "canary-token") -> StoredToken:
    return StoredToken(text, "https://api.example.test", 5_000, epoch)


def test_a_token_is_stored_under_the_epoch_that_fetched_it(stores: SqlStores, pair: int) -> None:
    kept = stores.credentials(pair, "zoho")
    assert kept.current() is None
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) == 1
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) is None
    assert kept.store(_token(1))
    assert kept.current() == _token(1)
    assert stores.credentials(pair, "salesforce").current() is None
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) is None  # somebody stored a newer one than I saw
    assert kept.claim_refresh(1, 60_000, WINDOW, 10) == 2


def test_a_refresher_that_died_is_replaced_and_cannot_store(stores: SqlStores, pair: int) -> None:
    kept = stores.credentials(pair, "zoho")
    assert kept.claim_refresh(0, 0, WINDOW, 10) == 1
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) == 2
    assert not kept.store(_token(1))
    assert kept.current() is None
    kept.release(1)
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) is None
    kept.release(2)
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) == 3


def test_a_rotated_grant_of_a_refresher_that_was_slow_is_kept(stores: SqlStores, pair: int) -> None:
    """Its access token came too late, but the grant before it is worth nothing any more."""
    kept = stores.credentials(pair, "salesforce")
    first, late = (replace(_token(n), grant=RotatedGrant(f"canary-{n}", "s")) for n in (1, 2))
    assert kept.claim_refresh(0, 0, WINDOW, 10) == 1
    assert kept.claim_refresh(0, 0, WINDOW, 10) == 2
    assert kept.claim_refresh(0, 60_000, WINDOW, 10) == 3
    assert not kept.store(late)
    current = kept.current()
    assert current is not None
    assert (current.grant, current.access_token, current.expires_at_ms) == (late.grant, "", 0)
    assert not kept.store(first)  # older than what is kept
    assert not kept.store(_token(2))  # without a grant it changes nothing
    assert kept.store(replace(_token(3), grant=late.grant))
    assert not kept.store(late)
    assert kept.current() == replace(_token(3), grant=late.grant)


def test_refreshes_are_counted_within_the_window(stores: SqlStores, pair: int) -> None:
    kept = stores.credentials(pair, "zoho")
    for expected in (1, 2, 3):
        assert kept.claim_refresh(0, 0, WINDOW, 3) == expected
    with pytest.raises(Throttled) as raised:
        kept.claim_refresh(0, 0, WINDOW, 3)
    assert 500 < raised.value.seconds <= 600
    assert kept.claim_refresh(0, 0, 0, 3) == 4  # none of them lies within a window of no length


def test_a_refresh_that_failed_rests_and_counts_only_when_it_was_sent(stores: SqlStores, pair: int) -> None:
    kept = stores.credentials(pair, "zoho")
    for expected in (1, 2):
        assert kept.claim_refresh(0, 60_000, WINDOW, 2) == expected
        kept.release(expected, sent=False)
    assert kept.claim_refresh(0, 60_000, WINDOW, 2) == 3
    kept.release(3)
    assert kept.claim_refresh(0, 60_000, WINDOW, 2) == 4
    kept.release(3, sent=False)  # not mine any more
    kept.release(4, rest_ms=60_000)
    assert kept.claim_refresh(0, 60_000, WINDOW, 9) is None
    kept.release(4)
    with pytest.raises(Throttled):
        kept.claim_refresh(0, 60_000, WINDOW, 2)


def test_one_of_many_refreshes(stores: SqlStores, pair: int) -> None:
    def claim(_: int) -> int | None:
        return stores.credentials(pair, "zoho").claim_refresh(0, 60_000, WINDOW, 10)

    with ThreadPoolExecutor(6) as pool:
        assert [e for e in pool.map(claim, range(6)) if e is not None] == [1]


def test_nothing_readable_is_stored(stores: SqlStores, pair: int) -> None:
    kept = stores.credentials(pair, "zoho")
    kept.claim_refresh(0, 60_000, WINDOW, 10)
    kept.store(replace(_token(1), grant=RotatedGrant("canary-grant", "s"), organization_id="00D1"))
    with stores.engine.connect() as connection:
        row = connection.execute(sa.select(credentials).where(credentials.c.pair_id == pair)).one()
    assert "canary" not in str(tuple(row))
    assert b"canary" not in bytes(row.secret)


def test_keys_can_be_rotated_and_lost(store_url: str, stores: SqlStores, pair: int) -> None:
    stores.credentials(pair, "zoho").claim_refresh(0, 60_000, WINDOW, 10)
    stores.credentials(pair, "zoho").store(_token(1))
    new = Fernet.generate_key().decode()
    rotated, lost = SqlStores(store_url, keys=[new, KEY]), SqlStores(store_url, keys=[new])
    assert rotated.credentials(pair, "zoho").current() == _token(1)
    unreadable = lost.credentials(pair, "zoho")
    assert unreadable.current() == StoredToken("", "", 0, 1)  # expired: fetched anew
    assert unreadable.claim_refresh(1, 60_000, WINDOW, 10) == 2
    assert unreadable.store(_token(2, "newer"))
    assert rotated.credentials(pair, "zoho").current() == _token(2, "newer")
    rotated.close()
    lost.close()


@pytest.mark.parametrize("keys", [[], ["too short"]])
def test_without_a_usable_key_it_says_so(store_url: str, keys: list[str]) -> None:
    with pytest.raises(ConfigurationFault, match="key"):
        SqlStores(store_url, keys=keys).credentials(1, "zoho")


def test_calls_are_counted_per_system(stores: SqlStores, pair: int) -> None:
    usage = stores.usage(pair, "zoho")
    for at, calls in ((1_000, 1), (2_000, 5), (3_000, 2)):
        usage.add(WorkClass.EVENT, calls, at)
    stores.usage(pair, "salesforce").add(WorkClass.BATCH, 9, 2_000)
    assert [usage.since(at) for at in (0, 2_000, 2_001, 4_000)] == [8, 7, 2, 0]
    with stores.reading(pair) as uow:
        assert uow.reports.api_calls() == {"zoho": {"event": 8}, "salesforce": {"batch": 9}}
        assert uow.reports.api_calls(since=3_000) == {"zoho": {"event": 2}}


def test_old_counts_are_summed_up(stores: SqlStores, pair: int) -> None:
    usage = stores.usage(pair, "zoho")
    for at in range(0, 5_000, 100):
        usage.add(WorkClass.EVENT, 1, at)
    assert usage.compact(before_ms=4_000, slice_ms=2_000) == 38
    assert usage.compact(before_ms=4_000, slice_ms=2_000) == 0
    assert [usage.since(at) for at in (0, 2_000, 4_000)] == [50, 30, 10]


def test_calls_of_old_windows_are_forgotten_per_system(stores: SqlStores, pair: int) -> None:
    usage, other = stores.usage(pair, "zoho"), stores.usage(pair, "salesforce")
    for at in (1_000, 2_000, 3_000):
        usage.add(WorkClass.EVENT, 1, at)
    other.add(WorkClass.BATCH, 9, 1_000)
    assert [usage.forget(2_000), usage.forget(2_000)] == [1, 0]
    assert (usage.since(0), other.since(0)) == (2, 9)
