"""Zoho's webhooks: verify, store, answer. One transaction a request, and nothing else happens here."""

from __future__ import annotations

from typing import IO
from urllib.parse import parse_qsl

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from gunicorn.http.errors import ParseException

from integration.errors import BadInput
from integration.flows.accept import accept
from integration.wiring import Hook, Receiver, Wiring
from integration.wiring.counters import count

TOO_LARGE = 413
CHUNK = 65_536


def routes(wiring: Wiring, receiver: Receiver) -> Blueprint:
    """The addresses Zoho is told."""
    blueprint = Blueprint("zoho", __name__)

    @blueprint.post("/webhooks/zoho/<pair>/<rule>")
    def receive(pair: str, rule: str) -> ResponseReturnValue:
        told = receiver.rule(pair, rule)
        hook = Hook(
            pair=pair,
            rule=rule,
            raw_body=_body(receiver.most_bytes(pair, rule)),
            content_type=request.content_type or "",
            query_pairs=_query_pairs(),
            given=request.headers.get(told.header),
        )
        event = receiver.event(hook)
        done = accept(wiring.pair(pair).services, [event])
        if done.new:
            count("webhooks_accepted_total", done.new, pair=pair)
        if done.repeated:
            count("webhooks_repeated_total", done.repeated, pair=pair)
        answer = f'{{"accepted":{done.new},"repeated":{done.repeated}}}\n'
        return Response(answer, 202, mimetype="application/json")

    return blueprint


def _body(most: int) -> bytes:
    """The raw body, which the signature covers. Raises BadInput: 413 before more than that is kept, 400 when
    it does not arrive whole.
    """
    told = request.content_length
    if (told or 0) > most:
        raise _too_large(most)
    stream: IO[bytes] = request.stream
    if told is not None:
        return _read(stream, -1)  # as long as told: Werkzeug refuses a shorter one, and leaves the rest
    body = bytearray()
    while chunk := _read(stream, min(CHUNK, most + 1 - len(body))):
        body += chunk
        if len(body) > most:
            raise _too_large(most)
    return bytes(body)


def _read(stream: IO[bytes], most: int) -> bytes:
    try:
        return stream.read(most)
    except (OSError, ParseException):
        problem = BadInput("webhook.cut_off", "the body did not arrive whole", advice="Send it again.")
    raise problem  # out here: gunicorn's error quotes what was sent


def _too_large(most: int) -> BadInput:
    return BadInput("webhook.too_large", f"the body is larger than {most} bytes", status=TOO_LARGE)


def _query_pairs() -> list[tuple[str, str]]:
    """Decoded pairs in their order, repeated and empty ones included: all of them are signed."""
    return parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True)
