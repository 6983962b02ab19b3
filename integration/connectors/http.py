"""HTTP with one total deadline per call and failures that say whether the request may have had an effect.

Sockets alone bound only silence: a peer that drips one byte a second keeps a plain client for ever. Here
every read of the answer is bounded by what is left of the call's deadline, headers and body alike. (Name
look-up is the exception: the operating system gives it no deadline.)
"""

from __future__ import annotations

import io
import json as json_text
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPResponse
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast

import requests
from requests.adapters import HTTPAdapter
from requests.cookies import RequestsCookieJar
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from integration.errors import Ambiguous, ConfigurationFault, Fault, Rejected, Retryable

HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
UNSENT = "network.connect"
"""Code of the Retryable of a call of which no byte has left."""
_UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
)
_CHUNK = 65_536


@dataclass(frozen=True)
class HttpAnswer:
    """A complete answer; header names compare without case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> object:
        """The body as JSON with decimals kept exact. Raises ValueError where it is none."""
        found: object = json_text.loads(self.body, parse_float=Decimal)
        return found


@dataclass
class _Call:
    """One call under way in this thread: when it must be over, and whether any byte of it has left."""

    ends: float
    sent: bool = False

    def left(self) -> float:
        left = self.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's deadline has passed")
        return left


_call: ContextVar[_Call | None] = ContextVar("http_call", default=None)


class _BoundedReader(io.RawIOBase):
    """A socket's bytes, each read bounded by what is left of the call."""

    def __init__(self, sock: socket.socket, call: _Call) -> None:
        super().__init__()
        self._sock = sock
        self._call = call
        # The unbuffered file holds a reference that keeps the socket open after its connection let go of it.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401 - any writable buffer, as io says
        self._sock.settimeout(self._call.left())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()


class _BoundedSocket:
    """What http.client asks of a socket when it reads an answer: one file."""

    def __init__(self, sock: socket.socket, call: _Call) -> None:
        self._sock = sock
        self._call = call

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_BoundedReader(self._sock, self._call))


class _BoundedResponse(HTTPResponse):
    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        call = _call.get()
        source = sock if call is None else cast("socket.socket", _BoundedSocket(sock, call))
        super().__init__(source, debuglevel, method, url)


class _BoundedConnection(HTTPConnection):
    response_class = _BoundedResponse

    def send(self, data: Any) -> None:  # noqa: ANN401 - whatever http.client sends
        _before_send(self)
        super().send(data)


class _BoundedTlsConnection(HTTPSConnection):
    response_class = _BoundedResponse

    def send(self, data: Any) -> None:  # noqa: ANN401 - whatever http.client sends
        _before_send(self)
        super().send(data)


def _before_send(connection: HTTPConnection) -> None:
    """Connect first, so that a failure to connect is known to have sent nothing."""
    if connection.sock is None:
        connection.connect()
    call = _call.get()
    if call is not None:
        connection.sock.settimeout(call.left())
        call.sent = True


class _BoundedPool(HTTPConnectionPool):
    ConnectionCls = _BoundedConnection


class _BoundedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTlsConnection


