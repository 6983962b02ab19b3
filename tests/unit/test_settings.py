"""Settings: what wins over what, and how a mistake is told."""

from __future__ import annotations

import re
import stat
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
from cryptography.fernet import Fernet
from pydantic import BaseModel, ValidationError

from integration.errors import ConfigurationFault
from integration.settings import (
    Settings,
    ValkeyAddress,
    encryption_keys,
    flower_login,
    load_settings,
    read_valkey_address,
    write_valkey_address,
)
from integration.settings.state import alive, is_live
from tests.architecture.sources import ROOT

CANARY = "canary-secret-value"
PAIR = f"""\
state_dir = "here"

[[pairs]]
name = "main"

[pairs.salesforce]
login_url = "https://example.my.salesforce.com"
client_id = "consumer"
client_secret = "{CANARY}"

[pairs.zoho]
organization_id = "10234695"
client_id = "1000.ABC"
client_secret = "{CANARY}"
refresh_token = "env:ZOHO_REFRESH_TOKEN"
daily = 5000

[[pairs.zoho.webhooks]]
rule = "contact-saved"
secret = "{CANARY}"

[pairs.policies]
initial_mode = "live"
"""
ENVIRON = {"ZOHO_REFRESH_TOKEN": "1000.refresh"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "integration.toml"
    path.write_text(PAIR, encoding="utf-8")
    return path


def fault(file: Path, text: str, environ: dict[str, str] = ENVIRON) -> ConfigurationFault:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationFault) as caught:
        load_settings(file, environ)
    return caught.value


def test_file_is_read_with_defaults_around_it(file: Path) -> None:
    settings = load_settings(file, ENVIRON, need_pairs=True)
    pair = settings.pairs[0]
    assert settings.state_dir == file.parent / "here"
    assert settings.database_url.get_secret_value() == f"sqlite:///{file.parent}/here/integration.db"
    assert settings.embedded
    assert settings.embedded_redis
    assert settings.redis_url is None
    assert pair.zoho.refresh_token.get_secret_value() == "1000.refresh"
    assert (pair.zoho.daily, pair.zoho.per_minute) == (5000, 100)
    assert pair.salesforce.streamed == ("Account", "Contact")
    assert pair.policies.settle_seconds == 60
    assert pair.policies.brake.deactivations == 50


def test_environment_stands_above_the_file(file: Path) -> None:
    environ = ENVIRON | {
        "DATABASE_URL": "postgres://user:pw@db/name",
        "REDIS_URL": "rediss://:pw@host:6380",
        "LOG_LEVEL": "warning",
        "PORT": "5000",
        "WEB_CONCURRENCY": "3",
    }
    settings = load_settings(file, environ)
    assert settings.database_url.get_secret_value() == "postgresql+psycopg://user:pw@db/name"
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "rediss://:pw@host:6380?ssl_cert_reqs=none"
    assert not settings.embedded
    assert not settings.embedded_redis
    assert settings.log.level == "warning"
    assert (settings.web.host, settings.web.port, settings.web.workers) == ("0.0.0.0", 5000, 3)  # noqa: S104


def test_rediss_keeps_a_stated_check(file: Path) -> None:
    url = "rediss://host/0?ssl_cert_reqs=required"
    settings = load_settings(file, ENVIRON | {"REDIS_URL": url})
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == url


def test_running_embedded_valkey_is_found(file: Path) -> None:
    (file.parent / "here").mkdir()
    write_valkey_address(file.parent / "here", ValkeyAddress(port=7777, password="pw"))
    with alive(file.parent / "here"):
        settings = load_settings(file, ENVIRON)
    assert settings.embedded_redis
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:pw@127.0.0.1:7777/0"


def test_what_an_earlier_run_left_behind_is_no_running_valkey(file: Path) -> None:
    """Not even after it was killed: the system lets go of what a process holds."""
    here = file.parent / "here"
    here.mkdir()
    write_valkey_address(here, ValkeyAddress(port=7777, password="pw"))
    assert load_settings(file, ENVIRON).redis_url is None
    with alive(here):
        assert is_live(here)
    assert not is_live(here)
    assert load_settings(file, ENVIRON).redis_url is None


def test_without_a_file_the_environment_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}).state_dir == tmp_path / "state"
    with pytest.raises(ConfigurationFault) as caught:
        load_settings(environ={}, need_pairs=True)
    assert caught.value.code == "settings.no_pairs"


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "told"),
    [
        ("daily = 5000", "daily = 0", 16, "pairs[0].zoho.daily", "greater than 0"),
        ("daily = 5000", "dayly = 5", 16, "pairs[0].zoho.dayly", "does not exist"),
        ('client_id = "consumer"\n', "", 6, "pairs[0].salesforce.client_id", "required"),
        ('"10234695"', '"ten"', 12, "pairs[0].zoho.organization_id", "match pattern"),
        ('rule = "contact-saved"', 'rule = "Contact Saved"', 19, "pairs[0].zoho.webhooks[0].rule", "pattern"),
        ('"live"', '"on"', 23, "pairs[0].policies.initial_mode", "'off', 'observe' or 'live'"),
        ("https://example.my", "https://login", 6, "pairs[0].salesforce", "My Domain"),
        (f'client_secret = "{CANARY}"\n\n', "\n", 6, "pairs[0].salesforce", "also needs client_secret"),
    ],
)
def test_mistake_is_told_with_line_and_key(
    file: Path, old: str, new: str, line: int, key: str, told: str
) -> None:
    error = fault(file, PAIR.replace(old, new, 1))
    assert f"{file}:{line} {key}: " in error.text
    assert told in error.text
    assert error.advice
    assert CANARY not in f"{error} {error.advice}"


