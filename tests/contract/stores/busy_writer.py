"""A process that opens one writing unit after another for some seconds and tells how it went, as JSON."""

from __future__ import annotations

import json
import sys
from time import monotonic

from integration.canonical.outcome import Outcome
from integration.ports import EventEnd
from integration.stores.unit_of_work import SqlStores
from tests.contract.stores.store_kit import event


def main(url: str, pair: int, name: str, seconds: float) -> None:
    """Accept and end events, reading in between. Any error ends the process with a traceback."""
    stores = SqlStores(url)
    stored = ended = 0
    worst = 0.0
    end = monotonic() + seconds
    while monotonic() < end:
        began = monotonic()
        with stores.begin(pair) as uow:
            ids, _ = uow.inbox.add([event(f"{name}-{stored}-{n}") for n in range(5)], [""] * 5)
        with stores.begin(pair) as uow:
            received = uow.inbox.received(8)
            uow.inbox.finish([EventEnd(e.id, Outcome.UNCHANGED) for e in received])
        with stores.reading(pair) as uow:
            uow.inbox.oldest_unended()
        stored, ended, worst = stored + len(ids), ended + len(received), max(worst, monotonic() - began)
    print(json.dumps({"stored": stored, "ended": ended, "worst": worst}))  # noqa: T201 (the result)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4]))
