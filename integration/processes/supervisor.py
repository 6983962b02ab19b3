"""Keeps named processes running: each is restarted alone with a growing pause, all are stopped in order.

A platform does this for hosted installations; this is the same on one machine, for `up`, the demo and tests.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import structlog

from integration.errors import ConfigurationFault
from integration.processes.child import Child, ProcessSpec, ProcessStatus, State

TICK = 0.1

log = structlog.get_logger()

__all__ = ["ProcessSpec", "ProcessStatus", "State", "Supervisor", "run_until_stopped"]


class Supervisor:
    """Starts, watches, restarts and stops processes; all methods may be called from any thread.

    One thread of its own starts every child: on Linux a child is ended with the thread that started it.
    """

    def __init__(self, specs: Sequence[ProcessSpec], log_dir: Path, *, echo: BinaryIO | None = None) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._children = {spec.name: Child(spec, log_dir, echo) for spec in specs}
        if len(self._children) != len(specs):
            raise ValueError("two processes have the same name")
        self._lock = threading.RLock()
        self._wanted: set[str] = set()
        self._ending = threading.Event()
        self._cancelled = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start everything, rank by rank. Raises ConfigurationFault with the log of what stays down."""
        self._watcher.start()
        for rank in sorted({child.spec.rank for child in self._children.values()}):
            if self._cancelled.is_set():
                return
            names = [name for name, child in self._children.items() if child.spec.rank == rank]
            with self._lock:
                self._wanted.update(names)
            self._await_ready(names)

    def stop(self) -> None:
        """Ask every process once to end, higher ranks first, and kill what is still there after its time."""
        for rank in sorted({child.spec.rank for child in self._children.values()}, reverse=True):
            self._stop_rank([child for child in self._children.values() if child.spec.rank == rank])
        self._ending.set()
        if self._watcher.is_alive():
            self._watcher.join()

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL, *, group: bool = True) -> int | None:
        """Signal one process as an outside force would; if it ends, it is restarted. Returns its pid."""
        with self._lock:
            child = self._children[name]
            pid = child.pid
            child.send(number, group=group)
        return pid

    def cancel(self) -> None:
        """Let a `start` that is still waiting return at once; `stop` then ends what runs."""
        self._cancelled.set()

    def is_watching(self) -> bool:
        """Whether children are still looked after."""
        return self._watcher.is_alive()

    def kill_all(self) -> None:
        """End everything at once; for a person who asks a second time."""
        with self._lock:
            self._wanted.clear()
            for child in self._children.values():
                child.send(signal.SIGKILL, group=True)

    def status(self) -> tuple[ProcessStatus, ...]:
        """Every process as it stands now, in the order given."""
        with self._lock:
            return tuple(child.status() for child in self._children.values())

    def status_of(self, name: str) -> ProcessStatus:
        """One process as it stands now."""
        with self._lock:
            return self._children[name].status()

    def _watch(self) -> None:
        while not self._ending.wait(TICK):
            with self._lock:
                starting = [child for child in self._children.values() if self._step(child)]
            ready = [child for child in starting if child.is_ready()]
            with self._lock:
                for child in ready:
                    if child.state is State.STARTING:
                        child.state = State.RUNNING

    def _step(self, child: Child) -> bool:
        if child.reap():
            wanted = child.spec.name in self._wanted
            child.state = State.BACKOFF if wanted else State.STOPPED
            if wanted:
                log.warning("process ended", process=child.spec.name, status=child.last_exit)
        if child.spec.name in self._wanted and child.due():
            child.spawn()
        elif child.late():
            log.warning("process is not ready in time", process=child.spec.name)
            child.send(signal.SIGKILL, group=True)
        return child.state is State.STARTING

    def _await_ready(self, names: list[str]) -> None:
        end = time.monotonic() + max(self._children[name].spec.ready_seconds for name in names)
        waiting = list(names)
        while waiting and not self._cancelled.is_set():
            with self._lock:
                waiting = [name for name in waiting if self._children[name].state is not State.RUNNING]
                hopeless = [name for name in waiting if self._children[name].restarts >= 3]
            if waiting and (hopeless or time.monotonic() > end or not self.is_watching()):
                self._give_up((hopeless or waiting)[0])
            if waiting:
                self._ending.wait(TICK / 2)

    def _give_up(self, name: str) -> None:
        child = self._children[name]
        tail = child.tail()
        self.stop()
        raise ConfigurationFault(
            "processes.not_started",
            f"the process did not come up; the end of its log:\n{tail}",
            where=name,
            advice=f"correct what the log says; all of it is in {child.log_file}",
        )

    def _stop_rank(self, children: Sequence[Child]) -> None:
        with self._lock:
            self._wanted.difference_update(child.spec.name for child in children)
            for child in children:
                child.send(signal.SIGTERM, group=False)
        end = time.monotonic() + max(child.spec.stop_seconds for child in children)
        while any(child.pid for child in children):
            if not self._watcher.is_alive():
                return
            if time.monotonic() > end:
                with self._lock:
                    for child in children:
                        child.send(signal.SIGKILL, group=True)
            self._ending.wait(TICK / 2)


def run_until_stopped(supervisor: Supervisor, started: Callable[[], None] = lambda: None) -> None:
    """Start, call `started`, wait for SIGTERM, SIGINT or SIGHUP, stop; a second signal kills.

    For the main thread only, as it sets signal handlers.
    """
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if asked.is_set():
            supervisor.kill_all()
        asked.set()
        supervisor.cancel()

    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        supervisor.start()
        if not asked.is_set():
            started()
        while not asked.wait(1.0):
            if not supervisor.is_watching():
                raise RuntimeError("the supervisor's own thread died; its traceback is above")
    finally:
        supervisor.stop()
        for number, handler in before.items():
            signal.signal(number, handler)
