"""GET /contacts: what contacts can be filtered and sorted by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from integration.sandbox.switches import Switches
from integration.sandbox.zoho.contact import Contact
from integration.sandbox.zoho.filters import Reader, id_filter, modified_filter, search_filter, text_filters
from integration.sandbox.zoho.listing import ListSpec
from integration.sandbox.zoho.register import Mark

_ADDRESS = ("address", "street2", "city", "state", "zip", "country")
_PERSON = ("first_name", "last_name", "email", "phone")
_MARKED = frozenset({"contact_name", "email", "phone"})


def contact_texts(contact: Contact, column: str, switches: Switches) -> Iterable[str]:
    """What the filter of that column looks at."""
    if column == "contact_name":
        return (contact.name,)
    if column == "company_name":
        return (str(contact.values.get("company_name", "")),)
    if column == "address":
        both = (contact.billing_address, contact.shipping_address)
        return (address.get(key, "") for address in both for key in _ADDRESS)
    persons = contact.persons if switches.zoho_email_filter == "any" else [contact.primary]
    return (person.get(column, "") for person in persons)


def contact_marks(contact: Contact, switches: Switches) -> list[Mark]:
    """What equality filters and views find at once."""
    return [
        (column, text.casefold())
        for column in _MARKED
        for text in contact_texts(contact, column, switches)
        if text
    ] + ([("status", contact.status)] if contact.status != "active" else [])


def contact_list(switches: Switches, namesakes: Callable[[Contact], int]) -> ListSpec[Contact]:
    """The list as this organisation's switches have it."""
    filters: dict[str, Reader] = {}
    for column in ("contact_name", "company_name", *_PERSON[:2], "address", *_PERSON[2:]):
        filters |= text_filters(column, _texts_of(column, switches), mark=column if column in _MARKED else "")
    filters |= search_filter(lambda contact: (contact.name, str(contact.values.get("notes", ""))))
    if switches.zoho_contact_type_filter:
        filters |= id_filter("contact_type", lambda contact: (contact.contact_type,))
    if switches.zoho_modified_filter:
        filters |= modified_filter(
            lambda contact: contact.modified, inclusive=switches.zoho_modified_filter_inclusive
        )
    return ListSpec(
        report_name="Contacts",
        default_sort="contact_name",
        sorts={
            "contact_name": lambda contact: contact.name.casefold(),
            "first_name": lambda contact: contact.primary.get("first_name", "").casefold(),
            "last_name": lambda contact: contact.primary.get("last_name", "").casefold(),
            "email": lambda contact: contact.primary.get("email", "").casefold(),
            "outstanding_receivable_amount": lambda _: 0.0,
            "created_time": lambda contact: contact.created,
            "last_modified_time": lambda contact: contact.modified,
        },
        filters=filters,
        filter_by={
            "Status.All": None,
            "Status.Active": lambda contact: contact.status == "active",
            "Status.Inactive": lambda contact: contact.status == "inactive",
            "Status.Duplicate": lambda contact: namesakes(contact) > 1,
            "Status.Crm": lambda _: False,
        },
        view_marks={"Status.Inactive": ("status", "inactive"), "Status.Crm": None},
    )


def _texts_of(column: str, switches: Switches) -> Callable[[Contact], Iterable[str]]:
    return lambda contact: contact_texts(contact, column, switches)
