"""`dead-letters` and `exceptions`: what could not go on by itself, and what a person does about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import click
from rich.panel import Panel
from rich.text import Text

from integration.cli.opening import author_option, open_pair, pair_option
from integration.cli.output import emit, moment, shown, table
from integration.cli.program import Program, Start, json_option, main
from integration.errors import BadInput
from integration.flows import cases as flow
from integration.ports import DeadLetter, ExceptionCase, UnitOfWork

LIMIT = click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
AFTER = click.option("--after", type=click.IntRange(0), default=0, help="Only those with a higher number.")


@main.group("dead-letters", cls=Program)
def dead_letters() -> None:
    """What was given up for a technical reason, with the reason and what to do."""


@dead_letters.command("list")
@click.option(
    "--state", type=click.Choice(["open", "replayed", "discarded", "superseded"]), default="open",
    show_default=True,
)  # fmt: skip
@LIMIT
@AFTER
@pair_option
@json_option
@click.pass_obj
def list_letters(start: Start, state: str, limit: int, after: int, pair_name: str, as_json: bool) -> None:
    """Dead letters in order of their number."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        found = uow.cases.dead_letters(state, limit, after)
    rows = [(d.id, moment(d.created_at), d.stage, d.side, d.code, d.text, d.advice) for d in found]
    columns = ("number", "since", "stage", "side", "code", "what happened", "what to do")
    emit(
        as_json,
        {"dead_letters": [asdict(d) for d in found]},
        table("", columns, rows),
        _count(len(found), state),
    )


@dead_letters.command("show")
@click.argument("number", type=int)
@pair_option
@json_option
@click.pass_obj
def show_letter(start: Start, number: int, pair_name: str, as_json: bool) -> None:
    """One dead letter with its evidence."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        letter = uow.cases.dead_letter(number)
        records = _records(uow, letter.binding_id) if letter else []
    if letter is None:
        raise _unknown("dead letter", number, "dead-letters list")
    emit(as_json, {**asdict(letter), "records": records}, _letter_panel(letter, records))


@dead_letters.command("replay")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All open ones.")
@click.option("--code", default="", help="With --all: only those with this code.")
@author_option
@pair_option
@json_option
@click.pass_obj
def replay(
    start: Start,
    numbers: tuple[int, ...],
    every: bool,
    code: str,
    author: str,
    pair_name: str,
    as_json: bool,
) -> None:
    """Work the records of dead letters again, from the newest state of their source."""
    services = open_pair(start, pair_name).services
    chosen = list(numbers)
    if every:
        with services.stores.reading(services.pair_id) as uow:
            letters = uow.cases.dead_letters(limit=100_000)
        chosen = [d.id for d in letters if code in ("", d.code)]
    elif not chosen:
        raise click.UsageError("Name the dead letters to replay, or --all.")
    lanes = {number: flow.replay(services, number, author) for number in chosen}
    emit(
        as_json,
        {"replayed": lanes},
        f"{len(lanes)} replayed; `events list --open` and `record show` tell how they go.",
    )


@dead_letters.command("discard")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why nothing needs to be done; kept in the audit.")
@author_option
@pair_option
@json_option
@click.pass_obj
def discard(start: Start, number: int, reason: str, author: str, pair_name: str, as_json: bool) -> None:
    """Close a dead letter for good."""
    services = open_pair(start, pair_name).services
    flow.discard(services, number, author, reason)
    emit(as_json, {"discarded": number, "author": author}, f"Dead letter {number} is closed.")


@main.group(cls=Program)
def exceptions() -> None:
    """What only a person can decide, with suggestions."""


@exceptions.command("list")
@click.option(
    "--state", type=click.Choice(["open", "resolved", "superseded"]), default="open", show_default=True
)
@LIMIT
@AFTER
@pair_option
@json_option
@click.pass_obj
def list_cases(start: Start, state: str, limit: int, after: int, pair_name: str, as_json: bool) -> None:
    """Exceptions in order of their number."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        found = uow.cases.exceptions(state, limit, after)
    rows = [(c.id, moment(c.created_at), c.kind, c.text, len(c.suggestions), c.advice) for c in found]
    columns = ("number", "since", "kind", "what", "suggestions", "what to do")
    emit(
        as_json,
        {"exceptions": [asdict(c) for c in found]},
        table("", columns, rows),
        _count(len(found), state),
    )


