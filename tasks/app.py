"""The Celery app of workers, beat and Flower; `celery -A tasks.app …`.

Settings are read when Celery asks for its configuration, not at import. A process has one `Wiring` and one
bell, made when its first task needs them.
"""

from __future__ import annotations

import threading
from functools import cached_property
from importlib.metadata import version
from typing import Any

from celery import Celery, signals

from integration.processes.garbage import collect_seldom
from integration.settings import Settings, load_settings
from integration.versions import assert_pinned_versions
from integration.wiring import Wiring
from integration.wiring.counters import METRICS, counters
from tasks import observability
from tasks.bell import CeleryBell, Publisher
from tasks.configuration import celery_configuration, publishing_options

TASK_MODULES = ("tasks.line", "tasks.dead_letter", "tasks.batch", "tasks.maintenance")


class LineApp(Celery):  # type: ignore[misc] # Celery ships no types
    """Celery, knowing the product's settings and parts."""

    given_settings: Settings | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._making = threading.Lock()
        super().__init__(*arguments, **named)

    @cached_property
    def product(self) -> Settings:
        """The settings, read at first use. Raises ConfigurationFault."""
        return self.given_settings or load_settings(need_pairs=True)

    @property
    def bell(self) -> CeleryBell:
        """The bell of this process."""
        with self._making:
            return self._bell

    @cached_property
    def _bell(self) -> CeleryBell:
        url = self.product.redis_url
        return CeleryBell(url.get_secret_value() if url else None, Publisher(self, publishing_options()))

    @property
    def wiring(self) -> Wiring:
        """The parts of this process."""
        bell = self.bell
        with self._making:
            return self._wiring(bell)

    def _wiring(self, bell: CeleryBell) -> Wiring:
        found: Wiring | None = self.__dict__.get("_kept_wiring")
        if found is None:
            counters.share(self.product.state_dir / METRICS)
            found = self.__dict__["_kept_wiring"] = Wiring(self.product, bell, process_name="worker")
        return found

    def close_parts(self, **_: Any) -> None:
        """Send noted alarms and let go of connections, when the process ends."""
        wiring: Wiring | None = self.__dict__.pop("_kept_wiring", None)
        bell: CeleryBell | None = self.__dict__.pop("_bell", None)
        for part in (wiring, bell):
            if part is not None:
                part.close()


def create_app(settings: Settings | None = None) -> LineApp:
    """A Celery app; `settings` are loaded at first use when not given. Nothing is connected."""
    app = LineApp("zoho-salesforce", include=list(TASK_MODULES))
    app.given_settings = settings
    app.add_defaults(lambda: celery_configuration(app.product))
    app.on_after_configure.connect(lambda **_: _configured(app), weak=False)
    return app


def _configured(app: LineApp) -> None:
    assert_pinned_versions()
    observability.connect(app.product, version("zoho-salesforce"))
    signals.worker_init.connect(lambda **_: collect_seldom(), weak=False)
    signals.worker_shutdown.connect(app.close_parts, weak=False)


app = create_app()
