"""The receiver on the wire: real gunicorn, webhooks signed by hand, and requests no client library would make."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_plus

import pytest
import tomli_w

from integration.processes import specs
from integration.processes.ports import answers_http, free_port
from integration.processes.supervisor import ProcessSpec, Supervisor
from integration.stores.migrate import upgrade

SECRET = "a1b2c3d4e5f6g7h8"
MOST = 20_000
CANARY = "jane.roe-private-5125550134"
SAVED, BASE64, PLAIN = (f"/webhooks/zoho/main/{rule}" for rule in ("contact-saved", "base64", "plain"))
HEADER = "X-Zoho-Webhook-Signature"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def contact(number: int) -> bytes:
    """The default payload of a contact."""
    fields = {"contact_id": str(460000000026000 + number), "contact_name": "Bowman & Co", "x": "é"}
    return json.dumps({"contact": {**fields, "last_modified_time": "2026-06-09T13:15:34+0000"}}).encode()


def mac(text: bytes) -> bytes:
    """HMAC-SHA256 as the help page has it."""
    return hmac.new(SECRET.encode(), text, hashlib.sha256).digest()


def chunked(body: bytes, size: int = 7) -> bytes:
    """The body in chunks."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back, and how many bytes of it."""

    status: int
    text: str

    @property
    def error(self) -> str:
        """Our code of a refusal."""
        return str(json.loads(self.text.partition("\r\n\r\n")[2])["error"])


