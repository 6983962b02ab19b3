"""Fields that many standard objects have."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    checkbox,
    date,
    external_key,
    moment,
    number,
    read_only,
    reference,
    text,
)
from integration.sandbox.salesforce.schema import FieldDef

ID = read_only(FieldDef("Id", "id", length=18, nillable=False, in_events=False))
OWNER = reference("OwnerId", "User", relationship="Owner", nillable=False, default="$user")
AUDIT = (
    read_only(moment("CreatedDate", nillable=False, event_doc="CreatedDate:DateTime")),
    read_only(reference("CreatedById", "User", relationship="CreatedBy", nillable=False)),
    read_only(moment("LastModifiedDate", nillable=False, event_doc="LastModifiedDate:DateTime")),
    read_only(reference("LastModifiedById", "User", relationship="LastModifiedBy", nillable=False)),
)
UNSTREAMED = (
    ID,
    read_only(checkbox("IsDeleted", in_events=False)),
    read_only(moment("SystemModstamp", nillable=False, in_events=False)),
)
VIEWED = (
    read_only(date("LastActivityDate", in_events=False)),
    read_only(moment("LastViewedDate", in_events=False)),
    read_only(moment("LastReferencedDate", in_events=False)),
)
KEY_FIELD = external_key("Zoho_Id__c", label="Zoho Id")
ACTIVE_FIELD = checkbox("Is_Active__c", default=True, label="Is Active")
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
STOCK_FIELDS = (
    number("Stock_On_Hand__c", 18, 4, label="Stock On Hand"),
    number("Stock_Available__c", 18, 4, label="Stock Available"),
    moment("Stock_As_Of__c", label="Stock As Of"),
)
"""The quantities of a product and when they were true: Product2 itself has no stock."""
ORDER_FIELDS = (
    text("Zoho_Number__c", 100, label="Zoho Number"),
    text("Zoho_Status__c", 40, label="Zoho Status"),
)
"""What became of an order elsewhere: its number and its state there."""
