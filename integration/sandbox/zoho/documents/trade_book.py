"""What the books of sales orders and of purchase orders do alike: write orders for a contact."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Protocol

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.documents import refusals
from integration.sandbox.zoho.documents.book import P, PricedBook
from integration.sandbox.zoho.documents.ground import Ground
from integration.sandbox.zoho.documents.numbers import Numbering
from integration.sandbox.zoho.documents.parties import check_party, party_id
from integration.sandbox.zoho.register import Mark


class OrderStatuses(Protocol):
    """What the statuses of both kinds of orders tell."""

    @property
    def status(self) -> str: ...
    @property
    def order_status(self) -> str: ...


class TradeBook(PricedBook[P]):
    """Orders for contacts of one kind, `party`: customer or vendor."""

    party: ClassVar[str]

    def __init__(self, ground: Ground, kind: type[P], prefix: str) -> None:
        super().__init__(ground, kind, Numbering(self.number_key, prefix, 5, ground.switches))
        # Filled by whoever knows the other documents: those made from an order, those of a contact.
        self.made_from: Callable[[str], bool] = lambda _: False
        self.settle: Callable[[str], None] = lambda _: None

    def create(
        self,
        body: Mapping[str, Any],
        source: str,
        *,
        own_number: bool = False,
        at: int | None = None,
        stage: str = "draft",
    ) -> P:
        """A new draft; `at` (seconds since 1970) puts it into the past and says nothing to anybody.

        Only one from the past begins in another stage.

        :raises ApiError: no contact or lines, or anything else about them that is wrong
        """
        ground, kind = self._ground, self._kind
        wanted = party_id(f"{self.party}_id", body)
        contact = check_party(ground.contacts.find(wanted), self.party, self._switches)
        if "line_items" not in body:
            raise faults.missing_value("line_items")
        now = ground.premises.now() if at is None else at
        make: Callable[..., P] = kind
        blank = make(
            ground.premises.next_id(), now, now, source, "", contact.contact_id, ground.today(at),
            stage=stage, tax_rounding=self._switches.zoho_tax_rounding,
        )  # fmt: skip
        draft = self._written(blank, body)
        self._custom.require_mandatory(draft.custom)
        return self._added(draft, body, source, own=own_number, at=at)

    def update(self, order_id: str, body: Mapping[str, Any], source: str, *, own_number: bool = False) -> P:
        """Change what the body names; `line_items` are the whole new list where it names them.

        :raises ApiError: the order is locked, or what the body says is wrong
        """
        order = self.get(order_id)
        self._check_editable(order)
        return self.touch(self._renumbered(self._written(order, body), body, own=own_number), source)

    def check_deletable(self, order_id: str) -> P:
        """The order, if nothing was made from it. :raises ApiError: there is none, or something was."""
        order = self.get(order_id)
        if self.made_from(order_id):
            raise refusals.has_documents(self.label, self._switches)
        return order

    def marks(self, order: P) -> Iterable[Mark]:
        yield from super().marks(order)
        yield f"{self.party}_id", getattr(order, f"{self.party}_id")
        statuses = self.statuses(order)
        yield "status", statuses.status
        yield "order_status", statuses.order_status
        if order.values.get("reference_number"):
            yield "reference_number", order.values["reference_number"].casefold()
        for item_id in {line.item_id for line in order.lines}:
            yield "item_id", item_id

    @abstractmethod
    def statuses(self, order: P) -> OrderStatuses:
        """Where the order stands, by the table of its kind."""

    @abstractmethod
    def _written(self, order: P, body: Mapping[str, Any]) -> P:
        """The order after a write, not yet stored."""

    @abstractmethod
    def _check_editable(self, order: P) -> None:
        """:raises ApiError: the order is over"""
