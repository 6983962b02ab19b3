"""What one record of an event or read does to its lane, under the shipped mapping."""

from __future__ import annotations

import pytest

from integration.canonical.event import NativeRecord, Position
from integration.canonical.outcome import BindingState
from integration.canonical.values import Json, Side
from integration.flows.absorb import Absorber
from integration.policy.state import Cell, Existence, LaneState, Member
from tests.unit.mapping.sample import LOOKUPS, mapping

SALESFORCE, ZOHO = Side.SALESFORCE, Side.ZOHO
MAPPING = mapping()
ACCOUNT: dict[str, Json] = {
    "Name": "Harbour Mills Ltd",
    "Phone": "+44 20 7946 0001",
    "BillingCity": "Hull",
    "Is_Active__c": True,
}
AT = Position(5_000, 1, 5)


def root_lane(entity: str = "Account", side: Side = SALESFORCE, *, kind: str = "business") -> LaneState:
    """A lane of one record somebody named and nobody read."""
    member = Member(1, "customer", kind)
    state = member.on(side)
    state.entity, state.record_id, state.existence = entity, "001A", Existence.UNKNOWN
    return LaneState(1, "customer", members=[member])


def absorber(lane: LaneState) -> Absorber:
    return Absorber(lane, MAPPING, LOOKUPS)


def account(image: dict[str, Json] | None = None, record_id: str = "001A", **more: object) -> NativeRecord:
    return NativeRecord(SALESFORCE, "Account", record_id, ACCOUNT if image is None else image, 5_000, **more)  # type: ignore[arg-type]


def values(lane: LaneState, side: Side = SALESFORCE, binding_id: int = 1) -> dict[str, object]:
    member = lane.member(binding_id)
    assert member is not None
    return {name: cell.value for name, cell in member.on(side).cells.items()}


# --------------------------------------------------------------------- whole records


def test_a_whole_record_is_known_field_by_field_and_what_it_leaves_out_is_empty() -> None:
    lane = root_lane()
    absorbed = absorber(lane).record(account(), AT, is_read=False)
    assert (absorbed.binding_id, absorbed.born, absorbed.in_scope) == (1, True, True)
    assert sorted(absorbed.folded.changed) == ["billing_address.city", "is_active", "name", "phone"]
    found = values(lane)
    assert (found["name"], found["phone"], found["fax"], found["website"]) == (
        "Harbour Mills Ltd",
        "+44 20 7946 0001",
        None,
        None,
    )
    state = lane.root.on(SALESFORCE)
    assert (state.existence, state.image_at, state.mapping_version) == (Existence.ALIVE, AT, MAPPING.version)
    assert set(MAPPING.native_fields(SALESFORCE, "Account")) <= state.image.keys()


def test_of_a_summary_what_it_leaves_out_stays_unknown() -> None:
    lane = root_lane()
    absorber(lane).record(account(whole=False), AT, is_read=False)
    assert "fax" not in lane.root.on(SALESFORCE).image


def test_a_record_known_before_is_not_born_again() -> None:
    lane = root_lane()
    work = absorber(lane)
    work.record(account(), AT, is_read=False)
    again = work.record(account(), Position(6_000, 1, 6), is_read=False)
    assert (again.born, again.folded.took_effect) == (False, False)


def test_an_older_record_does_not_take_the_image_back() -> None:
    lane = root_lane()
    work = absorber(lane)
    work.record(account(), AT, is_read=False)
    old = work.record(account({"Name": "Old name"}), Position(4_000, 1, 4), is_read=False)
    assert old.folded.changed == []
    state = lane.root.on(SALESFORCE)
    assert (state.image["Name"], state.image_at) == ("Harbour Mills Ltd", AT)
    assert values(lane)["name"] == "Harbour Mills Ltd"


def test_names_and_places_of_a_problem_are_told_but_no_value() -> None:
    lane = root_lane("contact", ZOHO)
    record = NativeRecord(ZOHO, "contact", "001A", {"contact_name": "Mills", "status": "crm"}, 5_000)
    [problem] = absorber(lane).record(record, Position(5_000), is_read=False).problems
    assert (problem["field"], problem["native_field"], problem["rule"]) == (
        "is_active",
        "status",
        "is_active",
    )
    assert "crm" not in str(problem)
    assert set(problem) == {"field", "native_field", "rule", "where", "code", "advice"}


# --------------------------------------------------------------------- changes of single fields


