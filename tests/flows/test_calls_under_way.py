"""What people do while a call of ours is under way."""

from __future__ import annotations

from integration.flows.transform import transform
from tests.flows.agreement import assert_agreement
from tests.flows.during import during
from tests.flows.line import Line


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
