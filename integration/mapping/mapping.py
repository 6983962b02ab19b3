"""A compiled mapping, as the flows use it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from functools import cached_property
from typing import Literal, cast

from integration.canonical.values import Fields, Json, Side, Value, is_blank
from integration.errors import ConfigurationFault
from integration.mapping import writing
from integration.mapping.conversions import TYPES, as_text
from integration.mapping.documents import Document
from integration.mapping.lookups import Lookups
from integration.mapping.reading import read_image
from integration.mapping.rules import (
    PARENT_KIND,
    CanonicalField,
    CanonicalPlan,
    Composed,
    NativePatch,
    Owner,
    Reading,
    RecordPlan,
    RolePlan,
    SkippedRule,
)

CanonicalEntity = Literal["customer", "person"]


@dataclass(frozen=True)
class Role:
    """What a system record is to us now.

    `certain` is False when the image does not know a field the answer depends on: read the record whole
    before believing it. `parent` is the (native entity, record id) of the record it belongs to, where the
    image tells.
    """

    canonical: CanonicalEntity
    kind: str
    in_scope: bool
    reason: str
    parent: tuple[str, str] | None
    certain: bool
    plan: RolePlan
    absent: frozenset[str] = frozenset()

    def read(
        self,
        image: Mapping[str, Json],
        touched: Collection[str] | None,
        lookups: Lookups,
        names: Collection[str] | None = None,
    ) -> Reading:
        """The canonical fields of the image, of these names when some are given; see `read_image`."""
        return read_image(self.plan, image, touched, self.absent, lookups, names)


@dataclass(frozen=True)
class CompiledMapping:
    """One numbered version of the mapping; `skipped` are shipped rules whose fields the organisation
    lacks.
    """

    version: int
    skipped: tuple[SkippedRule, ...]
    records: tuple[RecordPlan, ...] = field(repr=False)
    canonicals: Mapping[str, CanonicalPlan] = field(repr=False)
    documents: tuple[Document, ...] = field(default=(), repr=False)

    @cached_property
    def _by_entity(self) -> dict[tuple[str, str], RecordPlan]:
        return {(record.side, record.entity): record for record in self.records}

    @cached_property
    def _by_kind(self) -> dict[tuple[str, str, str], RolePlan]:
        return {(r.side, role.canonical, role.kind): role for r in self.records for role in r.roles}

    def role(self, side: Side, entity: str, image: Mapping[str, Json], parent_kind: str = "") -> Role:
        """Which role a record plays now. `parent_kind`: of the customer a person belongs to, where known.

        Raises ConfigurationFault for an entity the mapping does not describe.
        """
        record = self._record(side, entity)
        facts = {**image, PARENT_KIND: parent_kind}
        chosen = next((r for r in record.roles if r.when is None or r.when.test(facts)), None)
        plan = chosen or record.roles[-1]
        scope = next((s for s in record.scopes if plan.name in s.roles and s.condition.test(facts)), None)
        reason = scope.reason if scope else "" if chosen else f"no role of {record.name} fits"
        parent_id = as_text(cast("Value", image.get(plan.parent_field))) if plan.parent_field else ""
        return Role(
            canonical=cast("CanonicalEntity", plan.canonical),
            kind=plan.kind,
            in_scope=not reason,
            reason=reason,
            parent=(plan.parent_entity, parent_id) if parent_id else None,
            certain=record.decisive <= facts.keys() | record.absent,
            plan=plan,
            absent=record.absent,
        )

    def _record(self, side: Side, entity: str) -> RecordPlan:
        record = self._by_entity.get((side, entity))
        if record is None:
            text = f"{side.value} {entity} is described by no record of the mapping"
            raise ConfigurationFault(
                "mapping.unknown_entity", text, advice="Add a record for it to the mapping."
            )
        return record

    def _plan(self, side: Side, entity_canonical: str, kind: str) -> RolePlan:
        plan = self._by_kind.get((side, entity_canonical, kind)) or self._by_kind.get(
            (side, entity_canonical, "")
        )
        if plan is None:
            text = f"no record of {side.value} keeps {entity_canonical} {kind}".rstrip()
            raise ConfigurationFault("mapping.unknown_kind", text, advice="Add a role for it to the mapping.")
        return plan

    def _canonical(self, entity: str) -> CanonicalPlan:
        plan = self.canonicals.get(entity)
        if plan is None:
            raise ConfigurationFault(
                "mapping.unknown_entity", f"{entity} is no canonical entity of the mapping"
            )
        return plan

    def native_entities(self, side: Side) -> tuple[str, ...]:
        """The native entities the mapping describes on a side."""
        return tuple(record.entity for record in self.records if record.side is side)

    def native_fields(self, side: Side, entity: str) -> tuple[str, ...]:
        """All native fields to read of an entity, those the organisation lacks left out."""
        return self._record(side, entity).native_fields

    def whole_image(self, side: Side, entity: str, image: Mapping[str, Json]) -> dict[str, Json]:
        """The image of a record that was read whole: a field the answer left out is empty, not unknown."""
        return {**dict.fromkeys(self.native_fields(side, entity)), **image}

    def owner(self, aggregate_entity: str, field: str) -> Owner:
        """Who says what a canonical field is; `latest`: whoever changed it last."""
        return self._declared(aggregate_entity, field).owner

    def first_contact_owner(self, entity: str, field: str) -> Side:
        """Whose value stands when two filled records are joined and nobody owns the field."""
        declared = self._declared(entity, field)
        return declared.first_contact if declared.owner == "latest" else Side(declared.owner)

    def typed(self, entity: str, field: str, text: str) -> Value:
        """A text as a value of the field's type. Raises ValueError, which never shows the text."""
        return TYPES[self._declared(entity, field).type](text, UTC)

    def _declared(self, entity: str, field: str) -> CanonicalField:
        return self._canonical(entity).field(field)

    def writable(self, side: Side, entity_canonical: str, kind: str) -> frozenset[str]:
        """Canonical fields this side can receive."""
        return self._plan(side, entity_canonical, kind).writable

    def readable(self, side: Side, entity_canonical: str, kind: str) -> frozenset[str]:
        """Canonical fields this side can tell."""
        return frozenset(self._plan(side, entity_canonical, kind).readers)

    def facet(self, side: Side, entity_canonical: str, kind: str, field: str) -> str:
        """Which outside call carries a canonical field: main, status, primary_person or primary."""
        rules = self._plan(side, entity_canonical, kind).rules
        found = [rule.facet for rule in rules if field in rule.canonical and rule.writes]
        return found[0] if found else "main"

    def native_entity(self, side: Side, entity_canonical: str, kind: str) -> str:
        """The system's own entity that keeps this canonical entity and kind."""
        return self._plan(side, entity_canonical, kind).entity

    def parent_field(self, side: Side, entity_canonical: str, kind: str) -> str:
        """The native field that names the parent record, empty when there is none."""
        return self._plan(side, entity_canonical, kind).parent_field

    def to_native(
        self,
        side: Side,
        entity_canonical: str,
        kind: str,
        changed: Mapping[str, Value],
        desired: Mapping[str, Value],
        lookups: Lookups,
    ) -> NativePatch:
        """Native fields that bring `changed` about; see `update_patch`. Values of `changed` stand over
        `desired`.
        """
        plan = self._plan(side, entity_canonical, kind)
        return writing.update_patch(plan, changed.keys(), {**desired, **changed}, lookups)

    def create_patch(
        self, side: Side, entity_canonical: str, kind: str, desired: Mapping[str, Value], lookups: Lookups
    ) -> NativePatch:
        """Native fields of a new record; see `writing.create_patch`."""
        return writing.create_patch(self._plan(side, entity_canonical, kind), desired, lookups)

    def settle(
        self, entity_canonical: str, kind: str, desired: Mapping[str, Value], moved: Collection[str]
    ) -> Fields:
        """`desired` with composed fields and their parts saying the same again; `moved` are the fields that
        changed.

        An individual's name and its first and last name are one thing told twice: when one of them moved the
        other follows at once, instead of coming back as a change of the other side later.
        """
        settled = dict(desired)
        for composed in self._canonical(entity_canonical).composed:
            if composed.kind == kind:
                _settle(settled, composed, moved)
        return settled


def _settle(fields: Fields, composed: Composed, moved: Collection[str]) -> None:
    parts = [as_text(fields.get(part)) for part in composed.parts]
    together = composed.join.join(parts)
    if together == as_text(fields.get(composed.name)):
        return
    if together and (composed.name not in moved or any(part in moved for part in composed.parts)):
        fields[composed.name] = together
    elif not is_blank(fields.get(composed.name)):
        cut = composed.join.cut(as_text(fields[composed.name]))
        fields.update({part: text or None for part, text in zip(composed.parts, cut, strict=True)})
