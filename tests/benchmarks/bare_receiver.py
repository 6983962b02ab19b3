"""What the receiver is compared with: Flask, an HMAC over the body, one row inserted. Nothing else."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading

import psycopg
from flask import Flask, Response, abort, request

DATABASE, SECRET, HEADER = "BENCHMARK_DATABASE", "BENCHMARK_SECRET", "X-Zoho-Webhook-Signature"
TABLE = "CREATE TABLE IF NOT EXISTS bare_events (id bigserial PRIMARY KEY, key text UNIQUE, body text)"
INSERT = "INSERT INTO bare_events (key, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def create_app() -> Flask:
    """The application; each thread has a connection of its own."""
    app, own = Flask("bare"), threading.local()
    secret, database = os.environ[SECRET].encode(), os.environ[DATABASE]

    @app.post("/hook")
    def hook() -> Response:
        body = request.get_data()
        wanted = hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, request.headers.get(HEADER, "")):
            abort(401)
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(database, autocommit=True)
        own.connection.execute(INSERT, (hashlib.sha256(body).hexdigest(), body.decode()))
        return Response('{"accepted":1}', 202, content_type="application/json")

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app
