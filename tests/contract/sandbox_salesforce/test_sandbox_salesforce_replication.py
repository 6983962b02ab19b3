"""getUpdated and getDeleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.contract.sandbox_salesforce.running_org import Running


def minute(org: Running, offset: int = 0) -> datetime:
    return org.clock.now().astimezone(UTC).replace(second=0, microsecond=0) + timedelta(minutes=offset)


def test_updated_and_deleted(org: Running) -> None:
    client = org.client()
    start = minute(org)
    kept, gone = (client.Account.create({"Name": name})["id"] for name in "AB")
    client.Account.delete(gone)
    org.clock.step(minutes=3)
    later = client.Account.create({"Name": "later"})["id"]
    updated = client.Account.updated(start, start + timedelta(minutes=2))
    assert updated["ids"] == [kept]
    assert updated["latestDateCovered"] == f"{start + timedelta(minutes=2):%Y-%m-%dT%H:%M}:00.000+0000"
    deleted = client.Account.deleted(start, start + timedelta(minutes=2))
    assert [entry["id"] for entry in deleted["deletedRecords"]] == [gone]
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    ahead = client.Account.updated(start, start + timedelta(minutes=60))
    assert ahead["ids"] == [kept], "what is told ends where it is covered"
    assert ahead["latestDateCovered"] == f"{minute(org):%Y-%m-%dT%H:%M}:00.000+0000"
    org.clock.step(minutes=1)
    assert client.Account.updated(start, start + timedelta(minutes=60))["ids"] == [kept, later]


def test_seconds_are_cut(org: Running) -> None:
    client = org.client()
    start = minute(org)
    made = client.Account.create({"Name": "A"})["id"]
    org.clock.step(minutes=2)
    found = client.Account.updated(start + timedelta(seconds=59), start + timedelta(minutes=1, seconds=59))
    assert found["ids"] == [made]


@pytest.mark.parametrize(("first", "last"), [(0, 0), (2, 1), (-31 * 1440, 0)])
def test_refused_spans(org: Running, first: int, last: int) -> None:
    client = org.client()
    with pytest.raises(SalesforceMalformedRequest) as raised:
        client.Account.updated(minute(org, first), minute(org, last))
    assert raised.value.content[0]["errorCode"] == "INVALID_REPLICATION_DATE"


def test_deleted_reaches_back_fifteen_days(org: Running) -> None:
    client = org.client()
    assert client.Account.deleted(minute(org, -14 * 1440), minute(org))["deletedRecords"] == []
    with pytest.raises(SalesforceMalformedRequest):
        client.Account.deleted(minute(org, -16 * 1440), minute(org))
