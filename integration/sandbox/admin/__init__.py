"""The admin endpoint: people's edits, state, calls, faults and webhooks, as JSON over HTTP.

Nothing here passes an API of the systems: no limit counts it and no token is asked for.
One module per subject, each with the routes it serves.
"""

from __future__ import annotations

from aiohttp import web

from integration.sandbox.admin.calls import CallRoutes
from integration.sandbox.admin.desk import Desk
from integration.sandbox.admin.events import EventRoutes
from integration.sandbox.admin.faults import FaultRoutes
from integration.sandbox.admin.json_http import refusals
from integration.sandbox.admin.limits import LimitRoutes
from integration.sandbox.admin.loads import LoadRoutes
from integration.sandbox.admin.plan import PlanRoutes
from integration.sandbox.admin.records import RecordRoutes
from integration.sandbox.admin.state import StateRoutes
from integration.sandbox.admin.webhooks import WebhookRoutes

__all__ = ["Desk", "admin_app"]

_LARGEST_BODY = 256 * 1024 * 1024
_SUBJECTS = (
    StateRoutes,
    RecordRoutes,
    CallRoutes,
    FaultRoutes,
    EventRoutes,
    WebhookRoutes,
    LimitRoutes,
    PlanRoutes,
    LoadRoutes,
)


def admin_app(desk: Desk) -> web.Application:
    """The application that serves the desk."""
    app = web.Application(middlewares=[refusals], client_max_size=_LARGEST_BODY)
    for subject in _SUBJECTS:
        app.add_routes(subject(desk).routes())
    return app
