"""A stand-in for a Salesforce org: REST over HTTPS and the event bus over gRPC, from one state."""

from integration.sandbox.salesforce.incidents import Incidents
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_server import start_pubsub
from integration.sandbox.salesforce.routes import RUNNER_OPTIONS, routes
from integration.sandbox.salesforce.switches import SalesforceSwitches

__all__ = [
    "RUNNER_OPTIONS",
    "Incidents",
    "OrgOptions",
    "SalesforceOrg",
    "SalesforceSwitches",
    "routes",
    "start_pubsub",
]
