"""The admin endpoint: what people do, bulk life, reading state."""

from __future__ import annotations

from tests.contract.sandbox_zoho.running import Running


def test_a_persons_change_is_marked_as_such_and_costs_no_call(zoho: Running) -> None:
    made = zoho.edit("contact", {"contact_name": "Acme", "contact_persons": [{"first_name": "Ana"}]})
    assert (made["source"], made["deleted"]) == ("user", False)
    person_id = made["contact_persons"][0]["contact_person_id"]
    zoho.edit("contact_person", {"email": "ana@example.com"}, person_id)
    zoho.edit("contact", {"status": "inactive", "notes": "x"}, made["contact_id"])
    assert zoho.admin("GET", "/calls").json()["calls"] == []
    shown = zoho.get(f"/contacts/{made['contact_id']}")["contact"]
    assert (shown["email"], shown["status"], shown["notes"]) == ("ana@example.com", "inactive", "x")


def test_a_person_is_bound_by_the_same_rules(zoho: Running) -> None:
    zoho.customer("Acme")
    answer = zoho.admin("POST", "/edit/zoho/contact", {"fields": {"contact_name": "acme"}})
    assert answer.status_code == 409
    assert answer.json()["body"]["code"] == 3062


def test_deleted_records_stay_readable(zoho: Running) -> None:
    contact_id = zoho.customer("Acme")["contact_id"]
    assert zoho.admin("POST", f"/delete/zoho/contact/{contact_id}").status_code == 200
    assert zoho.admin("POST", f"/delete/zoho/contact/{contact_id}").status_code == 409
    assert zoho.admin("GET", f"/records/zoho/contact/{contact_id}").json()["deleted"] is True
    (record,) = zoho.admin("GET", "/records/zoho/contact").json()["records"]
    assert record["deleted"] is True
    assert zoho.admin("GET", "/state/zoho").json()["contact"] == {"alive": 0, "deleted": 1, "inactive": 0}
    assert zoho.admin("GET", "/records/zoho/contact/1").status_code == 404


def test_bulk_goes_on_after_a_refusal(zoho: Running) -> None:
    contact_id = zoho.customer("Acme")["contact_id"]
    edit = {"op": "edit", "system": "zoho", "entity": "contact"}
    operations = [
        {**edit, "fields": {"contact_name": "Acme"}},
        {**edit, "id": contact_id, "fields": {"notes": "n"}},
        {"op": "status", "system": "zoho", "id": contact_id, "status": "inactive"},
        {"op": "burn"},
        {"op": "delete", "system": "zoho", "entity": "contact", "id": contact_id},
    ]
    results = zoho.admin("POST", "/bulk", {"operations": operations}).json()["results"]
    assert [result["ok"] for result in results] == [False, True, True, False, True]
    assert results[0]["body"]["code"] == 3062
    assert results[2]["record"]["status"] == "inactive"


def test_calls_are_logged_with_their_code_and_read_in_pieces(zoho: Running) -> None:
    zoho.customer("Acme")
    zoho.call("POST", "/contacts", {"contact_name": "Acme"})
    calls = zoho.admin("GET", "/calls").json()["calls"]
    posts = [call for call in calls if call["method"] == "POST" and call["path"].endswith("/contacts")]
    assert [(call["status"], call["code"]) for call in posts] == [(201, "0"), (400, "3062")]
    later = zoho.admin("GET", f"/calls?since={posts[0]['n']}&limit=1").json()["calls"]
    assert [call["n"] for call in later] == [posts[1]["n"]]


def test_switches_tell_value_default_and_meaning(zoho: Running) -> None:
    switches = {row["name"]: row for row in zoho.admin("GET", "/switches").json()["switches"]}
    lag = switches["zoho_search_lag_seconds"]
    assert (lag["value"], lag["default"]) == (0.0, 2.0)
    assert all(row["doc"] for row in switches.values())


def test_nonsense_is_answered_with_a_reason(zoho: Running) -> None:
    wrong = [
        ("POST", "/edit/zoho/estimate", {"fields": {}}),
        ("POST", "/edit/sap/contact", {"fields": {}}),
        ("POST", "/edit/zoho/contact", {}),
        ("POST", "/edit/zoho/contact", {"fields": {"contact_name": "A"}, "as": "api"}),
        ("POST", "/merge/salesforce/Account", {"winner": "1", "losers": []}),
        ("POST", "/bulk", {}),
        ("GET", "/calls?since=x", None),
    ]
    for method, path, body in wrong:
        answer = zoho.admin(method, path, body)
        assert (answer.status_code, bool(answer.json()["error"])) == (400, True), path
