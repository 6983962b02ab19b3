"""Remap: a lane folded under an older mapping version is read again from what is known of its records.

A field the new version needs and no image holds makes the record be read whole; nothing is taken for blank
because nobody asked for it before.
"""

from __future__ import annotations

from dataclasses import replace

from integration.canonical.values import Side
from integration.flows.absorb import Absorber
from integration.flows.bench import same_in
from integration.policy.fold import fold_read
from integration.policy.state import Existence, Member


def remap(absorber: Absorber) -> int:
    """Bring the lane's snapshots under the absorber's mapping version; returns how many records were
    behind.
    """
    behind = 0
    for member in absorber.lane.members:
        for side, state in member.sides.items():
            if state.existence is Existence.ALIVE and state.mapping_version != absorber.mapping.version:
                behind += 1
                _remap(absorber, member, side)
    return behind


def _remap(absorber: Absorber, member: Member, side: Side) -> None:
    state = member.on(side)
    needed = absorber.mapping.native_fields(side, state.entity)
    if not state.image.keys() >= set(needed):
        state.dirty += 1
        return
    role = absorber.role(member, state, state.image)
    reading = role.read(state.image, None, absorber.lookups)
    kept = {name: cell for name, cell in state.cells.items() if name in reading.fields}
    own = {name for name, cell in kept.items() if cell.own}
    state.cells = kept
    # The image told these fields before: as an event of its own place it would be stale, as a read it is not.
    known, place = state.image_at, replace(state.image_at, is_read=True)
    fold_read(member, side, reading.fields, place, absorber.lane.sending, same_in(role.canonical))
    for name, cell in state.cells.items():
        cell.own = name in own
        if cell.position == place:
            cell.position = known
    state.in_scope, state.scope_reason = role.in_scope, role.reason
    state.mapping_version = absorber.mapping.version
