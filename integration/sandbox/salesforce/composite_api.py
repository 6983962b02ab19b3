"""Composite and Composite batch: up to 25 calls in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api import Caller, Json
from integration.sandbox.salesforce.api_errors import ApiError, bad_json
from integration.sandbox.salesforce.composite_request import (
    Step,
    check_count,
    check_supported,
    read_flag,
    read_steps,
    read_target,
)
from integration.sandbox.salesforce.references import References, halted, without_references
from integration.sandbox.salesforce.subrequests import Answer, Dispatcher, Inner, refused

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

MOST_STEPS = 25
_NULL_REFERENCES_SINCE = 52.0
ROLLED_BACK = halted(
    "The transaction was rolled back since another operation in the same transaction failed."
)
_BATCH_HALTED = ApiError("BATCH_PROCESSING_HALTED", "Batch processing halted per request", status=412)


class _UndoneError(Exception):
    """Ends a transaction of subrequests because one failed."""


def perform(
    org: SalesforceOrg, dispatcher: Dispatcher, caller: Caller, step: Step, references: References
) -> Answer:
    """One subrequest with its references filled in; its answer can be referred to from then on."""
    try:
        url = references.in_url(step.inner.url)
        body = references.in_body(step.inner.body)
    except ApiError as error:
        return refused(error)
    inner = Inner(step.inner.method, url, body, step.inner.headers)
    answer = dispatcher.call(caller, inner, outer_client=org.options.switches.composite_carries_client)
    references.add(step.reference_id, answer.body)
    return answer


def perform_whole(
    org: SalesforceOrg,
    dispatcher: Dispatcher,
    caller: Caller,
    steps: Sequence[Step],
    is_failure: Callable[[Answer], bool],
) -> tuple[list[Answer], bool]:
    """All subrequests in one transaction: the answers up to the first failure, and whether there was none."""
    references = references_for(caller)
    answers: list[Answer] = []
    try:
        with org.one_transaction(caller.actor()):
            for step in steps:
                answers.append(perform(org, dispatcher, caller, step, references))
                _insist(good=not is_failure(answers[-1]))
    except _UndoneError:
        return answers, False
    return answers, True


def references_for(caller: Caller) -> References:
    return References(null_allowed=float(caller.version) >= _NULL_REFERENCES_SINCE)


def _insist(*, good: bool) -> None:
    if not good:
        raise _UndoneError


def shown(step: Step, answer: Answer) -> Json:
    return {
        "body": answer.body,
        "httpHeaders": dict(answer.headers),
        "httpStatusCode": answer.status,
        "referenceId": step.reference_id,
    }


class CompositeApi:
    """Calls that refer to each other, and calls that do not."""

    def __init__(self, org: SalesforceOrg, steps: Dispatcher, batched: Dispatcher) -> None:
        self._org, self._steps, self._batched = org, steps, batched

    def composite(self, caller: Caller, body: Mapping[str, Any]) -> Json:
        """Raises ApiError for a malformed request; failures of subrequests are answers."""
        all_or_none = read_flag(body, "allOrNone")
        # Subrequests run in their order whether they may be put together or not.
        read_flag(body, "collateSubrequests")
        steps = read_steps(body.get("compositeRequest"), caller.version, self._steps)
        check_count(steps, MOST_STEPS, "Subrequests in the Composite Request")
        heavy = [step for step in steps if _is_heavy(step)]
        most = self._org.options.switches.composite_queries_at_most
        check_count(heavy, most, "Query and Collections Subrequests in the Composite Request")
        answers = self._together(caller, steps) if all_or_none else self._each(caller, steps)
        return {"compositeResponse": [shown(*pair) for pair in zip(steps, answers, strict=True)]}

    def _each(self, caller: Caller, steps: Sequence[Step]) -> list[Answer]:
        references = references_for(caller)
        return [perform(self._org, self._steps, caller, step, references) for step in steps]

    def _together(self, caller: Caller, steps: Sequence[Step]) -> list[Answer]:
        answers, good = perform_whole(self._org, self._steps, caller, steps, self._is_failure)
        if good:
            return answers
        root = len(answers) - 1
        return [answers[root] if n == root else refused(ROLLED_BACK) for n in range(len(steps))]

    def _is_failure(self, answer: Answer) -> bool:
        """Records of a Collections subrequest may fail although its status is 200."""
        results = answer.body if isinstance(answer.body, list) else []
        in_items = any(isinstance(item, Mapping) and item.get("success") is False for item in results)
        return answer.failed or (in_items and self._org.options.switches.composite_fails_with_items)

    # -- batch ----------------------------------------------------------------------------------

    def batch(self, caller: Caller, body: Mapping[str, Any]) -> Json:
        """Independent calls; each counts as one API call, and the batch itself as none."""
        halt = read_flag(body, "haltOnError")
        raw = body.get("batchRequests")
        if not isinstance(raw, list) or not raw:
            raise bad_json("batchRequests is a list of at least one subrequest")
        check_count(raw, MOST_STEPS, "Subrequests in the Batch Request")
        inners = [self._batched_call(item) for item in raw]
        answers: list[Answer] = []
        for number, inner in enumerate(inners):
            if halt and answers and answers[-1].failed:
                answers.append(refused(_BATCH_HALTED))
                continue
            answers.append(self._counted(caller, inner, already=number == 0))
        results = [{"statusCode": answer.status, "result": answer.body} for answer in answers]
        return {"hasErrors": any(answer.failed for answer in answers), "results": results}

    def _counted(self, caller: Caller, inner: Inner, *, already: bool) -> Answer:
        """The first call is counted with the batch that carries it."""
        try:
            if not already:
                self._org.allowances.count_call()
        except ApiError as error:
            return refused(error)
        carried = self._org.options.switches.composite_carries_client
        return self._batched.call(caller, inner, outer_client=carried)

    def _batched_call(self, raw: Any) -> Inner:
        if not isinstance(raw, Mapping):
            raise bad_json("a subrequest is an object")
        method, url = read_target(raw)
        # Urls of a batch start at the version: v61.0/sobjects/...
        full = url if url.startswith("/services/data/") else f"/services/data/{url.lstrip('/')}"
        check_supported(self._batched, method, full)
        return Inner(method, full, raw.get("richInput"))


def _is_heavy(step: Step) -> bool:
    parts = without_references(step.inner.url).partition("?")[0].split("/")
    return parts[4:5] in (["query"], ["queryAll"]) or parts[4:6] == ["composite", "sobjects"]
