"""On which databases a promise is tried."""

import pytest

ONE_ENGINE = pytest.mark.parametrize("line_url", ["sqlite"], indirect=True)
"""Enough to see what a product without a rule does: what it lacks is no part of a database."""
