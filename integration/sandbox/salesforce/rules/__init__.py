"""Which rules belong to which object."""

from __future__ import annotations

from collections.abc import Mapping

from integration.sandbox.salesforce.rules.opportunity import OpportunityRules
from integration.sandbox.salesforce.rules.opportunity_line import OpportunityLineRules
from integration.sandbox.salesforce.rules.order import OrderRules
from integration.sandbox.salesforce.rules.order_item import OrderItemRules
from integration.sandbox.salesforce.rules.price import PriceRules
from integration.sandbox.salesforce.rules.price_book import PriceBookRules
from integration.sandbox.salesforce.rules.product import ProductRules
from integration.sandbox.salesforce.rules.saving import Rules
from integration.sandbox.salesforce.switches import SalesforceSwitches

NO_RULES = Rules()


def rules_of(switches: SalesforceSwitches) -> Mapping[str, Rules]:
    """The rules by object name; objects that are not in it have none."""
    return {
        "Product2": ProductRules(),
        "Pricebook2": PriceBookRules(),
        "PricebookEntry": PriceRules(),
        "Opportunity": OpportunityRules(),
        "OpportunityLineItem": OpportunityLineRules(),
        "Order": OrderRules(switches),
        "OrderItem": OrderItemRules(switches),
    }
