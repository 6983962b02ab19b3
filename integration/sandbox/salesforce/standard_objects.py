"""The objects an org starts with. The order of fields is the order of the change event's schema."""

from __future__ import annotations

from collections.abc import Iterable

from integration.sandbox.salesforce.field_kinds import (
    address,
    checkbox,
    date,
    email,
    external_key,
    long_text,
    moment,
    money,
    number,
    phone,
    picklist,
    read_only,
    reference,
    text,
    url,
    whole,
)
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.schema import FieldDef, ObjectDef, Schema

_INDUSTRIES = (
    "Agriculture",
    "Apparel",
    "Banking",
    "Biotechnology",
    "Chemicals",
    "Communications",
    "Construction",
    "Consulting",
    "Education",
    "Electronics",
    "Energy",
    "Engineering",
    "Entertainment",
    "Environmental",
    "Finance",
    "Food & Beverage",
    "Government",
    "Healthcare",
    "Hospitality",
    "Insurance",
    "Machinery",
    "Manufacturing",
    "Media",
    "Not For Profit",
    "Recreation",
    "Retail",
    "Shipping",
    "Technology",
    "Telecommunications",
    "Transportation",
    "Utilities",
    "Other",
)
_ACCOUNT_TYPES = (
    "Prospect",
    "Customer - Direct",
    "Customer - Channel",
    "Channel Partner / Reseller",
    "Installation Partner",
    "Technology Partner",
    "Other",
)
_LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_CLEAN_STATUS = (
    "Matched",
    "Different",
    "Acknowledged",
    "NotFound",
    "Inactive",
    "Pending",
    "SelectMatch",
    "Skipped",
)
_SALUTATIONS = ("Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx.")

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
CLEANSING_FIELDS = frozenset(
    {
        "Jigsaw",
        "JigsawCompanyId",
        "JigsawContactId",
        "CleanStatus",
        "DunsNumber",
        "Tradestyle",
        "NaicsCode",
        "NaicsDesc",
        "YearStarted",
        "SicDesc",
        "DandbCompanyId",
    }
)
KEY_FIELD = external_key("Zoho_Id__c", label="Zoho Id")
ACTIVE_FIELD = checkbox("Is_Active__c", default=True, label="Is Active")

ACCOUNT = ObjectDef(
    "Account",
    "001",
    (
        text("Name", 255, label="Account Name", nillable=False, event_doc="Data:Switchable_PersonName"),
        picklist("Type", *_ACCOUNT_TYPES, label="Account Type"),
        reference("ParentId", "Account", label="Parent Account ID", child_relationship="ChildAccounts"),
        *address("BillingAddress"),
        *address("ShippingAddress"),
        phone("Phone", label="Account Phone"),
        phone("Fax", label="Account Fax"),
        text("AccountNumber", 40, label="Account Number"),
        url("Website"),
        text("Sic", 20, label="SIC Code"),
        picklist("Industry", *_INDUSTRIES),
        money("AnnualRevenue", 18, 0, label="Annual Revenue"),
        whole("NumberOfEmployees", label="Employees"),
        picklist("Ownership", "Public", "Private", "Subsidiary", "Other"),
        text("TickerSymbol", 20, label="Ticker Symbol"),
        long_text("Description", 32000, label="Account Description"),
        picklist("Rating", "Hot", "Warm", "Cold", label="Account Rating"),
        text("Site", 80, label="Account Site"),
        OWNER,
        *AUDIT,
        text("Jigsaw", 20, label="Data.com Key"),
        read_only(text("JigsawCompanyId", 20)),
        picklist("CleanStatus", *_CLEAN_STATUS, length=40, restricted=True, label="Clean Status"),
        picklist("AccountSource", *_LEAD_SOURCES, label="Account Source"),
        text("DunsNumber", 9, label="D-U-N-S Number"),
        text("Tradestyle", 255),
        text("NaicsCode", 8, label="NAICS Code"),
        text("NaicsDesc", 120, label="NAICS Description"),
        text("YearStarted", 4, label="Year Started"),
        text("SicDesc", 80, label="SIC Description"),
        reference("DandbCompanyId", "DandBCompany", label="D&B Company ID"),
        reference("OperatingHoursId", "OperatingHours", label="Operating Hour ID"),
        *UNSTREAMED,
        read_only(reference("MasterRecordId", "Account", relationship="MasterRecord", in_events=False)),
        *VIEWED,
        read_only(url("PhotoUrl", in_events=False)),
    ),
    label_plural="Accounts",
    mergeable=True,
)

