"""Finding the line of a key."""

from __future__ import annotations

import pytest

from integration.settings.toml_lines import line_of

TEXT = """\
top = 1
[web]
port = 1
[[pairs]]
name = "a"
[pairs.zoho]
daily = 1
[[pairs.zoho.webhooks]]
rule = "x"
[[pairs.zoho.webhooks]]
rule = "y"
[[pairs]]
name = "b"
zoho.daily = 2
[[pairs.zoho.webhooks]] # again from the start
rule = "z"
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("top",), 1),
        (("web", "port"), 3),
        (("pairs", 0, "name"), 5),
        (("pairs", 0, "zoho", "daily"), 7),
        (("pairs", 0, "zoho", "webhooks", 1, "rule"), 11),
        (("pairs", 1, "zoho", "daily"), 14),
        (("pairs", 1, "zoho", "webhooks", 0, "rule"), 16),
        (("pairs", 0, "zoho", "absent"), 6),
        (("pairs", 1, "salesforce", "absent"), 12),
        (("nowhere",), 1),
    ],
)
def test_line_of(location: tuple[str | int, ...], line: int) -> None:
    assert line_of(TEXT, location) == line
