"""The receiver: who gets in, what is kept, and what the others are told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse, create_environ, run_wsgi_app

from integration.canonical.event import EventKind
from integration.ports import Bell
from integration.processes.ports import free_port
from integration.settings import Settings
from integration.wiring.counters import counters
from integration.wiring.pairs import Wiring
from tests.unit.wiring.sample import SECRET, RecordingBell, sample_settings
from webhooks import zoho
from webhooks.app import create_app

Client = Callable[[Settings, Bell | None], FlaskClient]

DOWN = "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"
HEADER = "X-Zoho-Webhook-Signature"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
SAVED = "/webhooks/zoho/main/contact-saved"

CONTACT = {
    "contact": {
        "contact_id": "460000000026049",
        "contact_name": "Harbour Mills Ltd",
        "last_modified_time": "2026-06-09T13:15:34+0000",
        "outstanding_receivable_amount": 250.10,
        "contact_persons": [],
        "billing_address": {},
    }
}
BODY = json.dumps(CONTACT).encode()


def signed(body: bytes, query: str = "", form: str = "", secret: str = SECRET) -> str:
    """The signature as Zoho's help page describes it, written anew: sorted pairs, then the raw body."""
    pairs = [part.split("=", 1) for text in (query, form) for part in text.split("&") if part]
    text = "".join(key + value for key, value in sorted(pairs))
    return hmac.new(secret.encode(), text.encode() + body, hashlib.sha256).hexdigest()


def told(answer: TestResponse) -> dict[str, Any]:
    """The JSON of an answer."""
    found: dict[str, Any] = json.loads(answer.data)
    return found


class Door:
    """The application with a bell that only listens."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.bell = RecordingBell()
        self.settings = sample_settings(folder, database_url)
        self.app = create_app(self.settings, self.bell)
        self.client: FlaskClient = self.app.test_client()
        self.wiring: Wiring = self.app.extensions["wiring"]

    def post(
        self, path: str = SAVED, body: bytes = BODY, headers: dict[str, str] | None = None
    ) -> TestResponse:
        """A webhook, rightly signed unless a signature is given."""
        given = {"Content-Type": JSON, HEADER: signed(body, path.partition("?")[2]), **(headers or {})}
        return self.client.post(path, data=body, headers={k: v for k, v in given.items() if v})

    def stored(self) -> list[Any]:
        services = self.wiring.pair("main").services
        with services.stores.begin(services.pair_id) as uow:
            return uow.inbox.received(100)


@pytest.fixture
def stored_door(tmp_path: Path, database_url: str) -> Iterator[Door]:
    """A receiver on each database."""
    opened = Door(tmp_path, database_url)
    yield opened
    opened.wiring.close()


@pytest.fixture
def door(tmp_path: Path, sqlite_url: str) -> Iterator[Door]:
    """A receiver, where the kind of database makes no difference."""
    opened = Door(tmp_path, sqlite_url)
    yield opened
    opened.wiring.close()


@pytest.fixture
def make_client() -> Iterator[Client]:
    """Receivers with settings of the test's own."""
    made: list[Wiring] = []

    def make(settings: Settings, bell: Bell | None) -> FlaskClient:
        app = create_app(settings, bell)
        made.append(app.extensions["wiring"])
        return app.test_client()

    yield make
    for wiring in made:
        wiring.close()


def without_sql(settings: Settings) -> Settings:
    """The same settings with a database nobody answers for."""
    return settings.model_copy(update={"database_url": SecretStr(DOWN)})


@pytest.fixture
def refused() -> Callable[[str], int]:
    """How often a reason was counted since the test began."""
    before = counters.totals()

    def since(reason: str) -> int:
        series = "webhooks_refused_total", (("reason", reason),)
        return counters.totals().get(series, 0) - before.get(series, 0)

    return since


def test_a_signed_webhook_is_stored_and_rings(stored_door: Door) -> None:
    door = stored_door
    answer = door.post()
    assert (answer.status_code, answer.json) == (202, {"accepted": 1, "repeated": 0})
    [stored] = door.stored()
    assert (stored.event.entity, stored.event.record_id) == ("contact", "460000000026049")
    assert stored.event.kind is EventKind.RECORD
    assert stored.event.at == 1_781_010_934_000
    digest = hashlib.sha256(BODY).hexdigest()
    assert stored.event.key == f"contact-saved:contact:460000000026049:1781010934000:{digest}"
    assert len(stored.correlation_id) == 32
    assert door.bell.rung == [("events", door.wiring.pair("main").services.pair_id)]


