"""The HTTP edge against real sockets that misbehave."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal

import pytest

from integration.connectors.http import Http, HttpAnswer, HttpLimits
from integration.errors import Ambiguous, ConfigurationFault, Rejected, Retryable

Script = Callable[[socket.socket], None]


@contextmanager
def server(*scripts: Script) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one connection per script on a free port; yields the address and what each peer was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        for script in scripts:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    asked.append(request_of(connection))
                    script(connection)
                except OSError:
                    continue  # the client hung up, which is what these tests provoke

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", asked
    finally:
        listener.close()


def request_of(connection: socket.socket) -> bytes:
    """A whole request: its head, and as much body as that promises."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, status: str = "200 OK", headers: str = "") -> Script:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n"
    return lambda connection: connection.sendall(head.encode() + body)


def drip(prefix: bytes) -> Script:
    """One byte every 50 ms for ever: no silence a socket time-out would notice."""

    def script(connection: socket.socket) -> None:
        connection.sendall(prefix)
        pause = threading.Event()
        for _ in range(200):
            connection.sendall(b"x")
            pause.wait(0.05)

    return script


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def hang(connection: socket.socket) -> None:
    connection.settimeout(5)
    connection.recv(1)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def http(seconds: float = 5.0, **limits: object) -> Http:
    return Http(HttpLimits(call_seconds=seconds, **limits))  # type: ignore[arg-type]


def test_answers_whole_with_exact_decimals() -> None:
    with server(answer(b'{"rate": 21.651038, "n": 3}', headers="X-Left: 7\r\n")) as (url, asked):
        got = http().send("POST", url + "/a?b=1", json={"é": "ü"}, headers={"Authorization": "t"})
    assert got.json() == {"rate": Decimal("21.651038"), "n": 3}
    assert (got.status, got.headers["x-left"]) == (200, "7")
    assert asked[0].startswith(b"POST /a?b=1 HTTP/1.1")
    assert asked[0].endswith('{"é": "ü"}'.encode())


def test_every_status_is_an_answer() -> None:
    with server(answer(b"<html>", "502 Bad Gateway")) as (url, _):
        got = http().send("GET", url)
    assert got == HttpAnswer(502, {"Content-Length": "6", "Connection": "close"}, b"<html>")


def test_redirects_are_not_followed() -> None:
    moved = answer(b"", "302 Found", "Location: http://127.0.0.1:9/\r\n")
    with server(moved) as (url, _):
        assert http().send("GET", url).status == 302


def test_cookies_are_not_kept() -> None:
    first = answer(b"", headers="Set-Cookie: who=me; Path=/\r\n")
    with server(first, answer(b"")) as (url, asked):
        caller = http()
        caller.send("GET", url)
        caller.send("GET", url)
    assert b"cookie" not in asked[1].lower()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_sent_is_retryable(method: str) -> None:
    with pytest.raises(Retryable) as caught:
        http().send(method, f"http://127.0.0.1:{closed_port()}/")
    assert caught.value.code == "network.connect"
    assert caught.value.evidence["cause"] == "ConnectionRefusedError"


def test_a_failed_handshake_has_sent_nothing() -> None:
    with server(answer(b"")) as (url, _), pytest.raises(Retryable) as caught:
        http(0.3).send("POST", url.replace("http:", "https:"), json={})
    assert caught.value.code == "network.connect"


@pytest.mark.parametrize(
    "script",
    [
        hang_up,
        hang,
        lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        lambda connection: connection.sendall(b"no http at all\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX-Long: "),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    ],
    ids=["hangs up", "hangs", "half a body", "no http", "drips body", "drips headers", "drips a chunk size"],
)
def test_a_lost_reply_is_ambiguous_for_effects_and_ends_in_time(script: Script) -> None:
    with server(script, script, script) as (url, _):
        caller = http(0.25)
        for method, effect, expected in (
            ("POST", None, Ambiguous),
            ("GET", None, Retryable),
            ("POST", False, Retryable),
        ):
            started = time.monotonic()
            with pytest.raises(expected) as caught:
                caller.send(method, url, effect=effect)
            assert caught.value.code == "network.reply_lost"
            assert time.monotonic() - started < 2.0


def test_the_error_names_no_address() -> None:
    with server(hang_up) as (url, _), pytest.raises(Ambiguous) as caught:
        http().send("POST", url + "/contacts?email=ada@example.com", json={"name": "Ada"})
    assert "ada" not in repr((caught.value, caught.value.evidence)).lower()


def test_an_answer_too_large_is_refused() -> None:
    with server(answer(b"x" * 2000)) as (url, _), pytest.raises(Rejected) as caught:
        http(most_bytes=1000).send("GET", url)
    assert caught.value.code == "network.answer_too_large"


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.com/", "http://"])
def test_an_address_that_cannot_be_called(url: str) -> None:
    with pytest.raises(ConfigurationFault):
        http().send("GET", url)


def test_the_session_serves_foreign_libraries() -> None:
    with server(answer(b"{}"), hang_up) as (url, _):
        session = http().session
        assert session.post(url, data={"a": "b"}).json() == {}
        with pytest.raises(Ambiguous):
            session.request("PATCH", url)
