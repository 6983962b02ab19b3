"""GET /contacts: pages without totals, filters, order, silence about what it does not know."""

from __future__ import annotations

import time

from tests.contract.sandbox_zoho.running import Running, sandbox
from tests.deadline import wait_until


def plant(zoho: Running, count: int) -> None:
    names = [
        {"op": "edit", "system": "zoho", "entity": "contact", "fields": {"contact_name": f"C{n:05d}"}}
        for n in range(count)
    ]
    results = zoho.admin("POST", "/bulk", {"operations": names}).json()["results"]
    assert all(result["ok"] for result in results)


def test_pages_end_with_has_more_page_and_tell_no_total(zoho: Running) -> None:
    plant(zoho, 401)
    pages = [zoho.get("/contacts", page=number) for number in (1, 2, 3, 4)]
    assert [len(page["contacts"]) for page in pages] == [200, 200, 1, 0]
    assert [page["page_context"]["has_more_page"] for page in pages] == [True, True, False, False]
    assert pages[0]["page_context"] == {
        "page": 1, "per_page": 200, "has_more_page": True, "report_name": "Contacts",
        "applied_filter": "Status.All", "custom_fields": [], "sort_column": "contact_name", "sort_order": "A",
    }  # fmt: skip
    names = [row["contact_name"] for page in pages for row in page["contacts"]]
    assert names == sorted(names)
    assert len(set(names)) == 401


def test_a_page_holds_200_at_most(zoho: Running) -> None:
    plant(zoho, 201)
    assert len(zoho.get("/contacts", per_page=1000)["contacts"]) == 200
    for wrong in ("0", "-1", "x"):
        assert zoho.call("GET", "/contacts", page=wrong).status_code == 400


def test_rows_are_summaries(zoho: Running) -> None:
    fields = [{"api_name": "cf_region", "value": "EMEA"}]
    zoho.customer("Acme", custom_fields=fields, notes="x", contact_persons=[{"first_name": "Ana"}])
    zoho.customer("Bare")
    acme, bare = zoho.get("/contacts")["contacts"]
    absent = {"contact_persons", "billing_address", "notes", "custom_fields"}
    assert not absent & set(acme)
    assert (acme["cf_region"], acme["first_name"]) == ("EMEA", "Ana")
    assert "cf_region" not in bare
    assert acme["customer_name"] == acme["vendor_name"] == "Acme"


def test_filters_and_their_variants(zoho: Running) -> None:
    person = {"first_name": "Ana", "last_name": "Bauer", "email": "Ana@example.com", "phone": "+49 1"}
    second = {"first_name": "Bo", "email": "bo@example.com"}
    zoho.customer("Acme Tools", company_name="Acme", contact_persons=[person, second], notes="prefers tea")
    zoho.customer("Beta Tools", billing_address={"city": "Köln"})
    assert zoho.names(contact_name="acme tools") == ["Acme Tools"]
    assert zoho.names(contact_name="Acme") == []
    assert zoho.names(contact_name_startswith="ACME") == ["Acme Tools"]
    assert zoho.names(contact_name_contains="tool") == ["Acme Tools", "Beta Tools"]
    assert zoho.names(email="ana@EXAMPLE.com") == ["Acme Tools"]
    assert zoho.names(email="bo@example.com") == ["Acme Tools"]
    assert zoho.names(email_contains="@example") == ["Acme Tools"]
    assert zoho.names(phone="+49 1", last_name="Bauer") == ["Acme Tools"]
    assert zoho.names(phone="+49 1", last_name="Other") == []
    assert zoho.names(address_contains="köln") == ["Beta Tools"]
    assert zoho.names(search_text="tea") == ["Acme Tools"]


def test_the_criteria_of_a_filter_are_told(zoho: Running) -> None:
    context = zoho.get("/contacts", email="a@example.com")["page_context"]
    criterion = {"column_name": "email", "search_text": "a@example.com", "comparator": "equal"}
    assert context["search_criteria"] == [{**criterion, "search_text_formatted": "a@example.com"}]
    assert zoho.call("GET", "/contacts", email="x" * 101).json()["code"] == 15


def test_unknown_parameters_are_ignored_in_silence(zoho: Running) -> None:
    zoho.customer("Acme")
    zoho.customer("Vend", contact_type="vendor")
    for query in (
        {"cf_salesforce_id": "1"},
        {"contact_type": "vendor"},
        {"last_modified_time": "2099-01-01"},
    ):
        assert zoho.names(**query) == ["Acme", "Vend"]
    vendors = zoho.get("/vendors")["contacts"]
    assert [row["vendor_name"] for row in vendors] == ["Vend"]
    assert zoho.get("/contacts", sort_column="nonsense")["page_context"]["sort_column"] == "contact_name"


def test_order_by_last_modified_time(zoho: Running) -> None:
    first = zoho.customer("First")
    zoho.customer("Second")
    begun = int(time.time())
    wait_until(lambda: int(time.time()) > begun, what="the next whole second")
    zoho.put(f"/contacts/{first['contact_id']}", {"notes": "x"})
    assert zoho.names(sort_column="last_modified_time", sort_order="D")[0] == "First"
    assert zoho.names(sort_column="last_modified_time", sort_order="A")[-1] == "First"
    assert zoho.names(sort_column="created_time", sort_order="A") == ["First", "Second"]


def test_a_filter_sees_a_write_only_after_the_lag_but_a_plain_list_at_once() -> None:
    with sandbox("--minute-seconds", "6", "--switch", "zoho_search_lag_seconds=5") as running:
        contact = running.customer("Acme", contact_persons=[{"first_name": "A", "email": "a@example.com"}])
        assert running.names(email="a@example.com") == []
        assert running.names() == ["Acme"]
        wait_until(lambda: running.names(email="a@example.com") == ["Acme"], 3, "the index to catch up")
        running.delete(f"/contacts/{contact['contact_id']}")
        assert running.names(email="a@example.com") == []
