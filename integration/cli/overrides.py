"""`overrides`: what people corrected field by field, over what both systems say."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

import click

from integration.cli.cases import AFTER, LIMIT
from integration.cli.opening import author_option, open_pair, pair_option
from integration.cli.output import emit, moment, shown, table
from integration.cli.program import Program, Start, json_option, main
from integration.flows import overrides as flow
from integration.ports import Override, UnitOfWork


@main.group(cls=Program)
def overrides() -> None:
    """Corrections by hand: a field is what a person says, until a time or until the override is ended."""


@overrides.command("set")
@click.argument("record_id", metavar="ID")
@click.argument("field", metavar="FIELD")
@click.argument("value", default="")
@click.option("--empty", is_flag=True, help="The field is to be empty.")
@click.option("--reason", required=True, help="Why; kept with the record.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="When it ends by itself (UTC); without it somebody has to end it.",
)  # fmt: skip
@author_option
@pair_option
@json_option
@click.pass_obj
def set_one(
    start: Start,
    record_id: str,
    field: str,
    value: str,
    empty: bool,
    reason: str,
    until: datetime | None,
    author: str,
    pair_name: str,
    as_json: bool,
) -> None:
    """Say what FIELD of the record with this Salesforce or Zoho ID is, by its name in `record show`.

    Both sides get the VALUE, and what was given up for the record is tried again with it.
    """
    if bool(value) == empty:
        raise click.UsageError("Give a VALUE, or --empty.")
    services = open_pair(start, pair_name).services
    ends = round(until.replace(tzinfo=UTC).timestamp() * 1000) if until else None
    number = flow.set_override(services, flow.Correction(record_id, field, value, reason, author, ends))
    document = {"override": number, "record": record_id, "field": field, "until": ends, "author": author}
    emit(as_json, document, f"Override {number} stands; `record show {record_id}` tells how it goes.")


@overrides.command("list")
@click.option("--ended", is_flag=True, help="Those that ended, instead of those that stand.")
@LIMIT
@AFTER
@pair_option
@json_option
@click.pass_obj
def list_all(start: Start, ended: bool, limit: int, after: int, pair_name: str, as_json: bool) -> None:
    """Overrides in order of their number."""
    services = open_pair(start, pair_name).services
    with services.stores.reading(services.pair_id) as uow:
        found = uow.overrides.page(standing=not ended, limit=limit, after=after)
        documents = [{**asdict(one), "records": _records(uow, one)} for one in found]
    rows = [
        (one.id, *told["records"].values(), one.field, shown(one.value), one.reason, one.author,
         moment(one.created_at), moment(one.ended_at or one.until))
        for one, told in zip(found, documents, strict=True)
    ]  # fmt: skip
    columns = ("number", "Salesforce", "Zoho", "field", "value", "reason", "author", "since", "until")
    emit(as_json, {"overrides": documents}, table("", columns, rows), f"{len(found) or 'None'} found.")


@overrides.command("end")
@click.argument("number", type=int)
@click.option("--reason", default="", help="Why; kept in the audit.")
@author_option
@pair_option
@json_option
@click.pass_obj
def end_one(start: Start, number: int, reason: str, author: str, pair_name: str, as_json: bool) -> None:
    """End an override: what the two systems say counts again."""
    services = open_pair(start, pair_name).services
    lane = flow.end_override(services, number, author, reason)
    text = f"Override {number} has ended; its record is worked on now."
    emit(as_json, {"ended": number, "lane_id": lane, "author": author}, text)


def _records(uow: UnitOfWork, override: Override) -> dict[str, str]:
    """The ids of the record on both sides."""
    known = uow.reports.binding(override.binding_id)
    return {
        "salesforce": known.salesforce_id if known else "",
        "zoho": known.zoho_id if known else "",
    }
