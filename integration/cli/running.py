"""Commands that run something: `up`, `demo`, `sandbox`, `listen`, `migrate`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from integration.cli.opening import read_settings
from integration.cli.output import emit
from integration.cli.program import Start, json_option, main
from integration.processes import ProcessAddresses


@main.command("up")
@json_option
@click.pass_obj
def up(start: Start, as_json: bool) -> None:
    """Run every process on this machine until Ctrl-C: web, listener, workers, beat, Flower.

    An embedded Valkey runs too unless REDIS_URL is set; SQLite is used unless DATABASE_URL is set.
    """
    from integration.processes.up import run_up
    from integration.settings.loading import DEFAULT_FILE

    settings = read_settings(start)
    default = Path(DEFAULT_FILE) if Path(DEFAULT_FILE).is_file() else None

    def started(addresses: ProcessAddresses) -> None:
        hooks = [
            f"{addresses.web_url}/webhooks/zoho/{pair.name}/{hook.rule}"
            for pair in settings.pairs
            for hook in pair.zoho.webhooks
        ]
        document = {"web": addresses.web_url, "flower": addresses.flower_url, "webhooks": hooks}
        lines = [f"web     {addresses.web_url}", f"Flower  {addresses.flower_url}"]
        lines += [f"webhook {hook}" for hook in hooks]
        emit(as_json, document, "\n".join(lines))
        sys.stdout.flush()

    run_up(settings, start.config or default, started)


@main.command("demo")
@click.option("--once", is_flag=True, help="End after the proof; exit code 0 only if it holds.")
@click.option("--seed", type=int, default=7, show_default=True, help="Other customers, other accidents.")
@click.option(
    "--customers", type=click.IntRange(200, 5_000), default=320, show_default=True, help="In each system."
)
@click.option("--state-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep everything here.")
@click.option("--keep", is_flag=True, help="Do not remove the temporary directory at the end.")
@click.option("--database-url", default="", help="Use this empty database instead of SQLite.")
@json_option
def demo(
    once: bool,
    seed: int,
    customers: int,
    state_dir: Path | None,
    keep: bool,
    database_url: str,
    as_json: bool,
) -> None:
    """The whole product on this machine against the sandbox: join, live, settle, prove.

    Needs nothing installed or configured beforehand and touches nothing that is.
    """
    from integration.demo.options import DemoOptions
    from integration.demo.run import run_demo

    options = DemoOptions(
        once=once,
        as_json=as_json,
        seed=seed,
        customers=customers,
        state_dir=state_dir,
        keep=keep,
        database_url=database_url,
    )
    sys.exit(run_demo(options))


@main.command(
    "sandbox",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def sandbox(arguments: tuple[str, ...]) -> None:
    """Stand-ins for Salesforce and Zoho Inventory; `sandbox --help` lists the options."""
    sys.stdout.flush()
    # Its own program: nothing of the product is loaded in it.
    os.execv(sys.executable, [sys.executable, "-m", "integration.sandbox", *arguments])  # noqa: S606


@main.command("migrate")
@json_option
@click.pass_obj
def migrate(start: Start, as_json: bool) -> None:
    """Bring the database to this version; safe to run from several machines at once."""
    from integration.stores.migrate import upgrade

    settings = read_settings(start, need_pairs=False)
    if settings.embedded:
        settings.state_dir.mkdir(parents=True, exist_ok=True)
    revision = upgrade(settings.database_url.get_secret_value())
    emit(as_json, {"revision": revision}, f"The database is at revision {revision}.")


@main.command("listen")
@click.pass_obj
def listen(start: Start) -> None:
    """Follow Salesforce's event stream of every pair; where another listener does, stand by."""
    from integration.wiring import Wiring
    from integration.wiring.listener import listen as follow
    from tasks.bell import bell_for

    settings = read_settings(start)
    follow(Wiring(settings, bell_for(settings), process_name="listener"))
