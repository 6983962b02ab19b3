"""Bodies of composite, graph and batch calls, read strictly: what is malformed executes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integration.sandbox.salesforce.api_errors import ApiError, bad_json
from integration.sandbox.salesforce.references import REFERENCE_ID, without_references
from integration.sandbox.salesforce.subrequests import Dispatcher, Inner

ROOT = "/services/data/v"
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "HEAD"})
_INHERITED = frozenset({"accept", "authorization", "content-type"})
_STRICT_REFERENCE_IDS = 52.0


@dataclass(frozen=True)
class Step:
    """One subrequest whose references are not filled in yet."""

    reference_id: str
    inner: Inner


def read_steps(raw: Any, version: str, dispatcher: Dispatcher) -> list[Step]:
    """The members of `compositeRequest` in their order.

    :param version: API version of the outer call, which decides how strict reference ids are
    :raises ApiError: 400 for anything that is not a list of well-formed subrequests to supported resources
    """
    if not isinstance(raw, list) or not raw:
        raise bad_json("compositeRequest is a list of at least one subrequest")
    steps = [_step(item, version, dispatcher) for item in raw]
    counted = Counter(step.reference_id for step in steps)
    repeated = next((name for name, count in counted.items() if count > 1), None)
    if repeated is not None:
        raise invalid_input(f"Duplicate referenceId found: {repeated}")
    return steps


def _step(raw: Any, version: str, dispatcher: Dispatcher) -> Step:
    if not isinstance(raw, Mapping):
        raise bad_json("a subrequest is an object")
    reference_id = raw.get("referenceId")
    if not isinstance(reference_id, str) or not reference_id:
        raise bad_json("every subrequest needs a referenceId")
    if float(version) >= _STRICT_REFERENCE_IDS and not REFERENCE_ID.fullmatch(reference_id):
        raise bad_json(
            f"Provided referenceId ('{reference_id}') must start with a letter or a number, and it can"
            " contain only letters, numbers and underscores ('_')."
        )
    method, url = read_target(raw)
    if not url.startswith(ROOT):
        raise invalid_input(f"the url of a subrequest starts with {ROOT}XX.X/, not {url}")
    check_supported(dispatcher, method, url)
    return Step(reference_id, Inner(method, url, raw.get("body"), _headers(raw.get("httpHeaders", {}))))


def read_target(raw: Mapping[str, Any]) -> tuple[str, str]:
    """Method in capitals and url of a subrequest."""
    method, url = raw.get("method"), raw.get("url")
    if not isinstance(method, str) or method.upper() not in METHODS:
        raise bad_json(f"a subrequest has no method {method!r}")
    if not isinstance(url, str) or not url:
        raise bad_json("every subrequest needs a url")
    return method.upper(), url


def check_supported(dispatcher: Dispatcher, method: str, url: str) -> None:
    """Raises INVALID_INPUT for a resource that cannot be called from inside another call."""
    if not dispatcher.knows(method, without_references(url)):
        raise invalid_input(f"the resource is not supported in this kind of request: {url}")


def check_count(items: Sequence[Any], most: int, of_what: str) -> None:
    """Raises LIMIT_EXCEEDED for a longer list."""
    if len(items) > most:
        raise ApiError("LIMIT_EXCEEDED", f"Limit of {most} reached for number of {of_what}")


def read_flag(body: Mapping[str, Any], name: str) -> bool:
    found = body.get(name, False)
    if not isinstance(found, bool):
        raise bad_json(f"{name} is true or false")
    return found


def invalid_input(message: str) -> ApiError:
    return ApiError("INVALID_INPUT", message)


def _headers(raw: Any) -> dict[str, str]:
    if not isinstance(raw, Mapping) or not all(isinstance(value, str) for value in raw.values()):
        raise bad_json("httpHeaders is an object of texts")
    inherited = sorted(name for name in raw if name.lower() in _INHERITED)
    if inherited:
        raise invalid_input(f"subrequests take over {', '.join(inherited)} from the outer request")
    return dict(raw)
