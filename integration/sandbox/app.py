"""Starts the sandbox: both stand-ins and the admin endpoint in one process on one event loop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from integration.sandbox.admin import Desk, admin_app
from integration.sandbox.arguments import Arguments, parse_arguments
from integration.sandbox.call_log import CallLog
from integration.sandbox.clock import SystemClock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.fault_plan import Plan
from integration.sandbox.faults import Faults
from integration.sandbox.file_load import load_file
from integration.sandbox.filling import fill
from integration.sandbox.kept_state import Keeper, KeptState
from integration.sandbox.servers import Servers
from integration.sandbox.switch_list import known_names, switch_list
from integration.sandbox.switches import unknown_switch
from integration.sandbox.table import as_table
from integration.sandbox.zoho_part import ZohoPart

if TYPE_CHECKING:
    from integration.sandbox.salesforce_part import SalesforcePart

_MISUSE = 2


def main(argv: Sequence[str]) -> int:
    """Run until SIGTERM or SIGINT; answers the exit code."""
    try:
        arguments = parse_arguments(argv)
        if arguments.list_switches:
            sys.stdout.write(switch_list(arguments) + "\n")
            return 0
        asyncio.run(_run(arguments))
    except BadInstructionError as error:
        sys.stderr.write(f"sandbox: {error}\n")
        return _MISUSE
    return 0


async def _run(arguments: Arguments) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    with contextlib.ExitStack() as stack:
        folder = arguments.state_dir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="sandbox-"))
        )
        sandbox = Sandbox(arguments, folder)
        try:
            about = await sandbox.start()
            text = orjson.dumps(about).decode() if arguments.as_json else as_table(about)
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
            await stopped.wait()
        finally:
            await sandbox.close()


class Sandbox:
    """Everything that runs; `folder` holds keys and, where asked for, the state between runs."""

    def __init__(self, arguments: Arguments, folder: Path) -> None:
        self._arguments, self._folder = arguments, folder
        clocks = {
            name: SystemClock(arguments.minute_seconds, arguments.day_seconds)
            for name in ("zoho", "salesforce")
        }
        faults, call_log = Faults(arguments.seed), CallLog()
        self._servers = Servers(arguments.host)
        self._filled = False
        self._zoho = ZohoPart(arguments, clocks["zoho"], faults, call_log)
        self._salesforce: SalesforcePart | None = None
        if arguments.salesforce:
            # gRPC takes a while to load and is not needed for Zoho alone.
            from integration.sandbox.salesforce_part import SalesforcePart

            self._salesforce = SalesforcePart(arguments, clocks["salesforce"], faults, call_log, folder)
        self._check_switches()
        self.desk = Desk(self._zoho.org, self._zoho.sender, faults, call_log, clocks=clocks)
        keepers: dict[str, Keeper] = {"zoho": self._zoho}
        if self._salesforce is not None:
            keepers["salesforce"] = self._salesforce.org
            self.desk.salesforce, self.desk.provoke = self._salesforce.org, self._salesforce.provoke
            self.desk.incidents = self._salesforce.incidents
        self._kept = self.desk.kept = KeptState(self.desk, keepers, folder)
        # Read before anything listens: a plan that cannot be played ends the start.
        self._plan = _plan_in(arguments.fault_plan, self.desk)

    async def start(self) -> dict[str, Any]:
        """Listen everywhere, then answer the addresses and secrets a client needs."""
        arguments = self._arguments
        about: dict[str, Any] = {"zoho": await self._zoho.start(self._servers)}
        switches = self._zoho.switches()
        if self._salesforce is not None:
            about = {"salesforce": await self._salesforce.start(self._servers), **about}
            switches += self._salesforce.switches()
        self._fill()
        self._filled = True
        self.desk.switches, self.desk.about = switches, about
        port = await self._servers.listen(admin_app(self.desk), arguments.admin_port)
        about["admin_url"] = f"http://{arguments.host}:{port}"
        about["limits"] = {
            "minute_seconds": arguments.minute_seconds, "day_seconds": arguments.day_seconds,
            "zoho_per_minute": arguments.zoho_per_minute, "zoho_in_flight": arguments.zoho_in_flight,
            "zoho_daily": arguments.zoho_daily, "salesforce_daily": arguments.salesforce_daily,
        }  # fmt: skip
        if self._plan is not None:
            self.desk.player.start(self._plan)
        return about

    async def close(self) -> None:
        """Stop listening and keep the state where that was asked for."""
        self.desk.player.end()
        await self._zoho.stop()
        if self._salesforce is not None:
            await self._salesforce.stop()
        await self._servers.close()
        # A start that failed must not write its emptiness over what was kept.
        if self._arguments.state_dir is not None and self._filled:
            self._kept.save()

    def _fill(self) -> None:
        """Go on from a kept state or generate what was asked for, then load files."""
        if self._arguments.state_dir is not None and self._kept.to_go_on_from:
            self._kept.restore()
        else:
            salesforce = None if self._salesforce is None else self._salesforce.org
            self.desk.truth = fill(self._arguments, self._zoho.org, salesforce)
        for order in self._arguments.loads:
            load_file(self.desk, order)

    def _check_switches(self) -> None:
        for name in self._arguments.switches:
            if not name.startswith(("zoho_", "salesforce_")):
                raise BadInstructionError(unknown_switch(name, known_names()))


def _plan_in(path: Path | None, desk: Desk) -> Plan | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInstructionError(f"the fault plan {path} cannot be read: {error}") from error
    return desk.player.parse(text, str(path))
