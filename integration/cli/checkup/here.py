"""The doctor looks at this installation: packages, database, broker, keys, mapping, the pair's own state."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from integration.canonical.outcome import Mode
from integration.canonical.values import Side
from integration.cli.checkup.finding import Finding, Ward
from integration.cli.opening import require_database
from integration.settings import Settings, encryption_keys
from integration.versions import assert_pinned_versions
from integration.wiring import WiredPair

WARD = Ward("Here")
START_DATABASE = "Start the database, or correct DATABASE_URL; until then webhooks are answered 503."
START_BROKER = "Start Redis or Valkey, or correct REDIS_URL; nothing is lost, but workers stand still."


def look_here(settings: Settings) -> Iterator[Finding]:
    """What does not depend on a pair."""
    yield from WARD.look("packages", _packages)
    yield from WARD.look("database", lambda: _database(settings), advice=START_DATABASE)
    yield from WARD.look("encryption key", lambda: _keys(settings))
    yield from WARD.look("broker", lambda: _broker(settings), advice=START_BROKER)


@contextmanager
def standing_in(settings: Settings) -> Iterator[Settings]:
    """The settings with a database for the time being, to look at both systems while there is no other."""
    from integration.stores.migrate import upgrade

    with TemporaryDirectory(prefix="zoho-salesforce-doctor-") as folder:
        url = f"sqlite:///{folder}/doctor.db"
        upgrade(url)
        yield settings.model_copy(
            update={"database_url": SecretStr(url), "encryption_keys": (SecretStr(new_key()),)}
        )


def look_at_mapping(wired: WiredPair) -> Iterator[Finding]:
    """The live mapping, against the fields both organisations have."""
    ward = Ward(f"Pair {wired.settings.name}")
    advice = "Mend what keeps us from asking both systems for their fields."
    yield from ward.look("mapping", lambda: _mapping(ward, wired), advice=advice)


def look_at_pair(wired: WiredPair) -> Iterator[Finding]:
    """The pair's state."""
    ward = Ward(f"Pair {wired.settings.name}")
    yield from ward.look("directions", lambda: _directions(ward, wired))


def _packages() -> Iterator[Finding]:
    assert_pinned_versions()
    yield WARD.ok("packages", "celery, kombu and redis are the versions this release was tested with")


def _database(settings: Settings) -> Iterator[Finding]:
    require_database(settings)
    kind = "SQLite" if settings.embedded else "PostgreSQL"
    yield WARD.ok("database", f"{kind}, reachable, migrations current")


def _keys(settings: Settings) -> Iterator[Finding]:
    count = len(encryption_keys(settings))
    kept = "" if settings.encryption_keys else f", kept in {settings.state_dir}"
    yield WARD.ok("encryption key", f"{count} key{'s' if count > 1 else ''}{kept}")


def _broker(settings: Settings) -> Iterator[Finding]:
    from tasks.broker import broker_facts

    if settings.redis_url is None:
        yield WARD.warn("broker", "none is known", "`up` starts one; or set REDIS_URL.")
        return
    facts = broker_facts(settings.redis_url.get_secret_value())
    advice = "Set maxmemory-policy to noeviction: any other one drops wake-ups and limits in silence."
    if facts.policy not in ("", "noeviction"):
        yield WARD.fail("broker", f"version {facts.version}, policy {facts.policy}", advice)
    elif not facts.policy:
        yield WARD.warn("broker", f"version {facts.version}; it does not tell its policy", advice)
    else:
        kept = "append-only file" if facts.is_persistent else "nothing kept on disk, which costs seconds only"
        yield WARD.ok("broker", f"version {facts.version}, noeviction, {kept}")


def _mapping(ward: Ward, wired: WiredPair) -> Iterator[Finding]:
    live = wired.services.mappings.live()
    rules = sum(len(role.rules) for record in live.records for role in record.roles)
    yield ward.ok("mapping", f"version {live.version} is good: {rules} rules")
    for rule in live.skipped:
        yield ward.warn(
            "mapping",
            f"{rule.record}/{rule.rule} is skipped: there is no field {rule.field}",
            f"{_about(rule.field)} The rule stands in {rule.where}.",
        )


def _about(field: str) -> str:
    if field.endswith("__c") or field.startswith("cf_"):
        return f"Make the field {field} where you want this carried over, else leave it."
    return f"{field} is a standard field which this organisation does not have; nothing to do."


def _directions(ward: Ward, wired: WiredPair) -> Iterator[Finding]:
    with wired.services.stores.reading(wired.services.pair_id) as uow:
        state = uow.pairs.state()
        census = [uow.cursors.get(side, "census") for side in Side]
    for side in Side:
        if state.held[side]:
            advice = f"Look at why, then `pair release {side.value}`."
            yield ward.fail(f"to {side.value}", f"held: {state.held[side]}", advice)
        elif state.modes[side] is not Mode.LIVE:
            advice = f"`pair mode {state.name} both live` when the plan looks right (`first-load --plan`)."
            yield ward.warn(f"to {side.value}", f"mode {state.modes[side].value}: nothing is sent", advice)
        else:
            yield ward.ok(f"to {side.value}", "live")
    if not all(cursor is not None and cursor.watermark for cursor in census):
        yield ward.warn("first load", "not done, so nothing is created yet", "Run `first-load`.")


def new_key() -> str:
    """A fresh encryption key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
