"""Gunicorn's own messages in our log form: its tracebacks and request lines would show what senders sent."""

from __future__ import annotations

from gunicorn.config import Config
from gunicorn.glogging import Logger

from integration.log import configure_logging, hide_tracebacks
from integration.settings import load_settings


class GunicornLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Named on gunicorn's command line."""

    def setup(self, cfg: Config) -> None:
        """Called by gunicorn in the arbiter, before any worker exists."""
        super().setup(cfg)
        settings = load_settings()
        configure_logging(settings.log.level, settings.log.format)
        hide_tracebacks()
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True
