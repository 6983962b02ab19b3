"""What describes the org itself: users, the organization, currencies and the tables of states."""

from __future__ import annotations

from integration.sandbox.salesforce.field_kinds import (
    checkbox,
    email,
    number,
    picklist,
    read_only,
    text,
    whole,
)
from integration.sandbox.salesforce.schema import ObjectDef
from integration.sandbox.salesforce.standard_objects.shared_fields import AUDIT, UNSTREAMED
from integration.sandbox.salesforce.standard_objects.states import FORECAST_CATEGORIES, ORDER_STATUS_CODES

USER = ObjectDef(
    "User",
    "005",
    (
        text("Username", 80, nillable=False),
        read_only(text("Name", 121, label="Full Name")),
        text("LastName", 80, nillable=False),
        text("FirstName", 40),
        email("Email", nillable=False),
        text("Alias", 8, nillable=False),
        checkbox("IsActive", default=True),
        picklist("UserType", "Standard", "PowerPartner", "AutomatedProcess", length=40),
        text("TimeZoneSidKey", 40),
        text("LocaleSidKey", 40),
        *AUDIT,
        *UNSTREAMED,
    ),
    createable=False,
    deletable=False,
)

ORGANIZATION = ObjectDef(
    "Organization",
    "00D",
    (
        text("Name", 80, nillable=False),
        picklist(
            "OrganizationType", "Developer Edition", "Enterprise Edition", "Unlimited Edition", length=40
        ),
        checkbox("IsSandbox"),
        text("InstanceName", 5),
        text("NamespacePrefix", 15),
        text("TimeZoneSidKey", 40),
        text("DefaultLocaleSidKey", 40),
        text("LanguageLocaleKey", 40),
        *AUDIT,
        *UNSTREAMED,
    ),
    createable=False,
    updateable=False,
    deletable=False,
)

CURRENCY_TYPE = ObjectDef(
    "CurrencyType",
    "01L",
    (
        text("IsoCode", 3, nillable=False),
        number("ConversionRate", 18, 6, nillable=False),
        whole("DecimalPlaces", 1, nillable=False),
        checkbox("IsActive", default=True),
        checkbox("IsCorporate"),
        *AUDIT,
        *UNSTREAMED,
    ),
    name_field="IsoCode",
    deletable=False,
)

OPPORTUNITY_STAGE = ObjectDef(
    "OpportunityStage",
    "01J",
    (
        text("MasterLabel", 255, label="Master Label"),
        text("ApiName", 255, label="API Name", nillable=False),
        checkbox("IsActive", default=True, label="Is Active"),
        whole("SortOrder", 9, label="Sort Order"),
        checkbox("IsClosed", label="Closed"),
        checkbox("IsWon", label="Won"),
        picklist("ForecastCategory", *FORECAST_CATEGORIES, length=40, restricted=True, nillable=False),
        picklist("ForecastCategoryName", *FORECAST_CATEGORIES.values(), length=255, nillable=False),
        number("DefaultProbability", 3, 0, label="Probability (%)"),
        text("Description", 255),
        *AUDIT,
        *UNSTREAMED,
    ),
    label="Opportunity Stage",
    name_field="MasterLabel",
    createable=False,
    updateable=False,
    deletable=False,
)

ORDER_STATUS = ObjectDef(
    "OrderStatus",
    # Nothing public tells this prefix; it only has to differ from the others.
    "0Os",
    (
        text("MasterLabel", 255, label="Master Label"),
        text("ApiName", 255, label="API Name", nillable=False),
        checkbox("IsDefault", label="Is Default"),
        whole("SortOrder", 9, label="Sort Order"),
        picklist("StatusCode", *ORDER_STATUS_CODES, length=40, restricted=True, label="Status Code"),
        *AUDIT,
        *UNSTREAMED,
    ),
    label="Order Status Value",
    name_field="MasterLabel",
    createable=False,
    updateable=False,
    deletable=False,
)
