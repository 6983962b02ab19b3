"""The receiver as a WSGI application: `gunicorn 'webhooks.app:create_app()'`."""

from __future__ import annotations

from importlib.metadata import version

from flask import Flask
from sentry_sdk.integrations.flask import FlaskIntegration

from integration.error_reports import init_error_reports
from integration.log import configure_logging
from integration.ports import Bell
from integration.settings import Settings, load_settings
from integration.wiring import Receiver, Wiring
from integration.wiring.counters import METRICS, counters
from tasks.bell import bell_for
from webhooks import faults, health, metrics, zoho
from webhooks.ringing import RingingBehind


def create_app(settings: Settings | None = None, bell: Bell | None = None) -> Flask:
    """The application; settings are loaded when not given. Database and Redis are first used by a request."""
    told = settings or load_settings(need_pairs=True)
    configure_logging(told.log.level, told.log.format)
    if told.sentry_dsn is not None:
        init_error_reports(
            told.sentry_dsn.get_secret_value(),
            environment="embedded" if told.embedded else "production",
            release=version("zoho-salesforce"),
            integrations=[FlaskIntegration()],
        )
    counters.share(told.state_dir / METRICS)
    wiring = Wiring(told, bell or RingingBehind(bell_for(told)), process_name="web")
    app = Flask("webhooks", static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined] # of Flask's own provider
    faults.register(app)
    app.register_blueprint(zoho.routes(wiring, Receiver(told.pairs)))
    app.register_blueprint(health.routes(wiring))
    app.register_blueprint(metrics.routes(wiring))
    app.extensions["wiring"] = wiring
    return app
