"""The program itself: global options, and every fault told as what happened, why and what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console, Group
from rich.panel import Panel
from rich.text import Text

from integration.errors import Fault
from integration.log import configure_logging, hide_tracebacks

AS_JSON = "as_json"
FAILED = 1
STOPPED = 130
"""The exit code of a program that was interrupted."""


@dataclass
class Start:
    """What the command line said before the command: another file than integration.toml, or none."""

    config: Path | None = None


class Program(click.Group):
    """A group that tells faults instead of showing tracebacks: exit code 1; wrong usage stays 2, Ctrl-C is
    130.
    """

    def main(self, args: Sequence[str] | None = None, *more: Any, **named: Any) -> Any:  # noqa: ANN401 - as click
        """Run from the command line (no `args`), where a traceback would show what a person gave us."""
        if args is None:
            hide_tracebacks()
        return super().main(args, *more, **named)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - click's own
    ) -> click.Context:
        """Remember that JSON is wanted before anything is parsed: wrong usage is told as JSON too."""
        wanted = "--json" in args
        ctx = super().make_context(info_name, args, parent, **extra)
        ctx.meta.setdefault(AS_JSON, wanted)
        return ctx

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click hands back whatever a command returns
        """Run the command; a Fault ends the program with its text and advice."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if ctx.parent is None and ctx.meta[AS_JSON]:
                command = error.ctx.command_path if error.ctx else ctx.command_path
                tell_program("usage", error.format_message(), f"See `{command} --help`.", {})
            raise  # click tells people
        except Fault as fault:
            tell(fault, as_json=bool(ctx.meta.get(AS_JSON)))
            ctx.exit(FAILED)
        except KeyboardInterrupt:
            ctx.exit(STOPPED)


def tell(fault: Fault, *, as_json: bool = False) -> None:
    """Show a fault to a person on stderr, and to a program on stdout where it asked for JSON."""
    lines = [Text(fault.text or "The command could not be done.")]
    evidence = {name: value for name, value in fault.evidence.items() if value not in ("", None)}
    if evidence:
        facts = ", ".join(f"{name} {value}" for name, value in evidence.items())
        lines.append(Text(f"Why: {facts}", style="dim"))
    if fault.advice:
        lines.append(Text(f"What to do: {fault.advice}", style="bold"))
    title = Text(f"{type(fault).__name__}: {fault.code}")
    Console(stderr=True).print(Panel(Group(*lines), title=title, title_align="left", border_style="red"))
    if as_json:
        tell_program(fault.code, fault.text, fault.advice, evidence)


def tell_program(code: str, text: str, advice: str, evidence: Mapping[str, object]) -> None:
    """An error as the one JSON document a program gets."""
    told = {"code": code, "text": text, "advice": advice, "evidence": evidence}
    click.echo(json.dumps({"error": told}, default=str))


def json_option(function: click.decorators.FC) -> click.decorators.FC:
    """`--json`: one JSON document on stdout instead of tables; errors too."""

    def remember(ctx: click.Context, _parameter: click.Parameter, value: bool) -> bool:
        ctx.meta[AS_JSON] = value
        return value

    return click.option(
        "--json", AS_JSON, is_flag=True, callback=remember, help="One JSON document on stdout."
    )(function)


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Another file than integration.toml (also: INTEGRATION_CONFIG).",
)
@click.version_option(package_name="zoho-salesforce")
@click.pass_context
def main(ctx: click.Context, config: Path | None) -> None:
    """Keeps a Salesforce org and a Zoho Inventory organisation saying the same thing, and proves it."""
    configure_logging("warning", "console")
    ctx.obj = Start(config)