class _BoundedAdapter(HTTPAdapter):
    """Never retries: whether to send again is decided above, where it is known what was sent."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **named: Any) -> None:  # noqa: ANN401, FBT001, FBT002 - as requests calls it
        super().init_poolmanager(connections, maxsize, block, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _BoundedPool, "https": _BoundedTlsPool}


class DeadlineSession(requests.Session):
    """A requests session safe for threads: total deadline, own errors; no cookies, redirects or environment.

    Raises Retryable before anything was sent, Ambiguous afterwards (Retryable where the call has no effect).
    """

    def __init__(self, limits: HttpLimits) -> None:
        super().__init__()
        self._limits = limits
        self.trust_env = False  # neither proxies nor .netrc of the machine: settings alone decide
        self.verify = limits.ca_file or True
        # A cookie of one call must not travel with another; the jar is what threads would share.
        self.cookies = RequestsCookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
        adapter = _BoundedAdapter(pool_maxsize=limits.connections, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own
        """Send and read the whole answer; `timeout`: total seconds, `effect` overrides the method."""
        seconds = float(kwargs.pop("timeout", None) or self._limits.call_seconds)
        effect = kwargs.pop("effect", None)
        if effect is None:
            effect = (request.method or "GET").upper() not in HARMLESS
        kwargs.setdefault("verify", self.verify)
        kwargs["allow_redirects"] = False
        kwargs["stream"] = True
        kwargs["timeout"] = Timeout(total=seconds, connect=min(seconds, self._limits.connect_seconds))
        with _started(seconds) as call:
            try:
                return self._whole(super().send(request, **kwargs))
            except (requests.RequestException, HTTPError, OSError) as error:
                raise _fault_of(error, call, effect=effect, method=request.method or "GET") from error

    def _whole(self, answer: requests.Response) -> requests.Response:
        try:
            body = self._body(answer)
        except BaseException:
            answer.close()  # half an answer is left on the wire: the connection cannot serve another call
            raise
        answer._content = body  # noqa: SLF001 - requests has no public way to hand it a body
        return answer

    def _body(self, answer: requests.Response) -> bytes:
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK):
            body += chunk
            if len(body) > self._limits.most_bytes:
                raise Rejected(
                    "network.answer_too_large",
                    f"the answer is larger than {self._limits.most_bytes} bytes",
                    evidence={"status": answer.status_code},
                )
        return bytes(body)


@contextmanager
def _started(seconds: float) -> Iterator[_Call]:
    call = _Call(time.monotonic() + seconds)
    token = _call.set(call)
    try:
        yield call
    finally:
        _call.reset(token)


def _fault_of(error: Exception, call: _Call, *, effect: bool, method: str) -> Fault:
    """What a failure of the network means for the caller."""
    if isinstance(error, _UNSENDABLE):
        return ConfigurationFault("network.address", "the address cannot be called", advice="Check the URL.")
    evidence = {"cause": type(_root(error)).__name__, "method": method}
    if not call.sent:
        return Retryable(UNSENT, "the system could not be reached", evidence=evidence)
    if effect:
        text = "the request was sent, its answer did not arrive"
        return Ambiguous("network.reply_lost", text, evidence=evidence)
    return Retryable("network.reply_lost", "the answer did not arrive", evidence=evidence)


def _root(error: BaseException) -> BaseException:
    """What started it: libraries wrap an error in `reason`, in their arguments or as its cause."""
    seen = error
    for _ in range(8):
        wrapped = (getattr(seen, "reason", None), *seen.args, seen.__cause__)
        inner = next((part for part in wrapped if isinstance(part, BaseException)), None)
        if inner is None:
            break
        seen = inner
    return seen


@dataclass(frozen=True)
class HttpLimits:
    """Bounds of every call: `call_seconds` in total; `ca_file` replaces the usual certificate authorities."""

    call_seconds: float = 15.0
    connect_seconds: float = 5.0
    most_bytes: int = 64 * 1024 * 1024
    connections: int = 32
    ca_file: str | None = None


@dataclass
class Http:
    """Sends single calls; safe for threads. `session` serves libraries that bring requests' interface."""

    limits: HttpLimits = field(default_factory=HttpLimits)
    session: DeadlineSession = field(init=False)

    def __post_init__(self) -> None:
        self.session = DeadlineSession(self.limits)

    def send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float | None = None,
        effect: bool | None = None,
    ) -> HttpAnswer:
        """Send one request and read its whole answer, whatever its status.

        `effect`: whether the call may change something (default: by method); it decides between Ambiguous
        and Retryable when the answer is lost. Also raises Rejected (too large) and ConfigurationFault.
        """
        sent_headers = dict(headers or {})
        if json is not None:
            body = json_text.dumps(json, ensure_ascii=False, allow_nan=False).encode()
            sent_headers.setdefault("Content-Type", "application/json")
        request = requests.Request(method, url, params=params, headers=sent_headers, data=body or form)
        try:
            prepared = self.session.prepare_request(request)
        except _UNSENDABLE as error:
            raise ConfigurationFault(
                "network.address", "the address cannot be called", advice="Check the URL."
            ) from error
        answer = self.session.send(prepared, timeout=seconds, effect=effect)
        return HttpAnswer(answer.status_code, answer.headers, answer.content)

    def close(self) -> None:
        """Give the kept connections back; calls under way finish."""
        self.session.close()
