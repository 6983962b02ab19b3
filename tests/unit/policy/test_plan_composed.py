"""Plan fields that are composed of others: they follow at once, and are said to their owner first."""

from __future__ import annotations

from integration.canonical.values import Fields
from integration.policy.plan import decide_fields
from tests.unit.policy.sample_lane import SALESFORCE, ZOHO, PlainShape, lane, member
from tests.unit.policy.test_plan import steps


class FullName(PlainShape):
    """`name` is `first` and `last` together."""

    def settle(self, _entity: str, _kind: str, desired: Fields, moved: frozenset[str]) -> Fields:
        together = " ".join(str(desired[part]) for part in ("first", "last") if desired.get(part))
        if together and together != desired.get("name") and "name" not in moved:
            return {**desired, "name": together}
        return desired


def test_a_composed_field_follows_its_parts_in_the_same_plan() -> None:
    was: Fields = {"first": "Jo", "last": "Doe", "name": "Jo Doe"}
    one = member({**was, "first": "Ann"}, was, base=was)
    decided = {d.name: (d.value, d.rule) for d in decide_fields(one, FullName())}
    assert decided == {
        "first": ("Ann", "changed"),
        "last": ("Doe", "agreed"),
        "name": ("Ann Doe", "composed"),
    }
    found = {s.side: (s.fields, s.composed) for s in steps(lane(one), FullName())}
    assert found == {
        SALESFORCE: ({"name": "Ann Doe"}, ("name",)),
        ZOHO: ({"first": "Ann", "name": "Ann Doe"}, ("name",)),
    }


def test_a_composed_field_neither_side_told_is_new() -> None:
    one = member({"first": "Ann", "last": "Doe"}, {"first": "Ann", "last": "Doe"})
    assert [(d.name, d.value, d.rule) for d in decide_fields(one, FullName())][-1] == (
        "name",
        "Ann Doe",
        "composed",
    )


def test_a_composed_value_is_said_to_its_owner_first() -> None:
    """Or the owner's old value would win against it again."""
    was: Fields = {"first": "Jo", "last": "Doe", "name": "Jo Doe"}
    one = member(was, {**was, "first": "Ann"}, base=was)
    shape = FullName(owners={"name": "zoho"})
    assert [(s.side, s.composed) for s in steps(lane(one), shape)] == [(ZOHO, ("name",))]
