"""One story with everything that may let something private out, over real processes; and where to look then."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from integration.canonical.values import Side
from integration.processes.child import resolved
from integration.processes.ports import answers_http, free_port
from integration.processes.specs import beat_command, flower_command, web_command
from integration.settings import child_environment
from tests.contract.sandbox_process import Sandbox
from tests.crash.processes import REPOSITORY, SECRET, STARTING, Plant
from tests.deadline import wait_until
from tests.promises.p7_canaries import ANSWERED, PERSONAL, SENT, TYPED
from tests.promises.p7_places import dump, get
from tests.promises.p7_planted import CUSTOM_FIELD, hook, mistaken, person, signed
from tests.promises.p7_sink import Sink

SECONDS = 40.0
FLOWER_LOGIN = "ops:fl0wer-fennimore"
SENTRY_KEY = "5e47f1cafe5e47f1cafe"
ALERT_TOKEN = "a1ert-fennimore"
POLICIES: dict[str, Any] = {
    "initial_mode": "live",
    "poll_seconds": 2.0,
    "sweep_seconds": 0.5,
    "settle_seconds": 1.0,
    "search_lag_seconds": 0.0,
    "lease_seconds": 12.0,
}
QUEUES = "events,salesforce,zoho,batch,dead-letter,maintenance"


@dataclass
class Story:
    """The processes, what was planted, and what they let out."""

    plant: Plant
    sink: Sink
    places: dict[str, bytes] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    answers: list[bytes] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    web_port: int = 0
    flower_port: int = 0
    ends: dict[str, int] = field(default_factory=dict)

    @property
    def sandbox(self) -> Sandbox:
        return self.plant.sandbox

    # ------------------------------------------------------------- beginning

    def set_up(self) -> None:
        """Secrets of every kind, and a place for accidents."""
        plant, about = self.plant, self.sandbox.about
        key = Fernet.generate_key().decode()
        alert = f"http://127.0.0.1:{self.sink.port}/hooks/{ALERT_TOKEN}"
        plant.env |= {
            "ENCRYPTION_KEYS": key,
            "FLOWER_BASIC_AUTH": FLOWER_LOGIN,
            "SENTRY_DSN": f"http://{SENTRY_KEY}@127.0.0.1:{self.sink.port}/1",
            "ALERT_WEBHOOK_URL": alert,
            "P7_ACCIDENTS": str(plant.folder / "accidents"),
            "WEB_CONCURRENCY": "1",
        }
        (plant.folder / "accidents").mkdir()
        (plant.folder / "mapping").mkdir()
        (plant.folder / "mapping" / "custom.yaml").write_text(CUSTOM_FIELD)
        self.secrets = {
            "client secret of Salesforce": about["salesforce"]["client_secret"],
            "client secret of Zoho": about["zoho"]["client_secret"],
            "refresh token of Zoho": about["zoho"]["refresh_token"],
            "webhook secret": SECRET,
            "encryption key": key,
            "password of Redis": plant.valkey.address.password,
            "login of Flower": FLOWER_LOGIN.partition(":")[2],
            "token of the alert address": ALERT_TOKEN,
            "key of Sentry": SENTRY_KEY,
        }

    def happen(self, name: str) -> None:
        """Let an accident happen."""
        (self.plant.folder / "accidents" / name).touch()

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        """A worker for all queues, which tells Flower of its tasks."""
        process = self.plant.start(
            *("tests.promises.p7_accidents", "worker", "--queues", QUEUES, "--pool", "threads"),
            *("--concurrency", "4", "--hostname", f"{name}@%h", "--without-gossip", "--without-mingle"),
            *("--task-events", "--loglevel", "INFO"),
        )
        wait_until(lambda: "ready" in self.plant.output(process), STARTING, f"{name} is ready")
        return process

    def start(self) -> subprocess.Popen[bytes]:
        """Every process of the product; returns the worker."""
        plant = self.plant
        self.web_port, self.flower_port = free_port(), free_port()
        web = list(web_command(f"127.0.0.1:{self.web_port}", "1", "4"))
        web[1] = "tests.promises.p7_accidents:create_app()"
        plant.start("gunicorn", *web[1:])
        plant.start_program(*beat_command())
        plant.start_program(*flower_command("127.0.0.1", str(self.flower_port)))
        self.happen("listener")
        plant.start("tests.promises.p7_accidents", "listen")
        plant.start("tests.promises.p7_accidents", "listen")
        worker = self.worker("first")
        wait_until(lambda: answers_http(self.web_port, "/healthz"), STARTING, "the receiver answers")
        wait_until(lambda: answers_http(self.flower_port, "/healthcheck"), STARTING, "Flower answers")
        return worker

    # ------------------------------------------------------------- both systems

    def fill(self) -> None:
        """Customers on both sides, all their fields full of canaries."""
        account = self.sandbox.edit(
            *("salesforce", "Account"),
            {
                "Name": f"{PERSONAL['company']} Mills",
                "Phone": f"+44 20 {PERSONAL['phone']}",
                "BillingStreet": f"1 {PERSONAL['street']} Lane",
                "BillingCity": PERSONAL["city"],
                "Description": f"He {PERSONAL['notes']}",
                "Site": PERSONAL["custom field"],
            },
        )
        self.sandbox.edit("salesforce", "Contact", {**person(), "AccountId": account["Id"]})
        self.sandbox.edit(
            *("zoho", "contact"),
            {
                "contact_name": f"{PERSONAL['individual']} Ltd",
                "customer_sub_type": "business",
                "notes": PERSONAL["notes"],
                "custom_fields": [{"api_name": "cf_species", "value": PERSONAL["custom field"]}],
            },
        )

    def join(self) -> None:
        """The first load; then each side has the other's."""
        pair = self.plant.pair
        pair.prepare(*Side)
        pair.services.bell.ring("first-load", pair.services.pair_id)
        wait_until(lambda: self.written("zoho", "contact") >= 1, SECONDS, "Zoho has the Account")
        wait_until(lambda: self.written("salesforce", "Account") >= 1, SECONDS, "Salesforce has the contact")

    def written(self, side: str, entity: str) -> int:
        """Creates the product made on a side."""
        statement = "SELECT count(*) FROM outbox_writes WHERE state = 'done' AND operation = 'create'"
        return int(self.plant.rows(f"{statement} AND side = '{side}' AND entity = '{entity}'")[0][0])

    def spoil(self) -> None:
        """Foreign answers that quote records: pages, refusals, breakdowns, faulty rows."""
        sandbox = self.sandbox
        zoho, rest = "/inventory/v1/contacts", "/services/data"
        page = f"<html><body>{ANSWERED['page']} {PERSONAL['company']}</body></html>"
        refusal = {"code": 4, "message": f"Invalid value passed for {ANSWERED['refusal']}"}
        breakdown = {"code": 1000, "message": f"Internal error near {ANSWERED['breakdown']}"}
        row = f"{ANSWERED['row']} is no good"
        sandbox.fault("zoho", "html", method="POST", path_prefix=zoho, body=page)
        sandbox.fault("zoho", "html", method="GET", path_prefix=zoho, status=200, body=page)
        sandbox.fault("zoho", "status", method="POST", path_prefix=zoho, status=400, body=refusal)
        sandbox.fault("zoho", "status", method="POST", path_prefix=zoho, status=500, body=breakdown)
        for status, kind in ((400, "FIELD_CUSTOM_VALIDATION_EXCEPTION"), (500, "UNKNOWN_EXCEPTION")):
            body = [{"errorCode": kind, "message": f"{ANSWERED['refusal']} at {status}"}]
            sandbox.fault("salesforce", "status", method="POST", path_prefix=rest, status=status, body=body)
        sandbox.fault("salesforce", "html", method="GET", path_prefix=rest, body=page)
        sandbox.incident("record_error", object="Account", code="STRING_TOO_LONG", message=row)
        sandbox.incident("undecodable", object="Account")
        for number in range(3):
            name = f"{PERSONAL['company']} {number}"
            sandbox.edit("salesforce", "Account", {"Name": name})
            sandbox.edit("zoho", "contact", {"contact_name": f"{PERSONAL['individual']} {number}"})

    def refuse_login(self) -> None:
        """Zoho takes no token any more, and its accounts server says why."""
        body = {"error": "invalid_client", "error_description": ANSWERED["login"]}
        self.sandbox.fault(
            "zoho", "status", method="POST", path_prefix="/oauth/v2/token", status=400, body=body, times=50
        )
        self.sandbox.fault("zoho", "token_revoked", times=50)
        self.sandbox.edit("salesforce", "Account", {"Name": f"{PERSONAL['company']} last"})

    # ------------------------------------------------------------- strangers

    def send_hooks(self) -> None:
        """Webhooks of every kind; what is answered is kept."""
        good, path = json.dumps(hook("460000000000001")).encode(), "/webhooks/zoho/main/contact-saved"
        marked = f"{path}?from={SENT['query']}"
        plain = f'["{SENT["body"]}"'.encode()
        for name, address, body, signature in (
            ("valid", marked, good, signed(b"from" + SENT["query"].encode() + good)),
            ("repeated", marked, good, signed(b"from" + SENT["query"].encode() + good)),
            ("unsigned", marked, good, ""),
            ("forged", marked, good, SENT["signature"]),
            ("oversized", marked, b"%s" % SENT["body"].encode() * 150_000, "0" * 64),
            ("no JSON", path, plain, signed(plain)),
            ("no record", path, good[:12] + b"}}", signed(good[:12] + b"}}")),
            ("wrong pair", f"/webhooks/zoho/{SENT['path']}/contact-saved", good, signed(good)),
            ("wrong rule", f"/webhooks/zoho/main/{SENT['path']}", good, signed(good)),
            ("wrong address", f"/{SENT['path']}?{SENT['query']}", good, ""),
        ):
            self.post(name, address, body, signature)
        self.happen("hook")
        exploding = json.dumps(hook("460000000000002")).encode()
        self.post("accident", path, exploding, signed(exploding))
        self.post("after it", path, exploding, signed(exploding))
        self.shout()

    def post(self, name: str, path: str, body: bytes, signature: str) -> None:
        """One request of a stranger."""
        connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=20)
        headers = {"Content-Type": "application/json", "X-Stranger": SENT["header"]}
        if signature:
            headers["X-Zoho-Webhook-Signature"] = signature
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        self.statuses[name] = answer.status
        self.answers.append(str(answer.headers).encode() + answer.read())
        connection.close()

    def shout(self) -> None:
        """Bytes that are no HTTP: gunicorn itself answers, with what it could not read and nothing else."""
        for text in (
            f"{SENT['body']} {SENT['path']}\r\n\r\n",
            f"POST / HTTP/1.1\r\n{SENT['header']}\r\n\r\n",
        ):
            with socket.create_connection(("127.0.0.1", self.web_port), timeout=10) as connection:
                connection.sendall(text.encode())
                answer = b""
                while received := connection.recv(4096):
                    answer += received
            assert answer.startswith(b"HTTP/1.1 400 "), answer

    # ------------------------------------------------------------- people

    def command(self, name: str, *arguments: str, **env: str) -> None:
        """A command that fails; what it prints is kept."""
        done = subprocess.run(
            resolved(("zoho-salesforce", *arguments)),
            cwd=REPOSITORY,
            env=child_environment({**self.plant.env, **env}),
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.ends[name] = done.returncode
        self.places[f"command: {name}"] = done.stdout + done.stderr

    def fail_commands(self) -> None:
        """Mistakes of administrators, in files and in the environment."""
        folder, password = self.plant.folder, TYPED["database"]
        (folder / "bad.yaml").write_text(mistaken())
        settings = (folder / "integration.toml").read_text()
        (folder / "no.toml").write_text(f'{settings}\n[flower]\nbasic_auth = "{TYPED["file"]}\n')
        (folder / "bad.toml").write_text(f'{settings}\n[flower]\nbasic_auth = ["{TYPED["file"]}"]\n')
        self.command("mapping mistake", "mapping", "apply", str(folder / "bad.yaml"))
        self.command("no TOML", "doctor", INTEGRATION_CONFIG=str(folder / "no.toml"))
        self.command("wrong setting", "doctor", INTEGRATION_CONFIG=str(folder / "bad.toml"))
        for name, url in {
            "database away": f"postgresql://u:{password}@127.0.0.1:1/x",
            "no port": f"postgresql://u:{password}@127.0.0.1:{password}/x",
        }.items():
            self.command(name, "migrate", DATABASE_URL=url)
        self.command("slash for Redis", "doctor", REDIS_URL=f"redis://:{password}/x@127.0.0.1:1/0")
        self.command("no key", "reconcile", ENCRYPTION_KEYS=TYPED["file"])
        self.command("no DSN", "listen", SENTRY_DSN=f"://{TYPED['file']}@nowhere")

    # ------------------------------------------------------------- looking

    def look(self) -> None:
        """Gather every place nothing private may stand in."""
        plant = self.plant
        base = f"http://127.0.0.1:{self.web_port}"
        self.places["receiver"] = b"\n".join(self.answers)
        self.places["metrics"] = get(f"{base}/metrics")
        self.places["readiness"] = get(f"{base}/readyz")
        flower = f"http://127.0.0.1:{self.flower_port}"
        login = tuple(FLOWER_LOGIN.split(":"))
        self.places["Flower's tasks"] = get(f"{flower}/api/tasks?limit=10000", login)
        self.places["Flower's workers"] = get(f"{flower}/api/workers?refresh=1", login)
        for number, process in enumerate(plant.running):
            with suppress(OSError):
                self.places[f"command line {number}"] = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        self.places["Redis"] = dump(plant.valkey.address.url)
        for file in (plant.folder / "valkey" / "appendonlydir").iterdir():
            self.places[f"Redis: {file.name}"] = file.read_bytes()

    def look_at_the_rest(self) -> None:
        """What is complete only when the processes have ended."""
        for file in sorted(self.plant.folder.glob("process-*.log")):
            self.places[file.name] = file.read_bytes()
        for file in sorted((self.plant.folder / "metrics").iterdir()):
            self.places[f"counters: {file.name}"] = file.read_bytes()
        self.places["alerts"] = b"\n".join(self.sink.bodies("/hooks/"))
        for number, envelope in enumerate(self.sink.bodies("/api/")):
            self.places[f"Sentry {number}"] = envelope

    def database(self) -> bytes:
        """The bytes of the database, its log included."""
        return b"".join(file.read_bytes() for file in sorted(self.plant.folder.glob("line.db*")))

    def tokens(self) -> dict[str, str]:
        """The access tokens in use, as only the product can read them."""
        pair = self.plant.pair
        kept = {side: pair.sql.credentials(pair.services.pair_id, side.value).current() for side in Side}
        return {f"access token of {side}": token.access_token for side, token in kept.items() if token}