def test_a_change_folds_the_fields_it_names_only() -> None:
    lane = root_lane()
    work = absorber(lane)
    work.record(account(), AT, is_read=False)
    changed = work.change(lane.root, SALESFORCE, {"Phone": "1234567"}, Position(6_000, 1, 6), whole=False)
    assert (changed.folded.changed, changed.folded.unchanged) == (["phone"], [])
    assert lane.root.on(SALESFORCE).cells["name"].position == AT
    assert lane.root.on(SALESFORCE).image["Phone"] == "1234567"
    assert lane.root.on(SALESFORCE).image["Name"] == "Harbour Mills Ltd"


def test_a_create_tells_every_field_the_empty_ones_too() -> None:
    lane = root_lane()
    whole = {**dict.fromkeys(MAPPING.native_fields(SALESFORCE, "Account")), **ACCOUNT}
    told = absorber(lane).change(lane.root, SALESFORCE, whole, AT, whole=True)
    assert told.born
    assert (values(lane)["fax"], values(lane)["name"]) == (None, "Harbour Mills Ltd")


def test_a_change_cannot_be_read_where_it_depends_on_a_field_nobody_told() -> None:
    """A Contact is a person or a customer by its AccountId: without it the record is read first."""
    lane = root_lane("Contact", kind="individual")
    absorbed = absorber(lane).change(lane.root, SALESFORCE, {"LastName": "Doe"}, AT, whole=False)
    assert absorbed.folded.unsure
    assert lane.root.on(SALESFORCE).existence is Existence.UNKNOWN
    assert lane.root.on(SALESFORCE).cells == {}


def test_what_is_told_of_a_deleted_record_is_read_first() -> None:
    """A notification can outlive its record."""
    lane = root_lane()
    work = absorber(lane)
    work.record(account(), AT, is_read=False)
    lane.root.on(SALESFORCE).existence = Existence.GONE
    assert work.record(account(), Position(6_000, 1, 6), is_read=False).folded.unsure
    assert lane.root.on(SALESFORCE).existence is Existence.GONE
    assert not work.record(account(), Position(6_000, 1, 6, is_read=True), is_read=True).folded.unsure
    assert lane.root.on(SALESFORCE).existence is Existence.ALIVE


def test_an_unsure_event_changes_neither_image_nor_cells() -> None:
    lane = root_lane()
    work = absorber(lane)
    work.record(account(), AT, is_read=False)
    lane.root.on(SALESFORCE).cells["name"] = Cell("Ours", AT, own=True, written=("Ours",))
    told = work.change(lane.root, SALESFORCE, {"Name": "Theirs"}, Position(6_000, 1, 6), whole=False)
    assert told.folded.unsure
    assert lane.root.on(SALESFORCE).image["Name"] == "Harbour Mills Ltd"


# --------------------------------------------------------------------- roles


def test_a_contact_alone_is_a_customer_of_its_own() -> None:
    lane = root_lane("Contact", kind="")
    record = NativeRecord(
        SALESFORCE, "Contact", "001A", {"FirstName": "Jo", "LastName": "Doe", "AccountId": None}, 1
    )
    absorbed = absorber(lane).record(record, AT, is_read=False)
    assert (lane.root.entity, lane.root.kind, absorbed.moved_to) == ("customer", "individual", None)
    assert values(lane)["name"] == "Jo Doe"


def test_a_contact_under_an_account_belongs_to_the_accounts_lane() -> None:
    lane = root_lane("Contact", kind="individual")
    record = NativeRecord(SALESFORCE, "Contact", "001A", {"LastName": "Doe", "AccountId": "001P"}, 1)
    assert absorber(lane).record(record, AT, is_read=False).moved_to == ("Account", "001P")


def person_lane() -> LaneState:
    lane = root_lane()
    person = Member(2, "person")
    state = person.on(SALESFORCE)
    state.entity, state.record_id, state.existence = "Contact", "003A", Existence.UNKNOWN
    lane.members.append(person)
    return lane


@pytest.mark.parametrize(
    ("parent", "moved_to"),
    [("001A", None), ("001B", ("Account", "001B")), (None, ("", ""))],
    ids=["its own account", "another account", "no account any more"],
)
def test_a_person_moves_when_its_account_is_another_one(
    parent: str | None, moved_to: tuple[str, str] | None
) -> None:
    lane = person_lane()
    record = NativeRecord(SALESFORCE, "Contact", "003A", {"LastName": "Doe", "AccountId": parent}, 1)
    absorbed = absorber(lane).record(record, AT, is_read=True)
    assert (absorbed.binding_id, absorbed.moved_to) == (2, moved_to)


