"""Values of a source that no rule can read: the field is told as a dead letter, all others go on.

What is left out would otherwise differ for ever without anybody knowing. The mark stays with the side it was
read from until the field can be read again; then its dead letter is closed.
"""

from __future__ import annotations

from integration.canonical.values import Side
from integration.errors import Rejected
from integration.flows.bench import Bench
from integration.mapping.rules import Reading
from integration.policy.state import LaneState, Member, SideState

MARK, READ_AGAIN = "unreadable:", "read again:"
NEW = "new "


def mark(state: SideState, reading: Reading, *, whole: bool) -> None:
    """Note what cannot be read, and what can be again; of a `whole` reading also what no rule reads now."""
    unreadable = {problem.field: problem.code for problem in reading.problems}
    for name, code in unreadable.items():
        if not state.waived.get(MARK + name, NEW).isdigit():
            state.waived[MARK + name] = NEW + code
    for key in [key for key in state.waived if key.startswith(MARK)]:
        name = key.removeprefix(MARK)
        if name not in unreadable and (whole or name in reading.fields):
            letter = state.waived.pop(key)
            if letter.isdigit():
                state.waived[READ_AGAIN + name] = letter


def is_marked(member: Member) -> bool:
    """Whether some field of the member cannot be read on either side."""
    return any(key.startswith(MARK) for state in member.sides.values() for key in state.waived)


def lasting(waived: dict[str, str]) -> dict[str, str]:
    """Marks that no write to the record ends."""
    return {k: v for k, v in waived.items() if k.startswith((MARK, READ_AGAIN)) or k == "name pattern"}


def tell_unreadable(bench: Bench, lane: LaneState) -> None:
    """A dead letter for each field that became unreadable; closed for those that can be read again, or that a
    person says meanwhile.
    """
    for member in lane.members:
        for side, state in member.sides.items():
            for key, value in list(state.waived.items()):
                if key.startswith(READ_AGAIN):
                    del state.waived[key]
                    bench.uow.cases.close_dead_letter(
                        int(value), "superseded", "", "the value can be read again"
                    )
                elif key.startswith(MARK) and key.removeprefix(MARK) in member.overrides:
                    state.waived[key] = _not_missed(bench, value)
                elif key.startswith(MARK) and value.startswith(NEW) and state.in_scope:
                    letter = _bury(bench, lane, member, side, key.removeprefix(MARK), value.removeprefix(NEW))
                    state.waived[key] = str(letter)


def _not_missed(bench: Bench, value: str) -> str:
    """The mark as a new one: when the override ends, the field is told again if it still cannot be read."""
    letter = bench.uow.cases.dead_letter(int(value)) if value.isdigit() else None
    if letter is None:
        return value
    bench.uow.cases.close_dead_letter(letter.id, "superseded", "", "an override says what the field is")
    return NEW + letter.code


def _bury(bench: Bench, lane: LaneState, member: Member, side: Side, name: str, code: str) -> int:
    text = f"{name} of a {member.entity} cannot be read from {side.value}: {code}"
    advice = (
        "Correct the value at its source, or list it in the mapping rule of this field; it goes on by itself."
    )
    fault = Rejected(code, text, advice=advice, evidence={"field": name, "entity": member.on(side).entity})
    digest = f"{side.value}:{name}:{code}"
    return bench.bury(lane.id, [member.binding_id], "transform", fault, side=side.value, digest=digest)
