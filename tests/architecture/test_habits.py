"""How code is written here: size, names, and what may happen where."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.architecture.sources import ROOT, Source, product, sources, within

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "stuff"}
ENVIRONMENT_READER = "integration.settings.environment"
PAUSES_ALLOWED = {"tests/deadline.py"}
LOG_METHODS = {"debug", "info", "warning", "error", "critical", "exception"}
PURE = ("integration.canonical", "integration.mapping", "integration.policy", "integration.matching")
CLOCKS = {"now", "utcnow", "today"}

EVERYTHING = sources("integration", "tasks", "webhooks", "tests")
HAND_WRITTEN = [source for source in EVERYTHING if "/migrations/" not in source.path]


def test_files_and_functions_stay_short() -> None:
    """A file can be read in one go, a function on one screen."""
    long = [
        f"{source.path} has {source.lines} lines" for source in HAND_WRITTEN if source.lines > LONGEST_FILE
    ]
    long += [
        f"{source.path}:{node.lineno} {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for source in HAND_WRITTEN
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_module_has_a_vague_name() -> None:
    """A module is named by what it knows."""
    assert [source.path for source in EVERYTHING if VAGUE & set(source.module.split("."))] == []


def test_only_settings_read_the_environment() -> None:
    """Everything that can be set is in one place."""
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in product()
        if source.module != ENVIRONMENT_READER
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id) in {"environ", "getenv", "environb"}
        and isinstance(node.ctx, ast.Load)
        and not (isinstance(node, ast.Name) and _is_parameter(source, node.id))
    ]
    assert not wrong, "\n".join(wrong)


def _is_parameter(source: Source, name: str) -> bool:
    return any(isinstance(node, ast.arg) and node.arg == name for node in ast.walk(source.tree))


def test_tests_do_not_sleep() -> None:
    """Waiting for a fixed time hides a race on one machine and fails on another."""
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in sources("tests")
        if source.path not in PAUSES_ALLOWED
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _called(node) == "sleep" and not _is_zero(node)
    ]
    assert not wrong, "\n".join(wrong)


def test_pure_parts_use_no_clock_and_no_dice() -> None:
    """The time and the randomness a decision depends on are arguments."""
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in product()
        if any(within(source.module, part) for part in PURE)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr in CLOCKS
            or (ast.unparse(node.func).startswith("random.") and node.func.attr != "Random")
        )
    ]
    assert not wrong, "\n".join(wrong)


def test_log_events_are_constants() -> None:
    """The name of a log event is a literal, so that no data can travel in it."""
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in product()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in LOG_METHODS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger", "LOG"}
        and not (node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str))
    ]
    assert not wrong, "\n".join(wrong)


IMPORT_EVERYTHING = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
FORBIDDEN = {"socket.connect", "socket.bind", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.remove"}
names = sys.argv[1:]
loaded = []
def refuse(event, arguments):
    ours = loaded and loaded[-1]
    if event in FORBIDDEN and ours:
        raise RuntimeError(f"{ours} does {event} at import: {arguments}")
sys.dont_write_bytecode = True
sys.addaudithook(refuse)
for name in names:
    loaded.append(name)
    importlib.import_module(name)
"""


def test_nothing_happens_at_import() -> None:
    """Importing any module connects to nothing, starts nothing and writes nothing."""
    entry_points = {"__main__", "env", "leash"}
    modules = [
        source.module
        for source in product()
        if source.module.split(".")[-1] not in entry_points and "/migrations/" not in source.path
    ]
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING, *modules],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_zero(node: ast.Call) -> bool:
    return len(node.args) == 1 and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
