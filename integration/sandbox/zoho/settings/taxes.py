"""Taxes and groups of taxes, in percent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from integration.sandbox.zoho import faults
from integration.sandbox.zoho.fields import clean_choice, clean_flag, clean_id, clean_number, clean_text
from integration.sandbox.zoho.items.border import Tax
from integration.sandbox.zoho.premises import Premises
from integration.sandbox.zoho.settings.setting_faults import setting_taken, tax_in_use

Json = dict[str, Any]
KINDS = ("tax", "compound_tax")
_TEXTS = ("tax_name", "tax_factor", "tax_specific_type", "tax_authority_name", "country_code")
_IDS = ("tax_authority_id", "purchase_tax_expense_account_id")
_FLAGS = ("is_value_added", "is_editable", "update_draft_invoice", "update_draft_so")
_PROJECTIONS = frozenset({"tax_id", "country", "tds_payable_account_id", "is_default_tax"})
_FIRST_NUMBER = 70_001
_AT_START = (("Standard Rate", 20.0), ("Reduced Rate", 5.0), ("Zero Rate", 0.0))


@dataclass(frozen=True)
class TaxRecord:
    """One tax, or a group where `members` are named; `created` counts up."""

    tax_id: str
    tax_name: str
    tax_percentage: float = 0.0
    tax_type: str = "tax"
    tax_factor: str = "rate"
    tax_specific_type: str = ""
    tax_authority_id: str = ""
    tax_authority_name: str = ""
    country_code: str = ""
    purchase_tax_expense_account_id: str = ""
    is_value_added: bool = False
    is_editable: bool = True
    members: tuple[str, ...] = ()

    @property
    def is_group(self) -> bool:
        """Whether it adds up other taxes."""
        return bool(self.members)


class TaxBook:
    """Every tax and tax group of the organisation."""

    def __init__(self, premises: Premises) -> None:
        self._premises, self._switches = premises, premises.switches
        self._documents: list[Callable[[Collection[str]], bool]] = []
        self.clear()

    def clear(self) -> None:
        """The taxes that the organisation starts with."""
        prefix = self._premises.profile.id_prefix
        rows = [
            TaxRecord(f"{prefix}{_FIRST_NUMBER + 2 * number:012d}", name, rate)
            for number, (name, rate) in enumerate(_AT_START)
        ]
        self._taxes = {row.tax_id: row for row in rows}

    def used_by(self, documents: Callable[[Collection[str]], bool]) -> None:
        """Ask `documents` whether any of them has one of these taxes: those taxes stay as they are."""
        self._documents.append(documents)

    def get(self, tax_id: str, *, group: bool = False) -> TaxRecord:
        """The tax, or the group. :raises ApiError: 404, there is none."""
        found = self._taxes.get(tax_id)
        if found is None or found.is_group is not group:
            raise faults.absent("Tax group" if group else "Tax")
        return found

    def find(self, tax_id: str) -> Tax | None:
        """What a document or an item needs to know of it."""
        found = self._taxes.get(tax_id)
        if found is None:
            return None
        kind = "tax_group" if found.is_group else found.tax_type
        return Tax(tax_id, found.tax_name, found.tax_percentage, kind)

    def named(self, tax_id: str, key: str = "tax_id") -> Tax:
        """The tax or tax group that a body names by the key. :raises ApiError: there is none."""
        found = self.find(tax_id)
        if found is None:
            raise faults.invalid_value(key)
        return found

    def all(self) -> list[TaxRecord]:
        """Taxes and groups, the newest first."""
        return list(reversed(self._taxes.values()))

    def members(self, group: TaxRecord) -> list[TaxRecord]:
        """The taxes of a group."""
        return [self._taxes[tax_id] for tax_id in group.members]

    # Changing

    def create(self, body: Mapping[str, Any]) -> TaxRecord:
        """A new tax. :raises ApiError: no name or percentage, a taken name, or a wrong value."""
        for key in ("tax_name", "tax_percentage"):
            if body.get(key) in (None, ""):
                raise faults.missing_value(key)
        cleaned = self._cleaned(body, "")
        return self._put(TaxRecord(self._premises.next_id(), **cleaned))

    def update(self, tax_id: str, body: Mapping[str, Any]) -> TaxRecord:
        """Change what the body names. :raises ApiError: another rate of a tax that documents have."""
        record = self.get(tax_id)
        updated = replace(record, **self._cleaned(body, tax_id))
        groups = [each for each in self._taxes.values() if tax_id in each.members]
        if (updated.tax_percentage, updated.tax_type) != (record.tax_percentage, record.tax_type):
            self._check_free(tax_id, *(group.tax_id for group in groups))
        self._put(updated)
        for group in groups:
            self._put(self._added_up(group))
        return updated

    def create_group(self, body: Mapping[str, Any]) -> TaxRecord:
        """Several taxes under one name."""
        for key in ("tax_group_name", "taxes"):
            if not body.get(key):
                raise faults.missing_value(key)
        cleaned = self._cleaned_group(body, "")
        return self._put(self._added_up(TaxRecord(self._premises.next_id(), **cleaned)))

    def update_group(self, group_id: str, body: Mapping[str, Any]) -> TaxRecord:
        """Change what the body names. :raises ApiError: other taxes in a group that documents have."""
        group = self.get(group_id, group=True)
        updated = self._added_up(replace(group, **self._cleaned_group(body, group_id)))
        if updated.members != group.members:
            self._check_free(group_id)
        return self._put(updated)

    def delete(self, tax_id: str, *, group: bool = False, is_used: bool) -> None:
        """The tax goes. :raises ApiError: an item, a document or a group has it."""
        self.get(tax_id, group=group)
        if is_used or any(tax_id in each.members for each in self._taxes.values()):
            raise tax_in_use(self._switches)
        self._check_free(tax_id)
        del self._taxes[tax_id]

    # Keeping

    def dump(self) -> list[Json]:
        """As JSON."""
        return [asdict(record) for record in self._taxes.values()]

    def load(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The taxes of a dump instead of the present ones."""
        found = [TaxRecord(**{**row, "members": tuple(row["members"])}) for row in rows]
        self._taxes = {record.tax_id: record for record in found}

    def _put(self, record: TaxRecord) -> TaxRecord:
        self._taxes[record.tax_id] = record
        return record

    def _check_free(self, *tax_ids: str) -> None:
        if any(documents(tax_ids) for documents in self._documents):
            raise tax_in_use(self._switches)

    def _added_up(self, group: TaxRecord) -> TaxRecord:
        total = sum(member.tax_percentage for member in self.members(group))
        return replace(group, tax_percentage=round(total, 6))

    def _cleaned(self, body: Mapping[str, Any], own_id: str) -> Json:
        cleaned: Json = {}
        for key, value in body.items():
            if key in _TEXTS:
                cleaned[key] = clean_text(key, value, 100)
            elif key in _IDS:
                cleaned[key] = clean_id(key, value)
            elif key == "tax_percentage":
                cleaned[key] = _percentage(value)
            elif key == "tax_type":
                cleaned[key] = clean_choice(key, value, KINDS)
            elif key in _FLAGS:
                flag = clean_flag(key, value)
                if not key.startswith("update_"):
                    cleaned[key] = flag
            else:
                self._check_known(key)
        self._check_name("tax_name", cleaned.get("tax_name"), own_id)
        return cleaned

    def _cleaned_group(self, body: Mapping[str, Any], own_id: str) -> Json:
        cleaned: Json = {}
        for key, value in body.items():
            if key == "tax_group_name":
                cleaned["tax_name"] = clean_text(key, value, 100)
            elif key == "taxes":
                ids = [part.strip() for part in clean_text(key, value, None).split(",") if part.strip()]
                if not ids or any(
                    tax_id not in self._taxes or self._taxes[tax_id].is_group for tax_id in ids
                ):
                    raise faults.invalid_value("taxes")
                cleaned["members"] = tuple(dict.fromkeys(ids))
            elif key not in {"tax_group_id", "tax_group_percentage"}:
                self._check_known(key)
        self._check_name("tax_group_name", cleaned.get("tax_name"), own_id)
        return cleaned

    def _check_known(self, key: str) -> None:
        if key not in _PROJECTIONS and self._switches.zoho_unknown_keys == "reject":
            raise faults.invalid_element(key, self._switches)

    def _check_name(self, key: str, name: str | None, own_id: str) -> None:
        if name is None:
            return
        if not name.strip():
            raise faults.missing_value(key)
        others = (each for each in self._taxes.values() if each.tax_id != own_id)
        if any(each.tax_name.casefold() == name.casefold() for each in others):
            raise setting_taken("tax", name, self._switches)


def _percentage(value: object) -> float:
    found = clean_number("tax_percentage", value)
    if not 0 <= found <= 100:
        raise faults.invalid_value("tax_percentage")
    return found
