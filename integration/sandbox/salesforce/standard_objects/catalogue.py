"""Products, price books and prices. The order of fields in their change events is not published."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    checkbox,
    long_text,
    money,
    picklist,
    read_only,
    reference,
    text,
)
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef
from integration.sandbox.salesforce.standard_objects.shared_fields import AUDIT, UNSTREAMED, VIEWED

PRODUCT = ObjectDef(
    "Product2",
    "01t",
    (
        text("Name", 255, label="Product Name", nillable=False),
        text("ProductCode", 255, label="Product Code"),
        long_text("Description", 4000, label="Product Description"),
        checkbox("IsActive", label="Active"),
        *AUDIT,
        picklist("Family", "None", "Hardware", "Software", "Services", label="Product Family"),
        reference("ExternalDataSourceId", "ExternalDataSource", label="External Data Source ID"),
        text("ExternalId", 255, label="External ID"),
        FieldDef("DisplayUrl", "url", length=1000, label="Display URL"),
        picklist("QuantityUnitOfMeasure", "Each", "Box", "Kg", label="Quantity Unit Of Measure"),
        read_only(checkbox("IsArchived", label="Archived")),
        text("StockKeepingUnit", 180, label="Product SKU"),
        *UNSTREAMED,
        *VIEWED[1:],
    ),
    label="Product",
    label_plural="Products",
)

PRICEBOOK = ObjectDef(
    "Pricebook2",
    "01s",
    (
        text("Name", 255, label="Price Book Name", nillable=False),
        *AUDIT,
        checkbox("IsActive", label="Active"),
        read_only(checkbox("IsArchived", label="Archived")),
        text("Description", 255),
        read_only(checkbox("IsStandard", label="Is Standard Price Book")),
        *UNSTREAMED,
        *VIEWED[1:],
    ),
    label="Price Book",
    label_plural="Price Books",
)

PRICE = ObjectDef(
    "PricebookEntry",
    "01u",
    (
        # The name and the code are the product's, and what follows from other records is not streamed.
        read_only(text("Name", 255, label="Product Name", in_events=False)),
        reference(
            "Pricebook2Id",
            "Pricebook2",
            label="Price Book ID",
            nillable=False,
            updateable=False,
            on_parent_delete="cascade",
            child_relationship="PricebookEntries",
        ),
        reference(
            "Product2Id",
            "Product2",
            label="Product ID",
            nillable=False,
            updateable=False,
            on_parent_delete="cascade",
            child_relationship="PricebookEntries",
        ),
        money("UnitPrice", 18, 2, label="List Price", nillable=False),
        checkbox("IsActive", label="Active"),
        checkbox("UseStandardPrice", label="Use Standard Price"),
        *AUDIT,
        read_only(text("ProductCode", 255, label="Product Code", in_events=False)),
        read_only(checkbox("IsArchived", label="Archived")),
        *UNSTREAMED,
    ),
    label="Price Book Entry",
    label_plural="Price Book Entries",
    create_event_without=tuple(field.name for field in AUDIT),
)
