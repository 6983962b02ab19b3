"""The whole state as one JSON document: taken, put back, kept in files that survive a crash."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import orjson

from integration.sandbox.admin.desk import Desk
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.fault_kinds import SYSTEMS
from integration.sandbox.systems import Json

VERSION = 1
STATE_FILE = "sandbox.json"
NAMED = "states"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_UNFIT = (KeyError, TypeError, ValueError, AttributeError, IndexError, BadInstructionError)


class Keeper(Protocol):
    """Takes and puts back the state of one system."""

    def dump(self) -> Json: ...

    def load(self, state: Mapping[str, Any]) -> None: ...


@dataclass
class KeptState:
    """What `desk` works on, with the keepers of its systems and the folder of the files."""

    desk: Desk
    keepers: Mapping[str, Keeper]
    folder: Path
    _idle: Json = field(default_factory=dict)

    def dump(self) -> Json:
        """`{"version", <system>: ..., "truth", "clock"}`; calls, faults and plans are no part of it."""
        systems = {name: keeper.dump() for name, keeper in self.keepers.items()}
        clock = {name: self.desk.clocks[name].skew_seconds for name in self.keepers}
        return {"version": VERSION, **self._idle, **systems, "truth": self.desk.truth, "clock": clock}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump; a system it does not hold stays as it is. Open streams are cut.

        :raises BadInstructionError: another version, or no state of these systems; nothing is changed then
        """
        version = state.get("version", VERSION)
        if version != VERSION:
            raise BadInstructionError(f"the state has version {version!r}, this sandbox reads {VERSION}")
        if not any(state.get(name) for name in self.keepers):
            raise BadInstructionError(f"the state holds none of {', '.join(self.keepers)}")
        before = self.dump()
        try:
            self._put(state)
        except _UNFIT as error:
            self._put(before)
            reason = f"{type(error).__name__}: {error}"
            raise BadInstructionError(f"the state does not fit this sandbox ({reason})") from error

    def save(self, name: str = "") -> Path:
        """Write the state to the file of that name, or to the one that the next start reads."""
        path = self._path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = path.with_name(f"{path.name}.new")
        with written.open("wb") as file:
            file.write(orjson.dumps(self.dump()))
            file.flush()
            os.fsync(file.fileno())
        written.replace(path)
        _sync_folder(path.parent)
        return path

    def restore(self, name: str = "") -> None:
        """Load what was saved. :raises BadInstructionError: there is no such file, or it is none of ours."""
        path = self._path(name)
        try:
            state = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            raise BadInstructionError(f"no state {name!r}; there are {self.names()}") from None
        except orjson.JSONDecodeError as error:
            raise BadInstructionError(f"{path} is no state: {error}") from error
        if not isinstance(state, dict):
            raise BadInstructionError(f"{path} is no state")
        self.load(state)

    def names(self) -> list[str]:
        """What was saved by name."""
        return sorted(path.stem for path in (self.folder / NAMED).glob("*.json"))

    @property
    def to_go_on_from(self) -> bool:
        """Whether an earlier run left its state."""
        return (self.folder / STATE_FILE).exists()

    def _put(self, state: Mapping[str, Any]) -> None:
        for name, keeper in self.keepers.items():
            if state.get(name):
                self.desk.set_clock(name, float(state.get("clock", {}).get(name, 0.0)))
                keeper.load(state[name])
        # A system that was not started this time must not lose what is kept of it.
        self._idle |= {name: state[name] for name in SYSTEMS - set(self.keepers) if state.get(name)}
        self.desk.truth = dict(state.get("truth", {}))
        if self.desk.provoke is not None:
            self.desk.happen({"kind": "cut_streams"})

    def _path(self, name: str) -> Path:
        if not name:
            return self.folder / STATE_FILE
        if _NAME.fullmatch(name) is None:
            raise BadInstructionError(f"a state is named by up to 64 letters, digits, . _ -, not {name!r}")
        return self.folder / NAMED / f"{name}.json"


def _sync_folder(folder: Path) -> None:
    """Makes the new name outlive a crash of the machine, where folders can be opened at all."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
