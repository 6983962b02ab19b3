"""Refuses to run on a Celery we have not tested: pip steps back to an older one without a word."""

from __future__ import annotations

from importlib.metadata import version

from integration.errors import ConfigurationFault

EXACT = {"celery": "5.7.0", "kombu": "5.7.0"}
MAJOR = {"redis": "8"}


def assert_pinned_versions() -> None:
    """Compare the installed broker packages with the pins. Raises ConfigurationFault naming the odd one."""
    found = {name: version(name) for name in (*EXACT, *MAJOR)}
    wrong = [f"{name} {found[name]} instead of {pin}" for name, pin in EXACT.items() if found[name] != pin]
    wrong += [
        f"{name} {found[name]} instead of {pin}.x"
        for name, pin in MAJOR.items()
        if found[name].split(".")[0] != pin
    ]
    if wrong:
        raise ConfigurationFault(
            "versions.unexpected",
            "installed: " + ", ".join(wrong),
            where="the Python environment",
            advice="install with `make install`, which follows requirements.lock",
        )
