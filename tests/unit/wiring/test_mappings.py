"""Mapping versions: compiled against what the organisations have, and never asking from within a unit of work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from integration.canonical.values import Side
from integration.errors import ConfigurationFault, Retryable
from integration.mapping import default_documents
from integration.ports.services import LineSettings
from integration.settings import PolicySettings
from integration.stores.unit_of_work import SqlStores
from integration.wiring.field_facts import FRESH_MS, FieldFacts
from integration.wiring.mappings import LOOK_MS, MappedFields, MappingVersions, base_documents
from tests.unit.wiring.gateways import Askable, as_gateways
from tests.unit.wiring.sample import KEY, sample_settings

REGION = """
record: salesforce_account
rules:
  region: {canonical: custom.region, field: Region__c}
"""


class Clock:
    """Moves when told."""

    def __init__(self) -> None:
        self.at = 1_000_000

    def now_ms(self) -> int:
        return self.at


@dataclass
class Process:
    """What one process knows about the mapping of one pair."""

    stores: SqlStores
    pair_id: int
    salesforce: Askable
    zoho: Askable
    clock: Clock
    policies: PolicySettings

    def __post_init__(self) -> None:
        key_fields = LineSettings().key_fields
        gateways = as_gateways(self.salesforce, self.zoho)
        facts = FieldFacts(self.pair_id, self.stores, gateways, self.clock)
        base = base_documents(self.policies)
        self.versions = MappingVersions(self.pair_id, self.stores, facts, key_fields, self.clock, base)

    def another(self) -> Process:
        """A process that starts now over the same database."""
        return Process(self.stores, self.pair_id, self.salesforce, self.zoho, self.clock, self.policies)

    def apply(self, text: str) -> int:
        with self.stores.begin(self.pair_id) as uow:
            return uow.pairs.add_mapping(text, "tester")


@pytest.fixture
def process(tmp_path: Path, sqlite_url: str) -> Iterator[Process]:
    sample_settings(tmp_path, sqlite_url)
    stores = SqlStores(sqlite_url, keys=[KEY])
    systems = Askable(Side.SALESFORCE), Askable(Side.ZOHO)
    yield Process(stores, stores.ensure_pair("main"), *systems, Clock(), PolicySettings())
    stores.close()


def test_before_the_first_look_no_version_is_given_within_a_unit(process: Process) -> None:
    with pytest.raises(Retryable) as caught:
        process.versions.version(0)
    assert caught.value.code == "mapping.not_loaded"
    assert process.salesforce.asked == []
    assert process.versions.live() is process.versions.version(0)


def test_default_rules_without_their_field_are_skipped(process: Process) -> None:
    process.salesforce.absent = frozenset({"Is_Active__c"})
    live = process.versions.live()
    assert {(rule.record, rule.field) for rule in live.skipped} >= {("salesforce_account", "Is_Active__c")}
    assert "Is_Active__c" not in live.native_fields(Side.SALESFORCE, "Account")


def test_a_restart_needs_no_system(process: Process) -> None:
    process.salesforce.absent = frozenset({"Is_Active__c"})
    process.versions.live()
    process.salesforce.away = process.zoho.away = True
    restarted = process.another()
    for mapping in (restarted.versions.version(0), restarted.versions.live()):
        assert "Is_Active__c" not in mapping.native_fields(Side.SALESFORCE, "Account")


def test_never_reached_systems_are_told(process: Process) -> None:
    process.zoho.away = True
    with pytest.raises(Retryable):
        process.versions.live()


def test_a_new_version_is_noticed_soon_and_asks_for_its_fields(process: Process) -> None:
    process.versions.live()
    number = process.apply(REGION)
    process.clock.at += LOOK_MS
    live = process.versions.live()
    assert live.version == number
    assert "Region__c" in live.native_fields(Side.SALESFORCE, "Account")


def test_a_version_named_by_a_unit_is_looked_for_at_once(process: Process) -> None:
    process.versions.live()
    number = process.apply(REGION)
    with pytest.raises(Retryable):
        process.versions.version(number)  # nobody has asked for Region__c yet
    assert process.versions.live().version == number
    assert process.versions.version(number).version == number


def test_a_rule_of_a_person_with_an_absent_field_is_refused(process: Process) -> None:
    process.salesforce.absent = frozenset({"Region__c"})
    process.apply(REGION)
    with pytest.raises(ConfigurationFault) as caught:
        process.versions.live()
    assert "Region__c" in str(caught.value)
    assert "version 1:4" in str(caught.value)


def test_a_field_made_later_is_taken_up(process: Process) -> None:
    process.salesforce.absent = frozenset({"Is_Active__c"})
    process.versions.live()
    process.salesforce.absent = frozenset()
    process.clock.at += FRESH_MS
    assert "Is_Active__c" in process.versions.live().native_fields(Side.SALESFORCE, "Account")


def test_compiled_once(process: Process) -> None:
    first = process.versions.live()
    process.clock.at += LOOK_MS
    assert process.versions.live() is first
    assert process.salesforce.asked.count("Account") == 1


def test_columns_are_those_of_the_mapping_and_our_key(process: Process) -> None:
    fields = MappedFields(Side.SALESFORCE, "Zoho_Id__c")
    fields.follow(process.versions)
    with pytest.raises(Retryable):
        fields.get("Account", ())  # a record read without fields would look empty
    process.versions.live()
    assert {"Name", "Zoho_Id__c"} <= set(fields["Account"])
    assert fields.get("Opportunity", ()) == ()


def texts(policies: PolicySettings, number: int) -> list[str]:
    return [document.name for document in base_documents(policies)(number)]


def test_files_count_until_a_version_is_applied(tmp_path: Path) -> None:
    (tmp_path / "region.yaml").write_text(REGION)
    policies = PolicySettings(mapping_dir=tmp_path)
    shipped = [document.name for document in default_documents()]
    assert texts(policies, 0) == [*shipped, "region.yaml"]
    assert texts(policies, 1) == shipped


def test_a_mapping_dir_without_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault):
        base_documents(PolicySettings(mapping_dir=tmp_path))(0)


def test_the_checkbox_may_have_another_name(process: Process) -> None:
    process.policies = PolicySettings(active_field="Live__c")
    live = process.another().versions.live()
    for entity in ("Account", "Contact"):
        columns: Any = live.native_fields(Side.SALESFORCE, entity)
        assert "Live__c" in columns
        assert "Is_Active__c" not in columns
