"""How all documents of sale are shown and listed."""

from __future__ import annotations

from integration.sandbox.zoho.sales.fulfilment_view import FulfilmentView
from integration.sandbox.zoho.sales.house import Sales
from integration.sandbox.zoho.sales.invoice_view import InvoiceView
from integration.sandbox.zoho.sales.lists import invoice_list, order_list, package_list
from integration.sandbox.zoho.sales.order_view import OrderView


class SaleViews:
    """One view and one list for each kind of document that has them."""

    def __init__(self, sales: Sales) -> None:
        self.orders = OrderView(sales)
        self.fulfilment = FulfilmentView(sales)
        self.invoices = InvoiceView(sales)
        self.order_list = order_list(sales)
        self.package_list = package_list(sales)
        self.invoice_list = invoice_list(sales)
