"""What columns are made of, the same on both engines.

Times are epoch milliseconds of the database's clock. JSON is never looked into by a statement: what is asked
for has a column of its own. Rows of the line carry no foreign keys: they are written in bulk under the lock
of their lane, and a check per row would cost as much as the row.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Text,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from integration.stores.json_text import clean

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Number = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only in a column declared INTEGER."""


class CleanText(TypeDecorator[str]):
    """Text without the characters PostgreSQL cannot store."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """A JSON document; None is SQL NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


def row_id() -> Column[Any]:
    """The table's own number."""
    return Column("id", Number, primary_key=True, autoincrement=True)


def pair_id() -> Column[Any]:
    """The pair a row belongs to; every row has one."""
    return Column("pair_id", BigInteger, nullable=False)


def number(name: str, default: int | None = 0) -> Column[Any]:
    """A whole number or a time; without a default it must be given."""
    return Column(
        name, BigInteger, nullable=False, server_default=None if default is None else text(str(default))
    )


def optional_number(name: str) -> Column[Any]:
    """A whole number, a time or a row's number that may be missing."""
    return Column(name, BigInteger, nullable=True)


def small(name: str) -> Column[Any]:
    """A rank or class."""
    return Column(name, SmallInteger, nullable=False, server_default=text("0"))


def string(name: str, default: str | None = "") -> Column[Any]:
    """Text; without a default it must be given."""
    return Column(
        name, CleanText, nullable=False, server_default=None if default is None else text(f"'{default}'")
    )


def optional_string(name: str) -> Column[Any]:
    """Text that may be missing (NULL keeps it out of unique indexes)."""
    return Column(name, CleanText, nullable=True)


def flag(name: str) -> Column[Any]:
    """True or false, false unless set."""
    return Column(name, Boolean(create_constraint=False), nullable=False, server_default=text("false"))


def document(name: str, empty: str = "{}") -> Column[Any]:
    """A JSON document."""
    return Column(name, Json, nullable=False, server_default=text(f"'{empty}'"))


def optional_document(name: str) -> Column[Any]:
    """A JSON document that may be missing."""
    return Column(name, Json, nullable=True)


def binary(name: str) -> Column[Any]:
    """Bytes."""
    return Column(name, LargeBinary, nullable=True)


def equals(column: Column[Any], word: str) -> ColumnElement[bool]:
    """`column = 'word'` with the word in the statement: a bound value would hide it from partial indexes."""
    return column == literal_column(f"'{word}'", Text)


def among(column: Column[Any], *words: str) -> ColumnElement[bool]:
    """`column IN (…)` with the words in the statement, for partial indexes as well."""
    return column.in_([literal_column(f"'{word}'", Text) for word in words])