def test_every_mistake_is_told_at_once(file: Path) -> None:
    error = fault(file, PAIR.replace("daily = 5000", "daily = 0").replace('"live"', '"on"'))
    assert len(error.text.splitlines()) == 2


def test_missing_variable_is_named(file: Path) -> None:
    error = fault(file, PAIR, {})
    assert error.code == "settings.no_variable"
    assert error.where == f"{file}:15"
    assert "ZOHO_REFRESH_TOKEN" in str(error)


def test_optional_variable_may_be_absent(file: Path) -> None:
    file.write_text('sentry_dsn = "env:SENTRY?"\n', encoding="utf-8")
    assert load_settings(file, {}).sentry_dsn is None
    with_dsn = load_settings(file, {"SENTRY": "https://key@sentry.example/1"})
    assert with_dsn.sentry_dsn is not None


def test_syntax_error_names_the_file(file: Path) -> None:
    error = fault(file, "state_dir = \n")
    assert error.code == "settings.not_toml"
    assert "line 1" in str(error)


def test_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        load_settings(environ={"INTEGRATION_CONFIG": str(tmp_path / "no.toml")})
    assert caught.value.code == "settings.no_file"


@pytest.mark.parametrize("url", ["redis://:p4ss/word@127.0.0.1:6379/0", "rediss://:p4ss[word@127.0.0.1/0"])
def test_an_address_nobody_can_use_is_told_without_its_password(file: Path, url: str) -> None:
    with pytest.raises(ConfigurationFault) as caught:
        load_settings(file, {**ENVIRON, "REDIS_URL": url})
    assert caught.value.code == "settings.url"
    assert "%2F" in caught.value.advice
    assert "p4ss" not in "".join(traceback.format_exception(caught.value))


def test_two_pairs_may_not_share_a_name(file: Path) -> None:
    assert "same name" in fault(file, PAIR + PAIR.split("\n\n", 1)[1]).text


def test_settings_are_frozen_and_hide_secrets(file: Path) -> None:
    settings = load_settings(file, ENVIRON | {"DATABASE_URL": f"postgres://u:{CANARY}@h/d"})
    assert CANARY not in repr(settings)
    assert CANARY not in settings.model_dump_json()
    with pytest.raises(ValidationError):
        settings.state_dir = Path("/elsewhere")  # type: ignore[misc]


def _keys(section: type[BaseModel]) -> Iterator[str]:
    for name, field in section.model_fields.items():
        yield name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _keys(inner)


def test_example_shows_every_key_and_each_of_them_is_taken(tmp_path: Path) -> None:
    """Errors send people to it."""
    text = (ROOT / "integration.example.toml").read_text()
    shown = re.sub(r"^# (?=[a-z_]+ = )", "", text, flags=re.MULTILINE)
    file = tmp_path / "integration.toml"
    file.write_text(shown)
    names = [name.rstrip("?") for name in re.findall(r'"env:(\w+\??)"', shown)]
    values = {"SALESFORCE_LOGIN_URL": "https://example.my.salesforce.com", "ZOHO_ORGANIZATION_ID": "1"}
    load_settings(file, dict.fromkeys(names, "x") | values, need_pairs=True)
    set_by_loading = {"embedded_redis"}
    absent = {key for key in _keys(Settings) if not re.search(rf"\b{key}\b", text)} - set_by_loading
    assert absent == set()


def test_example_loads_with_its_variables() -> None:
    names = ("SALESFORCE_CLIENT_ID", "SALESFORCE_CLIENT_SECRET", "ZOHO_CLIENT_ID", "ZOHO_CLIENT_SECRET")
    environ = dict.fromkeys(names, "x") | {
        "SALESFORCE_LOGIN_URL": "https://example.my.salesforce.com",
        "ZOHO_ORGANIZATION_ID": "1",
        "ZOHO_REFRESH_TOKEN": "x",
        "ZOHO_WEBHOOK_SECRET": "x",
    }
    settings = load_settings(ROOT / "integration.example.toml", environ, need_pairs=True)
    assert settings.pairs[0].policies.initial_mode == "observe"


def test_embedded_key_is_made_once_and_private(file: Path) -> None:
    settings = load_settings(file, ENVIRON)
    first, second = encryption_keys(settings), encryption_keys(settings)
    assert first == second
    Fernet(first[0].get_secret_value().encode())
    mode = (settings.state_dir / "encryption.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_given_keys_are_used_newest_first(file: Path) -> None:
    settings = load_settings(file, ENVIRON | {"ENCRYPTION_KEYS": "new, old"})
    assert [key.get_secret_value() for key in encryption_keys(settings)] == ["new", "old"]


def test_postgres_demands_a_shared_key(file: Path) -> None:
    settings = load_settings(file, ENVIRON | {"DATABASE_URL": "postgres://h/d"})
    with pytest.raises(ConfigurationFault, match="ENCRYPTION_KEYS"):
        encryption_keys(settings)
    assert flower_login(settings) is None


def test_embedded_flower_has_a_login_of_its_own(file: Path) -> None:
    settings = load_settings(file, ENVIRON)
    login = flower_login(settings)
    assert login is not None
    assert login == flower_login(settings)
    assert login.get_secret_value().startswith("ops:")


def test_valkey_address_survives_and_hides_its_password(tmp_path: Path) -> None:
    assert read_valkey_address(tmp_path) is None
    address = ValkeyAddress(port=1, password=CANARY)
    write_valkey_address(tmp_path, address)
    assert read_valkey_address(tmp_path) == address
    assert CANARY not in repr(address)
