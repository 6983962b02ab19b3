"""Transactions of an org: begun, committed with their events, or undone; also many as one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from integration.sandbox.salesforce.transactions import Actor, Transaction

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg


class Commits:
    """Where every save of an org is made part of a transaction."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._whole: Transaction | None = None

    @contextmanager
    def transaction(self, actor: Actor) -> Iterator[Transaction]:
        """Commits what is saved inside and writes its events; any exception undoes it all."""
        if self._whole is not None:
            with self._whole.part(actor) as part:
                yield part
            return
        store = self._org.store
        txn = Transaction(store, actor, self._org.stamp())
        try:
            yield txn
        except BaseException:
            txn.roll_back()
            raise
        for change in txn.changes():
            store.table(change.definition.name).note_touched(change.after.stamp, change.after.id)
        txn.told = [event.header for event in self._org.events.write(txn)]

    @contextmanager
    def one_transaction(self, actor: Actor) -> Iterator[None]:
        """Transactions begun inside become parts of one. Nothing inside may wait for anything."""
        with self.transaction(actor) as txn:
            self._whole = txn
            try:
                yield
            finally:
                self._whole = None
