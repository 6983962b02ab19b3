"""The receiver's bell rings behind the answer: nobody waits for Redis, and the last ring always comes."""

from __future__ import annotations

import subprocess
import sys
import threading

from tests.deadline import wait_until
from webhooks.ringing import RingingBehind


class SlowBell:
    """Rings when it is let."""

    def __init__(self) -> None:
        self.let, self.began = threading.Event(), threading.Event()
        self.rung: list[tuple[str, int]] = []
        self.cleared: list[tuple[str, int]] = []

    def ring(self, queue: str, pair_id: int) -> None:
        self.began.set()
        assert self.let.wait(10)
        self.rung.append((queue, pair_id))

    def clear(self, queue: str, pair_id: int) -> None:
        self.cleared.append((queue, pair_id))


def test_nobody_waits_and_what_came_meanwhile_is_rung_once_afterwards() -> None:
    slow = SlowBell()
    bell = RingingBehind(slow)
    bell.ring("events", 1)
    assert slow.began.wait(10)
    for _ in range(50):
        bell.ring("events", 1)
    bell.ring("events", 2)
    assert not slow.rung, "the caller was not kept"
    slow.let.set()
    wait_until(lambda: len(slow.rung) == 3)
    assert slow.rung == [("events", 1), ("events", 1), ("events", 2)]
    bell.close()


def test_whoever_rings_last_is_heard_after_he_rang() -> None:
    for _ in range(200):
        slow = SlowBell()
        slow.let.set()
        bell, threads = RingingBehind(slow), []
        for number in range(4):
            threads.append(threading.Thread(target=bell.ring, args=("events", number)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        bell.close()
        assert set(slow.rung) == {("events", number) for number in range(4)}


def test_clearing_is_no_ring() -> None:
    slow = SlowBell()
    bell = RingingBehind(slow)
    bell.clear("events", 1)
    bell.close()
    assert (slow.cleared, slow.rung) == ([("events", 1)], [])


PROGRAM = """
import time
from webhooks.ringing import RingingBehind

class Told:
    def ring(self, queue, pair_id):
        time.sleep(0.2)
        print(queue, pair_id, flush=True)

RingingBehind(Told()).ring("events", 7)
"""


def test_a_process_that_ends_rings_first() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "events 7\n"
