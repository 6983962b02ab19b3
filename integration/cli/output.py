"""What commands print: tables for people, one JSON document for programs; only results go to stdout."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import click
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text


def emit(as_json: bool, document: object, *shown: RenderableType) -> None:
    """Print the document as JSON on one line, or else what is meant for people."""
    if as_json:
        click.echo(json.dumps(document, ensure_ascii=False, default=str))
        return
    console = Console()
    for part in shown:
        console.print(part)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table whose cells are taken literally: a customer's name is no markup."""
    made = Table(title=title or None, title_justify="left", header_style="bold", title_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(shown(cell)) for cell in row))
    return made


def shown(value: object) -> str:
    """A cell's text; what is not there is a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def moment(milliseconds: int | None) -> str:
    """Epoch milliseconds as a time of day people can read (UTC); a dash where there is none."""
    if not milliseconds:
        return "-"
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"
