"""Secrets the product makes for itself and keeps in the state directory, readable by its owner only."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet
from pydantic import SecretStr

from integration.errors import ConfigurationFault
from integration.settings.models import Settings

KEY_FILE = "encryption.key"
FLOWER_FILE = "flower.login"
VALKEY_FILE = "valkey.json"
LIVE_FILE = "live.lock"


@dataclass(frozen=True)
class ValkeyAddress:
    """Where the embedded Valkey of a state directory listens (loopback), and its password."""

    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def __repr__(self) -> str:
        return f"ValkeyAddress(port={self.port})"


def encryption_keys(settings: Settings) -> tuple[SecretStr, ...]:
    """The Fernet keys, newest first; on one machine a key is made and kept on first use.

    Raises ConfigurationFault on PostgreSQL without ENCRYPTION_KEYS, because several hosts must share one key.
    """
    if settings.encryption_keys:
        return settings.encryption_keys
    if not settings.embedded:
        raise ConfigurationFault(
            "settings.no_encryption_key",
            "stored credentials need a key that all processes share",
            where="environment ENCRYPTION_KEYS",
            advice="make one with `zoho-salesforce doctor --new-key` and set it on every host",
        )
    path = settings.state_dir / KEY_FILE
    with contextlib.suppress(FileExistsError):  # made earlier, or by the process that came first
        write_secret_file(path, Fernet.generate_key().decode(), replace=False)
    return (SecretStr(path.read_text(encoding="ascii").strip()),)


def flower_login(settings: Settings) -> SecretStr | None:
    """Flower's `user:password`, made on first use on one machine. None elsewhere: then it may not run."""
    if settings.flower.basic_auth or not settings.embedded:
        return settings.flower.basic_auth
    path = settings.state_dir / FLOWER_FILE
    with contextlib.suppress(FileExistsError):
        write_secret_file(path, f"ops:{secrets.token_urlsafe(18)}", replace=False)
    return SecretStr(path.read_text(encoding="ascii").strip())


def read_valkey_address(state_dir: Path) -> ValkeyAddress | None:
    """Address of the embedded Valkey last started in this state directory; None if none ever was."""
    try:
        kept = json.loads((state_dir / VALKEY_FILE).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    return ValkeyAddress(port=int(kept["port"]), password=str(kept["password"]))


def write_valkey_address(state_dir: Path, address: ValkeyAddress) -> None:
    """Keep the address for the commands a person runs beside the running product."""
    kept = json.dumps({"port": address.port, "password": address.password})
    write_secret_file(state_dir / VALKEY_FILE, kept, replace=True)


def running_valkey_address(state_dir: Path) -> ValkeyAddress | None:
    """Address of the embedded Valkey while the product runs on this state directory; None when it does not.

    What an earlier run left behind would make a command wait for a server that is gone, and pace itself as
    if other processes were calling too.
    """
    return read_valkey_address(state_dir) if is_live(state_dir) else None


@contextlib.contextmanager
def alive(state_dir: Path) -> Iterator[None]:
    """Let `is_live` say yes for as long as this lasts, however this process ends."""
    with (state_dir / LIVE_FILE).open("w") as file:
        # Waits for commands that are looking just now; they are done at once.
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_live(state_dir: Path) -> bool:
    """Whether the product runs on this state directory now."""
    try:
        with (state_dir / LIVE_FILE).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def write_secret_file(path: Path, content: str, *, replace: bool) -> None:
    """Write a file only its owner can read, whole or not at all. Raises FileExistsError unless `replace`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
    try:
        if replace:
            draft.replace(path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
