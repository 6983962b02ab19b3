"""The records that the platform itself keeps and that every org has from the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.schema import Value
from integration.sandbox.salesforce.standard_objects.states import (
    DRAFT,
    FORECAST_CATEGORIES,
    STAGES,
    order_states,
)

Fields = dict[str, Value]


def system_records(
    options: OrgOptions, org_id: str, user_ids: Mapping[str, str]
) -> Iterator[tuple[str, str | None, Fields]]:
    """Object name, id where it is fixed, and fields of every such record."""
    for username, user_id in user_ids.items():
        yield "User", user_id, _user(username)
    organization: Fields = {
        "Name": options.org_name,
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "SB1",
        "TimeZoneSidKey": "Europe/London",
        "DefaultLocaleSidKey": "en_GB",
        "LanguageLocaleKey": "en_US",
    }
    yield "Organization", org_id, organization
    for place, code in enumerate(options.currencies):
        rate: Fields = {"IsoCode": code, "ConversionRate": 1.0, "DecimalPlaces": 2, "IsActive": True}
        yield "CurrencyType", None, {**rate, "IsCorporate": place == 0}
    yield "Pricebook2", None, {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True}
    yield from (("OpportunityStage", None, stage) for stage in _stages())
    yield from (("OrderStatus", None, status) for status in _order_statuses(options))


def _stages() -> Iterator[Fields]:
    for place, stage in enumerate(STAGES, start=1):
        yield {
            "MasterLabel": stage.name,
            "ApiName": stage.name,
            "IsActive": True,
            "SortOrder": place,
            "IsClosed": stage.closed,
            "IsWon": stage.won,
            "ForecastCategory": stage.category,
            "ForecastCategoryName": FORECAST_CATEGORIES[stage.category],
            "DefaultProbability": float(stage.probability),
        }


def _order_statuses(options: OrgOptions) -> Iterator[Fields]:
    states = order_states(options.switches.order_statuses)
    first = next(status for status, code in states.items() if code == DRAFT)
    for place, (status, code) in enumerate(states.items(), start=1):
        common: Fields = {"MasterLabel": status, "ApiName": status, "SortOrder": place}
        yield {**common, "StatusCode": code, "IsDefault": status == first}


def _user(username: str) -> Fields:
    first = username.partition("@")[0].capitalize()
    return {
        "Username": username,
        "Name": f"{first} User",
        "FirstName": first,
        "LastName": "User",
        "Email": username,
        "Alias": first[:8].lower(),
        "IsActive": True,
        "UserType": "Standard",
        "TimeZoneSidKey": "Europe/London",
        "LocaleSidKey": "en_GB",
    }
