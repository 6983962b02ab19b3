"""What a task lets out, and what it does first."""

from __future__ import annotations

import traceback
from typing import Any

import pytest

from integration.errors import ConfigurationFault, Rejected, Retryable, Throttled, Unauthorized
from integration.wiring import WiredPair
from tasks.app import LineApp
from tasks.running import LineTask, SlotTask, TaskBroken, pair_task, sealed
from tests.unit.wiring.sample import RecordingBell

SECRET = "jane.roe@private.example"


def told(error: BaseException) -> str:
    """Everything Celery would write into an event that Flower shows."""
    return repr(error) + "".join(traceback.format_exception(error))


def test_unforeseen_errors_leave_without_their_text() -> None:
    with pytest.raises(TaskBroken) as caught, sealed("line.test"):
        raise KeyError(SECRET)
    assert caught.value.code == "task.KeyError"
    assert SECRET not in told(caught.value)


def test_faults_leave_without_their_causes() -> None:
    def fail() -> None:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise Retryable("network.connect", "the system could not be reached") from error

    with pytest.raises(Retryable) as caught, sealed("line.test"):
        fail()
    assert SECRET not in told(caught.value)
    assert caught.value.code == "network.connect"


def make(name: str, work: Any) -> Any:
    def worked(pair: WiredPair) -> None:
        work(pair)

    return pair_task(f"test.{name}", bell="events")(worked)


def test_the_bell_is_answered_before_anything_else(worker_app: LineApp, monkeypatch: Any) -> None:
    bell = RecordingBell()
    monkeypatch.setitem(worker_app.__dict__, "_bell", bell)
    pair_id = worker_app.wiring.pair("main").services.pair_id
    seen = []
    make("first_act", lambda pair: seen.append(list(bell.cleared))).run(pair_id)
    assert seen == [[("events", pair_id)]]


def test_what_only_a_person_can_mend_is_alerted_and_ends_well(worker_app: LineApp, monkeypatch: Any) -> None:
    alerts: list[tuple[Any, ...]] = []
    wiring = worker_app.wiring
    monkeypatch.setattr(wiring.alarm, "alert", lambda *words: alerts.append(words))

    def stop(_pair: WiredPair) -> None:
        raise ConfigurationFault("organization.changed", "another organisation", advice="Correct it.")

    pair_id = wiring.pair("main").services.pair_id
    make("stopped", stop).run(pair_id)
    [(who, kind, _text, advice)] = alerts
    assert (who, kind, advice) == (pair_id, "stopped.organization.changed", "Correct it.")


def test_a_refused_token_is_alerted_whatever_met_it(worker_app: LineApp, monkeypatch: Any) -> None:
    """A worker that starts meanwhile fails before its first write, which would hold the side and tell."""
    alerts: list[tuple[Any, ...]] = []
    wiring = worker_app.wiring
    monkeypatch.setattr(wiring.alarm, "alert", lambda *words: alerts.append(words))

    def refused(_pair: WiredPair) -> None:
        raise Unauthorized("zoho.grant_refused", "the refresh token is not accepted", advice="Connect again.")

    pair_id = wiring.pair("main").services.pair_id
    make("unauthorized", refused).run(pair_id)
    assert [(who, kind, advice) for who, kind, _, advice in alerts] == [
        (pair_id, "unauthorized.zoho.grant_refused", "Connect again.")
    ]


def test_used_up_limits_are_left_to_the_sweep(worker_app: LineApp) -> None:
    def throttled(_pair: WiredPair) -> None:
        raise Throttled("pace.minute", "no call is free", seconds=5, scope="minute")

    make("throttled", throttled).run(worker_app.wiring.pair("main").services.pair_id)


def test_other_faults_fail_the_task(worker_app: LineApp) -> None:
    def refused(_pair: WiredPair) -> None:
        raise Rejected("sql.refused", "the database refuses this statement")

    with pytest.raises(Rejected):
        make("refused", refused).run(worker_app.wiring.pair("main").services.pair_id)


def test_a_pair_that_is_gone_is_left_alone(worker_app: LineApp) -> None:
    worked: list[WiredPair] = []
    make("gone", worked.append).run(4711)
    assert worked == []


def test_only_what_passes_is_tried_again_and_not_for_ever() -> None:
    assert {fault.__name__ for fault in LineTask.autoretry_for} == {"Retryable", "ClaimLost"}
    assert LineTask.max_retries <= 5
    assert LineTask.retry_jitter
    assert SlotTask.autoretry_for == ()
