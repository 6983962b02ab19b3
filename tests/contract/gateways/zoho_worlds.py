"""A Zoho organisation with people in it: the real connector over the sandbox, and the one in memory."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import Any

from integration.canonical.event import ArrivedEvent, NativeRecord
from integration.canonical.outcome import Operation, WorkClass
from integration.canonical.values import Json
from integration.connectors.http import Http, HttpLimits
from integration.connectors.tokens import TokenKeeper
from integration.connectors.zoho.client import ZohoClient, fetch_token
from integration.connectors.zoho.gateway import ZohoGateway
from integration.ports import FindAnswer, FindRequest, Gateway, ReadRequest, WriteAnswer, WriteRequest
from integration.wiring import Hook, Receiver
from tests.contract.salesforce_parts import CountingPace, KeptToken, WallClock
from tests.contract.sandbox_process import Sandbox
from tests.contract.sandbox_zoho.running import Received, receiver
from tests.contract.zoho_parts import config_for
from tests.deadline import wait_until
from tests.fakes.clock import FakeClock
from tests.fakes.zoho import FakeZoho
from tests.unit.wiring.sample import SECRET, sample_pair

KEY_FIELD = "cf_salesforce_id"
CUSTOMS = ("cf_key_account", "cf_region")
RULES = {"contact-saved": ("add", "edit"), "contact-deleted": ("delete",)}
EVENT = WorkClass.EVENT
_tokens: dict[str, KeptToken] = {}
"""By accounts server, which hands out ten tokens in ten minutes."""


class ZohoWorld(ABC):
    """An organisation, the gateway on it, and what people do there."""

    gateway: Gateway

    @abstractmethod
    def edit(self, fields: Mapping[str, Any], contact_id: str = "") -> str:
        """A person creates (no id) or changes a contact by a body of the API; answers its id."""

    @abstractmethod
    def edit_person(self, fields: Mapping[str, Any], *, contact_id: str = "", person_id: str = "") -> None:
        """A person adds a contact person, or changes one."""

    @abstractmethod
    def delete(self, entity: str, record_id: str) -> None:
        """A person deletes a contact or a contact person."""

    @abstractmethod
    def set_status(self, contact_id: str, status: str) -> None:
        """A person puts a contact away or takes it up again."""

    @abstractmethod
    def give_transaction(self, contact_id: str) -> None:
        """A document of the contact is made."""

    @abstractmethod
    def next_second(self) -> None:
        """Let the second end: times of modification are told by whole seconds."""

    @abstractmethod
    def calls(self) -> int:
        """How many calls on contacts the gateway has made, the question for the keyed upsert left out."""

    @abstractmethod
    def alive(self) -> list[str]:
        """Names of all living contacts."""

    @abstractmethod
    def listening(self) -> AbstractContextManager[Callable[[], list[ArrivedEvent]]]:
        """Take webhooks in; what is handed out answers the events that arrived since it was last asked."""

    def write(self, operation: Operation, entity: str = "contact", **request: Any) -> WriteAnswer:
        """One write; its fault is raised."""
        [answer] = self.gateway.write([WriteRequest(entity, operation, **request)], EVENT)
        if answer.fault is not None:
            raise answer.fault
        return answer

    def create(self, fields: Mapping[str, Json], **request: Any) -> WriteAnswer:
        """One create of a contact; its fault is raised."""
        return self.write(Operation.CREATE, fields=fields, **request)

    def read(self, contact_id: str) -> tuple[NativeRecord, ...]:
        """A contact and its persons."""
        [answer] = self.gateway.read([ReadRequest("contact", contact_id)], EVENT)
        assert answer.fault is None
        return answer.records

    def find(self, **request: str) -> FindAnswer:
        """One search."""
        [answer] = self.gateway.find([FindRequest("contact", **request)], EVENT)
        assert answer.fault is None
        return answer


class RealZoho(ZohoWorld):
    """The connector as it is wired, over the sandbox; nothing limits its calls."""

    def __init__(self, sandbox: Sandbox, closing: ExitStack, page_size: int) -> None:
        self._sandbox = sandbox
        config = config_for(sandbox, page_size=page_size, custom_fields=frozenset(CUSTOMS))
        http = Http(HttpLimits(call_seconds=5))
        closing.callback(http.close)
        kept = _tokens.setdefault(config.accounts, KeptToken())
        keeper = TokenKeeper(kept, partial(fetch_token, http, config), WallClock())
        self.gateway = ZohoGateway(ZohoClient(http, keeper, CountingPace(), config), config)

    def edit(self, fields: Mapping[str, Any], contact_id: str = "") -> str:
        return str(self._sandbox.edit("zoho", "contact", fields, contact_id or None)["contact_id"])

    def edit_person(self, fields: Mapping[str, Any], *, contact_id: str = "", person_id: str = "") -> None:
        under = {"contact_id": contact_id} if contact_id else {}
        self._sandbox.edit("zoho", "contact_person", {**under, **fields}, person_id or None)

    def delete(self, entity: str, record_id: str) -> None:
        self._sandbox.delete("zoho", entity, record_id)

    def set_status(self, contact_id: str, status: str) -> None:
        self.edit({"status": status}, contact_id)

    def give_transaction(self, contact_id: str) -> None:
        self.edit({"has_transaction": True}, contact_id)

    def next_second(self) -> None:
        begun = time.time() // 1
        wait_until(lambda: time.time() // 1 > begun, 2, "the next second")

    def calls(self) -> int:
        calls = [call for call in self._sandbox.calls("zoho") if "/contacts" in call["path"]]
        probes = [call for call in calls if call["method"] == "PUT" and call["status"] == 404]
        return len(calls) - len(probes)

    def alive(self) -> list[str]:
        rows = self._sandbox.records("zoho", "contact")
        return [row["contact_name"] for row in rows if not row["deleted"]]

    @contextmanager
    def listening(self) -> Iterator[Callable[[], list[ArrivedEvent]]]:
        with receiver() as inbox:
            rules = [
                {"rule": name, "url": f"{inbox.url}/{name}", "events": events, "secret": SECRET}
                for name, events in RULES.items()
            ]
            self._sandbox.admin("PUT", "/webhooks", {"rules": rules})

            def arrived() -> list[ArrivedEvent]:
                wait_until(self._all_delivered, 10, "every webhook to be delivered")
                return [_event(inbox.next()) for _ in range(inbox.received.qsize())]

            yield arrived
            self._sandbox.admin("PUT", "/webhooks", {"rules": []})

    def _all_delivered(self) -> bool:
        counts = self._sandbox.admin("GET", "/webhooks/history")["counts"]
        return bool(counts["pending"] == 0)


class FakeZohoWorld(ZohoWorld):
    """The organisation in memory."""

    def __init__(self, page_size: int) -> None:
        self._clock = FakeClock()
        self.gateway = self.fake = FakeZoho(self._clock, customs=CUSTOMS, page_size=page_size)

    def edit(self, fields: Mapping[str, Any], contact_id: str = "") -> str:
        return str(self.fake.book.save(fields, contact_id)["contact_id"])

    def edit_person(self, fields: Mapping[str, Any], *, contact_id: str = "", person_id: str = "") -> None:
        if person_id:
            self.fake.book.change_person(person_id, fields)
        else:
            self.fake.book.add_person(contact_id, fields)

    def delete(self, entity: str, record_id: str) -> None:
        if entity == "contact":
            self.fake.book.delete(record_id)
        else:
            self.fake.book.delete_person(record_id)

    def set_status(self, contact_id: str, status: str) -> None:
        self.fake.book.set_status(contact_id, status)

    def give_transaction(self, contact_id: str) -> None:
        self.fake.book.get(contact_id)["has_transaction"] = True

    def next_second(self) -> None:
        self._clock.advance(1_000)

    def calls(self) -> int:
        return self.fake.calls.count()

    @contextmanager
    def listening(self) -> Iterator[Callable[[], list[ArrivedEvent]]]:
        def arrived() -> list[ArrivedEvent]:
            hooks = list(self.fake.book.hooks)
            self.fake.book.hooks.clear()
            return hooks

        yield arrived

    def alive(self) -> list[str]:
        return [str(contact["contact_name"]) for contact in self.fake.book.contacts.values()]


def _event(webhook: Received) -> ArrivedEvent:
    """What our receiver makes of a request."""
    return Receiver([sample_pair()]).event(
        Hook(
            pair="main",
            rule=webhook.path.strip("/"),
            raw_body=webhook.body,
            content_type=webhook.headers["Content-Type"],
            query_pairs=[],
            given=webhook.headers["X-Zoho-Webhook-Signature"],
        )
    )
