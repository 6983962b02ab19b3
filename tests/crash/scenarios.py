"""What happens in the world while processes die: each scenario has a beginning and a deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from integration.errors import Retryable
from tests.flows.line import Line
from tests.flows.people import family, individual, joined, persons

Deed = Callable[[Line], None]


def nothing(_line: Line) -> None:
    """No beginning."""


@dataclass(frozen=True)
class Scenario:
    """`before` comes to rest, then `deed` is done, and its work is where processes die."""

    name: str
    deed: Deed
    before: Deed = nothing
    options: dict[str, Any] = field(default_factory=dict)
    is_variant: bool = False
    """Passes the places of another one but for the road of one decision; played when there is time."""

    def begin(self, line: Line) -> Line:
        """The moment after the deed."""
        self.before(line)
        self.deed(line)
        return line


def account_with_contact(line: Line) -> None:
    account = line.account(Phone="+44 20 7946 0001", BillingCity="Hull")
    line.contact("Ferry", account, FirstName="Ann", Email="ann@mills.example")


def customer_with_persons(line: Line) -> None:
    line.customer(
        billing_address={"phone": "+44 20 7946 0001", "city": "Hull"},
        contact_persons=[
            {"first_name": "Ann", "last_name": "Ferry", "email": "ann@mills.example"},
            {"first_name": "Bo", "last_name": "Sample"},
        ],
    )


def both(line: Line) -> None:
    """The same customer appears on both sides at once."""
    account_with_contact(line)
    customer_with_persons(line)


def hidden_customer(line: Line) -> None:
    """A customer whose webhook is lost: only a search finds it."""
    customer_with_persons(line)
    line.take_hooks()
    account_with_contact(line)


def hidden_account(line: Line) -> None:
    """An Account nobody told of: only a search finds it."""
    account_with_contact(line)
    line.salesforce.org.log.clear()
    customer_with_persons(line)


def hidden_copy(line: Line) -> None:
    """A customer that carries our key although we do not know it, as after a restored database."""
    account = line.account()
    line.customer("Some other name", custom_fields=[{"api_name": "cf_salesforce_id", "value": account}])
    line.take_hooks()


def told_copy(line: Line) -> None:
    """The same, and the customer is told of first."""
    account = line.account()
    line.customer("Some other name", custom_fields=[{"api_name": "cf_salesforce_id", "value": account}])


def lost_answer_to_zoho(line: Line) -> None:
    line.zoho.calls.lose_answer("write", "create contact")
    account_with_contact(line)


def lost_request_to_zoho(line: Line) -> None:
    line.zoho.calls.lose_request("write", "create contact")
    account_with_contact(line)


def lost_answer_to_salesforce(line: Line) -> None:
    line.salesforce.calls.lose_answer("write", "create Account")
    customer_with_persons(line)


def trouble(line: Line) -> None:
    """Calls that fail and may be repeated, on the way."""
    line.zoho.calls.spoil(Retryable("network.connect", "no connection"), "find")
    line.zoho.calls.spoil(Retryable("network.connect", "no connection"), "write")
    line.salesforce.calls.spoil(Retryable("network.connect", "no connection"), "write")
    both(line)


def start(line: Line) -> None:
    joined(line)


def edit_account(line: Line) -> None:
    [row] = line.salesforce.org.alive("Account")
    line.salesforce.org.edit("Account", {"Phone": "+44 20 7946 0002", "Is_Active__c": False}, row.record_id)


def edit_customer(line: Line) -> None:
    [customer] = line.customers
    line.zoho.book.save(
        {"contact_name": "Harbour Mills Limited", "website": "https://m.example"}, customer["contact_id"]
    )
    line.zoho.book.set_status(customer["contact_id"], "inactive")


def edit_both(line: Line) -> None:
    """Another field on each side, and one and the same on both; Zoho's comes a second later."""
    [row], [customer] = line.salesforce.org.alive("Account"), line.customers
    line.salesforce.org.edit(
        "Account", {"Phone": "+44 20 7946 0002", "Website": "https://s.example"}, row.record_id
    )
    line.clock.advance(1_000)
    line.zoho.book.save({"notes": "pays late", "website": "https://z.example"}, customer["contact_id"])


