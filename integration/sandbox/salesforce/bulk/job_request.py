"""Requests for new jobs, checked before anything is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError, bad_json
from integration.sandbox.salesforce.bulk.csv_rows import DELIMITERS, LINE_ENDINGS
from integration.sandbox.salesforce.schema import ObjectDef, Schema

_INGEST = frozenset({"insert", "update", "upsert", "delete", "hardDelete"})
_QUERY = frozenset({"query", "queryAll"})


def invalid_job(message: str) -> ApiError:
    return ApiError("INVALIDJOB", message)


def read_ingest(body: Mapping[str, Any], schema: Schema) -> dict[str, Any]:
    """Attributes of an ingest job. Raises ApiError with status 400."""
    definition = schema.find(_text(body, "object"))
    if definition is None:
        message = f"Entity '{body.get('object')}' is not supported by the Bulk API."
        raise ApiError("INVALIDENTITY", message)
    operation = _operation(body, _INGEST)
    found = {"object": definition.name, "operation": operation, **_form(body)}
    return {**found, "external_id": _external_id(body, operation, definition)}


def read_query(body: Mapping[str, Any]) -> dict[str, Any]:
    """Attributes of a query job. Raises ApiError with status 400."""
    return {"operation": _operation(body, _QUERY), "query": _text(body, "query"), **_form(body)}


def _operation(body: Mapping[str, Any], allowed: frozenset[str]) -> str:
    operation = _text(body, "operation")
    if operation not in allowed:
        raise invalid_job(f"Operation not supported: {operation}. Supported are {', '.join(sorted(allowed))}")
    return operation


def _external_id(body: Mapping[str, Any], operation: str, definition: ObjectDef) -> str | None:
    name = body.get("externalIdFieldName")
    if operation != "upsert":
        return None
    if not isinstance(name, str) or not name:
        raise invalid_job(
            f"External ID was blank for {definition.name}. An External ID must be specified for upsert."
        )
    field = definition.find(name)
    if field is None or not (field.external_id or field.name == "Id"):
        raise invalid_job(f"Field name provided, {name}, does not match an External ID for {definition.name}")
    return field.name


def _form(body: Mapping[str, Any]) -> dict[str, str]:
    content = body.get("contentType", "CSV")
    delimiter = body.get("columnDelimiter", "COMMA")
    ending = body.get("lineEnding", "LF")
    if content != "CSV":
        raise invalid_job(f"Content type not supported: {content}")
    if delimiter not in DELIMITERS:
        raise invalid_job(f"Column delimiter not supported: {delimiter}")
    if ending not in LINE_ENDINGS:
        raise invalid_job(f"Line ending not supported: {ending}")
    return {"column_delimiter": delimiter, "line_ending": ending}


def _text(body: Mapping[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise bad_json(f"the job needs a text named {name}")
    return found
