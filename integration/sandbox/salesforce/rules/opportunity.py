"""Opportunities: what follows from the stage, from the close date and from the lines."""

from __future__ import annotations

from datetime import date

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.rules.money import exact, rounded, summed
from integration.sandbox.salesforce.rules.saving import Rules, Saving, Scene, integrity
from integration.sandbox.salesforce.schema import Value
from integration.sandbox.salesforce.standard_objects.states import FORECAST_CATEGORIES, STAGES, Stage
from integration.sandbox.salesforce.tables import Row

LINES = "OpportunityLineItem"
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
    lines = scene.store.pointing(LINES, "OpportunityId", opportunity.id)
    amount = summed(line.values["TotalPrice"] for line in lines)
    changes: dict[str, Value] = {
        "Amount": amount,
        "TotalOpportunityQuantity": summed(line.values["Quantity"] for line in lines),
        "HasOpportunityLineItem": bool(lines),
        "ExpectedRevenue": expected(amount, opportunity.values["Probability"]),
    }
    scene.change("Opportunity", opportunity, changes)
