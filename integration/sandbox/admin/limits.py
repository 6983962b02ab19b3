"""Limits nearly spent, and clocks that are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.json_http import answer, body_of
from integration.sandbox.errors import BadKeyError
from integration.sandbox.systems import Json

_MOST_SKEW = 10 * 365 * 86_400


class LimitRoutes:
    """Reads and sets what is left of limits, and how far each system's clock is off."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/limits", self.left),
            web.post("/limits", self.leave),
            web.get("/clock", self.clock),
            web.post("/clock", self.set_clock),
        ]

    async def left(self, _: web.Request) -> web.StreamResponse:
        return answer(limits_left(self._desk))

    async def leave(self, request: web.Request) -> web.StreamResponse:
        return answer(spend(self._desk, await body_of(request)))

    async def clock(self, _: web.Request) -> web.StreamResponse:
        return answer(clocks(self._desk))

    async def set_clock(self, request: web.Request) -> web.StreamResponse:
        return answer(skew(self._desk, await body_of(request)))


def limits_left(desk: Desk) -> Json:
    """By system what is left of each limit."""
    return {name: dict(system.allowances.left()) for name, system in desk.systems().items()}


def spend(desk: Desk, spec: Mapping[str, Any]) -> Json:
    """Leave so much of each limit: `{"zoho": {"day_left", "minute_left"}, "salesforce": {...}}`; answers all.

    :raises BadKeyError: no such system or limit, or more than the limit is
    """
    wanted: list[tuple[str, str, int]] = []
    for name, limits in spec.items():
        most = desk.system(name).allowances.most
        for key, count in (limits if isinstance(limits, Mapping) else {"": limits}).items():
            if key not in most or not isinstance(count, int) or isinstance(count, bool):
                raise BadKeyError(name, f"limits of {name} are whole numbers {', '.join(most)}, not {key!r}")
            if not 0 <= count <= most[key]:
                raise BadKeyError(f"{name}.{key}", f"{name}.{key} is 0 to {most[key]}, not {count}")
            wanted.append((name, key, count))
    for name, key, count in wanted:
        desk.system(name).allowances.leave(key, count)
    return limits_left(desk)


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
    known = {f"{name}_seconds": name for name in desk.systems()}
    for key, seconds in spec.items():
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if key not in known or not number or abs(seconds) > _MOST_SKEW:
            raise BadKeyError(key, f"clocks are set by {', '.join(known)} in seconds, not {key}: {seconds!r}")
    for key, seconds in spec.items():
        desk.set_clock(known[key], float(seconds))
    return clocks(desk)
