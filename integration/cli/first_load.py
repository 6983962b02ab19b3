"""`first-load`: know every record of both organisations once, join what is the same, and say what would be
written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

import click
from rich.console import Console, RenderableType
from rich.status import Status

from integration.canonical.outcome import BindingState, Mode, Operation
from integration.canonical.values import Json, Side, encode_value
from integration.cli.opening import open_pair, pair_option
from integration.cli.output import emit, table
from integration.cli.program import Start, json_option, main
from integration.errors import BadInput, Fault, Retryable, Throttled
from integration.flows.census import complete_census, take_census
from integration.flows.reading import read_dirty
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.policy.state import LaneState, Write
from integration.ports.services import Services

PAGE = 200
LONGEST_PAUSE = 2.0


@main.command("first-load")
@click.option("--plan", is_flag=True, help="Send nothing; list every value that would be written.")
@click.option("--limit", type=click.IntRange(1), default=200, show_default=True, help="Most writes shown.")
@click.option("--patience", type=click.FloatRange(1), default=3_600.0, show_default=True, metavar="SECONDS")
@pair_option
@json_option
@click.pass_obj
def first_load(start: Start, plan: bool, limit: int, patience: float, pair_name: str, as_json: bool) -> None:
    """Make all records of both organisations known and join what is the same.

    A direction that is `live` is written to by the workers as soon as its records are joined; with --plan
    both directions must be in mode `observe`, and everything that would be written is listed first.
    """
    services = open_pair(start, pair_name).prepared()
    if plan:
        _require_observe(services)
    with Console(stderr=True).status("listing both organisations") as status:
        counted = take_census(services, lambda side, entity, seen: _tell(status, side, entity, seen))
        work_until_planned(services, patience, status.update)
    found = read_plan(services)
    document = {
        "records": {"salesforce": counted.salesforce, "zoho": counted.zoho},
        **found.to_json(whole=plan),
    }
    emit(as_json, document, *_shown(found, limit if plan else 0))


@dataclass
class Plan:
    """What the first load came to: customers by how they stand, and what would be written."""

    customers: Counter[str] = field(default_factory=Counter)
    writes: list[dict[str, Json]] = field(default_factory=list)

    def to_json(self, *, whole: bool) -> dict[str, object]:
        """For programs; `whole` with every write."""
        counts = Counter(f"{w['operation']} in {w['side']}" for w in self.writes)
        told: dict[str, object] = {"customers": dict(self.customers), "planned": dict(counts)}
        return told | ({"writes": self.writes} if whole else {})


def work_until_planned(services: Services, patience: float, tell: Callable[[str], None]) -> None:
    """Route, read, decide and validate here until nothing is left of it; workers may do the same meanwhile.

    Raises Retryable when it takes longer than `patience` seconds.
    """
    ends, pause = monotonic() + patience, Event()
    while True:
        done, wait = _work_once(services)
        with services.stores.reading(services.pair_id) as uow:
            depths = uow.reports.depths()
        left = {name: depths.get(name, 0) for name in ("received", "ready", "dirty", "planned")}
        tell("joining: " + ", ".join(f"{name} {count}" for name, count in left.items()))
        if not done and not any(left.values()):
            if not complete_census(services):
                return
            continue
        if monotonic() > ends:
            raise Retryable(
                "first_load.patience",
                f"not finished within {patience:g} s",
                advice="Run the command again: it goes on where it stopped. --patience waits longer.",
                evidence=dict(left),
            )
        if not done:
            pause.wait(wait)


def _work_once(services: Services) -> tuple[int, float]:
    """One round of each stage; a stage that meets a limit or a lost race is tried again after a while."""
    done, wait = 0, 0.2
    for stage in (transform, read_dirty, validate):
        try:
            done += stage(services)
        except Throttled as fault:
            wait = min(max(wait, fault.seconds), LONGEST_PAUSE)
        except Fault as fault:
            if not isinstance(fault, Retryable):
                raise
            wait = LONGEST_PAUSE
    return done, wait


def read_plan(services: Services) -> Plan:
    """Everything decided and not sent yet, lane by lane."""
    plan = Plan()
    with services.stores.reading(services.pair_id) as uow:
        ids = sorted(uow.lanes.all_ids())
        asked = {c.lane_id for c in uow.cases.exceptions(limit=100_000)}
    for first in range(0, len(ids), PAGE):
        with services.stores.reading(services.pair_id) as uow:
            lanes = uow.lanes.load(ids[first : first + PAGE])
        for lane in lanes.values():
            plan.customers[_standing(lane, asked=lane.id in asked)] += 1
            plan.writes += [_told(lane, write) for write in lane.waiting.values()]
    return plan


def _standing(lane: LaneState, *, asked: bool) -> str:
    root = lane.root
    if asked:
        return "a person is asked"
    if root.state is BindingState.ACTIVE:
        return "on both sides"
    if root.state in (BindingState.ALIAS, BindingState.TOMBSTONE):
        return "put away"
    if any(state.record_id and not state.in_scope for state in root.sides.values()):
        return "out of scope"
    here = next((side for side in Side if root.on(side).record_id), None)
    return f"only in {here.value}" if here else "unknown"


def _told(lane: LaneState, write: Write) -> dict[str, Json]:
    """A planned write; a look-up stands for the record that will be made when it finds nothing."""
    member = lane.member(write.binding_id)
    look_up = write.operation is Operation.FIND
    source = member.on(write.side.other) if member is not None else None
    there = member.on(write.side) if member is not None else None
    values = {name: c.value for name, c in source.cells.items()} if look_up and source else write.values
    return {
        "lane": lane.id,
        "binding": write.binding_id,
        "side": write.side.value,
        "operation": "create (after a look-up)" if look_up else write.operation.value,
        "entity": write.entity,
        "record_id": write.record_id,
        "for": source.record_id if source else "",
        "how": member.how if member is not None else "",
        "fields": {
            name: {
                "now": encode_value(there.cells[name].value) if there and name in there.cells else None,
                "then": encode_value(value),
            }
            for name, value in sorted(values.items())
        },
    }


def _require_observe(services: Services) -> None:
    with services.stores.reading(services.pair_id) as uow:
        modes = uow.pairs.state().modes
    live = [side.value for side, mode in modes.items() if mode is Mode.LIVE]
    if live:
        raise BadInput(
            "first_load.live",
            f"writing to {' and '.join(live)} is live, so it would not stay a plan",
            advice="Set `pair mode <pair> both observe` first.",
        )


def _tell(status: Status, side: Side, entity: str, seen: int) -> None:
    status.update(f"listing {side.value} {entity}: {seen}")


def _shown(plan: Plan, limit: int) -> Sequence[RenderableType]:
    counts = Counter(f"{w['operation']} in {w['side']}" for w in plan.writes)
    parts: list[RenderableType] = [
        table("Customers", ("standing", "how many"), sorted(plan.customers.items())),
        table("Would be written first", ("what", "how many"), sorted(counts.items())),
    ]
    if limit:
        rows = [row for write in plan.writes[:limit] for row in _rows(write)]
        columns = ("side", "operation", "record", "field", "now", "then")
        parts.append(table("The writes", columns, rows))
    if limit and len(plan.writes) > limit:
        parts.append(f"… and {len(plan.writes) - limit} more; --limit or --json shows them.")
    return parts


def _rows(write: dict[str, Json]) -> list[tuple[object, ...]]:
    fields = write["fields"] if isinstance(write["fields"], dict) else {}
    head = (
        write["side"],
        write["operation"],
        f"{write['entity']} {write['record_id'] or 'for ' + str(write['for'])}",
    )
    return [
        (*(head if number == 0 else (" ", " ", " ")), name, *(_now_then(told)))
        for number, (name, told) in enumerate(fields.items())
    ] or [(*head, "", "", "")]


def _now_then(told: Json) -> tuple[Json, Json]:
    return (told["now"], told["then"]) if isinstance(told, dict) else (None, None)
