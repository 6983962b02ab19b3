"""What the documents and the tracked files say is true, and says nothing about anybody's machine."""

from __future__ import annotations

import importlib
import re
import tomllib
from itertools import pairwise

import pytest

from tests.architecture.sources import ROOT, tracked

DOCUMENTS = [name for name in tracked() if name.endswith(".md")]
TOP_FOLDERS = {name.split("/")[0] for name in tracked()}
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
COMMAND = re.compile(r"zoho-salesforce((?: [a-z][a-z-]*)+)")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)")
FILE = re.compile(r"^[\w.-]+(?:/[\w.*-]+)*/?$")
NOT_KEPT = {"integration.toml", "docker/.env", ".venv"}

# Written in pieces, so that this file does not trip over itself.
FORBIDDEN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.~])/(?:wor" + r"k|roo" + r"t|hom" + r"e|User" + r"s)/\w|/tm" + r"p/plan|\.\./share" + r"d"
    ),
    "a registry host": re.compile(
        "pyp" + r"i\.(?:org|python)|pythonhoste" + r"d\.org|npmj" + r"s\.(?:org|com)"
    ),
    "an index option": re.compile(r"--(?:extra-)?index-" + r"url[ =]|--find-" + r"links[ =]"),
}


def code_in(document: str) -> list[str]:
    """Everything a document sets as code, fenced or inline."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [fenced or inline for fenced, inline in CODE.findall(text)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_exist(document: str) -> None:
    """Every `zoho-salesforce …` in a document is a command of the program."""
    program = importlib.import_module("integration.cli").main
    missing = []
    for words in (match[1].split() for code in code_in(document) for match in COMMAND.finditer(code)):
        group = program
        for word in words:
            commands = getattr(group, "commands", None)
            if commands is None:
                break  # what follows are arguments
            if word not in commands:
                missing.append(" ".join(words))
                break
            group = commands[word]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_make_targets_exist(document: str) -> None:
    """Every `make …` in a document is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {match[1] for code in code_in(document) for match in TARGET.finditer(code)}
    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_exist(document: str) -> None:
    """Every file or folder of ours that a document names is there."""
    named = {code for code in code_in(document) if FILE.match(code) and code not in NOT_KEPT}
    here = (ROOT / document).parent
    missing = [
        name
        for name in named
        if (name.split("/")[0] in TOP_FOLDERS or re.search(r"\.(py|md|toml|yaml|json|lock)$", name))
        and not any(list(folder.glob(name.rstrip("/"))) for folder in (ROOT, here))
    ]
    assert missing == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_trace_of_a_machine(what: str) -> None:
    """Nothing kept here points at the place it was written on."""
    found = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        match = FORBIDDEN[what].search(text)
        if match:
            found.append(f"{name}:{text[: match.start()].count(chr(10)) + 1} {match[0]}")
    assert not found, "\n".join(found)


def test_lock_pins_and_hashes_everything() -> None:
    """Each requirement is exact and hashed, and everything the project asks for is in it."""
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    heads = [number for number, line in enumerate(lines) if line and not line.startswith((" ", "#"))]
    assert [lines[n] for n in heads if "==" not in lines[n]] == []
    unhashed = [
        lines[a] for a, b in pairwise([*heads, len(lines)]) if "--hash=" not in "".join(lines[a + 1 : b])
    ]
    assert unhashed == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pinned = {lines[n].split("==")[0].split("[")[0].lower() for n in heads}
    names = {re.split(r"[\[=<>; ]", requirement)[0].lower() for requirement in asked}
    assert names - pinned == set()
    assert {"celery==5.7.0", "kombu==5.7.0"} <= {lines[n].split(" ")[0].replace("[redis]", "") for n in heads}


def test_example_settings_are_ignored_by_nobody() -> None:
    """The settings file of a user is never tracked, its example always."""
    assert "integration.toml" not in tracked()
    assert "integration.example.toml" in tracked()
