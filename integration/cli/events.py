"""`events` and `audit`: what arrived and what became of it, and whether the log is whole."""

from __future__ import annotations

import click

from integration.canonical.outcome import Outcome
from integration.cli.opening import open_pair, pair_option
from integration.cli.output import emit, moment, table
from integration.cli.program import FAILED, Program, Start, json_option, main
from integration.ports import StoredEvent


@main.group(cls=Program)
def events() -> None:
    """What arrived from either side, and what became of it."""


@events.command("list")
@click.option("--open", "only_open", is_flag=True, help="Only events without an outcome yet.")
@click.option("--outcome", type=click.Choice([o.value for o in Outcome]), help="Only events that ended so.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--before", type=click.IntRange(1), help="Only events older than this number, for paging.")
@pair_option
@json_option
@click.pass_obj
def list_events(
    start: Start,
    only_open: bool,
    outcome: str | None,
    limit: int,
    before: int | None,
    pair_name: str,
    as_json: bool,
) -> None:
    """The newest events, with how each one ended and why."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        found = uow.reports.recent_events(
            limit, before=before or 0, only_open=only_open, outcome=outcome or ""
        )
        counts = uow.inbox.outcomes()
    rows = [
        (e.id, moment(e.received_at), e.event.side.value, e.event.channel.value, e.event.kind.value,
         f"{e.event.entity} {e.event.record_id}", standing_of(e), e.reason)
        for e in found
    ]  # fmt: skip
    columns = ("event", "received", "side", "by", "kind", "record", "became", "why")
    total = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    document = {"events": [event_document(e) for e in found], "counts": counts}
    emit(as_json, document, table("", columns, rows), f"All events: {total or 'none yet'}")


def standing_of(event: StoredEvent) -> str:
    """The outcome of an event, or where it stands."""
    return event.outcome.value if event.outcome is not None else event.state.value


def event_document(event: StoredEvent) -> dict[str, object]:
    """An event for programs, without the body that arrived."""
    arrived = event.event
    return {
        "id": event.id,
        "correlation_id": event.correlation_id,
        "received_at": event.received_at,
        "side": arrived.side.value,
        "channel": arrived.channel.value,
        "kind": arrived.kind.value,
        "entity": arrived.entity,
        "record_id": arrived.record_id,
        "at": arrived.at,
        "author": arrived.author,
        "origin": arrived.origin,
        "seen": event.seen,
        "state": event.state.value,
        "outcome": event.outcome.value if event.outcome is not None else None,
        "reason": event.reason,
        "lane_id": event.lane_id,
        "binding_id": event.binding_id,
        "write_id": event.write_id,
        "detail": dict(event.detail),
    }


@main.group(cls=Program)
def audit() -> None:
    """The log of everything that was decided and written."""


@audit.command("verify")
@pair_option
@json_option
@click.pass_context
def verify(ctx: click.Context, pair_name: str, as_json: bool) -> None:
    """Recompute the chain over the audit log; exit code 1 when a row was changed or is missing."""
    services = open_pair(ctx.obj, pair_name).services
    with services.stores.begin(services.pair_id, "audit.seal") as uow:
        while uow.audit.seal(1_000):
            pass
    with services.stores.reading(services.pair_id) as uow:
        rows, fault = uow.audit.verify()
    text = f"{rows} rows checked: {fault or 'the log is whole'}."
    emit(as_json, {"rows": rows, "fault": fault, "whole": not fault}, text)
    if fault:
        ctx.exit(FAILED)
