"""Opportunities and their lines; the lines' order of fields in change events is not published."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    checkbox,
    date,
    long_text,
    moment,
    money,
    number,
    percent,
    picklist,
    read_only,
    reference,
    text,
    whole,
)
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.standard_objects.shared_fields import (
    AUDIT,
    LEAD_SOURCES,
    OWNER,
    UNSTREAMED,
    VIEWED,
)
from integration.sandbox.salesforce.standard_objects.states import FORECAST_CATEGORIES, STAGES

OPPORTUNITY = ObjectDef(
    "Opportunity",
    "006",
    (
        reference(
            "AccountId",
            "Account",
            label="Account ID",
            on_parent_delete="cascade",
            child_relationship="Opportunities",
        ),
        checkbox("IsPrivate", label="Private"),
        text("Name", 120, nillable=False),
        long_text("Description", 32000),
        picklist("StageName", *(stage.name for stage in STAGES), label="Stage", nillable=False),
        money("Amount", 18, 2),
        percent("Probability", 3, 0, label="Probability (%)"),
        read_only(money("ExpectedRevenue", 18, 2, label="Expected Amount")),
        number("TotalOpportunityQuantity", 18, 2, label="Quantity"),
        date("CloseDate", label="Close Date", nillable=False),
        picklist("Type", "Existing Business", "New Business", label="Opportunity Type"),
        text("NextStep", 255, label="Next Step"),
        picklist("LeadSource", *LEAD_SOURCES, label="Lead Source"),
        read_only(checkbox("IsClosed", label="Closed")),
        read_only(checkbox("IsWon", label="Won")),
        read_only(
            picklist("ForecastCategory", *FORECAST_CATEGORIES, length=40, restricted=True, nillable=False)
        ),
        picklist(
            "ForecastCategoryName", *FORECAST_CATEGORIES.values(), restricted=True, label="Forecast Category"
        ),
        reference("CampaignId", "Campaign", label="Campaign ID"),
        read_only(checkbox("HasOpportunityLineItem", label="Has Line Item")),
        reference("Pricebook2Id", "Pricebook2", label="Price Book ID", child_relationship="Opportunities"),
        OWNER,
        *AUDIT,
        read_only(moment("LastStageChangeDate", label="Last Stage Change Date")),
        reference("ContactId", "Contact", label="Contact ID", updateable=False),
        reference("ContractId", "Contract", label="Contract ID"),
        read_only(reference("LastAmountChangedHistoryId", "OpportunityHistory")),
        read_only(reference("LastCloseDateChangedHistoryId", "OpportunityHistory")),
        *UNSTREAMED,
        *VIEWED,
        read_only(whole("FiscalQuarter", label="Fiscal Quarter", in_events=False)),
        read_only(whole("FiscalYear", label="Fiscal Year", in_events=False)),
        read_only(text("Fiscal", 6, label="Fiscal Period", in_events=False)),
        read_only(checkbox("HasOpenActivity", label="Has Open Activity", in_events=False)),
        read_only(checkbox("HasOverdueTask", label="Has Overdue Task", in_events=False)),
    ),
    label_plural="Opportunities",
)

OPPORTUNITY_LINE = ObjectDef(
    "OpportunityLineItem",
    "00k",
    (
        reference(
            "OpportunityId",
            "Opportunity",
            label="Opportunity ID",
            nillable=False,
            updateable=False,
            on_parent_delete="cascade",
            child_relationship="OpportunityLineItems",
        ),
        whole("SortOrder", 9, label="Sort Order"),
        reference(
            "PricebookEntryId",
            "PricebookEntry",
            label="Price Book Entry ID",
            updateable=False,
            on_parent_delete="keep",
            child_relationship="OpportunityLineItems",
        ),
        reference(
            "Product2Id",
            "Product2",
            label="Product ID",
            updateable=False,
            on_parent_delete="keep",
            child_relationship="OpportunityLineItems",
        ),
        read_only(text("ProductCode", 255, label="Product Code")),
        read_only(text("Name", 376, label="Opportunity Product Name")),
        number("Quantity", 12, 2, nillable=False),
        money("TotalPrice", 18, 2, label="Total Price"),
        money("UnitPrice", 18, 2, label="Sales Price"),
        read_only(money("ListPrice", 18, 2, label="List Price")),
        read_only(money("Subtotal", 18, 2)),
        percent("Discount", 5, 2),
        date("ServiceDate", label="Date"),
        text("Description", 255, label="Line Description"),
        *AUDIT,
        *UNSTREAMED,
    ),
    label="Opportunity Product",
    label_plural="Opportunity Products",
)
