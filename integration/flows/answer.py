"""Answer: what the target said to a write, stored in one transaction with the lane's new plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import structlog

from integration.canonical.event import NativeRecord, Position
from integration.canonical.outcome import BindingState, Operation
from integration.canonical.values import Fields, Json, Side, encode_fields
from integration.errors import (
    Ambiguous,
    DuplicateKey,
    Fault,
    Gone,
    NameTaken,
    NeedsPerson,
    Rejected,
    Retryable,
    Throttled,
    Unauthorized,
)
from integration.flows.absorb import Absorber
from integration.flows.bench import Bench, same_in
from integration.flows.decide import decide
from integration.flows.deletes import note_deleted
from integration.flows.neighbours import holders, told_of
from integration.flows.refresh import Taken, fold_answer
from integration.flows.unreadable import is_marked, lasting
from integration.policy.confirm import begin_with, confirm, doubt, unnote
from integration.policy.plan import digest_of, is_still_planned
from integration.policy.retry import backoff_ms
from integration.policy.state import Existence, LaneState, Member, Write
from integration.ports import FindAnswer, NewRecord, ReadAnswer, WriteAnswer, WriteEnd
from integration.ports.services import Services

log = structlog.get_logger(__name__)

SAID_GONE, MOST_LOOKS = "said to be gone", 3


@dataclass(frozen=True)
class Answer:
    """A sent row with what came back: an answer, a find, or a fault."""

    lane_id: int
    write: Write
    epoch: int
    written: WriteAnswer | None = None
    found: FindAnswer | None = None
    fault: Fault | None = None
    read: ReadAnswer | None = None
    recovered: bool = False
    numbers: tuple[int, int] = (0, 0)


def finish(services: Services, side: Side, answers: Sequence[Answer]) -> None:
    """End these rows; a row whose claim was taken over meanwhile is left alone (fence)."""
    with services.stores.begin(services.pair_id, "write.finish") as uow:
        shown = [record_id for a in answers for record_id in told_of(a.write, a.written, a.read)]
        uow.lanes.lock({a.lane_id for a in answers} | holders(uow, side, shown))
        mine = uow.outbox.mine({a.write.id: a.epoch for a in answers})
        lanes = uow.lanes.load(mine)
        bench = Bench.open(services, uow)
        ends, decided, again = [], [], []
        for answer in answers:
            if answer.lane_id not in mine or mine[answer.lane_id].id != answer.write.id:
                continue
            lane = lanes[answer.lane_id]
            bench.correlation[lane.id] = answer.write.correlation_id
            end = Finisher(bench, lane, side, answer).end()
            ends.append(end)
            _tell(answer, end)
            if end.state == "waiting":
                unnote(lane, answer.write)  # the row does not tell any more that it was sent
                if is_still_planned(lane, answer.write, bench.shape, services.line.deletes):
                    again.append(lane)
                    continue
            if end.state != "unknown":
                lane.sending = None
                decided.append(lane)
        uow.inbox.touch_all(bench.touched)
        uow.cases.supersede(bench.succeeded)
        uow.outbox.end(ends)
        uow.lanes.save(again, ready=uow.lanes.ready_among([lane.id for lane in again]))
        decide(bench, decided)
    bench.ring()


def _tell(answer: Answer, end: WriteEnd) -> None:
    write = answer.write
    names = {"lane_id": answer.lane_id, "outbox_id": write.id, "correlation_id": write.correlation_id}
    what = {"side": write.side.value, "operation": write.operation.value, "entity": write.entity}
    log.info("write answered", **names, **what, state=end.state, code=end.code)


@dataclass
class Finisher:
    """Ends one row."""

    bench: Bench
    lane: LaneState
    side: Side
    answer: Answer

    @property
    def write(self) -> Write:
        """The row."""
        return self.answer.write

    def end(self) -> WriteEnd:
        """Bring the answer into the lane and say how the row goes on."""
        member = self.lane.member(self.write.binding_id)
        if member is None:
            return self._over("done", "record left the lane")
        if self.answer.recovered:
            return self._recovered(member)
        if self.answer.fault is not None:
            return self._failed(member, self.answer.fault)
        if self.answer.found is not None:
            return self._found(member, self.answer.found)
        if self.answer.written is not None:
            return self._written(member, self.answer.written)
        return self._over("done", "nothing was sent")

    def _written(self, member: Member, written: WriteAnswer) -> WriteEnd:
        operation = self.write.operation
        if operation is Operation.DELETE:
            member.on(self.side).existence = Existence.GONE
            member.state = BindingState.TOMBSTONE
            note_deleted(member, self.write)
        elif operation is Operation.CREATE and self.write.facet == "main":
            self._created(member, written)
        else:
            self._confirm(member, self.write.values, written.records)
            self._update_image(member, written)
        self._note(member, written)
        return self._over("done", "", record_id=written.record_id or self.write.record_id)

    def _created(self, member: Member, written: WriteAnswer) -> None:
        state = member.on(self.side)
        state.entity, state.record_id = self.write.entity, written.record_id
        state.mapping_version = self.bench.mapping.version
        state.existence, state.read_at = Existence.ALIVE, self.bench.uow.now if written.records else 0
        member.intent = None
        member.how = member.how or "created"
        if self.write.key:
            member.match_keys[self.side] = member.match_keys.get(self.side, frozenset()) | {
                f"id:{self.side.value}:{written.record_id}"
            }
        self._take_over_others([written.record_id, *(r.record_id for r in written.records)], member)
        member.state, member.joined = BindingState.ACTIVE, True
        self._confirm(member, self.write.values, written.records)
        begin_with(member, self.side, self.bench.shape.unsaid(self.side, member.entity, member.kind))
        self._update_image(member, written)
        self._confirm_children(written)
        for side in Side:
            for lane_id in self.bench.uow.cases.release(side, [member.on(side).record_id]):
                self.bench.later(lane_id, 0)

    def _take_over_others(self, record_ids: Sequence[str], member: Member) -> None:
        """The notification of our own create may have come before its answer and have a lane of its own,
        with the persons made by the same call: they are ours.
        """
        known = self.bench.uow.lanes.by_record(self.side, record_ids)
        ours, joined = {member.binding_id, *self.write.children}, {self.lane.id}
        for bound in known.values():
            if bound.binding_id in ours or bound.state is not BindingState.PROVISIONAL:
                continue
            if bound.lane_id not in joined:
                joined.add(bound.lane_id)
                self.bench.uow.lanes.lock([bound.lane_id])
                self.bench.uow.lanes.join(self.lane.id, bound.lane_id)
            self.bench.uow.lanes.drop_binding(bound.binding_id)
            self.lane.members = [m for m in self.lane.members if m.binding_id != bound.binding_id]

    def _confirm_children(self, written: WriteAnswer) -> None:
        """Persons made with their contact: the answer shows them in the order they were sent, the primary
        first.
        """
        persons = [r for r in written.records if r.entity == "contact_person"]
        offset = len(persons) - len(self.write.children)
        for (binding_id, values), record in zip(
            self.write.children.items(), persons[max(0, offset) :], strict=False
        ):
            child = self.lane.member(binding_id)
            if child is None:
                continue
            state = child.on(self.side)
            state.entity, state.record_id, state.existence = record.entity, record.record_id, Existence.ALIVE
            state.image, state.image_at = dict(record.image), Position(record.at)
            child.state, child.joined, child.how = BindingState.ACTIVE, True, "created"
            self._confirm(child, values, (record,))
        root = self.lane.root.on(self.side)
        root.children_at = max((r.at for r in written.records), default=root.children_at)

    def _confirm(self, member: Member, values: Fields, records: Sequence[NativeRecord]) -> None:
        state = member.on(self.side)
        record = next((r for r in records if r.record_id == state.record_id), None)
        answered = self._read(state.entity, record, values) if record is not None else {}
        position = Position(record.at) if record is not None else None
        same, composed = same_in(member.entity), self.write.composed
        if confirm(member, self.side, values, answered, position, same, composed):
            state.dirty += 1
        if record is not None and self.write.operation is Operation.CREATE:
            self._complete(record)

    def _complete(self, record: NativeRecord) -> None:
        """A record made just now is known whole from its answer."""
        absorber = Absorber(self.lane, self.bench.mapping, self.bench.lookups())
        absorber.record(record, Position(record.at), is_read=True)

    def _update_image(self, member: Member, written: WriteAnswer) -> None:
        state = member.on(self.side)
        record = next((r for r in written.records if r.record_id == state.record_id), None)
        if record is not None and record.at >= state.image_at.at:
            state.image, state.image_at = {**state.image, **record.image}, Position(record.at)
        elif record is None and self.write.entity == state.entity:
            state.image = {**state.image, **self.write.fields}

    def _read(self, entity: str, record: NativeRecord, names: Collection[str]) -> Fields:
        role = self.bench.mapping.role(self.side, entity, record.image)
        return role.read(record.image, None, self.bench.lookups(), names).fields

    def _note(self, member: Member, written: WriteAnswer) -> None:
        bindings = [member.binding_id, *self.write.children]
        touched = None if self.write.operation is Operation.CREATE else bindings
        self.bench.touched.append((self.lane.id, touched, self.write.id))
        told = {m.binding_id for m in self.lane.members if is_marked(m)}
        self.bench.succeeded.update(set(bindings) - told)
        member.on(self.side).waived = lasting(member.on(self.side).waived)
        detail: dict[str, Json] = {
            "side": self.side.value,
            "operation": self.write.operation.value,
            "entity": self.write.entity,
            "facet": self.write.facet,
            "record_id": written.record_id or self.write.record_id,
            "fields": list[Json](sorted(self.write.values)),
            "change": self.write.change_id,
            "mapping_version": self.write.mapping_version,
        }
        self.bench.audit("written", self.lane.id, member.binding_id, detail, encode_fields(self.write.values))

    def _found(self, member: Member, found: FindAnswer) -> WriteEnd:
        """Records found get lanes of their own and are read; matching decides about them afterwards."""
        intent = member.intent
        records = [*found.by_key, *found.others]
        new = [
            NewRecord(self.side, r.entity, r.record_id, member.entity, member.kind)
            for r in records
            if not r.deleted
        ]
        if new:
            self.bench.uow.lanes.add_records(new)
        if intent is not None:
            intent.found = tuple(r.record_id for r in records if not r.deleted)
            if intent.sent and not intent.found:
                intent.negatives += 1
            needed = 2 if intent.sent and not self._keyed() else 1
            if not intent.sent or intent.negatives >= needed or intent.found:
                intent.searched_at = self.bench.uow.now
            else:
                self.bench.later(self.lane.id, self.bench.services.line.search_lag_ms)
        return self._over("done", "")

    def _keyed(self) -> bool:
        """Whether a create carries a key the target keeps unique: sending it again cannot make a second
        record.
        """
        return self.bench.services.gateways[self.side].keyed(self.write.entity)

    def _recovered(self, member: Member) -> WriteEnd:
        """Ambiguous and settled: fold what the target was seen to hold, then decide anew."""
        if self.answer.fault is not None:
            wait = backoff_ms(self.write.attempts + 1, self.bench.services.chance)
            return WriteEnd(self.write.id, "unknown", self.answer.fault.code, self.bench.uow.now + wait)
        if self.write.operation is Operation.CREATE and member.intent is not None:
            member.intent.searched_at, member.intent.found, member.intent.negatives = 0, (), 0
            self.bench.later(self.lane.id, 0 if self._keyed() else self.bench.services.line.search_lag_ms)
        if self.answer.read is not None:
            addressed = self.lane.root if self.side is Side.ZOHO else member
            taken = Taken(self.side, self.bench.uow.now, self.answer.numbers)
            fold_answer(self.bench, self.lane, addressed, self.answer.read, taken)
            note_deleted(member, self.write)
            settle_ms = self.bench.services.line.settle_ms
            doubt(member, self.side, self.write.values, self.bench.uow.now, settle_ms, same_in(member.entity))
        self.bench.audit(
            "recovered", self.lane.id, member.binding_id, {"side": self.side.value, "write": self.write.id}
        )
        return self._over("done", "recovered")

    def _failed(self, member: Member, fault: Fault) -> WriteEnd:
        if isinstance(fault, Ambiguous):
            return WriteEnd(
                self.write.id, "unknown", fault.code, self.bench.uow.now + self.bench.services.line.settle_ms
            )
        if isinstance(fault, Throttled):
            wait = int(fault.seconds * 1000) + self.bench.services.chance.randint(0, 250)
            return WriteEnd(self.write.id, "waiting", fault.code, self.bench.uow.now + wait, counts=False)
        if isinstance(fault, Unauthorized):
            return self._unauthorized(fault)
        if isinstance(fault, Retryable) and self.write.attempts + 1 < self.bench.services.line.most_attempts:
            wait = backoff_ms(self.write.attempts + 1, self.bench.services.chance)
            return WriteEnd(self.write.id, "waiting", fault.code, self.bench.uow.now + wait)
        return self._for_good(member, fault)

    def _for_good(self, member: Member, fault: Fault) -> WriteEnd:
        if isinstance(fault, NameTaken | DuplicateKey) and self._may_be_the_name():
            return self._taken(member, fault)
        if isinstance(fault, Gone) and self._may_look_again(member):
            return self._over("done", fault.code)
        return self._refused(member, fault)

    def _may_be_the_name(self) -> bool:
        """An update that carries no name cannot be saved by leaving the name out."""
        return self.write.operation is Operation.CREATE or "name" in self.write.values

    def _may_look_again(self, member: Member) -> bool:
        """What is said to be gone, or its parent, is read; one that is shown is not written to for ever."""
        state = member.on(self.side)
        looks = int(state.waived.get(SAID_GONE, "0")) + 1
        state.waived[SAID_GONE] = str(looks)
        (state if state.record_id else self.lane.root.on(self.side)).dirty += 1
        return looks <= MOST_LOOKS

    def _unauthorized(self, fault: Unauthorized) -> WriteEnd:
        """The token was refreshed once and is still refused: this side stops until somebody mends it."""
        self.bench.uow.pairs.hold(self.side, f"unauthorized: {fault.code}")
        self.bench.uow.alarms.gather(
            f"unauthorized.{self.side.value}",
            f"{self.side.value} refuses our token: {fault.code}",
            fault.advice
            or "Run `zoho-salesforce doctor`. Writing goes on by itself once the token is accepted.",
        )
        return WriteEnd(self.write.id, "waiting", fault.code, self.bench.uow.now + 30_000, counts=False)

    def _taken(self, member: Member, fault: Fault) -> WriteEnd:
        """Another record owns the name: look again, then by policy adopt, use a name by pattern, or ask."""
        state, line = member.on(self.side), self.bench.services.line
        if self.write.operation is not Operation.CREATE:
            name = {"name": self.write.values["name"]}
            state.waived["field:name"] = digest_of(Operation.UPDATE, "name", name)
            self._ask_name(member, fault)
            return self._over("dead", fault.code)
        policy = line.on_name_taken_individual if member.kind == "individual" else line.on_name_taken
        if member.intent is not None and not state.waived.get("name looked up"):
            state.waived["name looked up"] = self.write.key
            member.intent.searched_at, member.intent.sent = 0, False
        elif policy == "pattern" and not state.waived.get("name pattern"):
            state.waived["name pattern"] = line.name_pattern
        else:
            state.waived[f"{Operation.CREATE}:main"] = self._digest()
            self._ask_name(member, fault)
        return self._over("dead", fault.code)

    def _ask_name(self, member: Member, fault: Fault) -> None:
        self.bench.ask(
            self.lane.id,
            member.binding_id,
            "name taken",
            f"{self.side.value}: another record owns this name ({fault.code})",
            "Rename one of the two, or `exceptions resolve <id> --join <record id>` when they are the same.",
            digest=fault.code,
        )

    def _digest(self) -> str:
        """The step's own digest: the row may carry less than the step asked for."""
        return self.write.digest or digest_of(self.write.operation, self.write.facet, self.write.values)

    def _refused(self, member: Member, fault: Fault) -> WriteEnd:
        digest = self._digest()
        member.on(self.side).waived[f"{self.write.operation}:{self.write.facet}"] = digest
        bindings = [member.binding_id, *self.write.children]
        if isinstance(fault, NeedsPerson):
            self.bench.ask(
                self.lane.id, member.binding_id, fault.code, fault.text, fault.advice, digest=digest
            )
        else:
            letter = (
                fault
                if isinstance(fault, Rejected)
                else Rejected(
                    fault.code,
                    f"given up after {self.write.attempts + 1} tries: {fault.text}",
                    advice=fault.advice,
                    evidence=fault.evidence,
                )
            )
            self.bench.bury(self.lane.id, bindings, "write", letter, side=self.side.value, digest=digest)
        return self._over("dead", fault.code)

    def _over(self, state: str, code: str, record_id: str = "") -> WriteEnd:
        return WriteEnd(self.write.id, state, code, 0, record_id)
