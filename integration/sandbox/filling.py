"""Fills both systems with what the command line asks for: customers and a catalogue."""

from __future__ import annotations

from integration.sandbox.arguments import Arguments
from integration.sandbox.generate import generate_customers
from integration.sandbox.generate_catalogue import generate_catalogue
from integration.sandbox.systems import Json, StandIn


def fill(arguments: Arguments, zoho: StandIn, salesforce: StandIn | None) -> Json:
    """Generate by the seed; answers the truth about who is who and which item is which product."""
    truth: Json = {}
    if arguments.customers:
        truth = generate_customers(
            arguments.customers, arguments.seed, zoho, salesforce,
            overlap=arguments.overlap, ambiguous=arguments.ambiguous,
        )  # fmt: skip
    if arguments.items:
        truth["catalogue"] = generate_catalogue(
            arguments.items, arguments.seed, zoho, salesforce, overlap=arguments.item_overlap
        )
    return truth
