"""The API calls on contacts and their persons."""

from __future__ import annotations

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.contact import Contact, Json
from integration.sandbox.zoho.faults import ApiError, absent, invalid_value, method_not_allowed, missing_value
from integration.sandbox.zoho.listing import contact_page, page_bounds, page_context
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.rendering import address, person

API = "api"


def list_contacts(org: ZohoOrg, call: Call) -> Answer:
    return _listed(org, call, None)


def list_vendors(org: ZohoOrg, call: Call) -> Answer:
    """The same list with vendors alone; its key is `contacts` all the same."""
    return _listed(org, call, "vendor")


def _listed(org: ZohoOrg, call: Call, contact_type: str | None) -> Answer:
    page = contact_page(org.contacts, call.query, org.switches, contact_type)
    rows = [org.rendering.row(contact) for contact in page.contacts]
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
    switches = org.switches
    if not switches.zoho_keyed_upsert:
        raise method_not_allowed("PUT")
    key, value = (call.headers.get(f"X-Unique-Identifier-{part}", "") for part in ("Key", "Value"))
    if not key or not value:
        raise missing_value("X-Unique-Identifier-Key")
    body = call.body()
    contact = org.contacts.holder(key, value)
    if contact is not None:
        contact = org.contacts.update(contact.contact_id, body, API)
        return success("Contact information has been saved.", contact=org.rendering.detail(contact))
    if call.headers.get("X-Upsert", "").lower() != "true":
        status, code = switches.zoho_keyed_not_found_status, switches.zoho_keyed_not_found_code
        raise ApiError(status, code, "Contact does not exist.")
    if switches.zoho_keyed_create_stores_key and isinstance(body.setdefault("custom_fields", []), list):
        body["custom_fields"].append({"api_name": key, "value": value})
    contact = org.contacts.create(body, API)
    status = switches.zoho_keyed_create_status
    return success("The contact has been added.", status, contact=org.rendering.detail(contact))


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
    context = page_context(number, size, has_more=more, sort="contact_person_id", descending=False)
    rows = [_shown(contact, each) for each in persons[start : start + size]]
    return success(contact_persons=rows, page_context={**context, "report_name": "Contact Persons"})


def get_person(org: ZohoOrg, call: Call) -> Answer:
    contact = org.contacts.get(call.path["contact_id"])
    found = contact.person(call.path["contact_person_id"])
    if found is None:
        raise absent("Contact Person")
    return success(contact_person=_shown(contact, found))


def _shown(contact: Contact, values: Json | None) -> Json:
    assert values is not None
    return {"contact_id": contact.contact_id, **person(values)}
