"""Access tokens of the fleet, encrypted at rest, and who may refresh them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.engine import Row

from integration.errors import ConfigurationFault, Throttled
from integration.ports.gateways import CredentialStore, StoredToken
from integration.stores import bulk
from integration.stores.json_text import dumps, loads
from integration.stores.tables_operation import credentials
from integration.stores.transaction import Transaction

log = structlog.get_logger(__name__)


class OpenTransaction(Protocol):
    """Opens a transaction of its own for a pair."""

    def __call__(self, pair_id: int, *, writing: bool) -> AbstractContextManager[Transaction]: ...


class SqlCredentials(CredentialStore):
    """`CredentialStore` of one (pair, system); every call is a transaction of its own."""

    def __init__(
        self, open_transaction: OpenTransaction, keys: Sequence[str], pair_id: int, system: str
    ) -> None:
        self._open = open_transaction
        self._cipher = _cipher(keys)
        self._pair_id = pair_id
        self._system = system

    def current(self) -> StoredToken | None:
        """The token last stored, expired or not.

        One that none of our keys opens counts as expired: it can be fetched anew, and a lost key must not
        stop the line.
        """
        with self._open(self._pair_id, writing=False) as tx:
            row = tx.execute(self._select(tx)).one_or_none()
        if row is None or row.secret is None:
            return None
        try:
            told = loads(self._cipher.decrypt(row.secret))
        except InvalidToken:
            log.warning("store.credential_unreadable", pair_id=self._pair_id, system=self._system)
            return StoredToken("", "", 0, row.token_epoch)
        return StoredToken(told["access_token"], told["base_url"], row.expires_at, row.token_epoch)

    def _select(self, tx: Transaction) -> sa.Select[Any]:
        return sa.select(credentials).where(tx.mine(credentials), credentials.c.system == self._system)

    def claim_refresh(self, seen_epoch: int, lease_ms: int, window_ms: int, most: int) -> int | None:
        """My epoch, or None when another holds the lease or has stored a newer token than the one seen.

        Raises Throttled when `most` refreshes were claimed within the window: the systems count them too.
        """
        with self._open(self._pair_id, writing=True) as tx:
            row = self._locked(tx)
            if row.token_epoch > seen_epoch or row.lease_until > tx.now:
                return None
            recent = [at for at in row.refreshes if at > tx.now - window_ms]
            if len(recent) >= most:
                seconds = (min(recent) + window_ms - tx.now) / 1000
                raise Throttled(
                    "token.refreshes", "the token was refreshed too often", seconds=seconds, scope="refresh"
                )
            epoch: int = row.epoch + 1
            claimed = {"epoch": epoch, "lease_until": tx.now + lease_ms, "refreshes": [*recent, tx.now]}
            tx.execute(sa.update(credentials).where(credentials.c.id == row.id).values(claimed))
            return epoch

    def _locked(self, tx: Transaction) -> Row[Any]:
        rows = tx.lock(self._select(tx), credentials)
        if not rows:
            bulk.insert_new(tx, credentials, [{"pair_id": self._pair_id, "system": self._system}], ("id",))
            rows = tx.lock(self._select(tx), credentials)
        return rows[0]

    def store(self, token: StoredToken) -> bool:
        """Keep a refreshed token; False when my epoch is not the newest any more."""
        secret = self._cipher.encrypt(
            dumps({"access_token": token.access_token, "base_url": token.base_url}).encode()
        )
        kept = {
            "secret": secret,
            "expires_at": token.expires_at_ms,
            "token_epoch": token.epoch,
            "lease_until": 0,
        }
        with self._open(self._pair_id, writing=True) as tx:
            storing = sa.update(credentials).where(
                tx.mine(credentials), credentials.c.system == self._system, credentials.c.epoch == token.epoch
            )
            return tx.execute(storing.values(kept)).rowcount == 1

    def release(self, epoch: int, *, rest_ms: int = 0, sent: bool = True) -> None:
        """Give the lease back after a refresh that failed; nobody gets it before `rest_ms` are over.

        One that was never `sent` does not count within the window.
        """
        with self._open(self._pair_id, writing=True) as tx:
            row = self._locked(tx)
            if row.epoch != epoch:
                return
            given_back = {
                "lease_until": tx.now + rest_ms if rest_ms else 0,
                "refreshes": row.refreshes if sent else row.refreshes[:-1],
            }
            tx.execute(sa.update(credentials).where(credentials.c.id == row.id).values(given_back))


def _cipher(keys: Sequence[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise ConfigurationFault(
            "credentials.key",
            "no usable encryption key",
            where="ENCRYPTION_KEYS",
            advice="A key is 32 bytes in URL-safe base64: `zoho-salesforce doctor --new-key` makes one.",
        ) from None
