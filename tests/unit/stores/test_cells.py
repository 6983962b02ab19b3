"""Lanes survive their way through rows, whatever they hold."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integration.canonical.event import Position
from integration.canonical.outcome import BindingState, Operation, WorkClass
from integration.canonical.values import Side, Value
from integration.policy.state import Cell, Existence, Intent, Member, SideState, Write
from integration.stores.cells import Facts, decode_cells, encode_cells
from integration.stores.json_text import dumps, loads
from integration.stores.lane_rows import (
    intent_of,
    intent_row,
    member_of,
    member_row,
    side_of,
    snapshot_row,
    write_of,
    write_row,
)
from integration.stores.ranks import RANK

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
NUMBER = st.integers(0, 2**53)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**60), 2**60),
    TEXT,
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)
FIELDS = st.dictionaries(TEXT, VALUES, max_size=5)
POSITIONS = st.builds(Position, NUMBER, NUMBER, NUMBER, st.booleans())
CELLS = st.dictionaries(
    TEXT,
    st.builds(
        Cell,
        VALUES,
        POSITIONS,
        POSITIONS,
        VALUES,
        st.booleans(),
        st.lists(VALUES, max_size=3).map(tuple),
        st.booleans(),
        st.lists(VALUES, max_size=3).map(tuple),
        NUMBER,
    ),
    max_size=6,
)
IMAGES = st.dictionaries(
    TEXT, st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT | st.floats(-1e9, 1e9), max_size=5
)


def _sides(side: Side) -> st.SearchStrategy[SideState]:
    return st.builds(
        SideState,
        st.just(side),
        TEXT,
        TEXT,
        st.sampled_from(Existence),
        IMAGES,
        CELLS,
        st.integers(0, 5),
        in_scope=st.booleans(),
        scope_reason=TEXT,
        merged_into=TEXT,
        children_at=NUMBER,
        image_at=POSITIONS,
        recheck_at=NUMBER,
        read_at=NUMBER,
        waived=st.dictionaries(TEXT, TEXT, max_size=2),
    )


def _row(values: dict[str, Any], **more: Any) -> Any:
    return SimpleNamespace(**values, **more)


@given(CELLS)
def test_cells_come_back(cells: dict[str, Cell]) -> None:
    back = decode_cells(loads(dumps(encode_cells(cells))))
    assert back == cells
    assert [type(cell.value) for cell in back.values()] == [type(cell.value) for cell in cells.values()]


def test_cells_of_one_read_share_its_position() -> None:
    here = Position(1_700_000_000_000, 1, 2, is_read=True)
    encoded = encode_cells({f"field_{n}": Cell(f"v{n}", Position(*vars(here).values())) for n in range(20)})
    assert encoded["p"] == [[1_700_000_000_000, 1, 2, True]]
    assert len(dumps(encoded)) < 20 * 25


def test_true_is_not_one() -> None:
    """Texts are compared, because Python takes True for 1 and the change would not be stored."""
    assert dumps(encode_cells({"a": Cell(True)})) != dumps(encode_cells({"a": Cell(1)}))


@given(_sides(Side.SALESFORCE), st.frozensets(TEXT, max_size=3))
def test_a_side_comes_back(state: SideState, keys: frozenset[str]) -> None:
    row = snapshot_row(state, keys)
    assert side_of(_row(row, side=state.side.value), state.entity, state.record_id) == state
    assert frozenset(loads(row["match_keys"])) == keys


@given(
    st.builds(
        Member,
        st.integers(1, 2**40),
        TEXT,
        TEXT,
        st.sampled_from(BindingState),
        st.just({}),
        FIELDS,
        st.booleans(),
        TEXT,
        st.none() | st.integers(1, 9),
        waived_match=TEXT,
        noted=NUMBER,
    )
)
def test_a_member_comes_back(member: Member) -> None:
    assert member_of(_row(member_row(7, member), id=member.binding_id)) == member


@given(
    st.builds(
        Intent,
        st.sampled_from(Side),
        TEXT,
        NUMBER,
        NUMBER,
        st.integers(0, 3),
        st.booleans(),
        st.lists(TEXT, max_size=3).map(tuple),
    )
)
def test_an_intent_comes_back(intent: Intent) -> None:
    assert intent_of(_row(intent_row(intent))) == intent


@given(
    st.builds(
        Write,
        st.integers(1, 9),
        st.integers(1, 9),
        st.sampled_from(Side),
        st.sampled_from(Operation),
        TEXT,
        fields=IMAGES,
        values=FIELDS,
        children=st.dictionaries(st.integers(1, 9), FIELDS, max_size=2),
        child_fields=st.lists(IMAGES, max_size=2),
        parent_id=TEXT,
        key=TEXT,
        facet=TEXT,
        blanked=st.integers(0, 3),
        correlation_id=TEXT,
        work=st.sampled_from(WorkClass),
    )
)
def test_a_write_comes_back(write: Write) -> None:
    row = write_row(write)
    row["payload"] = loads(row["payload"])
    assert write_of(_row(row, id=write.id, work=RANK[write.work])) == write


def test_every_fact_of_a_side_is_kept() -> None:
    """Whoever adds a field to the state gets it stored without touching this package."""
    kept = SideState(Side.ZOHO)
    samples: dict[type, object] = {
        bool: True,
        int: 5,
        str: "x",
        dict: {"a": "b"},
        Position: Position(5, 6, 7),
    }
    for one in fields(SideState):
        current = getattr(kept, one.name)
        if one.name not in ("side", "entity", "record_id", "existence", "cells"):
            setattr(kept, one.name, not current if isinstance(current, bool) else samples[type(current)])
    row = snapshot_row(kept, frozenset())
    assert side_of(_row(row, side="zoho"), "", "") == kept


@dataclass
class _Later:
    """A dataclass as a later release may have it."""

    old: int = 0
    new: str = "n"
    many: tuple[str, ...] = ()
    where: Position = field(default_factory=Position)


def test_facts_of_other_releases_do_no_harm() -> None:
    facts = Facts(_Later, columns=frozenset())
    assert facts.decode({"gone": 1, "old": 4}) == {"old": 4}
    assert facts.encode(_Later()) == {}
    later = _Later(1, "x", ("a",), Position(3))
    assert _Later(**facts.decode(loads(dumps(facts.encode(later))))) == later


def test_values_keep_their_types() -> None:
    values: list[Value] = [
        Decimal("1.50"),
        date(2026, 11, 23),
        datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC),
        "2026-11-23",
        1,
        True,
    ]
    back = decode_cells(
        loads(dumps(encode_cells({str(n): Cell(v, written=(v,)) for n, v in enumerate(values)})))
    )
    assert [c.value for c in back.values()] == values
    assert [str(c.written[0]) for c in back.values()] == [str(v) for v in values]
