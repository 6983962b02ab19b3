"""Errors of the sandbox itself, by what the caller must do next.

SandboxError
├── BadInstructionError  what was asked for makes no sense: change the request
│   └── BadKeyError      the same, and which key it is about
├── NoSuchRecordError    ask for another record
└── RefusedError         the stand-in's own rules forbid it; `body` is the answer its API would give
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Anything that the admin endpoint answers with a 4xx."""


class BadInstructionError(SandboxError):
    """The request to the sandbox itself is malformed."""


class BadKeyError(BadInstructionError):
    """One value is wrong; `key` is its place, such as `faults.0.kind`, empty for the whole."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class NoSuchRecordError(SandboxError):
    """There is no record of that id."""

    def __init__(self, system: str, entity: str, record_id: str) -> None:
        super().__init__(f"{system} has no {entity} {record_id}")


class RefusedError(SandboxError):
    """A person's change that the system's own validation forbids."""

    def __init__(self, message: str, body: dict[str, Any] | list[Any]) -> None:
        super().__init__(message)
        self.body = body
