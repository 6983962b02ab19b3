"""How all documents of purchase are shown and listed."""

from __future__ import annotations

from integration.sandbox.zoho.purchases.house import Purchases
from integration.sandbox.zoho.purchases.lists import bill_list, purchase_list
from integration.sandbox.zoho.purchases.order_view import PurchaseView
from integration.sandbox.zoho.purchases.receive_view import BillView, ReceiveView


class PurchaseViews:
    """One view for each kind of document, and a list where there is one."""

    def __init__(self, purchases: Purchases) -> None:
        self.orders, self.receives = PurchaseView(purchases), ReceiveView(purchases)
        self.bills = BillView(purchases)
        self.order_list, self.bill_list = purchase_list(purchases), bill_list()
