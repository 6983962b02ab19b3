"""Merge: Salesforce merged two accounts; the stream tells a delete, the deleted record names its winner.

Both joined: the winner keeps its Zoho record, the loser's becomes an alias and is put away when nothing is
open on it, else a person is asked to merge the two in Zoho. Only the loser joined: the winner takes its Zoho
record over.
"""

from __future__ import annotations

from collections.abc import Sequence

from integration.canonical.outcome import BindingState, WorkClass
from integration.canonical.values import Side
from integration.flows.bench import Bench
from integration.policy.plan import PUT_AWAY
from integration.policy.state import Existence, LaneState, Member
from integration.ports import BoundRecord, NewRecord

WAIT_MS = 500


OPEN_DOCUMENTS = "open documents"
"""Noted on the loser when it was read: what Zoho said about its customer; no answer counts as open."""


def follow_merges(bench: Bench, lanes: Sequence[LaneState]) -> None:
    """Bring bindings of merge losers to their winners."""
    for lane in lanes:
        for member in list(lane.members):
            lost = member.on(Side.SALESFORCE)
            if (
                lost.merged_into
                and lost.existence is Existence.GONE
                and member.state in (BindingState.ACTIVE, BindingState.PROVISIONAL)
            ):
                _follow(bench, lane, member, lost.merged_into)


def _follow(bench: Bench, lane: LaneState, member: Member, winner_id: str) -> None:
    entity = member.on(Side.SALESFORCE).entity
    known = bench.uow.lanes.by_record(Side.SALESFORCE, [winner_id]).get((entity, winner_id))
    if known is None:
        bench.uow.lanes.add_records(
            [NewRecord(Side.SALESFORCE, entity, winner_id, member.entity, member.kind)]
        )
        bench.later(lane.id, WAIT_MS)
        bench.held.add(lane.id)
        return
    if member.on(Side.ZOHO).existence is not Existence.ALIVE:
        member.state, member.alias_of = BindingState.ALIAS, known.binding_id
        member.on(Side.SALESFORCE).merged_into = ""
    elif known.zoho_id:
        _alias(bench, lane, member, known)
    else:
        _hand_over(bench, lane, member, known)


def _alias(bench: Bench, lane: LaneState, member: Member, winner: BoundRecord) -> None:
    member.state, member.alias_of = BindingState.ALIAS, winner.binding_id
    member.how = "merged: kept"
    if member.entity != "customer":
        member.state = BindingState.ACTIVE
        member.on(Side.SALESFORCE).merged_into = ""
    elif member.on(Side.SALESFORCE).waived.get(OPEN_DOCUMENTS) != "no":
        _ask_to_merge(bench, lane, member, winner)
    else:
        member.how = PUT_AWAY
    bench.audit("merged", lane.id, member.binding_id, {"winner": winner.binding_id, "how": member.how})


def _ask_to_merge(bench: Bench, lane: LaneState, member: Member, winner: BoundRecord) -> None:
    bench.ask(
        lane.id,
        member.binding_id,
        "merge in Zoho",
        "Two accounts were merged in Salesforce; the loser's customer in Zoho has open documents and stays.",
        "Merge the two customers in Zoho, then close this exception.",
        [{"record_id": member.on(Side.ZOHO).record_id, "side": "zoho", "into": winner.zoho_id}],
        digest=winner.zoho_id,
    )


def _hand_over(bench: Bench, lane: LaneState, member: Member, winner: BoundRecord) -> None:
    """The winner has no Zoho record yet: it takes over the loser's, unless one is being made for it right
    now.
    """
    if winner.lane_id == lane.id:
        target = lane
    elif bench.uow.lanes.lock([winner.lane_id], wait=False) == [winner.lane_id]:
        target = bench.uow.lanes.load([winner.lane_id])[winner.lane_id]
    else:
        bench.later(lane.id, WAIT_MS)
        return
    heir = target.member(winner.binding_id)
    if heir is None or target.sending is not None or (heir.intent is not None and heir.intent.sent):
        bench.later(lane.id, WAIT_MS)
        return
    zoho = member.sides.pop(Side.ZOHO)
    member.state, member.alias_of, member.how = BindingState.ALIAS, heir.binding_id, "merged: handed over"
    bench.uow.lanes.save([lane])
    heir.sides[Side.ZOHO] = zoho
    heir.intent = None
    heir.how = "merged: took over"
    zoho.dirty += 1
    if target is not lane:
        bench.uow.lanes.save([target])
        bench.uow.lanes.wake([target.id], WorkClass.EVENT)
    bench.audit("merged", lane.id, member.binding_id, {"winner": heir.binding_id, "how": member.how})
