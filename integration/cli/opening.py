"""From the command line to the parts of one pair."""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from integration.canonical.values import Side
from integration.cli.program import Start
from integration.errors import BadInput, ConfigurationFault
from integration.ports.services import Services
from integration.settings import PairSettings, Settings, load_settings

if TYPE_CHECKING:
    from integration.wiring import WiredPair

PROCESS = "command"


@dataclass(frozen=True)
class Opened:
    """A pair as a command works with it."""

    settings: Settings
    wired: WiredPair

    @property
    def pair(self) -> PairSettings:
        """Its settings."""
        return self.wired.settings

    @property
    def services(self) -> Services:
        """What its flows work with."""
        return self.wired.services

    def prepared(self) -> Services:
        """The services for a command that asks the two systems.

        Raises ConfigurationFault when one is another organisation than before, and its fault when it is away.
        """
        self.wired.prepare(*Side)
        return self.services


def pair_option(function: click.decorators.FC) -> click.decorators.FC:
    """`--pair`: which pair of organisations; needed only where there are several."""
    return click.option(
        "--pair", "pair_name", default="", metavar="NAME", help="Which pair, where several are set up."
    )(function)


def author_option(function: click.decorators.FC) -> click.decorators.FC:
    """`--author`: who decides; written into the audit."""
    return click.option(
        "--author",
        default=system_user,
        show_default="your user name",
        help="Who decides this; kept in the audit.",
    )(function)


def system_user() -> str:
    """The name of the person at this machine."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without an entry for its user
        return "unknown"


def read_settings(start: Start, *, need_pairs: bool = True) -> Settings:
    """The settings the command line asked for. Raises ConfigurationFault."""
    return load_settings(start.config, need_pairs=need_pairs)


def choose_pair(settings: Settings, name: str) -> PairSettings:
    """The pair of that name, or the only one. Raises BadInput."""
    found = [pair for pair in settings.pairs if name in ("", pair.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(pair.name for pair in settings.pairs)
    text = f"there is no pair {name!r}" if name else "several pairs are set up"
    raise BadInput("pair.unknown", text, advice=f"Choose one with --pair: {names}.")


def open_pair(start: Start, pair_name: str = "") -> Opened:
    """A pair with its parts; no system is called yet.

    Raises ConfigurationFault, or BadInput for an unknown pair.
    """
    from integration.wiring import PERSON_SECONDS, Wiring
    from tasks.bell import bell_for

    settings = read_settings(start)
    pair = choose_pair(settings, pair_name)
    require_database(settings)
    wiring = Wiring(settings, bell_for(settings), process_name=PROCESS, wait_seconds=PERSON_SECONDS)
    click.get_current_context().call_on_close(wiring.close)
    return Opened(settings, wiring.pair(pair.name))


def require_database(settings: Settings) -> None:
    """Raises ConfigurationFault while the database is older or newer than this release."""
    from integration.stores.migrate import current_revision, newest_revision

    url = settings.database_url.get_secret_value()
    file = url.removeprefix("sqlite:///")
    found = "" if settings.embedded and not Path(file).exists() else current_revision(url)
    if found != newest_revision():
        text = (
            f"it is at revision {found}, this release needs {newest_revision()}" if found else "it is empty"
        )
        raise ConfigurationFault(
            "database.not_migrated",
            text,
            where="the database",
            advice="Run `zoho-salesforce migrate`; `up` does it too.",
        )
