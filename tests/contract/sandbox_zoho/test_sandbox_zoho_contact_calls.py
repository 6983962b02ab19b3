"""Contacts over HTTP: the rules a client runs into."""

from __future__ import annotations

import re

import pytest
import requests

from tests.contract.sandbox_zoho.running import Running

OFFSET_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-0[45]00$")
PERSON = {"first_name": "Ana", "last_name": "Bauer", "email": "ana.bauer@example.com", "phone": "+49 221 1"}


def refused(response: requests.Response, status: int, code: int) -> str:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    return response.json()["message"]


def test_create_answers_201_with_the_whole_record(zoho: Running) -> None:
    answer = zoho.call("POST", "/contacts", {"contact_name": "Acme GmbH", "contact_persons": [PERSON]})
    assert answer.status_code == 201
    assert answer.json()["message"] == "The contact has been added."
    contact = answer.json()["contact"]
    assert answer.headers["Location"] == f"/api/v3/contacts/{contact['contact_id']}"
    assert re.fullmatch(r"\d{15,19}", contact["contact_id"])
    assert OFFSET_TIME.match(contact["created_time"])
    assert contact["source"] == "api"
    assert contact["website"] == ""
    assert contact["billing_address"]["city"] == ""
    assert contact["custom_fields"] == []


def test_email_and_phone_of_a_contact_are_those_of_its_primary_person(zoho: Running) -> None:
    second = {"first_name": "Bo", "email": "bo@example.com", "is_primary_contact": True}
    contact = zoho.customer("Acme", email="ignored@example.com", contact_persons=[PERSON, second])
    assert (contact["email"], contact["first_name"], contact["phone"]) == ("bo@example.com", "Bo", "")
    first = contact["contact_persons"][0]["contact_person_id"]
    zoho.post(f"/contacts/contactpersons/{first}/primary")
    after = zoho.get(f"/contacts/{contact['contact_id']}")["contact"]
    assert (after["email"], after["primary_contact_id"]) == ("ana.bauer@example.com", first)


def test_put_changes_only_the_keys_it_names(zoho: Running) -> None:
    contact = zoho.customer("Acme", website="https://a.example.com", contact_persons=[PERSON])
    after = zoho.put(f"/contacts/{contact['contact_id']}", {"notes": "x"})["contact"]
    assert (after["notes"], after["contact_name"]) == ("x", "Acme")
    assert after["website"] == "https://a.example.com"
    assert after["contact_persons"] == contact["contact_persons"]


def test_put_of_persons_replaces_the_whole_array(zoho: Running) -> None:
    other = {"first_name": "Bo", "last_name": "Vogel"}
    contact = zoho.customer("Acme", contact_persons=[PERSON, other])
    kept = contact["contact_persons"][0]["contact_person_id"]
    gone = contact["contact_persons"][1]["contact_person_id"]
    body = {"contact_persons": [{"contact_person_id": kept, "mobile": "+1"}, {"first_name": "Cy"}]}
    after = zoho.put(f"/contacts/{contact['contact_id']}", body)["contact"]
    assert [person["first_name"] for person in after["contact_persons"]] == ["Ana", "Cy"]
    assert after["contact_persons"][0]["email"] == PERSON["email"]
    refused(zoho.call("PUT", f"/contacts/contactpersons/{gone}", {"first_name": "X"}), 404, 1002)


def test_an_address_that_leaves_keys_out_blanks_them(zoho: Running) -> None:
    contact = zoho.customer("Acme", billing_address={"city": "Köln", "zip": "50667"})
    after = zoho.put(f"/contacts/{contact['contact_id']}", {"billing_address": {"city": "Bonn"}})["contact"]
    assert (after["billing_address"]["city"], after["billing_address"]["zip"]) == ("Bonn", "")
    assert after["billing_address"]["address_id"] == contact["billing_address"]["address_id"]


@pytest.mark.parametrize("name", ["Acme", "ACME", " acme "])
def test_two_customers_may_not_share_a_name(zoho: Running, name: str) -> None:
    zoho.customer("Acme")
    other = zoho.customer("Other")
    wording = f'The customer "{name}" already exists. Please specify a different name.'
    assert refused(zoho.call("POST", "/contacts", {"contact_name": name}), 400, 3062) == wording
    answer = zoho.call("PUT", f"/contacts/{other['contact_id']}", {"contact_name": name})
    assert refused(answer, 400, 3062) == wording


