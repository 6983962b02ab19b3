"""The sandbox as a foreign client meets it: a process, addresses from its first line, plain `requests`."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests

REPOSITORY = Path(__file__).parents[3]
TIMEOUT = 10


class Running:
    """A started sandbox: what its first line said, and calls to its Zoho and admin sides."""

    def __init__(self, about: dict[str, Any], process: subprocess.Popen[str]) -> None:
        self.about, self.process = about, process
        self.zoho: dict[str, str] = about["zoho"]
        self.http = requests.Session()
        self._token = ""

    def grant(self, **parameters: str) -> requests.Response:
        """POST to the token endpoint with the client's id and secret."""
        known = {key: self.zoho[key] for key in ("client_id", "client_secret")}
        return self.http.post(
            f"{self.zoho['accounts_url']}/oauth/v2/token", data={**known, **parameters}, timeout=TIMEOUT
        )

    def refresh(self) -> requests.Response:
        return self.grant(grant_type="refresh_token", refresh_token=self.zoho["refresh_token"])

    @property
    def token(self) -> str:
        if not self._token:
            self._token = self.refresh().json()["access_token"]
        return self._token

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = TIMEOUT,
        **query: Any,
    ) -> requests.Response:
        """One API call, authorised and with the organisation."""
        sent = {
            "Authorization": f"Zoho-oauthtoken {self.token if token is None else token}",
            **(headers or {}),
        }
        parameters = {"organization_id": self.zoho["organization_id"], **query}
        url = f"{self.zoho['api_domain']}/inventory/v1{path}"
        return self.http.request(method, url, params=parameters, json=body, headers=sent, timeout=timeout)

    def get(self, path: str, **query: Any) -> Any:
        return self._good(self.call("GET", path, **query))

    def post(self, path: str, body: Any = None) -> Any:
        return self._good(self.call("POST", path, body))

    def put(self, path: str, body: Any, headers: dict[str, str] | None = None) -> Any:
        return self._good(self.call("PUT", path, body, headers=headers))

    def delete(self, path: str) -> Any:
        return self._good(self.call("DELETE", path))

    def customer(self, name: str, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.post("/contacts", {"contact_name": name, **fields})["contact"]
        return made

    def admin(self, method: str, path: str, body: Any = None) -> requests.Response:
        return self.http.request(method, self.about["admin_url"] + path, json=body, timeout=TIMEOUT)

    def edit(self, entity: str, fields: dict[str, Any], record_id: str | None = None) -> dict[str, Any]:
        """A person changes something in Zoho."""
        answer = self.admin(
            "POST", f"/edit/zoho/{entity}", {"id": record_id, "fields": fields, "as": "person"}
        )
        assert answer.status_code == 200, answer.text
        edited: dict[str, Any] = answer.json()
        return edited

    def names(self, **query: Any) -> list[str]:
        return [row["contact_name"] for row in self.get("/contacts", **query)["contacts"]]

    @staticmethod
    def _good(response: requests.Response) -> Any:
        found = response.json()
        assert found["code"] == 0, (response.status_code, found)
        return found


@contextmanager
def sandbox(*arguments: str, salesforce: bool = False) -> Iterator[Running]:
    """A sandbox, with Zoho alone unless told otherwise, ended with the block."""
    parts = () if salesforce else ("--no-salesforce",)
    command = [sys.executable, "-m", "integration.sandbox", "--json", *parts, *arguments]
    process = subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, "the sandbox ended before it said where it listens"
        running = Running(json.loads(line), process)
        with running.http:
            yield running
    finally:
        process.terminate()
        process.wait(timeout=TIMEOUT)
        process.stdout.close()


@dataclass(frozen=True)
class Received:
    """One request as it arrived."""

    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """Takes webhooks; answers the next of `statuses`, 202 when there are none."""

    url: str
    received: queue.Queue[Received] = field(default_factory=queue.Queue)
    statuses: list[int] = field(default_factory=list)

    def next(self, timeout: float = 5) -> Received:
        """The next webhook; queue.Empty if none comes in time."""
        return self.received.get(timeout=timeout)


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A web server on a free port that remembers what it is sent."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken = Received(path, query, dict(self.headers.items()), body)
            status = found.statuses.pop(0) if found.statuses else 202
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            found.received.put(taken)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
