"""Posts alarms as JSON that Slack-compatible receivers understand."""

from __future__ import annotations

from integration.connectors.http import Http, HttpLimits
from integration.errors import Retryable
from integration.wiring.alarms import Post

SECONDS = 5.0


def webhook_post(url: str) -> Post:
    """A sender for `{"text": …}` bodies. Raises Retryable on every answer that is not 2xx."""
    http = Http(HttpLimits(call_seconds=SECONDS, connections=2))

    def post(text: str) -> None:
        # Telling people twice harms less than not telling them, so a lost answer counts as not sent.
        answer = http.send("POST", url, json={"text": text}, effect=False)
        if not 200 <= answer.status < 300:
            raise Retryable("alarm.refused", evidence={"status": answer.status})

    return post
