"""Sends webhooks: rendered shortly after the change, then lost, doubled, late or retried as chance has it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import aiohttp

from integration.sandbox.errors import BadInstructionError
from integration.sandbox.zoho.changes import Change
from integration.sandbox.zoho.faults import absent
from integration.sandbox.zoho.org import ZohoOrg
from integration.sandbox.zoho.webhook_post import Post, post_of
from integration.sandbox.zoho.webhook_rules import Rule, WebhookSettings, parse_chaos, parse_settings

HISTORY_SIZE = 10_000
AT_ONCE = 16
REORDER_SECONDS = 0.8
_FIRST_HISTORY = 900_000_000_000
_STATUSES = {"delivered": "success", "pending": "in_progress", "lost": "skipped", "failed": "failure"}


@dataclass
class Delivery:
    """One webhook on its way; `outcome` is pending, delivered, lost or failed."""

    n: int
    rule: str
    event: str
    entity: str
    entity_id: str
    source: str
    changed_at: str
    lost: bool
    doubled: bool
    delay: float
    outcome: str = "pending"
    rendered: bool = False
    attempts: int = 0
    status: int | None = None
    error: str = ""
    sent_at: str = ""
    url: str = ""
    webhook_id: str = ""
    workflow_id: str = ""

    @property
    def late(self) -> bool:
        """Whether it was held back on purpose."""
        return self.delay > 0

    def shown(self, history_id: str) -> dict[str, Any]:
        """As the API tells it."""
        return {
            "history_id": history_id, "webhook_url_id": self.webhook_id, "webhook_name": self.rule,
            "workflow_id": self.workflow_id, "entity_type": self.entity, "entity_id": self.entity_id,
            "entity_name": "", "response_message": self.error, "response_code": self.status or 0,
            "response_status": _STATUSES[self.outcome], "status": _STATUSES[self.outcome],
            "retry_count": max(0, self.attempts - 1), "last_execution_time": self.sent_at,
            "next_retry_time": "", "history_time": self.changed_at, "webhook_url": self.url,
        }  # fmt: skip


class WebhookSender:
    """Listens to an organisation and posts what its rules say."""

    def __init__(self, org: ZohoOrg, settings: WebhookSettings, seed: int) -> None:
        self._org, self.settings = org, settings
        self._random = random.Random(seed)
        self._history: deque[Delivery] = deque(maxlen=HISTORY_SIZE)
        self._counts: Counter[str] = Counter()
        self._number = 0
        self._applied: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None
        org.listen(self._on_change)
        org.deliveries = self

    async def start(self) -> None:
        """Open the client; must run inside the loop."""
        timeout = aiohttp.ClientTimeout(total=self._org.switches.zoho_webhook_timeout_seconds)
        # Connections are not kept: a receiver that restarts must not see stale ones.
        connector = aiohttp.TCPConnector(force_close=True)
        self._session = aiohttp.ClientSession(timeout=timeout, connector=connector)

    async def stop(self) -> None:
        """Give up everything on its way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def configure(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Other rules, chaos and retries from now on; what is on its way goes on as it was."""
        self.settings = parse_settings(spec, self._org.profile.webhook_secret)
        return self.configured()

    def set_chaos(self, chances: Mapping[str, Any], seed: int | None = None) -> dict[str, Any]:
        """Other chances from now on, drawn anew where a seed is given; answers those before."""
        before = asdict(self.settings.chaos)
        self.settings = replace(self.settings, chaos=parse_chaos(chances))
        if seed is not None:
            self._random = random.Random(seed)
        return before

    def check_chaos(self, chances: Mapping[str, Any]) -> None:
        """:raises BadInstructionError: no such chance, or a value out of its range"""
        parse_chaos(chances)

    def dump(self) -> dict[str, Any]:
        """Rules, retries and chances, for `load`."""
        return asdict(self.settings)

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on with the settings of a dump."""
        self.settings = parse_settings(state, self._org.profile.webhook_secret)

    def configured(self) -> dict[str, Any]:
        """What is in force; secrets are only told to be there."""
        shown = asdict(self.settings)
        for rule in shown["rules"]:
            rule["secret"] = bool(rule["secret"])
            rule["headers"] = sorted(rule["headers"])
        return shown

    def resend(self, number: int) -> None:
        """Send a delivery of the history once more, with the record as it is now.

        :raises BadInstructionError: no such delivery, rule or record
        """
        delivery = next((each for each in self._history if each.n == number), None)
        rule = next((each for each in self._rules() if delivery and each.rule == delivery.rule), None)
        if delivery is None or rule is None or self._record(delivery) is None:
            raise BadInstructionError(f"there is no delivery {number} that could be sent again")
        delivery.lost, delivery.doubled, delivery.delay, delivery.outcome = False, False, 0.0, "pending"
        self._launch(delivery, rule)

    def history(self, since: int, limit: int) -> dict[str, Any]:
        """Counts of all deliveries and the newest of them after `since`."""
        rows = [asdict(each) for each in self._history if each.n > since]
        names = ("events", "delivered", "lost", "failed", "doubled", "late", "retried")
        counts = {name: self._counts[name] for name in names}
        return {"counts": {**counts, "pending": len(self._tasks)}, "deliveries": rows[:limit]}

    def shown(self) -> list[dict[str, Any]]:
        """The history as the API tells it."""
        return [delivery.shown(self._history_id(delivery.n)) for delivery in self._history]

    def send_again(self, history_id: str) -> None:
        """Send one of the history once more. :raises ApiError: 404, it cannot be."""
        found = next((each.n for each in self._history if self._history_id(each.n) == history_id), None)
        try:
            self.resend(-1 if found is None else found)
        except BadInstructionError as error:
            raise absent("Webhook History") from error

    def _history_id(self, number: int) -> str:
        return f"{self._org.profile.id_prefix}{_FIRST_HISTORY + number:012d}"

    def clear(self) -> None:
        """Forget the history and everything on its way."""
        for task in self._tasks:
            task.cancel()
        self._history.clear()
        self._counts.clear()

    def _on_change(self, change: Change) -> None:
        for rule in self._rules():
            fires = rule.on_api_changes
            if fires is None:
                fires = self._org.switches.zoho_webhook_on_api_changes
            meant = rule.entity == change.entity and change.kind in rule.events
            if meant and (change.source == "user" or fires) and self._is_due(rule, change):
                delivery = self._drawn(rule, change)
                self._history.append(delivery)
                self._launch(delivery, rule)

    def _rules(self) -> list[Rule]:
        return [*self.settings.rules, *self._org.automation.rules()]

    def _is_due(self, rule: Rule, change: Change) -> bool:
        """A rule that is not applied always is applied to each record once."""
        if not rule.once:
            return True
        key = (rule.workflow_id, change.record_id)
        first = key not in self._applied
        self._applied.add(key)
        return first

    def _launch(self, delivery: Delivery, rule: Rule) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, rule))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _drawn(self, rule: Rule, change: Change) -> Delivery:
        """Chance decides at the moment of the change, always with four draws, so that a seed repeats it."""
        chaos, draw = self.settings.chaos, self._random.random
        lost, doubled, late, share = draw() < chaos.lose, draw() < chaos.double, draw() < chaos.late, draw()
        low, high = chaos.late_seconds
        delay = low + share * (high - low) if late else share * REORDER_SECONDS if chaos.reorder else 0.0
        self._number += 1
        self._counts["events"] += 1
        self._counts["late"] += late and not lost
        self._counts["doubled"] += doubled and not lost
        return Delivery(
            self._number, rule.rule, change.kind, change.entity, change.record_id, change.source,
            self._time(), lost, doubled, delay, webhook_id=rule.webhook_id, workflow_id=rule.workflow_id,
        )  # fmt: skip

    async def _deliver(self, delivery: Delivery, rule: Rule) -> None:
        await asyncio.sleep(self._org.switches.zoho_webhook_dispatch_seconds)
        post = self._rendered(delivery, rule)
        delivery.url, delivery.rendered = str(post.url), True
        if delivery.lost:
            self._end(delivery, "lost")
            return
        # The content is fixed before the delay: what arrives late is old.
        await asyncio.sleep(delivery.delay)
        delivered = await self._send(delivery, post)
        if delivery.doubled:
            delivered = await self._send(delivery, post) or delivered
        self._end(delivery, "delivered" if delivered else "failed")

    async def _send(self, delivery: Delivery, post: Post) -> bool:
        retry = self._org.automation.retry() or self.settings.retry
        for attempt in range(1, retry.count + 2):
            async with self._places:
                told = await self._post(delivery, post)
            if delivery.status is not None and 200 <= delivery.status < 300:
                return True
            if attempt <= retry.count:
                self._counts["retried"] += 1
                await asyncio.sleep(retry.pause(attempt, told))
        return False

    async def _post(self, delivery: Delivery, post: Post) -> float | None:
        """One attempt; answers the seconds of a Retry-After, if the receiver names them."""
        assert self._session is not None
        delivery.attempts += 1
        delivery.sent_at = self._time()
        try:
            async with self._session.request(
                post.method, post.url, data=post.body, headers=post.headers, allow_redirects=False
            ) as answer:
                delivery.status, delivery.error = answer.status, ""
                told = answer.headers.get("Retry-After", "")
                return float(told) if told.isdigit() else None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            delivery.status, delivery.error = None, type(error).__name__
            return None

    def _rendered(self, delivery: Delivery, rule: Rule) -> Post:
        """The record as it is now; of a deleted one the last state, or its id alone."""
        record = self._record(delivery) or {}
        if delivery.event == "delete" and self._org.switches.zoho_webhook_delete_payload == "id_only":
            record = {self._org.modules[delivery.entity].id_key: delivery.entity_id}
        return post_of(rule, delivery.entity, record, self._org.switches.zoho_webhook_encoding)

    def _record(self, delivery: Delivery) -> dict[str, Any] | None:
        return self._org.modules[delivery.entity].detail(delivery.entity_id)

    def _end(self, delivery: Delivery, outcome: str) -> None:
        delivery.outcome = outcome
        self._counts[outcome] += 1

    def _time(self) -> str:
        return self._org.clock.now().isoformat(timespec="milliseconds")
