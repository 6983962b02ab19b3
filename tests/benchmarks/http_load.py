"""Sends prepared requests over a few connections that stay open, and notes how long each answer took."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

CONNECTIONS = 8
READ = 65_536


@dataclass(frozen=True)
class Load:
    """How it went: answers a second, and the slowest of a hundred in milliseconds."""

    rate: float
    p99_ms: float


def send_all(port: int, requests: Sequence[bytes], status: bytes = b"202") -> Load:
    """Send every request once. AssertionError when one is answered with another status."""
    parts = [requests[n::CONNECTIONS] for n in range(CONNECTIONS)]
    times: list[list[float]] = [[] for _ in parts]
    threads = [
        threading.Thread(target=_send, args=(port, part, status, into))
        for part, into in zip(parts, times, strict=True)
    ]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    taken = sorted(one for part in times for one in part)
    assert len(taken) == len(requests), f"{len(requests) - len(taken)} requests were not answered as expected"
    return Load(len(taken) / seconds, 1000 * taken[int(len(taken) * 0.99)])


def _send(port: int, requests: Sequence[bytes], status: bytes, times: list[float]) -> None:
    link: socket.socket | None = None
    for request in requests:
        began = time.monotonic()
        if link is None:
            link = socket.create_connection(("127.0.0.1", port), 10)
        link.sendall(request)
        head, closes = _answer(link)
        if head[9:12] != status:
            return
        times.append(time.monotonic() - began)
        if closes:
            link.close()
            link = None
    if link is not None:
        link.close()


def _answer(link: socket.socket) -> tuple[bytes, bool]:
    """The head of one whole answer, and whether the server closes the connection after it."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = link.recv(READ)
        if not part:
            return b"", True
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    names = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    missing = int(names.get(b"content-length", b"0")) - len(body)
    while missing > 0:
        missing -= len(link.recv(READ))
    return head, names.get(b"connection") == b"close"


def post(path: str, body: bytes, header: str, value: str) -> bytes:
    """One request as bytes."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"{header}: {value}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
