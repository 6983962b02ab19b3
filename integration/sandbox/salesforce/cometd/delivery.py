"""What a CometD client is sent: the events of all its channels in their order, within the org's allowance."""

from __future__ import annotations

from integration.sandbox.salesforce.cometd import bayeux
from integration.sandbox.salesforce.cometd.bayeux import BayeuxError, Json
from integration.sandbox.salesforce.cometd.clients import Client, Subscribed
from integration.sandbox.salesforce.cometd.payload import Payloads
from integration.sandbox.salesforce.event_log import LoggedEvent
from integration.sandbox.salesforce.org import SalesforceOrg


class Delivery:
    """Takes events out of the log for clients."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org
        self._payloads = Payloads(org.schemas, changed_fields=org.options.switches.cometd_changed_fields)

    def allowance(self) -> int:
        """How many events may still be delivered today, over both transports."""
        return self._org.options.switches.daily_delivered_events - self._org.deliveries.used()

    def take(self, client: Client) -> list[Json]:
        """The next events of the client, each counted once for each of its channels.

        Raises BayeuxError when there are some and the allowance is used up.
        """
        found = self._found(client)
        if not found:
            return []
        allowed = self.allowance()
        if allowed <= 0:
            raise BayeuxError(bayeux.ALLOWANCE_USED, {"reconnect": "none", "interval": 0})
        found = found[:allowed]
        for event, subscribed in found:
            subscribed.position = event.position
        # An event that cannot be read has no JSON to be sent as.
        told = [pair for pair in found if not pair[0].header.get("undecodable")]
        self._org.deliveries.add(len(told))
        return [{"data": self._payloads.data(event), "channel": sub.channel} for event, sub in told]

    def _found(self, client: Client) -> list[tuple[LoggedEvent, Subscribed]]:
        most = self._org.options.switches.events_per_response
        found: list[tuple[LoggedEvent, Subscribed]] = []
        for subscribed in client.subscriptions.values():
            events = self._org.log.after(subscribed.position, subscribed.sources, most)
            if not events:
                subscribed.position = self._org.log.last
            found += [(event, subscribed) for event in events]
        found.sort(key=lambda pair: pair[0].position)
        return found[:most]
