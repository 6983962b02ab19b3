"""Answers and bodies of the Zoho stand-in against the shapes that Zoho publishes, in the folder ZOHO_OPENAPI_DIR."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.sandbox_process import Sandbox
from tests.contract.sandbox_zoho.running import Running
from tests.contract.sandbox_zoho.running import sandbox as zoho_sandbox
from tests.peers.openapi import Difference, Operation, operations
from tests.peers.zoho_differences import (
    ABSENT,
    NOT_MODELLED,
    STATUSES,
    WRAPPERS,
    WRONG_TYPES,
    Known,
    as_published,
)
from tests.peers.zoho_examples import LEFT_OUT, UNUSABLE, body_of, left_out, mentioned, prepare
from tests.peers.zoho_story import Story
from tests.peers.zoho_story_approvals import PREFERENCES, approvals
from tests.peers.zoho_story_orders import purchases, sales
from tests.peers.zoho_story_records import adjustments, contacts, items
from tests.peers.zoho_story_settings import locations, organisation, taxes, users

GIVEN = os.environ.get("ZOHO_OPENAPI_DIR", "")
MODULES = (
    "contacts", "contact-persons", "items", "inventoryadjustments", "salesorders", "purchaseorders", "packages",
    "shipmentorders", "purchasereceives", "taxes", "currency", "locations", "organizations", "users",
)  # fmt: skip
PUBLISHED = operations(Path(GIVEN), MODULES) if GIVEN else []
MODELLED = [each for each in PUBLISHED if each.key not in NOT_MODELLED]
WITH_EXAMPLE = [each for each in MODELLED if not left_out(each) and each.body_schema()]
MISSING = [pytest.param(None, id="none", marks=pytest.mark.skip(reason="ZOHO_OPENAPI_DIR: not given"))]


def each(found: list[Operation]) -> pytest.MarkDecorator:
    """One test for each of the operations."""
    named = [pytest.param(one, id=f"{one.module}: {one.key}") for one in found]
    return pytest.mark.parametrize("operation", named if GIVEN else MISSING)


@pytest.fixture(scope="module")
def running(sandbox: Sandbox) -> Iterator[Running]:
    """The Zoho side of the sandbox, and calls to it."""
    found = Running(sandbox.about, sandbox.process)
    with found.http:
        yield found


@pytest.fixture(scope="module")
def story(running: Running) -> Story:
    """Every call of the story has been made."""
    told = Story(running)
    told.tell(organisation, users, taxes, locations, contacts, items, adjustments, sales, purchases)
    switches = [word for preference in PREFERENCES for word in ("--switch", preference)]
    with zoho_sandbox("--zoho-per-minute", "100000", *switches) as careful:
        other = Story(careful)
        other.tell(organisation, users, taxes, locations, contacts, items, approvals)
    told.told |= {key: answer for key, answer in other.told.items() if key not in told.told}
    told.ended |= {key: f"{why} (where documents are approved)" for key, why in other.ended.items()}
    return told


@each(MODELLED)
def test_an_answer_has_the_published_shape(story: Story, operation: Operation) -> None:
    """Each property is there and of its type, but for what the tables give a reason for."""
    told = story.told.get(operation.key)
    assert told is not None, ["never called", *story.ended.values()]
    assert told.status == STATUSES.get(operation.key, (operation.status, ""))[0]
    wrong = [
        found
        for found in operation.differences(as_published(operation, told.body))
        if not any(known.covers(operation, found) for known in (*WRONG_TYPES, *ABSENT))
    ]
    assert not wrong, "\n".join(f"{found.path}: {found.problem}" for found in wrong)


@each([one for one in PUBLISHED if one.key in NOT_MODELLED])
def test_what_is_not_modelled_is_not_there(running: Running, operation: Operation) -> None:
    """The stand-in says so itself instead of answering something made up."""
    answer = running.call(operation.method, re.sub(r"\{\w+\}", "1", operation.path), {})
    assert (answer.status_code, answer.json()["code"]) in {(404, 5), (405, 37)}, NOT_MODELLED[operation.key]


@each(WITH_EXAMPLE)
def test_a_body_of_published_examples_is_taken(story: Story, operation: Operation) -> None:
    """What the examples say is accepted, once the ids in it are real ones."""
    ready, query = prepare(story, operation)
    ready.call(operation.key, body_of(ready, operation), **query)


@pytest.mark.skipif(not GIVEN, reason="ZOHO_OPENAPI_DIR: not given")
def test_every_difference_on_the_lists_is_still_one(story: Story) -> None:
    """A reason outlives nothing: what was mended, or is published otherwise now, leaves the lists."""
    found = [
        (operation, difference)
        for operation in MODELLED
        if operation.key in story.told
        for difference in operation.differences(as_published(operation, story.told[operation.key].body))
    ]
    idle = [known for known in (*WRONG_TYPES, *ABSENT) if not _any_covered(known, found)]
    assert idle == []
    declared = {one.key: one.status for one in PUBLISHED}
    assert sorted((NOT_MODELLED.keys() | UNUSABLE.keys()) - declared.keys()) == []
    assert [key for key, (status, _) in STATUSES.items() if declared[key] == status] == []
    keys = {(one.module, key) for one in MODELLED for key in one.answer_keys()}
    assert sorted(WRAPPERS.keys() - keys) == []
    names = {name for one in WITH_EXAMPLE for name in mentioned(one.example())}
    assert sorted(LEFT_OUT.keys() - names) == []


def _any_covered(known: Known, found: list[tuple[Operation, Difference]]) -> bool:
    return any(known.covers(operation, difference) for operation, difference in found)
