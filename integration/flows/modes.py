"""Modes: what a person may switch about a pair, and what has to be decided again because of it."""

from __future__ import annotations

from integration.canonical.outcome import Mode, WorkClass
from integration.canonical.values import Side
from integration.ports.services import Services


def set_mode(services: Services, target: Side, mode: Mode, author: str) -> None:
    """Say what may be written to a side; every lane is decided again, so that nothing seen meanwhile is
    forgotten.
    """
    with services.stores.begin(services.pair_id, "modes.set") as uow:
        uow.pairs.set_mode(target, mode, author)
        uow.lanes.wake(uow.lanes.all_ids(), WorkClass.BATCH)
    services.bell.ring("events", services.pair_id)


def apply_mapping(services: Services, text: str, author: str) -> int:
    """Make a mapping document the live version; lanes are brought under it in class batch. Returns its
    number.

    The text must have been compiled before: nothing here can tell a person what is wrong with it.
    """
    with services.stores.begin(services.pair_id, "modes.mapping") as uow:
        version = uow.pairs.add_mapping(text, author)
        uow.lanes.wake(uow.lanes.all_ids(), WorkClass.BATCH)
    services.bell.ring("events", services.pair_id)
    return version
