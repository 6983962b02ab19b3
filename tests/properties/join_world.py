"""The product's workers between two systems where people make the same customer, and what may befall them.

Every step is one transaction or one outside call of the product, so that anything may happen between two of
them: the answer of a write is lost, its worker dies or comes back late, a request takes effect after its worker
is gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from integration.canonical.outcome import BindingState, Operation, WorkClass
from integration.canonical.values import Side
from integration.errors import Ambiguous
from integration.flows import reading, write
from integration.flows.answer import Answer, finish
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.policy.state import Existence
from tests.properties.join_questions import HAS_WORK, MAY_CLAIM, MAY_READ
from tests.properties.join_systems import FRESH_MS, PAUSE_MS, Call, JoinSystems, Look

MOST_LOCAL_ROUNDS = 40
STORES = ("stream", "webhook", "take_in", "claim", "end", "come_back", "pause")
"""Moves after which there may be something to decide."""
HARMFUL = (
    *("create", "delete", "die", "leave", "stop_reading"),
    *("lose_request", "lose_answer", "time_out"),
)
"""Moves that do not happen by themselves."""

Move = tuple[Any, ...]
"""(name of a method, its arguments …)."""


class JoinWorld(JoinSystems):
    """Both systems, people, and the product."""

    def moves(self, standing: Mapping[str, int]) -> list[Move]:
        """Everything that can happen next; `standing`: what stands at each stage."""
        found = [*self._of_people(), *self._of_news(), *self._of_workers()]
        under_way = self.left.calls or self.left.looks or self.left.ghosts
        if standing and not under_way:
            found.append(("pause",))
        return found

    def _of_people(self) -> list[Move]:
        left = self.left
        creates: list[Move] = [("create", s) for s, n in zip(Side, left.people, strict=True) if n]
        deletes = [("delete", record) for record in left.typed if left.deletes and self.lives(record)]
        return [*creates, *deletes]

    def _of_news(self) -> list[Move]:
        streams: list[Move] = [("stream",)] if self.left.streamed < len(self.line.salesforce.org.log) else []
        return [*streams, *(("webhook", n) for n in range(len(self.line.zoho.book.hooks)))]

    def _of_workers(self) -> list[Move]:
        left = self.left
        found: list[Move] = [("claim", side) for side in Side if self.ask(MAY_CLAIM, side)]
        if self.ask(MAY_READ):
            found.append(("read",))
        for n in range(len(left.looks)):
            found += [("take_in", n), *self._faults(n, "stop_reading")]
        for n, call in enumerate(left.calls):
            found.append(("end", n) if call.said else ("send", n))
            under_way = () if call.said else ("lose_request", "lose_answer", "time_out", "leave")
            found += self._faults(n, "die", *under_way)
        found += [(name, n) for n in range(len(left.ghosts)) for name in ("arrive", "vanish")]
        found += [("come_back", n) for n in range(len(left.zombies))]
        return found

    def _faults(self, number: int, *kinds: str) -> list[Move]:
        able = [kind for kind in kinds if kind in self.bounds.kinds] if self.left.faults else []
        return [(kind, number) for kind in able]

    @property
    def quiet(self) -> bool:
        """Nothing is under way outside of our database."""
        left, hooks = self.left, self.line.zoho.book.hooks
        under_way = left.calls or left.looks or left.ghosts or left.zombies or hooks
        return not under_way and left.streamed == len(self.line.salesforce.org.log)

    def do(self, move: Move) -> None:
        """Let one of the moves happen, and what follows in our own database."""
        name, *arguments = move
        if name in HARMFUL and name not in ("create", "delete"):
            self.left.faults -= 1
        getattr(self, name)(*arguments)
        if name in STORES:
            self._work()
            self._look_at_bindings()

    def _work(self) -> None:
        for _ in range(MOST_LOCAL_ROUNDS):
            if not self.ask(HAS_WORK):
                return
            transform(self.line.services)
            validate(self.line.services)
        raise AssertionError("transform and validate keep each other busy")

    # ------------------------------------------------------------- workers

    def read(self) -> None:
        """A worker reads all dirty lanes, a side after the other."""
        claims = reading._claim(self.line.services)
        for side in Side:
            mine = [c for c in claims if c.side is side]
            if mine:
                self.left.looks.append(
                    Look(mine, reading._read(self.line.services, side, mine, WorkClass.EVENT))
                )

    def take_in(self, number: int) -> None:
        """What was read is stored."""
        self._fold(self.left.looks.pop(number))

    def _fold(self, look: Look) -> None:
        reading._fold(self.line.services, look.claims, look.answers, {})

    def claim(self, side: Side) -> None:
        """A worker looks after lost writes, or takes the oldest ready one."""
        services = self.line.services
        if write.recover(services, side):
            return
        claimed = write._claim(services, side, 1)
        for sent in claimed:
            self._look_at_claim(sent)
        if claimed:
            self.left.calls.append(Call(side, claimed))

    def send(self, number: int) -> None:
        """The request takes effect and is answered."""
        call = self.left.calls[number]
        call.answers, call.said = self._sent(call), True

    def _sent(self, call: Call) -> list[Answer]:
        services = self.line.services
        standing = write._still_mine(services, call.sent)
        answers = write._send(services, call.side, standing) if standing else []
        self._look_at_copies()
        return answers

    def end(self, number: int) -> None:
        """The answer is stored."""
        self._finish(self.left.calls.pop(number))

    def _finish(self, call: Call) -> None:
        finish(self.line.services, call.side, call.answers)

    def pause(self) -> None:
        """Time passes; nothing is under way that could not bear it."""
        self.clock.advance(PAUSE_MS)

    # ------------------------------------------------------------- faults

    def lose_request(self, number: int) -> None:
        """It never arrives, which its sender cannot know."""
        self._unknown(self.left.calls[number])

    def lose_answer(self, number: int) -> None:
        """It takes effect, which its sender does not hear."""
        self._sent(self.left.calls[number])
        self._unknown(self.left.calls[number])

    def time_out(self, number: int) -> None:
        """Its sender stops waiting while it is still under way."""
        call = self.left.calls[number]
        self.left.ghosts.append(Call(call.side, self._standing(call)))
        self._unknown(call)

    def _unknown(self, call: Call) -> None:
        lost = Ambiguous("network.reply_lost", "no answer")
        call.answers = [Answer(s.lane_id, s.write, s.epoch, fault=lost) for s in call.sent]
        call.said = True

    def die(self, number: int) -> None:
        """The worker is gone, or only seems to be: with an answer in its hand it may come back late."""
        call = self.left.calls.pop(number)
        if call.said:
            self.left.zombies.append(call)

    def leave(self, number: int) -> None:
        """The worker dies while its request is under way."""
        call = self.left.calls.pop(number)
        self.left.ghosts.append(Call(call.side, self._standing(call)))

    def _standing(self, call: Call) -> list[Any]:
        return write._still_mine(self.line.services, call.sent)

    def stop_reading(self, number: int) -> None:
        """The worker that read seems dead, and comes back late with what it saw."""
        self.left.zombies.append(self.left.looks.pop(number))

    def arrive(self, number: int) -> None:
        """A request takes effect that nobody waits for any more."""
        ghost = self.left.ghosts.pop(number)
        if ghost.sent:
            write._send(self.line.services, ghost.side, ghost.sent)
            self._look_at_copies()

    def vanish(self, number: int) -> None:
        """A request is lost that nobody waits for any more."""
        self.left.ghosts.pop(number)

    def come_back(self, number: int) -> None:
        """A worker that was taken for dead stores what it has."""
        late = self.left.zombies.pop(number)
        if isinstance(late, Look):
            self._fold(late)
        else:
            self._finish(late)

    # ------------------------------------------------------------- what may never happen

    def _look_at_claim(self, sent: Any) -> None:
        """P2: nobody creates what has a partner that we could know."""
        if sent.write.operation is not Operation.CREATE or self.line.exceptions():
            return
        here, there = sent.write.side, sent.write.side.other
        for lane in self.lanes():
            unbound = lane.id != sent.lane_id and lane.root.state is BindingState.PROVISIONAL
            alive = lane.root.on(here).existence is Existence.ALIVE
            if unbound and alive and lane.root.on(there).existence is Existence.ABSENT:
                self.left.wrong = "P2: creates although its partner could be known"

    def _look_at_copies(self) -> None:
        """P2: whatever becomes of requests, one record comes of them."""
        for side in Side:
            ours = [r for r in self.living(side) if r not in self.left.typed]
            if len(ours) > 1:
                self.left.wrong = f"P2: we created {len(ours)} records of one customer in {side.value}"

    def _look_at_bindings(self) -> None:
        """P4: what people deleted before it had a partner takes nobody else's record along (A16)."""
        for record, at in self.left.unbound.items():
            if self.clock.now_ms() - at > FRESH_MS and self.partner(record) in self.left.typed:
                self.left.wrong = f"P4: {record} was bound after it had been deleted"


def is_calm(move: Sequence[Any]) -> bool:
    """Whether it happens by itself, without people and without harm."""
    return move[0] not in HARMFUL
