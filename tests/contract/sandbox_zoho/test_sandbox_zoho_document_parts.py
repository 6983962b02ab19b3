"""Lines, numbers and addresses of a document: what a write may say and how it replaces what is there."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from integration.sandbox.switches import Switches, assigned
from integration.sandbox.zoho.documents.addresses import address_of
from integration.sandbox.zoho.documents.lines import Line, LineRules, OrderedItem, clean_lines, without_lines
from integration.sandbox.zoho.documents.money import Discount, TaxRate
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.numeric import clean_discount, clean_exchange_rate, discount_shown
from integration.sandbox.zoho.faults import ApiError

ITEMS = {
    "11": OrderedItem("11", "Lamp", Decimal("9.5"), tax_id="91", unit="pcs", description="Warm white"),
    "12": OrderedItem("12", "Desk", Decimal(250)),
    "13": OrderedItem("13", "Retired", Decimal(1), active=False),
    "14": OrderedItem("14", "Raw steel", Decimal(1), usable=False),
}


def rules(first_id: int = 500, **switches: str) -> LineRules:
    ids = count(first_id)
    return LineRules(
        assigned(Switches(), {f"zoho_{name}": text for name, text in switches.items()}),
        lambda: str(next(ids)), ITEMS.get, {"91": TaxRate("91", "VAT", Decimal(19))}.get, locations=("71",),
    )  # fmt: skip


def refusal(entry: object, **switches: str) -> tuple[int, int, str]:
    with pytest.raises(ApiError) as caught:
        clean_lines([entry], (), rules(**switches))
    return caught.value.status, caught.value.code, caught.value.message


def test_a_new_line_takes_what_it_leaves_out_from_its_item() -> None:
    (line,) = clean_lines([{"item_id": "11", "quantity": 2}], (), rules())
    assert line == Line("500", "11", "Lamp", Decimal("9.5"), Decimal(2), "Warm white", "pcs", tax_id="91")


def test_what_a_line_says_goes_before_its_item() -> None:
    sent = {
        "item_id": "11", "quantity": "2.5", "rate": 0.1234567, "tax_id": "", "name": "Lamp, old", "unit": "box",
        "description": "", "discount": "12.5%", "warehouse_id": "71",
        "item_custom_fields": [{"label": "Engraving", "value": "A"}, {"label": "Empty", "value": ""}],
    }  # fmt: skip
    (line,) = clean_lines([sent], (), rules())
    assert (line.rate, line.quantity, line.tax_id, line.name) == (
        Decimal("0.123457"),
        Decimal("2.5"),
        "",
        "Lamp, old",
    )
    assert (line.discount, line.location_id) == (Discount(Decimal("12.5"), percent=True), "71")
    assert line.custom == (("Engraving", "A"),)
    assert Line.load(line.dump()) == line


def test_the_sent_list_is_the_whole_new_list() -> None:
    first, second = clean_lines(
        [{"item_id": "11", "quantity": 1}, {"item_id": "12", "quantity": 2, "rate": 200}], (), rules()
    )
    sent = [{"line_item_id": second.line_item_id, "quantity": 3}, {"item_id": "11", "quantity": 4}]
    after = clean_lines(sent, (first, second), rules(600, line_put="keep"))
    assert [(each.item_id, each.quantity, each.rate) for each in after] == [
        ("12", Decimal(3), Decimal(200)), ("11", Decimal(4), Decimal("9.5")),
    ]  # fmt: skip
    assert after[0].line_item_id == second.line_item_id
    assert without_lines((first, second), after) == [first]
    (reset,) = clean_lines([sent[0]], (first, second), rules())
    assert reset.rate == 250


def test_a_line_id_of_another_document_is_refused() -> None:
    assert refusal({"line_item_id": "77", "item_id": "11", "quantity": 1})[:2] == (400, 2)
    (line,) = clean_lines([{"item_id": "11", "quantity": 1}], (), rules())
    twice = {"line_item_id": line.line_item_id, "quantity": 1}
    with pytest.raises(ApiError):
        clean_lines([twice, twice], (line,), rules())


def test_a_retired_item_stays_in_the_lines_it_is_in() -> None:
    old = Line("1", "13", "Retired", Decimal(1), Decimal(1))
    assert clean_lines([{"line_item_id": "1", "quantity": 2}], (old,), rules())[0].quantity == 2


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"quantity": 1}, (400, 4, "Invalid value passed for item_id")),
        ({"item_id": "99", "quantity": 1}, (400, 2006, "Item does not exist")),
        ({"item_id": "13", "quantity": 1}, (400, 2008, 'The item "Retired" is inactive.')),
        ({"item_id": "14", "quantity": 1}, (400, 2008, 'The item "Raw steel" cannot be used in this transaction.')),
        ({"item_id": "11"}, (400, 4, "Invalid value passed for quantity")),
        ({"item_id": "11", "quantity": 0}, (400, 4, "Invalid value passed for quantity")),
        ({"item_id": "11", "quantity": -1}, (400, 4, "Invalid value passed for quantity")),
        ({"item_id": "11", "quantity": 10**9}, (400, 4, "Invalid value passed for quantity")),
        ({"item_id": "11", "quantity": "1e-99999999"}, (400, 2, "Invalid value passed for Quantity")),
        ({"item_id": "11", "quantity": "NaN"}, (400, 2, "Invalid value passed for Quantity")),
        ({"item_id": "11", "quantity": 1e-300}, (400, 4, "Invalid value passed for quantity")),
        ({"item_id": "11", "quantity": True}, (400, 2, "Invalid value passed for Quantity")),
        ({"item_id": "11", "quantity": 1, "rate": "9.5"}, (400, 2, "Invalid value passed for Rate")),
        ({"item_id": "11", "quantity": 1, "rate": -1}, (400, 2, "Invalid value passed for Rate")),
        ({"item_id": "11", "quantity": 1, "tax_id": "92"}, (400, 2, "Invalid value passed for Tax Id")),
        ({"item_id": "11", "quantity": 1, "location_id": "72"}, (400, 2, "Invalid value passed for Location Id")),
        ({"item_id": "11", "quantity": 1, "discount": "101%"}, (400, 2, "Invalid value passed for Discount")),
        ({"item_id": "11", "quantity": 1, "discount": -1}, (400, 2, "Invalid value passed for Discount")),
        ({"item_id": "11", "quantity": 1, "prise": 1}, (400, 2, "Invalid Element prise")),
        ({"item_id": "11", "quantity": 1, "item_custom_fields": [3]}, (400, 2, "Invalid value passed for Item Custom Fields")),
        ("11", (400, 2, "Invalid value passed for Line Items")),
    ],
)  # fmt: skip
def test_lines_are_refused(entry: object, expected: tuple[int, int, str]) -> None:
    assert refusal(entry) == expected


def test_no_lines_and_no_list_are_refused() -> None:
    for sent in ([], {}, "x", None):
        with pytest.raises(ApiError):
            clean_lines(sent, (), rules())


def test_switches_of_lines() -> None:
    assert refusal({"item_id": "11", "quantity": "2"}, quantity_text="false")[1] == 2
    assert refusal({"item_id": "11", "quantity": 0}, quantity_code="9")[1] == 9
    (line,) = clean_lines([{"item_id": "11"}], (), rules(line_quantity_required="false"))
    assert line.quantity == 1


def test_purchases_take_either_name_of_the_rate() -> None:
    purchases = LineRules(Switches(), lambda: "1", ITEMS.get, {}.get, rate_keys=("rate", "purchase_rate"))
    (line,) = clean_lines([{"item_id": "12", "quantity": 1, "purchase_rate": 3}], (), purchases)
    assert line.rate == 3


def test_discounts_read_back_as_they_are_shown() -> None:
    assert [discount_shown(clean_discount("discount", sent)) for sent in ("10%", 5, "7.5", "", None)] == [
        "10.00%", 5.0, 7.5, 0.0, 0.0,
    ]  # fmt: skip
    for sent in ("ten", {}, True, "NaN", 1e40):
        with pytest.raises(ApiError):
            clean_discount("discount", sent)
    with pytest.raises(ApiError):
        clean_exchange_rate("exchange_rate", 0)


def numbering(**switches: str) -> Numbering:
    return Numbering("salesorder_number", "SO-", 5, assigned(Switches(), switches))


def test_numbers_count_up_and_pass_over_taken_ones() -> None:
    numbers = numbering()
    taken = {"SO-00002"}
    assert [numbers.first(None, own=False, taken=taken.__contains__) for _ in range(2)] == [
        "SO-00001",
        "SO-00003",
    ]


def test_own_numbers_need_the_flag_and_must_be_free() -> None:
    numbers = numbering()
    assert numbers.first("A/7", own=True, taken=lambda _: False) == "A/7"
    for sent, own, code in (
        ("A/7", False, 4097),
        ("", True, 4),
        (None, True, 4),
        ("A/7", True, 36_004),
        ("x" * 51, True, 15),
        (7, True, 2),
    ):
        with pytest.raises(ApiError) as caught:
            numbers.first(sent, own=own, taken=lambda number: number == "A/7")
        assert (caught.value.status, caught.value.code) == (400, code)
    ignoring = numbering(zoho_own_number="ignore")
    assert ignoring.first("A/7", own=False, taken=lambda _: False) == "SO-00001"
    assert ignoring.changed("SO-00001", "A/8", own=False, taken=lambda _: False) == "SO-00001"


def test_a_number_may_be_sent_back_as_it_is() -> None:
    numbers = numbering()
    assert numbers.changed("SO-00001", "SO-00001", own=False, taken=lambda _: True) == "SO-00001"
    assert numbers.changed("SO-00001", "B/1", own=True, taken=lambda _: False) == "B/1"
    with pytest.raises(ApiError):
        numbers.changed("SO-00001", "B/1", own=False, taken=lambda _: False)


HOME, YARD = {"address_id": "31", "city": "Linz"}, {"address_id": "32", "city": "Wels"}


def test_an_address_is_named_by_id_given_inline_or_left() -> None:
    def found(**body: Any) -> Any:
        return address_of("shipping_address", body, (HOME, YARD), HOME, Switches())

    assert found() is HOME
    assert found(shipping_address_id="32") is YARD
    inline = found(shipping_address={"city": "Graz", "zip": "8010"})
    assert (inline["city"], inline["zip"], inline["address_id"], inline["street2"]) == (
        "Graz",
        "8010",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"shipping_address_id": "33"}, 15_002),
        ({"shipping_address": "Graz"}, 2),
        ({"shipping_address": {"city": 5}}, 2),
        ({"shipping_address": {"planet": "Mars"}}, 2),
    ],
)
def test_addresses_are_refused(body: dict[str, Any], code: int) -> None:
    with pytest.raises(ApiError) as caught:
        address_of("shipping_address", body, (HOME,), HOME, Switches())
    assert (caught.value.status, caught.value.code) == (400, code)


def test_an_inline_address_is_shorter_than_a_contacts() -> None:
    for length, refused in ((99, False), (100, True)):
        body = {"shipping_address": {"address": "x" * length}}
        if not refused:
            address_of("shipping_address", body, (), {}, Switches())
            continue
        with pytest.raises(ApiError) as caught:
            address_of("shipping_address", body, (), {}, Switches())
        assert (caught.value.status, caught.value.code) == (400, 15)
        assert (
            caught.value.message == 'Please ensure that the "shipping_address" has less than 100 characters.'
        )
