"""Composite Graph: many groups of calls in one, each of them done whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from integration.sandbox.salesforce.api import Caller, Json
from integration.sandbox.salesforce.api_errors import ApiError, bad_json, not_found
from integration.sandbox.salesforce.composite_api import (
    ROLLED_BACK,
    perform_whole,
    shown,
)
from integration.sandbox.salesforce.composite_request import (
    Step,
    check_count,
    invalid_input,
    read_steps,
)
from integration.sandbox.salesforce.references import halted, referred, without_references
from integration.sandbox.salesforce.subrequests import Answer, Dispatcher, refused, version_of

if TYPE_CHECKING:
    from integration.sandbox.salesforce.org import SalesforceOrg

MOST_GRAPHS = 75
MOST_NODES = 500
DEEPEST = 15
MOST_KINDS = 15
MOST_FAILED = 14
_SINCE = 50.0
_GIVEN_UP = halted(f"Processing was halted because {MOST_FAILED} graphs of the request failed.")


class GraphApi:
    """Graphs of creates and of calls to rows, by id or by external id."""

    def __init__(self, org: SalesforceOrg, dispatcher: Dispatcher) -> None:
        self._org, self._dispatcher = org, dispatcher

    def graphs(self, caller: Caller, body: Mapping[str, Any]) -> Json:
        """Raises ApiError for a malformed request; failures of graphs are answers."""
        if float(caller.version) < _SINCE:
            raise not_found()
        graphs = self._read(caller, body.get("graphs"))
        failed = nodes = 0
        shown_graphs: list[Json] = []
        for graph_id, steps in graphs:
            nodes += len(steps)
            if failed >= MOST_FAILED:
                answers, good = [refused(_GIVEN_UP)] * len(steps), False
                entries = [shown(*pair) for pair in zip(steps, answers, strict=True)]
            else:
                entries, good = self._graph(caller, steps, nodes)
            failed += not good
            shown_graphs.append(
                {"graphId": graph_id, "isSuccessful": good, "graphResponse": {"compositeResponse": entries}}
            )
        return {"graphs": shown_graphs}

    def _read(self, caller: Caller, raw: Any) -> list[tuple[str, list[Step]]]:
        if not isinstance(raw, list) or not raw or not all(isinstance(item, Mapping) for item in raw):
            raise bad_json("graphs is a list of at least one graph")
        check_count(raw, MOST_GRAPHS, "Graphs in the Request")
        found: dict[str, list[Step]] = {}
        for item in raw:
            graph_id = item.get("graphId")
            if not isinstance(graph_id, str) or not graph_id:
                raise bad_json("every graph needs a graphId")
            if graph_id in found:
                raise invalid_input(f"Duplicate graphId found: {graph_id}")
            found[graph_id] = read_steps(item.get("compositeRequest"), caller.version, self._dispatcher)
        return list(found.items())

    def _graph(self, caller: Caller, steps: Sequence[Step], nodes: int) -> tuple[list[Json], bool]:
        """The entries of one graph and whether it succeeded; `nodes` counts those of earlier graphs, too."""
        try:
            self._check(steps, nodes)
        except ApiError as error:
            answer = refused(error)
            # The whole graph is refused, so the one entry belongs to none of its nodes.
            entry = {"body": answer.body, "httpHeaders": {}, "httpStatusCode": 400, "referenceId": None}
            return [entry], False
        answers, good = self._run(caller, steps)
        return [shown(*pair) for pair in zip(steps, answers, strict=True)], good

    def _check(self, steps: Sequence[Step], nodes: int) -> None:
        if nodes > MOST_NODES:
            raise _limit(MOST_NODES, "number of Nodes")
        kinds = {
            (
                self._dispatcher.object_of(step.inner.method, without_references(step.inner.url)),
                version_of(step.inner.url),
                step.inner.method,
            )
            for step in steps
        }
        if len(kinds) > MOST_KINDS:
            raise _limit(MOST_KINDS, "number of different Nodes")
        if _depth(steps) > DEEPEST:
            raise _limit(DEEPEST, "depth of Nodes")

    def _run(self, caller: Caller, steps: Sequence[Step]) -> tuple[list[Answer], bool]:
        answers, good = perform_whole(
            self._org, self._dispatcher, caller, steps, lambda answer: answer.failed
        )
        return (answers if good else self._failed(answers, len(steps))), good

    def _failed(self, answers: Sequence[Answer], count: int) -> list[Answer]:
        root = Answer(answers[-1].status, answers[-1].body)
        if self._org.options.switches.graph_repeats_root_error:
            return [root] * count
        return [root if n == len(answers) - 1 else refused(ROLLED_BACK) for n in range(count)]


def _limit(most: int, of_what: str) -> ApiError:
    return ApiError("LIMIT_EXCEEDED", f"Limit of {most} reached for {of_what} in the Graph")


def _depth(steps: Sequence[Step]) -> int:
    """The number of nodes on the longest way along references."""
    depths: dict[str, int] = {}
    for step in steps:
        behind = (depths.get(name, 0) for name in referred(step.inner.url, step.inner.body))
        depths[step.reference_id] = 1 + max(behind, default=0)
    return max(depths.values(), default=0)
