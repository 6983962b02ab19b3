"""The objects an org starts with, shaped by its options."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from integration.sandbox.salesforce.field_kinds import picklist, read_only
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Schema
from integration.sandbox.salesforce.standard_objects.catalogue import PRICE, PRICEBOOK, PRODUCT
from integration.sandbox.salesforce.standard_objects.customers import (
    ACCOUNT,
    CLEANSING_FIELDS,
    CONTACT,
    PERSON_FIELDS,
)
from integration.sandbox.salesforce.standard_objects.incoming_stock import INCOMING_STOCK
from integration.sandbox.salesforce.standard_objects.opportunities import OPPORTUNITY, OPPORTUNITY_LINE
from integration.sandbox.salesforce.standard_objects.orders import ORDER, ORDER_ITEM
from integration.sandbox.salesforce.standard_objects.organization import (
    CURRENCY_TYPE,
    OPPORTUNITY_STAGE,
    ORDER_STATUS,
    ORGANIZATION,
    USER,
)
from integration.sandbox.salesforce.standard_objects.shared_fields import (
    ACTIVE_FIELD,
    AUDIT,
    KEY_FIELD,
    ORDER_FIELDS,
    STOCK_FIELDS,
    UNSTREAMED,
)
from integration.sandbox.salesforce.standard_objects.states import order_states

_BUSINESS = (
    ACCOUNT,
    CONTACT,
    PRODUCT,
    PRICEBOOK,
    PRICE,
    OPPORTUNITY,
    OPPORTUNITY_LINE,
    ORDER,
    ORDER_ITEM,
)
_WITHOUT_CURRENCY = frozenset({"Pricebook2"})
_CURRENCY_OF_PARENT = frozenset({"OpportunityLineItem", "OrderItem"})


def build_schema(options: OrgOptions) -> Schema:
    """The schema of an org with these options: standard objects, the sync fields, declared additions."""
    shipped = (INCOMING_STOCK,) if options.switches.incoming_stock else ()
    objects = [_shaped(definition, options) for definition in (*_BUSINESS, *shipped)]
    schema = Schema([*objects, USER, ORGANIZATION, OPPORTUNITY_STAGE, ORDER_STATUS])
    if options.currencies:
        schema.put(CURRENCY_TYPE)
    for definition in options.definitions:
        schema.declare(definition, (*AUDIT, *_currency_field("", options), *UNSTREAMED))
    return schema


def _shaped(definition: ObjectDef, options: OrgOptions) -> ObjectDef:
    switches = options.switches
    if not switches.data_cleansing_fields:
        definition = definition.without_fields(CLEANSING_FIELDS)
    if switches.person_accounts and definition.name == "Account":
        definition = definition.with_fields(PERSON_FIELDS)
    definition = definition.with_fields(_switched(definition, options))
    key = (KEY_FIELD,) if switches.key_fields else ()
    return definition.with_fields(
        (*_currency_field(definition.name, options), *key, *_extras(definition, options))
    )


def _extras(definition: ObjectDef, options: OrgOptions) -> Iterable[FieldDef]:
    """The custom fields an admin would have added for the sync, beside its key."""
    switches = options.switches
    if definition.name in {"Account", "Contact"} and switches.active_fields:
        return (ACTIVE_FIELD,)
    if definition.name == "Product2" and switches.stock_fields:
        return STOCK_FIELDS
    return ORDER_FIELDS if definition.name == "Order" and switches.order_fields else ()


def _switched(definition: ObjectDef, options: OrgOptions) -> Iterable[FieldDef]:
    """Standard fields that differ by a switch."""
    switches = options.switches
    if definition.name == "Opportunity" and switches.restricted_stages:
        yield replace(definition.field("StageName"), restricted=True)
    if definition.name == "OpportunityLineItem":
        yield replace(definition.field("Product2Id"), createable=switches.line_by_product)
    if definition.name == "Order":
        yield replace(definition.field("Status"), picklist=tuple(order_states(switches.order_statuses)))
        refused = switches.account_with_orders_delete_refused
        yield replace(definition.field("AccountId"), on_parent_delete="restrict" if refused else "clear")


def _currency_field(object_name: str, options: OrgOptions) -> Iterable[FieldDef]:
    if not options.currencies or object_name in _WITHOUT_CURRENCY:
        return ()
    codes = options.currencies
    field = picklist(
        "CurrencyIsoCode",
        *codes,
        length=3,
        restricted=True,
        nillable=False,
        default=codes[0],
        label="Currency ISO Code",
        updateable=object_name != "PricebookEntry",
    )
    return (read_only(field) if object_name in _CURRENCY_OF_PARENT else field,)
