"""One access token for the whole fleet: renewed by one process at a time, and not more often than allowed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from integration.connectors.http import UNSENT
from integration.errors import Ambiguous, Retryable, Throttled
from integration.ports import Clock, CredentialStore, RotatedGrant, StoredToken

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class FetchedToken:
    """What a token server answered; `refresh_token` when it gave a new one, which ends the one before."""

    access_token: str = field(repr=False)
    base_url: str
    lifetime_seconds: float
    organization_id: str = ""
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True)
class RefreshLimits:
    """How often the fleet may renew, and how patient it is; times in milliseconds.

    Within `early_ms` of its end a token is renewed ahead of need, where that fails again after `again_ms`;
    `lease_ms` must outlast one token request. `rest_ms` is how long nobody asks again after a request that
    brought nothing, `connect_rest_ms` after one that never left.
    """

    most_per_window: int = 9
    window_ms: int = 600_000
    lease_ms: int = 30_000
    early_ms: int = 300_000
    again_ms: int = 5_000
    wait_ms: int = 35_000
    poll_ms: int = 50
    rest_ms: int = 20_000
    connect_rest_ms: int = 1_000


class TokenKeeper:
    """Hands out the shared token and renews it under a lease; safe for threads.

    `fetch` asks the token server with a refresh token; it raises Unauthorized when the grant itself is
    refused. `refresh_token` is the one of the settings, empty where the system is asked without one.
    """

    def __init__(
        self,
        store: CredentialStore,
        fetch: Callable[[str], FetchedToken],
        clock: Clock,
        limits: RefreshLimits | None = None,
        *,
        refresh_token: str = "",
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._fetch = fetch
        self._clock = clock
        self._limits = limits or RefreshLimits()
        self._refresh_token = refresh_token
        self._seed = hashlib.sha256(refresh_token.encode()).hexdigest()
        self._pause = pause
        self._lock = threading.Lock()
        self._known: StoredToken | None = None
        self._renew_at = 0

    def token(self) -> StoredToken:
        """A token that has not ended. Raises what `refresh` raises when a new one cannot be had."""
        known = self._known
        if known is None:
            known = self._store.current()
            if known is not None:
                self._keep(known)
        if known is None or self._left(known) <= 0:
            return self.refresh(known.epoch if known else 0)
        if self._clock.now_ms() >= self._renew_at:
            return self._renewed_ahead(known)
        return known

    def refresh(self, seen_epoch: int) -> StoredToken:
        """The token after the one of `seen_epoch`, which was refused or has ended.

        Another process may have it already, or be fetching it; then its token is waited for. Raises
        Throttled when the fleet has renewed too often, Retryable when the one renewing is too slow,
        Unauthorized when the grant is refused.
        """
        with self._lock:
            known = self._known
            if known is not None and known.epoch > seen_epoch and self._left(known) > 0:
                return known  # another thread fetched it while this one waited for the lock
            return self._newer_than(seen_epoch)

    def _newer_than(self, seen_epoch: int) -> StoredToken:
        deadline, poll_ms = self._clock.now_ms() + self._limits.wait_ms, self._limits.poll_ms
        while True:
            current = self._store.current()
            if current is not None and current.epoch > seen_epoch:
                if self._left(current) > 0:
                    return self._keep(current)
                seen_epoch = current.epoch
            fetched = self._claimed(seen_epoch)
            if fetched is not None:
                return fetched
            if self._clock.now_ms() >= deadline:
                raise Retryable("token.busy", "another process is renewing the token and has not finished")
            self._pause(poll_ms / 1000)
            poll_ms = min(2 * poll_ms, 10 * self._limits.poll_ms)

    def _claimed(self, seen_epoch: int) -> StoredToken | None:
        """Renew under the lease; None when somebody else holds it or was faster."""
        limits = self._limits
        epoch = self._store.claim_refresh(
            seen_epoch, limits.lease_ms, limits.window_ms, limits.most_per_window
        )
        if epoch is None:
            return None
        try:
            grant = self._grant()
            fetched = self._fetch(grant.refresh_token if grant else self._refresh_token)
        except BaseException as error:
            self._give_back(epoch, error)
            raise
        ends = self._clock.now_ms() + int(fetched.lifetime_seconds * 1000)
        if fetched.refresh_token and fetched.refresh_token != self._refresh_token:
            grant = RotatedGrant(fetched.refresh_token, self._seed)
        token = StoredToken(
            fetched.access_token, fetched.base_url, ends, epoch, fetched.organization_id, grant
        )
        if not self._store.store(token):
            return None  # the lease ran out and another one renews: theirs is the token of the fleet
        return self._keep(token)

    def _grant(self) -> RotatedGrant | None:
        """The refresh token to ask with, where it is no longer the one of the settings."""
        kept = self._store.current() if self._refresh_token else None
        return kept.grant if kept and kept.grant and kept.grant.seed == self._seed else None

    def _give_back(self, epoch: int, error: BaseException) -> None:
        """Let another try, but not at once: a fleet that tries as fast as it can has used up a whole window
        within a second, and would stand still for the rest of it though the server came back long ago.
        """
        limits = self._limits
        if isinstance(error, Retryable) and error.code == UNSENT:
            self._store.release(epoch, rest_ms=limits.connect_rest_ms, sent=False)
        else:
            passing = isinstance(error, Retryable | Ambiguous | Throttled)
            self._store.release(epoch, rest_ms=limits.rest_ms if passing else 0)

    def _renewed_ahead(self, known: StoredToken) -> StoredToken:
        """Renew while the old token still serves; nobody waits for it and trouble may pass."""
        if not self._lock.acquire(blocking=False):
            return known
        try:
            current = self._store.current()
            if current is not None and current.epoch > known.epoch and self._left(current) > 0:
                return self._keep(current)
            self._renew_at = self._clock.now_ms() + self._limits.again_ms
            return self._claimed(known.epoch) or known
        except (Retryable, Ambiguous, Throttled) as fault:
            _log.warning("token not renewed ahead of its end", code=fault.code, remaining=self._left(known))
            return known
        finally:
            self._lock.release()

    def _keep(self, token: StoredToken) -> StoredToken:
        # A token that lives shorter than the usual head start must not be renewed on every call.
        self._renew_at = token.expires_at_ms - min(self._limits.early_ms, self._left(token) // 10)
        self._known = token
        return token

    def _left(self, token: StoredToken) -> int:
        return token.expires_at_ms - self._clock.now_ms()