def test_a_repeated_webhook_has_no_effect(stored_door: Door) -> None:
    door = stored_door
    assert [door.post().json for _ in range(3)] == [
        {"accepted": 1, "repeated": 0},
        {"accepted": 0, "repeated": 1},
        {"accepted": 0, "repeated": 1},
    ]
    assert len(door.stored()) == 1
    assert len(door.bell.rung) == 1


def test_same_time_with_other_content_is_another_event(door: Door) -> None:
    other = json.loads(BODY)
    other["contact"]["contact_name"] = "Harbour Mills Limited"
    door.post()
    assert door.post(body=json.dumps(other).encode()).json == {"accepted": 1, "repeated": 0}


def test_query_pairs_are_signed_too(door: Door, refused: Callable[[str], int]) -> None:
    assert door.post(f"{SAVED}?z=1&a=2").status_code == 202
    assert door.post(f"{SAVED}?z=1&a=2", headers={HEADER: signed(BODY)}).status_code == 401
    assert refused("webhook.forged") == 1


def test_forms_are_signed_by_their_pairs(door: Door) -> None:
    text = BODY.decode()
    body = urlencode({"JSONString": text}).encode()
    signature = hmac.new(SECRET.encode(), f"JSONString{text}".encode(), hashlib.sha256).hexdigest()
    assert door.post(body=body, headers={"Content-Type": FORM, HEADER: signature}).status_code == 202
    assert door.stored()[0].event.record_id == "460000000026049"


def test_base64_and_static_secrets_where_the_rule_says_so(door: Door) -> None:
    digest = hmac.new(SECRET.encode(), BODY, hashlib.sha256).digest()
    encoded = base64.b64encode(digest).decode()
    assert door.post("/webhooks/zoho/main/base64", headers={HEADER: encoded}).status_code == 202
    plain = "/webhooks/zoho/main/plain"
    assert door.post(plain, headers={"X-Webhook-Secret": SECRET}).status_code == 202
    assert door.post(plain, headers={"X-Webhook-Secret": SECRET + "x"}).status_code == 401
    assert door.post(plain).status_code == 401


def test_a_delete_rule_tells_deletes(door: Door) -> None:
    assert door.post("/webhooks/zoho/main/contact-deleted").status_code == 202
    assert door.stored()[0].event.kind is EventKind.DELETE