def test_a_vendor_may_share_a_customers_name_but_not_a_vendors(zoho: Running) -> None:
    zoho.customer("Acme")
    zoho.customer("Acme", contact_type="vendor")
    message = refused(
        zoho.call("POST", "/contacts", {"contact_name": "Acme", "contact_type": "vendor"}), 400, 3062
    )
    assert message.startswith('A vendor with the name, "Acme", already exists')


def test_a_deleted_or_renamed_contact_frees_its_name(zoho: Running) -> None:
    first = zoho.customer("Acme")
    zoho.put(f"/contacts/{first['contact_id']}", {"contact_name": "Acme Old"})
    second = zoho.customer("Acme")
    assert zoho.delete(f"/contacts/{second['contact_id']}")["message"] == "The customer has been deleted."
    zoho.customer("Acme")
    refused(zoho.call("GET", f"/contacts/{second['contact_id']}"), 404, 1002)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 4),
        ({"contact_name": "  "}, 4),
        ({"contact_name": "x" * 201}, 15),
        ({"contact_name": 7}, 2),
        ({"contact_name": "A", "payment_terms": "15"}, 2),
        ({"contact_name": "A", "payment_terms": 10**12}, 2),
        ({"contact_name": "A", "contact_type": "partner"}, 2),
        ({"contact_name": "A", "currency_id": "1"}, 2),
        ({"contact_name": "A", "billing_address": {"city": "x" * 101}}, 15),
        ({"contact_name": "A", "contact_persons": [{"first_name": "x" * 101}]}, 15),
        ({"contact_name": "A", "contact_persons": [{"email": "not an address"}]}, 2),
        ({"contact_name": "A", "contact_persons": {}}, 2),
        ({"contact_name": "A", "custom_fields": [{"api_name": "cf_none", "value": "x"}]}, 2),
        ({"contact_name": "A", "initial_stock": 1}, 2),
    ],
)
def test_a_bad_body_is_refused_and_leaves_no_trace(zoho: Running, body: dict[str, object], code: int) -> None:
    refused(zoho.call("POST", "/contacts", body), 400, code)
    assert zoho.names() == []


def test_lengths_are_told_with_the_field_in_quotes(zoho: Running) -> None:
    zoho.customer("é" * 200, contact_persons=[{"first_name": "👩‍🚀 نورا"}])
    answer = zoho.call("POST", "/contacts", {"contact_name": "é" * 201})
    assert refused(answer, 400, 15) == 'Please ensure that the "contact_name" has less than 200 characters.'


def test_a_body_that_is_no_json_object(zoho: Running) -> None:
    for content in (b"{", b"[]", b"", b"\xff\xfe", b'{"contact_name": "\\ud800"}'):
        headers = {"Authorization": f"Zoho-oauthtoken {zoho.token}", "Content-Type": "application/json"}
        url = f"{zoho.zoho['api_domain']}/inventory/v1/contacts"
        query = {"organization_id": zoho.zoho["organization_id"]}
        answer = zoho.http.post(url, params=query, data=content, headers=headers, timeout=5)
        assert refused(answer, 400, 4) == "JSON is not well formed"


def test_the_old_form_field_is_taken_too(zoho: Running) -> None:
    url = f"{zoho.zoho['api_domain']}/inventory/v1/contacts"
    answer = zoho.http.post(
        url,
        params={"organization_id": zoho.zoho["organization_id"]},
        data={"JSONString": '{"contact_name": "Form & Co"}'},
        headers={"Authorization": f"Zoho-oauthtoken {zoho.token}"},
        timeout=5,
    )
    assert answer.json()["contact"]["contact_name"] == "Form & Co"


