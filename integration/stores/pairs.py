"""Pairs, mapping versions, runs."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from integration.canonical.outcome import Mode
from integration.canonical.values import Json, Side
from integration.errors import ConfigurationFault
from integration.ports.rows import AuditRow, PairState
from integration.stores import bulk
from integration.stores.audit import SqlAudit
from integration.stores.tables_operation import mapping_versions, pairs, runs
from integration.stores.transaction import Transaction


class SqlPairs:
    """`PairStore` of one unit of work."""

    def __init__(self, tx: Transaction, audit: SqlAudit) -> None:
        self._tx = tx
        self._audit = audit

    def state(self) -> PairState:
        """The pair this unit works on. Raises ConfigurationFault when there is none."""
        row = self._tx.execute(sa.select(pairs).where(pairs.c.id == self._tx.pair_id)).one_or_none()
        if row is None:
            raise ConfigurationFault("pair.unknown", f"there is no pair {self._tx.pair_id}")
        sides = {side: f"_{side.value}" for side in Side}
        return PairState(
            row.id,
            row.name,
            modes={side: Mode(getattr(row, "mode" + end)) for side, end in sides.items()},
            held={side: getattr(row, "held" + end) for side, end in sides.items()},
            organization_ids={side: getattr(row, "organization" + end) for side, end in sides.items()},
            mapping_version=row.mapping_version,
        )

    def _set(self, **columns: object) -> None:
        self._tx.execute(sa.update(pairs).where(pairs.c.id == self._tx.pair_id).values(columns))

    def set_mode(self, side: Side, mode: Mode, author: str) -> None:
        """Set what may be written to `side`; told in the audit."""
        self._set(**{f"mode_{side.value}": mode.value})
        self._audit.add([AuditRow("mode", detail={"side": side.value, "mode": mode.value, "author": author})])

    def hold(self, side: Side, reason: str) -> None:
        """Brake: nothing is claimed for `side` until `reason` is cleared (empty); told in the audit."""
        self._set(**{f"held_{side.value}": reason})
        self._audit.add([AuditRow("hold", detail={"side": side.value, "reason": reason})])

    def set_organization(self, side: Side, organization_id: str) -> None:
        """Remember the organisation this pair was set up with."""
        self._set(**{f"organization_{side.value}": organization_id})

    def mapping(self, version: int) -> str:
        """The YAML of a mapping version. Raises ConfigurationFault when there is none."""
        statement = sa.select(mapping_versions.c.text).where(
            self._tx.mine(mapping_versions), mapping_versions.c.number == version
        )
        text: str | None = self._tx.execute(statement).scalar_one_or_none()
        if text is None:
            raise ConfigurationFault(
                "mapping.version",
                f"there is no mapping version {version}",
                advice="`mapping show` lists the versions.",
            )
        return text

    def add_mapping(self, text: str, author: str) -> int:
        """Store a new version and make it the live one; returns its number."""
        # The pair's row lock keeps two authors from taking the same number.
        self._tx.lock(sa.select(pairs.c.id).where(pairs.c.id == self._tx.pair_id), pairs)
        newest = sa.select(sa.func.coalesce(sa.func.max(mapping_versions.c.number), 0)).where(
            self._tx.mine(mapping_versions)
        )
        number = int(self._tx.execute(newest).scalar_one()) + 1
        row = {
            "pair_id": self._tx.pair_id,
            "number": number,
            "text": text,
            "author": author,
            "created_at": self._tx.now,
        }
        bulk.add(self._tx, mapping_versions, [row])
        self._set(mapping_version=number)
        self._audit.add([AuditRow("mapping", detail={"version": number, "author": author})])
        return number

    def start_run(self, job: str, slot: str, lease_ms: int) -> int | None:
        """Claim the run of (job, slot); None when it is done or under way elsewhere."""
        until = self._tx.now + lease_ms
        row = {
            "pair_id": self._tx.pair_id,
            "job": job,
            "slot": slot,
            "lease_until": until,
            "started_at": self._tx.now,
            "epoch": 1,
        }
        inserted = bulk.insert_new(self._tx, runs, [row], ("id",))
        if inserted:
            return int(inserted[0].id)
        claiming = (
            sa.update(runs)
            .where(
                self._tx.mine(runs),
                runs.c.job == job,
                runs.c.slot == slot,
                runs.c.state == "running",
                runs.c.lease_until <= self._tx.now,
            )
            .values(lease_until=until, epoch=runs.c.epoch + 1)
            .returning(runs.c.id)
        )
        taken: int | None = self._tx.execute(claiming).scalar()
        return taken

    def end_run(self, run_id: int, report: Mapping[str, Json]) -> None:
        """The run is done."""
        ending = sa.update(runs).where(self._tx.mine(runs), runs.c.id == run_id)
        self._tx.execute(ending.values(state="done", report=dict(report), ended_at=self._tx.now))
