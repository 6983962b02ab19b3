"""Counters of several processes add up, and outlive them."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

from integration.wiring.counters import Counters


def another_process(folder: Path) -> None:
    """One that counts and ends. (A file is held by whoever opened it, in one process or in two.)"""
    other = Counters()
    other.share(folder)
    other.add("webhooks_refused_total", 2, {"reason": "webhook.unsigned"})
    assert other._file is not None
    os.close(other._file)


def test_processes_add_up_and_the_dead_are_remembered(tmp_path: Path) -> None:
    mine = Counters()
    mine.add("webhooks_refused_total", 1, {"reason": "webhook.unsigned"})
    mine.share(tmp_path)
    for _ in range(2):
        another_process(tmp_path)
    mine.add("webhooks_refused_total", 1, {"reason": "webhook.unsigned"})
    mine.add("line_lanes_total", 50, {"stage": "transform"})
    assert mine.totals() == {
        ("webhooks_refused_total", (("reason", "webhook.unsigned"),)): 6,
        ("line_lanes_total", (("stage", "transform"),)): 50,
    }
    assert len(list(tmp_path.iterdir())) == 2  # the second of the others took over from the first


def test_threads_do_not_lose_counts(tmp_path: Path) -> None:
    counters = Counters()
    counters.share(tmp_path)

    def ring() -> None:
        for _ in range(200):
            counters.add("bell_rings_total", 1, {"queue": "events"})

    threads = [Thread(target=ring) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.totals() == {("bell_rings_total", (("queue", "events"),)): 800}


def test_where_nothing_can_be_written_they_stay_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    counters = Counters()
    counters.share(tmp_path / "file")
    counters.add("bell_failures_total", 1, {})
    assert counters.totals() == {("bell_failures_total", ()): 1}
