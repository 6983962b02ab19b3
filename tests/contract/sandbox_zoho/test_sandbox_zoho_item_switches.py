"""Each switch about items, stock and settings makes the difference it promises; state without HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from integration.sandbox.errors import RefusedError
from integration.sandbox.zoho.adjustments import adjustment_calls
from integration.sandbox.zoho.answers import Answer, Call
from integration.sandbox.zoho.custom_fields import CustomField
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.items import item_calls
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.settings import location_calls, tax_calls
from tests.contract.sandbox_zoho.test_sandbox_zoho_switches import Bench, refused

Work = Callable[[ZohoOrg, Call], Answer]
ADJUSTMENT = {"date": "2026-05-01", "reason": "Stock count", "adjustment_type": "quantity"}


class Shelf(Bench):
    """An organisation with short ways to items and adjustments."""

    def item(self, name: str = "Lamp", **fields: Any) -> str:
        return self.org.items.create({"name": name, **fields}, "api").record_id

    def kept(self, name: str = "Lamp", stock: float = 10, **fields: Any) -> str:
        return self.item(name, item_type="inventory", initial_stock=stock, **fields)

    def put_item(self, item_id: str, **fields: Any) -> None:
        self.org.items.update(item_id, fields, "api")

    def told(self, item_id: str) -> dict[str, Any]:
        return self.org.item_shown.detail(self.org.items.get(item_id))

    def adjust(self, item_id: str, quantity: float = 1, **fields: Any) -> str:
        lines = [{"item_id": item_id, "quantity_adjusted": quantity}]
        body = {**ADJUSTMENT, "line_items": lines, **fields}
        return self.org.adjustments.create(body, "api").record_id

    def answer(self, work: Work, body: Any = None, **parts: Any) -> Answer:
        return work(self.org, self.call(body=json.dumps(body).encode(), **parts))

    @property
    def primary(self) -> str:
        return self.org.locations.primary.location_id


@pytest.mark.parametrize("status", [200, 201])
def test_create_status(status: int) -> None:
    shelf = Shelf({"zoho_item_create_status": status, "zoho_adjustment_create_status": status})
    assert shelf.answer(item_calls.create_item, {"name": "A"}).status == status
    line = {"item_id": shelf.kept(), "quantity_adjusted": 1}
    body = {**ADJUSTMENT, "line_items": [line]}
    assert shelf.answer(adjustment_calls.create_adjustment, body).status == status


def test_absent_item() -> None:
    shelf = Shelf({"zoho_item_absent_status": 400, "zoho_item_absent_code": 1002})
    with pytest.raises(ApiError) as found:
        shelf.org.items.get("1")
    assert (found.value.status, found.value.code) == (400, 1002)


def test_name_length() -> None:
    shelf = Shelf({"zoho_item_name_length": 120})
    shelf.item("x" * 120)
    assert refused(lambda: shelf.item("x" * 121), 15)


def test_duplicate_wording_goes_with_the_code() -> None:
    shelf = Shelf({"zoho_duplicate_item_code": 1000})
    shelf.item("Lamp")
    with pytest.raises(ApiError) as found:
        shelf.item("Lamp")
    assert (found.value.code, found.value.message) == (1000, "The item name already exist")


@pytest.mark.parametrize("allowed", [True, False])
def test_duplicate_names(allowed: bool) -> None:
    shelf = Shelf({"zoho_duplicate_item_names": allowed})
    shelf.item("Lamp")
    assert refused(lambda: shelf.item("Lamp"), 1001) is not allowed


@pytest.mark.parametrize("ignore_case", [True, False])
def test_case_of_names_and_skus(ignore_case: bool) -> None:
    shelf = Shelf({"zoho_sku_ignore_case": ignore_case, "zoho_names_ignore_case": ignore_case})
    shelf.item("Lamp", sku="AB-1")
    assert refused(lambda: shelf.item("Other", sku="ab-1"), 1001) is ignore_case
    assert refused(lambda: shelf.item("LAMP"), 1001) is ignore_case
    assert refused(lambda: shelf.item("Third", sku="AB-1"), 1001)


@pytest.mark.parametrize("default", ["sales", "purchases", "sales_and_purchases", "inventory"])
def test_type_of_an_item_without_one(default: str) -> None:
    shelf = Shelf({"zoho_item_type_default": default})
    assert shelf.told(shelf.item())["item_type"] == default


@pytest.mark.parametrize("needed", [True, False])
def test_accounts_needed(needed: bool) -> None:
    shelf = Shelf({"zoho_item_accounts_needed": needed})
    assert refused(lambda: shelf.item(item_type="inventory"), 4) is needed
    accounts = shelf.org.setup.accounts
    named = {
        "purchase_account_id": accounts.id_of("Cost of Goods Sold"),
        "inventory_account_id": accounts.id_of("Inventory Asset"),
    }
    shelf.item("Other", item_type="inventory", **named)


@pytest.mark.parametrize("fixed", [True, False])
def test_type_of_an_item_with_transactions(fixed: bool) -> None:
    shelf = Shelf({"zoho_item_type_fixed": fixed})
    item_id = shelf.kept()
    shelf.adjust(item_id)
    assert refused(lambda: shelf.put_item(item_id, item_type="sales"), 2076) is fixed
    assert refused(lambda: shelf.put_item(item_id, item_type="sales", product_type="service"), 2076)


def test_inactive_items_on_new_documents() -> None:
    shelf = Shelf({"zoho_inactive_item_code": 77})
    item_id = shelf.kept()
    shelf.org.items.set_status(item_id, "inactive", "api")
    assert refused(lambda: shelf.adjust(item_id), 77)
    assert refused(lambda: shelf.org.items.for_sale(item_id), 77)
    assert refused(lambda: shelf.org.items.for_purchase(item_id), 77)


def test_only_what_is_sold_is_for_sale() -> None:
    shelf = Shelf()
    sold, bought = shelf.item("A", item_type="sales"), shelf.item("B", item_type="purchases")
    assert shelf.org.items.for_sale(sold).name == "A"
    assert shelf.org.items.for_purchase(bought).name == "B"
    assert refused(lambda: shelf.org.items.for_sale(bought), 2)
    assert refused(lambda: shelf.org.items.for_purchase(sold), 2)


def test_most_ids_of_item_details() -> None:
    shelf = Shelf({"zoho_itemdetails_most": 2})
    assert refused(lambda: shelf.answer(item_calls.item_details, query={"item_ids": "1,2,3"}), 2)
    without = Shelf({"zoho_itemdetails_most": 0})
    many = ",".join(map(str, range(300)))
    assert without.answer(item_calls.item_details, query={"item_ids": many}).body["items"] == []


@pytest.mark.parametrize("mode", ["skip", "refuse"])
def test_unknown_ids(mode: str) -> None:
    shelf = Shelf({"zoho_itemdetails_unknown": mode, "zoho_bulk_items": mode})
    ids = {"item_ids": f"9,{shelf.item()}"}
    for work in (item_calls.item_details, item_calls.mark_many_inactive, item_calls.delete_items):
        assert refused(lambda work=work: shelf.answer(work, query=ids), 2006) is (mode == "refuse")


def test_an_organisation_that_keeps_no_stock() -> None:
    shelf = Shelf({"zoho_inventory_tracking": False})
    with pytest.raises(ApiError) as found:
        shelf.kept()
    assert found.value.message == "Invalid Element initial_stock"
    place = [{"location_id": shelf.primary, "initial_stock_rate": 1}]
    with pytest.raises(ApiError) as found:
        shelf.item(item_type="inventory", locations=place)
    assert found.value.message == "Invalid Element initial_stock_rate"
    assert refused(lambda: shelf.item(item_type="inventory"), 2)
    shelf.item(item_type="sales")


@pytest.mark.parametrize("mode", ["reject", "ignore"])
def test_stock_on_untracked(mode: str) -> None:
    shelf = Shelf({"zoho_stock_on_untracked": mode})
    assert refused(lambda: shelf.item(item_type="sales", initial_stock=1), 2) is (mode == "reject")


@pytest.mark.parametrize(("mode", "stock"), [("apply", 4.0), ("ignore", 10.0), ("reject", 10.0)])
def test_opening_stock_in_a_put(mode: str, stock: float) -> None:
    shelf = Shelf({"zoho_opening_stock_put": mode})
    item_id = shelf.kept()
    assert refused(lambda: shelf.put_item(item_id, initial_stock=4), 2) is (mode == "reject")
    assert shelf.told(item_id)["stock_on_hand"] == stock
    shelf.put_item(
        item_id, **{key: shelf.told(item_id)[key] for key in ("initial_stock", "initial_stock_rate")}
    )


def test_warehouses_instead_of_locations() -> None:
    shelf = Shelf({"zoho_stock_sites": "warehouses"})
    place = {"warehouse_id": shelf.primary, "initial_stock": 6, "initial_stock_rate": 1}
    item_id = shelf.item(item_type="inventory", warehouses=[place])
    shelf.org.stock.commit("so", "1", item_id, shelf.primary, 2, 1)
    first = shelf.told(item_id)["warehouses"][0]
    assert {key.removeprefix("warehouse_"): value for key, value in first.items() if "stock" in key} == {
        "stock_on_hand": 6.0, "available_stock": 6.0, "actual_available_stock": 6.0, "committed_stock": 2.0,
        "actual_committed_stock": 1.0, "available_for_sale_stock": 4.0,
        "actual_available_for_sale_stock": 5.0,
    }  # fmt: skip
    assert "locations" not in shelf.told(item_id)
    assert refused(lambda: shelf.item("B", item_type="inventory", locations=[place]), 2)
    assert refused(lambda: shelf.adjust(item_id, location_id=shelf.primary), 2)
    adjustment = shelf.org.adjustments.get(shelf.adjust(item_id, warehouse_id=shelf.primary))
    assert shelf.org.adjustment_shown.detail(adjustment)["warehouse_name"] == "Main Warehouse"
    assert refused(lambda: shelf.answer(location_calls.list_locations), 5)
    assert len(shelf.answer(location_calls.list_warehouses).body["warehouses"]) == 2


@pytest.mark.parametrize(("as_text", "shown"), [(True, "10.0"), (False, 10.0)])
def test_numbers_of_locations(as_text: bool, shown: object) -> None:
    shelf = Shelf({"zoho_location_stock_as_text": as_text})
    assert shelf.told(shelf.kept())["locations"][0]["location_stock_on_hand"] == shown


@pytest.mark.parametrize("less", [True, False])
def test_available_less_committed(less: bool) -> None:
    shelf = Shelf({"zoho_available_less_committed": less})
    item_id = shelf.kept()
    shelf.org.stock.commit("so", "1", item_id, shelf.primary, uninvoiced=4, unshipped=3)
    shelf.org.stock.ship("sh", "1", item_id, shelf.primary, 1)
    shelf.org.stock.bill("bi", "1", item_id, shelf.primary, 5)
    told = shelf.told(item_id)
    assert (told["stock_on_hand"], told["committed_stock"], told["actual_committed_stock"]) == (
        15.0,
        4.0,
        3.0,
    )
    assert (told["available_stock"], told["actual_available_stock"]) == ((11.0, 6.0) if less else (15.0, 9.0))
    assert (told["available_for_sale_stock"], told["actual_available_for_sale_stock"]) == (11.0, 6.0)


@pytest.mark.parametrize("on", [True, False])
def test_moved_stock_and_the_item(on: bool) -> None:
    shelf = Shelf({"zoho_stock_moves_modified": on, "zoho_webhook_stock_is_edit": on})
    item_id = shelf.kept()
    before, shelf.clock.passed = shelf.told(item_id)["last_modified_time"], 60
    shelf.changes.clear()
    shelf.adjust(item_id)
    assert (shelf.told(item_id)["last_modified_time"] != before) is on
    assert [change.entity for change in shelf.changes] == (["item"] if on else []) + ["inventory_adjustment"]


@pytest.mark.parametrize("inclusive", [True, False])
def test_low_stock(inclusive: bool) -> None:
    shelf = Shelf({"zoho_low_stock_inclusive": inclusive})
    shelf.kept(reorder_level=10)
    found = shelf.answer(item_calls.list_items, query={"filter_by": "Status.Lowstock"}).body["items"]
    assert bool(found) is inclusive


def test_a_list_by_stock_follows_what_documents_move() -> None:
    shelf = Shelf()
    first, second = shelf.kept("A", 5), shelf.kept("B", 6)
    query = {"sort_column": "stock_on_hand"}

    def order() -> list[str]:
        rows = shelf.answer(item_calls.list_items, query=query).body["items"]
        return [row["item_id"] for row in rows]

    assert order() == [first, second]
    shelf.org.stock.invoice("inv", "1", second, shelf.primary, 2)
    assert order() == [second, first]


@pytest.mark.parametrize("allowed", [True, False])
def test_negative_stock(allowed: bool) -> None:
    shelf = Shelf({"zoho_negative_stock": allowed, "zoho_negative_stock_code": 88})
    item_id = shelf.kept(stock=1)
    assert refused(lambda: shelf.adjust(item_id, -2), 88) is not allowed
    shelf.org.stock.invoice("inv", "1", item_id, shelf.primary, 9)
    shelf.adjust(item_id, 3)


def test_value_adjustments() -> None:
    shelf = Shelf({"zoho_value_adjustments": True})
    item_id = shelf.kept()
    lines = [{"item_id": item_id, "value_adjusted": -4.5}]
    made = shelf.adjust(item_id, adjustment_type="value", line_items=lines)
    shown = shelf.org.adjustment_shown.detail(shelf.org.adjustments.get(made))
    assert (shown["total"], shown["line_items"][0]["value_adjusted"]) == (-4.5, -4.5)
    assert shelf.told(item_id)["stock_on_hand"] == 10.0
    assert refused(lambda: shelf.adjust(item_id, adjustment_type="value"), 4)


@pytest.mark.parametrize(("most", "lines", "too_many"), [(2, 2, False), (2, 3, True), (0, 300, False)])
def test_most_lines(most: int, lines: int, too_many: bool) -> None:
    shelf = Shelf({"zoho_adjustment_lines": most})
    line = {"item_id": shelf.kept(), "quantity_adjusted": 1}
    assert refused(lambda: shelf.adjust("", line_items=[line] * lines), 2) is too_many


@pytest.mark.parametrize("mode", ["create", "refuse"])
def test_reasons(mode: str) -> None:
    shelf = Shelf({"zoho_adjustment_reasons": mode})
    item_id = shelf.kept()
    assert refused(lambda: shelf.adjust(item_id, reason="Moths"), 2) is (mode == "refuse")
    shelf.adjust(item_id, reason="damaged")


def test_filters_of_adjustments() -> None:
    shelf = Shelf({"zoho_adjustment_filters": True})
    item_id = shelf.kept()
    for number in (1, 2):
        shelf.adjust(item_id, reference_number=f"R-{number}", date=f"2026-05-0{number}")
    for query in ({"reference_number": "R-2"}, {"date_after": "2026-05-01"}, {"search_text": "r-2"}):
        rows = shelf.answer(adjustment_calls.list_adjustments, query=query).body["inventory_adjustments"]
        assert [row["reference_number"] for row in rows] == ["R-2"]


def test_approvals() -> None:
    shelf = Shelf({"zoho_adjustment_approvals": True})
    item_id = shelf.kept()
    path = {"inventory_adjustment_id": shelf.adjust(item_id, -3)}

    def act(work: Work, body: Any = None) -> Any:
        return shelf.answer(work, body, path=path).body["message"]

    def state() -> tuple[str, float]:
        found = shelf.answer(adjustment_calls.get_adjustment, path=path).body["inventory_adjustment"]
        return found["status"], shelf.told(item_id)["stock_on_hand"]

    assert state() == ("draft", 10.0)
    assert refused(lambda: act(adjustment_calls.approve), 2)
    act(adjustment_calls.submit)
    assert refused(lambda: act(adjustment_calls.reject, {"reason": "x" * 501}), 15)
    act(adjustment_calls.reject, {"reason": "recount"})
    assert state() == ("rejected", 10.0)
    act(adjustment_calls.submit)
    assert act(adjustment_calls.approve) == "success"
    assert state() == ("adjusted", 7.0)
    assert refused(lambda: act(adjustment_calls.submit), 2)


def test_codes_of_settings() -> None:
    shelf = Shelf({"zoho_setting_taken_code": 55, "zoho_setting_in_use_code": 66})
    locations, taxes = shelf.org.locations, shelf.org.taxes
    assert refused(lambda: locations.create({"location_name": "North Depot"}), 55)
    assert refused(lambda: taxes.create({"tax_name": "Zero Rate", "tax_percentage": 1}), 55)
    assert refused(lambda: locations.delete(shelf.primary, is_used=False), 66)
    tax_id = taxes.all()[0].tax_id
    shelf.item(tax_id=tax_id)
    assert refused(lambda: shelf.answer(tax_calls.delete_tax, path={"tax_id": tax_id}), 66)


def test_state_goes_on_after_a_restart_and_ends_with_a_reset() -> None:
    shelf = Shelf()
    shelf.org.fields["item"].define(
        CustomField("1", "cf_key", "Key", "string", is_unique=True, entity="item")
    )
    item_id = shelf.kept(brand="North", unit="pallet", custom_fields=[{"api_name": "cf_key", "value": "K"}])
    gone = shelf.item("Gone")
    shelf.org.items.delete(gone, "api")
    adjusted = shelf.adjust(item_id, -4, reason="Moths")
    shelf.org.stock.commit("so", "1", item_id, shelf.primary, 2, 2)
    shelf.org.locations.create({"location_name": "Annex"})
    state = json.loads(json.dumps(shelf.org.dump()))
    other = Shelf()
    other.org.load(state)
    assert other.told(item_id) == shelf.told(item_id)
    assert other.org.record("item", gone)["deleted"] is True
    assert other.org.record("inventory_adjustment", adjusted) == shelf.org.record(
        "inventory_adjustment", adjusted
    )
    key = [{"api_name": "cf_key", "value": "K"}]
    assert refused(lambda: other.item("Twin", custom_fields=key), 110_817)
    assert refused(lambda: other.org.items.delete(item_id, "api"), 2049)
    other.org.adjustments.delete(adjusted, "api")
    assert other.told(item_id)["stock_on_hand"] == 10.0
    other.org.reset()
    assert other.org.counts()["item"] == {"alive": 0, "deleted": 0, "inactive": 0}
    assert other.org.counts()["inventory_adjustment"] == {"alive": 0, "deleted": 0}
    assert other.org.stock.dump() == {"openings": {}, "movements": [], "mentions": {}}
    assert len(other.org.locations.all()) == 2
    assert int(other.kept()) > int(item_id)


def test_planted_items_say_nothing_and_are_old() -> None:
    shelf = Shelf()
    shelf.org.fields["item"].define(CustomField("1", "cf_key", "Key", "string", entity="item"))
    fields = {
        "name": "Oak desk", "sku": "OAK-1", "rate": 99.5, "purchase_rate": 40, "unit": "pcs", "brand": "North",
        "description": "d", "stock_on_hand": 7, "cf_key": "K", "reorder_level": 2,
    }  # fmt: skip
    item_id = shelf.org.plant("item", fields, 10)
    told = shelf.told(item_id)
    assert shelf.changes == []
    assert told["created_time"].startswith("2026-02-26")
    assert (told["stock_on_hand"], told["initial_stock_rate"], told["item_type"]) == (7.0, 40.0, "inventory")
    assert told["custom_field_hash"]["cf_key"] == "K"
    with pytest.raises(RefusedError) as found:
        shelf.org.plant("item", {"name": "Pin", "stock_on_hand": "7"}, 1)
    assert str(found.value) == "Invalid value passed for Stock On Hand"
    untracked = shelf.org.plant("item", {"name": "Pin", "track_inventory": False}, 1)
    assert "stock_on_hand" not in shelf.told(untracked)
