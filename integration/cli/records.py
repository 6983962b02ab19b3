"""`record show`: one record over both systems."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.console import RenderableType
from rich.text import Text

from integration.canonical.values import Side
from integration.cli.history import Entry, FieldStory, History, field_stories, timeline
from integration.cli.opening import open_pair, pair_option
from integration.cli.output import emit, moment, shown, table
from integration.cli.program import Program, Start, json_option, main
from integration.errors import BadInput, Retryable
from integration.mapping import CompiledMapping
from integration.policy.state import LaneState, Member
from integration.ports.services import Services


@main.group(cls=Program)
def record() -> None:
    """One record over both systems."""


@record.command("show")
@click.argument("record_id", metavar="ID")
@click.option("--family/--alone", default=True, help="With the persons of the customer, or the record alone.")
@pair_option
@json_option
@click.pass_obj
def show(start: Start, record_id: str, family: bool, pair_name: str, as_json: bool) -> None:
    """Timeline and fields of the record with this Salesforce or Zoho ID."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        found = uow.reports.lanes_of(record_id)
        history = History.read(uow, {bound.lane_id for bound in found})
        version = uow.pairs.state().mapping_version
    if not found:
        raise BadInput(
            "record.unknown", f"no record with the id {record_id} is known", status=404,
            advice="Check the id; `events list` shows what arrived, `first-load` makes all records known.",
        )  # fmt: skip
    chosen = None if family else {bound.binding_id for bound in found}
    stories = _stories(history, known_mapping(services, version), chosen)
    entries = timeline(history)
    document = {
        "record": record_id,
        "lanes": [_lane(lane) for lane in history.lanes],
        "fields": {str(member.binding_id): [asdict(s) for s in told] for member, told in stories},
        "timeline": [asdict(entry) for entry in entries],
        "dead_letters": [asdict(d) for d in history.letters],
        "exceptions": [asdict(c) for c in history.cases],
        "overrides": [asdict(o) for o in history.overrides],
    }
    tables = [_member_table(*one) for one in stories]
    emit(as_json, document, *tables, *_override_tables(history), _timeline_table(entries))


def known_mapping(services: Services, version: int) -> CompiledMapping | None:
    """The mapping by what is remembered of both systems, which may be away now; None before the first
    look.
    """
    try:
        return services.mappings.version(version)
    except Retryable:
        return None


def _stories(
    history: History, mapping: CompiledMapping | None, chosen: set[int] | None
) -> list[tuple[Member, list[FieldStory]]]:
    members = [member for lane in history.lanes for member in lane.members]
    shown = [m for m in members if chosen is None or m.binding_id in chosen]
    return [(member, field_stories(history, member, mapping)) for member in shown]


def _lane(lane: LaneState) -> dict[str, object]:
    members = [
        {
            "binding_id": m.binding_id,
            "entity": m.entity,
            "kind": m.kind,
            "state": m.state.value,
            "joined": m.joined,
            "how": m.how,
            "sides": {
                side.value: {
                    "entity": m.on(side).entity,
                    "record_id": m.on(side).record_id,
                    "existence": m.on(side).existence.value,
                    "in_scope": m.on(side).in_scope,
                    "scope_reason": m.on(side).scope_reason,
                    "waits_to_be_read": bool(m.on(side).dirty),
                }
                for side in Side
            },
        }
        for m in lane.members
    ]
    return {"lane_id": lane.id, "aggregate": lane.aggregate, "members": members}


def _member_table(member: Member, stories: list[FieldStory]) -> RenderableType:
    ids = " ↔ ".join(
        f"{side.value} {member.on(side).record_id or '-'} ({member.on(side).existence.value})"
        for side in Side
    )
    kind = f" ({member.kind})" if member.kind else ""
    title = f"{member.entity}{kind}, {member.state.value}: {ids}" + (f", {member.how}" if member.how else "")
    rows = [(s.name, s.salesforce, s.zoho, s.side, s.who, moment(s.when), s.rule, _rules(s)) for s in stories]
    columns = ("field", "Salesforce", "Zoho", "from", "who", "when", "decided by", "mapping rule")
    return table(title, columns, rows)


def _override_tables(history: History) -> list[RenderableType]:
    if not history.overrides:
        return []
    rows = [
        (o.id, o.field, shown(o.value), o.reason, o.author, moment(o.created_at), moment(o.until))
        for o in history.overrides
    ]
    columns = ("number", "field", "value", "reason", "author", "since", "until")
    return [table("Overrides", columns, rows)]


def _rules(story: FieldStory) -> str:
    return "; ".join(story.mapping.values())


def _timeline_table(entries: list[Entry]) -> RenderableType:
    if not entries:
        return Text("Nothing has happened to it yet.")
    rows = [(moment(e.at), e.what, e.side, e.text, e.correlation_id[-8:]) for e in entries]
    return table("Timeline", ("at", "what", "side", "", "correlation"), rows)
