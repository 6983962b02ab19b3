"""`make bench`: the numbers, each beside what it is compared with; ends with 1 when a target is missed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial

import click
from rich.console import Console
from rich.table import Table

from integration.log import configure_logging
from tests.benchmarks.counting import measure_calls
from tests.benchmarks.figures import Figure, NotGivenError, Result, Say
from tests.benchmarks.receiver import measure_receiver
from tests.benchmarks.sandbox_size import measure_size
from tests.benchmarks.sandbox_speed import measure_sandbox
from tests.benchmarks.speed import SpeedOptions, measure_speed

PARTS = ("calls", "receiver", "speed", "sandbox", "size")
WORDS = {True: "[green]reached", False: "[bold red]missed", None: ""}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(PARTS))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--seconds", default=60.0, show_default=True, help="How long a steady rate must hold.")
@click.option("--customers", default=4_000, show_default=True, help="Customers, and events of the backlog.")
def bench(parts: Sequence[str], *, as_json: bool, seconds: float, customers: int) -> None:
    """Measure PARTS (all when none is named)."""
    configure_logging("warning", "console")  # to stderr: on stdout stands the result
    console = Console(stderr=True)
    say = _saying(console)
    measures: dict[str, Callable[[Say], Result]] = {
        "calls": measure_calls,
        "receiver": measure_receiver,
        "speed": partial(measure_speed, options=SpeedOptions(customers, seconds)),
        "sandbox": measure_sandbox,
        "size": measure_size,
    }
    results = [_measured(name, measures[name], say) for name in parts or PARTS]
    if as_json:
        click.echo(json.dumps(_told(results)))
    else:
        Console().print(_table(results))
    sys.exit(1 if any(result.missed for result in results) else 0)


def _saying(console: Console) -> Say:
    began = time.monotonic()
    return lambda text: console.print(
        f"{time.monotonic() - began:7.1f} s  {text}", highlight=False, markup=False
    )


def _measured(part: str, measure: Callable[[Say], Result], say: Say) -> Result:
    try:
        return measure(say)
    except NotGivenError as missing:
        say(f"{part}: skipped: not given ({missing})")
        return Result(part, skipped=f"not given: {missing}")


def _told(results: Sequence[Result]) -> dict[str, object]:
    return {
        "missed": sum(len(result.missed) for result in results),
        "parts": {
            result.part: {
                "skipped": result.skipped,
                "figures": [figure.to_json() for figure in result.figures],
                "facts": result.facts,
            }
            for result in results
        },
    }


def _table(results: Sequence[Result]) -> Table:
    table = Table("part", "what", "measured", "beside", "target")
    for result in results:
        if result.skipped:
            table.add_row(result.part, f"skipped: {result.skipped}")
        for figure in result.figures:
            table.add_row(
                result.part,
                figure.what,
                _number(figure),
                figure.against or figure.note,
                WORDS[figure.reached],
            )
        table.add_section()
    return table


def _number(figure: Figure) -> str:
    digits = 3 if figure.unit == "a change" else 1
    return f"{figure.measured:,.{digits}f} {figure.unit}".rstrip()


if __name__ == "__main__":
    bench()
