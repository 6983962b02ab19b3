"""SOQL text to a tree. What is not in this grammar is MALFORMED_QUERY."""

from __future__ import annotations

from dataclasses import replace

from integration.sandbox.salesforce.soql_conditions import ConditionParser
from integration.sandbox.salesforce.soql_cursor import Cursor
from integration.sandbox.salesforce.soql_errors import function_refused, malformed, unsupported
from integration.sandbox.salesforce.soql_tree import Counted, FieldSet, Named, Ordering, Query, Selected

_CLAUSES = {
    "USING": "USING SCOPE",
    "WITH": "WITH",
    "GROUP": "GROUP BY",
    "HAVING": "HAVING",
    "FOR": "FOR VIEW, FOR REFERENCE or FOR UPDATE",
    "UPDATE": "UPDATE TRACKING or VIEWSTAT",
    "ALL": "ALL ROWS",
    "AS": "alias after AS",
    ",": "FROM with several objects",
}
_MOST_CHILDREN = 20
_MOST_FIELDS = 200


class Parser:
    """Recursive descent over the tokens of one query."""

    def __init__(self, text: str, *, not_stands_alone: bool = True) -> None:
        self._cursor = Cursor(text)
        self._conditions = ConditionParser(self._cursor, not_stands_alone=not_stands_alone)

    def query(self) -> Query:
        """Raises MALFORMED_QUERY for anything outside the supported grammar."""
        found = self._query(inner=False)
        if self._cursor.peek().kind != "end":
            raise self._cursor.unexpected()
        return found

    def _query(self, *, inner: bool) -> Query:
        at = self._cursor.expect("SELECT").at
        head = self._selection(at, inner=inner)
        self._cursor.expect("FROM")
        source = self._cursor.name(reserved_too=True)
        self._refuse_foreign()
        alias = self._cursor.alias()
        self._refuse_foreign()
        where = self._conditions.condition() if self._cursor.take("WHERE") else None
        self._refuse_foreign()
        order = self._ordering() if self._cursor.take("ORDER") else ()
        limit = self._cursor.whole() if self._cursor.take("LIMIT") else None
        offset = self._offset(inner=inner)
        self._refuse_foreign()
        found = replace(
            head, source=source, alias=alias, where=where, order=order, limit=limit, offset=offset
        )
        _check_whole(found)
        return found

    def _offset(self, *, inner: bool) -> int:
        at = self._cursor.peek().at
        if not self._cursor.take("OFFSET"):
            return 0
        if inner:
            raise unsupported("OFFSET in a sub-query", "OFFSET", at)
        return self._cursor.whole()

    def _refuse_foreign(self) -> None:
        """Clauses a real org knows, each under its name in the list of what was asked for."""
        token = self._cursor.peek()
        feature = _CLAUSES.get(token.word) if token.kind in {"name", "sign"} else None
        if feature is not None:
            raise unsupported(feature, token.text, token.at)

    # -- what is selected -----------------------------------------------------------------------

    def _selection(self, at: int, *, inner: bool) -> Query:
        nothing = Query(Named("", at), None, (), at)
        if not inner and self._cursor.sees("COUNT") and self._cursor.peek(1).text == "(":
            return self._counts(nothing)
        selected = [self._item(inner=inner)]
        while self._cursor.take(","):
            selected.append(self._item(inner=inner))
        if sum(isinstance(item, Query) for item in selected) > _MOST_CHILDREN:
            raise malformed(f"a query has at most {_MOST_CHILDREN} sub-queries", at)
        return replace(nothing, selected=tuple(selected))

    def _counts(self, nothing: Query) -> Query:
        if self._cursor.peek(2).text == ")":
            for word in ("COUNT", "(", ")"):
                self._cursor.expect(word)
            return replace(nothing, count=True)
        counted = [self._counted()]
        while self._cursor.take(","):
            if not self._cursor.sees("COUNT"):
                token = self._cursor.peek()
                raise unsupported("aggregates beside fields or other aggregates", token.text, token.at)
            counted.append(self._counted())
        return replace(nothing, counted=tuple(counted))

    def _counted(self) -> Counted:
        self._cursor.expect("COUNT")
        self._cursor.expect("(")
        path = self._cursor.name()
        self._cursor.expect(")")
        return Counted(path, self._cursor.alias())

    def _item(self, *, inner: bool) -> Selected:
        token = self._cursor.peek()
        if self._cursor.take("("):
            if inner:
                raise unsupported("sub-query in a sub-query", "(", token.at)
            found = self._query(inner=True)
            self._cursor.expect(")")
            return found
        if self._cursor.sees("TYPEOF") and self._cursor.peek(1).kind == "name":
            raise unsupported("TYPEOF", token.text, token.at)
        name = self._cursor.name()
        if not self._cursor.sees("("):
            return name
        return self._function(name)

    def _function(self, name: Named) -> FieldSet:
        if name.text.upper() != "FIELDS":
            raise function_refused(name, "in SELECT")
        self._cursor.expect("(")
        which = self._cursor.name(reserved_too=True)
        self._cursor.expect(")")
        if which.text.upper() not in {"ALL", "STANDARD", "CUSTOM"}:
            raise malformed(f"unexpected token: '{which.text}'", which.at)
        return FieldSet(which.text.upper(), name.at)

    # -- order ----------------------------------------------------------------------------------

    def _ordering(self) -> tuple[Ordering, ...]:
        self._cursor.expect("BY")
        found = [self._order_term()]
        while self._cursor.take(","):
            found.append(self._order_term())
        return tuple(found)

    def _order_term(self) -> Ordering:
        path = self._cursor.name()
        if self._cursor.sees("("):
            raise function_refused(path, "in ORDER BY")
        descending = self._cursor.take("DESC")
        if not descending:
            self._cursor.take("ASC")
        nulls_first = True
        if self._cursor.take("NULLS"):
            nulls_first = self._cursor.take("FIRST")
            if not nulls_first:
                self._cursor.expect("LAST")
        return Ordering(path, descending, nulls_first)


def _check_whole(query: Query) -> None:
    """Rules between the clauses of one query."""
    if query.counted and (query.limit is not None or query.offset):
        message = "Non-grouped query that uses overall aggregate functions cannot also use LIMIT"
        raise malformed(message, query.at)
    if query.order and (query.count or query.counted):
        path = query.order[0].path
        raise malformed(f"Ordered field must be grouped or aggregated: {path.text}", path.at)
    unbounded = {item.which for item in query.selected if isinstance(item, FieldSet)} - {"STANDARD"}
    if unbounded and (query.limit is None or query.limit > _MOST_FIELDS):
        raise malformed(f"The SOQL FIELDS function must have a LIMIT of at most {_MOST_FIELDS}", query.at)
