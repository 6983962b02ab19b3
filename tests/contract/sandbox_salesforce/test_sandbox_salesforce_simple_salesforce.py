"""simple-salesforce, unchanged, over TLS with the self-made certificate: `bulk2` and `restful`."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceOperationError

from tests.contract.sandbox_salesforce.raw_calls import step
from tests.contract.sandbox_salesforce.running_org import Running

WAIT = 0.01


@pytest.fixture
def sf(org: Running) -> Any:
    return org.client()


def test_insert_update_upsert_delete(org: Running, sf: Any) -> None:
    bulk = sf.bulk2.Account
    records = [{"Name": f"A{n}", "Zoho_Id__c": str(n)} for n in range(3)]
    [done] = bulk.insert(records=[*records, {"Name": "", "Zoho_Id__c": "9"}], wait=WAIT)
    assert (done["numberRecordsTotal"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (
        4,
        4,
        1,
    )
    results = bulk.get_all_ingest_records(done["job_id"])
    made = {row["Name"]: row["sf__Id"] for row in results["successfulRecords"]}
    assert sorted(made) == ["A0", "A1", "A2"]
    assert results["failedRecords"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING:")
    assert results["unprocessedRecords"] == []
    [done] = bulk.update(records=[{"Id": made["A0"], "Phone": "1"}], wait=WAIT)
    assert sf.Account.get(made["A0"])["Phone"] == "1"
    keyed = [{"Name": "B1", "Zoho_Id__c": "1"}, {"Name": "B7", "Zoho_Id__c": "7"}]
    [done] = bulk.upsert(records=keyed, external_id_field="Zoho_Id__c", wait=WAIT)
    created = list(csv.DictReader(io.StringIO(bulk.get_successful_records(done["job_id"]))))
    assert {row["Name"]: row["sf__Created"] for row in created} == {"B1": "false", "B7": "true"}
    [done] = bulk.delete(records=[{"Id": record_id} for record_id in made.values()], wait=WAIT)
    assert done["numberRecordsFailed"] == 0
    assert org.do(org.org.counts)["Account"] == {"alive": 1, "deleted": 3}


def test_several_jobs_from_a_file(org: Running, sf: Any, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_bytes(b'Name|Description\r\nA|"two\r\nlines"\r\nB|\r\nC|x\r\n')
    done = sf.bulk2.Account.insert(
        str(file), batch_size=2, column_delimiter="PIPE", line_ending="CRLF", wait=WAIT
    )
    assert sorted(job["numberRecordsProcessed"] for job in done) == [1, 2]
    assert org.do(org.org.counts)["Account"]["alive"] == 3


def test_a_failed_job_raises_its_message(org: Running, sf: Any) -> None:
    with pytest.raises(SalesforceOperationError) as raised:
        sf.bulk2.Account.insert(records=[{"Nonsense": "x"}], wait=WAIT)
    assert "InvalidBatch : Field name not found : Nonsense" in str(raised.value)


def test_queries_and_downloads(org: Running, sf: Any, tmp_path: Path) -> None:
    sf.bulk2.Account.insert(records=[{"Name": f"A{n}"} for n in range(5)], wait=WAIT)
    pages = list(sf.bulk2.Account.query("SELECT Name FROM Account ORDER BY Name", max_records=2, wait=WAIT))
    assert pages == ['"Name"\n"A0"\n"A1"\n', '"Name"\n"A2"\n"A3"\n', '"Name"\n"A4"\n']
    files = sf.bulk2.Account.download(
        "SELECT Name FROM Account", path=str(tmp_path), max_records=3, wait=WAIT
    )
    assert [found["number_of_records"] for found in files] == [3, 2]
    assert Path(files[1]["file"]).read_text().startswith('"Name"\n"A')
    with pytest.raises(SalesforceMalformedRequest) as raised:
        list(sf.bulk2.Account.query("SELECT BillingAddress FROM Account", wait=WAIT))
    content: Any = raised.value.content
    assert content[0]["message"] == "Selecting compound data not supported in Bulk Query"


def test_restful_is_the_door_to_the_rest(org: Running, sf: Any) -> None:
    steps = [
        step("POST", "sobjects/Account", "a", {"Name": "A"}),
        step("GET", "sobjects/Account/@{a.id}", "b"),
    ]
    answers = sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": steps})
    assert answers["compositeResponse"][1]["body"]["Name"] == "A"
    graphs = {"graphs": [{"graphId": "g", "compositeRequest": steps}]}
    assert sf.restful("composite/graph", method="POST", json=graphs)["graphs"][0]["isSuccessful"] is True
    batch = {"batchRequests": [{"method": "GET", "url": "v61.0/limits"}]}
    assert sf.restful("composite/batch", method="POST", json=batch)["hasErrors"] is False
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.api_usage["api-usage"].total == 100_000
