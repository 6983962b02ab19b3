"""One Zoho Inventory organisation: its state and behaviour, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError, NoSuchRecordError, RefusedError
from integration.sandbox.switches import Switches
from integration.sandbox.zoho.adjustments.adjustment_book import AdjustmentBook
from integration.sandbox.zoho.adjustments.adjustment_module import AdjustmentModule
from integration.sandbox.zoho.adjustments.adjustment_shown import AdjustmentShown
from integration.sandbox.zoho.automation.book import Automation
from integration.sandbox.zoho.automation.deliveries import Deliveries, NoDeliveries
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.contact_book import ContactBook
from integration.sandbox.zoho.contact_modules import ContactModule, PersonModule
from integration.sandbox.zoho.custom_fields import ENTITIES, CustomFields
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.tax_rates import TaxRates
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.items.item_book import ItemBook
from integration.sandbox.zoho.items.item_module import ItemModule
from integration.sandbox.zoho.items.item_shown import ItemShown
from integration.sandbox.zoho.limiter import Limiter
from integration.sandbox.zoho.modules import Json, Module
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.profile import Profile
from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.modules import purchase_modules
from integration.sandbox.zoho.purchases.views import PurchaseViews
from integration.sandbox.zoho.rendering import Rendering
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.modules import sales_modules
from integration.sandbox.zoho.sales.views import SaleViews
from integration.sandbox.zoho.settings.location_module import LocationModule
from integration.sandbox.zoho.settings.setup import Setup
from integration.sandbox.zoho.stock import Stock
from integration.sandbox.zoho.tokens import TokenServer

PERSON_SOURCE = "user"
_DAY = 86_400


class ZohoOrg:
    """Modules, tokens and limits; `listen` hands every change on to the webhooks."""

    def __init__(self, profile: Profile, switches: Switches, clock: Clock, seed: int) -> None:
        self.profile, self.switches, self.clock = profile, switches, clock
        self.tokens = TokenServer(profile, switches, clock, seed)
        self.limiter = self.allowances = Limiter(profile.limits, switches, clock, profile.time_zone)
        self.fields = {
            entity: CustomFields((each for each in profile.custom_fields if each.entity == entity), switches)
            for entity in ENTITIES
        }
        self._last_id = 1_000_000
        self._listeners: list[Callable[[Change], None]] = []
        self.premises = Premises(profile, switches, clock, self.next_id, self._announce, self.fields)
        self.automation = Automation(switches, clock, self.next_id)
        self.deliveries: Deliveries = NoDeliveries()
        self.contacts = ContactBook(self.premises)
        self.rendering = Rendering(profile, self.fields["contact"])
        self.modules: dict[str, Module] = {}
        self.setup, self.stock = Setup(self.premises), Stock()
        self.locations, self.taxes = self.setup.locations, self.setup.taxes
        self.items = ItemBook(self.premises, self.setup, self.stock, self.contacts.find)
        self.item_shown = ItemShown(
            self.premises, self.setup, self.stock, self.rendering.time, self.contacts.ever
        )
        self.adjustments = AdjustmentBook(self.premises, self.setup, self.stock, self.items)
        self.adjustment_shown = AdjustmentShown(
            self.setup, self.fields["inventory_adjustment"], self.rendering.time
        )
        ground = Ground(
            self.premises, self.contacts, self.items, self.locations, TaxRates(self.taxes), self.stock,
            self.rendering.time,
        )  # fmt: skip
        self.sales = Sales(ground)
        self.sale_views = SaleViews(self.sales)
        self.purchases = Purchases(ground, self.sales)
        self.purchase_views = PurchaseViews(self.purchases)
        self._add(
            ContactModule(self.contacts, self.rendering),
            PersonModule(self.contacts),
            LocationModule(self.setup, self.stock),
            ItemModule(self.items, self.item_shown),
            AdjustmentModule(self.adjustments, self.adjustment_shown),
            *sales_modules(self.sales),
            *purchase_modules(self.purchases),
        )

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Call the listener after each change."""
        self._listeners.append(listener)

    def next_id(self) -> str:
        """A decimal id of 19 digits that shares the organisation's prefix."""
        self._last_id += 2
        return f"{self.profile.id_prefix}{self._last_id:012d}"

    # What the admin endpoint and the generator ask for (see `systems.StandIn`)

    def counts(self) -> Json:
        """By entity the records alive and deleted; what the limits counted."""
        counted = {entity: module.counts() for entity, module in self.modules.items()}
        return {**counted, "limits": self.limiter.used()}

    def check_entity(self, entity: str) -> None:
        """:raises BadInstructionError: there is no such module"""
        self._module(entity)

    def clock_was_set(self) -> None:
        """Nothing here depends on times that only rise."""

    def records(self, entity: str) -> list[Json]:
        """Every record that ever was, as the API shows it, plus `deleted`."""
        return [self.record(entity, record_id) for record_id in self._module(entity).ids()]

    def record(self, entity: str, record_id: str) -> Json:
        """One record as the API shows it. :raises NoSuchRecordError: never existed."""
        module = self._module(entity)
        shown = module.detail(record_id)
        if shown is None:
            raise NoSuchRecordError("zoho", entity, record_id)
        return {**shown, "deleted": module.is_deleted(record_id)}

    def edit(self, entity: str, record_id: str | None, fields: Mapping[str, Any]) -> Json:
        """A person at the screen creates or changes a record; the rules are those of the API."""
        with _refusals():
            return self.record(entity, self._module(entity).edit(record_id, fields, PERSON_SOURCE))

    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a record. :raises RefusedError: gone already, or it has transactions."""
        with _refusals():
            self._module(entity).delete(record_id, PERSON_SOURCE)

    def set_status(self, record_id: str, status: str, entity: str = "contact") -> Json:
        """A person presses the button that gives a record this status."""
        with _refusals():
            self._module(entity).set_status(record_id, status, PERSON_SOURCE)
        return self.record(entity, record_id)

    def plant(self, entity: str, fields: Mapping[str, Any], age_days: float) -> str:
        """A record that has been there for days; nobody is told."""
        at = int(self.clock.now().timestamp() - age_days * _DAY)
        with _refusals():
            return self._module(entity).plant(fields, at)

    def revoke_access_tokens(self) -> None:
        """Every access token given so far is dead."""
        self.tokens.revoke_all_access()

    def dump(self) -> Json:
        """Everything needed to go on after a restart."""
        return {
            "last_id": self._last_id,
            "modules": {entity: module.dump() for entity, module in self.modules.items()},
            "custom_fields": {entity: fields.dump() for entity, fields in self.fields.items()},
            "automation": self.automation.dump(),
            "tokens": self.tokens.dump(),
            "limits": self.limiter.dump(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump."""
        self._last_id = state["last_id"]
        for entity, fields in state["custom_fields"].items():
            self.fields[entity].load(fields)
        for entity, module in self.modules.items():
            if entity in state["modules"]:
                module.load(state["modules"][entity])
            else:
                module.clear()
        self.automation.load(state.get("automation", {}))
        self.tokens.load(state["tokens"])
        self.limiter.load(state["limits"])

    def reset(self) -> None:
        """No records, unused limits; ids go on, so that nothing old can be taken for new."""
        for module in self.modules.values():
            module.clear()
        self.automation.clear()
        self.limiter.clear()

    def _add(self, *modules: Module) -> None:
        """Later modules may refer to records of earlier ones."""
        self.modules.update({module.entity: module for module in modules})

    def _module(self, entity: str) -> Module:
        module = self.modules.get(entity)
        if module is None:
            raise BadInstructionError(f"zoho has {', '.join(self.modules)}, no {entity!r}")
        return module

    def _announce(self, change: Change) -> None:
        for listener in self._listeners:
            listener(change)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ApiError as error:
        raise RefusedError(error.message, error.body) from error
