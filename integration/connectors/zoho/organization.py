"""What the organisation is like: its id, currencies and custom fields, and whether it takes keyed upserts."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from integration.canonical.outcome import WorkClass
from integration.connectors.zoho.client import Reply, ZohoClient
from integration.connectors.zoho.config import ZohoConfig
from integration.errors import ConfigurationFault, Gone, Rejected

T = TypeVar("T")
_REMEMBERED_SECONDS = 3600.0


@dataclass(frozen=True)
class CustomFields:
    """Custom fields of contacts by API name → must their values be unique (None: not told).

    `whole` is False where definitions cannot be had and these are merely the fields a contact was seen with.
    """

    unique: Mapping[str, bool | None]
    whole: bool


class Remembered:
    """Answers that change rarely, asked for once an hour; a failure is not remembered. Safe for threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, object]] = {}

    def get(self, name: str, ask: Callable[[], T]) -> T:
        """The remembered answer, or a fresh one."""
        with self._lock:
            found = self._answers.get(name)
            if found is not None and found[0] > self._monotonic():
                return found[1]  # type: ignore[return-value] # a name always stands for one type
            answer = ask()
            self._answers[name] = (self._monotonic() + _REMEMBERED_SECONDS, answer)
            return answer


class Organization:
    """Asks once and remembers; safe for threads."""

    def __init__(self, client: ZohoClient, config: ZohoConfig) -> None:
        self._client = client
        self._config = config
        self._fields = Remembered()
        self._rest = Remembered()
        self._keyed = config.dialect.keyed_upsert == "yes"

    def organization_id(self) -> str:
        """The configured id, after the connection has shown that it reaches it. Raises ConfigurationFault if
        not.
        """
        reply = self._client.call("GET", "/organizations", WorkClass.LOOKUP, organization=False)
        reached = {str(row.get("organization_id")) for row in reply.rows("organizations")}
        if self._config.organization_id not in reached:
            raise ConfigurationFault(
                "zoho.wrong_organization",
                "the connected user does not belong to the configured organisation",
                where="organization_id",
                advice="Correct organization_id, or connect as a user of that organisation.",
            )
        return self._config.organization_id

    def currency_codes(self) -> dict[str, str]:
        """Currency id → code."""
        return self._rest.get("currencies", self._currency_codes)

    def currency_id(self, code: str) -> str:
        """The id of a currency. Raises Rejected when the organisation does not have it."""
        found = next((key for key, value in self.currency_codes().items() if value == code), None)
        if found is None:
            raise Rejected(
                "zoho.unknown_currency",
                "the organisation does not have this currency",
                advice="Add the currency in Zoho under Settings, Currencies, then replay.",
            )
        return found

    def custom_fields(self) -> CustomFields:
        """The custom fields of contacts."""
        return self._fields.get("contact", self._custom_fields)

    def probe(self) -> bool:
        """Whether contacts can be written by our key (PUT /contacts with X-Unique-Identifier-Key)."""
        told = self._config.dialect.keyed_upsert
        if told == "probe":
            self._keyed = self._rest.get("keyed", self._probe)
        return self._keyed

    def keyed(self) -> bool:
        """What the last probe found; False before the first. Never calls."""
        return self._keyed

    def _currency_codes(self) -> dict[str, str]:
        reply = self._client.call("GET", "/settings/currencies", WorkClass.LOOKUP)
        return {
            str(row["currency_id"]): str(row.get("currency_code", ""))
            for row in reply.rows("currencies")
            if "currency_id" in row
        }

    def _custom_fields(self) -> CustomFields:
        try:
            reply = self._client.call(
                "GET", "/settings/fields", WorkClass.LOOKUP, params={"entity": "contact"}
            )
        except Rejected:
            # Documented for the sister product Books only; without it a contact shows what fields there are.
            return self._fields_of_a_contact()
        listed = [row for row in reply.rows("fields") if str(row.get("api_name", "")).startswith("cf_")]
        return CustomFields(
            {str(row["api_name"]): row.get("is_unique") is True for row in listed}, whole=True
        )

    def _fields_of_a_contact(self) -> CustomFields:
        listing = self._client.call("GET", "/contacts", WorkClass.LOOKUP, params={"per_page": "1"})
        rows = listing.rows("contacts")
        if not rows:
            return CustomFields({}, whole=False)
        reply = self._client.call("GET", f"/contacts/{rows[0].get('contact_id')}", WorkClass.LOOKUP)
        entries = Reply(reply.status, reply.record("contact")).rows("custom_fields")
        names = [str(entry["api_name"]) for entry in entries if "api_name" in entry]
        return CustomFields(dict.fromkeys(names), whole=False)

    def _probe(self) -> bool:
        """Update by a key that no record has: only a server that knows the headers says it is not there.

        The body has no contact_name, so a server that takes the call for a create refuses it.
        """
        fields = self.custom_fields()
        key_field = self._config.key_field
        if fields.whole and not fields.unique.get(key_field):
            return False
        nowhere = f"probe-{secrets.token_hex(12)}"
        try:
            self._client.call(
                "PUT",
                "/contacts",
                WorkClass.LOOKUP,
                headers=key_headers(key_field, nowhere),
                body={"custom_fields": [{"api_name": key_field, "value": nowhere}]},
            )
        except Gone:
            return True
        except Rejected as fault:
            answered = (fault.evidence.get("status"), fault.evidence.get("code"))
            return answered in self._config.dialect.keyed_absent
        return False  # it "updated" what does not exist: whatever that was, it is no keyed update


def key_headers(key_field: str, key: str, *, create: bool = False) -> dict[str, str]:
    """Headers that address a record by a unique custom field.

    (help.zoho.com, "Update or Upsert Records Using Unique Custom Fields")
    """
    headers = {"X-Unique-Identifier-Key": key_field, "X-Unique-Identifier-Value": key}
    return headers | {"X-Upsert": "true"} if create else headers