def test_status_has_calls_of_its_own(zoho: Running) -> None:
    contact_id = zoho.customer("Acme")["contact_id"]
    after = zoho.put(f"/contacts/{contact_id}", {"status": "inactive"})["contact"]
    assert after["status"] == "active"
    message = zoho.post(f"/contacts/{contact_id}/inactive")["message"]
    assert message == "The contact has been marked as inactive."
    assert zoho.get(f"/contacts/{contact_id}")["contact"]["status"] == "inactive"
    assert zoho.names() == ["Acme"]
    assert zoho.names(filter_by="Status.Active") == []
    assert zoho.post(f"/contacts/{contact_id}/active")["message"] == "The contact has been marked as active."
    assert zoho.names(filter_by="Status.Active") == ["Acme"]


def test_a_contact_with_transactions_stays(zoho: Running) -> None:
    contact_id = zoho.customer("Acme")["contact_id"]
    zoho.edit("contact", {"has_transaction": True}, contact_id)
    refused(zoho.call("DELETE", f"/contacts/{contact_id}"), 400, 3037)
    assert zoho.get(f"/contacts/{contact_id}")["contact"]["has_transaction"] is True


def test_persons_have_endpoints_of_their_own(zoho: Running) -> None:
    contact_id = zoho.customer("Acme")["contact_id"]
    made = zoho.call("POST", "/contacts/contactpersons", {"contact_id": contact_id, **PERSON})
    assert made.status_code == 201
    (person,) = made.json()["contact_person"]
    assert person["is_primary_contact"] is True
    person_id = person["contact_person_id"]
    zoho.post("/contacts/contactpersons", {"contact_id": contact_id, "last_name": "Only"})
    (after,) = zoho.put(f"/contacts/contactpersons/{person_id}", {"mobile": "+1 5"})["contact_person"]
    assert (after["mobile"], after["email"]) == ("+1 5", PERSON["email"])
    listed = zoho.get(f"/contacts/{contact_id}/contactpersons")
    assert [row["last_name"] for row in listed["contact_persons"]] == ["Bauer", "Only"]
    assert listed["page_context"]["has_more_page"] is False
    one = zoho.get(f"/contacts/{contact_id}/contactpersons/{person_id}")["contact_person"]
    assert one["contact_id"] == contact_id
    assert zoho.delete(f"/contacts/contactpersons/{person_id}")["code"] == 0
    left = zoho.get(f"/contacts/{contact_id}")["contact"]
    assert [person["last_name"] for person in left["contact_persons"]] == ["Only"]
    assert left["email"] == ""


def test_a_person_of_another_contact_is_not_found(zoho: Running) -> None:
    first = zoho.customer("One", contact_persons=[PERSON])
    second = zoho.customer("Two")
    person_id = first["contact_persons"][0]["contact_person_id"]
    refused(zoho.call("GET", f"/contacts/{second['contact_id']}/contactpersons/{person_id}"), 404, 1002)
    body = {"contact_id": second["contact_id"], "first_name": "X"}
    refused(zoho.call("PUT", f"/contacts/contactpersons/{person_id}", body), 404, 1002)


def test_unknown_addresses_and_methods_keep_the_envelope(zoho: Running) -> None:
    refused(zoho.call("GET", "/nothing"), 404, 5)
    answer = zoho.call("DELETE", "/contacts")
    refused(answer, 405, 37)
    assert answer.headers["Allow"] == "OPTIONS, GET, POST, PUT"


def test_addresses_currencies_and_organisations(zoho: Running) -> None:
    contact = zoho.customer("Acme", billing_address={"city": "Köln"})
    addresses = zoho.get(f"/contacts/{contact['contact_id']}/address")["addresses"]
    assert [address["city"] for address in addresses] == ["Köln", ""]
    currencies = zoho.get("/settings/currencies")["currencies"]
    assert [row["currency_code"] for row in currencies if row["is_base_currency"]] == ["USD"]
    euro = next(row for row in currencies if row["currency_code"] == "EUR")
    after = zoho.put(f"/contacts/{contact['contact_id']}", {"currency_id": euro["currency_id"]})["contact"]
    assert (after["currency_code"], after["currency_symbol"]) == ("EUR", "€")
    (organisation,) = zoho.get("/organizations")["organizations"]
    assert organisation["organization_id"] == zoho.zoho["organization_id"]
