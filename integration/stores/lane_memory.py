"""What a unit of work remembers of lanes between loading and saving them."""

from __future__ import annotations

from dataclasses import dataclass, field

from integration.canonical.values import Side
from integration.stores.lane_rows import StoredRow


@dataclass
class LaneMemory:
    """Rows as loaded (JSON as text), and what this unit did to lanes.

    `locked`: lanes whose row lock this unit holds; `taken`: lanes got as ready, whose mark `save` clears;
    `woken`: lanes woken or postponed here, whose mark `save` leaves alone; `attempts`, `ranks`: as loaded;
    `changed`: lanes whose members were changed by statements here, so that their dirty mark is counted anew
    by `save`; `marked`: reads asked for here since the side was loaded.
    """

    members: dict[int, StoredRow] = field(default_factory=dict)
    snapshots: dict[tuple[int, Side], StoredRow] = field(default_factory=dict)
    intents: dict[int, tuple[int, StoredRow]] = field(default_factory=dict)
    locked: set[int] = field(default_factory=set)
    taken: set[int] = field(default_factory=set)
    woken: set[int] = field(default_factory=set)
    attempts: dict[int, int] = field(default_factory=dict)
    ranks: dict[int, int] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    marked: dict[tuple[int, Side], int] = field(default_factory=dict)

    def forget(self, binding_id: int) -> None:
        """A binding was changed past the memory: all of it is written again by the next `save`."""
        self.members.pop(binding_id, None)
        for side in Side:
            self.snapshots.pop((binding_id, side), None)
