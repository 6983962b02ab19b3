"""The embedded Valkey: durable, private, and the same one after a restart."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import redis

from integration.processes.embedded_valkey import EmbeddedValkey
from integration.processes.ports import free_port, is_free
from integration.processes.supervisor import Supervisor
from integration.processes.up import valkey_spec
from tests.deadline import wait_until

pytestmark = pytest.mark.redis


def test_settings_fit_a_broker(valkey_server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(valkey_server.address.url) as client:
        asked = ("appendonly", "appendfsync", "maxmemory-policy", "save", "bind")
        told = {name: client.config_get(name)[name] for name in asked}
    assert told == {
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "save": "",
        "bind": "127.0.0.1",
    }


def test_password_is_needed_and_kept_private(valkey_server: EmbeddedValkey) -> None:
    client = redis.Redis(port=valkey_server.address.port)
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()
    configuration = valkey_server.directory / "valkey.conf"
    assert stat.S_IMODE(configuration.stat().st_mode) == 0o600
    assert valkey_server.address.password not in " ".join(valkey_server.command)


def test_flush_leaves_nothing(redis_url: str, valkey_server: EmbeddedValkey) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("key", "value")
        valkey_server.flush()
        assert client.dbsize() == 0


def test_place_with_spaces_and_quotes(tmp_path: Path) -> None:
    server = EmbeddedValkey.prepare(tmp_path / 'a "strange" place')
    with server.running():
        assert server.is_ready()
    assert not server.is_ready()


@pytest.mark.crash
def test_killed_server_comes_back_with_its_data(tmp_path: Path) -> None:
    server = EmbeddedValkey.prepare(tmp_path)
    supervisor = Supervisor([valkey_spec(server)], tmp_path / "logs")
    supervisor.start()
    try:
        with redis.Redis.from_url(server.address.url) as client:
            client.set("key", "value")
            supervisor.kill("valkey")
            wait_until(lambda: supervisor.status_of("valkey").restarts == 1, what="restart")
            wait_until(server.is_ready, what="Valkey after its restart")
            assert client.get("key") == b"value"
    finally:
        supervisor.stop()


def test_port_and_password_stay_while_the_port_is_free(tmp_path: Path) -> None:
    first = EmbeddedValkey.prepare(tmp_path)
    assert EmbeddedValkey.prepare(tmp_path).address == first.address
    with first.running():
        other = EmbeddedValkey.prepare(tmp_path)
    assert other.address.port != first.address.port
    assert other.address.password == first.address.password


def test_free_ports_are_free() -> None:
    assert is_free(free_port())
