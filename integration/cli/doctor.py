"""`doctor`: look at everything a working pair needs, and say what to do about what is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from integration.cli.checkup.finding import Finding, Level
from integration.cli.opening import PROCESS, choose_pair, pair_option, read_settings
from integration.cli.output import emit
from integration.cli.program import FAILED, Start, json_option, main
from integration.log import configure_logging
from integration.settings import PairSettings, Settings

STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}


@main.command("doctor")
@click.option("--new-key", "make_key", is_flag=True, help="Only print a fresh encryption key.")
@pair_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, make_key: bool, pair_name: str, as_json: bool) -> None:
    """Look at this installation and at both systems of each pair; exit code 1 when something fails.

    It changes nothing in either system.
    """
    from integration.cli.checkup.here import new_key

    if make_key:
        key = new_key()
        emit(as_json, {"key": key}, Text(key))
        return
    configure_logging("critical", "console")  # what goes wrong is a finding, not a line among them
    findings = []
    with Console(stderr=True).status("looking") as status:
        for finding in _findings(ctx.obj, pair_name):
            findings.append(finding)
            status.update(f"{finding.place}: {finding.what}")
    counts = Counter(finding.level for finding in findings)
    document = {
        "findings": [asdict(finding) for finding in findings],
        "counts": {level.value: counts[level] for level in Level},
    }
    summary = ", ".join(f"{counts[level]} {level.value}" for level in Level)
    emit(as_json, document, _table(findings), summary)
    if counts[Level.FAIL]:
        ctx.exit(FAILED)


def _findings(start: Start, pair_name: str) -> Iterator[Finding]:
    from integration.cli.checkup.here import look_here, standing_in

    settings = read_settings(start)
    pairs = [choose_pair(settings, pair_name)] if pair_name else settings.pairs
    usable = True
    for finding in look_here(settings):
        usable = usable and not (
            finding.level is Level.FAIL and finding.what in ("database", "encryption key")
        )
        yield finding
    with nullcontext(settings) if usable else standing_in(settings) as within:
        for pair in pairs:
            yield from _look_at(within, pair, stored=usable)


def _look_at(settings: Settings, pair: PairSettings, *, stored: bool) -> Iterator[Finding]:
    """Both systems, and what is `stored` of the pair."""
    from integration.canonical.values import Side
    from integration.cli.checkup.here import look_at_mapping, look_at_pair
    from integration.cli.checkup.salesforce import look_at_salesforce
    from integration.cli.checkup.zoho import look_at_zoho
    from integration.wiring import PERSON_SECONDS, Wiring
    from tasks.bell import bell_for

    wiring = Wiring(settings, bell_for(settings), process_name=PROCESS, wait_seconds=PERSON_SECONDS)
    try:
        wired = wiring.pair(pair.name)
        key_fields = wired.services.line.key_fields
        yield from look_at_salesforce(wired, key_fields[Side.SALESFORCE])
        yield from look_at_zoho(wired, key_fields[Side.ZOHO])
        yield from look_at_mapping(wired)
        if stored:
            yield from look_at_pair(wired)
    finally:
        wiring.close()


def _table(findings: list[Finding]) -> Table:
    made = Table(header_style="bold")
    for column in ("", "where", "what", "how it stands", "what to do"):
        made.add_column(column, overflow="fold")
    for f in findings:
        level = Text(f.level.value, style=STYLES[f.level])
        made.add_row(level, Text(f.place), Text(f.what), Text(f.text), Text(f.advice or "-"))
    return made
