"""`pair`: what may be written in which direction, and letting a held direction go on."""

from __future__ import annotations

import click

from integration.canonical.outcome import Mode, WorkClass
from integration.canonical.values import Side
from integration.cli.opening import author_option, open_pair, pair_option
from integration.cli.output import emit, moment, table
from integration.cli.program import Program, Start, json_option, main
from integration.ports.services import Services

DIRECTIONS = {
    "salesforce-to-zoho": (Side.ZOHO,),
    "zoho-to-salesforce": (Side.SALESFORCE,),
    "both": (Side.ZOHO, Side.SALESFORCE),
}
"""Directions as people say them, with the sides that are written to."""


@main.group(cls=Program)
def pair() -> None:
    """A pair of organisations: what is written where, and whether something holds it."""


@pair.command("mode")
@click.argument("pair_name", metavar="PAIR")
@click.argument("direction", type=click.Choice(list(DIRECTIONS)))
@click.argument("mode", type=click.Choice([m.value for m in Mode]))
@author_option
@json_option
@click.pass_obj
def set_mode(start: Start, pair_name: str, direction: str, mode: str, author: str, as_json: bool) -> None:
    """Set one direction to off, observe (worked out and shown, not sent) or live."""
    services = open_pair(start, pair_name).services
    with services.stores.begin(services.pair_id, "pair.mode") as uow:
        for side in DIRECTIONS[direction]:
            uow.pairs.set_mode(side, Mode(mode), author)
        if mode != Mode.OFF.value:
            uow.lanes.wake(uow.lanes.all_ids(), WorkClass.BATCH)
    _ring_all(services)
    show_status(services, as_json)


@pair.command("release")
@click.argument("side", type=click.Choice([s.value for s in Side]))
@author_option
@pair_option
@json_option
@click.pass_obj
def release(start: Start, side: str, author: str, pair_name: str, as_json: bool) -> None:
    """Let writing to SIDE go on after the brake or a refused token held it."""
    from integration.flows.cases import release as lift

    services = open_pair(start, pair_name).services
    lift(services, Side(side), author)
    show_status(services, as_json)


@pair.command("status")
@pair_option
@json_option
@click.pass_obj
def status(start: Start, pair_name: str, as_json: bool) -> None:
    """Modes, holds, organisations, mapping version, and what stands at each stage."""
    show_status(open_pair(start, pair_name).services, as_json)


def show_status(services: Services, as_json: bool) -> None:
    """The pair as it stands."""
    with services.stores.reading(services.pair_id) as uow:
        state, depths, outcomes = uow.pairs.state(), uow.reports.depths(), uow.inbox.outcomes()
        oldest, census = uow.inbox.oldest_unended(), [uow.cursors.get(side, "census") for side in Side]
        letters, cases = len(uow.cases.dead_letters(limit=10_000)), len(uow.cases.exceptions(limit=10_000))
    known = all(cursor is not None and cursor.watermark for cursor in census)
    document = {
        "pair": state.name,
        "modes": {side.value: mode.value for side, mode in state.modes.items()},
        "held": {side.value: reason for side, reason in state.held.items()},
        "organizations": {side.value: found for side, found in state.organization_ids.items()},
        "mapping_version": state.mapping_version,
        "first_load_done": known,
        "depths": depths,
        "outcomes": outcomes,
        "oldest_open_event": oldest,
        "dead_letters": letters,
        "exceptions": cases,
    }
    rows = [
        (
            f"to {side.value}",
            state.modes[side].value,
            state.held[side] or "not held",
            state.organization_ids[side],
        )
        for side in Side
    ]
    figures = [*depths.items(), ("oldest open event", moment(oldest)), ("dead letters", letters)]
    figures += [("exceptions", cases), ("mapping version", state.mapping_version)]
    figures += [("first load", "done" if known else "not done: `first-load`")]
    emit(
        as_json,
        document,
        table(f"Pair {state.name}", ("direction", "mode", "held", "organisation"), rows),
        table("", ("what stands where", ""), figures),
    )


def _ring_all(services: Services) -> None:
    for queue in ("events", "salesforce", "zoho"):
        services.bell.ring(queue, services.pair_id)
