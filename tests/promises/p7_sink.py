"""A local HTTP server that keeps whatever it is sent: the place of Sentry and of the people's chat."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Sink:
    """What arrived, decompressed, by path."""

    port: int
    kept: list[tuple[str, bytes]] = field(default_factory=list)

    def bodies(self, beginning: str) -> list[bytes]:
        """Everything sent to paths that begin so."""
        return [body for path, body in list(self.kept) if path.startswith(beginning)]

    def reports(self) -> list[dict[str, Any]]:
        """The events among Sentry's envelopes."""
        found = []
        for envelope in self.bodies("/api/"):
            lines = envelope.split(b"\n")
            for header, payload in zip(lines[1::2], lines[2::2], strict=False):
                if header and json.loads(header).get("type") == "event":
                    found.append(json.loads(payload))
        return found

    def reported(self) -> set[str]:
        """Types of the exceptions Sentry was told of."""
        return {
            value["type"]
            for report in self.reports()
            for value in report.get("exception", {}).get("values", [])
        }


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A sink that ends with the block."""
    sink = Sink(0)

    class Keeper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw
            sink.kept.append((self.path, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keeper)
    sink.port = server.server_port
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
