"""The source files of the project, parsed once for all rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("integration", "tasks", "webhooks")


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root, its dotted module name, its syntax tree."""

    path: str
    module: str
    tree: ast.Module
    lines: int

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every module imported anywhere in the file, with line; `from a import b` gives `a` and `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = self._absolute(node)
                yield base, node.lineno
                yield from ((f"{base}.{alias.name}", node.lineno) for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.module.split(".")
        if not self.path.endswith("__init__.py"):
            parts = parts[:-1]
        kept = parts[: len(parts) - node.level + 1]
        return ".".join([*kept, node.module] if node.module else kept)


@cache
def tracked() -> tuple[str, ...]:
    """Files that git follows or would follow, from the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return tuple(name for name in sorted(set(listed.splitlines())) if (ROOT / name).is_file())


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Python files below these folders, without generated code."""
    names = [n for n in tracked() if n.endswith(".py") and n.split("/")[0] in folders and "_pb2" not in n]
    return tuple(_parse(name) for name in names)


def product() -> tuple[Source, ...]:
    """All hand-written files of the product."""
    return sources(*PRODUCT)


def _parse(name: str) -> Source:
    text = (ROOT / name).read_text(encoding="utf-8")
    module = name.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    return Source(name, module, ast.parse(text, name), len(text.splitlines()))


def within(module: str, prefix: str) -> bool:
    """Whether the module is the prefix or lies below it."""
    return module == prefix or module.startswith(prefix + ".")
