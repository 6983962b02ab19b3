"""One correlation id leads from the line of the log where an event arrives to the audit row of its write."""

from __future__ import annotations

from structlog.testing import capture_logs

from tests.flows.line import Line
from tests.flows.people import joined


def test_an_event_has_one_name_in_logs_outbox_and_audit(line: Line) -> None:
    account, _ = joined(line)
    with capture_logs() as lines:
        line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
        line.settle()
    [arrived] = [one for one in lines if one["event"] == "event arrived" and one["side"] == "salesforce"]
    [answered] = [one for one in lines if one["event"] == "write answered"]
    name = arrived["correlation_id"]
    assert name
    assert answered["correlation_id"] == name
    assert (answered["side"], answered["operation"], answered["state"]) == ("zoho", "update", "done")
    rows = line.reading(lambda uow: uow.audit.timeline([answered["lane_id"]]))
    assert [row["kind"] for row in rows if row["correlation_id"] == name] == ["written"]
    assert name in [event.correlation_id for event in line.events()]
