"""Flower as the Procfile runs it: behind its login, which `ps` does not show."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from integration.processes.ports import answers_http, free_port
from tests.architecture.sources import ROOT
from tests.deadline import wait_until

CANARY = "canary" + secrets.token_hex(8)
LOGIN = f"ops:{CANARY}"
PAIR = """\
[[pairs]]
name = "main"
[pairs.salesforce]
login_url = "https://example.my.salesforce.com"
client_id = "consumer"
client_secret = "not one"
[pairs.zoho]
organization_id = "10234695"
client_id = "1000.ABC"
client_secret = "not one"
refresh_token = "1000.none"
"""


def procfile_line() -> str:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return next(line.split(": ", 1)[1] for line in lines if line.startswith("flower: "))


def environment(folder: Path, redis_url: str, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "FLOWER_BASIC_AUTH"}
    (folder / "integration.toml").write_text(PAIR)
    programs = str(Path(sys.executable).parent)
    return {
        **kept, "PATH": f"{programs}:{os.environ['PATH']}", "PORT": str(port), "REDIS_URL": redis_url,
        "INTEGRATION_STATE_DIR": str(folder),
        "INTEGRATION_CONFIG": str(folder / "integration.toml"), **more,
    }  # fmt: skip


@contextmanager
def running(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """The line as a host runs it: by a shell."""
    process = subprocess.Popen(["sh", "-c", procfile_line()], cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


def status(port: int, login: str = "") -> int:
    headers = {"Authorization": "Basic " + b64encode(login.encode()).decode()} if login else {}
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/api/tasks", headers=headers)
    found = connection.getresponse().status
    connection.close()
    return found


def test_the_login_is_asked_for_and_not_on_the_command_line(tmp_path: Path, redis_url: str) -> None:
    port = free_port()
    with running(environment(tmp_path, redis_url, port, FLOWER_BASIC_AUTH=LOGIN)) as process:
        wait_until(lambda: answers_http(port, "/healthcheck"), 30, "Flower answers")
        listing = subprocess.run(
            ["ps", "-ww", "-e", "-o", "args="], capture_output=True, text=True, check=True
        )
        mine = Path(f"/proc/{process.pid}/cmdline")
        assert "flower" in listing.stdout
        assert CANARY not in listing.stdout
        if mine.exists():
            assert b"flower" in mine.read_bytes()  # no shell stands between the host's signals and Flower
        assert status(port, LOGIN) == 200
        assert status(port) == 401
        assert status(port, "ops:guessed") == 401


def test_without_a_login_it_does_not_start(tmp_path: Path, redis_url: str) -> None:
    env = environment(tmp_path, redis_url, free_port())
    done = subprocess.run(
        ["sh", "-c", procfile_line()],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode != 0
    assert "FLOWER_BASIC_AUTH" in done.stderr
