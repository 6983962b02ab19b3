"""The mapping in its compiled form: rules, the roles a system record can play, and what applying them
gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Literal

from integration.canonical.values import Fields, Json, Side, Value
from integration.mapping.conditions import Condition
from integration.mapping.lookups import Lookups

Inward = Callable[[Json, Lookups], Value]
Outward = Callable[[Value, Lookups], Json]
Owner = Literal["salesforce", "zoho", "latest"]

PARENT_KIND = "parent.kind"
"""A name conditions may use like a native field: the kind of the customer a person belongs to."""


class Code(StrEnum):
    """What can be wrong with one value."""

    MISSING = "value.missing"
    TOO_LONG = "value.too_long"
    BAD_EMAIL = "value.bad_email"
    UNKNOWN_CHOICE = "value.unknown_choice"
    UNCONVERTIBLE = "value.unconvertible"
    NOT_IN_TABLE = "value.not_in_table"


class ValueMistakeError(ValueError):
    """A value that a rule cannot carry over; neither text nor advice shows the value."""

    def __init__(self, code: Code, text: str, advice: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.advice = advice


@dataclass(frozen=True)
class FieldProblem:
    """Why one field could not be carried over: which field, by which rule, what to do. Holds no values."""

    field: str
    native_field: str
    rule: str
    where: str
    code: str
    text: str
    advice: str


@dataclass(frozen=True)
class Join:
    """Several parts on one side, one text on the other.

    `at`: where a text is cut into its two parts, at the `first` or the `last` separator; `prefer`: canonical
    fields that hold the parts already, used when joined they give the very text.
    """

    separator: str
    at: str = "first"
    prefer: tuple[str, ...] = ()

    def join(self, parts: list[str]) -> str:
        """The parts that are not blank, joined."""
        return self.separator.join(part for part in parts if part)

    def cut(self, text: str) -> list[str]:
        """A text in two parts. Without a separator the whole text is the part nearest to the cut's end."""
        if self.separator not in text:
            return ["", text] if self.at == "last" else [text, ""]
        if self.at == "last":
            head, _, tail = text.rpartition(self.separator)
        else:
            head, _, tail = text.partition(self.separator)
        return [head.strip(), tail.strip()]


@dataclass(frozen=True)
class Rule:
    """One compiled rule between canonical and native fields.

    One native field and one canonical field, or with `join` several on the native side (a concatenation) or
    on the canonical side (`splits`). `inward` and `outward` carry single values; `limits` are the lengths
    the native fields hold, in the same order.
    """

    id: str
    where: str
    canonical: tuple[str, ...]
    native: tuple[str, ...]
    reads: bool
    writes: bool
    inward: Inward
    outward: Outward
    join: Join | None = None
    splits: bool = False
    when_reading: Condition | None = None
    when_writing: Condition | None = None
    required: tuple[str, ...] = ()
    limits: tuple[int | None, ...] = ()
    facet: str = "main"
    on_create: bool = True
    is_default: bool = False

    @property
    def inputs(self) -> frozenset[str]:
        """Native fields reading depends on."""
        return frozenset(self.native) | (self.when_reading.fields if self.when_reading else frozenset())

    def problem(self, code: str, native: str, text: str, advice: str) -> FieldProblem:
        """A problem with this rule's name on it."""
        return FieldProblem(self.canonical[0], native, self.id, self.where, code, text, advice)


@dataclass(frozen=True)
class Scope:
    """A condition under which a record is left alone, and the reason people are told."""

    condition: Condition
    reason: str
    roles: frozenset[str]


@dataclass(frozen=True)
class RolePlan:
    """Everything about one role of a system record: `salesforce Contact as a customer of kind individual`."""

    side: Side
    entity: str
    name: str
    canonical: str
    kind: str
    when: Condition | None
    create: Mapping[str, Json]
    parent_entity: str
    parent_field: str
    rules: tuple[Rule, ...]
    whole: tuple[str, ...] = ()
    readers: Mapping[str, tuple[Rule, ...]] = field(default_factory=dict)

    @cached_property
    def writers(self) -> tuple[Rule, ...]:
        """Rules in the order of writing: joined ones first, so that a plain rule for a part has the last
        word.
        """
        return tuple(sorted((rule for rule in self.rules if rule.writes), key=lambda rule: rule.join is None))

    @cached_property
    def writable(self) -> frozenset[str]:
        """Canonical fields this side receives."""
        return frozenset(name for rule in self.writers for name in rule.canonical)


@dataclass(frozen=True)
class RecordPlan:
    """One system record with all its roles; `absent` are native fields this organisation does not have."""

    name: str
    side: Side
    entity: str
    roles: tuple[RolePlan, ...]
    scopes: tuple[Scope, ...]
    absent: frozenset[str]

    @cached_property
    def decisive(self) -> frozenset[str]:
        """Fields that decide which role a record plays and whether it is in scope."""
        conditions = [role.when for role in self.roles if role.when] + [
            scope.condition for scope in self.scopes
        ]
        return frozenset(name for condition in conditions for name in condition.fields)

    @cached_property
    def native_fields(self) -> tuple[str, ...]:
        """All native fields to read, those the organisation lacks left out."""
        names = [
            name
            for role in self.roles
            for rule in role.rules
            for name in (*rule.native, *sorted(rule.inputs))
        ]
        names += [role.parent_field for role in self.roles if role.parent_field]
        names += sorted(self.decisive)
        return tuple(n for n in dict.fromkeys(names) if n not in self.absent and n != PARENT_KIND)


@dataclass(frozen=True)
class CanonicalField:
    """Type and ownership of one canonical field."""

    type: str = "text"
    owner: Owner = "latest"
    first_contact: Side = Side.SALESFORCE


@dataclass(frozen=True)
class Composed:
    """A canonical field that says the same as its parts together, for customers of one kind."""

    name: str
    kind: str
    parts: tuple[str, ...]
    join: Join


@dataclass(frozen=True)
class CanonicalPlan:
    """A canonical entity: its kinds, declared fields, and what holds for all others (`custom.*`)."""

    name: str
    kinds: tuple[str, ...]
    fields: Mapping[str, CanonicalField]
    other: CanonicalField
    composed: tuple[Composed, ...] = ()

    def field(self, name: str) -> CanonicalField:
        """What is declared of a field."""
        return self.fields.get(name, self.other)


@dataclass(frozen=True)
class SkippedRule:
    """A shipped rule left out because the organisation lacks a field it needs."""

    record: str
    rule: str
    field: str
    where: str


@dataclass(frozen=True)
class Reading:
    """Canonical fields read from a record; a field that could not be converted is absent and has a
    problem.
    """

    fields: Fields
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True)
class NativePatch:
    """Native fields to send, flat as in an image; `carried` are the canonical fields they say.

    A patch with problems must not be sent.
    """

    fields: dict[str, Json]
    problems: tuple[FieldProblem, ...] = ()
    carried: frozenset[str] = frozenset()

    def inner(self, prefix: str) -> dict[str, Json]:
        """The fields below a prefix, without it: `primary_person.email` -> `email`."""
        start = f"{prefix}."
        return {name[len(start) :]: value for name, value in self.fields.items() if name.startswith(start)}
