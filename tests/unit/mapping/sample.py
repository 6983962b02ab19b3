"""Mappings and look-ups for tests."""

from __future__ import annotations

from collections.abc import Mapping

from integration.canonical.values import Json, Side, Value
from integration.mapping import (
    CompiledMapping,
    NativePatch,
    Reading,
    compile_mapping,
    default_documents,
    parse_documents,
)

FRESH_ORG = {
    "Account": ["IsPersonAccount", "CurrencyIsoCode"],
    "Contact": ["IsPersonAccount", "CurrencyIsoCode", "Is_Primary__c"],
}


class SampleLookups:
    """One bound customer and two currencies."""

    references: Mapping[str, str] = {"001A": "7", "4600": "7"}
    natives: Mapping[tuple[Side, str], str] = {(Side.SALESFORCE, "7"): "001A", (Side.ZOHO, "7"): "4600"}
    currencies: Mapping[str, str] = {"9701": "EUR", "9702": "USD"}

    def reference(self, entity: str, record: str, side: Side, native_id: str) -> str | None:
        return self.references.get(native_id)

    def native(self, entity: str, side: Side, reference: str) -> str | None:
        return self.natives.get((side, reference))

    def table(self, name: str, key: str, inverse: bool) -> str | None:
        if name != "zoho_currency":
            return None
        return (
            {code: number for number, code in self.currencies.items()}.get(key)
            if inverse
            else self.currencies.get(key)
        )


LOOKUPS = SampleLookups()


def mapping(overlay: str = "", absent: Mapping[str, list[str]] | None = None) -> CompiledMapping:
    """The shipped mapping with an overlay called pair.yaml."""
    documents = default_documents() + (parse_documents(overlay, "pair.yaml") if overlay else [])
    return compile_mapping(documents, version=1, absent=FRESH_ORG if absent is None else absent)


def read(
    m: CompiledMapping, side: Side, entity: str, image: Mapping[str, Json], touched: list[str] | None = None
) -> Reading:
    """Read an image in the role it plays."""
    return m.role(side, entity, image).read(image, touched, LOOKUPS)


def update(
    m: CompiledMapping,
    side: Side,
    kind: str,
    changed: Mapping[str, Value],
    desired: Mapping[str, Value] | None = None,
    entity: str = "customer",
) -> NativePatch:
    """Native fields of a change."""
    return m.to_native(side, entity, kind, changed, desired or {}, LOOKUPS)
