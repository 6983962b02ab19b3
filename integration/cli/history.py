"""The history of one aggregate over both systems: what arrived, was decided, was written, and from whom each
value came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integration.canonical.values import Json, Side, encode_value
from integration.mapping import CompiledMapping
from integration.policy.state import LaneState, Member
from integration.ports import DeadLetter, ExceptionCase, Override, StoredEvent, UnitOfWork
from integration.ports.reports import OutboxRow

MOST_CASES = 100_000
LETTER_STATES = ("open", "replayed", "discarded", "superseded")
CASE_STATES = ("open", "resolved", "superseded")


@dataclass
class History:
    """Everything the store knows of the lanes of one record."""

    lanes: list[LaneState]
    events: list[StoredEvent]
    writes: list[OutboxRow]
    changes: list[dict[str, Json]]
    audit: list[dict[str, Json]]
    letters: list[DeadLetter]
    cases: list[ExceptionCase]
    overrides: list[Override] = field(default_factory=list)

    @classmethod
    def read(cls, uow: UnitOfWork, lane_ids: Iterable[int]) -> History:
        """One look at everything, in one unit of work."""
        ids = set(lane_ids)
        lanes = list(uow.lanes.load(ids).values())
        return cls(
            lanes=lanes,
            overrides=uow.overrides.of([m.binding_id for lane in lanes for m in lane.members]),
            events=uow.reports.events(ids),
            writes=uow.reports.writes(ids),
            changes=uow.reports.decisions(ids),
            audit=uow.audit.timeline(ids),
            letters=[
                d
                for state in LETTER_STATES
                for d in uow.cases.dead_letters(state, MOST_CASES)
                if d.lane_id in ids
            ],
            cases=[
                c
                for state in CASE_STATES
                for c in uow.cases.exceptions(state, MOST_CASES)
                if c.lane_id in ids
            ],
        )


@dataclass(frozen=True)
class Entry:
    """One line of the timeline; `at` in epoch milliseconds."""

    at: int
    what: str
    side: str
    text: str
    correlation_id: str = ""


@dataclass(frozen=True)
class FieldStory:
    """One canonical field of one member: what stands on either side, who said so, when, by which rule.

    `mapping` names the mapping rules that carry it, per side.
    """

    name: str
    salesforce: Json
    zoho: Json
    agreed: Json
    side: str
    who: str
    when: int
    rule: str
    mapping: dict[str, str] = field(default_factory=dict)


def timeline(history: History) -> list[Entry]:
    """Everything that happened, oldest first."""
    entries = [_event(e) for e in history.events]
    entries += [_change(c) for c in history.changes]
    entries += [entry for row in history.writes for entry in _write(row)]
    entries += [
        _audit(row) for row in history.audit if row["kind"] not in ("written", "dead letter", "exception")
    ]
    entries += [
        Entry(d.created_at, f"dead letter {d.id}", d.side, f"{d.code}: {d.text} ({d.state})")
        for d in history.letters
    ]
    entries += [
        Entry(c.created_at, f"exception {c.id}", "", f"{c.kind}: {c.text} ({c.state})") for c in history.cases
    ]
    return sorted(entries, key=lambda entry: entry.at)


def field_stories(history: History, member: Member, mapping: CompiledMapping | None) -> list[FieldStory]:
    """The fields of a member in order of name; without a mapping the rules' names are left out."""
    names = {name for side in Side for name in member.on(side).cells} | {*member.base, *member.overrides}
    return [_story(history, member, mapping, name) for name in sorted(names)]


def _story(history: History, member: Member, mapping: CompiledMapping | None, name: str) -> FieldStory:
    decision, decided_at = _last_decision(history.changes, member.binding_id, name)
    said = str(decision.get("from") or "")
    source = _last_event(history.events, member.binding_id, name, said)
    cells = {side: member.on(side).cells.get(name) for side in Side}
    override = next(
        (o for o in history.overrides if (o.binding_id, o.field) == (member.binding_id, name)), None
    )
    known = [cell.position.at for cell in cells.values() if cell is not None]
    return FieldStory(
        name=name,
        salesforce=_shown(cells[Side.SALESFORCE]),
        zoho=_shown(cells[Side.ZOHO]),
        agreed=encode_value(member.base[name]) if name in member.base else None,
        side=said or (source.event.side.value if source else ""),
        who=_who(source, override),
        when=override.created_at
        if override
        else source.event.at
        if source
        else decided_at or max(known, default=0),
        rule="override" if override else str(decision.get("rule") or "as found"),
        mapping=_rules(mapping, member, name) if mapping is not None else {},
    )


