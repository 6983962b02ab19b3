"""Mistakes in mapping documents: collected while compiling, told all at once."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from integration.errors import ConfigurationFault
from integration.mapping.documents import Document, Tree


@dataclass(frozen=True)
class Mistake:
    """One thing to correct: `where` is `file:line`, `rule` the id of the rule (empty for the rest of a
    document).
    """

    where: str
    rule: str
    text: str
    advice: str

    def __str__(self) -> str:
        rule = f"rule {self.rule}: " if self.rule else ""
        return f"{self.where}: {rule}{self.text}. {self.advice}"


class MappingFault(ConfigurationFault):
    """A mapping cannot be compiled; `mistakes` lists everything that must be corrected."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        text = "\n".join(str(mistake) for mistake in self.mistakes)
        first = self.mistakes[0]
        super().__init__("mapping.mistakes", text, where=first.where, advice=first.advice)


def nearest(word: str, known: Collection[str]) -> str:
    """Advice that names the known word a person may have meant."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"Did you mean `{close[0]}`?" if close else f"Known here: {', '.join(sorted(known)) or 'nothing'}."


@dataclass(frozen=True)
class Section:
    """A mapping inside a document, read key by key; whatever is wrong goes to `mistakes`."""

    document: Document
    path: tuple[str, ...]
    tree: dict[str, Tree]
    mistakes: list[Mistake]
    rule: str = ""

    def where(self, *keys: str) -> str:
        """`file:line` of a key of this section."""
        return self.document.where(*self.path, *keys)

    def mistake(self, text: str, advice: str, *keys: str) -> None:
        """Note a mistake at a key."""
        self.mistakes.append(Mistake(self.where(*keys), self.rule, text, advice))

    def only(self, known: Collection[str]) -> None:
        """Every key must be a known one."""
        for key in self.tree:
            if key not in known:
                self.mistake(f"`{key}` is not a known word", nearest(key, known), key)

    def text(self, key: str, default: str = "") -> str:
        """A text that is not empty, or the default where the key is missing."""
        value = self.tree.get(key, default)
        if isinstance(value, str) and (value or key not in self.tree):
            return value
        self.mistake(f"`{key}` must be a text", "Write it in quotes.", key)
        return default

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self.tree.get(key, default)
        if isinstance(value, bool):
            return value
        self.mistake(f"`{key}` must be true or false", "Write `true` or `false` without quotes.", key)
        return default

    def word(self, key: str, known: Collection[str], default: str) -> str:
        """One word of a known set."""
        value = self.tree.get(key, default)
        if isinstance(value, str) and (value in known or key not in self.tree):
            return value
        self.mistake(f"`{key}: {value}` is not possible", nearest(str(value), known), key)
        return default

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; one text alone counts as a list of one."""
        value = self.tree.get(key)
        values = value if isinstance(value, list) else [] if value is None else [value]
        if any(not isinstance(v, str) or not v for v in values) or (key in self.tree and not values):
            self.mistake(f"`{key}` must be a text or a list of texts", "Write `[one, two]`.", key)
            return ()
        return tuple(str(v) for v in values)

    def words(self, key: str, known: Collection[str]) -> tuple[str, ...]:
        """A list of words of a known set."""
        values = self.texts(key)
        for value in values:
            if value not in known:
                self.mistake(f"`{value}` is not possible in `{key}`", nearest(value, known), key)
        return tuple(value for value in values if value in known)

    def number(self, key: str) -> int | None:
        """A whole number of 0 or more."""
        value = self.tree.get(key)
        if value is None and key not in self.tree:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        self.mistake(f"`{key}` must be a whole number", "Write digits only.", key)
        return None

    def child(self, key: str) -> Section | None:
        """The mapping under a key."""
        value = self.tree.get(key)
        if isinstance(value, dict):
            return Section(self.document, (*self.path, key), value, self.mistakes, self.rule)
        if key in self.tree:
            self.mistake(
                f"`{key}` must hold keys of its own", "Indent them below it, or write `{key: value}`.", key
            )
        return None

    def children(self, key: str, *, are_rules: bool = False) -> dict[str, Section]:
        """The mappings under the keys of the mapping under a key."""
        parent = self.child(key)
        found = {}
        for name in parent.tree if parent else ():
            section = parent.child(name) if parent else None
            if section is not None:
                rule = name if are_rules else self.rule
                found[name] = Section(section.document, section.path, section.tree, self.mistakes, rule)
        return found


def whole(document: Document, mistakes: list[Mistake]) -> Section:
    """A document as a section."""
    return Section(document, (), document.tree, mistakes)
