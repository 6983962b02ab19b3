"""A token server that gives a new refresh token with every answer: the fleet goes on with the newest one."""

from __future__ import annotations

import pytest

from integration.connectors.tokens import TokenKeeper
from integration.errors import Retryable
from tests.unit.test_tokens import ManualClock, SharedStore, TokenServer, clock, store

__all__ = ["clock", "store"]


@pytest.fixture
def server() -> TokenServer:
    made = TokenServer()
    made.rotates = True
    return made


def keeper(
    store: SharedStore, server: TokenServer, clock: ManualClock, refresh_token: str = "configured"
) -> TokenKeeper:
    return TokenKeeper(store, server, clock, refresh_token=refresh_token, pause=clock.pause)


def test_each_refresh_uses_what_the_one_before_was_given(
    store: SharedStore, server: TokenServer, clock: ManualClock
) -> None:
    token = keeper(store, server, clock).token()
    for _ in range(2):
        token = keeper(store, server, clock).refresh(token.epoch)
    assert server.grants == ["configured", "grant-1", "grant-2"]


def test_an_answer_without_a_new_one_leaves_the_old_one_in_use(
    store: SharedStore, server: TokenServer, clock: ManualClock
) -> None:
    token = keeper(store, server, clock).token()
    server.rotates = False
    for _ in range(2):
        token = keeper(store, server, clock).refresh(token.epoch)
    assert server.grants == ["configured", "grant-1", "grant-1"]


def test_one_put_into_the_settings_anew_counts_again(
    store: SharedStore, server: TokenServer, clock: ManualClock
) -> None:
    token = keeper(store, server, clock).token()
    token = keeper(store, server, clock, "connected again").refresh(token.epoch)
    keeper(store, server, clock, "connected again").refresh(token.epoch)
    assert server.grants == ["configured", "connected again", "grant-2"]


def test_a_refresh_that_failed_uses_none_up(
    store: SharedStore, server: TokenServer, clock: ManualClock
) -> None:
    token = keeper(store, server, clock).token()
    server.fault = Retryable("salesforce.oauth.unavailable")
    with pytest.raises(Retryable):
        keeper(store, server, clock).refresh(token.epoch)
    server.fault = None
    clock.pause(60)
    keeper(store, server, clock).refresh(token.epoch)
    assert server.grants == ["configured", "grant-1"]


def test_a_system_asked_without_a_refresh_token_is_given_none(
    store: SharedStore, server: TokenServer, clock: ManualClock
) -> None:
    server.rotates = False
    token = keeper(store, server, clock, "").token()
    keeper(store, server, clock, "").refresh(token.epoch)
    assert server.grants == ["", ""]


def test_neither_token_is_shown(store: SharedStore, server: TokenServer, clock: ManualClock) -> None:
    token = keeper(store, server, clock).token()
    assert token.grant is not None
    assert "grant-1" not in repr(token)
    assert "token-1" not in repr(token)
