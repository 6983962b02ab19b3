"""Refusals of queries, with the piece of the query they point at."""

from __future__ import annotations

from integration.sandbox.salesforce.api_errors import ApiError
from integration.sandbox.salesforce.soql_tree import Named

SYNTAX = "not in the grammar"
_FUNCTIONS = frozenset(
    "AVG COUNT COUNT_DISTINCT MIN MAX SUM GROUPING TOLABEL CONVERTCURRENCY CONVERTTIMEZONE FORMAT DISTANCE"
    " GEOLOCATION CALENDAR_MONTH CALENDAR_QUARTER CALENDAR_YEAR DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY"
    " FISCAL_MONTH FISCAL_QUARTER FISCAL_YEAR HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR".split()
)
_SHOWN_BEFORE = 32
_SHOWN_AFTER = 20


class QueryError(Exception):
    """A query is refused at a character; `feature` names what a real org has and this grammar has not."""

    def __init__(self, code: str, message: str, at: int | None = None, *, feature: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.at = at
        self.feature = feature

    def answer(self, query: str) -> ApiError:
        """The error as the API answers it."""
        found = ApiError(
            self.code, self.message if self.at is None else _pointing(query, self.at) + self.message
        )
        found.unsupported = self.feature
        return found


def _pointing(query: str, at: int) -> str:
    """The line of the error with a caret below, then row and column counted from one."""
    first = query.rfind("\n", 0, at) + 1
    end = query.find("\n", at)
    line = query[first : len(query) if end < 0 else end]
    column = at - first
    start = max(0, column - _SHOWN_BEFORE)
    shown = line[start : column + _SHOWN_AFTER]
    row = query.count("\n", 0, at) + 1
    return f"\n{shown}\n{' ' * (column - start)}^\nERROR at Row:{row}:Column:{column + 1}\n"


def malformed(message: str, at: int | None = None) -> QueryError:
    return QueryError("MALFORMED_QUERY", message, at, feature=SYNTAX)


def unsupported(feature: str, shown: str, at: int) -> QueryError:
    """What a real org may well answer, but this stand-in does not."""
    return QueryError("MALFORMED_QUERY", f"unexpected token: '{shown}'", at, feature=feature)


def function_refused(name: Named, place: str) -> QueryError:
    """A real org's function is listed under its name, any other name before a parenthesis is nonsense."""
    word = name.text.upper()
    feature = f"function {word}() {place}" if word in _FUNCTIONS else SYNTAX
    return unsupported(feature, "(", name.at + len(name.text))


def invalid_field(message: str, at: int) -> QueryError:
    return QueryError("INVALID_FIELD", message, at)


def no_such_column(name: str, object_name: str, at: int) -> QueryError:
    message = (
        f"No such column '{name}' on entity '{object_name}'. If you are attempting to use a custom field,"
        " be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe"
        " call for the appropriate names."
    )
    return invalid_field(message, at)


def no_such_relationship(name: str, at: int) -> QueryError:
    message = (
        f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom"
        " relationship, be sure to append the '__r' after the custom relationship name. Please reference your"
        " WSDL or the describe call for the appropriate names."
    )
    return invalid_field(message, at)


def unknown_type(name: str, at: int) -> QueryError:
    message = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to"
        " append the '__c' after the entity name. Please reference your WSDL or the describe call for the"
        " appropriate names."
    )
    return QueryError("INVALID_TYPE", message, at)


def invalid_operator(message: str, at: int) -> QueryError:
    return QueryError("INVALID_QUERY_FILTER_OPERATOR", message, at)
