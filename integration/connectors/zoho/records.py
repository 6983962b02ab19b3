"""Contacts as Zoho shows them → flat native images, and flat fields → the bodies Zoho takes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation

from integration.canonical.event import NativeRecord
from integration.canonical.values import Json, Side, decode_value
from integration.connectors.zoho.fields import (
    ADDRESSES,
    PERSON_KEYS,
    PRIMARY,
    WRITABLE_CONTACT,
    WRITABLE_PERSON,
    is_custom,
)
from integration.errors import BadInput, ConfigurationFault

CONTACT = "contact"
CONTACT_PERSON = "contact_person"
_NUMBERS = frozenset({"number", "decimal", "amount", "percent", "autonumber"})
_PROJECTED = ("_formatted", "_unformatted")


def contact_records(contact: Mapping[str, object], custom_fields: Collection[str] = ()) -> list[NativeRecord]:
    """The contact first, then its persons, from one object of a detail, a webhook or a list row.

    A list row has neither addresses nor persons and gives one record with `whole` False. In a whole record
    the
    `custom_fields` named and not shown are empty. Raises BadInput where there is no contact id.
    """
    contact_id = _id(contact, "contact_id")
    at = instant(contact.get("last_modified_time"))
    persons = contact.get("contact_persons")
    whole = isinstance(persons, list) and isinstance(contact.get("billing_address"), dict)
    image = _scalars(contact) | _addresses(contact) | _customs(contact)
    if not whole:
        return [NativeRecord(Side.ZOHO, CONTACT, contact_id, image, at, whole=False)]
    for name in custom_fields:
        image.setdefault(name, None)
    shown = [person for person in persons if isinstance(person, dict)] if isinstance(persons, list) else []
    image |= _primary(shown)
    root = NativeRecord(Side.ZOHO, CONTACT, contact_id, image, at)
    return [root, *(person_record(person, contact_id, at) for person in shown)]


def person_record(person: Mapping[str, object], contact_id: str, at: int) -> NativeRecord:
    """One contact person; Zoho gives persons no time of their own, so `at` is their contact's."""
    person_id = _id(person, "contact_person_id")
    image = {name: _plain(value) for name, value in person.items() if _is_plain(name, value)}
    image.pop("contact_person_id")
    image.pop("contact_id", None)
    image.setdefault("is_primary_contact", False)
    return NativeRecord(Side.ZOHO, CONTACT_PERSON, person_id, image, at, parent_id=contact_id)


def instant(text: object) -> int:
    """Epoch milliseconds of `2026-06-09T13:15:34-0400`; 0 where nothing is told. Raises BadInput on other
    text.
    """
    if text is None or text == "":
        return 0
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise BadInput("zoho.time", "a time of modification is not in Zoho's form") from None
    if moment.tzinfo is None:
        raise BadInput("zoho.time", "a time of modification has no offset")
    return round(moment.timestamp() * 1000)


