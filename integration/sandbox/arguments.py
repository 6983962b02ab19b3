"""The command line of the sandbox."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from integration.sandbox.errors import BadInstructionError

_LIMITS = {
    "zoho_per_minute": "Zoho calls per minute",
    "zoho_in_flight": "Zoho calls at the same time",
    "zoho_daily": "Zoho calls per day",
    "salesforce_daily": "Salesforce requests per 24 hours",
}
_EXAMPLES = """\
examples:
  sandbox --json --customers 300 --state-dir state    both systems, filled, kept between runs
  sandbox --no-salesforce --load zoho:contact:customers.csv
  sandbox --fault-plan plan.yaml --minute-seconds 5   limits twelve times as fast, and trouble
  sandbox --list-switches                             what nobody could verify, and how it is taken
"""


@dataclass(frozen=True)
class Arguments:
    """What to start, where, how strict and with what inside; port 0 is any free port."""

    as_json: bool = False
    host: str = "127.0.0.1"
    salesforce_port: int = 0
    pubsub_port: int = 0
    zoho_port: int = 0
    zoho_accounts_port: int = 0
    admin_port: int = 0
    state_dir: Path | None = None
    minute_seconds: float = 60.0
    day_seconds: float = 86_400.0
    zoho_per_minute: int = 100
    zoho_in_flight: int = 10
    zoho_daily: int = 10_000
    salesforce_daily: int = 100_000
    salesforce_schema: Path | None = None
    webhook_urls: tuple[str, ...] = ()
    zoho_custom_fields: tuple[str, ...] = ()
    salesforce_platform_events: tuple[str, ...] = ()
    seed: int = 7
    customers: int = 0
    overlap: float = 0.3
    ambiguous: int = 10
    items: int = 0
    item_overlap: float = 0.6
    switches: dict[str, str] = field(default_factory=dict)
    loads: tuple[str, ...] = ()
    fault_plan: Path | None = None
    list_switches: bool = False
    tls: bool = True
    salesforce: bool = True


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """The arguments; argparse ends the process on nonsense.

    :raises BadInstructionError: a switch without a value
    """
    parsed = vars(_parser().parse_args(argv))
    switches: dict[str, str] = {}
    for assignment in parsed.pop("switch"):
        name, separator, value = assignment.partition("=")
        if not separator:
            raise BadInstructionError(f"--switch takes name=value, not {assignment!r}")
        switches[name] = value
    for key in ("webhook_urls", "zoho_custom_fields", "salesforce_platform_events", "loads"):
        parsed[key] = tuple(parsed[key])
    return Arguments(**parsed, switches=switches)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sandbox", description="Stand-ins for Salesforce and Zoho Inventory on this machine.",
        formatter_class=argparse.RawDescriptionHelpFormatter, epilog=_EXAMPLES, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument(
        "--json", dest="as_json", action="store_true", help="print addresses and secrets as one JSON line"
    )
    defaults = Arguments()
    for add in (_add_places, _add_limits, _add_systems, _add_content, _add_behaviour):
        add(parser, defaults)
    return parser


def _add_places(parser: argparse.ArgumentParser, defaults: Arguments) -> None:
    parser.add_argument("--host", default=defaults.host, help="address to listen on")
    for name in ("salesforce", "pubsub", "zoho", "zoho-accounts", "admin"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--state-dir", type=Path, help="keep records, tokens and keys here between runs")
    parser.add_argument("--tls", action=argparse.BooleanOptionalAction, default=defaults.tls,
                        help="Salesforce over TLS with a certificate made here")  # fmt: skip
    parser.add_argument(
        "--no-salesforce", dest="salesforce", action="store_false", help="only Zoho and admin"
    )


def _add_limits(parser: argparse.ArgumentParser, defaults: Arguments) -> None:
    parser.add_argument("--minute-seconds", type=float, default=defaults.minute_seconds,
                        help="length of a limit's minute")  # fmt: skip
    parser.add_argument("--day-seconds", type=float, default=defaults.day_seconds,
                        help="length of a limit's day")  # fmt: skip
    for name, doc in _LIMITS.items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=int, default=getattr(defaults, name), metavar="CALLS", help=doc)


def _add_systems(parser: argparse.ArgumentParser, _: Arguments) -> None:
    parser.add_argument("--webhook-url", dest="webhook_urls", action="append", default=[], metavar="URL",
                        help="send webhooks here; a name with `delete` gets deletes")  # fmt: skip
    parser.add_argument("--zoho-custom-field", dest="zoho_custom_fields", action="append", default=[],
                        metavar="cf_name:type[:unique][:mandatory]",
                        help="one more custom field; of contacts unless `item.` stands before")  # fmt: skip
    parser.add_argument("--salesforce-schema", type=Path, metavar="FILE",
                        help="YAML or JSON with custom objects and fields the org has")  # fmt: skip
    parser.add_argument("--salesforce-platform-event", dest="salesforce_platform_events", action="append",
                        default=[], metavar="Name__e",
                        help="one more event to publish and receive, with one text: Payload__c")  # fmt: skip


def _add_content(parser: argparse.ArgumentParser, defaults: Arguments) -> None:
    parser.add_argument("--seed", type=int, default=defaults.seed,
                        help="what ids, secrets, chance and generated data follow from")  # fmt: skip
    parser.add_argument("--customers", type=int, default=0, help="fill both systems with so many each")
    parser.add_argument("--overlap", type=float, default=defaults.overlap,
                        help="share of them that both systems know")  # fmt: skip
    parser.add_argument("--ambiguous", type=int, default=defaults.ambiguous,
                        help="how many cases nobody could decide by data alone")  # fmt: skip
    parser.add_argument("--items", type=int, default=0, help="fill both systems with so many products each")
    parser.add_argument("--item-overlap", type=float, default=defaults.item_overlap,
                        help="share of them that both systems know")  # fmt: skip
    parser.add_argument("--load", dest="loads", action="append", default=[], metavar="SYSTEM:ENTITY:FILE",
                        help="records from a CSV file, such as zoho:contact:customers.csv")  # fmt: skip


def _add_behaviour(parser: argparse.ArgumentParser, _: Arguments) -> None:
    parser.add_argument("--switch", action="append", default=[], metavar="NAME=VALUE",
                        help="another answer to an unverified fact")  # fmt: skip
    parser.add_argument("--list-switches", action="store_true",
                        help="tell every switch with its default and meaning; start nothing")  # fmt: skip
    parser.add_argument("--fault-plan", type=Path, metavar="FILE", help="what is to go wrong, and when")
