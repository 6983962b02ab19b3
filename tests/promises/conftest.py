"""Lines for the promises that are tried over the line in process."""

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
