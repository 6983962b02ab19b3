"""Every switch of both systems as a list for people or programs, without starting anything."""

from __future__ import annotations

from typing import Any

import orjson

from integration.sandbox.arguments import Arguments
from integration.sandbox.switches import Switches, assigned, listed

_SALESFORCE = "salesforce_"
_WIDEST_CHOICE = 26


def switch_list(arguments: Arguments) -> str:
    """One switch a line with its default, choices and meaning, or the same as JSON.

    :raises BadInstructionError: the command line sets a switch that does not exist
    """
    rows = switch_rows(arguments.switches)
    if arguments.as_json:
        return orjson.dumps({"switches": rows}, option=orjson.OPT_INDENT_2).decode()
    cells = [(row["name"], _told(row), row["doc"]) for row in rows]
    wide = max(len(name) for name, _, _ in cells)
    middle = min(_WIDEST_CHOICE, max(len(told) for _, told, _ in cells))
    return "\n".join(f"{name:<{wide}}  {told:<{middle}}  {doc}" for name, told, doc in cells)


def switch_rows(assignments: dict[str, str]) -> list[dict[str, Any]]:
    """Both systems' switches, with the values that the assignments give them."""
    # gRPC comes along with the package and takes a while, which only this list needs to wait for.
    from integration.sandbox.salesforce.switches import SalesforceSwitches

    own = {name: text for name, text in assignments.items() if not name.startswith(_SALESFORCE)}
    others = {name: text for name, text in assignments.items() if name.startswith(_SALESFORCE)}
    zoho, salesforce = assigned(Switches(), own), assigned(SalesforceSwitches(), others, _SALESFORCE)
    return [*listed(zoho), *listed(salesforce, _SALESFORCE)]


def known_names() -> list[str]:
    """The name of every switch."""
    return [row["name"] for row in switch_rows({})]


def _told(row: dict[str, Any]) -> str:
    """`sliding (fixed, sliding)`; where it is set, `fixed, not sliding (fixed, sliding)`."""
    value, default = (_word(row[key]) for key in ("value", "default"))
    told = value if value == default else f"{value}, not {default}"
    return f"{told} ({', '.join(row['choices'])})"


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if value == "" else str(value)
