"""The custom object an org comes with: goods that were ordered and have yet to arrive."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    auto_number,
    date,
    long_text,
    moment,
    money,
    number,
    picklist,
    reference,
    text,
)
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.standard_objects.shared_fields import AUDIT, OWNER, UNSTREAMED, VIEWED

INCOMING_STOCK = ObjectDef(
    "Incoming_Stock__c",
    "a00",
    (
        OWNER,
        auto_number("Name", "IS-{00000}", label="Incoming Stock Number"),
        *AUDIT,
        reference(
            "Product__c",
            "Product2",
            relationship="Product__r",
            nillable=False,
            on_parent_delete="restrict",
            child_relationship="Incoming_Stock__r",
        ),
        reference(
            "Supplier__c", "Account", relationship="Supplier__r", child_relationship="Incoming_Stock__r"
        ),
        text("Purchase_Order_Number__c", 100, label="Purchase Order Number"),
        number("Quantity_Ordered__c", 18, 4, nillable=False, label="Quantity Ordered"),
        number("Quantity_Received__c", 18, 4, default=0.0, label="Quantity Received"),
        money("Unit_Cost__c", 18, 2, label="Unit Cost"),
        date("Order_Date__c", label="Order Date"),
        date("Expected_Date__c", label="Expected Date"),
        moment("Received_At__c", label="Received At"),
        picklist(
            "Status__c",
            "Draft",
            "Issued",
            "Partially Received",
            "Received",
            "Cancelled",
            restricted=True,
            default="Draft",
            label="Status",
        ),
        long_text("Notes__c", 32768, label="Notes"),
        *UNSTREAMED,
        *VIEWED,
    ),
    label="Incoming Stock",
    label_plural="Incoming Stock",
)