REFUSALS = {
    "unsigned": (SAVED, BODY, {HEADER: ""}, 401, "webhook.unsigned"),
    "wrongly signed": (SAVED, BODY, {HEADER: signed(BODY, secret="another")}, 401, "webhook.forged"),
    "no signature at all": (SAVED, BODY, {HEADER: "not hex, é"}, 401, "webhook.forged"),
    "another pair": ("/webhooks/zoho/other/contact-saved", BODY, {}, 404, "webhook.unknown_pair"),
    "another rule": ("/webhooks/zoho/main/other", BODY, {}, 404, "webhook.unknown_rule"),
    "not JSON": (SAVED, b"name=x", {}, 400, "webhook.json"),
    "not UTF-8": (SAVED, b"\xff\xfe{}", {}, 400, "webhook.encoding"),
    "not an object": (SAVED, b"[1]", {}, 400, "webhook.json"),
    "deeply nested": (SAVED, b'{"contact":' + b"[" * 6_000, {}, 400, "webhook.json"),
    "no record": (SAVED, b'{"contact": {"contact_id": "12 OR 1=1"}}', {}, 400, "webhook.no_record"),
    "not a number": (SAVED, b'{"contact": {"contact_id": "1", "x": NaN}}', {}, 400, "webhook.json"),
    "a time of its own": (
        SAVED,
        b'{"contact": {"contact_id": "1", "last_modified_time": "yesterday"}}',
        {},
        400,
        "zoho.time",
    ),
    "another entity": (SAVED, b'{"item": {"item_id": "1"}}', {}, 422, "webhook.entity"),
    "too large": (SAVED, b" " * 20_001, {}, 413, "webhook.too_large"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_bad_input_is_told_counted_and_not_stored(
    case: str, door: Door, refused: Callable[[str], int]
) -> None:
    path, body, headers, status, reason = REFUSALS[case]
    answer = door.post(path, body, headers)
    assert (answer.status_code, told(answer)["error"]) == (status, reason)
    assert told(answer)["reason"]
    assert refused(reason) == 1
    assert door.stored() == []
    assert door.bell.rung == []


def test_a_body_of_untold_length_is_not_read_to_its_end(door: Door) -> None:
    endless = Endless()
    headers = {HEADER: "0" * 64, "Transfer-Encoding": "chunked"}
    environ = create_environ(SAVED, method="POST", content_type=JSON, headers=headers)
    environ |= {"wsgi.input": endless, "wsgi.input_terminated": True}
    _, status, _ = run_wsgi_app(door.app.wsgi_app, environ)
    assert status.startswith("413")
    assert endless.given < 200_000


class Endless:
    """A sender that never stops."""

    def __init__(self) -> None:
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        self.given += max(size, 1)
        return b" " * max(size, 1)

    def readline(self, size: int = -1) -> bytes:
        return self.read(size)


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused(method: str, door: Door, refused: Callable[[str], int]) -> None:
    answer = getattr(door.client, method)(SAVED)
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "OPTIONS, POST"
    assert told(answer)["error"] == "http.405"
    assert refused("http.405") == 1


def test_answers_repeat_nothing_that_was_sent(door: Door) -> None:
    canary = "jane.roe@private.example"
    for body in (f'{{"contact": {{"x": "{canary}"}}}}', f'["{canary}"', f"{canary}=1"):
        assert canary not in door.post(body=body.encode()).get_data(as_text=True)


def test_an_unsigned_body_is_not_parsed(door: Door) -> None:
    """Whoever has no secret learns nothing about how bodies are read."""
    assert told(door.post(body=b"not json", headers={HEADER: "0" * 64}))["error"] == "webhook.forged"


def test_without_redis_it_is_stored_and_answered_at_once(
    tmp_path: Path, sqlite_url: str, make_client: Client
) -> None:
    settings = sample_settings(tmp_path, sqlite_url, f"redis://127.0.0.1:{free_port()}/0")
    client = make_client(settings, None)
    client.post(SAVED, data=BODY, headers={"Content-Type": JSON, HEADER: signed(BODY)})
    began = time.monotonic()
    for number in range(20):
        body = BODY + b" " * number
        answer = client.post(SAVED, data=body, headers={"Content-Type": JSON, HEADER: signed(body)})
        assert answer.status_code == 202
    assert time.monotonic() - began < 2.0


def test_without_sql_the_sender_is_to_come_again(
    tmp_path: Path, sqlite_url: str, make_client: Client
) -> None:
    client = make_client(without_sql(sample_settings(tmp_path, sqlite_url)), RecordingBell())
    answer = client.post(SAVED, data=BODY, headers={"Content-Type": JSON, HEADER: signed(BODY)})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert told(answer)["error"] == "sql.unreachable"


def test_what_nobody_foresaw_is_not_the_senders_fault(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Harbour Mills")

    monkeypatch.setattr(zoho, "accept", broken)
    answer = door.post()
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert told(answer)["error"] == "receiver.RuntimeError"
    assert b"Harbour" not in answer.data


def test_health_and_readiness(tmp_path: Path, sqlite_url: str, make_client: Client) -> None:
    settings = sample_settings(tmp_path, sqlite_url)
    client = make_client(settings, RecordingBell())
    assert client.get("/healthz").json == {"status": "ok"}
    assert client.get("/readyz").json == {"status": "ready", "database": "ok", "redis": "none"}
    answer = make_client(without_sql(settings), RecordingBell()).get("/readyz")
    assert (answer.status_code, told(answer)["database"]) == (503, "sql.unreachable")


def test_figures_are_for_this_machine_only(door: Door) -> None:
    door.post(headers={HEADER: ""})
    text = door.client.get("/metrics").get_data(as_text=True)
    assert 'zoho_salesforce_webhooks_refused_total{reason="webhook.unsigned"}' in text
    assert 'zoho_salesforce_due{pair="main",stage="received"} 0.0' in text
    assert door.client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 403
    assert door.client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 403