def json_safe(value: object) -> Json:
    """Parsed JSON without floats: whole numbers as integers, other decimals tagged."""
    if isinstance(value, str | int) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): json_safe(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [json_safe(inner) for inner in value]
    if isinstance(value, Decimal | float):
        return _number(Decimal(str(value)))
    return str(value)


def _id(record: Mapping[str, object], key: str) -> str:
    # Ids are longer than a double holds; the wire sends text, the documents show bare numbers.
    found = record.get(key)
    if isinstance(found, bool) or not isinstance(found, str | int) or not str(found).isdigit():
        raise BadInput("zoho.no_id", f"a record without {key}")
    return str(found)


def _scalars(contact: Mapping[str, object]) -> dict[str, Json]:
    return {
        name: _plain(value)
        for name, value in contact.items()
        if _is_plain(name, value) and not is_custom(name) and name != "contact_id"
    }


def _is_plain(name: str, value: object) -> bool:
    return not name.endswith(_PROJECTED) and _is_scalar(value)


def _is_scalar(value: object) -> bool:
    """Objects and lists are no field of an image, except a decimal that was tagged."""
    return not isinstance(value, list) and (not isinstance(value, dict) or set(value) == {"$decimal"})


def _plain(value: object) -> Json:
    """Zoho writes empty as an empty text, for numbers too."""
    return None if value == "" else json_safe(value)


def _number(value: Decimal) -> Json:
    if not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() else {"$decimal": format(value.normalize(), "f")}


def _addresses(contact: Mapping[str, object]) -> dict[str, Json]:
    return {
        f"{address}.{name}": _plain(value)
        for address in ADDRESSES
        for name, value in _object(contact, address).items()
        if _is_plain(name, value)
    }


def _object(record: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = record.get(key)
    return found if isinstance(found, dict) else {}


def _primary(persons: Sequence[Mapping[str, object]]) -> dict[str, Json]:
    person = next((person for person in persons if person.get("is_primary_contact") is True), {})
    keys = ("contact_person_id", *PERSON_KEYS)
    return {f"{PRIMARY}.{key}": _plain(person.get(key, "")) for key in keys}


def _customs(contact: Mapping[str, object]) -> dict[str, Json]:
    """Custom fields from the flat keys of a list row, then from the typed list of a detail."""
    flat = {name: value for name, value in contact.items() if is_custom(name) and _is_plain(name, value)}
    typed = {name: contact.get(f"{name}_unformatted", value) for name, value in flat.items()}
    image = {name: _plain(value) for name, value in typed.items()}
    listed = contact.get("custom_fields")
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and is_custom(str(entry.get("api_name", ""))):
            image[str(entry["api_name"])] = _typed(entry.get("value", ""), str(entry.get("data_type", "")))
    return image


def _typed(value: object, data_type: str) -> Json:
    if value is None or value == "":
        return None
    if data_type == "check_box":
        return value if isinstance(value, bool) else str(value).lower() == "true"
    if data_type in _NUMBERS and isinstance(value, str):
        try:
            return _number(Decimal(value))
        except InvalidOperation:
            return value  # a formatted number: shown as it is rather than guessed at
    return json_safe(value) if _is_scalar(value) else str(value)


def contact_body(fields: Mapping[str, Json]) -> dict[str, object]:
    """The body that sets flat contact fields; persons are not part of it. Raises ConfigurationFault on
    others.
    """
    body: dict[str, object] = {}
    customs: list[dict[str, object]] = []
    for name, value in fields.items():
        head, dot, tail = name.partition(".")
        if is_custom(name):
            customs.append({"api_name": name, "value": _sent(value)})
        elif name not in WRITABLE_CONTACT or head == PRIMARY:
            raise _not_writable(name)
        elif dot:
            address = body.setdefault(head, {})
            assert isinstance(address, dict)
            address[tail] = _sent(value)
        else:
            body[name] = _sent(value)
    if customs:
        body["custom_fields"] = customs
    return body


def person_body(fields: Mapping[str, Json]) -> dict[str, object]:
    """The body that sets fields of a contact person. Raises ConfigurationFault on others.

    A person may be made primary, never the reverse: another one is made primary instead.
    """
    for name in fields:
        if name not in WRITABLE_PERSON:
            raise _not_writable(name)
    said = {name: value for name, value in fields.items() if name != "is_primary_contact" or value is True}
    return {name: _sent(value) for name, value in said.items()}


def split_primary(fields: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Contact fields, and the primary person's under their own names."""
    head = f"{PRIMARY}."
    own = {name: value for name, value in fields.items() if not name.startswith(head)}
    primary = {name.removeprefix(head): value for name, value in fields.items() if name.startswith(head)}
    return own, primary


def persons_body(
    primary: Mapping[str, Json], children: Iterable[Mapping[str, Json]]
) -> list[dict[str, object]]:
    """The persons of a contact to be created: first the one its own fields tell of, if they say anything."""
    said = any(value not in (None, "") for value in primary.values())
    bodies = [person_body(primary) | {"is_primary_contact": True}] if said else []
    return [*bodies, *(person_body(child) for child in children)]


def in_order_of(
    sent: Sequence[Mapping[str, object]], records: Sequence[NativeRecord]
) -> list[NativeRecord] | None:
    """Person records in the order in which they were sent; None unless each shows just what was sent."""
    left = list(records)
    ordered: list[NativeRecord] = []
    for body in sent:
        found = next((record for record in left if _shows(record, body)), None)
        if found is None:
            return None
        left.remove(found)
        ordered.append(found)
    return None if left else ordered


def _shows(record: NativeRecord, body: Mapping[str, object]) -> bool:
    return all(
        record.image.get(name) == _plain(value)
        for name, value in body.items()
        if name != "is_primary_contact"
    )


def _not_writable(name: str) -> ConfigurationFault:
    return ConfigurationFault(
        "zoho.not_writable", f"{name} cannot be written to Zoho", advice="Take the line out of the mapping."
    )


def _sent(value: Json) -> object:
    """A field as the wire takes it: empty as an empty text, decimals as JSON numbers."""
    decoded = decode_value(value)
    if decoded is None:
        return ""
    if isinstance(decoded, Decimal):
        return float(
            decoded
        )  # its shortest form has the digits of the decimal: amounts have far fewer than 16
    return decoded if isinstance(decoded, str | int) else decoded.isoformat()
