"""A connection that suddenly reaches another organisation is stopped before anything is written there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.canonical.values import Side
from integration.errors import ConfigurationFault, Retryable
from integration.stores.unit_of_work import SqlStores
from integration.wiring.organizations import Organizations
from tests.unit.wiring.gateways import Askable, as_gateways
from tests.unit.wiring.sample import KEY, sample_settings


@pytest.fixture
def stores(tmp_path: Path, sqlite_url: str) -> Iterator[SqlStores]:
    sample_settings(tmp_path, sqlite_url)
    opened = SqlStores(sqlite_url, keys=[KEY])
    yield opened
    opened.close()


def started(stores: SqlStores, zoho: Askable) -> Organizations:
    gateways = as_gateways(Askable(Side.SALESFORCE, organization="00D1"), zoho)
    return Organizations(stores.ensure_pair("main"), stores, gateways)


def test_the_first_answer_is_kept_for_good(stores: SqlStores) -> None:
    zoho = Askable(Side.ZOHO, organization="1")
    started(stores, zoho).verify(*Side)
    zoho.organization = "2"
    restarted = started(stores, zoho)
    restarted.verify(Side.SALESFORCE)
    for _ in range(2):
        with pytest.raises(ConfigurationFault) as caught:
            restarted.verify(Side.ZOHO)
        assert caught.value.code == "organization.changed"
    zoho.organization = "1"
    restarted.verify(Side.ZOHO)


def test_asked_once_per_process(stores: SqlStores) -> None:
    zoho = Askable(Side.ZOHO)
    organizations = started(stores, zoho)
    for _ in range(3):
        organizations.verify(*Side)
    assert zoho.asked == ["organization"]


def test_unasked_is_not_verified(stores: SqlStores) -> None:
    zoho = Askable(Side.ZOHO)
    organizations = started(stores, zoho)
    zoho.away = True
    with pytest.raises(Retryable):
        organizations.verify(Side.ZOHO)
    zoho.away = False
    organizations.verify(Side.ZOHO)
    assert zoho.asked == ["organization"]
