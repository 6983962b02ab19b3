"""The writes of contacts and contact persons: one request of the line is one call, and two where a name is
met.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integration.canonical.outcome import Operation, WorkClass
from integration.connectors.zoho.client import Reply, ZohoClient
from integration.connectors.zoho.config import ZohoConfig
from integration.connectors.zoho.organization import Organization, key_headers
from integration.connectors.zoho.records import (
    CONTACT,
    CONTACT_PERSON,
    contact_body,
    contact_records,
    in_order_of,
    instant,
    person_body,
    persons_body,
    split_primary,
)
from integration.errors import Ambiguous, BadInput, ConfigurationFault, DuplicateKey, NameTaken, Rejected
from integration.ports import WriteAnswer, WriteRequest

Writer = Callable[[WriteRequest, WorkClass], WriteAnswer]


class Writes:
    """Sends single writes and reads their answers; safe for threads.

    Only answers that tell the contact's time of modification show records: a value whose place among the
    events is not known must not stand against one whose place is. Persons and status calls tell none.
    """

    def __init__(self, client: ZohoClient, organization: Organization, config: ZohoConfig) -> None:
        self._client = client
        self._organization = organization
        self._config = config
        self._writers: Mapping[tuple[str, Operation], Writer] = {
            (CONTACT, Operation.CREATE): self._create,
            (CONTACT, Operation.UPDATE): self._update,
            (CONTACT, Operation.ACTIVATE): self._set_status,
            (CONTACT, Operation.DEACTIVATE): self._set_status,
            (CONTACT, Operation.DELETE): self._delete,
            (CONTACT_PERSON, Operation.CREATE): self._create_person,
            (CONTACT_PERSON, Operation.UPDATE): self._update_person,
            (CONTACT_PERSON, Operation.MAKE_PRIMARY): self._make_primary,
            (CONTACT_PERSON, Operation.DELETE): self._delete,
        }

    def write(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        """One write. Raises what the client raises, ConfigurationFault for a write Zoho does not have."""
        writer = self._writers.get((request.entity, request.operation))
        if writer is None:
            raise ConfigurationFault(
                "zoho.no_such_write", f"{request.operation} of {request.entity} is no write here"
            )
        return writer(request, work)

    def _create(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        own, primary = split_primary(request.fields)
        body = self._contact_body(own, request.key)
        persons = persons_body(primary, request.children)
        keyed = bool(request.key) and self._organization.probe()
        if keyed and not persons:
            return self._upsert(body, request.key, work, create=True)
        # A keyed PUT would replace the persons of a contact that is there already, so with persons it is a
        # POST; the unique field in its body still keeps Zoho from making the contact twice.
        whole = body | {"contact_persons": persons} if persons else body
        try:
            reply = self._client.call("POST", "/contacts", work, body=whole)
        except Rejected as fault:
            if not keyed or not _may_be_ours(fault):
                raise
            return self._made_before(body, persons, request.key, work, fault)
        root, *shown = self._contact_answer(reply).records
        return WriteAnswer(root.record_id, (root, *(in_order_of(persons, shown) or shown)), created=True)

    def _made_before(
        self,
        body: dict[str, object],
        persons: list[dict[str, object]],
        key: str,
        work: WorkClass,
        refused: Rejected,
    ) -> WriteAnswer:
        """An earlier create of ours may own the name or the key; then this one becomes its update.

        Only where the persons are still those that were sent: who is who must not be guessed from a place
        in a list.
        """
        try:
            root, *shown = self._upsert(body, key, work, create=False).records
        except Rejected:
            raise refused from None
        ordered = in_order_of(persons, shown)
        if ordered is None:
            raise refused
        return WriteAnswer(root.record_id, (root, *ordered))

    def _upsert(self, body: dict[str, object], key: str, work: WorkClass, *, create: bool) -> WriteAnswer:
        headers = key_headers(self._config.key_field, key, create=create)
        reply = self._client.call("PUT", "/contacts", work, body=body, headers=headers)
        contact = reply.record(CONTACT)
        # Whether a keyed create answers 200 or 201 is not documented; a record never modified since it was
        # made is new.
        fresh = instant(contact.get("created_time")) == instant(contact.get("last_modified_time"))
        return self._contact_answer(reply, created=create and (reply.status == 201 or fresh))

    def _update(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        body = self._contact_body(request.fields, request.key)
        reply = self._client.call("PUT", f"/contacts/{_addressed(request)}", work, body=body)
        return self._contact_answer(reply)

    def _contact_body(self, fields: Mapping[str, object], key: str) -> dict[str, object]:
        keyed = {**fields, self._config.key_field: key} if key else dict(fields)
        body = contact_body(keyed)  # type: ignore[arg-type] # fields of a request are Json
        code = body.pop("currency_code", None)
        if code:
            body["currency_id"] = self._organization.currency_id(str(code))
        return body

    def _set_status(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        status = "active" if request.operation is Operation.ACTIVATE else "inactive"
        self._client.call("POST", f"/contacts/{_addressed(request)}/{status}", work)
        return WriteAnswer(request.record_id)

    def _delete(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        part = "contactpersons/" if request.entity == CONTACT_PERSON else ""
        self._client.call("DELETE", f"/contacts/{part}{_addressed(request)}", work)
        return WriteAnswer(request.record_id)

    def _create_person(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        if not request.parent_id:
            raise ConfigurationFault("zoho.no_parent", "a contact person is made under a contact")
        body = {"contact_id": request.parent_id, **person_body(request.fields)}
        reply = self._client.call("POST", "/contacts/contactpersons", work, body=body)
        person_id = str(reply.record(CONTACT_PERSON).get("contact_person_id") or "")
        if not person_id:
            raise _shown_nothing()
        return WriteAnswer(person_id, created=True)

    def _update_person(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        parent = {"contact_id": request.parent_id} if request.parent_id else {}
        body = {**parent, **person_body(request.fields)}
        path = f"/contacts/contactpersons/{_addressed(request)}"
        self._client.call("PUT", path, work, body=body)
        return WriteAnswer(request.record_id)

    def _make_primary(self, request: WriteRequest, work: WorkClass) -> WriteAnswer:
        self._client.call("POST", f"/contacts/contactpersons/{_addressed(request)}/primary", work)
        return WriteAnswer(request.record_id)

    def _contact_answer(self, reply: Reply, *, created: bool = False) -> WriteAnswer:
        try:
            records = contact_records(reply.record(CONTACT), self._known_fields())
        except BadInput:
            raise _shown_nothing() from None
        return WriteAnswer(records[0].record_id, tuple(records), created)

    def _known_fields(self) -> frozenset[str]:
        return self._config.custom_fields | {self._config.key_field}


def _may_be_ours(fault: Rejected) -> bool:
    """How Zoho words a taken unique value is not documented, so a refusal nobody knows may be that as
    well.
    """
    return isinstance(fault, NameTaken | DuplicateKey) or fault.code == "zoho.refused"


def _addressed(request: WriteRequest) -> str:
    if not request.record_id.isdigit():
        raise ConfigurationFault("zoho.no_record", "this write needs the id of a Zoho record")
    return request.record_id


def _shown_nothing() -> Ambiguous:
    return Ambiguous("zoho.unreadable", "the write was accepted, but its answer does not show the record")
