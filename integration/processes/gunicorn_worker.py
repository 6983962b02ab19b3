"""Gunicorn's worker with error pages that repeat nothing of the request: proxies on the way may keep them."""

from __future__ import annotations

from typing import Any

from gunicorn.http.errors import ParseException
from gunicorn.workers.gthread import ThreadWorker

from integration.processes.garbage import collect_seldom

UNREADABLE = "The request cannot be read."


class ReceiverWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Named on gunicorn's command line."""

    def load_wsgi(self) -> None:
        """Load the application; serving comes next."""
        super().load_wsgi()
        collect_seldom()

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:  # noqa: ANN401
        """Answer a request gunicorn cannot read: the status it chose, without the text of its error."""
        super().handle_error(req, client, addr, _without_text(exc))


def _without_text(error: BaseException) -> BaseException:
    """An error of the same kind, by which gunicorn finds the status, that quotes nothing."""
    if not isinstance(error, ParseException):
        return error
    kind = type(error)
    said: dict[str, Any] = {"__init__": lambda _self: None, "__str__": lambda _self: UNREADABLE}
    quiet: BaseException = type(kind.__name__, (kind,), said)()
    return quiet