@dataclass(frozen=True)
class Wire:
    """A receiver that listens, and its log."""

    port: int
    log: Path

    def send(self, raw: bytes, *, half_close: bool = False) -> Answer:
        """Send these very bytes and read until the receiver closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=15) as connection:
            connection.sendall(raw)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := connection.recv(65_536):
                received += chunk
        text = received.decode("utf-8", "replace")
        return Answer(int(text.split(" ", 2)[1]), text)

    def post(self, path: str, body: bytes, headers: dict[str, str], *, pieces: bool = False) -> Answer:
        """A whole request, in chunks or with its length."""
        length = {"Transfer-Encoding": "chunked"} if pieces else {"Content-Length": str(len(body))}
        return self.send(head(path, {**length, **headers}) + (chunked(body) if pieces else body))


def head(path: str, headers: dict[str, str]) -> bytes:
    """Request line and headers."""
    lines = [f"POST {path} HTTP/1.1", "Host: receiver.example", "Connection: close"]
    return "\r\n".join([*lines, *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode()


def settings(folder: Path) -> Path:
    """integration.toml with a rule for each way to sign."""
    zoho = {
        "organization_id": "10234695", "client_id": "1000.A", "client_secret": "-", "refresh_token": "-",
        "webhook_max_bytes": MOST,
        "webhooks": [
            {"rule": "contact-saved", "secret": SECRET},
            {"rule": "base64", "secret": SECRET, "encoding": "base64"},
            {"rule": "plain", "secret": SECRET, "mode": "header", "header": "X-Webhook-Secret"},
        ],
    }  # fmt: skip
    salesforce = {"login_url": "https://example.my.salesforce.com", "client_id": "c", "client_secret": "-"}
    file = folder / "integration.toml"
    file.write_text(tomli_w.dumps({"pairs": [{"name": "main", "salesforce": salesforce, "zoho": zoho}]}))
    return file


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    folder = tmp_path_factory.mktemp("wire")
    port = free_port()
    database = f"sqlite:///{folder / 'integration.db'}"
    upgrade(database)
    env = {
        "INTEGRATION_CONFIG": str(settings(folder)), "INTEGRATION_STATE_DIR": str(folder),
        "DATABASE_URL": database, "REDIS_URL": "redis://127.0.0.1:1/0", "ENCRYPTION_KEYS": "",
    }  # fmt: skip
    spec = ProcessSpec(
        "web", specs.web_command(f"127.0.0.1:{port}", "1", "4"), env,
        ready=lambda: answers_http(port, "/healthz"),
    )  # fmt: skip
    supervisor = Supervisor([spec], folder)
    supervisor.start()
    yield Wire(port, folder / "web.log")
    supervisor.stop()


@pytest.mark.parametrize("pieces", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("query", ["", "?tenant=acme&source=inventory&empty=", "?b=2&a=%C3%A9+%26&b=1"])
def test_a_signed_body(wire: Wire, pieces: bool, query: str) -> None:
    """Pairs of the query sorted by key, as they are decoded, then the raw body."""
    text = {"": "", "?t": "emptysourceinventorytenantacme", "?b": "aé &b2b1"}[query[:2]]
    body = contact(len(query) + 100 * pieces)
    headers = {"Content-Type": JSON, HEADER: mac(text.encode() + body).hex()}
    assert wire.post(SAVED + query, body, headers, pieces=pieces).status == 202
    assert (
        wire.post(SAVED + query, body, {**headers, HEADER: mac(body + b" ").hex()}, pieces=pieces).status
        == 401
    )


@pytest.mark.parametrize("pieces", [False, True], ids=["length", "chunked"])
def test_a_signed_form(wire: Wire, pieces: bool) -> None:
    """Pairs of form and query together, decoded; the raw body is no part of it."""
    told = contact(300 + pieces).decode()
    body = f"tenant=Bowman+%26+Co&JSONString={quote_plus(told)}".encode()
    text = f"JSONString{told}sourceinventorytenantBowman & Co"
    headers = {"Content-Type": f"{FORM}; charset=UTF-8", HEADER: mac(text.encode()).hex()}
    assert wire.post(f"{SAVED}?source=inventory", body, headers, pieces=pieces).status == 202
    raw = {**headers, HEADER: mac(body).hex()}
    assert wire.post(f"{SAVED}?source=inventory", body, raw, pieces=pieces).error == "webhook.forged"


def test_a_signature_in_base64_and_one_that_is_a_plain_secret(wire: Wire) -> None:
    body = contact(400)
    encoded = base64.b64encode(mac(body)).decode()
    assert wire.post(BASE64, body, {"Content-Type": JSON, HEADER: encoded}, pieces=True).status == 202
    assert wire.post(BASE64, body, {"Content-Type": JSON, HEADER: mac(body).hex()}).status == 401
    assert wire.post(PLAIN, body, {"Content-Type": JSON, "x-webhook-secret": SECRET}).status == 202
    assert wire.post(PLAIN, body, {"Content-Type": JSON, HEADER: mac(body).hex()}).status == 401


def test_too_large_is_said_before_the_body_comes(wire: Wire) -> None:
    """By its length, where it has one."""
    headers = {"Content-Type": JSON, "Content-Length": str(MOST + 1), HEADER: "0" * 64}
    answer = wire.send(head(SAVED, headers))
    assert (answer.status, answer.error) == (413, "webhook.too_large")


def test_too_large_is_said_of_a_body_without_a_length(wire: Wire) -> None:
    headers = {"Content-Type": JSON, "Transfer-Encoding": "chunked", HEADER: "0" * 64}
    body = b"%x\r\n" % (MOST + 1) + b" " * (MOST + 1)
    answer = wire.send(head(SAVED, headers) + body)  # and its end never comes
    assert (answer.status, answer.error) == (413, "webhook.too_large")
    whole = b" " * (MOST + 1)
    assert (
        wire.post(SAVED, whole, {"Content-Type": JSON, HEADER: mac(whole).hex()}, pieces=True).status == 413
    )


def test_a_body_as_large_as_allowed(wire: Wire) -> None:
    body = contact(500)
    body += b" " * (MOST - len(body))
    headers = {"Content-Type": JSON, HEADER: mac(body).hex()}
    assert wire.post(SAVED, body, headers).status == 202
    assert wire.post(SAVED, body, headers, pieces=True).status == 202


SENT = {"Content-Type": JSON, HEADER: "0" * 64}
BROKEN = {
    "a chunk of no size": head(SAVED, {**SENT, "Transfer-Encoding": "chunked"}) + f"{CANARY}\r\n".encode(),
    "a chunk longer than told": head(SAVED, {**SENT, "Transfer-Encoding": "chunked"})
    + f"2\r\n{CANARY}\r\n0\r\n\r\n".encode(),
    "a chunked body cut off": head(SAVED, {**SENT, "Transfer-Encoding": "chunked"})
    + f"ff\r\n{CANARY}".encode(),
    "a body cut off": head(SAVED, {**SENT, "Content-Length": "999"}) + CANARY.encode(),
    "two lengths": head(SAVED, {**SENT, "Content-Length": "3", "content-length": "4"}) + CANARY.encode(),
    "a length that is none": head(SAVED, {**SENT, "Content-Length": CANARY}),
    "length and chunks": head(SAVED, {**SENT, "Content-Length": "3", "Transfer-Encoding": "chunked"}),
    "an unknown coding": head(SAVED, {**SENT, "Transfer-Encoding": CANARY}),
    "no request line": f"{CANARY}\r\n\r\n".encode(),
    "a method of its own": f"{CANARY} {SAVED} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
    "a version of its own": f"POST {SAVED} {CANARY}\r\nHost: x\r\n\r\n".encode(),
    "a header that is none": f"POST {SAVED} HTTP/1.1\r\n{CANARY}\r\n\r\n".encode(),
    "a header with a space": f"POST {SAVED} HTTP/1.1\r\n{CANARY} : x\r\n\r\n".encode(),
    "a header with a NUL": f"POST {SAVED} HTTP/1.1\r\nX: {CANARY}\0\r\n\r\n".encode(),
    "a request line too long": f"POST {SAVED}?{CANARY}={'x' * 9_000} HTTP/1.1\r\n\r\n".encode(),
    "a header too long": head(SAVED, {"X-Long": CANARY + "x" * 9_000}),
    "too many headers": head(SAVED, {f"X-{n}": CANARY for n in range(200)}),
    "an address of its own": f"POST /{CANARY}?{CANARY} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode(),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_requests_are_refused_and_not_repeated(wire: Wire, case: str) -> None:
    """Neither in gunicorn's own pages nor in the log."""
    answer = wire.send(BROKEN[case], half_close="cut off" in case)
    assert answer.status == 501 if "coding" in case else 400 <= answer.status < 500, answer.text
    logged = wire.log.read_text(errors="replace")
    for part in (CANARY, CANARY.upper(), "5125550134"):
        assert part not in answer.text
        assert part not in logged
    assert "Traceback" not in logged
    assert answers_http(wire.port, "/healthz")
