"""The broker packages are the ones that were tested."""

from __future__ import annotations

import pytest

from integration import versions
from integration.errors import ConfigurationFault


def test_this_environment_is_accepted() -> None:
    versions.assert_pinned_versions()


def test_an_older_celery_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"celery": "5.6.3", "kombu": "5.7.0", "redis": "8.1.0"}
    monkeypatch.setattr(versions, "version", installed.__getitem__)
    with pytest.raises(ConfigurationFault, match=r"celery 5\.6\.3 instead of 5\.7\.0") as caught:
        versions.assert_pinned_versions()
    assert "kombu" not in str(caught.value)
    assert "make install" in caught.value.advice


def test_another_redis_client_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"celery": "5.7.0", "kombu": "5.7.0", "redis": "9.0.0"}
    monkeypatch.setattr(versions, "version", installed.__getitem__)
    with pytest.raises(ConfigurationFault, match=r"redis 9\.0\.0"):
        versions.assert_pinned_versions()