def edit_persons(line: Line) -> None:
    [customer] = line.customers
    ann = persons(line, customer["contact_id"])["Ferry"]
    line.zoho.book.change_person(ann["contact_person_id"], {"phone": "555 0100 300"})
    bo = next(row for row in line.salesforce.org.alive("Contact") if row.fields["LastName"] == "Sample")
    line.salesforce.org.edit("Contact", {"Title": "Miller"}, bo.record_id)


def delete_account(line: Line) -> None:
    line.salesforce.org.delete("Account", line.salesforce.org.alive("Account")[0].record_id)


def delete_customer(line: Line) -> None:
    line.zoho.book.delete(line.customers[0]["contact_id"])


def two(line: Line) -> None:
    family(line)
    joined(line, "Quay Traders Ltd")


def merge(line: Line) -> None:
    first, second = line.salesforce.org.alive("Account")
    line.salesforce.org.merge("Account", second.record_id, first.record_id, {"Fax": "555 0100 999"})


def move(line: Line) -> None:
    quay = next(
        row for row in line.salesforce.org.alive("Account") if row.fields["Name"] == "Quay Traders Ltd"
    )
    ann = next(row for row in line.salesforce.org.alive("Contact") if row.fields["LastName"] == "Ferry")
    line.salesforce.org.edit("Contact", {"AccountId": quay.record_id}, ann.record_id)


def alone(line: Line) -> None:
    individual(line)


def rename_individual(line: Line) -> None:
    line.zoho.book.save({"contact_name": "Anna Harbour"}, line.customers[0]["contact_id"])


PLAIN_ZOHO = {"has_keys": False}
"""An organisation whose plan keeps no unique custom field."""
LAGGING = {"has_keys": False, "lag_ms": 5_000}

CREATES = [
    Scenario("account to Zoho", account_with_contact),
    Scenario("account to Zoho without keys", account_with_contact, options=PLAIN_ZOHO, is_variant=True),
    Scenario("customer to Salesforce", customer_with_persons),
    Scenario("individual to Zoho", lambda line: line.contact("Ferry", FirstName="Ann") and None),
    Scenario("lost answer from Zoho", lost_answer_to_zoho),
    Scenario("lost answer from Zoho without keys", lost_answer_to_zoho, options=PLAIN_ZOHO, is_variant=True),
    Scenario("lost answer from Zoho, lagging search", lost_answer_to_zoho, options=LAGGING),
    Scenario("lost request to Zoho without keys", lost_request_to_zoho, options=LAGGING),
    Scenario("lost answer from Salesforce", lost_answer_to_salesforce),
]
MATCHES = [
    Scenario("on both sides at once", both),
    Scenario("found by search in Zoho", hidden_customer),
    Scenario("found by search in Zoho without keys", hidden_customer, options=PLAIN_ZOHO, is_variant=True),
    Scenario("found by search in Salesforce", hidden_account),
    Scenario("carries our key, not told of", hidden_copy),
    Scenario("carries our key, told of", told_copy),
    Scenario("trouble on the way", trouble),
]
CHANGES = [
    Scenario("edit in Salesforce", edit_account, start),
    Scenario("edit in Zoho", edit_customer, start),
    Scenario("edits on both sides", edit_both, start),
    Scenario("edits of persons", edit_persons, lambda line: family(line) and None),
    Scenario("individual renamed in Zoho", rename_individual, alone),
    Scenario("account deleted", delete_account, start),
    Scenario("customer deleted", delete_customer, start),
    Scenario("accounts merged", merge, two),
    Scenario("contact moved", move, two),
]
