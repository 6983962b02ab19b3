"""One refresh for the whole fleet: keepers of several processes share one store."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest

from integration.connectors.tokens import FetchedToken, RefreshLimits, TokenKeeper
from integration.errors import Fault, Retryable, Throttled, Unauthorized
from integration.ports import StoredToken

HOUR = 3_600_000


class ManualClock:
    """Time that moves when told; a waiting keeper moves it by its pauses."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def now_ms(self) -> int:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


class SharedStore:
    """The credential store's contract, kept in memory and shared by the keepers of a test."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.token: StoredToken | None = None
        self.epoch = 0
        self.leased_until = 0
        self.claims: list[int] = []

    def current(self) -> StoredToken | None:
        return self.token

    def claim_refresh(self, seen_epoch: int, lease_ms: int, window_ms: int, most: int) -> int | None:
        with self._lock:
            now = self._clock.now_ms()
            newer = self.token is not None and self.token.epoch > seen_epoch
            if newer or self.leased_until > now:
                return None
            recent = [at for at in self.claims if at > now - window_ms]
            if len(recent) >= most:
                raise Throttled("token.window", seconds=(recent[0] + window_ms - now) / 1000, scope="token")
            self.claims.append(now)
            self.epoch += 1
            self.leased_until = now + lease_ms
            return self.epoch

    def store(self, token: StoredToken) -> bool:
        with self._lock:
            if token.epoch != self.epoch:
                return False
            self.token, self.leased_until = token, 0
            return True

    def release(self, epoch: int, *, rest_ms: int = 0, sent: bool = True) -> None:
        with self._lock:
            if epoch == self.epoch:
                self.leased_until = self._clock.now_ms() + rest_ms if rest_ms else 0
                if not sent:
                    self.claims.pop()


class TokenServer:
    """Counts requests; `fault` makes the next ones fail."""

    def __init__(self, lifetime_seconds: float = 3600) -> None:
        self.asked = 0
        self.rotates = False
        self.grants: list[str] = []
        self.fault: Fault | None = None
        self.lifetime_seconds = lifetime_seconds
        self.meanwhile: Callable[[], None] = lambda: None

    def __call__(self, refresh_token: str) -> FetchedToken:
        self.asked += 1
        self.meanwhile()
        if self.fault is not None:
            raise self.fault
        rotated = f"grant-{self.asked}" if self.rotates else ""
        self.grants.append(refresh_token)
        return FetchedToken(
            f"token-{self.asked}", "https://api.example", self.lifetime_seconds, refresh_token=rotated
        )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def store(clock: ManualClock) -> SharedStore:
    return SharedStore(clock)


@pytest.fixture
def server() -> TokenServer:
    return TokenServer()


@pytest.fixture
def keeper(clock: ManualClock, store: SharedStore, server: TokenServer) -> Callable[[], TokenKeeper]:
    return lambda: TokenKeeper(store, server, clock, pause=clock.pause)


def test_the_first_token_is_fetched_and_then_shared(
    keeper: Callable[[], TokenKeeper], server: TokenServer
) -> None:
    assert keeper().token().access_token == "token-1"
    assert keeper().token().access_token == "token-1"
    assert server.asked == 1


def test_many_threads_of_many_processes_refresh_once(
    keeper: Callable[[], TokenKeeper], server: TokenServer
) -> None:
    keepers = [keeper() for _ in range(4)]
    refused = keepers[0].token()
    together = threading.Barrier(16)

    def refresh(number: int) -> str:
        together.wait()
        return keepers[number % 4].refresh(refused.epoch).access_token

    with ThreadPoolExecutor(16) as pool:
        assert set(pool.map(refresh, range(16))) == {"token-2"}
    assert server.asked == 2


def test_a_token_that_has_ended_is_replaced(
    keeper: Callable[[], TokenKeeper], clock: ManualClock, server: TokenServer
) -> None:
    first, late = keeper(), keeper()
    assert late.token() == first.token()
    clock.now += HOUR
    assert first.token().access_token == "token-2"
    clock.now += HOUR // 2
    # The one that slept takes what the fleet has, though its own has ended long ago.
    assert late.token().access_token == "token-2"
    clock.now += HOUR
    assert late.refresh(1).access_token == "token-3"
    assert server.asked == 3


def test_a_token_is_renewed_ahead_of_its_end_and_trouble_is_borne(
    keeper: Callable[[], TokenKeeper], clock: ManualClock, server: TokenServer
) -> None:
    one = keeper()
    one.token()
    clock.now += HOUR - 200_000
    server.fault = Retryable("network.connect")
    assert one.token().access_token == "token-1"
    assert one.token().access_token == "token-1"
    assert server.asked == 2, "asked again at once"
    server.fault = None
    clock.now += 6_000
    assert one.token().access_token == "token-3"


def test_short_lived_tokens_are_not_renewed_at_every_call(
    keeper: Callable[[], TokenKeeper], server: TokenServer
) -> None:
    server.lifetime_seconds = 10
    one = keeper()
    for _ in range(20):
        one.token()
    assert server.asked == 1


def test_a_refused_grant_is_told_and_the_lease_given_back(
    keeper: Callable[[], TokenKeeper], store: SharedStore, server: TokenServer
) -> None:
    server.fault = Unauthorized("zoho.grant")
    with pytest.raises(Unauthorized):
        keeper().token()
    assert store.leased_until == 0
    server.fault = None
    assert keeper().token().access_token == "token-2"


@pytest.mark.parametrize("fault", [Retryable("network.connect"), Retryable("zoho.token_server")])
def test_a_token_server_that_is_away_does_not_use_up_the_window(
    clock: ManualClock, store: SharedStore, server: TokenServer, fault: Fault
) -> None:
    """Every process of the fleet goes on asking; when the server is back, so is the fleet."""
    keepers = [TokenKeeper(store, server, clock, pause=clock.pause) for _ in range(8)]
    server.fault, back_at = fault, clock.now + 90_000
    for keeper in cycle(keepers):
        with pytest.raises(Retryable):
            keeper.token()
        if clock.now >= back_at:
            break
    server.fault, back_at = None, clock.now
    assert keepers[0].token().access_token
    assert clock.now - back_at < 21_000


def test_a_crashed_refresher_blocks_only_for_its_lease(
    keeper: Callable[[], TokenKeeper], clock: ManualClock, store: SharedStore, server: TokenServer
) -> None:
    assert store.claim_refresh(0, 30_000, 600_000, 9) == 1  # and then it is killed
    began = clock.now
    assert keeper().token().access_token == "token-1"
    assert 30_000 <= clock.now - began < 31_000
    assert server.asked == 1


def test_waiting_for_another_process_has_an_end(
    keeper: Callable[[], TokenKeeper], clock: ManualClock, store: SharedStore, server: TokenServer
) -> None:
    store.claim_refresh(0, 120_000, 600_000, 9)
    with pytest.raises(Retryable) as caught:
        keeper().token()
    assert caught.value.code == "token.busy"
    assert server.asked == 0


def test_who_lost_the_lease_while_fetching_takes_the_fleets_token(
    keeper: Callable[[], TokenKeeper], clock: ManualClock, store: SharedStore, server: TokenServer
) -> None:
    def overtaken() -> None:
        server.meanwhile = lambda: None
        clock.now += 31_000
        epoch = store.claim_refresh(0, 30_000, 600_000, 9)
        assert epoch == 2
        store.store(StoredToken("theirs", "https://api.example", clock.now + HOUR, epoch))

    server.meanwhile = overtaken
    assert keeper().token().access_token == "theirs"


def test_the_fleet_stays_below_the_limit_of_the_token_server(
    clock: ManualClock, store: SharedStore, server: TokenServer
) -> None:
    limits = RefreshLimits(most_per_window=9, window_ms=600_000)
    keepers = [TokenKeeper(store, server, clock, limits, pause=clock.pause) for _ in range(3)]
    for turn in range(9):
        keepers[turn % 3].refresh(store.epoch)
    with pytest.raises(Throttled):
        keepers[0].refresh(store.epoch)
    assert server.asked == 9
    clock.now += 600_001
    keepers[1].refresh(store.epoch)
    assert server.asked == 10
