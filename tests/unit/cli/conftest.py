"""A pair on a migrated SQLite database, and the program as a person calls it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from integration.cli import main
from integration.settings import load_settings
from integration.stores.migrate import upgrade
from integration.stores.unit_of_work import SqlStores

SETTINGS = """
[[pairs]]
name = "main"
[pairs.salesforce]
login_url = "https://nowhere.my.salesforce.example"
client_id = "id"
client_secret = "secret"
[pairs.zoho]
organization_id = "1"
client_id = "id"
client_secret = "secret"
refresh_token = "token"
"""


@dataclass
class Shop:
    """An installation whose two systems cannot be reached."""

    folder: Path
    stores: SqlStores
    pair_id: int

    def run(self, *arguments: str) -> Result:
        """Call the program."""
        env = {
            "INTEGRATION_CONFIG": str(self.folder / "integration.toml"),
            "INTEGRATION_STATE_DIR": str(self.folder),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "COLUMNS": "200",
        }
        return CliRunner().invoke(main, list(arguments), env=env)

    def told(self, *arguments: str) -> Any:
        """Call the program with --json and read what it says; it must succeed."""
        done = self.run(*arguments, "--json")
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)


@pytest.fixture
def empty_shop(tmp_path: Path) -> Iterator[Shop]:
    """Settings and no database yet."""
    (tmp_path / "integration.toml").write_text(SETTINGS)
    stores = SqlStores(f"sqlite:///{tmp_path}/integration.db")
    yield Shop(tmp_path, stores, 0)
    stores.close()


@pytest.fixture
def shop(empty_shop: Shop) -> Shop:
    """Settings and a migrated database with one pair."""
    settings = load_settings(
        empty_shop.folder / "integration.toml", {"INTEGRATION_STATE_DIR": str(empty_shop.folder)}
    )
    upgrade(settings.database_url.get_secret_value())
    empty_shop.pair_id = empty_shop.stores.ensure_pair("main")
    return empty_shop
