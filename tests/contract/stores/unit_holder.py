"""A process that changes much within one unit of work, says so, and never commits: it waits to be killed."""

from __future__ import annotations

import sys
from threading import Event

from integration.canonical.values import Side
from integration.ports import AuditRow, NewRecord
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event


def main(url: str, pair: int) -> None:
    """Hold a unit of work open for ever."""
    stores = SqlStores(url)
    with stores.begin(pair) as uow:
        lanes = list(uow.lanes.load(uow.lanes.lock_ready(10)).values())
        for lane in lanes:
            lane.epoch += 100
        uow.lanes.save(lanes)
        uow.lanes.add_records([NewRecord(Side.ZOHO, "contact", "never", "customer")])
        uow.inbox.add([event("never")], [""])
        uow.audit.add([AuditRow("never", lanes[0].id)])
        uow.audit.seal(10)
        print("holding", flush=True)  # noqa: T201 (tells the test)
        Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
