"""The documented fields of contacts and contact persons, in the flat names of a native image."""

from __future__ import annotations

ADDRESSES = ("billing_address", "shipping_address")
ADDRESS_KEYS = (
    "attention address street2 city state state_code zip country phone fax".split()
)  # https://www.zoho.com/inventory/api/v1/contacts
PERSON_KEYS = "salutation first_name last_name email phone mobile designation department skype".split()
PRIMARY = "primary_person"

_WRITABLE = """
    contact_name company_name contact_type customer_sub_type website notes payment_terms payment_terms_label
    currency_id language_code contact_number is_taxable tax_id gst_no gst_treatment vat_reg_no tax_treatment
    place_of_contact facebook twitter
""".split()
_READ_ONLY = """
    status currency_symbol email phone mobile first_name last_name designation department contact_salutation
    portal_status has_transaction owner_id owner_name source is_crm_customer is_linked_with_zohocrm
    primary_contact_id zcrm_account_id zcrm_contact_id crm_owner_id payment_terms_id
    credit_limit_exceeded_amount price_precision exchange_rate opening_balance_amount
    outstanding_receivable_amount outstanding_receivable_amount_bcy outstanding_payable_amount
    outstanding_payable_amount_bcy unused_credits_receivable_amount unused_credits_payable_amount
    unused_retainer_payments payment_reminder_enabled is_sms_enabled contact_category sales_channel
    pricebook_id pricebook_name created_time created_date created_by_name last_modified_time
""".split()
_ADDRESS_READ_ONLY = "address_id county country_code".split()
_PERSON_READ_ONLY = "contact_person_id fax zcrm_contact_id is_added_in_portal can_invite photo_url".split()

WRITABLE_CONTACT = frozenset(
    [
        *_WRITABLE,
        "currency_code",  # sent as the currency_id it stands for
        *(f"{address}.{key}" for address in ADDRESSES for key in ADDRESS_KEYS),
        *(f"{PRIMARY}.{key}" for key in PERSON_KEYS),
    ]
)
CONTACT = WRITABLE_CONTACT | frozenset(
    [
        *_READ_ONLY,
        *(f"{address}.{key}" for address in ADDRESSES for key in _ADDRESS_READ_ONLY),
        *(f"{PRIMARY}.{key}" for key in _PERSON_READ_ONLY),
    ]
)
WRITABLE_PERSON = frozenset([*PERSON_KEYS, "is_primary_contact"])
PERSON = WRITABLE_PERSON | frozenset(_PERSON_READ_ONLY)


def is_custom(name: str) -> bool:
    """Whether the name is a custom field's."""
    return name.startswith("cf_")
