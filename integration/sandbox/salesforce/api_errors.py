"""Errors of the stand-in by how they leave it.

ApiError        one or more entries of the REST error array, with the HTTP status
OAuthError      `{"error", "error_description"}` of the token endpoint
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ErrorEntry:
    """One error as it stands in an answer."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None

    def as_rest(self) -> dict[str, Any]:
        body: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return body if self.fields is None else {**body, "fields": list(self.fields)}

    def as_save_result(self) -> dict[str, Any]:
        """The form inside save results and Collections, which say `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


class ApiError(Exception):
    """A call or a record the org refuses."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, fields: Iterable[str] | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.unsupported: str | None = None
        """What a real org may answer and this stand-in does not; for the call log alone."""
        self.entries = (ErrorEntry(code, message, None if fields is None else tuple(fields)),)

    @property
    def code(self) -> str:
        return self.entries[0].code

    @property
    def body(self) -> list[dict[str, Any]]:
        """As REST answers it: an array, whatever the number of entries."""
        return [entry.as_rest() for entry in self.entries]

    @property
    def logged_code(self) -> str:
        return self.code if self.unsupported is None else f"{self.code} (unsupported: {self.unsupported})"


class OAuthError(Exception):
    """A refused token request; always HTTP 400 unless said otherwise."""

    def __init__(self, error: str, description: str, *, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.status = status


def session_invalid(message: str = "Session expired or invalid") -> ApiError:
    return ApiError("INVALID_SESSION_ID", message, status=401)


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    return ApiError("NOT_FOUND", message, status=404)


def unknown_key_field(text: str) -> ApiError:
    """Also the answer to a text that is no id where an id belongs: it is taken for a field name."""
    return not_found(f"Provided external ID field does not exist or is not accessible: {text}")


def method_not_allowed(method: str, allowed: Iterable[str]) -> ApiError:
    names = ",".join(sorted(allowed))
    return ApiError(
        "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {names}", status=405
    )


def malformed_query(message: str) -> ApiError:
    return ApiError("MALFORMED_QUERY", message)


def bad_json(message: str) -> ApiError:
    return ApiError("JSON_PARSER_ERROR", message)


def no_such_column(field: str, object_name: str) -> ApiError:
    return ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {object_name}")


def wrong_id(label: str, value: str, field: str = "Id") -> ApiError:
    return ApiError("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", fields=[field])


def deleted(status: int) -> ApiError:
    return ApiError("ENTITY_IS_DELETED", "entity is deleted", status=status, fields=[])


def bad_reference(status: int = 400, fields: Iterable[str] = ()) -> ApiError:
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=status, fields=fields)


def duplicate_value(field: str, existing_id: str) -> ApiError:
    # The message cites the 15-character form, unlike every answer that carries an id as data.
    message = f"duplicate value found: {field} duplicates value on record with id: {existing_id[:15]}"
    return ApiError("DUPLICATE_VALUE", message, fields=[])
