"""Locations, warehouses, taxes, tax groups and users over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.contract.sandbox_zoho.running import Running


def refused(response: requests.Response, status: int, code: int) -> str:
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    message: str = response.json()["message"]
    return message


def places(zoho: Running, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = zoho.get("/locations", **query)["locations"]
    return found


def test_there_are_two_locations_and_one_is_primary(zoho: Running) -> None:
    first, second = places(zoho)
    assert (first["is_primary"], second["is_primary"], first["status"]) == (True, False, "active")
    assert places(zoho, location_type="line_item_only") == []
    detail = zoho.get(f"/locations/{first['location_id']}")["location"]
    assert (detail["is_primary_location"], detail["is_location_active"]) == (True, True)
    warehouses = zoho.get("/settings/warehouses")["warehouses"]
    assert [each["warehouse_id"] for each in warehouses] == [first["location_id"], second["location_id"]]


def test_a_location_is_made_changed_closed_and_deleted(zoho: Running) -> None:
    body = {"location_name": "Annex", "type": "line_item_only", "address": {"city": "Bonn"}}
    answer = zoho.call("POST", "/locations", body)
    assert (answer.status_code, answer.json()["message"]) == (201, "Location has been created.")
    made = answer.json()["locations"]
    assert (made["location_name"], made["type"], made["address"]["city"]) == (
        "Annex",
        "line_item_only",
        "Bonn",
    )
    path = f"/locations/{made['location_id']}"
    changed = zoho.put(path, {"phone": "+49 1"})
    assert (changed["message"], changed["locations"]["location_name"]) == (
        "Location has been updated.",
        "Annex",
    )
    assert zoho.post(f"{path}/inactive")["message"] == "The location has been marked as inactive."
    item = {
        "name": "X",
        "item_type": "inventory",
        "locations": [{"location_id": made["location_id"], "initial_stock": 1}],
    }
    assert refused(zoho.call("POST", "/items", item), 400, 2) == "Invalid value passed for Location Id"
    refused(zoho.call("POST", f"{path}/markasprimary"), 400, 2)
    assert zoho.post(f"{path}/active")["message"] == "The location has been marked as active."
    assert zoho.post(f"{path}/markasprimary")["message"] == "The location has been marked as primary."
    assert [place["location_name"] for place in places(zoho) if place["is_primary"]] == ["Annex"]
    refused(zoho.call("DELETE", path), 400, 2)
    zoho.post(f"/locations/{places(zoho)[1]['location_id']}/markasprimary")
    assert zoho.delete(path)["message"] == "The location has been deleted.."
    assert refused(zoho.call("GET", path), 404, 1002) == "Location does not exist."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, 4), ({"location_name": " "}, 4), ({"location_name": "main warehouse"}, 2), ({"location_name": 1}, 2),
        ({"location_name": "A", "type": "shop"}, 2), ({"location_name": "A", "parent_location_id": "1"}, 2),
        ({"location_name": "A", "colour": "red"}, 2), ({"location_name": "x" * 101}, 15),
    ],
)  # fmt: skip
def test_bad_locations(zoho: Running, body: dict[str, Any], code: int) -> None:
    refused(zoho.call("POST", "/locations", body), 400, code)
    assert len(places(zoho)) == 2


def test_a_location_with_stock_and_the_primary_one_stay(zoho: Running) -> None:
    first, second = (place["location_id"] for place in places(zoho))
    stock = [{"location_id": second, "initial_stock": 1}]
    zoho.post("/items", {"name": "Lamp", "item_type": "inventory", "locations": stock})
    refused(zoho.call("DELETE", f"/locations/{second}"), 400, 2)
    refused(zoho.call("DELETE", f"/locations/{first}"), 400, 2)
    refused(zoho.call("POST", f"/locations/{first}/inactive"), 400, 2)


def test_taxes_are_made_changed_and_deleted(zoho: Running) -> None:
    answer = zoho.call("POST", "/settings/taxes", {"tax_name": "City", "tax_percentage": 10.5})
    assert (answer.status_code, answer.json()["message"]) == (201, "The tax has been added.")
    tax = answer.json()["tax"][0]
    path = f"/settings/taxes/{tax['tax_id']}"
    assert zoho.get(path)["tax"][0]["tax_percentage"] == 10.5
    changed = zoho.put(path, {"tax_percentage": 11})
    assert (changed["message"], changed["tax"]["tax_percentage"]) == ("Tax information has been saved.", 11.0)
    found = zoho.get("/settings/taxes")
    assert found["taxes"][0]["tax_id"] == tax["tax_id"]
    assert (found["page_context"]["report_name"], found["page_context"]["sort_order"]) == ("Taxes", "D")
    item = zoho.post("/items", {"name": "Lamp", "tax_id": tax["tax_id"]})["item"]
    refused(zoho.call("DELETE", path), 400, 2)
    zoho.put(f"/items/{item['item_id']}", {"tax_id": ""})
    assert zoho.delete(path)["message"] == "The record has been deleted."
    assert refused(zoho.call("GET", path), 404, 1002) == "Tax does not exist."


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"tax_percentage": 1}, 4), ({"tax_name": "A"}, 4), ({"tax_name": "A", "tax_percentage": "1"}, 2),
        ({"tax_name": "A", "tax_percentage": 101}, 2), ({"tax_name": "zero rate", "tax_percentage": 1}, 2),
        ({"tax_name": "A", "tax_percentage": 1, "tax_type": "flat"}, 2),
        ({"tax_name": "A", "tax_percentage": 1, "colour": "red"}, 2),
    ],
)  # fmt: skip
def test_bad_taxes(zoho: Running, body: dict[str, Any], code: int) -> None:
    refused(zoho.call("POST", "/settings/taxes", body), 400, code)


def test_a_tax_group_adds_up_its_taxes(zoho: Running) -> None:
    ids = [zoho.call("POST", "/settings/taxes", {"tax_name": name, "tax_percentage": rate}).json()["tax"][0]["tax_id"]
           for name, rate in (("State", 6), ("City", 2.25))]  # fmt: skip
    answer = zoho.call("POST", "/settings/taxgroups", {"tax_group_name": "Both", "taxes": ",".join(ids)})
    assert answer.status_code == 201
    group = answer.json()["tax_group"]
    assert (group["tax_group_percentage"], [tax["tax_name"] for tax in group["taxes"]]) == (
        8.25,
        ["State", "City"],
    )
    zoho.put(f"/settings/taxes/{ids[0]}", {"tax_percentage": 7})
    path = f"/settings/taxgroups/{group['tax_group_id']}"
    assert zoho.get(path)["tax_group"]["tax_group_percentage"] == 9.25
    item = zoho.post("/items", {"name": "Lamp", "tax_id": group["tax_group_id"]})["item"]
    assert (item["tax_type"], item["tax_percentage"]) == ("tax_group", 9.25)
    refused(zoho.call("DELETE", f"/settings/taxes/{ids[0]}"), 400, 2)
    assert zoho.put(path, {"taxes": ids[1]})["tax_group"]["tax_group_percentage"] == 2.25
    refused(zoho.call("PUT", path, {"taxes": "1"}), 400, 2)
    refused(zoho.call("DELETE", path), 400, 2)
    zoho.delete(f"/items/{item['item_id']}")
    assert zoho.delete(path)["message"] == "The tax group has been deleted."
    refused(zoho.call("GET", path), 404, 1002)
    refused(zoho.call("GET", f"/settings/taxgroups/{ids[1]}"), 404, 1002)


def test_the_one_user(zoho: Running) -> None:
    me = zoho.get("/users/me")["user"]
    row = zoho.get("/users")["users"][0]
    assert (row["user_id"], row["is_current_user"], row["user_role"]) == (me["user_id"], True, "admin")
    assert zoho.get(f"/users/{me['user_id']}")["user"] == me
    assert me["email_ids"] == [{"email": row["email"], "is_selected": True}]
    refused(zoho.call("GET", "/users/1"), 404, 1002)


def test_users_of_a_location(zoho: Running) -> None:
    path = f"/locations/{places(zoho)[0]['location_id']}"
    found = zoho.get(f"{path}/users")
    assert [user["user_role"] for user in found["users"]] == ["admin"]
    assert (found["page_context"]["report_name"], found["page_context"]["has_more_page"]) == ("Users", False)
    zoho.put(path, {"is_all_users_selected": False})
    assert zoho.get(f"{path}/users")["users"] == []
    zoho.put(path, {"user_ids": f"1,{zoho.get('/users/me')['user']['user_id']}"})
    assert len(zoho.get(f"{path}/users")["users"]) == 1
    refused(zoho.call("GET", "/locations/1/users"), 404, 1002)


def test_a_reset_brings_the_first_settings_back(zoho: Running) -> None:
    zoho.call("POST", "/locations", {"location_name": "Annex"})
    zoho.call("POST", "/settings/taxes", {"tax_name": "City", "tax_percentage": 1})
    zoho.admin("POST", "/reset")
    assert len(places(zoho)) == 2
    assert len(zoho.get("/settings/taxes")["taxes"]) == 3
