"""Opportunities: what follows from the stage, from the close date and from the lines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.rules.money import exact, moved, rounded, summed
from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, integrity
from integration.sandbox.salesforce.schema import Value
from integration.sandbox.salesforce.standard_objects.states import FORECAST_CATEGORIES, STAGES, Stage
from integration.sandbox.salesforce.tables import Row

LINES = "OpportunityLineItem"
Line: TypeAlias = Mapping[str, Value] | None
_SUMS = {"Amount": "TotalPrice", "TotalOpportunityQuantity": "Quantity"}
_STAGES = {stage.name.casefold(): stage for stage in STAGES}
_UNLISTED = Stage("", 0, "Pipeline")
"""What a stage that nobody set up is worth, where the org lets it pass."""


class OpportunityRules(Rules):
    """Opportunity."""

    def fill(self, saving: Saving) -> None:
        if saving.values["StageName"] is not None and (saving.creating or saving.changes("StageName")):
            self._apply_stage(saving)
        elif "ForecastCategoryName" in saving.given:
            self._apply_category(saving)
        if saving.before is not None and saving.before["HasOpportunityLineItem"]:
            self._keep_roll_ups(saving, saving.before["Amount"], saving.before["TotalOpportunityQuantity"])
        saving.values["ExpectedRevenue"] = expected(saving.values["Amount"], saving.values["Probability"])
        self._apply_close_date(saving)

    def check(self, saving: Saving) -> None:
        probability = saving.values["Probability"]
        if not 0 <= float(probability or 0) <= 100:
            message = f"Probability (%): value outside of valid range on numeric field: {probability}"
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=["Probability"])
        if saving.before is None or not saving.before["HasOpportunityLineItem"]:
            return
        for name in ("Pricebook2Id", "CurrencyIsoCode"):
            if saving.changes(name):
                raise integrity(f"{name} cannot be changed while the opportunity has products", name)

    def back(self, scene: Scene, row: Row, *, along: bool) -> None:
        del along
        # It may have come back without the lines that went along with its account.
        if row.values["HasOpportunityLineItem"]:
            roll_up(scene, row.id)

    @staticmethod
    def _apply_stage(saving: Saving) -> None:
        stage = _STAGES.get(str(saving.values["StageName"]).casefold(), _UNLISTED)
        values = saving.values
        values["IsClosed"], values["IsWon"] = stage.closed, stage.won
        if "Probability" not in saving.given:
            values["Probability"] = float(stage.probability)
        values["ForecastCategory"] = stage.category
        if "ForecastCategoryName" in saving.given:
            OpportunityRules._apply_category(saving)
        else:
            values["ForecastCategoryName"] = FORECAST_CATEGORIES[stage.category]
        if not saving.creating:
            values["LastStageChangeDate"] = saving.audit["LastModifiedDate"]

    @staticmethod
    def _apply_category(saving: Saving) -> None:
        named = saving.values["ForecastCategoryName"]
        found = next((key for key, name in FORECAST_CATEGORIES.items() if name == named), None)
        saving.values["ForecastCategory"] = found

    @staticmethod
    def _keep_roll_ups(saving: Saving, amount: Value, quantity: Value) -> None:
        written = [name for name in ("Amount", "TotalOpportunityQuantity") if saving.changes(name)]
        if written and saving.switches.amount_with_lines_refused:
            names = " and ".join(written)
            raise integrity(f"{names} of an opportunity with products is the sum of its products", *written)
        saving.values["Amount"], saving.values["TotalOpportunityQuantity"] = amount, quantity

    @staticmethod
    def _apply_close_date(saving: Saving) -> None:
        if saving.values["CloseDate"] is None:
            return
        day = date.fromisoformat(str(saving.values["CloseDate"]))
        quarter = (day.month + 2) // 3
        saving.values.update(FiscalYear=day.year, FiscalQuarter=quarter, Fiscal=f"{day.year} {quarter}")


def expected(amount: Value, probability: Value) -> float | None:
    """What the org expects of the amount."""
    return None if amount is None else rounded(exact(amount) * exact(probability) / 100)


def roll_up(scene: Scene, opportunity_id: Value) -> None:
    """Sums the lines into their opportunity, unless that is gone itself."""
    opportunity = scene.store.live(opportunity_id)
    if opportunity is None:
        return
    lines = [line.values for line in scene.store.pointing(LINES, "OpportunityId", opportunity.id)]
    sums = {total: summed(line[part] for line in lines) for total, part in _SUMS.items()}
    _note_sums(scene, opportunity, sums, any_lines=bool(lines))


def roll_up_one(scene: Scene, before: Line, after: Line) -> None:
    """The same after one line changed (None: was not there, is not there), without looking at the others."""
    line = after or before or {}
    opportunity = scene.store.live(line["OpportunityId"])
    if opportunity is None:
        return
    sums = {total: moved(opportunity.values[total], before, after, part) for total, part in _SUMS.items()}
    if not opportunity.values["HasOpportunityLineItem"] or None in sums.values():
        # The first line puts an end to an amount that somebody had written.
        roll_up(scene, opportunity.id)
        return
    any_lines = after is not None or scene.store.any_pointing(LINES, "OpportunityId", opportunity.id)
    _note_sums(scene, opportunity, sums, any_lines=any_lines)


def _note_sums(scene: Scene, opportunity: Row, sums: Mapping[str, float | None], *, any_lines: bool) -> None:
    revenue = expected(sums["Amount"], opportunity.values["Probability"])
    changes = {**sums, "HasOpportunityLineItem": any_lines, "ExpectedRevenue": revenue}
    scene.change("Opportunity", opportunity, changes)
