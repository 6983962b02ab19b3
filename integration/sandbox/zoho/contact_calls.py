"""The API calls on contacts and their persons."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import absent, invalid_value
from integration.sandbox.zoho.keyed import keyed_put
from integration.sandbox.zoho.listing import list_page, page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.rendering import address, person

API = "api"


def list_contacts(org: ZohoOrg, call: Call) -> Answer:
    return _listed(org, call, None)


def list_vendors(org: ZohoOrg, call: Call) -> Answer:
    """The same list with vendors alone; its key is `contacts` all the same."""
    return _listed(org, call, "vendor")


def _listed(org: ZohoOrg, call: Call, contact_type: str | None) -> Answer:
    book = org.contacts
    only = [] if contact_type is None else [lambda contact: contact.contact_type == contact_type]
    page = list_page(book.register, book.list_spec, call.query, *only)
    rows = [org.rendering.row(contact) for contact in page.records]
    return success(contacts=rows, page_context=page.context)


def create_contact(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.create(call.body(), API)
    answer = success("The contact has been added.", 201, contact=org.rendering.detail(contact))
    return Answer(answer.status, answer.body, {"Location": f"/api/v3/contacts/{contact.contact_id}"})


def get_contact(org: ZohoOrg, call: Call) -> Answer:
    return success(contact=org.rendering.detail(org.contacts.get(call.path["contact_id"])))


def update_contact(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.update(call.path["contact_id"], call.body(), API)
    return success("Contact information has been saved.", contact=org.rendering.detail(contact))


def upsert_contact(org: ZohoOrg, call: Call) -> Answer:
    """PUT without an id: the record is named by the value of a unique custom field."""

    def update(contact_id: str, body: Json) -> Answer:
        contact = org.contacts.update(contact_id, body, API)
        return success("Contact information has been saved.", contact=org.rendering.detail(contact))

    def create(body: Json, status: int) -> Answer:
        contact = org.contacts.create(body, API)
        return success("The contact has been added.", status, contact=org.rendering.detail(contact))

    return keyed_put(call, org.fields["contact"], "Contact", org.contacts.holder, update, create)


def delete_contact(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.get(call.path["contact_id"])
    org.contacts.delete(contact.contact_id, API)
    return success(f"The {contact.contact_type} has been deleted.")


def mark_active(org: ZohoOrg, call: Call) -> Answer:
    org.contacts.set_status(call.path["contact_id"], "active", API)
    return success("The contact has been marked as active.")


def mark_inactive(org: ZohoOrg, call: Call) -> Answer:
    org.contacts.set_status(call.path["contact_id"], "inactive", API)
    return success("The contact has been marked as inactive.")


def get_addresses(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.get(call.path["contact_id"])
    return success(addresses=[address(contact.billing_address), address(contact.shipping_address)])


def create_person(org: ZohoOrg, call: Call) -> Answer:
    body = call.body()
    if not isinstance(body.get("contact_id"), str):
        raise invalid_value("contact_id")
    contact_id = body["contact_id"]
    made = org.contacts.change_persons(contact_id, API, lambda persons, draft: persons.add(draft, body))
    shown = _shown(org.contacts.get(contact_id), made)
    return success("The contact person has been Created", 201, contact_person=[shown])


def update_person(org: ZohoOrg, call: Call) -> Answer:
    person_id, body = call.path["contact_person_id"], call.body()
    owner = org.contacts.owner_of(person_id)
    if body.get("contact_id", owner.contact_id) != owner.contact_id:
        raise absent("Contact Person")
    made = org.contacts.change_persons(
        owner.contact_id, API, lambda persons, draft: persons.change(draft, person_id, body)
    )
    shown = _shown(org.contacts.get(owner.contact_id), made)
    return success("The contactperson details has been updated.", contact_person=[shown])


def delete_person(org: ZohoOrg, call: Call) -> Answer:
    person_id = call.path["contact_person_id"]
    owner = org.contacts.owner_of(person_id)
    org.contacts.change_persons(
        owner.contact_id, API, lambda persons, draft: persons.remove(draft, person_id)
    )
    return success("The contact person has been deleted.")


def mark_primary(org: ZohoOrg, call: Call) -> Answer:
    person_id = call.path["contact_person_id"]
    owner = org.contacts.owner_of(person_id)
    org.contacts.change_persons(
        owner.contact_id, API, lambda persons, draft: persons.make_primary(draft, person_id)
    )
    return success("This contact person has been marked as your primary contact person.")


def list_persons(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.get(call.path["contact_id"])
    number, size = page_bounds(call.query)
    start = (number - 1) * size
    persons = sorted(contact.persons, key=lambda each: str(each["contact_person_id"]))
    more = len(persons) > start + size
    context = page_context(
        number, size, has_more=more, sort="contact_person_id", descending=False, report="Contact Persons"
    )
    rows = [_shown(contact, each) for each in persons[start : start + size]]
    return success(contact_persons=rows, page_context=context)


def get_person(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.get(call.path["contact_id"])
    found = contact.person(call.path["contact_person_id"])
    if found is None:
        raise absent("Contact Person")
    return success(contact_person=_shown(contact, found))


def _shown(contact: Contact, values: Json | None) -> Json:
    assert values is not None
    return {"contact_id": contact.contact_id, **person(values)}


ENDPOINTS = (
    Endpoint("GET", "/contacts", "contacts.READ", list_contacts),
    Endpoint("GET", "/vendors", "contacts.READ", list_vendors),
    Endpoint("POST", "/contacts", "contacts.CREATE", create_contact),
    Endpoint("PUT", "/contacts", "contacts.UPDATE", upsert_contact),
    Endpoint("GET", "/contacts/{contact_id}", "contacts.READ", get_contact),
    Endpoint("PUT", "/contacts/{contact_id}", "contacts.UPDATE", update_contact),
    Endpoint("DELETE", "/contacts/{contact_id}", "contacts.DELETE", delete_contact),
    # A change of status is guarded by CREATE, not by UPDATE.
    Endpoint("POST", "/contacts/{contact_id}/active", "contacts.CREATE", mark_active),
    Endpoint("POST", "/contacts/{contact_id}/inactive", "contacts.CREATE", mark_inactive),
    Endpoint("GET", "/contacts/{contact_id}/address", "contacts.READ", get_addresses),
    Endpoint("GET", "/contacts/{contact_id}/contactpersons", "contacts.READ", list_persons),
    Endpoint(
        "GET", "/contacts/{contact_id}/contactpersons/{contact_person_id}", "contacts.READ",
        get_person,
    ),
    Endpoint("POST", "/contacts/contactpersons", "contacts.CREATE", create_person),
    Endpoint(
        "PUT", "/contacts/contactpersons/{contact_person_id}", "contacts.UPDATE", update_person
    ),
    Endpoint(
        "DELETE", "/contacts/contactpersons/{contact_person_id}", "contacts.DELETE",
        delete_person,
    ),
    Endpoint(
        "POST", "/contacts/contactpersons/{contact_person_id}/primary", "contacts.CREATE",
        mark_primary,
    ),
)  # fmt: skip
