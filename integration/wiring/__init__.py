"""The one place that knows concrete parts: it joins stores, connectors and settings into `Services`.

Nothing is connected before a part is used. `prepare` is for whoever works the line: it asks both systems what
the mapping must know, so it may not be called inside a unit of work.
"""

from integration.wiring.pairs import PERSON_SECONDS, WiredPair, Wiring, build_services
from integration.wiring.receiver import Hook, Receiver

__all__ = ["PERSON_SECONDS", "Hook", "Receiver", "WiredPair", "Wiring", "build_services"]
