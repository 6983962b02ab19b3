"""Scripts of Node that put a foreign client through its paces: their steps, and running them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.contract.sandbox_process import Sandbox
from tests.services import required

HERE = Path(__file__).parent
MARK = "node"
MISSING = "needs node: `make test-peers` installs the clients of tests/peers and runs them"
SECONDS = 90
_STEP = re.compile(r"^await step\('([^']+)'", re.MULTILINE)


@dataclass(frozen=True)
class Script:
    """One script: a subject of one client, told in steps that build on each other."""

    name: str

    @property
    def path(self) -> Path:
        return HERE / f"{self.name}.mjs"

    @property
    def steps(self) -> list[str]:
        """The steps as the script writes them down, in order."""
        return _STEP.findall(self.path.read_text(encoding="utf-8"))

    def run(self, sandbox: Sandbox) -> dict[str, str | None]:
        """By step what went wrong, None where nothing did; what was said on stderr under the empty name."""
        with subprocess.Popen(
            [node(), str(self.path)], env=_environment(sandbox), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            try:
                said, complained = process.communicate(timeout=SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                said, complained = process.communicate()
        told = [json.loads(line) for line in said.splitlines()]
        ended = f"exit {process.returncode}: {complained}"
        return {line["step"]: line["problem"] for line in told} | {"": ended}


def steps(*scripts: str) -> pytest.MarkDecorator:
    """Every step of the scripts is a test of its own."""
    named = [(Script(name), step) for name in scripts for step in Script(name).steps]
    ids = [f"{script.name}: {step}" for script, step in named]
    return pytest.mark.parametrize(("script", "step"), named, ids=ids)


@cache
def node() -> str:
    """The program that runs the scripts; skips or fails where it or the clients are missing."""
    found = shutil.which("node")
    if found is None or not (HERE / "node_modules").is_dir():
        if MARK in required():
            pytest.fail(f"REQUIRE names node, but it is missing: {MISSING}")
        pytest.skip(MISSING)
    return found


def _environment(sandbox: Sandbox) -> dict[str, str]:
    """What the scripts know: the sandbox, and the authority its certificates come from."""
    return {
        **os.environ,
        "SANDBOX": json.dumps(sandbox.about),
        "NODE_EXTRA_CA_CERTS": sandbox.salesforce["ca_file"],
    }
