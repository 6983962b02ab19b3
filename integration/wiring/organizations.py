"""A connection stays with the organisation it was set up with."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from integration.canonical.values import Side
from integration.errors import ConfigurationFault
from integration.ports import Gateway, Stores


class Organizations:
    """Compares each side's organisation with the stored one, once per process. Safe for threads."""

    def __init__(self, pair_id: int, stores: Stores, gateways: Mapping[Side, Gateway]) -> None:
        self._pair_id = pair_id
        self._stores = stores
        self._gateways = gateways
        self._verified: dict[Side, str] = {}
        self._lock = threading.Lock()

    def verify(self, *sides: Side) -> None:
        """Ask these sides who they are; the first answer of all is kept for good.

        Raises ConfigurationFault when a side is another organisation than before, and the side's fault when
        it cannot be asked. Not to be called inside a unit of work.
        """
        for side in sides:
            if side not in self._verified:
                with self._lock:
                    self._verify(side)

    def known(self, side: Side) -> str:
        """The id of a side's organisation; empty before `verify`."""
        return self._verified.get(side, "")

    def _verify(self, side: Side) -> None:
        told = self._gateways[side].organization_id()
        with self._stores.begin(self._pair_id, "wiring.organization") as uow:
            kept = uow.pairs.state().organization_ids[side]
            if not kept:
                uow.pairs.set_organization(side, told)
        if kept and kept != told:
            raise ConfigurationFault(
                "organization.changed",
                f"{side.value} answers for another organisation than this pair was set up with",
                where=f"pairs.{side.value}",
                advice="Correct the connection's settings. For another organisation set up another pair.",
            )
        self._verified[side] = told
