"""Errors of the sandbox itself, by what the caller must do next.

SandboxError
├── BadInstructionError  what was asked for makes no sense: change the request
├── NoSuchRecordError    ask for another record
└── RefusedError         the stand-in's own rules forbid it; `body` is the answer its API would give
"""

from __future__ import annotations

from typing import Any


class SandboxError(Exception):
    """Anything that the admin endpoint answers with a 4xx."""


class BadInstructionError(SandboxError):
    """The request to the sandbox itself is malformed."""


class NoSuchRecordError(SandboxError):
    """There is no record of that id."""

    def __init__(self, system: str, entity: str, record_id: str) -> None:
        super().__init__(f"{system} has no {entity} {record_id}")


class RefusedError(SandboxError):
    """A person's change that the system's own validation forbids."""

    def __init__(self, message: str, body: dict[str, Any] | list[Any]) -> None:
        super().__init__(message)
        self.body = body
