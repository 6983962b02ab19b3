"""What people, the two systems and bad luck do to a line, one step after another, as a history that can be told
again: a step is a name and two numbers, which choose among what there is when the step comes.

Every record that a person makes carries a mark of its own in a field nobody edits (`marks.py` looks for it).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from integration.canonical.event import ArrivedEvent
from integration.errors import Fault, Retryable
from integration.flows.census import sweep_ids
from tests.crash.crashing import Crash, Place, Places
from tests.fakes.calls import Calls
from tests.fakes.salesforce_org import Row
from tests.flows.line import Line

Item = TypeVar("Item")
Step = tuple[str, int, int]

MOST_PLACES = 8
"""A crash comes at one of the first places that a round of work passes."""
PAUSES_MS = (100, 900, 3_000, 15_000, 70_000)


@dataclass
class World:
    """A line with what a history did to it.

    `unmade` are ids of Zoho records that people deleted there; `revived` those they set active again; `typed` is
    what was typed, newest last: (mark, field, value).
    """

    line: Line
    late: list[ArrivedEvent] = field(default_factory=list)
    unmade: set[str] = field(default_factory=set)
    revived: set[str] = field(default_factory=set)
    number: int = 0

    def play(self, steps: Sequence[Step]) -> None:
        """Let it all happen; what a system refuses its people does not happen."""
        for name, first, second in steps:
            try:
                ACTIONS[name](self, first, second)
            except Fault:
                continue
            finally:
                self.line.clock.advance(50)

    def end(self) -> None:
        """No more bad luck: what is late arrives, the regular scans run, and everything comes to rest."""
        line = self.line
        line.salesforce.calls.spoilt.clear()
        line.zoho.calls.spoilt.clear()
        line.receive(self.late)
        self.late.clear()
        for _ in range(2):
            line.settle()
            line.clock.advance(130_000)
            line.poll()
            sweep_ids(line.services)
        line.settle()

    def following(self) -> int:
        """A number nothing has had yet."""
        self.number += 1
        return self.number

    # ------------------------------------------------------------- who there is

    def rows(self, entity: str, *, deleted: bool = False) -> list[Row]:
        """Records of Salesforce, living or in the recycle bin."""
        found = [r for (name, _), r in self.line.salesforce.org.rows.items() if name == entity]
        return sorted((r for r in found if r.deleted is deleted), key=lambda row: row.record_id)

    def persons(self) -> list[dict[str, Any]]:
        """Persons of business customers in Zoho."""
        return [
            person
            for contact in self.line.customers
            if contact["customer_sub_type"] == "business"
            for person in contact["contact_persons"]
        ]


def one_of(items: Sequence[Item], number: int) -> Item:
    """The item a number chooses. Raises Fault when there is none."""
    if not items:
        raise Retryable("history.nobody", "there is nobody to do that to")
    return items[number % len(items)]


# ----------------------------------------------------------------- people in Salesforce


def account(world: World, _first: int, _second: int) -> None:
    number = world.following()
    world.line.account(f"Mill {number} Ltd", Description=f"m{number}")


def contact(world: World, first: int, _second: int) -> None:
    number = world.following()
    parents = ["", *(row.record_id for row in world.rows("Account"))]
    parent = one_of(parents, first)
    world.line.contact(f"Ferry{number}", parent, FirstName="Ann", Email=f"m{number}@ferry.example")


def edit_account(world: World, first: int, second: int) -> None:
    name = ("Phone", "BillingCity", "Website", "Name")[second % 4]
    number = world.following()
    value = {"Phone": f"+44 20 7946 {number:04}", "Website": f"https://w{number}.example"}.get(
        name, f"V{number}"
    )
    world.line.salesforce.org.edit("Account", {name: value}, one_of(world.rows("Account"), first).record_id)


def edit_contact(world: World, first: int, second: int) -> None:
    name = ("Phone", "MobilePhone", "LastName")[second % 3]
    number = world.following()
    value = f"V{number}" if name == "LastName" else f"+44 20 7946 {number:04}"
    world.line.salesforce.org.edit("Contact", {name: value}, one_of(world.rows("Contact"), first).record_id)


def switch_account(world: World, first: int, _second: int) -> None:
    row = one_of(world.rows("Account"), first)
    world.line.salesforce.org.edit("Account", {"Is_Active__c": not row.fields["Is_Active__c"]}, row.record_id)


def move(world: World, first: int, second: int) -> None:
    parents = [None, *(row.record_id for row in world.rows("Account"))]
    row = one_of(world.rows("Contact"), first)
    world.line.salesforce.org.edit("Contact", {"AccountId": one_of(parents, second)}, row.record_id)


def delete(world: World, first: int, second: int) -> None:
    entity = ("Account", "Contact")[second % 2]
    world.line.salesforce.org.delete(entity, one_of(world.rows(entity), first).record_id)


def undelete(world: World, first: int, _second: int) -> None:
    deleted = [row for entity in ("Account", "Contact") for row in world.rows(entity, deleted=True)]
    row = one_of([row for row in deleted if row.deleted_with == row.record_id], first)
    world.line.salesforce.org.undelete(row.entity, row.record_id)


def merge(world: World, first: int, second: int) -> None:
    rows = [row for entity in ("Account", "Contact") for row in world.rows(entity)]
    loser = one_of(rows, first)
    winner = one_of([row for row in rows if row.entity == loser.entity and row is not loser], second)
    world.line.salesforce.org.merge(loser.entity, winner.record_id, loser.record_id)


# ----------------------------------------------------------------- people in Zoho


def customer(world: World, first: int, _second: int) -> None:
    number = world.following()
    if first % 3 == 0:
        person = {"first_name": "Bo", "last_name": f"Quay{number}", "email": f"m{number}@quay.example"}
        kind: dict[str, Any] = {"customer_sub_type": "individual", "contact_persons": [person]}
        world.line.customer(f"Bo Quay{number}", **kind)
        return
    persons = [
        {"first_name": "Bo", "last_name": f"Quay{one}", "email": f"m{one}@quay.example"}
        for one in (world.following() for _ in range(first % 3 - 1))
    ]
    world.line.customer(f"Kiln {number} Ltd", notes=f"m{number}", contact_persons=persons)


def edit_customer(world: World, first: int, second: int) -> None:
    number, chosen = world.following(), one_of(world.line.customers, first)
    if chosen["customer_sub_type"] == "individual":
        body: dict[str, Any] = {"billing_address": {"city": f"V{number}"}}
    else:
        body = (
            {"billing_address": {"city": f"V{number}"}},
            {"website": f"https://w{number}.example"},
            {"contact_name": f"V{number}"},
        )[second % 3]
    world.line.zoho.book.save(body, chosen["contact_id"])


def switch_customer(world: World, first: int, _second: int) -> None:
    chosen = one_of(world.line.customers, first)
    status = "inactive" if chosen["status"] == "active" else "active"
    world.line.zoho.book.set_status(chosen["contact_id"], status)
    if status == "active":
        world.revived.add(chosen["contact_id"])


def delete_customer(world: World, first: int, _second: int) -> None:
    chosen = one_of(world.line.customers, first)
    world.line.zoho.book.delete(chosen["contact_id"])
    world.unmade |= {chosen["contact_id"], *(p["contact_person_id"] for p in chosen["contact_persons"])}


def add_person(world: World, first: int, _second: int) -> None:
    number = world.following()
    chosen = one_of([c for c in world.line.customers if c["customer_sub_type"] == "business"], first)
    person = {"first_name": "Cy", "last_name": f"Weir{number}", "email": f"m{number}@weir.example"}
    world.line.zoho.book.add_person(chosen["contact_id"], person)


def edit_person(world: World, first: int, second: int) -> None:
    chosen, number = one_of(world.persons(), first), world.following()
    body = ({"phone": f"+44 20 7946 {number:04}"}, {"last_name": f"V{number}"}, {"is_primary_contact": True})
    world.line.zoho.book.change_person(chosen["contact_person_id"], body[second % 3])


def delete_person(world: World, first: int, _second: int) -> None:
    chosen = one_of(world.persons(), first)
    world.line.zoho.book.delete_person(chosen["contact_person_id"])
    world.unmade.add(chosen["contact_person_id"])


# ----------------------------------------------------------------- the product, and luck


def listen(world: World, _first: int, _second: int) -> None:
    world.line.listen()


def receive(world: World, first: int, _second: int) -> None:
    hooks = world.line.take_hooks()
    world.line.receive(hooks * (1 + first % 2))


def hold_back(world: World, _first: int, _second: int) -> None:
    world.late += world.line.take_hooks()


def bring_late(world: World, first: int, _second: int) -> None:
    Random(first).shuffle(world.late)
    world.line.receive(world.late)
    world.late.clear()


def lose(world: World, _first: int, _second: int) -> None:
    world.line.take_hooks()


def work(world: World, first: int, _second: int) -> None:
    for _ in range(1 + first % 3):
        world.line.work()


def hear_and_work(world: World, _first: int, _second: int) -> None:
    world.line.listen()
    world.line.receive()
    world.line.work()


def settle(world: World, _first: int, _second: int) -> None:
    world.line.settle()


def poll(world: World, _first: int, _second: int) -> None:
    world.line.poll()


def nightly(world: World, _first: int, _second: int) -> None:
    sweep_ids(world.line.services)


def wait(world: World, first: int, _second: int) -> None:
    world.line.clock.advance(one_of(PAUSES_MS, first))


def spoil(world: World, first: int, second: int) -> None:
    """The next call of a kind goes wrong: it never arrives, its answer is lost, or it is turned away."""
    calls: Calls = one_of((world.line.salesforce.calls, world.line.zoho.calls), first)
    kind = one_of(("write", "write", "read", "find"), second)
    if second % 3 == 0:
        calls.lose_request(kind)  # type: ignore[arg-type]
    elif second % 3 == 1:
        calls.lose_answer(kind)  # type: ignore[arg-type]
    else:
        calls.spoil(Retryable("network.away", "try again"), kind)  # type: ignore[arg-type]


def crash(world: World, first: int, _second: int) -> None:
    """A round of work dies at one of its places."""
    line, places = world.line, Places()

    def passing(place: Place) -> None:
        if len(places.passed) > first % MOST_PLACES:
            places.target = place

    places.passing = passing
    line.watch = places.watch
    try:
        line.work()
    except Crash:
        pass
    finally:
        line.watch = lambda services: services


Action = Callable[[World, int, int], None]
WEIGHTS: dict[Action, int] = {
    account: 3, contact: 5, edit_account: 3, edit_contact: 4, switch_account: 1, move: 6, delete: 4, undelete: 4,
    merge: 5, customer: 3, edit_customer: 3, switch_customer: 1, delete_customer: 1, add_person: 3, edit_person: 3,
    delete_person: 2, listen: 3, receive: 3, hold_back: 2, bring_late: 2, lose: 1, work: 8, hear_and_work: 12,
    settle: 3, poll: 2, nightly: 1, wait: 4, spoil: 4, crash: 3,
}  # fmt: skip
ACTIONS: dict[str, Action] = {action.__name__: action for action in WEIGHTS}


def history(seed: int, length: int) -> list[Step]:
    """A history by chance, always the same for a seed."""
    chance, names = Random(seed), list(ACTIONS)
    chosen = chance.choices(names, list(WEIGHTS.values()), k=length)
    return [(name, chance.randrange(60), chance.randrange(60)) for name in chosen]
