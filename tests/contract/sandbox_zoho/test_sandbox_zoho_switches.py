"""Each switch turned away from its default makes the difference it promises; state without HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import integration.sandbox
from integration.sandbox.switches import Switches
from integration.sandbox.zoho import Limits, ZohoOrg
from integration.sandbox.zoho.answers import Call
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.contact_calls import create_person, list_contacts, mark_inactive, upsert_contact
from integration.sandbox.zoho.faults import ApiError
from integration.sandbox.zoho.profile import make_profile
from integration.sandbox.zoho.webhook_rules import Rule, WebhookSettings
from integration.sandbox.zoho.webhook_sender import Delivery, WebhookSender

START = datetime(2026, 3, 8, 5, 0, tzinfo=UTC)
KEY = {"api_name": "cf_salesforce_id", "value": "001A"}
REGION = {"api_name": "cf_region", "value": "N"}
ANA = {"first_name": "Ana", "email": "ana@example.com"}
BO = {"first_name": "Bo", "email": "bo@example.com"}


@dataclass
class HandClock:
    """A clock that moves when told."""

    minute_seconds: float = 60.0
    day_seconds: float = 86_400.0
    passed: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.passed)

    def unskewed(self) -> datetime:
        return self.now()

    def monotonic(self) -> float:
        return 1_000.0 + self.passed

    def scaled(self, seconds: float) -> float:
        return seconds * self.minute_seconds / 60


@dataclass
class Bench:
    """An organisation with switches, its clock, and short ways to call it."""

    switches: dict[str, Any] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.clock = HandClock()
        found = Switches(**{"zoho_search_lag_seconds": 0.0, **self.switches})
        self.org = ZohoOrg(make_profile(7, self.limits), found, self.clock, 7)  # type: ignore[arg-type]
        self.changes: list[Change] = []
        self.org.listen(self.changes.append)

    def make(self, name: str = "Acme", **values: Any) -> str:
        return self.org.contacts.create({"contact_name": name, **values}, "api").contact_id

    def put(self, contact_id: str, **values: Any) -> None:
        self.org.contacts.update(contact_id, values, "api")

    def shown(self, contact_id: str) -> dict[str, Any]:
        return self.org.rendering.detail(self.org.contacts.get(contact_id))

    def call(
        self,
        query: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
        body: bytes = b"",
        **headers: str,
    ) -> Call:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return Call("GET", query or {}, named, path or {}, body, self.org.switches)

    def names(self, **query: str) -> list[str]:
        return [row["contact_name"] for row in list_contacts(self.org, self.call(query)).body["contacts"]]


def refused(work: Any, code: int | None = None) -> bool:
    found = None
    try:
        work()
    except ApiError as error:
        found = error
    assert found is None or code is None or found.code == code
    return found is not None


def test_every_switch_is_read_somewhere() -> None:
    folder = Path(integration.sandbox.__path__[0])
    texts = [path.read_text() for path in folder.rglob("*.py") if path != folder / "switches.py"]
    dead = [found.name for found in fields(Switches) if not any(found.name in text for text in texts)]
    assert dead == []


@pytest.mark.parametrize("ignore_case", [True, False])
def test_names_ignore_case(ignore_case: bool) -> None:
    bench = Bench({"zoho_names_ignore_case": ignore_case})
    bench.make("Acme")
    assert refused(lambda: bench.make("ACME"), 3062) is ignore_case


@pytest.mark.parametrize("kind", ["customer", "vendor"])
def test_duplicate_names_by_preference(kind: str) -> None:
    bench = Bench({f"zoho_duplicate_{kind}_names": True, "zoho_duplicate_vendor_code": 77})
    for _ in range(2):
        bench.make("Acme", contact_type=kind)
    assert len(bench.names(filter_by="Status.Duplicate")) == 2
    other = "vendor" if kind == "customer" else "customer"
    bench.make("Acme", contact_type=other)
    assert refused(lambda: bench.make("Acme", contact_type=other), 77 if other == "vendor" else 3062)


@pytest.mark.parametrize("ignore_case", [True, False])
def test_unique_values_ignore_case(ignore_case: bool) -> None:
    bench = Bench({"zoho_unique_ignore_case": ignore_case, "zoho_duplicate_custom_value_code": 9})
    bench.make("One", custom_fields=[KEY])
    lower = {**KEY, "value": "001a"}
    assert refused(lambda: bench.make("Two", custom_fields=[lower]), 9) is ignore_case


@pytest.mark.parametrize("replaces", [True, False])
def test_custom_fields_replace(replaces: bool) -> None:
    bench = Bench({"zoho_custom_fields_replace": replaces})
    contact_id = bench.make(custom_fields=[KEY, REGION])
    bench.put(contact_id, custom_fields=[REGION])
    assert ("cf_salesforce_id" in bench.shown(contact_id)) is not replaces


@pytest.mark.parametrize(("mode", "zip_code"), [("keep", "50667"), ("blank", "")])
def test_address_put(mode: str, zip_code: str) -> None:
    bench = Bench({"zoho_address_put": mode})
    contact_id = bench.make(billing_address={"city": "Köln", "zip": "50667"})
    bench.put(contact_id, billing_address={"city": "Bonn"})
    assert bench.shown(contact_id)["billing_address"]["zip"] == zip_code


@pytest.mark.parametrize("ignored", [True, False])
def test_unknown_keys(ignored: bool) -> None:
    bench = Bench({"zoho_unknown_keys": "ignore" if ignored else "reject", "zoho_invalid_element_code": 8})
    assert refused(lambda: bench.make(colour="red"), 8) is not ignored


def test_who_is_primary() -> None:
    quiet = Bench({"zoho_first_person_is_primary": False})
    assert quiet.shown(quiet.make(contact_persons=[ANA]))["email"] == ""
    bench = Bench({"zoho_next_person_is_primary": True})
    contact_id = bench.make(contact_persons=[ANA, BO])
    kept = bench.shown(contact_id)["contact_persons"][1]["contact_person_id"]
    bench.put(contact_id, contact_persons=[{"contact_person_id": kept}])
    assert bench.shown(contact_id)["email"] == "bo@example.com"


def test_a_person_may_need_a_first_name() -> None:
    bench = Bench({"zoho_person_first_name_required": True})
    body = b'{"contact_id": "%s", "last_name": "Only"}' % bench.make().encode()
    assert refused(lambda: create_person(bench.org, bench.call(body=body)), 4)


@pytest.mark.parametrize("allowed", [True, False])
def test_portal(allowed: bool) -> None:
    bench = Bench({"zoho_person_portal": allowed})
    assert refused(lambda: bench.make(contact_persons=[{**ANA, "enable_portal": True}]), 2) is not allowed


@pytest.mark.parametrize("touches", [True, False])
def test_persons_touch_their_contact(touches: bool) -> None:
    bench = Bench({"zoho_person_touches_contact": touches})
    contact_id = bench.make()
    before = bench.shown(contact_id)["last_modified_time"]
    bench.clock.passed = 5
    create_person(
        bench.org, bench.call(body=b'{"contact_id": "%s", "first_name": "A"}' % contact_id.encode())
    )
    assert (bench.shown(contact_id)["last_modified_time"] != before) is touches
    assert [change.kind for change in bench.changes] == ["add", "edit"][: 1 + touches]


@pytest.mark.parametrize("fires", [True, False])
def test_status_is_an_edit(fires: bool) -> None:
    bench = Bench({"zoho_webhook_status_is_edit": fires})
    contact_id = bench.make()
    mark_inactive(bench.org, bench.call(path={"contact_id": contact_id}))
    mark_inactive(bench.org, bench.call(path={"contact_id": contact_id}))
    assert len(bench.changes) == 1 + fires


@pytest.mark.parametrize(("scope", "found"), [("any", ["Acme"]), ("primary", [])])
def test_email_filter(scope: str, found: list[str]) -> None:
    bench = Bench({"zoho_email_filter": scope})
    bench.make(contact_persons=[ANA, BO])
    assert bench.names(email="bo@example.com") == found
    assert bench.names(email="ana@example.com") == ["Acme"]


def test_filters_some_organisations_honour() -> None:
    bench = Bench({"zoho_contact_type_filter": True, "zoho_modified_filter": True})
    bench.make("Old", contact_type="vendor")
    bench.clock.passed = 60
    bench.make("New")
    assert bench.names(contact_type="vendor") == ["Old"]
    assert bench.names(last_modified_time="2026-03-08T05:00:30+0000") == ["New"]
    assert bench.names(last_modified_time="2026-03-08T05:01:00+0000") == []
    inclusive = Bench({"zoho_modified_filter": True, "zoho_modified_filter_inclusive": True})
    inclusive.make("New")
    assert inclusive.names(last_modified_time="2026-03-08T00:00:00-0500") == ["New"]


def test_keyed_put_variants() -> None:
    bench = Bench({
        "zoho_keyed_not_found_status": 400, "zoho_keyed_not_found_code": 5, "zoho_keyed_create_status": 201,
        "zoho_keyed_create_stores_key": True,
    })  # fmt: skip
    headers: dict[str, Any] = {
        "X_Unique_Identifier_Key": "cf_salesforce_id",
        "X_Unique_Identifier_Value": "001A",
    }
    body = b'{"contact_name": "Acme"}'
    assert refused(lambda: upsert_contact(bench.org, bench.call(body=body, **headers)), 5)
    answer = upsert_contact(bench.org, bench.call(body=body, **headers, X_Upsert="true"))
    assert answer.status == 201
    assert answer.body["contact"]["cf_salesforce_id"] == "001A"


def test_times_follow_the_offset_of_their_day() -> None:
    """The clocks of New York go forward at 07:00 UTC on 8 March 2026, two hours after the start."""
    bench = Bench()
    contact_id = bench.make()
    bench.clock.passed = 3 * 3600
    bench.put(contact_id, notes="x")
    shown = bench.shown(contact_id)
    assert shown["created_time"] == "2026-03-08T00:00:00-0500"
    assert shown["last_modified_time"] == "2026-03-08T04:00:00-0400"


def admitted(bench: Bench, count: int) -> int:
    return sum(not refused(bench.org.limiter.admit) for _ in range(count))


def test_a_fixed_minute_starts_anew_where_a_sliding_one_remembers() -> None:
    for window, after in (("fixed", 3), ("sliding", 0)):
        bench = Bench({"zoho_minute_window": window}, Limits(per_minute=3))
        bench.clock.passed = 15  # 1,015 s: five seconds before a fixed minute ends
        assert admitted(bench, 5) == 3
        bench.clock.passed = 21
        assert admitted(bench, 5) == after
        bench.clock.passed = 75
        assert admitted(bench, 5) == (3 if window == "sliding" else 0)


def test_blocked_and_counted_refusals() -> None:
    blocked = Bench({"zoho_block_minutes": 5.0}, Limits(per_minute=1))
    assert admitted(blocked, 2) == 1
    blocked.clock.passed = 200
    assert admitted(blocked, 1) == 0
    blocked.clock.passed = 301
    assert admitted(blocked, 1) == 1
    counted = Bench({"zoho_refused_calls_count": True}, Limits(per_minute=1))
    for _ in range(5):
        admitted(counted, 1)
        counted.clock.passed += 30
    assert counted.org.limiter.used()["day"] == 5


def test_the_day_begins_anew_at_midnight_of_the_organisation() -> None:
    bench = Bench({}, Limits(daily=1))
    assert admitted(bench, 2) == 1
    # 8 March has 23 hours in New York.
    assert bench.org.limiter.headers()["X-Rate-Limit-Reset"] == str(23 * 3600)
    bench.clock.passed = 23 * 3600 - 1
    assert admitted(bench, 1) == 0
    bench.clock.passed = 23 * 3600
    assert admitted(bench, 1) == 1


def test_headers_by_switch() -> None:
    assert Bench({"zoho_rate_headers": False}).org.limiter.headers() == {}
    assert Bench().org.limiter.retry_after(44) == {}
    assert Bench({"zoho_retry_after": True}).org.limiter.retry_after(44) == {"Retry-After": "60"}


def test_a_delete_webhook_with_the_id_only() -> None:
    bench = Bench({"zoho_webhook_delete_payload": "id_only"})
    contact_id = bench.make()
    bench.org.contacts.delete(contact_id, "api")
    sender = WebhookSender(bench.org, WebhookSettings(), 7)
    delivery = Delivery(
        1, "r", "delete", "contact", contact_id, "api", "", lost=False, doubled=False, delay=0.0
    )
    record = sender._rendered(delivery, Rule("r", "http://127.0.0.1")).body
    assert record == b'{"contact":{"contact_id":"%s"}}' % contact_id.encode()


def test_the_search_index_lags_by_scaled_seconds() -> None:
    bench = Bench({"zoho_search_lag_seconds": 4.0})
    bench.clock.minute_seconds = 30
    contact_id = bench.make(contact_persons=[ANA])
    bench.clock.passed = 1.9
    assert bench.names(email=ANA["email"]) == []
    bench.clock.passed = 2
    assert bench.names(email=ANA["email"]) == ["Acme"]
    person_id = bench.shown(contact_id)["contact_persons"][0]["contact_person_id"]
    bench.put(contact_id, contact_persons=[{"contact_person_id": person_id, "email": "new@example.com"}])
    assert (bench.names(email=ANA["email"]), bench.names(email="new@example.com")) == (["Acme"], [])
