"""A client of the event bus that shares nothing with us: messages put together by hand from the published table
of fields, over TLS, as an independent program would.
"""

from __future__ import annotations

import io
import json
import ssl
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import fastavro
import grpc
import pytest

from tests.contract.sandbox_process import Sandbox

TOPIC = "/data/AccountChangeEvent"
EARLIEST, CUSTOM = 1, 2
Fields = dict[int, list[Any]]


def encoded(*fields: tuple[int, int | str | bytes]) -> bytes:
    """A protobuf message of varints, texts and bytes."""
    found = b""
    for number, value in fields:
        if isinstance(value, int):
            found += varint(number << 3) + varint(value)
        else:
            raw = value.encode() if isinstance(value, str) else value
            found += varint(number << 3 | 2) + varint(len(raw)) + raw
    return found


def varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def decoded(message: bytes) -> Fields:
    """Field number → values in their order, each a number or bytes."""
    found: Fields = {}
    stream = io.BytesIO(message)
    while stream.tell() < len(message):
        key = read_varint(stream)
        assert key & 7 in (0, 2), "neither varint nor bytes"
        value: Any = read_varint(stream)
        found.setdefault(key >> 3, []).append(stream.read(value) if key & 7 else value)
    return found


def read_varint(stream: io.BytesIO) -> int:
    value, shift = 0, 0
    while True:
        [byte] = stream.read(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value


def token_of(sandbox: Sandbox) -> dict[str, str]:
    """Log in with the client credentials; the token endpoint's certificate is checked."""
    facts = sandbox.salesforce
    form = {
        "grant_type": "client_credentials", "client_id": facts["client_id"],
        "client_secret": facts["client_secret"],
    }  # fmt: skip
    context = ssl.create_default_context(cafile=facts["ca_file"])
    address = facts["login_url"] + "/services/oauth2/token"
    assert address.startswith("https://")
    with urllib.request.urlopen(address, urllib.parse.urlencode(form).encode(), context=context) as answer:  # noqa: S310
        found: dict[str, str] = json.load(answer)
    return found


class OutsideClient:
    """Calls by method name; requests and answers are bytes."""

    def __init__(self, channel: grpc.Channel, metadata: dict[str, str]) -> None:
        self._channel = channel
        self._metadata = tuple(metadata.items())

    def call(self, method: str, request: bytes) -> Fields:
        """One unary call."""
        stub = self._channel.unary_unary(f"/eventbus.v1.PubSub/{method}")
        return decoded(stub(request, metadata=self._metadata, timeout=10))

    def events(self, count: int, *start: tuple[int, int | bytes]) -> list[Fields]:
        """So many ConsumerEvents of the topic, with the demand for exactly them."""
        stub = self._channel.stream_stream("/eventbus.v1.PubSub/Subscribe")
        answers = stub(iter([encoded((1, TOPIC), *start, (4, count))]), metadata=self._metadata, timeout=10)
        found: list[Fields] = []
        for answer in answers:
            response = decoded(answer)
            assert len(response[2][0]) == 8, "latest_replay_id is always there"
            found += [decoded(event) for event in response.get(1, [])]
            assert response.get(4, [0])[0] == count - len(found), "what is still owed"
            if len(found) >= count:
                answers.cancel()
                return found
        raise AssertionError("the stream ended")

    def read(self, event: Fields) -> dict[str, Any]:
        """An event's body, by the schema it names."""
        produced = decoded(event[1][0])
        told = self.call("GetSchema", encoded((1, produced[2][0])))
        schema = fastavro.parse_schema(json.loads(told[1][0]))
        body = fastavro.schemaless_reader(io.BytesIO(produced[3][0]), schema, None)
        assert isinstance(body, dict)
        return body


def credentials(sandbox: Sandbox) -> grpc.ChannelCredentials:
    with open(sandbox.salesforce["ca_file"], "rb") as file:  # noqa: PTH123 - one line of it
        return grpc.ssl_channel_credentials(file.read())


def headers(sandbox: Sandbox) -> dict[str, str]:
    token = token_of(sandbox)
    organization = token["id"].split("/")[-2]
    return {
        "accesstoken": token["access_token"], "instanceurl": token["instance_url"], "tenantid": organization,
    }  # fmt: skip


@pytest.fixture
def outside(sandbox: Sandbox) -> Iterator[OutsideClient]:
    with grpc.secure_channel(sandbox.salesforce["pubsub_endpoint"], credentials(sandbox)) as channel:
        yield OutsideClient(channel, headers(sandbox))


def test_it_follows_changes(sandbox: Sandbox, outside: OutsideClient) -> None:
    made = [sandbox.edit("salesforce", "Account", {"Name": name})["Id"] for name in ("Acme", "Öl & Co")]
    sandbox.edit("salesforce", "Account", {"Phone": "+1 555 0100"}, made[0])
    first, second, third = outside.events(3, (2, EARLIEST))
    bodies = [outside.read(event) for event in (first, second, third)]
    changes = [body["ChangeEventHeader"] for body in bodies]
    assert [change["recordIds"] for change in changes] == [[made[0]], [made[1]], [made[0]]]
    assert [change["changeType"] for change in changes] == ["CREATE", "CREATE", "UPDATE"]
    assert [body["Name"] for body in bodies] == ["Acme", "Öl & Co", None]
    assert bodies[2]["Phone"] == "+1 555 0100"
    assert all(int(bits, 16) for bits in changes[2]["changedFields"])
    [again] = outside.events(1, (2, CUSTOM), (3, second[2][0]))
    assert again == third, "the place given is where it goes on after"


def test_it_asks_about_a_topic(sandbox: Sandbox, outside: OutsideClient) -> None:
    topic = outside.call("GetTopic", encoded((1, TOPIC)))
    assert topic[1] == [TOPIC.encode()]
    assert sandbox.salesforce["org_id"].encode() in topic[2][0]
    assert (topic.get(3), topic[4]) == (None, [1]), "changes can be subscribed to and not published"
    schema = outside.call("GetSchema", encoded((1, topic[5][0])))
    assert json.loads(schema[1][0])["name"] == "AccountChangeEvent"
    assert schema[2] == topic[5]


@pytest.mark.parametrize("missing", ["accesstoken", "instanceurl", "tenantid"])
def test_every_call_names_its_org(sandbox: Sandbox, missing: str) -> None:
    given = {name: value for name, value in headers(sandbox).items() if name != missing}
    with (
        grpc.secure_channel(sandbox.salesforce["pubsub_endpoint"], credentials(sandbox)) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        OutsideClient(channel, given).call("GetTopic", encoded((1, TOPIC)))
    trailers = dict(caught.value.trailing_metadata())
    assert trailers["error-code"] == "sfdc.platform.eventbus.grpc.service.auth.headers.invalid"
    assert "rpcId: " in caught.value.details()


@pytest.mark.parametrize("trusted", ["nothing", "no TLS"])
def test_without_tls_it_gets_nowhere(sandbox: Sandbox, trusted: str) -> None:
    endpoint = sandbox.salesforce["pubsub_endpoint"]
    plain = trusted == "no TLS"
    public = grpc.ssl_channel_credentials()
    with (
        grpc.insecure_channel(endpoint) if plain else grpc.secure_channel(endpoint, public) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        OutsideClient(channel, headers(sandbox)).call("GetTopic", encoded((1, TOPIC)))
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
