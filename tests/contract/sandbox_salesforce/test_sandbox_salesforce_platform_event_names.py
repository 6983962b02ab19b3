"""Platform events named on the command line."""

from __future__ import annotations

import pytest

from integration.sandbox.app import main
from integration.sandbox.arguments import parse_arguments


def test_names_are_taken_in_order() -> None:
    option = "--salesforce-platform-event"
    found = parse_arguments([option, "Order_Note__e", option, "Other__e"])
    assert found.salesforce_platform_events == ("Order_Note__e", "Other__e")


def test_a_name_without_the_suffix_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--salesforce-platform-event", "Order_Note"]) == 2
    assert "the name of a platform event ends in __e, not 'Order_Note'" in capsys.readouterr().err
