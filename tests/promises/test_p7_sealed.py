"""P7 sealed: secrets and personal data never reach a log, an error report, Flower or Redis; only verified
senders get in; stored credentials are encrypted.

One story is told over real processes, with canaries planted everywhere and everything going wrong once; then
every place is searched for them.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import sentry_sdk

from tests.contract.sandbox_process import running_sandbox
from tests.crash.plants import GENEROUS
from tests.crash.processes import Plant, running_plant
from tests.deadline import wait_until
from tests.promises.p7_canaries import ACCIDENTS, ANSWERED, PERSONAL, SENT, TYPED, leaks
from tests.promises.p7_places import dump, overheard
from tests.promises.p7_sink import Sink, running_sink
from tests.promises.p7_story import POLICIES, SECONDS, Story

pytestmark = [
    pytest.mark.crash,
    pytest.mark.slow,
    pytest.mark.timeout(300),
]

PRIVATE = {**PERSONAL, **SENT, **ANSWERED, **ACCIDENTS}
ALERTED = ("dead letter", "grant_refused")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """The whole story, told once."""
    folder = tmp_path_factory.mktemp("sealed")
    policies = {**POLICIES, "mapping_dir": str(folder / "plant" / "mapping")}
    options = (*GENEROUS, "--zoho-custom-field", "cf_species:string")
    with (
        running_sandbox("--state-dir", str(folder / "sandbox"), *options) as sandbox,
        running_sink() as sink,
        running_plant(folder / "plant", sandbox, **policies) as plant,
    ):
        told = Story(plant, sink)
        told.set_up()
        tell(told)
        yield told


def tell(story: Story) -> None:
    """From the first load to the end of every process."""
    plant, heard = story.plant, bytearray()
    with overheard(plant.valkey.address.url, heard):
        story.fill()
        worker = story.start()
        story.join()
        story.secrets |= story.tokens()
        story.happen("task")
        story.send_hooks()
        wait_until(lambda: plant.logged(worker, "task broken"), SECONDS, "the accident happened")
        story.spoil()
        wait_until(lambda: letters(plant) >= {"accept", "write"}, SECONDS, "there are dead letters")
        plant.kill(worker)
        story.worker("second")
        story.refuse_login()
        wait_until(lambda: alerted(story.sink), SECONDS, "people were told")
        wait_until(
            lambda: {"RuntimeError", "AlarmRaised"} <= story.sink.reported(), SECONDS, "Sentry was told"
        )
        story.fail_commands()
        story.look()
    story.places["Redis: commands"] = bytes(heard)
    plant.stop()
    story.look_at_the_rest()


def letters(plant: Plant) -> set[str]:
    return {stage for (stage,) in plant.rows("SELECT DISTINCT stage FROM dead_letters")}


def alerted(sink: Sink) -> bool:
    texts = b"\n".join(sink.bodies("/hooks/")).decode()
    return all(words in texts for words in ALERTED)


def test_the_story_went_as_told(story: Story) -> None:
    """Otherwise there would have been nothing to keep."""
    assert story.statuses == {
        "valid": 202,
        "repeated": 202,
        "unsigned": 401,
        "forged": 401,
        "oversized": 413,
        "no JSON": 400,
        "no record": 400,
        "wrong pair": 404,
        "wrong rule": 404,
        "wrong address": 404,
        "accident": 503,
        "after it": 202,
    }
    assert set(story.ends.values()) == {1}, story.ends
    processes = [content for name, content in story.places.items() if name.startswith("process-")]
    assert len(processes) == 7
    broken = [content for content in processes if b"RuntimeError" in content]
    assert len(broken) == len(ACCIDENTS), "each accident is told in the log of its process"


def test_what_is_private_is_kept_where_it_belongs(story: Story) -> None:
    kept = {"database": story.database()}
    wanted = {name: word for name, word in PERSONAL.items() if name != "phone"} | {"body": SENT["body"]}
    assert len(leaks(kept, wanted)) == len(wanted)
    assert b"7946 0717" in kept["database"]


def test_stored_credentials_are_encrypted(story: Story) -> None:
    tokens = story.tokens()
    assert len(tokens) == 2
    assert leaks({"database": story.database()}, {**story.secrets, **tokens}) == []


def test_no_secret_leaves_the_product(story: Story) -> None:
    """Sentry's own key goes to Sentry, and nowhere else."""
    to_sentry = {name: content for name, content in story.places.items() if name.startswith("Sentry")}
    others = {name: content for name, content in story.places.items() if name not in to_sentry}
    assert leaks(others, story.secrets) == []
    assert leaks(to_sentry, {k: v for k, v in story.secrets.items() if k != "key of Sentry"}) == []


def test_no_personal_data_leaves_the_product(story: Story) -> None:
    assert leaks(story.places, PRIVATE) == []


def test_failed_commands_show_nothing_they_were_given(story: Story) -> None:
    assert leaks(story.places, TYPED) == []


def test_reports_and_tasks_say_what_broke(story: Story) -> None:
    """Sealed is not silent: type, place and code are told."""
    types = story.sink.reported()
    assert types >= {"RuntimeError", "KeyError", "AlarmRaised"}
    tasks = json.loads(story.places["Flower's tasks"])
    failed = [task for task in tasks.values() if task["state"] == "FAILURE"]
    assert {task["exception"] for task in failed} >= {"TaskBroken('task.RuntimeError')"}
    assert b"task broken" in b"".join(story.places.values())


def test_the_search_finds_what_does_leak(
    story: Story, sentry_sink: Sink, redis_url: str, tmp_path: Path
) -> None:
    """The same search over a careless logger, a careless report and a careless cache."""
    handler = logging.FileHandler(f"{tmp_path}/process-99.log")
    careless = logging.getLogger("p7.careless")
    careless.propagate = False
    careless.addHandler(handler)
    careless.warning("customer %s wrote", PERSONAL["e-mail"])
    handler.close()
    careless.removeHandler(handler)
    with redis.Redis.from_url(redis_url) as client:
        client.lpush("events", json.dumps({"body": "eyJuYW1lIjoiV3JlbmZpZWxkIEx0ZCJ9"}))
    places = {
        "log": (tmp_path / "process-99.log").read_bytes(),
        "Redis": dump(redis_url),
        "Sentry": sentry_sink.bodies("/api/")[0],
    }
    assert leaks(places, PERSONAL) == [
        "company (Brin…) in Sentry",
        "e-mail (harr…) in log",
        "individual (Wren…) in Redis",
    ]


@pytest.fixture
def sentry_sink() -> Iterator[Sink]:
    """What Sentry gets from a process that reports without our cleaning."""
    with running_sink() as sink:
        sentry_sdk.init(dsn=f"http://key@127.0.0.1:{sink.port}/1", default_integrations=False)
        sentry_sdk.capture_message(f"customer {PERSONAL['company']}")
        sentry_sdk.get_client().close()
        sentry_sdk.get_global_scope().set_client(None)
        yield sink