def _shown(cell: object) -> Json:
    value = getattr(cell, "value", None)
    return encode_value(value)


def _last_decision(
    changes: Sequence[Mapping[str, Json]], binding_id: int, name: str
) -> tuple[Mapping[str, Json], int]:
    for change in reversed(changes):
        decisions = change["decisions"]
        for told in decisions if isinstance(decisions, list) else ():
            if isinstance(told, dict) and told.get("binding") == binding_id and told.get("field") == name:
                at = change["created_at"]
                return told, at if isinstance(at, int) else 0
    return {}, 0


def _last_event(events: Sequence[StoredEvent], binding_id: int, name: str, side: str) -> StoredEvent | None:
    for event in reversed(events):
        changed = event.detail.get("changed")
        if (
            isinstance(changed, list)
            and name in changed
            and event.binding_id == binding_id
            and side in ("", event.event.side.value)
        ):
            return event
    return None


def _who(source: StoredEvent | None, override: Override | None) -> str:
    if override is not None:
        return f"{override.author} (override {override.id})"
    if source is None:
        return "stood there at first contact"
    event = source.event
    return event.author or event.origin or f"somebody in {event.side.value} (told by {event.channel.value})"


def _rules(mapping: CompiledMapping, member: Member, name: str) -> dict[str, str]:
    """`side → record/rule` of the mapping rules that carry the field."""
    found: dict[str, str] = {}
    for record in mapping.records:
        for role in record.roles:
            if role.canonical != member.entity or role.kind not in ("", member.kind):
                continue
            ids = [rule.id for rule in role.rules if name in rule.canonical]
            if ids:
                found[record.side.value] = f"{record.name}/{', '.join(ids)}"
    return found


def _event(stored: StoredEvent) -> Entry:
    event = stored.event
    became = stored.outcome.value if stored.outcome else stored.state.value
    changed = stored.detail.get("changed")
    fields = f"; fields: {', '.join(map(str, changed))}" if isinstance(changed, list) and changed else ""
    by = f" by {event.author or event.origin}" if event.author or event.origin else ""
    why = f" ({stored.reason})" if stored.reason else ""
    text = f"{event.kind.value} of {event.entity} {event.record_id} by {event.channel.value}{by}"
    end = f": {became}{why}{fields}"
    return Entry(
        stored.received_at, f"event {stored.id}", event.side.value, text + end, stored.correlation_id
    )


def _change(change: Mapping[str, Json]) -> Entry:
    parts = []
    decisions = change["decisions"]
    for told in decisions if isinstance(decisions, list) else ():
        if isinstance(told, dict):
            lost = f", over {told['lost']!r}" if told.get("conflict") else ""
            parts.append(f"{told['field']} from {told['from'] or 'both'} by {told['rule']}{lost}")
    at = change["created_at"]
    text = "; ".join(parts) or _steps(change["steps"])
    return Entry(
        at if isinstance(at, int) else 0, f"change {change['id']}", "", text, str(change["correlation_id"])
    )


def _steps(steps: Json) -> str:
    told = (
        [f"{s['operation']} in {s['side']}" for s in steps if isinstance(s, dict)]
        if isinstance(steps, list)
        else []
    )
    return ", ".join(told) or "nothing to do"


def _write(row: OutboxRow) -> Iterable[Entry]:
    write = row.write
    fields = f": {', '.join(sorted(write.values))}" if write.values else ""
    what = f"{write.operation.value} {write.entity} {write.record_id}".strip() + fields
    end = f"{row.state}{f' ({row.code})' if row.code else ''}"
    side, correlation = write.side.value, write.correlation_id
    if row.sent_at:
        yield Entry(row.sent_at, f"write {write.id}", side, f"sent {what}, try {write.attempts}", correlation)
    else:
        yield Entry(row.created_at, f"write {write.id}", side, f"{what}: {row.state}", correlation)
    if row.ended_at:
        yield Entry(row.ended_at, f"write {write.id}", side, f"{end} {what}", correlation)


def _audit(row: Mapping[str, Json]) -> Entry:
    detail = row["detail"] if isinstance(row["detail"], dict) else {}
    text = ", ".join(f"{name} {value}" for name, value in detail.items())
    at = row["at"]
    return Entry(
        at if isinstance(at, int) else 0, str(row["kind"]), str(detail.get("side", "")), text,
        str(row["correlation_id"]),
    )  # fmt: skip
