"""Orders and their items. The order of fields in their change events is not published."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    address,
    auto_number,
    checkbox,
    date,
    long_text,
    moment,
    money,
    number,
    picklist,
    read_only,
    reference,
    text,
)
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.standard_objects.shared_fields import AUDIT, OWNER, UNSTREAMED, VIEWED
from integration.sandbox.salesforce.standard_objects.states import ORDER_STATUS_CODES

ORDER = ObjectDef(
    "Order",
    "801",
    (
        OWNER,
        reference("ContractId", "Contract", label="Contract ID"),
        reference(
            "AccountId",
            "Account",
            label="Account ID",
            on_parent_delete="restrict",
            child_relationship="Orders",
        ),
        reference("Pricebook2Id", "Pricebook2", label="Price Book ID", child_relationship="Orders"),
        read_only(reference("OriginalOrderId", "Order", label="Original Order ID")),
        date("EffectiveDate", label="Order Start Date", nillable=False),
        date("EndDate", label="Order End Date"),
        read_only(checkbox("IsReductionOrder", label="Reduction Order")),
        picklist("Status", *ORDER_STATUS_CODES, restricted=True, nillable=False),
        long_text("Description", 32000),
        reference("CustomerAuthorizedById", "Contact", label="Customer Authorized By ID"),
        date("CustomerAuthorizedDate", label="Customer Authorized Date"),
        reference("CompanyAuthorizedById", "User", label="Company Authorized By ID"),
        date("CompanyAuthorizedDate", label="Company Authorized Date"),
        picklist("Type", length=40, label="Order Type"),
        *address("BillingAddress"),
        *address("ShippingAddress"),
        text("Name", 80, label="Order Name"),
        date("PoDate", label="PO Date"),
        text("PoNumber", 80, label="PO Number"),
        text("OrderReferenceNumber", 80, label="Order Reference Number"),
        reference("BillToContactId", "Contact", label="Bill To Contact ID", relationship="BillToContact"),
        reference("ShipToContactId", "Contact", label="Ship To Contact ID", relationship="ShipToContact"),
        read_only(moment("ActivatedDate", label="Activated Date")),
        read_only(reference("ActivatedById", "User", label="Activated By ID")),
        read_only(
            picklist(
                "StatusCode",
                *ORDER_STATUS_CODES,
                length=40,
                restricted=True,
                nillable=False,
                label="Status Category",
            )
        ),
        auto_number("OrderNumber", "{00000000}", start=100, label="Order Number"),
        read_only(money("TotalAmount", 18, 2, nillable=False, default=0.0, label="Order Amount")),
        *AUDIT,
        *UNSTREAMED,
        *VIEWED[1:],
    ),
    label_plural="Orders",
    name_field="OrderNumber",
)

ORDER_ITEM = ObjectDef(
    "OrderItem",
    "802",
    (
        read_only(
            reference(
                "Product2Id",
                "Product2",
                label="Product ID",
                on_parent_delete="keep",
                child_relationship="OrderItems",
            )
        ),
        reference(
            "OrderId",
            "Order",
            label="Order ID",
            nillable=False,
            updateable=False,
            on_parent_delete="cascade",
            child_relationship="OrderItems",
        ),
        reference(
            "PricebookEntryId",
            "PricebookEntry",
            label="Price Book Entry ID",
            nillable=False,
            updateable=False,
            on_parent_delete="keep",
            child_relationship="OrderItems",
        ),
        read_only(reference("OriginalOrderItemId", "OrderItem", label="Original Order Item ID")),
        read_only(number("AvailableQuantity", 18, 2, label="Available Quantity")),
        number("Quantity", 18, 2, nillable=False),
        money("UnitPrice", 18, 2, label="Unit Price"),
        read_only(money("ListPrice", 18, 2, label="List Price")),
        read_only(money("TotalPrice", 18, 2, label="Total Price")),
        date("ServiceDate", label="Start Date"),
        date("EndDate", label="End Date"),
        text("Description", 255, label="Line Description"),
        *AUDIT,
        auto_number("OrderItemNumber", "{0000000000}", label="Order Product Number"),
        *UNSTREAMED,
    ),
    label="Order Product",
    label_plural="Order Products",
    name_field="OrderItemNumber",
)
