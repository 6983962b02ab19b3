"""Lines for the crash tests."""

from tests.flows.databases import (
    line,
    line_clock,
    line_stores,
    line_url,
    make_line,
    postgres_line_url,
    sqlite_line_url,
)

__all__ = [
    "line",
    "line_clock",
    "line_stores",
    "line_url",
    "make_line",
    "postgres_line_url",
    "sqlite_line_url",
]
