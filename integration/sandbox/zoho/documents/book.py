"""What all books of documents do alike: find, number, tell, keep."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.money import PricedLine, Totals, totals_of
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.record import Document, PricedDocument
from integration.sandbox.zoho.register import Mark, Register

D = TypeVar("D", bound=Document)
P = TypeVar("P", bound=PricedDocument)


class DocumentBook(ABC, Generic[D]):
    """Documents of one kind by id, number and what else marks them; `order_id` is the one they belong to."""

    entity: ClassVar[str]
    label: ClassVar[str]
    number_key: ClassVar[str]

    def __init__(self, ground: Ground, kind: type[D], numbers: Numbering) -> None:
        self._ground, self._switches, self._kind = ground, ground.switches, kind
        self.register: Register[D] = Register(ground.premises, self.label, self.marks)
        self.numbers = numbers

    def get(self, record_id: str) -> D:
        """The document. :raises ApiError: 404, there is none."""
        return self.register.get(record_id)

    def of_order(self, order_id: str) -> list[D]:
        """What was made from the order, the oldest first."""
        return [self.register.get(each) for each in self.register.holders("order_id", order_id)]

    def touch(self, document: D, source: str, *, fires: bool = True) -> D:
        """Store a changed document as of now and tell of it."""
        changed = document.changed(modified=self._ground.premises.now())
        self.store(changed, source)
        if fires:
            self._ground.announce("edit", source, self.entity, document.record_id)
        return changed

    @abstractmethod
    def store(self, document: D, source: str, *, at_once: bool = False) -> None:
        """Put the document, and let stock and other documents follow."""

    def marks(self, document: D) -> Iterable[Mark]:
        """What the document is found by; kinds add their own."""
        yield "number", document.number.casefold()

    # Keeping

    def dump(self) -> dict[str, Any]:
        """As JSON."""
        documents = (*self.register.all(), *self.register.all(deleted=True))
        return {"documents": [each.dump() for each in documents], "last_number": self.numbers.last}

    def load(self, state: Mapping[str, Any]) -> None:
        """From a dump; the stock ledger keeps its own."""
        self.register.restore(self._kind.load(row) for row in state["documents"])
        self.numbers.last = state["last_number"]

    def clear(self) -> None:
        """No documents; numbers begin again, ids do not."""
        self.load({"documents": [], "last_number": 0})

    # Writing

    def _added(
        self, draft: D, body: Mapping[str, Any], source: str, *, own: bool, at: int | None = None
    ) -> D:
        """The draft with its number, stored; `at`: it is from the past and nobody is told."""
        number = self.numbers.first(body.get(self.number_key), own=own, taken=self._taken(draft))
        document = draft.changed(number=number)
        self.store(document, source, at_once=at is not None)
        if at is None:
            self._ground.announce("add", source, self.entity, document.record_id)
        return document

    def _renumbered(self, draft: D, body: Mapping[str, Any], *, own: bool) -> D:
        if self.number_key not in body:
            return draft
        sent, taken = body[self.number_key], self._taken(draft)
        return draft.changed(number=self.numbers.changed(draft.number, sent, own=own, taken=taken))

    def _followed(self, document: D, source: str, **values: Any) -> None:
        """Other documents did this to it, which may or may not touch it and fire its edit rule."""
        if all(getattr(document, key) == value for key, value in values.items()):
            return
        modified = document.modified
        if self._switches.zoho_progress_touches_order:
            modified = self._ground.premises.now()
        self.store(document.changed(modified=modified, **values), source)
        if self._switches.zoho_webhook_order_progress:
            self._ground.announce("edit", source, self.entity, document.record_id)

    def _removed(self, document: D, source: str) -> None:
        self.register.remove(document.changed(deleted=True))
        self._ground.stock.reverse(document.record_id)
        self._ground.announce("delete", source, self.entity, document.record_id)

    def _taken(self, draft: D) -> Callable[[str], bool]:  # noqa: ARG002 - it matters to vendors' own numbers
        """Whether another document has the number that the draft wants."""
        return lambda number: bool(self.register.holders("number", number.casefold()))


class CustomisedBook(DocumentBook[D]):
    """Documents that the organisation gives fields of its own."""

    def __init__(self, ground: Ground, kind: type[D], numbers: Numbering) -> None:
        self._custom = ground.premises.fields[self.entity]
        super().__init__(ground, kind, numbers)

    def holder(self, key: str, value: str) -> str | None:
        """Id of the document that holds the value, as it is compared, in a unique custom field."""
        return next(iter(self.register.holders(key, value)), None)

    def marks(self, document: D) -> Iterable[Mark]:
        yield from super().marks(document)
        for definition, value in self._custom.unique_marks(document.custom):
            yield definition.api_name, value

    def _customised(self, draft: D, body: Mapping[str, Any]) -> D:
        """:raises ApiError: a value that another document holds where that is forbidden"""
        if "custom_fields" in body:
            draft = draft.changed(custom=self._custom.merged(body["custom_fields"], draft.custom))
        for definition, value in self._custom.unique_marks(draft.custom):
            if set(self.register.holders(definition.api_name, value)) - {draft.record_id}:
                raise faults.custom_value_taken(definition.label, self._switches)
        return draft


class PricedBook(CustomisedBook[P]):
    """Documents with amounts."""

    def totals(self, document: P) -> Totals:
        """The document's amounts."""
        rate = self._ground.taxes.rate
        lines = [
            PricedLine(line.quantity, line.rate, line.discount, rate(line.tax_id) if line.tax_id else None)
            for line in document.lines
        ]
        return totals_of(lines, document.terms(*self._ground.decimals(document.currency_id)))

    def _priced(self, draft: P) -> P:
        """The draft with its total. :raises ApiError: it is below zero."""
        totals = self.totals(draft)
        if totals.total < 0:
            raise faults.invalid_value("discount" if draft.discount else "adjustment")
        return draft.changed(total=totals.total)