@exceptions.command("show")
@click.argument("number", type=int)
@pair_option
@json_option
@click.pass_obj
def show_case(start: Start, number: int, pair_name: str, as_json: bool) -> None:
    """One exception with its suggestions."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        case = uow.cases.exception(number)
        records = _records(uow, case.binding_id) if case else []
    if case is None:
        raise _unknown("exception", number, "exceptions list")
    columns = ("record", "side", "score", "for it", "against it")
    rows = [
        (s.get("record_id"), s.get("side"), s.get("score"), s.get("reasons"), s.get("against"))
        for s in case.suggestions
    ]
    emit(
        as_json,
        {**asdict(case), "records": records},
        _case_panel(case, records),
        table("Suggestions", columns, rows),
    )


@exceptions.command("resolve")
@click.argument("number", type=int)
@click.option("--join", default="", metavar="ID", help="It is this record of the other side.")
@click.option("--create", is_flag=True, help="It is new there: create it.")
@click.option("--ignore", is_flag=True, help="Leave it alone.")
@author_option
@pair_option
@json_option
@click.pass_obj
def resolve(
    start: Start,
    number: int,
    join: str,
    create: bool,
    ignore: bool,
    author: str,
    pair_name: str,
    as_json: bool,
) -> None:
    """Decide an exception: exactly one of --join, --create, --ignore."""
    if sum((bool(join), create, ignore)) != 1:
        raise click.UsageError("Choose exactly one of --join ID, --create, --ignore.")
    services = open_pair(start, pair_name).services
    lane = flow.resolve(services, number, author, join=join, create=create, ignore=ignore)
    text = f"Exception {number} is decided; the record is worked on now."
    emit(as_json, {"resolved": number, "lane_id": lane, "author": author}, text)


def _records(uow: UnitOfWork, binding_id: int | None) -> list[dict[str, str]]:
    """The ids of the record concerned on both sides."""
    known = uow.reports.binding(binding_id) if binding_id else None
    if known is None:
        return []
    return [{"salesforce": known.salesforce_id, "zoho": known.zoho_id, "entity": known.entity}]


def _letter_panel(letter: DeadLetter, records: list[dict[str, str]]) -> Panel:
    facts = {
        "state": letter.state,
        "since": moment(letter.created_at),
        "stage": letter.stage,
        "target": letter.side,
        "what happened": letter.text,
        "what to do": letter.advice,
        **_ids(records),
        "event": letter.event_id,
        **{f"evidence: {name}": value for name, value in letter.evidence.items()},
    }
    return _panel(f"dead letter {letter.id}: {letter.code}", facts)


def _case_panel(case: ExceptionCase, records: list[dict[str, str]]) -> Panel:
    facts = {
        "state": case.state,
        "since": moment(case.created_at),
        "what": case.text,
        "what to do": case.advice,
        **_ids(records),
        "decision": dict(case.resolution) if case.resolution else "",
    }
    return _panel(f"exception {case.id}: {case.kind}", facts)


def _ids(records: list[dict[str, str]]) -> dict[str, str]:
    return {f"{side} record": r[side] for r in records for side in ("salesforce", "zoho") if r[side]}


def _panel(title: str, facts: Mapping[str, object]) -> Panel:
    lines = [f"{name}: {shown(value)}" for name, value in facts.items() if value not in ("", None)]
    return Panel(Text("\n".join(lines)), title=Text(title), title_align="left")


def _count(count: int, state: str) -> str:
    return f"{count} {state}." if count else f"None {state}."


def _unknown(what: str, number: int, command: str) -> BadInput:
    return BadInput(
        f"{what.replace(' ', '_')}.unknown", f"there is no {what} {number}", status=404,
        advice=f"`{command}` shows the numbers.",
    )  # fmt: skip
