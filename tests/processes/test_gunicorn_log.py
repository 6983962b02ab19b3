"""Real gunicorn with the options of `web`: its lines have our form and show nothing that a sender sent."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from pathlib import Path

from integration.processes import specs
from integration.processes.ports import answers_http, free_port
from integration.processes.supervisor import ProcessSpec, Supervisor

CANARY = "ada@example.com"
FAILING_APP = """
def create_app():
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/healthz":
            start_response("200 OK", [])
            return [b""]
        raise ValueError("cannot read " + environ["QUERY_STRING"])
    return app
"""


def test_gunicorn_shows_no_request(tmp_path: Path) -> None:
    (tmp_path / "failing_app.py").write_text(FAILING_APP)
    port = free_port()
    command = list(specs.web_command(f"127.0.0.1:{port}", "1", "2"))
    command[1] = "failing_app:create_app()"
    spec = ProcessSpec(
        "web",
        (*command, "--pythonpath", str(tmp_path)),
        {"INTEGRATION_STATE_DIR": str(tmp_path)},
        ready=lambda: answers_http(port, "/healthz"),
    )
    supervisor = Supervisor([spec], tmp_path)
    supervisor.start()
    try:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", f"/webhooks?{CANARY}")
        assert connection.getresponse().status == 500
        connection.close()
    finally:
        supervisor.stop()
    text = (tmp_path / "web.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert CANARY not in text
    assert "ValueError" in {line.get("error") for line in lines}
    assert any(line["event"].startswith("Listening at") for line in lines)
    assert supervisor.status_of("web").last_exit == 0
