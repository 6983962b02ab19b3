"""What people do while a call of ours is under way."""

from __future__ import annotations

from integration.canonical.values import Side
from integration.flows.reading import read_dirty
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import write
from tests.flows.agreement import assert_agreement
from tests.flows.during import during
from tests.flows.line import Line
from tests.flows.people import joined


def test_a_contact_moves_while_it_is_made_along_with_its_customer(line: Line) -> None:
    """What the create made of it must be known as ours, or it comes back as a second Contact."""
    other = line.account("Other Works", Phone="+44 20 7946 1111")
    line.settle()
    account = line.account(Phone="+44 20 7946 2222")
    contact = line.contact("Ferry", account, FirstName="Ann")

    def move() -> None:
        line.salesforce.org.edit("Contact", {"AccountId": other}, contact)
        line.listen()
        transform(line.services)

    during(line.zoho, "write", "create contact", move)
    line.settle()
    assert len(line.contacts) == 1
    assert line.in_zoho(line.partner(account))["contact_persons"] == []
    assert_agreement(line)


def test_an_individual_moves_away_before_its_lost_create_is_looked_for(line: Line) -> None:
    """The customer carries its key: it is left behind by the move, and never a new Contact."""
    account, _ = joined(line)
    contact = line.contact("Ferry", FirstName="Ann", Email="ann@ferry.example")
    line.zoho.calls.lose_answer("write", "create contact")
    while not line.zoho.calls.writes or len(line.customers) < 2:
        line.listen()
        line.work()
    line.take_hooks()
    line.salesforce.org.edit("Contact", {"AccountId": account}, contact)
    line.settle()
    line.poll()
    line.settle()
    assert len(line.contacts) == 1
    [made] = [found for found in line.customers if found["customer_sub_type"] == "individual"]
    assert made["status"] == "inactive"
    assert not line.depths()


def carry_number(line: Line, customer: str, number: str) -> None:
    """A person types a number in Zoho, and it is written to Salesforce, which tells nothing of it yet."""
    line.clock.advance(2_000)
    line.zoho.book.save({"billing_address": {"phone": number}}, customer)
    line.receive()
    transform(line.services)
    read_dirty(line.services)
    transform(line.services)
    validate(line.services)
    written = line.salesforce.calls.writes
    write(line.services, Side.SALESFORCE)
    assert line.salesforce.calls.writes == written + 1


def test_the_echo_of_an_older_write_is_not_taken_for_one_that_never_arrived(line: Line) -> None:
    """A person in Zoho goes to and fro; Salesforce tells of the first write while the third is lost."""
    account, customer = joined(line)
    line.listen()
    for number in ("01482 111", "01482 222"):
        carry_number(line, customer, number)
    line.salesforce.calls.lose_request("write", "Account")
    carry_number(line, customer, "01482 111")
    line.listen(1)
    transform(line.services)
    line.settle()
    assert line.in_salesforce("Account", account)["Phone"] == "01482 111"
    assert line.in_zoho(customer)["billing_address"]["phone"] == "01482 111"
    assert_agreement(line)
