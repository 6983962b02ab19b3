"""Access tokens of the fleet, encrypted at rest, and who may refresh them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from typing import Any, Protocol

import sqlalchemy as sa
import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.engine import Row

from integration.errors import ConfigurationFault, Throttled
from integration.ports.gateways import CredentialStore, RotatedGrant, StoredToken
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
        told = self._opened(row)
        if told is None:
            return StoredToken("", "", 0, row.token_epoch)
        return StoredToken(
            told["access_token"],
            told["base_url"],
            row.expires_at,
            row.token_epoch,
            told.get("organization_id", ""),
            RotatedGrant(**told["grant"]) if told.get("grant") else None,
        )

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
        """Keep a refreshed token; False when my epoch is not the newest any more.

        Even then its `grant` is kept unless a newer one is: the one before it is worth nothing any more.
        """
        with self._open(self._pair_id, writing=True) as tx:
            row = self._locked(tx)
            mine: bool = row.epoch == token.epoch
            kept = self._refreshed(token) if mine else self._with_grant(row, token)
            if kept:
                tx.execute(sa.update(credentials).where(credentials.c.id == row.id).values(kept))
            return mine

    def _refreshed(self, token: StoredToken) -> dict[str, Any]:
        told: dict[str, Any] = {"access_token": token.access_token, "base_url": token.base_url}
        told |= {"organization_id": token.organization_id}
        if token.grant is not None:
            told |= {"grant": asdict(token.grant), "grant_epoch": token.epoch}
        return {
            "secret": self._sealed(told),
            "expires_at": token.expires_at_ms,
            "token_epoch": token.epoch,
            "lease_until": 0,
        }

    def _with_grant(self, row: Row[Any], token: StoredToken) -> dict[str, Any]:
        """The stored token with the grant of a late one; nothing where that one is older."""
        told = self._opened(row) or {"access_token": "", "base_url": ""}
        if token.grant is None or token.epoch <= told.get("grant_epoch", 0):
            return {}
        return {"secret": self._sealed(told | {"grant": asdict(token.grant), "grant_epoch": token.epoch})}

    def _sealed(self, told: dict[str, Any]) -> bytes:
        return self._cipher.encrypt(dumps(told).encode())

    def _opened(self, row: Row[Any]) -> dict[str, Any] | None:
        """What is stored; None where that is nothing, or none of our keys opens it."""
        if row.secret is None:
            return None
        try:
            told: dict[str, Any] = loads(self._cipher.decrypt(row.secret))
        except InvalidToken:
            log.warning("store.credential_unreadable", pair_id=self._pair_id, system=self._system)
            return None
        return told

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
