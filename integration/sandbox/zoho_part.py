"""Puts the Zoho stand-in together from the command line and starts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.arguments import Arguments
from integration.sandbox.call_log import CallLog
from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import Faults
from integration.sandbox.servers import Servers
from integration.sandbox.switches import Switches, assigned, listed
from integration.sandbox.zoho import Limits, ZohoOrg, accounts_routes, routes
from integration.sandbox.zoho.profile import make_profile
from integration.sandbox.zoho.webhook_rules import WebhookSettings, rules_for
from integration.sandbox.zoho.webhook_sender import WebhookSender


class ZohoPart:
    """The organisation with its accounts server, API and webhooks."""

    def __init__(self, arguments: Arguments, clock: Clock, faults: Faults, call_log: CallLog) -> None:
        own = {name: text for name, text in arguments.switches.items() if name.startswith("zoho_")}
        switches = assigned(Switches(), own)
        limits = Limits(arguments.zoho_per_minute, arguments.zoho_daily, arguments.zoho_in_flight)
        try:
            profile = make_profile(arguments.seed, limits, arguments.zoho_custom_fields)
        except ValueError as error:
            raise BadInstructionError(str(error)) from error
        self.org = ZohoOrg(profile, switches, clock, arguments.seed)
        rules = rules_for(arguments.webhook_urls, profile.webhook_secret)
        self.sender = WebhookSender(self.org, WebhookSettings(rules), arguments.seed)
        self._arguments, self._faults, self._call_log = arguments, faults, call_log
        self._urls: dict[str, str] = {}

    async def start(self, servers: Servers) -> dict[str, Any]:
        """Listen; answers what a client must know."""
        arguments, profile = self._arguments, self.org.profile
        api = routes(self.org, self._faults, self._call_log)
        accounts = accounts_routes(self.org, self._faults, self._call_log, self._urls)
        api_port = await servers.listen(api, arguments.zoho_port, clock=self.org.clock)
        accounts_port = await servers.listen(accounts, arguments.zoho_accounts_port, clock=self.org.clock)
        self._urls["api_domain"] = f"http://{arguments.host}:{api_port}"
        self._urls["accounts_url"] = f"http://{arguments.host}:{accounts_port}"
        await self.sender.start()
        return {
            **self._urls,
            "organization_id": profile.organization_id,
            "client_id": profile.client_id,
            "client_secret": profile.client_secret,
            "refresh_token": profile.refresh_token,
            "webhook_secret": profile.webhook_secret,
            "time_zone": profile.time_zone,
        }

    async def stop(self) -> None:
        """Give up the webhooks on their way."""
        await self.sender.stop()

    def dump(self) -> dict[str, Any]:
        """The organisation and its webhook rules."""
        return {**self.org.dump(), "webhooks": self.sender.dump()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on from a dump; rules named on the command line stand instead of those kept."""
        self.org.load(state)
        if not self._arguments.webhook_urls:
            self.sender.load(state.get("webhooks", {}))

    def switches(self) -> list[dict[str, Any]]:
        """The switches of this system."""
        return listed(self.org.switches)