def test_a_person_never_seen_before_joins_its_lane_as_a_new_member() -> None:
    lane = root_lane("contact", ZOHO)
    record = NativeRecord(ZOHO, "contact_person", "4700", {"last_name": "Doe"}, 1, parent_id="001A")
    absorbed = absorber(lane).record(record, Position(1), is_read=False)
    assert absorbed.born
    member = lane.member(absorbed.binding_id)
    assert member is not None
    assert (member.binding_id < 0, member.entity, member.state) == (True, "person", BindingState.PROVISIONAL)
    assert member.on(ZOHO).record_id == "4700"


@pytest.mark.parametrize(
    ("entity", "side", "image", "reason"),
    [
        ("contact", ZOHO, {"contact_name": "Mill", "contact_type": "vendor"}, "vendors are not synced"),
        ("Account", SALESFORCE, {"Name": "Mill", "IsPersonAccount": True}, "person accounts are not synced"),
    ],
)
def test_what_is_out_of_scope_is_known_and_says_why(
    entity: str, side: Side, image: dict[str, Json], reason: str
) -> None:
    lane = root_lane(entity, side)
    whole = Absorber(lane, mapping(absent={}), LOOKUPS)
    absorbed = whole.record(NativeRecord(side, entity, "001A", image, 1), Position(1), is_read=False)
    assert (absorbed.in_scope, absorbed.reason) == (False, reason)
    state = lane.root.on(side)
    assert (state.existence, state.in_scope, state.scope_reason) == (Existence.ALIVE, False, reason)


def test_nothing_is_read_once_more_for_a_record_out_of_scope() -> None:
    lane = root_lane("contact", ZOHO)
    work = absorber(lane)
    for name in ("Mill", "Other mill"):
        image: dict[str, Json] = {"contact_name": name, "contact_type": "vendor"}
        absorbed = work.record(
            NativeRecord(ZOHO, "contact", "001A", image, 1_000), Position(1_000), is_read=True
        )
        assert not absorbed.folded.unsure


def test_the_primary_person_of_an_individual_is_part_of_the_customer() -> None:
    lane = root_lane("contact", ZOHO, kind="individual")
    image: dict[str, Json] = {"last_name": "Doe", "is_primary_contact": True}
    record = NativeRecord(ZOHO, "contact_person", "4700", image, 1, parent_id="001A")
    assert absorber(lane).record(record, Position(1), is_read=False).reason == (
        "the primary person of an individual is part of the customer"
    )


@pytest.mark.parametrize("state", [BindingState.TOMBSTONE, BindingState.ALIAS])
def test_what_is_told_of_a_record_whose_partner_is_put_away_is_out_of_scope(state: BindingState) -> None:
    lane = root_lane()
    lane.root.state = state
    absorbed = absorber(lane).record(account(), AT, is_read=True)
    assert (absorbed.in_scope, absorbed.reason) == (False, f"its partner is put away ({state})")


def test_the_kind_of_a_bound_customer_does_not_change_with_an_event() -> None:
    lane = root_lane("contact", ZOHO)
    work = absorber(lane)
    work.record(NativeRecord(ZOHO, "contact", "001A", {"contact_name": "Mill"}, 1), Position(1), is_read=True)
    lane.root.state = BindingState.ACTIVE
    image: dict[str, Json] = {"contact_name": "Mill", "customer_sub_type": "individual"}
    work.record(NativeRecord(ZOHO, "contact", "001A", image, 2_000), Position(2_000), is_read=True)
    assert lane.root.kind == "business"


def test_a_record_that_plays_another_role_now_is_read_as_that_from_the_beginning() -> None:
    """A Contact that got an Account: its fields mean other things now."""
    lane = root_lane("Contact", kind="individual")
    work = absorber(lane)
    alone: dict[str, Json] = {"LastName": "Doe", "Email": "jo@mills.example", "AccountId": None}
    work.record(NativeRecord(SALESFORCE, "Contact", "001A", alone, 1), AT, is_read=True)
    assert "primary_person.email" in values(lane)
    work.change(lane.root, SALESFORCE, {"AccountId": "001P"}, Position(6_000, 1, 6), whole=False)
    assert (values(lane)["email"], "primary_person.email" in values(lane)) == ("jo@mills.example", False)


def test_a_record_found_gone_names_its_winner_and_can_be_matched_no_more() -> None:
    lane = root_lane()
    lane.root.match_keys[SALESFORCE] = frozenset({"name:1"})
    absorber(lane).gone(lane.root, SALESFORCE, merged_into="001W")
    state = lane.root.on(SALESFORCE)
    assert (state.existence, state.merged_into, lane.root.match_keys) == (Existence.GONE, "001W", {})
