"""`docs/sandbox.md` tells of tests that exist, of each row once, and of every code the stand-ins answer."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from integration.sandbox.salesforce.bus_codes import CODES as BUS_CODES
from integration.sandbox.switches import Switches
from tests.architecture.sources import ROOT, product, tracked

DOCUMENT = "docs/sandbox.md"
SANDBOX = "integration/sandbox/"
ERRORS = {"ApiError", "QueryError", "SoapFault", "ErrorEntry", "OAuthError"}
"""Calls whose first argument is a code of Salesforce."""
TEST = re.compile(r"`(test_\w+\.py)::(test_\w+)(?:\[[^`]+\])?`")
TESTS = re.compile(rf"{TEST.pattern}(?:, {TEST.pattern})*")
NOT_MODELLED = re.compile(r"not modelled: \S+(?: \S+){3,}")
CODE = re.compile(r"[A-Z]{2,}(?:_[A-Z]+)+|INVALID[A-Z]+|FEATURENOTENABLED")


@cache
def text() -> str:
    return (ROOT / DOCUMENT).read_text(encoding="utf-8")


def rows() -> Iterator[tuple[int, str, str]]:
    """Line number and both cells of every row of every table, without its head and the line below it."""
    in_body = False
    for number, line in enumerate(text().splitlines(), 1):
        if not line.startswith("|"):
            in_body = False
        elif set(line) <= set("|- "):
            in_body = True
        elif in_body:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert len(cells) == 2, f"line {number} has {len(cells)} cells"
            yield number, cells[0], cells[1]


@cache
def files_by_name() -> dict[str, list[str]]:
    """Paths by file name of everything below tests/."""
    found: dict[str, list[str]] = {}
    for name in tracked():
        if name.startswith("tests/") and name.endswith(".py"):
            found.setdefault(name.rpartition("/")[2], []).append(name)
    return found


@cache
def functions_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"), path)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_row_names_its_tests_or_a_reason() -> None:
    """The second cell is a list of tests, or says in four words or more why there is none."""
    wrong = [
        f"{DOCUMENT}:{number} {cell}"
        for number, _, cell in rows()
        if not TESTS.fullmatch(cell) and not NOT_MODELLED.fullmatch(cell)
    ]
    assert wrong == []


def test_every_test_that_is_named_exists() -> None:
    """File names are written without folder, so there must be one of each."""
    missing = []
    for file, function in sorted(set(TEST.findall(text()))):
        paths = files_by_name().get(file, [])
        if len(paths) != 1:
            missing.append(f"{file}: {len(paths)} files of that name")
        elif function not in functions_in(paths[0]):
            missing.append(f"{file} has no {function}")
    assert missing == []


def test_no_row_stands_twice() -> None:
    counted = Counter(first for _, first, _ in rows())
    assert [first for first, times in counted.items() if times > 1] == []
    assert counted.total() > 300


def test_every_test_file_of_the_sandbox_is_named() -> None:
    """A new file of tests needs a row that says what it proves."""
    named = {file for file, _ in TEST.findall(text())}
    files = {name for name in files_by_name() if name.startswith(("test_sandbox_", "test_peers_"))}
    unnamed = sorted(files - named - {"test_sandbox_document.py"})
    assert not unnamed, f"{DOCUMENT} needs a row or two that say what these prove: {unnamed}"


def test_every_code_of_salesforce_is_named() -> None:
    """Codes are found where errors are raised, where tables of them stand, and as defaults of switches."""
    codes = set(BUS_CODES)
    for source in product():
        if source.path.startswith(f"{SANDBOX}salesforce/"):
            codes |= codes_in(source.tree)
    assert len(codes) > 90
    assert sorted(code for code in codes if f"`{code}`" not in text()) == []


def codes_in(tree: ast.Module) -> set[str]:
    """The codes a module of the Salesforce stand-in may answer."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            value = constants.get(first.id, first) if isinstance(first, ast.Name) else first
            if node.func.id in ERRORS or (node.func.id == "_switch" and "Code of" in ast.unparse(node)):
                found |= _texts(value)
        elif isinstance(node, ast.Tuple) and len(node.elts) > 1 and _texts(node.elts[1]):
            found |= {code for code in _texts(node.elts[0]) if CODE.fullmatch(code)}
    return found


def _texts(node: ast.expr) -> set[str]:
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@pytest.mark.parametrize("where", ["rules", "switches"])
def test_every_code_of_zoho_is_named(where: str) -> None:
    """Numbers that rules name themselves, and those that are only the default of a switch."""
    codes = {getattr(Switches(), name) for name in vars(Switches()) if name.endswith("_code")}
    if where == "rules":
        codes = set()
        for source in product():
            if source.path.startswith(f"{SANDBOX}zoho/"):
                codes |= _numbers_in(source.tree)
    assert len(codes) > 10
    assert sorted(code for code in codes if f"`{code}`" not in text()) == []


def _numbers_in(tree: ast.Module) -> set[int]:
    return {
        node.args[1].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] == "ApiError"
        and len(node.args) > 1
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, int)
    }
