"""Which tests run one after another in the same parallel process."""

from __future__ import annotations

GROUPS = {
    # They want the machine for themselves.
    "tests/journeys/": "serial",
    "tests/contract/stores/test_stores_contention.py": "serial",
    # What is started for them is shared by all of them.
    "tests/promises/test_p7_sealed.py": "p7",
    "tests/peers/": "peers",
}


def group_of(nodeid: str) -> str | None:
    """The group of a test by its id (`tests/file.py::test`), None where it may run anywhere."""
    return next((group for start, group in GROUPS.items() if nodeid.startswith(start)), None)
