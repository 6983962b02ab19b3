"""Generated queries of the stated grammar: what is asked, and one of the ways to write it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.contract.sandbox_salesforce.soql_oracle import Asked, Both, Days, Negated, Term, Test
from tests.contract.sandbox_salesforce.soql_world import CHILDREN, FIELDS, LOOK_UPS, World

_COMPARED = ("=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN")
_SIGNS: dict[str, tuple[str, ...]] = {
    "string": (*_COMPARED, "LIKE", "LIKE"),
    "case": (*_COMPARED, "LIKE"),
    "picklist": (*_COMPARED, "LIKE"),
    "multi": ("=", "!=", "INCLUDES", "EXCLUDES"),
    "boolean": ("=", "!=", "IN", "NOT IN"),
}
_LISTS = {"IN", "NOT IN", "INCLUDES", "EXCLUDES"}
_OFFSETS = ("+02:00", "-08:00", "+0530")
_SPANS = [
    *"TODAY YESTERDAY TOMORROW LAST_90_DAYS NEXT_90_DAYS".split(),
    *(f"{when}_{unit}" for when in ("LAST", "THIS", "NEXT") for unit in ("WEEK", "MONTH", "QUARTER", "YEAR")),
]
_COUNTED = [
    *(
        f"{when}_N_{unit}S:"
        for when in ("LAST", "NEXT")
        for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
    ),
    *(f"N_{unit}S_AGO:" for unit in ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")),
]
_ESCAPES = {"'": "\\'", "\\": "\\\\", "\n": "\\n"}


@st.composite
def queries(draw: st.DrawFn, world: World) -> tuple[Asked, str]:
    """A whole query of one of the objects, with or without sub-queries, and its text."""
    entity = draw(st.sampled_from(["Account", "Contact", "Parcel__c"]))
    asked = Writer(draw, world).asked(entity, inner=False)
    return asked, Text(draw, asked, entity).whole()


class Writer:
    """Draws queries over one world."""

    def __init__(self, draw: st.DrawFn, world: World) -> None:
        self._draw = draw
        self._world = world

    def asked(self, entity: str, *, inner: bool) -> Asked:
        columns = dict.fromkeys(self._path(entity)[0] for _ in range(self._up_to(3) + 1))
        children: dict[str, Asked] = {}
        for _ in range(0 if inner or entity not in CHILDREN else self._up_to(2)):
            name = self._pick(*sorted(CHILDREN[entity]))
            children[name] = self.asked(CHILDREN[entity][name][0], inner=True)
        return Asked(
            entity,
            tuple(columns),
            tuple(children.items()),
            self._condition(entity, 3) if self._up_to(4) else None,
            tuple(self._term(entity) for _ in range(self._up_to(3))),
            self._pick(None, None, 0, 1, 3, 10, 2000),
            0 if inner else self._pick(0, 0, 0, 1, 5),
        )

    def _pick(self, *choices: Any) -> Any:
        return self._draw(st.sampled_from(choices))

    def _up_to(self, most: int) -> int:
        return self._draw(st.integers(0, most))

    def _path(self, entity: str) -> tuple[tuple[str, ...], str]:
        """A path and the kind of field at its end; at most five look-ups long."""
        relations: list[str] = []
        while LOOK_UPS[entity] and len(relations) < 5 and self._up_to(2) == 2:
            relations.append(self._pick(*sorted(LOOK_UPS[entity])))
            entity = LOOK_UPS[entity][relations[-1]][1]
        name = self._pick(*sorted(FIELDS[entity]))
        return (*relations, name), FIELDS[entity][name]

    def _condition(self, entity: str, depth: int) -> Any:
        shape = self._up_to(5) if depth else 0
        if shape == 5:
            return Negated(self._condition(entity, depth - 1))
        if shape >= 3:
            members = tuple(self._condition(entity, depth - 1) for _ in range(2 + self._up_to(1)))
            return Both(self._pick("AND", "OR"), members)
        path, kind = self._path(entity)
        sign = self._pick(*_SIGNS.get(kind, _COMPARED))
        return Test(path, kind, sign, self._values(entity, path, kind, sign))

    def _values(self, entity: str, path: tuple[str, ...], kind: str, sign: str) -> tuple[Any, ...]:
        for relation in path[:-1]:
            entity = LOOK_UPS[entity][relation][1]
        known = sorted({row[path[-1]] for row in self._world.records[entity] if row[path[-1]] is not None})
        if sign == "LIKE":
            return (self._pattern(self._value(known, kind, sign)),)
        count = 1 + (self._up_to(3) if sign in _LISTS else 0)
        return tuple(self._value(known, kind, sign) for _ in range(count))

    def _value(self, known: list[Any], kind: str, sign: str) -> Any:
        shape = self._up_to(7)
        if shape == 7 and sign in {"=", "!=", *_LISTS}:
            return None
        if kind in {"date", "datetime"} and shape >= 4:
            return Days(self._pick(*_SPANS) if shape > 5 else f"{self._pick(*_COUNTED)}{1 + self._up_to(4)}")
        return self._pick(*known) if known and shape < 5 else self._draw(_INVENTED[kind])

    def _pattern(self, text: str) -> tuple[str, ...]:
        """The text with some characters and both ends turned into wildcards."""
        middle = [self._pick("", "", "", "", "one", "any") or character for character in text]
        pattern = [*["any"] * self._up_to(1), *middle, *["any"] * self._up_to(1)]
        return tuple(pattern)

    def _term(self, entity: str) -> Term:
        path, kind = self._path(entity)
        while kind == "multi":
            path, kind = self._path(entity)
        return Term(path, kind, self._draw(st.booleans()), self._draw(st.booleans()))


class Text:
    """One way to write a query: spaces, case, aliases, forms of literals."""

    def __init__(self, draw: st.DrawFn, asked: Asked, source: str) -> None:
        self._draw = draw
        self._asked = asked
        self._source = source
        self._alias = draw(st.sampled_from(["", "", "x", "Xyz1"]))

    def whole(self) -> str:
        asked = self._asked
        columns = [self._path(path) for path in asked.columns]
        columns += [f"({Text(self._draw, child, name).whole()})" for name, child in asked.children]
        comma = self._draw(st.sampled_from([",", ", ", " ,\n"]))
        words = [self._word("SELECT"), comma.join(columns), self._word("FROM"), self._cased(self._source)]
        words += [self._alias] if self._alias else []
        if asked.where is not None:
            words += [self._word("WHERE"), self._condition(asked.where, top=True)]
        if asked.order:
            words += [self._word("ORDER"), self._word("BY"), ", ".join(map(self._term, asked.order))]
        words += [self._word("LIMIT"), str(asked.limit)] if asked.limit is not None else []
        words += [self._word("OFFSET"), str(asked.offset)] if asked.offset else []
        return self._draw(st.sampled_from([" ", "  ", "\n"])).join(words)

    def _word(self, word: str) -> str:
        return self._draw(st.sampled_from([word, word.lower(), word.capitalize()]))

    def _cased(self, name: str) -> str:
        return self._draw(st.sampled_from([name, name, name.lower(), name.upper()]))

    def _path(self, path: tuple[str, ...]) -> str:
        prefixes = ["", ""] + [f"{self._alias}."] * bool(self._alias)
        return self._draw(st.sampled_from(prefixes)) + ".".join(map(self._cased, path))

    def _term(self, term: Term) -> str:
        down = self._word("DESC") if term.descending else self._draw(st.sampled_from(["", "ASC", "asc"]))
        nulls = self._word("NULLS") + " " + self._word("LAST" if term.nulls_last else "FIRST")
        nulls = nulls if term.nulls_last or self._draw(st.booleans()) else ""
        return " ".join(filter(None, [self._path(term.path), down, nulls]))

    def _condition(self, condition: Any, *, top: bool = False) -> str:
        """AND, OR and NOT stand alone on their level; anything else is in parentheses."""
        if isinstance(condition, Test):
            found = self._test(condition)
            return f"({found})" if self._draw(st.integers(0, 4)) == 0 else found
        if isinstance(condition, Negated):
            inner = condition.inner
            text = (
                self._condition(inner) if isinstance(inner, Test) else f"({self._condition(inner, top=True)})"
            )
            found = f"{self._word('NOT')} {text}"
        else:
            found = f" {self._word(condition.word)} ".join(map(self._condition, condition.members))
        return found if top else f"({found})"

    def _test(self, test: Test) -> str:
        values = [self._literal(test, value) for value in test.values]
        sign = "<>" if test.sign == "!=" and self._draw(st.booleans()) else test.sign
        space = " " if sign[0].isalpha() else self._draw(st.sampled_from([" ", ""]))
        sign = " ".join(map(self._word, sign.split())) if sign[0].isalpha() else sign
        written = f"({','.join(values)})" if test.sign in _LISTS else values[0]
        return f"{self._path(test.path)}{space}{sign}{space}{written}"

    def _literal(self, test: Test, value: Any) -> str:
        if isinstance(value, tuple):
            return "'" + "".join(_LIKE.get(piece) or _escaped(piece, like=True) for piece in value) + "'"
        if value is None or isinstance(value, bool):
            return self._word("NULL" if value is None else str(value).upper())
        if isinstance(value, Days):
            return self._cased(value.text)
        if test.kind == "datetime":
            return str(value).replace("+0000", self._draw(st.sampled_from(["Z", "+00:00", "+0000"])))
        if test.kind in {"date", "time", "number"}:
            return str(value)
        text = value[:15] if test.kind == "id" and self._draw(st.booleans()) else value
        return "'" + "".join(map(_escaped, text)) + "'"


_LIKE = {"any": "%", "one": "_"}
_INVENTED: dict[str, st.SearchStrategy[Any]] = {
    "string": st.sampled_from(["", "Al", "ALPHA", "zz", "%", "_", "Ada alpha"]),
    "case": st.sampled_from(["", "ab", "Ab"]),
    "picklist": st.sampled_from(["sent", "Unknown"]),
    "multi": st.sampled_from(["green;BLUE", "red", "none"]),
    "number": st.sampled_from([0, 1, -5, 2.5, 0.1, 1_000_000]),
    "boolean": st.booleans(),
    "id": st.sampled_from(["001000000000000AAA"]),
    "date": st.dates().map(str),
    "datetime": st.sampled_from([f"2026-05-05T00:00:00{offset}" for offset in _OFFSETS]),
    "time": st.sampled_from(["08:00:00.000Z", "12:00:00.000Z"]),
}


def _escaped(character: str, *, like: bool = False) -> str:
    if like and character in {"%", "_"}:
        return "\\" + character
    return _ESCAPES.get(character, character)
