"""Real processes under the supervisor: each restarts alone, all stop in order, none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from integration.errors import ConfigurationFault
from integration.processes.supervisor import ProcessSpec, State, Supervisor
from tests.architecture.sources import ROOT
from tests.deadline import wait_until

LIVING = (sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()",
)
DYING = (sys.executable, "-c", "import sys; print('no such setting'); sys.exit(3)")
FAMILY = (
    sys.executable,
    "-c",
    "import subprocess; p = subprocess.Popen(['sleep', '600']); print(p.pid, flush=True); p.wait()",
)

Make = Callable[..., Supervisor]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Supervisor] = []

    def build(*specs: ProcessSpec) -> Supervisor:
        made.append(Supervisor(specs, tmp_path))
        return made[-1]

    yield build
    for supervisor in made:
        supervisor.kill_all()
        supervisor.stop()


def says(log: Path, text: str) -> Callable[[], bool]:
    return lambda: log.is_file() and text in log.read_text()


def living(name: str, tmp_path: Path, command: tuple[str, ...] = LIVING, **more: float) -> ProcessSpec:
    return ProcessSpec(name, command, ready=says(tmp_path / f"{name}.log", "up"), **more)  # type: ignore[arg-type]


def is_alive(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        # A zombie still has a pid: it is dead all the same.
        return (
            Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z" if Path("/proc").is_dir() else True
        )
    return False


def test_killed_process_comes_back_alone(make: Make, tmp_path: Path) -> None:
    supervisor = make(living("one", tmp_path), living("two", tmp_path))
    supervisor.start()
    neighbour = supervisor.status_of("two").pid
    killed = supervisor.kill("one")
    wait_until(lambda: supervisor.status_of("one").restarts == 1, what="restart of one")
    assert supervisor.status_of("one").pid != killed
    assert supervisor.status_of("one").last_exit == -signal.SIGKILL
    assert supervisor.status_of("two").pid == neighbour
    assert supervisor.status_of("two").restarts == 0


def test_ranks_start_one_after_the_other(make: Make, tmp_path: Path) -> None:
    first = living("first", tmp_path, rank=0)
    states: list[State] = []
    supervisor = make(first, living("second", tmp_path, rank=1))
    original = first.ready
    assert original is not None

    def ready() -> bool:
        states.append(supervisor.status_of("second").state)
        return original()

    object.__setattr__(first, "ready", ready)
    supervisor.start()
    assert set(states) == {State.STOPPED}
    assert {status.state for status in supervisor.status()} == {State.RUNNING}


def test_stop_asks_once_and_takes_everything_along(make: Make, tmp_path: Path) -> None:
    supervisor = make(living("one", tmp_path), ProcessSpec("family", FAMILY))
    supervisor.start()
    log = tmp_path / "family.log"
    grandchild = int(wait_until(lambda: log.read_text().strip(), what="pid of the grandchild"))
    assert is_alive(grandchild)
    supervisor.stop()
    assert [status.state for status in supervisor.status()] == [State.STOPPED] * 2
    assert supervisor.status_of("one").last_exit == -signal.SIGTERM
    wait_until(lambda: not is_alive(grandchild), what="end of the grandchild")


def test_who_does_not_listen_is_killed_after_its_time(make: Make, tmp_path: Path) -> None:
    supervisor = make(living("deaf", tmp_path, STUBBORN, stop_seconds=0.5))
    supervisor.start()
    started = time.monotonic()
    supervisor.stop()
    assert supervisor.status_of("deaf").last_exit == -signal.SIGKILL
    assert time.monotonic() - started >= 0.5


def test_process_that_cannot_start_is_told_with_its_log(make: Make, tmp_path: Path) -> None:
    supervisor = make(living("fine", tmp_path), ProcessSpec("broken", DYING))
    with pytest.raises(ConfigurationFault) as caught:
        supervisor.start()
    assert "no such setting" in str(caught.value)
    assert caught.value.where == "broken"
    assert {status.pid for status in supervisor.status()} == {None}


def test_pause_before_a_restart_grows(make: Make, tmp_path: Path) -> None:
    supervisor = make(living("one", tmp_path))
    supervisor.start()
    pauses = []
    for count in (1, 2, 3):
        began = time.monotonic()
        supervisor.kill("one")
        wait_until(lambda count=count: supervisor.status_of("one").restarts == count, what="restart")  # type: ignore[misc]
        pauses.append(time.monotonic() - began)
    assert pauses[2] > pauses[0] + 0.5


def test_cancelled_start_returns(make: Make) -> None:
    supervisor = make(ProcessSpec("never", LIVING, ready=lambda: False, ready_seconds=60))
    supervisor.cancel()
    supervisor.start()
    supervisor.stop()
    assert supervisor.status_of("never").pid is None


def test_names_must_differ(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="same name"):
        Supervisor([ProcessSpec("a", LIVING), ProcessSpec("a", LIVING)], tmp_path)


PARENT = """
import sys
from pathlib import Path
from integration.processes.supervisor import ProcessSpec, Supervisor, run_until_stopped
supervisor = Supervisor([ProcessSpec("child", ("sleep", "600"))], Path(sys.argv[1]))
run_until_stopped(supervisor, lambda: print(supervisor.status_of("child").pid, flush=True))
print("stopped", flush=True)
"""


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = (sys.executable, "-c", PARENT, str(tmp_path))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_everything(parent: subprocess.Popen[str], number: signal.Signals) -> None:
    child = int(first_line(parent))
    parent.send_signal(number)
    assert first_line(parent) == "stopped"
    assert parent.wait(10) == 0
    assert not is_alive(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a child to its parent")
@pytest.mark.crash
def test_killed_supervisor_leaves_nobody_behind(parent: subprocess.Popen[str]) -> None:
    child = int(first_line(parent))
    parent.kill()
    parent.wait(10)
    wait_until(lambda: not is_alive(child), what="end of the orphan")
