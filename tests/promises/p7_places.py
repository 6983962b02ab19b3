"""How the places are looked into."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import redis
import requests


def dump(url: str) -> bytes:
    """Every key of a Redis with its value, as bytes."""
    client = redis.Redis.from_url(url)
    readers = {
        b"string": client.get,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
        b"hash": client.hgetall,
    }
    with client:
        return repr({key: readers[client.type(key)](key) for key in client.scan_iter()}).encode()


@contextmanager
def overheard(url: str, heard: bytearray) -> Iterator[None]:
    """Every command any process sends to Redis meanwhile."""
    parts = urlsplit(url)
    ready = threading.Event()
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=5) as connection:
        connection.sendall(f"AUTH {parts.password}\r\nMONITOR\r\n".encode())
        connection.settimeout(None)

        def listen() -> None:
            while received := connection.recv(65_536):
                heard.extend(received)
                ready.set()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        assert ready.wait(5), "Redis does not let anybody listen"
        try:
            yield
        finally:
            connection.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def get(url: str, login: tuple[str, ...] = ()) -> bytes:
    answer = requests.get(url, auth=(login[0], login[1]) if login else None, timeout=20)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.content
