"""Who the org is and who we are to it, where tokens tell nothing and where refresh tokens rotate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.connectors.salesforce.config import Flow
from integration.connectors.salesforce.inspection import channel_faults
from integration.errors import Unauthorized
from tests.contract.salesforce_following import ACCOUNTS, CONTACTS, Inbox, following, stream_config
from tests.contract.salesforce_parts import Connection, KeptToken
from tests.contract.sandbox_process import Sandbox, running_sandbox
from tests.deadline import wait_until

OPAQUE = ("--switch", "salesforce_access_token_org_id_length=0")
UNTOLD = (*OPAQUE, "--switch", "salesforce_identity_url=false")
ROTATING = ("--switch", "salesforce_refresh_token_rotation=true")


@pytest.fixture(scope="module")
def opaque() -> Iterator[Sandbox]:
    with running_sandbox(*OPAQUE) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def untold() -> Iterator[Sandbox]:
    with running_sandbox(*UNTOLD) as sandbox:
        yield sandbox


@pytest.fixture
def rotating(tmp_path: Path) -> Iterator[Sandbox]:
    with running_sandbox(*ROTATING, "--state-dir", str(tmp_path)) as sandbox:
        yield sandbox


def asked(sandbox: Sandbox) -> list[str]:
    """What the org was asked beside token requests."""
    paths = [call["path"] for call in sandbox.calls("salesforce")]
    return [path for path in paths if not path.endswith("/token")]


def test_the_identity_address_names_an_org_its_token_does_not_show(opaque: Sandbox) -> None:
    org = Connection(opaque)
    assert "!" not in org.tokens.token().access_token
    assert org.gateway.organization_id() == opaque.salesforce["org_id"]
    assert asked(opaque) == []
    org.close()


def test_the_event_bus_is_told_the_org_by_such_a_token(opaque: Sandbox) -> None:
    org = Connection(opaque)
    assert channel_faults(stream_config(opaque, ACCOUNTS), org.tokens) == {ACCOUNTS: None}
    org.close()


def test_an_org_that_tells_nothing_is_asked(untold: Sandbox) -> None:
    org = Connection(untold)
    assert org.gateway.organization_id() == untold.salesforce["org_id"]
    assert asked(untold)[-1] == "/services/oauth2/userinfo"
    org.close()


def test_an_org_whose_scopes_end_before_userinfo_is_queried(untold: Sandbox) -> None:
    org = Connection(untold)
    untold.fault("salesforce", "status", path_prefix="/services/oauth2/userinfo", status=403, body="Bad_Id")
    assert org.gateway.organization_id() == untold.salesforce["org_id"]
    assert asked(untold)[-1].endswith("/query/")
    org.close()


def test_a_listener_follows_an_org_that_tells_nothing(untold: Sandbox) -> None:
    org, inbox = Connection(untold), Inbox()
    config = stream_config(untold, ACCOUNTS, CONTACTS, organization_id=org.gateway.organization_id())
    with following(config, org.tokens, inbox):
        made = untold.edit("salesforce", "Account", {"Name": "Harbour Mills Ltd"})["Id"]
        wait_until(lambda: [event for event in inbox.events if event.record_id == made])
    org.close()


def test_the_fleet_goes_on_with_a_refresh_token_that_took_anothers_place(rotating: Sandbox) -> None:
    kept = KeptToken()
    fleet = [Connection(rotating, flow=Flow.REFRESH_TOKEN, kept=kept) for _ in range(3)]
    for org in fleet:
        rotating.incident("revoke_tokens")
        assert org.gateway.limits()
        org.close()


def test_a_refresh_token_rotated_out_ends_the_one_in_its_place(rotating: Sandbox) -> None:
    """Who loses an answer must connect again, and is told so."""
    org = Connection(rotating, flow=Flow.REFRESH_TOKEN)
    assert org.gateway.limits()
    stranger = Connection(rotating, flow=Flow.REFRESH_TOKEN)
    with pytest.raises(Unauthorized) as caught:
        stranger.gateway.limits()
    assert caught.value.code == "salesforce.oauth.invalid_grant"
    assert caught.value.advice
    with pytest.raises(Unauthorized):
        org.gateway.limits()
    org.close()
    stranger.close()
