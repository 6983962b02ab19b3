"""The receiver is killed while it answers: whatever it acknowledged is stored."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.crash.plants import crash_sandbox, plant, policies
from tests.crash.processes import SECRET, Plant, contact_event
from tests.deadline import wait_until

__all__ = ["crash_sandbox", "plant", "policies"]

pytestmark = [pytest.mark.crash, pytest.mark.slow, pytest.mark.timeout(120)]

SENDERS = 4


def post(url: str, number: int) -> int:
    """Send one webhook; its status, 0 where no answer came."""
    body = json.dumps(contact_event(number).body).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Zoho-Webhook-Signature": signature}
    try:
        with requests.post(
            f"{url}/webhooks/zoho/main/contact-saved", body, headers=headers, timeout=10
        ) as answer:
            return answer.status_code
    except requests.RequestException:
        return 0


def stored(plant: Plant) -> set[int]:
    return {int(row[0]) - 460_000_000_000_000 for row in plant.rows("SELECT record_id FROM inbox_events")}


def test_what_was_acknowledged_is_stored(plant: Plant) -> None:
    receiver, url = plant.web()
    acknowledged: set[int] = set()
    unanswered = threading.Event()

    def send(first: int) -> None:
        for number in range(first, 4_000, SENDERS):
            if post(url, number) == 202:
                acknowledged.add(number)
            else:
                unanswered.set()
                return

    with ThreadPoolExecutor(SENDERS) as pool:
        for first in range(SENDERS):
            pool.submit(send, first)
        wait_until(lambda: len(acknowledged) >= 100, 30)
        plant.kill(receiver)
    assert unanswered.is_set(), "the kill came too late to test anything"
    assert acknowledged <= stored(plant)
    _, url = plant.web()
    assert post(url, 5_000) == 202


def test_redis_stops_and_comes_back_under_the_receiver(plant: Plant) -> None:
    """Answers stay 202 and quick; afterwards rings are heard again."""
    _, url = plant.web()
    assert post(url, 1) == 202
    plant.valkey_process.kill()
    plant.valkey_process.wait(10)
    assert [post(url, number) for number in range(2, 12)] == [202] * 10
    plant.restart_valkey()
    wait_until(lambda: post(url, 100 + len(stored(plant))) == 202 and plant.queued("events") > 0, 20)


def test_the_database_is_busy_for_a_while(plant: Plant) -> None:
    """A writer that holds SQLite does not make the receiver lose anything."""
    _, url = plant.web()
    services = plant.pair.services
    with ThreadPoolExecutor(1) as pool:
        with services.stores.begin(services.pair_id) as uow:
            uow.pairs.state()
            answer = pool.submit(post, url, 1)
            assert stored(plant) == set()
        assert answer.result(20) == 202
    assert stored(plant) == {1}
