"""The processes of the product on one machine: what they are, and who keeps them running."""

from integration.processes.embedded_valkey import EmbeddedValkey
from integration.processes.specs import ProcessAddresses, migrate_command, product_specs
from integration.processes.supervisor import ProcessSpec, ProcessStatus, Supervisor

__all__ = [
    "EmbeddedValkey",
    "ProcessAddresses",
    "ProcessSpec",
    "ProcessStatus",
    "Supervisor",
    "migrate_command",
    "product_specs",
]
