"""`reconcile`: compare every record of both systems."""

from __future__ import annotations

import click
from rich.console import Console, RenderableType
from rich.progress import Progress
from rich.text import Text

from integration.cli.opening import open_pair, pair_option
from integration.cli.output import emit, moment, table
from integration.cli.program import FAILED, json_option, main
from integration.flows.reconcile import Proof
from integration.flows.reconcile import reconcile as compare_all

MOST_SHOWN = 100


@main.command("reconcile")
@pair_option
@json_option
@click.pass_context
def reconcile(ctx: click.Context, pair_name: str, as_json: bool) -> None:
    """Read every record of both systems and prove that they say the same; exit code 1 if they do not.

    It writes nothing. What differs is told with its cause; a difference without one breaks the proof.
    """
    services = open_pair(ctx.obj, pair_name).prepared()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("comparing", total=None)
        proof = compare_all(services, lambda done, total: bar.update(task, completed=done, total=total))
    emit(as_json, proof.to_json(), *shown(proof))
    if not proof.holds:
        ctx.exit(FAILED)


def shown(proof: Proof) -> list[RenderableType]:
    """The proof for people."""
    counts = {
        "records in Salesforce": proof.salesforce,
        "records in Zoho": proof.zoho,
        "equal": proof.equal,
        "different": len(proof.differences),
        "of these unexplained": len(proof.unexplained),
        "out of scope": proof.out_of_scope,
        "duplicates": len(proof.duplicates),
    }
    ordered = sorted(proof.differences, key=lambda d: bool(d.why))[:MOST_SHOWN]
    rows = [(d.entity, d.salesforce_id, d.zoho_id, d.what, d.why or "UNEXPLAINED") for d in ordered]
    parts: list[RenderableType] = [table("Compared", ("", ""), counts.items())]
    if rows:
        parts.append(table("What differs, and why", ("record", "Salesforce", "Zoho", "what", "why"), rows))
    if proof.overrides:
        said = [
            (o.override, o.salesforce_id, o.zoho_id, o.what, o.author, moment(o.until))
            for o in proof.overrides
        ]
        columns = ("override", "Salesforce", "Zoho", "what", "author", "until")
        parts.append(table("What people said by hand", columns, said))
    parts += [Text(line, style="red") for line in proof.duplicates]
    parts.append(table("What every event became", ("outcome", "events"), sorted(proof.outcomes.items())))
    verdict = "The proof holds." if proof.holds else "The proof does NOT hold."
    parts.append(Text(verdict, style="bold green" if proof.holds else "bold red"))
    return parts
