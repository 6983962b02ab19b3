"""`doctor` as a new user runs it: before anything else has run, so without a Redis."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from integration.cli import main
from tests.contract.sandbox_process import Sandbox

SETTINGS = """
[[pairs]]
name = "main"
[pairs.salesforce]
login_url = "{salesforce[login_url]}"
client_id = "{salesforce[client_id]}"
client_secret = "{salesforce[client_secret]}"
pubsub_endpoint = "{salesforce[pubsub_endpoint]}"
ca_file = {ca_file}
pubsub_tls = {tls}
[pairs.zoho]
accounts_url = "{zoho[accounts_url]}"
organization_id = "{zoho[organization_id]}"
client_id = "{zoho[client_id]}"
client_secret = "{zoho[client_secret]}"
refresh_token = "{zoho[refresh_token]}"
in_flight = 5
[[pairs.zoho.webhooks]]
rule = "contact-saved"
secret = "{zoho[webhook_secret]}"
"""


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path) -> Path:
    """Settings of Zoho's free plan: five calls at a time."""
    salesforce = sandbox.salesforce
    told = SETTINGS.format(
        salesforce=salesforce,
        zoho=sandbox.zoho,
        ca_file=json.dumps(salesforce.get("ca_file") or ""),
        tls=json.dumps(salesforce["tls"]),
    ).replace('ca_file = ""\n', "")
    (tmp_path / "integration.toml").write_text(told)
    return tmp_path


def test_doctor_finds_nothing_to_mend_on_a_fresh_machine(settings: Path) -> None:
    env = {
        "INTEGRATION_CONFIG": str(settings / "integration.toml"),
        "INTEGRATION_STATE_DIR": str(settings),
        "DATABASE_URL": "",
        "REDIS_URL": "",
    }
    assert CliRunner().invoke(main, ["migrate"], env=env).exit_code == 0
    done = CliRunner().invoke(main, ["doctor", "--json"], env=env)
    document = json.loads(done.stdout)
    assert [finding for finding in document["findings"] if finding["level"] == "fail"] == []
    assert done.exit_code == 0
