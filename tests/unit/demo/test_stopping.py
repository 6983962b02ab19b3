"""A Ctrl-C comes up where the demo looks for it, and nowhere else: not in the library that runs just then."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from integration.demo import run as demo
from integration.demo.options import DemoOptions
from integration.demo.progress import Progress
from integration.demo.stage import Stage
from integration.demo.stopping import DemoStoppedError, Stopping, stopping_on_signals
from integration.errors import Retryable
from tests.deadline import wait_until

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def interrupt(number: signal.Signals = signal.SIGINT) -> None:
    """As a terminal or an init system does."""
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_is_noted_and_raised_where_the_demo_looks(number: signal.Signals) -> None:
    with stopping_on_signals() as stopping:
        stopping.check()
        interrupt(number)
        wait_until(lambda: stopping.asked, 5, "the signal has arrived")
        with pytest.raises(DemoStoppedError):
            stopping.check()


def test_a_person_is_told_once_that_it_was_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with stopping_on_signals() as stopping:
        for _ in range(2):
            interrupt()
        wait_until(lambda: stopping.asked, 5, "the signal has arrived")
    assert capfd.readouterr().err.count("Ctrl-C again") == 1


def test_a_pause_ends_at_once() -> None:
    began = time.monotonic()
    with stopping_on_signals() as stopping:
        interrupt()
        with pytest.raises(DemoStoppedError):
            stopping.pause(60)
    assert time.monotonic() - began < 30


def test_what_starts_hurries_and_a_second_request_ends_everything() -> None:
    calls: list[str] = []
    stopping = Stopping()
    stopping.on_ask(lambda: calls.append("cancel"), lambda: calls.append("kill"))
    stopping.ask()
    assert calls == ["cancel"]
    stopping.ask()
    assert calls == ["cancel", "kill"]


def test_the_handlers_that_stood_before_stand_again() -> None:
    before = [signal.getsignal(number) for number in SIGNALS]
    with stopping_on_signals():
        assert [signal.getsignal(number) for number in SIGNALS] != before
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_every_line_of_progress_is_a_place_to_end() -> None:
    stopping = Stopping()
    progress = Progress(Console(stderr=True), stopping)
    stopping.ask()
    tells: tuple[Callable[[], None], ...] = (
        lambda: progress.say("x"),
        lambda: progress.phase(1, "x"),
        lambda: progress.figures(x=1),
    )
    for tell in tells:
        with pytest.raises(DemoStoppedError):
            tell()


def cut_off() -> None:
    """What the demo meets when a second Ctrl-C ended the sandbox under it."""
    interrupt()
    raise Retryable("demo.sandbox_away", "the sandbox was ended with everything else")


def _in_the_first_phase(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    monkeypatch.setattr(Stage, "start_world", lambda _stage: act())


def test_a_fault_met_after_the_request_to_end_is_no_failure_of_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_the_first_phase(monkeypatch, cut_off)
    assert demo.run_demo(DemoOptions(once=True, state_dir=tmp_path)) == demo.STOPPED


def test_a_fault_nobody_asked_for_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise Retryable("demo.sandbox_away", "it fell over")

    _in_the_first_phase(monkeypatch, fail)
    with pytest.raises(Retryable):
        demo.run_demo(DemoOptions(once=True, state_dir=tmp_path))


def test_a_temporary_directory_goes_away_with_an_interrupted_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo.tempfile, "tempdir", str(tmp_path))
    _in_the_first_phase(monkeypatch, cut_off)
    assert demo.run_demo(DemoOptions(once=True)) == demo.STOPPED
    assert list(tmp_path.iterdir()) == []
