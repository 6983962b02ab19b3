"""What the demo has to say at the end: one JSON object for programs, tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table
from rich.text import Text

from integration.canonical.values import Json
from integration.demo.life import Life
from integration.demo.proof import Check
from integration.demo.watch import UNENDED
from integration.flows.reconcile import Proof

MOST_SHOWN = 15
LEAST_CHANGES = 300
"""With fewer the run shows too little."""


@dataclass
class Report:
    """The result of one run."""

    proof: Proof
    check: Check
    life: Life
    outcomes: Mapping[str, int]
    echo_writes: int
    api_calls: Mapping[str, int]
    webhooks: Mapping[str, int]
    restarts: Mapping[str, int]
    limits: str
    seconds: float
    phases: dict[str, float] = field(default_factory=dict)

    @property
    def reasons(self) -> list[str]:
        """Why the proof does not hold; empty when it does."""
        open_events = sum(self.outcomes.get(state, 0) for state in UNENDED)
        found = {
            "differences nobody can account for": len(self.proof.unexplained),
            "duplicates": self.duplicates,
            "customers joined wrongly": len(self.check.wrong_joins),
            "values that differ when asked independently": len(self.check.unequal),
            "records we know nothing of": len(self.check.unseen),
            "writes caused by nothing but our own writes": self.echo_writes,
            "events without an end": open_events,
        }
        reasons = [f"{count} {what}" for what, count in found.items() if count]
        few = self.life.changes < LEAST_CHANGES
        return reasons + ([f"people could make only {self.life.changes} changes"] if few else [])

    @property
    def holds(self) -> bool:
        """Whether everything that was promised came true."""
        return not self.reasons

    @property
    def duplicates(self) -> int:
        """Records doubled, by reconcile's count and by the independent one."""
        return max(len(self.proof.duplicates), len(self.check.duplicates))

    def to_json(self) -> dict[str, Json]:
        """The object of the last line; the counts of `outcomes` sum to `events_accepted`."""
        told = self.proof.to_json()
        return {
            "holds": self.holds,
            "reasons": list[Json](self.reasons),
            "events_accepted": sum(self.outcomes.values()),
            "outcomes": dict(self.outcomes),
            "records": told["records"],
            "duplicates": self.duplicates,
            "echo_writes": self.echo_writes,
            "api_calls": {name: self.api_calls.get(name, 0) for name in ("salesforce", "zoho")},
            "changes": {"made": self.life.changes, "kinds": dict(self.life.made)},
            "refused_by_the_systems": list[Json](self.life.refused),
            "joins": {
                "right": self.check.joined,
                "asked": self.check.told,
                "wrong": list[Json](self.check.wrong_joins[:MOST_SHOWN]),
            },
            "doubled": list[Json]([*self.check.duplicates, *self.proof.duplicates][:MOST_SHOWN]),
            "unequal": list[Json](self.check.unequal[:MOST_SHOWN]),
            "unseen": list[Json](self.check.unseen[:MOST_SHOWN]),
            "differences": list[Json]([vars(d) for d in self.proof.differences[:MOST_SHOWN]]),
            "webhooks": dict(self.webhooks),
            "restarts": dict(self.restarts),
            "limits": self.limits,
            "phases": dict(self.phases),
            "seconds": round(self.seconds, 1),
        }

    def show(self, console: Console) -> None:
        """For people."""
        for part in (self._records(), self._outcomes(), self._life()):
            console.print(part)
        if self.proof.differences:
            console.print(self._differences())
        check = self.check
        for line in [*check.wrong_joins, *check.duplicates, *check.unequal, *check.unseen][:MOST_SHOWN]:
            console.print(Text(f"  {line}", style="red"))
        verdict = "The proof holds." if self.holds else f"The proof does NOT hold: {'; '.join(self.reasons)}."
        console.print(Text(verdict, style="bold green" if self.holds else "bold red"))

    def _records(self) -> Table:
        proof = self.proof
        return _table(
            "Records compared",
            {
                "in Salesforce": proof.salesforce,
                "in Zoho Inventory": proof.zoho,
                "equal": proof.equal,
                "different, with a reason": len(proof.differences) - len(proof.unexplained),
                "different, unexplained": len(proof.unexplained),
                "out of scope": proof.out_of_scope,
                "duplicates": self.duplicates,
                "true pairs joined": self.check.joined,
                "records a person is asked about": self.check.told,
            },
        )

    def _outcomes(self) -> Table:
        rows = dict(sorted(self.outcomes.items(), key=lambda item: -item[1]))
        return _table("What every event became", {**rows, "events accepted": sum(self.outcomes.values())})

    def _life(self) -> Table:
        rows: dict[str, object] = {**self.life.made, "changes made by people": self.life.changes}
        rows |= {f"webhooks {name}": count for name, count in self.webhooks.items() if count}
        rows |= {f"{name} started again": count for name, count in self.restarts.items()}
        rows |= {f"API calls to {name}": count for name, count in self.api_calls.items()}
        return _table("What happened", rows)

    def _differences(self) -> Table:
        made = Table(title="What differs, and why", title_justify="left")
        for column in ("record", "what", "why"):
            made.add_column(column, overflow="fold")
        for (what, why), count in Counter(
            (d.what, _kind(d.why)) for d in self.proof.differences
        ).most_common():
            example = next(d for d in self.proof.differences if (d.what, _kind(d.why)) == (what, why))
            record = f"{example.salesforce_id or '-'} / {example.zoho_id or '-'}"
            more = f" and {count - 1} more" if count > 1 else ""
            made.add_row(Text(record + more), Text(what), Text(example.why or "UNEXPLAINED"))
        return made


def _kind(why: str) -> str:
    """The cause without the number of the case."""
    return why.partition(":")[2] or why


def _table(title: str, rows: Mapping[str, object]) -> Table:
    made = Table(title=title, title_justify="left", show_header=False)
    made.add_column()
    made.add_column(justify="right")
    for name, value in rows.items():
        made.add_row(Text(name), Text(str(value)))
    return made
