"""The API calls on the organisation itself: who it is, its currencies, its fields."""

from __future__ import annotations

import re

from integration.sandbox.zoho.answers import Answer, Call, success
from integration.sandbox.zoho.contact import Json
from integration.sandbox.zoho.custom_fields import DATA_TYPES, CustomField
from integration.sandbox.zoho.endpoint import Endpoint
from integration.sandbox.zoho.faults import absent, invalid_value, missing_value, unknown_url
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.system_fields import SYSTEM_FIELDS, SystemField


def list_organizations(org: ZohoOrg, _: Call) -> Answer:
    return success(organizations=[_organization(org)])


def get_organization(org: ZohoOrg, call: Call) -> Answer:
    if call.path["organization_id"] != org.profile.organization_id:
        raise absent("Organization")
    return success(organization={**_organization(org), **_letterhead()})


def list_currencies(org: ZohoOrg, _: Call) -> Answer:
    return success(currencies=[currency.shown() for currency in org.profile.currencies])


def get_currency(org: ZohoOrg, call: Call) -> Answer:
    for currency in org.profile.currencies:
        if currency.currency_id == call.path["currency_id"]:
            return success(currency=currency.shown())
    raise absent("Currency")


def list_fields(org: ZohoOrg, call: Call) -> Answer:
    """The fields of an entity: built-in ones first, unless only custom ones are asked for."""
    if not org.switches.zoho_settings_fields:
        raise unknown_url()
    entity = call.query.get("entity", "")
    if entity not in org.fields:
        raise invalid_value("entity")
    shown = [definition.shown() for definition in org.fields[entity].all()]
    if call.query.get("filter_custom_fields") != "true":
        shown = [_system_field(entity, each) for each in SYSTEM_FIELDS.get(entity, ())] + shown
    return success(fields=shown)


def create_field(org: ZohoOrg, call: Call) -> Answer:
    """A new custom field; its api_name follows from the label."""
    if not org.switches.zoho_settings_fields:
        raise unknown_url()
    body = call.body()
    label, data_type = body.get("label"), body.get("data_type")
    if not isinstance(label, str) or not label.strip():
        raise missing_value("label")
    entity = str(body.get("entity", ""))
    if not isinstance(data_type, str) or data_type not in DATA_TYPES:
        raise invalid_value("data_type")
    if entity not in org.fields:
        raise invalid_value("entity")
    api_name = "cf_" + re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")
    custom = org.fields[entity]
    if custom.get(api_name) is not None:
        raise invalid_value("label")
    definition = CustomField(
        org.next_id(), api_name, label, data_type, is_unique=body.get("is_unique") is True,
        is_mandatory=body.get("is_mandatory") is True, index=len(custom.all()) + 1, entity=entity,
    )  # fmt: skip
    custom.define(definition)
    return success("The custom field has been created.", 201, field=definition.shown())


def _organization(org: ZohoOrg) -> Json:
    profile = org.profile
    base = profile.base_currency
    return {
        "organization_id": profile.organization_id, "name": profile.name, "contact_name": profile.user_name,
        "email": profile.user_email, "is_default_org": True, "plan_type": 130, "plan_name": "PREMIUM",
        "plan_period": "Monthly", "language_code": "en", "fiscal_year_start_month": 0,
        "account_created_date": "2024-01-15", "account_created_date_formatted": "15 Jan 2024",
        "time_zone": profile.time_zone, "is_org_active": True, "currency_id": base.currency_id,
        "currency_code": base.code, "currency_symbol": base.symbol, "currency_format": "1,234,567.89",
        "price_precision": 2, "date_format": "dd MMM yyyy", "field_separator": " ", "industry_type": "",
        "tax_group_enabled": True, "user_role": "admin", "user_status": "active", "is_logo_uploaded": False,
    }  # fmt: skip


def _letterhead() -> Json:
    """What the organisation prints about itself, which only its own answer carries."""
    return {
        "industry_size": "", "company_id_label": "Company ID", "company_id_value": "",
        "tax_id_label": "Tax ID", "tax_id_value": "", "org_address": "", "remit_to_address": "",
        "phone": "", "fax": "", "website": "",
        "address": {
            "street_address1": "1 Sample Street", "street_address2": "", "city": "Springfield",
            "state": "Oregon", "country": "U.S.A", "zip": "97477",
        },
        "custom_fields": [],
    }  # fmt: skip


def _system_field(entity: str, field: SystemField) -> Json:
    return {
        "field_id": "", "api_name": field.name, "label": field.name.replace("_", " ").title(),
        "entity": entity, "data_type": field.data_type, "is_active": True, "is_custom_field": False,
        "is_mandatory": field.is_mandatory, "is_unique": False, "max_length": field.max_length or "",
    }  # fmt: skip


ENDPOINTS = (
    Endpoint(
        "GET", "/organizations", "settings.READ", list_organizations, in_organization=False
    ),
    Endpoint("GET", "/organizations/{organization_id}", "settings.READ", get_organization),
    Endpoint("GET", "/settings/currencies", "settings.READ", list_currencies),
    Endpoint("GET", "/settings/currencies/{currency_id}", "settings.READ", get_currency),
    Endpoint("GET", "/settings/fields", "settings.READ", list_fields),
    Endpoint("POST", "/settings/fields", "settings.CREATE", create_field),
)  # fmt: skip
