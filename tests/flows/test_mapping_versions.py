"""A mapping that changes between a decision and its request."""

from __future__ import annotations

from dataclasses import dataclass, replace

from integration.canonical.values import Side
from integration.flows.modes import apply_mapping
from integration.flows.transform import transform
from integration.flows.validate import validate
from integration.flows.write import write
from integration.mapping import CompiledMapping
from tests.flows.agreement import assert_agreement
from tests.flows.line import Line
from tests.flows.people import joined


@dataclass(frozen=True)
class TwoVersions:
    """Versions 0 and 1, alike but for their number."""

    first: CompiledMapping

    def version(self, number: int) -> CompiledMapping:
        return replace(self.first, version=number)

    def live(self) -> CompiledMapping:
        return self.version(1)


def written_under(line: Line, lane_ids: list[int]) -> list[object]:
    rows = line.reading(lambda uow: uow.audit.timeline(lane_ids))
    return [row["detail"]["mapping_version"] for row in rows if row["kind"] == "written"]


def test_what_was_decided_under_an_older_mapping_is_decided_anew(line: Line) -> None:
    """A request says by which version its fields were chosen and made: one, not two."""
    account, _ = joined(line)
    [lane_id] = {row.lane_id for row in line.bindings() if row.salesforce_id == account}
    before = len(written_under(line, [lane_id]))
    line.mapping = TwoVersions(line.mapping.compiled)  # type: ignore[assignment]
    line.salesforce.org.edit("Account", {"BillingCity": "York"}, account)
    line.listen()
    transform(line.services)
    apply_mapping(line.services, "{}", "ops")
    validate(line.services)
    write(line.services, Side.ZOHO)
    line.settle()
    assert written_under(line, [lane_id])[before:] == [1]
    assert_agreement(line)
