"""Whether every record a person made stands on both sides exactly once, or something says why not.

Told by the marks that a history writes into its records, and without the product's bindings but for explaining.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from integration.canonical.outcome import BindingState
from integration.ports.reports import BindingRow
from tests.fakes.salesforce_org import Row
from tests.flows.histories import World
from tests.flows.line import Line


@dataclass(frozen=True)
class Standing:
    """A living record that carries a mark; `parent`: the customer a person belongs to.

    A record that was put away, or whose customer was, does not stand; nor does a Contact that came back from
    the recycle bin without its Account, whose customer is put away.
    """

    id: str
    is_active: bool
    parent: str = ""


@dataclass
class Marks:
    """Where each mark stands."""

    salesforce: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))
    zoho: dict[str, list[Standing]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, line: Line) -> Marks:
        """Look at both systems."""
        found = cls()
        for entity in ("Account", "Contact"):
            for row in line.salesforce.org.alive(entity):
                parent = _parent(row)
                head = line.salesforce.org.rows["Account", parent] if parent else row
                is_active = bool(head.fields["Is_Active__c"]) and not head.deleted
                one = Standing(row.record_id, is_active, parent)
                found.salesforce[_mark_of(row)].append(one)
        for contact in line.customers:
            for mark, one in _in_zoho(contact):
                found.zoho[mark].append(one)
        return found


def _parent(row: Row) -> str:
    return str(row.fields.get("AccountId") or "") if row.entity == "Contact" else ""


def _mark_of(row: Row) -> str:
    told = row.fields["Description"] if row.entity == "Account" else row.fields["Email"]
    return str(told).partition("@")[0]


def _in_zoho(contact: dict[str, Any]) -> Iterator[tuple[str, Standing]]:
    contact_id, is_active = contact["contact_id"], contact["status"] == "active"
    is_business = contact["customer_sub_type"] == "business"
    if is_business:
        yield contact["notes"], Standing(contact_id, is_active)
    for person in contact["contact_persons"]:
        mark = person["email"].partition("@")[0]
        if is_business:
            yield mark, Standing(person["contact_person_id"], is_active, contact_id)
        else:
            yield mark, Standing(contact_id, is_active)


def wrong_with(world: World) -> list[str]:
    """Every mark that is alone or double, with nothing that explains it."""
    marks, why = Marks.of(world.line), Reasons(world)
    wrong = []
    for mark in sorted({*marks.salesforce, *marks.zoho}):
        here, there = marks.salesforce[mark], marks.zoho[mark]
        up = [one for one in there if one.is_active]
        if len(here) > 1 and not why.named(here):
            wrong.append(f"{mark} stands {len(here)} times in Salesforce")
        if len(up) > 1 and not why.named(up):
            wrong.append(f"{mark} stands {len(up)} times in Zoho")
        if here and not there and not why.only_here(here[0]):
            wrong.append(f"{mark} stands in Salesforce only: {here[0]}")
        elif here and there and here[0].is_active and not up and not why.only_here(here[0]):
            wrong.append(f"{mark} is put away in Zoho only: {here[0]} {there}")
        if up and not here and not all(why.only_there(one) for one in up):
            wrong.append(f"{mark} stands in Zoho only: {up}")
    return wrong


class Reasons:
    """What there is to say about a record that is alone."""

    def __init__(self, world: World) -> None:
        self.world, line = world, world.line
        self.rows = line.bindings()
        cases = [*line.dead_letters(), *line.exceptions()]
        self.bindings = {case.binding_id for case in cases if case.binding_id}
        self.lanes = {case.lane_id for case in cases if case.lane_id and not case.binding_id}
        suggested = (one for case in line.exceptions() for one in case.suggestions)
        self.suggested = {str(one.get("record_id")) for one in suggested}

    def row(self, record_id: str) -> BindingRow | None:
        """The binding of a record."""
        return next((r for r in self.rows if record_id in (r.salesforce_id, r.zoho_id)), None)

    def named(self, ones: Sequence[Standing]) -> bool:
        """Whether an open case names one of them, or the customer it belongs to."""
        ids = {one.id for one in ones} | {one.parent for one in ones if one.parent}
        rows = [row for row in map(self.row, ids) if row is not None]
        return bool(ids & self.suggested) or any(
            r.binding_id in self.bindings or r.lane_id in self.lanes for r in rows
        )

    def only_here(self, one: Standing) -> bool:
        """Whether people deleted its partner in Zoho, or the customer it belongs to."""
        if self.named([one]):
            return True
        ids = [one.id, *([one.parent] if one.parent else [])]
        rows = [row for row in map(self.row, ids) if row is not None]
        return self.stamp(one) in self.world.unmade or any(row.zoho_id in self.world.unmade for row in rows)

    def stamp(self, one: Standing) -> str:
        """The partner a record in Salesforce had last; it is not bound to it any more when it moved."""
        rows = self.world.line.salesforce.org.rows
        return next((str(r.fields["Zoho_Id__c"]) for (_, record), r in rows.items() if record == one.id), "")

    def only_there(self, one: Standing) -> bool:
        """Whether people set it active again after its source was deleted."""
        if self.named([one]):
            return True
        customer = one.parent or one.id
        row = self.row(customer)
        is_over = row is not None and row.state in (BindingState.TOMBSTONE, BindingState.ALIAS)
        return is_over and customer in self.world.revived