CONTACT = ObjectDef(
    "Contact",
    "003",
    (
        reference(
            "AccountId",
            "Account",
            label="Account ID",
            on_parent_delete="cascade",
            child_relationship="Contacts",
        ),
        read_only(FieldDef("Name", "personname", label="Full Name", length=121, nillable=False)),
        picklist("Salutation", *_SALUTATIONS, length=40, part_of="Name", part="Salutation", in_events=False),
        text("FirstName", 40, label="First Name", part_of="Name", part="FirstName", in_events=False),
        text(
            "LastName",
            80,
            label="Last Name",
            nillable=False,
            part_of="Name",
            part="LastName",
            in_events=False,
        ),
        *address("OtherAddress"),
        *address("MailingAddress"),
        phone("Phone", label="Business Phone"),
        phone("Fax", label="Business Fax"),
        phone("MobilePhone", label="Mobile Phone"),
        phone("HomePhone", label="Home Phone"),
        phone("OtherPhone", label="Other Phone"),
        phone("AssistantPhone", label="Asst. Phone"),
        reference("ReportsToId", "Contact", label="Reports To ID"),
        email("Email"),
        text("Title", 128),
        text("Department", 80),
        text("AssistantName", 40, label="Assistant's Name"),
        picklist("LeadSource", *_LEAD_SOURCES, label="Lead Source"),
        date("Birthdate"),
        long_text("Description", 32000, label="Contact Description"),
        OWNER,
        checkbox("HasOptedOutOfEmail", label="Email Opt Out"),
        checkbox("HasOptedOutOfFax", label="Fax Opt Out"),
        checkbox("DoNotCall", label="Do Not Call"),
        *AUDIT,
        read_only(moment("LastCURequestDate")),
        read_only(moment("LastCUUpdateDate")),
        text("EmailBouncedReason", 255, label="Email Bounced Reason"),
        moment("EmailBouncedDate", label="Email Bounced Date"),
        text("Jigsaw", 20, label="Data.com Key"),
        read_only(text("JigsawContactId", 20)),
        picklist("CleanStatus", *_CLEAN_STATUS, length=40, restricted=True, label="Clean Status"),
        reference("IndividualId", "Individual"),
        picklist("Pronouns", "He/Him", "She/Her", "They/Them", "He/They", "She/They", "Not Listed"),
        picklist("GenderIdentity", "Male", "Female", "Nonbinary", "Not Listed", label="Gender Identity"),
        *UNSTREAMED,
        read_only(reference("MasterRecordId", "Contact", relationship="MasterRecord", in_events=False)),
        *VIEWED,
        read_only(checkbox("IsEmailBounced", in_events=False)),
        read_only(url("PhotoUrl", in_events=False)),
    ),
    label_plural="Contacts",
    mergeable=True,
    derived_name=("FirstName", "LastName"),
)

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

_PERSON_FIELDS = (
    picklist("Salutation", *_SALUTATIONS, length=40, part_of="Name", part="Salutation", in_events=False),
    text("FirstName", 40, label="First Name", part_of="Name", part="FirstName", in_events=False),
    text("LastName", 80, label="Last Name", part_of="Name", part="LastName", in_events=False),
    email("PersonEmail", label="Email"),
    phone("PersonMobilePhone", label="Mobile"),
    read_only(checkbox("IsPersonAccount", label="Is Person Account")),
)


def build_schema(options: OrgOptions) -> Schema:
    """The schema of an org with these options: standard objects, the sync fields, declared additions."""
    objects = [_shaped(definition, options) for definition in (ACCOUNT, CONTACT)]
    schema = Schema([*objects, USER, ORGANIZATION])
    if options.currencies:
        schema.put(CURRENCY_TYPE)
    for definition in options.definitions:
        schema.declare(definition, _system_fields(options))
    return schema


def _shaped(definition: ObjectDef, options: OrgOptions) -> ObjectDef:
    if not options.switches.data_cleansing_fields:
        definition = definition.without_fields(CLEANSING_FIELDS)
    if options.switches.person_accounts and definition.name == "Account":
        definition = definition.with_fields(_PERSON_FIELDS)
    key = (KEY_FIELD,) if options.switches.key_fields else ()
    active = (ACTIVE_FIELD,) if options.switches.active_fields else ()
    return definition.with_fields((*_currency_field(options), *key, *active))


def _currency_field(options: OrgOptions) -> Iterable[FieldDef]:
    if not options.currencies:
        return ()
    codes = options.currencies
    return (picklist("CurrencyIsoCode", *codes, length=3, restricted=True, nillable=False, default=codes[0]),)


def _system_fields(options: OrgOptions) -> Iterable[FieldDef]:
    return (*AUDIT, *_currency_field(options), *UNSTREAMED)
