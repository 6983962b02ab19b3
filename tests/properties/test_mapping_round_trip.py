"""Canonical -> native -> canonical gives the same record back, for whatever people can type."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integration.canonical.values import Fields, Json, Side, Value, is_blank
from integration.mapping import CompiledMapping, NativePatch, NoLookups
from integration.mapping.conversions import CONVERSIONS, TYPES, from_json, to_json
from integration.mapping.equality import same
from tests.unit.mapping.sample import LOOKUPS, mapping

SHIPPED = mapping(absent={})
TYPED = mapping(
    "record: salesforce_account\nrules:\n"
    "  text: {canonical: custom.text, field: Text__c}\n"
    "  score: {canonical: custom.score, field: Score__c, type: decimal}\n"
    "  count: {canonical: custom.count, field: Count__c, type: text}\n"
    "  on: {canonical: custom.on, field: On__c, type: date}\n"
    "  at: {canonical: custom.at, field: At__c, type: datetime}\n"
    "  flag: {canonical: custom.flag, field: Flag__c, type: boolean}\n"
    "  tier: {canonical: custom.tier, field: Tier__c, values: {A: gold, B: silver, C: bronze}}\n"
    "---\nrecord: zoho_contact\nrules:\n"
    "  text: {canonical: custom.text, field: cf_text}\n"
    "  score: {canonical: custom.score, field: cf_score, type: text}\n"
    "  count: {canonical: custom.count, field: cf_count, type: integer}\n"
    "  on: {canonical: custom.on, field: cf_on, type: date}\n"
    "  at: {canonical: custom.at, field: cf_at, type: datetime, timezone: Europe/Berlin}\n"
    "  flag: {canonical: custom.flag, field: cf_flag, type: boolean}\n"
    "  tier: {canonical: custom.tier, field: cf_tier, values: {'1': gold, '2': silver, '3': bronze}}\n"
)
BERLIN = ZoneInfo("Europe/Berlin")
SPRING = st.integers(-7200, 7200).map(lambda s: datetime.fromtimestamp(1774746000 + s, UTC))
AUTUMN = st.integers(-7200, 7200).map(lambda s: datetime.fromtimestamp(1792890000 + s, UTC))

TYPED_TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.sampled_from(
        [
            "👩‍🚀 Zoë",
            "שלום עולם",
            "شركة النور",
            "\u202eevil\u202c",
            "\uff21\uff22\uff23",
            "0012",
            "12.50",
            "true",
            "null",
            "- x: y",
            "a\u0301",
            "(j@x.de)",
            "Jo Doe (j@x.de)",
        ]
    ),
)


def plain(kind: str, text: str) -> str | None:
    value = TYPES[kind](text, UTC)
    assert value is None or isinstance(value, str)
    return value


LINES = TYPED_TEXT.map(lambda text: plain("line", text))
WORDS = TYPED_TEXT.map(lambda text: (plain("line", text) or "").replace(" ", "") or None)
STREETS = st.lists(TYPED_TEXT, max_size=4).map(lambda parts: plain("lines", "\n".join(parts)[:200]))
EMAILS = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.(example|test)", fullmatch=True)
SHORT = LINES.map(lambda text: plain("line", (text or "")[:20]))


def cut(fields: st.SearchStrategy[str | None], most: int) -> st.SearchStrategy[str | None]:
    return fields.map(lambda text: plain("line", (text or "")[:most]))


ADDRESS = {"street": STREETS, "city": SHORT, "state": SHORT, "zip": cut(LINES, 10), "country": SHORT}
BUSINESS = st.fixed_dictionaries(
    {"name": cut(LINES, 99).filter(bool)},
    optional={
        "website": LINES,
        "notes": TYPED_TEXT.map(lambda text: plain("text", text)),
        "phone": SHORT,
        "fax": SHORT,
        "is_active": st.booleans(),
        "currency": st.sampled_from(["EUR", "USD"]),
        **{
            f"{which}_address.{name}": values
            for which in ("billing", "shipping")
            for name, values in ADDRESS.items()
        },
    },
)
PERSON_FIELDS = {
    "salutation": cut(LINES, 10),
    "email": st.one_of(st.none(), EMAILS),
    "phone": SHORT,
    "mobile": SHORT,
    "designation": SHORT,
    "department": SHORT,
}
PERSON = st.fixed_dictionaries({"first_name": SHORT, "last_name": SHORT.filter(bool)}, optional=PERSON_FIELDS)
FIRST, LAST = "primary_person.first_name", "primary_person.last_name"


@st.composite
def individuals(draw: st.DrawFn) -> Fields:
    first, last = draw(SHORT), draw(cut(WORDS, 20).filter(bool))
    rest = draw(
        st.fixed_dictionaries({}, optional={f"primary_person.{n}": v for n, v in PERSON_FIELDS.items()})
    )
    name = CONVERSIONS["drop_email_suffix"](" ".join(part for part in (first, last) if part))
    return {**rest, FIRST: first, LAST: last, "name": name}


def sent(patch: NativePatch) -> dict[str, Json]:
    assert patch.problems == ()
    return patch.fields


def read_back(m: CompiledMapping, side: Side, entity: str, image: dict[str, Json]) -> Fields:
    facts: dict[str, Json] = {"AccountId": None} if entity == "Contact" else {}
    whole = m.whole_image(side, entity, {**facts, **image})
    reading = m.role(side, entity, whole).read(whole, None, NoLookups())
    assert reading.problems == ()
    return reading.fields


def assert_same(entity: str, wanted: Fields, found: Fields, names: frozenset[str]) -> None:
    for name in names & wanted.keys():
        assert same(entity, name, wanted[name], found.get(name)), name


@pytest.mark.parametrize(("side", "native"), [(Side.SALESFORCE, "Account"), (Side.ZOHO, "contact")])
@given(fields=BUSINESS)
@example(fields={"name": "X" * 200})
@example(fields={"name": "x" * 200})
def test_a_business_created_and_read_again(side: Side, native: str, fields: Fields) -> None:
    image = sent(SHIPPED.create_patch(side, "customer", "business", fields, LOOKUPS))
    if side is Side.ZOHO and "is_active" in fields:
        image["status"] = "active" if fields["is_active"] else "inactive"
    assert_same(
        "customer",
        fields,
        read_back(SHIPPED, side, native, image),
        SHIPPED.writable(side, "customer", "business"),
    )


@pytest.mark.parametrize(("side", "native"), [(Side.SALESFORCE, "Contact"), (Side.ZOHO, "contact")])
@given(fields=individuals())
def test_an_individual_created_and_read_again(side: Side, native: str, fields: Fields) -> None:
    image = sent(SHIPPED.create_patch(side, "customer", "individual", fields, LOOKUPS))
    names = SHIPPED.writable(side, "customer", "individual")
    assert_same("customer", fields, read_back(SHIPPED, side, native, image), names)


@pytest.mark.parametrize(("side", "native"), [(Side.SALESFORCE, "Contact"), (Side.ZOHO, "contact_person")])
@given(fields=PERSON)
def test_a_person_created_and_read_again(side: Side, native: str, fields: Fields) -> None:
    image = sent(SHIPPED.create_patch(side, "person", "", fields, LOOKUPS))
    facts: dict[str, Json] = {"AccountId": "001A"} if native == "Contact" else {}
    whole = SHIPPED.whole_image(side, native, {**image, **facts})
    found = SHIPPED.role(side, native, whole).read(whole, None, NoLookups()).fields
    assert_same("person", fields, found, SHIPPED.writable(side, "person", ""))


@pytest.mark.parametrize(("side", "native"), [(Side.SALESFORCE, "Account"), (Side.ZOHO, "contact")])
@given(before=BUSINESS, after=BUSINESS)
def test_an_update_brings_the_new_record_about(
    side: Side, native: str, before: Fields, after: Fields
) -> None:
    """Updating by difference ends where writing everything would."""
    writable = SHIPPED.writable(side, "customer", "business") - {"currency"}
    old = {name: value for name, value in before.items() if name in writable}
    desired = {**old, **{name: value for name, value in after.items() if name in writable}}
    changed = {n: v for n, v in desired.items() if n not in old or not same("customer", n, v, old[n])}
    image = sent(SHIPPED.create_patch(side, "customer", "business", old, LOOKUPS))
    patch = SHIPPED.to_native(side, "customer", "business", changed, desired, LOOKUPS)
    assert patch.carried == changed.keys()
    found = read_back(SHIPPED, side, native, {**image, "status": "active", **sent(patch)})
    if "is_active" not in changed:
        desired.pop("is_active", None)
    assert_same("customer", desired, found, writable)


@given(fields=BUSINESS)
def test_what_one_side_tells_the_other_can_hold_and_tell_again(fields: Fields) -> None:
    """Salesforce -> Zoho -> Salesforce: nothing is left to change, so nothing can bounce."""
    names = SHIPPED.writable(Side.SALESFORCE, "customer", "business") & SHIPPED.readable(
        Side.ZOHO, "customer", "business"
    )
    here = read_back(
        SHIPPED,
        Side.SALESFORCE,
        "Account",
        sent(SHIPPED.create_patch(Side.SALESFORCE, "customer", "business", fields, LOOKUPS)),
    )
    image = sent(SHIPPED.create_patch(Side.ZOHO, "customer", "business", here, LOOKUPS))
    image["status"] = "active" if here["is_active"] else "inactive"
    assert_same("customer", here, read_back(SHIPPED, Side.ZOHO, "contact", image), names)


@given(name=LINES.filter(bool))
def test_any_contact_name_of_an_individual_reaches_salesforce_and_comes_back(name: str) -> None:
    image: dict[str, Json] = {"customer_sub_type": "individual", "contact_name": name}
    there = read_back(SHIPPED, Side.ZOHO, "contact", image)
    if is_blank(there["name"]):
        return
    patch = SHIPPED.create_patch(Side.SALESFORCE, "customer", "individual", there, LOOKUPS)
    back = read_back(SHIPPED, Side.SALESFORCE, "Contact", patch.fields)
    assert same("customer", "name", back["name"], there["name"])
    assert back[LAST]


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)
MOMENTS = st.one_of(
    SPRING,
    AUTUMN,
    st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)).map(
        lambda d: d.replace(tzinfo=UTC, microsecond=0)
    ),
)


@pytest.mark.parametrize(("side", "native"), [(Side.SALESFORCE, "Account"), (Side.ZOHO, "contact")])
@given(
    fields=st.fixed_dictionaries(
        {"name": st.just("Acme")},
        optional={
            "custom.text": TYPED_TEXT.map(lambda text: plain("text", text)),
            "custom.score": NUMBERS,
            "custom.count": st.integers(-(10**15), 10**15),
            "custom.on": st.dates(date(1900, 1, 1), date(2200, 1, 1)),
            "custom.at": MOMENTS,
            "custom.flag": st.booleans(),
            "custom.tier": st.sampled_from(["gold", "silver", "bronze"]),
        },
    )
)
def test_custom_fields_of_every_type(side: Side, native: str, fields: Fields) -> None:
    image = sent(TYPED.create_patch(side, "customer", "business", fields, LOOKUPS))
    found = read_back(TYPED, side, native, image)
    for name, value in fields.items():
        assert same("customer", name, value, found[name]), name
        assert name == "name" or type(found[name]) is type(value) or is_blank(value), name


@given(moment=st.one_of(SPRING, AUTUMN))
@example(moment=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
@example(moment=datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
def test_times_survive_the_nights_the_clock_is_changed(moment: datetime) -> None:
    """The second 02:30 of the autumn night is another instant than the first."""
    told = to_json(moment, BERLIN)
    assert isinstance(told, str)
    assert TYPES["datetime"](told, BERLIN) == moment


@given(value=st.one_of(NUMBERS, st.integers(-(10**20), 10**20), st.booleans(), TYPED_TEXT))
def test_json_and_back(value: Value) -> None:
    back = from_json(to_json(value))
    assert back == value or (isinstance(value, Decimal) and Decimal(str(back)) == value)


@given(text=TYPED_TEXT, kind=st.sampled_from(["text", "line", "lines", "email", "phone", "url"]))
def test_reading_twice_changes_nothing_more(text: str, kind: str) -> None:
    once = TYPES[kind](text, UTC)
    assert TYPES[kind](once, UTC) == once
