"""From file and environment to one frozen `Settings`, with mistakes told as file, line, key and advice."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from pydantic import ValidationError

from integration.errors import ConfigurationFault
from integration.settings import environment
from integration.settings.models import Settings
from integration.settings.state import running_valkey_address
from integration.settings.toml_lines import line_of

DEFAULT_FILE = "integration.toml"
DEFAULT_STATE_DIR = "state"
FROM_ENVIRONMENT = "env:"
PATH_KEYS = frozenset({"state_dir", "private_key_file", "ca_file", "ownership_file", "mapping_dir"})
ADVICE = {
    "extra_forbidden": "this key does not exist; integration.example.toml lists all keys",
    "missing": "required; integration.example.toml shows it",
}


def load_settings(
    file: Path | None = None, environ: Mapping[str, str] | None = None, *, need_pairs: bool = False
) -> Settings:
    """Read the settings; `environ` stands for the process environment when given.

    The file is `file`, else `INTEGRATION_CONFIG`, else `integration.toml` if it is there.
    Raises ConfigurationFault.
    """
    variables = environment.current() if environ is None else {k: v for k, v in environ.items() if v}
    path = _file(file, variables)
    text = path.read_text(encoding="utf-8") if path else ""
    values = _parse(text, path)
    values = cast("dict[str, Any]", _resolve(values, variables, text, path, ()))
    _lay_over(values, variables)
    _require_redis_url(values, path)
    _complete(values)
    settings = _validate(values, text, path)
    if need_pairs and not settings.pairs:
        raise ConfigurationFault(
            "settings.no_pairs",
            "no pair of organisations is configured",
            where=str(path or DEFAULT_FILE),
            advice="copy integration.example.toml to integration.toml and fill it in",
        )
    return settings


def _file(file: Path | None, variables: Mapping[str, str]) -> Path | None:
    asked = file or (
        Path(variables[environment.CONFIG_FILE]) if environment.CONFIG_FILE in variables else None
    )
    if asked is None:
        default = Path(DEFAULT_FILE)
        return default if default.is_file() else None
    if not asked.is_file():
        raise ConfigurationFault(
            "settings.no_file",
            "there is no such file",
            where=str(asked),
            advice=f"correct the path, or unset {environment.CONFIG_FILE}",
        )
    return asked


def _parse(text: str, path: Path | None) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationFault(
            "settings.not_toml", str(error), where=str(path), advice="correct the syntax at that place"
        ) from error


def _resolve(
    value: object, variables: Mapping[str, str], text: str, path: Path | None, at: tuple[str | int, ...]
) -> object:
    """Replace `env:NAME` by the variable (`env:NAME?` may be absent) and make paths relative to the file."""
    if isinstance(value, dict):
        pairs = ((key, _resolve(inner, variables, text, path, (*at, key))) for key, inner in value.items())
        return {key: inner for key, inner in pairs if inner is not None}
    if isinstance(value, list):
        return [_resolve(inner, variables, text, path, (*at, index)) for index, inner in enumerate(value)]
    if not isinstance(value, str):
        return value
    if value.startswith(FROM_ENVIRONMENT):
        value = _variable(value.removeprefix(FROM_ENVIRONMENT), variables, text, path, at)
    if path and value and at[-1] in PATH_KEYS:
        return str((path.parent / Path(value).expanduser()).resolve())
    return value


def _variable(
    name: str, variables: Mapping[str, str], text: str, path: Path | None, at: Sequence[str | int]
) -> str | None:
    optional = name.endswith("?")
    found = variables.get(name.rstrip("?"))
    if found is None and not optional:
        raise ConfigurationFault(
            "settings.no_variable",
            f"{_dotted(at)} asks for the environment variable {name}, which is not set",
            where=f"{path}:{line_of(text, at)}",
            advice=f"set {name}, or write env:{name}? where it may be absent",
        )
    return found


def _lay_over(values: dict[str, Any], variables: Mapping[str, str]) -> None:
    for name, keys in environment.TOP_LEVEL.items():
        if name not in variables:
            continue
        section = values
        for key in keys[:-1]:
            section = section.setdefault(key, {})
        section[keys[-1]] = variables[name]
    if "PORT" in variables:
        # Hosts that assign a port also expect every address to be listened on.
        values.setdefault("web", {}).update(port=variables["PORT"], host="0.0.0.0")  # noqa: S104


def _complete(values: dict[str, Any]) -> None:
    state_dir = Path(str(values.get("state_dir") or DEFAULT_STATE_DIR)).expanduser().absolute()
    values["state_dir"] = str(state_dir)
    values["database_url"] = database_url(
        str(values.get("database_url") or f"sqlite:///{state_dir}/integration.db")
    )
    values["embedded_redis"] = not values.get("redis_url")
    if values.get("redis_url"):
        values["redis_url"] = redis_url(str(values["redis_url"]))
    elif address := running_valkey_address(state_dir):
        values["redis_url"] = address.url
    keys = values.get("encryption_keys")
    if isinstance(keys, str):
        values["encryption_keys"] = [key.strip() for key in keys.split(",") if key.strip()]


def _require_redis_url(values: Mapping[str, Any], path: Path | None) -> None:
    """Raises ConfigurationFault for an address nobody could use; the libraries would quote its password."""
    try:
        # Reading the port is what finds a password with an unescaped / or # in it.
        urlsplit(str(values.get("redis_url") or "")).port  # noqa: B018
    except ValueError:
        raise ConfigurationFault(
            "settings.url",
            "redis_url is no address",
            where=str(path or "environment"),
            advice="write special characters of its password as %XX, for example / as %2F",
        ) from None


def database_url(given: str) -> str:
    """The URL with the driver we ship: hosts still hand out `postgres://`, which SQLAlchemy refuses."""
    for prefix in ("postgres://", "postgresql://"):
        if given.startswith(prefix):
            return "postgresql+psycopg://" + given.removeprefix(prefix)
    return given


def redis_url(given: str) -> str:
    """The URL as all clients take it; hosted `rediss://` has a self-signed chain, so it goes unchecked."""
    if given.startswith("rediss://") and "ssl_cert_reqs" not in urlsplit(given).query:
        return given + ("&" if "?" in given else "?") + "ssl_cert_reqs=none"
    return given


def _validate(values: dict[str, Any], text: str, path: Path | None) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        problems = [_problem(dict(found), text, path) for found in error.errors(include_input=False)]
        raise ConfigurationFault(
            "settings.invalid",
            "\n".join(problems),
            advice="correct these keys; integration.example.toml explains each",
            where=str(path or "environment"),
        ) from None  # the original may carry values


def _problem(found: dict[str, Any], text: str, path: Path | None) -> str:
    location: tuple[str | int, ...] = found["loc"]
    message = ADVICE.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")
    variable = next((n for n, keys in environment.TOP_LEVEL.items() if keys == location), None)
    where = f"{path}:{line_of(text, location)}" if path else f"environment {variable or ''}".strip()
    return f"{where} {_dotted(location)}: {message}"


def _dotted(location: Sequence[str | int]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
