"""Mapping documents: YAML text as a plain tree that still knows on which line everything stands.

The YAML read here is the plain part of the language: no tags, no anchors, and only `true`, `false`, `null`
and decimal numbers mean something else than their text (so the country code `NO` stays a country code).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TypeAlias

import yaml

from integration.errors import ConfigurationFault

Tree: TypeAlias = "str | bool | int | Decimal | list[Tree] | dict[str, Tree] | None"
Lines: TypeAlias = dict[tuple[str, ...], int]

DEFAULTS = "integration.mapping.defaults"
DEEPEST = 12
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,30})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,30})\.[0-9]{1,30}")
_PLAIN_TAGS = frozenset({"str", "int", "float", "bool", "null", "timestamp", "merge", "value", "map", "seq"})
_WORDS: Mapping[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """One mapping document.

    `name` is what people are shown; `lines` has a 1-based line for every key, by its path; `text` gives the
    same document, on the same lines, when it is parsed again; `is_default`: shipped with the product, so
    that a rule whose field the organisation does not have is skipped rather than refused.
    """

    name: str
    tree: dict[str, Tree]
    lines: Lines
    text: str
    is_default: bool = False

    def line(self, *path: str) -> int:
        """The line of a key, or of the nearest key around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def where(self, *path: str) -> str:
        """`file:line` of a key."""
        return f"{self.name}:{self.line(*path)}"


def parse_documents(text: str, name: str, *, is_default: bool = False) -> list[Document]:
    """The documents (parted by `---`) of one YAML text. Raises ConfigurationFault naming the line of a
    mistake.
    """
    try:
        _refuse_aliases(text, name)
        nodes = list(_nodes(yaml.SafeLoader(text)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        advice = "Correct the YAML: indentation, colons and quotes."
        raise ConfigurationFault(
            "mapping.syntax", error.problem or "unreadable", where=where, advice=advice
        ) from error
    except yaml.YAMLError as error:
        raise ConfigurationFault("mapping.syntax", "holds characters YAML forbids", where=name) from error
    return [_document(text, name, node, is_default=is_default) for node in nodes]


def load_documents(paths: Iterable[Path], *, is_default: bool = False) -> list[Document]:
    """The documents of YAML files. Raises ConfigurationFault for a file that cannot be read."""
    documents = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            advice = "Name a readable YAML file in UTF-8."
            raise ConfigurationFault("mapping.file", str(error), where=path.name, advice=advice) from error
        documents += parse_documents(text, path.name, is_default=is_default)
    return documents


def default_documents() -> list[Document]:
    """The mapping this product ships with."""
    files = sorted(
        (f for f in resources.files(DEFAULTS).iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name
    )
    return [
        document
        for file in files
        for document in parse_documents(file.read_text(encoding="utf-8"), file.name, is_default=True)
    ]


def _refuse_aliases(text: str, name: str) -> None:
    # A short text with nested anchors can stand for gigabytes, and the export could not show them anyway.
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            where = f"{name}:{event.start_mark.line + 1}" if event.start_mark else name
            advice = "Write the value again where it is needed."
            raise ConfigurationFault(
                "mapping.syntax", "anchors are not used here", where=where, advice=advice
            )


def _nodes(loader: yaml.SafeLoader) -> Iterator[yaml.Node]:
    while loader.check_node():
        node = loader.get_node()
        if node is not None:
            yield node


def _document(text: str, name: str, node: yaml.Node, *, is_default: bool) -> Document:
    lines: Lines = {(): node.start_mark.line + 1}
    tree = _plain(node, (), lines, name)
    if not isinstance(tree, dict):
        advice = "Begin with `record: <name>` or `canonical: <name>`."
        raise ConfigurationFault(
            "mapping.syntax", "not a mapping", where=f"{name}:{lines[()]}", advice=advice
        )
    first, last = node.start_mark, node.end_mark
    segment = text.splitlines(keepends=True)[first.line : last.line + 1]
    body = "".join(line for line in segment if not re.match(r"(---|\.\.\.)(\s|$)", line))
    return Document(name, tree, lines, "\n" * first.line + body, is_default)


def _plain(node: yaml.Node, path: tuple[str, ...], lines: Lines, name: str) -> Tree:
    if len(path) > DEEPEST:
        raise _syntax(node, name, "nested too deeply")
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        raise _syntax(node, name, "tags are not used here")
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, str(at)), lines, name) for at, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        raise _syntax(node, name, "unreadable")
    tree: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise _syntax(key_node, name, "a key must be a word")
        key = str(key_node.value)
        if key in tree:
            raise _syntax(key_node, name, f"`{key}` is written twice")
        lines[(*path, key)] = key_node.start_mark.line + 1
        tree[key] = _plain(value_node, (*path, key), lines, name)
    return tree


def _scalar(node: yaml.ScalarNode) -> Tree:
    text = str(node.value)
    if node.style is not None:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _syntax(node: yaml.Node, name: str, text: str) -> ConfigurationFault:
    where = f"{name}:{node.start_mark.line + 1}"
    return ConfigurationFault("mapping.syntax", text, where=where, advice="Correct the YAML at this line.")
