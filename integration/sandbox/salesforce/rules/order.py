"""Orders: from draft to activated, and what may still change after that."""

from __future__ import annotations

from collections.abc import Mapping

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.options import names_in
from integration.sandbox.salesforce.rules.money import moved, summed
from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, integrity, missing
from integration.sandbox.salesforce.schema import Value
from integration.sandbox.salesforce.standard_objects.states import ACTIVATED, DRAFT, order_states
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.salesforce.tables import Row

ITEMS = "OrderItem"


class OrderRules(Rules):
    """Order."""

    def __init__(self, switches: SalesforceSwitches) -> None:
        self._codes = order_states(switches.order_statuses)
        self._open = frozenset(names_in(switches.activated_order_open_fields))

    def fill(self, saving: Saving) -> None:
        code = self._codes.get(str(saving.values["Status"]))
        saving.values["StatusCode"] = code
        if code == DRAFT:
            saving.values.update(ActivatedDate=None, ActivatedById=None)
        elif saving.before is not None and saving.before["StatusCode"] == DRAFT:
            stamp, user = saving.audit["LastModifiedDate"], saving.audit["LastModifiedById"]
            saving.values.update(ActivatedDate=stamp, ActivatedById=user)

    def check(self, saving: Saving) -> None:
        if saving.values["AccountId"] is None:
            raise missing("AccountId")
        if saving.before is None:
            if saving.values["StatusCode"] != DRAFT:
                raise self._not_activated(saving, "An order must be a draft when it is created")
            return
        if saving.before["StatusCode"] == ACTIVATED:
            self._check_activated(saving)
        has_items = saving.store.any_pointing(ITEMS, "OrderId", str(saving.values["Id"]))
        for name in ("Pricebook2Id", "CurrencyIsoCode"):
            if has_items and saving.changes(name):
                raise integrity(f"{name} cannot be changed while the order has products", name)
        activating = saving.values["StatusCode"] == ACTIVATED and saving.before["StatusCode"] == DRAFT
        if activating and not has_items:
            raise self._not_activated(saving, "An order must have at least one product")

    def deleting(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        if row.values["StatusCode"] == ACTIVATED and not scene.switches.activated_order_delete:
            raise ApiError("DELETE_FAILED", "An activated order cannot be deleted", fields=[])

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        if scene.store.live(row.values["AccountId"]) is None:
            raise ApiError("UNDELETE_FAILED", "The account of this order is deleted", fields=[])

    def _check_activated(self, saving: Saving) -> None:
        if saving.values["StatusCode"] != ACTIVATED and not saving.switches.order_back_to_draft:
            raise integrity("An activated order cannot become a draft again", "Status")
        refuse_locked(saving, self._open, "order")

    @staticmethod
    def _not_activated(saving: Saving, message: str) -> ApiError:
        return ApiError(saving.switches.order_activation_code, message, fields=["Status"])


def refuse_locked(saving: Saving, open_fields: frozenset[str], label: str) -> None:
    """After activation only some fields may get another value. Raises the switch's code."""
    locked = [name for name in saving.changed_of_given() if not _is_open(name, open_fields)]
    if locked:
        names = ", ".join(locked)
        message = f"The {label} is activated, so these fields cannot be changed: {names}"
        raise ApiError(saving.switches.locked_record_code, message, fields=locked)


def roll_up(scene: Scene, order_id: str) -> None:
    """Sums the items into their order, unless that is gone itself."""
    order = scene.store.live(order_id)
    if order is not None:
        items = scene.store.pointing(ITEMS, "OrderId", order.id)
        scene.change("Order", order, {"TotalAmount": summed(item.values["TotalPrice"] for item in items)})


def roll_up_one(scene: Scene, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None) -> None:
    """The same after one item changed (None: was not there, is not there), without looking at the others."""
    order = scene.store.live((after or before or {})["OrderId"])
    if order is None:
        return
    total = moved(order.values["TotalAmount"], before, after, "TotalPrice")
    if total is None:
        roll_up(scene, order.id)
    else:
        scene.change("Order", order, {"TotalAmount": total})


def _is_open(name: str, open_fields: frozenset[str]) -> bool:
    return name in open_fields or (name.endswith("__c") and "*__c" in open_fields)
