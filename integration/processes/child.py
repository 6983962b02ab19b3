"""One supervised child: its command, its operating-system process, its output, when it may start again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from integration.settings import child_environment

LEASH = Path(__file__).with_name("leash.py")
HEALTHY_SECONDS = 20.0
SETTLED_SECONDS = 1.0
LARGEST_LOG = 20_000_000
FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0


class State(StrEnum):
    """Where a child stands."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    BACKOFF = "backoff"


@dataclass(frozen=True)
class ProcessSpec:
    """What to run and how to know that it works.

    `rank` orders start-up: a rank starts when all lower ones are ready, and stops before them. `ready` is
    asked every 0.1 s until it says yes and must answer within about a second; without it a process that lived
    for a second counts as ready.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 30.0
    stop_seconds: float = 25.0
    rank: int = 1


@dataclass(frozen=True)
class ProcessStatus:
    """A child as seen from outside; `last_exit` is negative for a signal, None before the first end."""

    name: str
    state: State
    pid: int | None
    restarts: int
    last_exit: int | None
    log_file: Path


class Child:
    """Owned by the supervisor, which holds its lock around every call here."""

    def __init__(self, spec: ProcessSpec, log_dir: Path, echo: BinaryIO | None) -> None:
        self.spec = spec
        self.state = State.STOPPED
        self.log_file = log_dir / f"{spec.name}.log"
        self.restarts = -1
        self.last_exit: int | None = None
        self._echo = echo
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0
        self._delay = FIRST_DELAY

    def status(self) -> ProcessStatus:
        return ProcessStatus(
            self.spec.name, self.state, self.pid, max(self.restarts, 0), self.last_exit, self.log_file
        )

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def due(self) -> bool:
        """Whether it is down and its pause is over."""
        return self._process is None and time.monotonic() >= self._not_before

    def spawn(self) -> None:
        """Start it in a session of its own, so that a Ctrl-C in the terminal reaches it through us only."""
        self._keep_log_small()
        command = (sys.executable, "-I", "-S", str(LEASH), str(os.getpid()), *resolved(self.spec.command))
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self._echo else log,
                stderr=subprocess.STDOUT,
                env=child_environment(self.spec.env),
                start_new_session=True,
            )
        if self._echo:
            threading.Thread(target=self._copy, args=(self._process, self._echo), daemon=True).start()
        self._started = time.monotonic()
        self.restarts += 1
        self.state = State.STARTING

    def is_ready(self) -> bool:
        """Ask the probe; called without the supervisor's lock, because it may take a second."""
        if self.spec.ready is not None:
            return self.spec.ready()
        return time.monotonic() - self._started > SETTLED_SECONDS

    def reap(self) -> bool:
        """Take note of its end, if it ended: clear its group away and set the pause before the next start."""
        if self._process is None or self._process.poll() is None:
            return False
        self.last_exit = self._process.returncode
        self._signal_group(signal.SIGKILL)
        lived = time.monotonic() - self._started
        self._delay = FIRST_DELAY if lived > HEALTHY_SECONDS else min(self._delay * 2, LONGEST_DELAY)
        self._not_before = time.monotonic() + self._delay
        self._process = None
        self.state = State.BACKOFF
        return True

    def send(self, number: signal.Signals, *, group: bool) -> None:
        """Signal the process, or all of its group; one that is gone already is no error."""
        if self._process is None:
            return
        if group:
            self._signal_group(number)
        else:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def late(self) -> bool:
        """Whether it should have been ready by now."""
        return self.state is State.STARTING and time.monotonic() - self._started > self.spec.ready_seconds

    def tail(self, lines: int = 15) -> str:
        """The end of its log, for the message that it did not start."""
        with suppress(FileNotFoundError), self.log_file.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - 8192))
            return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
        return ""

    def _keep_log_small(self) -> None:
        with suppress(FileNotFoundError):
            if self.log_file.stat().st_size > LARGEST_LOG:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))

    def _signal_group(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _copy(self, process: subprocess.Popen[bytes], echo: BinaryIO) -> None:
        assert process.stdout is not None
        prefix = f"{self.spec.name:<12} | ".encode()
        with process.stdout, self.log_file.open("ab", buffering=0) as log:
            for line in process.stdout:
                log.write(line)
                echo.write(prefix + line)
                echo.flush()


def resolved(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command with a program of our own environment named in full, so that PATH does not matter."""
    if "/" in command[0]:
        return command
    beside = Path(sys.executable).with_name(command[0])
    return (str(beside), *command[1:]) if beside.is_file() else command
