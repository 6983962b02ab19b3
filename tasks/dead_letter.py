"""Announces dead letters and exceptions: each is looked at once, and people hear of kinds of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration.canonical.values import Side
from integration.ports import Cursor, DeadLetter, UnitOfWork
from integration.wiring import WiredPair
from integration.wiring.counters import count
from tasks.running import pair_task

PAGE = 500
ROUNDS = 100
LETTERS, EXCEPTIONS = "announced dead letters", "announced exceptions"


@dataclass(frozen=True)
class Kind:
    """What makes two announcements the same, with the words of it."""

    kind: str
    text: str
    advice: str


@dataclass(frozen=True)
class Case:
    """One dead letter or exception, as far as announcing goes."""

    id: int
    kind: Kind


Look = Callable[[UnitOfWork, int, int], Sequence[Case]]
"""Cases behind a number, at most so many."""


@pair_task("dead_letter.announce", bell="dead-letter")
def announce(pair: WiredPair) -> None:
    """Group what is new by kind and alert."""
    for name, look in LOOKS:
        for _ in range(ROUNDS):
            if _announce_page(pair, name, look) < PAGE:
                break


def is_wanted(pair: WiredPair) -> bool:
    """Whether there is something people were not told of, as when the ring was lost."""
    services = pair.services
    with services.stores.reading(services.pair_id) as uow:
        return any(look(uow, _cursor(uow, name).watermark, 1) for name, look in LOOKS)


def _cursor(uow: UnitOfWork, name: str) -> Cursor:
    """One row for the pair, kept under one of its sides."""
    return uow.cursors.get(Side.SALESFORCE, name) or Cursor(name, Side.SALESFORCE)


def _announce_page(pair: WiredPair, name: str, look: Look) -> int:
    services = pair.services
    with services.stores.begin(services.pair_id, "announce") as uow:
        cases = look(uow, _cursor(uow, name).watermark, PAGE)
        if cases:
            uow.cursors.put(Cursor(name, Side.SALESFORCE, watermark=max(case.id for case in cases)))
        # In the same unit: a case that is passed is one people will hear of, whoever is killed now.
        _gather(uow, cases)
    services.alarm.due(services.pair_id)
    return len(cases)


def _gather(uow: UnitOfWork, cases: Sequence[Case]) -> None:
    words = {case.kind.kind: case.kind for case in cases}
    for kind, number in Counter(case.kind.kind for case in cases).items():
        uow.alarms.gather(kind, words[kind].text, words[kind].advice, number)
        count("cases_total", number, kind=kind)


def _letters(uow: UnitOfWork, after: int, limit: int) -> list[Case]:
    return [Case(letter.id, _kind(letter)) for letter in uow.cases.dead_letters("open", limit, after)]


def _kind(letter: DeadLetter) -> Kind:
    """Equal failures: the same trouble with the same field at the same stage."""
    name = str(letter.evidence.get("field") or "")
    return Kind(
        ".".join(part for part in (letter.stage, letter.side, letter.code, name) if part),
        f"dead letter: {letter.code}{f' of {name}' if name else ''} ({letter.stage} {letter.side}".rstrip()
        + ")",
        letter.advice or "See `zoho-salesforce dead-letters list`.",
    )


def _exceptions(uow: UnitOfWork, after: int, limit: int) -> list[Case]:
    return [
        Case(
            case.id,
            Kind(
                f"exception.{case.kind.replace(' ', '-')}",
                f"a person must decide: {case.kind}",
                case.advice or "See `zoho-salesforce exceptions list`.",
            ),
        )
        for case in uow.cases.exceptions("open", limit, after)
    ]


LOOKS: tuple[tuple[str, Look], ...] = ((LETTERS, _letters), (EXCEPTIONS, _exceptions))
