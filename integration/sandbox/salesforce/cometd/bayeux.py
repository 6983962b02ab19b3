"""Bayeux messages: what is answered to each, and the errors as `<code>::<text>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
HANDSHAKE = "/meta/handshake"
CONNECT = "/meta/connect"
SUBSCRIBE = "/meta/subscribe"
UNSUBSCRIBE = "/meta/unsubscribe"
DISCONNECT = "/meta/disconnect"
LONG_POLLING = "long-polling"

REQUIRES_AUTHENTICATION = "401::Request requires authentication"
AUTHENTICATION_INVALID = "401::Authentication invalid"
HANDSHAKE_DENIED = "403::Handshake denied"
NO_HANDSHAKE = "403::Client has not completed handshake"
UNKNOWN_CLIENT = "403::Unknown client"
OTHER_USER = "400::Authenticated user id does not match the session's user id"
TOO_MANY_CLIENTS = "403::Organization concurrent user limit exceeded"
ALLOWANCE_USED = "403::Organization total events daily limit exceeded"
NO_VIEW_ALL = "403::User not allowed to subscribe CDC without View All Data permissions"
RESTRICTED = "403::Restricted channel"
NO_CHANNEL_NAME = "400::Channel name not specified"
NO_LEADING_SLASH = "400::Channel subscriptions must start with a leading '/'"
TOO_LARGE = "413::Maximum Request Size Exceeded"


class BayeuxError(Exception):
    """A message that is answered with an error; `advice` says what the client should do about it."""

    def __init__(
        self, error: str, advice: Mapping[str, Any] | None = None, reason: str | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.advice = advice
        self.reason = reason


class Wordings:
    """Errors that name what was wrong; captures show it inside literal braces."""

    def __init__(self, *, braces: bool) -> None:
        self._form = "{{{}}}" if braces else "{}"

    def connection_type(self, found: object) -> BayeuxError:
        return BayeuxError(f"400::Invalid connection type {self._form.format(found)}")

    def no_such_channel(self, channel: str) -> BayeuxError:
        shown = self._form.format(channel)
        return BayeuxError(f"400::The channel you requested to subscribe to doesn't exist {shown}")

    def bad_replay(self, replay_id: object) -> BayeuxError:
        return BayeuxError(
            f"400::The replayId {self._form.format(replay_id)} you provided was invalid.  Please provide a"
            " valid ID, -2 to replay all events, or -1 to replay only new events."
        )


def no_cookie(client_id: str, cookie: str) -> BayeuxError:
    return BayeuxError(f"400::Client {client_id} has established a session, but no {cookie} cookie present")


def lost() -> BayeuxError:
    """The server knows nothing of the client any more."""
    return BayeuxError(UNKNOWN_CLIENT, {"interval": 0, "reconnect": "handshake"})


def unauthorised(error: str) -> BayeuxError:
    return BayeuxError(error, {"reconnect": "none", "interval": 0})


def reply(message: Mapping[str, Any], *, successful: bool = True, **more: Any) -> Json:
    """The answer to a message, which repeats its channel, id and client."""
    answer = {"channel": message.get("channel"), **more, "successful": successful}
    return {**{key: message[key] for key in ("clientId", "id") if key in message}, **answer}


def refusal(message: Mapping[str, Any], error: BayeuxError) -> Json:
    """A handshake says why in `ext.sfdc.failureReason`; everything else in `error`."""
    if message.get("channel") == HANDSHAKE:
        return {
            "ext": {"sfdc": {"failureReason": error.reason or error.error}, "replay": True},
            "advice": {"reconnect": "none"},
            "channel": HANDSHAKE,
            "error": HANDSHAKE_DENIED,
            "successful": False,
        }
    more: Json = {"error": error.error}
    if error.advice is not None:
        more["advice"] = dict(error.advice)
    if error.reason is not None:
        more["ext"] = {"sfdc": {"failureReason": error.reason}}
    if "subscription" in message:
        more["subscription"] = message["subscription"]
    return reply(message, successful=False, **more)
