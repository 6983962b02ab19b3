"""What is left of limits and how far clocks are off, on all systems of a desk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from integration.sandbox.errors import BadKeyError
from integration.sandbox.systems import Json

if TYPE_CHECKING:
    from integration.sandbox.admin.desk import Desk

_MOST_SKEW = 10 * 365 * 86_400


def limits_left(desk: Desk) -> Json:
    """By system what is left of each limit."""
    return {name: dict(system.allowances.left()) for name, system in desk.systems().items()}


def spend(desk: Desk, spec: Mapping[str, Any]) -> Json:
    """Leave so much of each limit: `{"zoho": {"day_left", "minute_left"}, "salesforce": {...}}`; answers all.

    :raises BadKeyError: no such system or limit, or more than the limit is
    """
    for name, key, count in check_limits(desk, spec):
        desk.system(name).allowances.leave(key, count)
    return limits_left(desk)


def check_limits(desk: Desk, spec: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """What `spend` is asked for, as (system, limit, count). :raises BadKeyError: as there"""
    wanted: list[tuple[str, str, int]] = []
    for name, limits in spec.items():
        if name not in desk.systems():
            raise BadKeyError(name, f"there is no system {name!r} here, only {', '.join(desk.systems())}")
        most = desk.system(name).allowances.most
        for key, count in (limits if isinstance(limits, Mapping) else {"": limits}).items():
            if key not in most or not isinstance(count, int) or isinstance(count, bool):
                raise BadKeyError(name, f"limits of {name} are whole numbers {', '.join(most)}, not {key!r}")
            if not 0 <= count <= most[key]:
                raise BadKeyError(f"{name}.{key}", f"{name}.{key} is 0 to {most[key]}, not {count}")
            wanted.append((name, key, count))
    return wanted


def clocks(desk: Desk) -> Json:
    """By system how far its clock is ahead, and what time it says."""
    found: Json = {}
    for name in desk.systems():
        clock = desk.clocks[name]
        found[f"{name}_seconds"] = clock.skew_seconds
        found[f"{name}_now"] = clock.now().isoformat(timespec="milliseconds")
    return found


def skew(desk: Desk, spec: Mapping[str, Any]) -> Json:
    """Set clocks ahead, or behind where negative: `{"zoho_seconds", "salesforce_seconds"}`; answers all.

    :raises BadKeyError: no such clock, or no number
    """
    for name, seconds in check_clocks(desk, spec).items():
        desk.set_clock(name, seconds)
    return clocks(desk)


def check_clocks(desk: Desk, spec: Mapping[str, Any]) -> dict[str, float]:
    """What `skew` is asked for, by system. :raises BadKeyError: as there"""
    known = {f"{name}_seconds": name for name in desk.systems()}
    for key, seconds in spec.items():
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if key not in known or not number or abs(seconds) > _MOST_SKEW:
            raise BadKeyError(key, f"clocks are set by {', '.join(known)} in seconds, not {key}: {seconds!r}")
    return {known[key]: float(seconds) for key, seconds in spec.items()}
