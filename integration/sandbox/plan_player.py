"""Plays a fault plan: faults stand, chances hold, steps happen at their time, until it is ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from integration.sandbox.circumstances import check_clocks, check_limits, skew, spend
from integration.sandbox.errors import BadInstructionError, SandboxError
from integration.sandbox.fault_parsing import parse_fault
from integration.sandbox.fault_plan import Plan, Step, parse_plan
from integration.sandbox.systems import Json

if TYPE_CHECKING:
    from integration.sandbox.admin.desk import Desk

OWNER = "plan"


@dataclass
class _Played:
    """A step with what came of it; `seconds` is when."""

    step: Step
    seconds: float | None = None
    outcome: Json = field(default_factory=dict)


class PlanPlayer:
    """One plan at a time, on everything the desk works on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._plan: Plan | None = None
        self._steps: list[_Played] = []
        self._began = 0.0
        self._task: asyncio.Task[None] | None = None
        self._undo: list[Callable[[], object]] = []
        self._doings: Mapping[str, Callable[[Mapping[str, Any]], Json]] = {
            "fault": self._fault,
            "webhooks": self._webhooks,
            "events": self._events,
            "limits": lambda details: spend(desk, details),
            "clock": lambda details: skew(desk, details),
            "revoke_tokens": self._revoke_tokens,
        }

    def parse(self, text: str, source: str) -> Plan:
        """A plan that could be played here.

        :raises BadInstructionError: it could not; the message names file, line, key and what is allowed
        """
        plan = parse_plan(text, source, self._desk.faults.seed, self._desk.incidents)
        for place, spec, check in (
            ("webhooks", plan.webhooks, self._check_webhooks), ("events", plan.events, self._check_events),
        ):  # fmt: skip
            self._check(plan, place, spec, check)
        checks = {
            "webhooks": self._check_webhooks, "events": self._check_events, "clock": self._check_clock,
            "limits": self._check_limits, "revoke_tokens": self._revoked,
        }  # fmt: skip
        for step in plan.steps:
            self._check(plan, step.place, step.details, checks.get(step.do))
        return plan

    def start(self, plan: Plan) -> None:
        """End the plan before, if any, and play this one; what is due at once happens at once."""
        self.end()
        self._plan, self._began = plan, time.monotonic()
        for fault in plan.faults:
            self._desk.faults.add(fault, seed=plan.seed, owner=OWNER)
        if plan.webhooks is not None:
            self._webhooks(plan.webhooks)
        if plan.events is not None:
            self._events(plan.events)
        self._steps = [_Played(step) for step in plan.steps]
        for played in self._steps:
            if played.step.at <= 0:
                self._play(played)
        self._task = asyncio.get_running_loop().create_task(self._play_on())

    def end(self) -> Json:
        """No more faults of the plan, and the chances from before it; answers what was played."""
        told = self.told()
        if self._task is not None:
            self._task.cancel()
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()
        self._desk.faults.end(OWNER)
        self._plan, self._task, self._steps = None, None, []
        return told

    def told(self) -> Json:
        """What is planned and what has been played."""
        plan = self._plan
        if plan is None:
            return {"running": False}
        faults = self._desk.faults
        return {
            "running": True, "source": plan.source, "seed": plan.seed, "seconds": self._seconds(),
            "faults": faults.of(OWNER), "played": faults.played(OWNER), "webhooks": plan.webhooks,
            "events": None if plan.events is None else self._desk.org().accidents.configured(), "steps": [
                {"at": each.step.at, "do": each.step.do, **each.step.details, "played_at": each.seconds,
                 **each.outcome}
                for each in self._steps
            ],
        }  # fmt: skip

    async def _play_on(self) -> None:
        for played in self._steps:
            if played.seconds is None:
                await asyncio.sleep(self._began + played.step.at - time.monotonic())
                self._play(played)

    def _play(self, played: _Played) -> None:
        step = played.step
        played.seconds = self._seconds()
        try:
            own = self._doings.get(step.do)
            result = (
                self._desk.happen({**step.details, "kind": step.do}) if own is None else own(step.details)
            )
            played.outcome = {"result": result}
        except SandboxError as error:
            # Nobody waits for an answer here: whoever asks how the plan goes is told.
            played.outcome = {"error": str(error)}

    def _seconds(self) -> float:
        return round(time.monotonic() - self._began, 3)

    # -- what steps do --------------------------------------------------------------------------

    def _fault(self, details: Mapping[str, Any]) -> Json:
        fault = parse_fault(details)
        self._desk.faults.add(fault, seed=self._seed(), owner=OWNER)
        return {"faults": len(self._desk.faults.of(OWNER))}

    def _webhooks(self, chances: Mapping[str, Any]) -> Json:
        before = self._desk.webhooks.set_chaos(chances, self._seed())
        self._undo.append(lambda: self._desk.webhooks.set_chaos(before))
        return dict(chances)

    def _events(self, chances: Mapping[str, Any]) -> Json:
        accidents = self._desk.org().accidents
        before = {key: value for key, value in accidents.configured().items() if key != "happened"}
        self._undo.append(lambda: accidents.configure(before))
        return accidents.configure({"seed": self._seed(), **chances})

    def _revoke_tokens(self, details: Mapping[str, Any]) -> Json:
        names = self._revoked(details)
        for name in names:
            self._desk.system(name).revoke_access_tokens()
        return {"systems": names}

    def _revoked(self, details: Mapping[str, Any]) -> list[str]:
        if set(details) - {"system"}:
            raise BadInstructionError("revoke_tokens takes `system`, both without it")
        found = details.get("system")
        if found is None:
            return [*self._desk.systems()]
        self._desk.system(str(found))
        return [str(found)]

    def _seed(self) -> int:
        assert self._plan is not None
        return self._plan.seed

    # -- what can be said beforehand ------------------------------------------------------------

    @staticmethod
    def _check(plan: Plan, place: str, spec: object, check: Callable[[Any], object] | None) -> None:
        if spec is None or check is None:
            return
        try:
            check(spec)
        except BadInstructionError as error:
            raise plan.refusal(error, place) from error

    def _check_webhooks(self, chances: Mapping[str, Any]) -> None:
        self._desk.webhooks.check_chaos(chances)

    def _check_events(self, chances: Mapping[str, Any]) -> None:
        self._desk.org()
        # Only here, where Salesforce is loaded anyway.
        from integration.sandbox.salesforce.event_accidents import parse_accidents

        parse_accidents(chances)

    def _check_limits(self, details: Mapping[str, Any]) -> None:
        check_limits(self._desk, details)

    def _check_clock(self, details: Mapping[str, Any]) -> None:
        check_clocks(self._desk, details)
