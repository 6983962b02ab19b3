"""Puts the Salesforce stand-in together from the command line and starts it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc

from integration.sandbox.arguments import Arguments
from integration.sandbox.call_log import CallLog
from integration.sandbox.certificates import Certificates, certificates_in, jwt_key_in
from integration.sandbox.clock import Clock
from integration.sandbox.errors import BadInstructionError
from integration.sandbox.faults import Faults
from integration.sandbox.salesforce.incidents import Incidents
from integration.sandbox.salesforce.options import OrgOptions
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.pubsub_server import start_pubsub
from integration.sandbox.salesforce.routes import routes
from integration.sandbox.salesforce.schema_file import read_definitions
from integration.sandbox.salesforce.standard_objects import build_schema
from integration.sandbox.salesforce.switches import SalesforceSwitches
from integration.sandbox.servers import Servers
from integration.sandbox.switches import assigned, listed

PREFIX = "salesforce_"
_STOP_SECONDS = 0.2


class SalesforcePart:
    """The org with its REST API and its event bus."""

    def __init__(
        self, arguments: Arguments, clock: Clock, faults: Faults, call_log: CallLog, folder: Path
    ) -> None:
        own = {name: text for name, text in arguments.switches.items() if name.startswith(PREFIX)}
        self._jwt_key_file, public_key = jwt_key_in(folder)
        options = OrgOptions(
            jwt_public_key=public_key,
            daily_api_requests=arguments.salesforce_daily,
            platform_events=_platform_events(arguments.salesforce_platform_events),
            seed=arguments.seed,
            switches=assigned(SalesforceSwitches(), own, PREFIX),
        )
        if arguments.salesforce_schema is not None:
            declared = read_definitions(arguments.salesforce_schema, build_schema(options))
            options = replace(options, definitions=declared)
        self.org = SalesforceOrg(options, clock)
        self._incidents = Incidents(self.org)
        self._arguments, self._faults, self._call_log = arguments, faults, call_log
        self._certificates: Certificates | None = None
        if arguments.tls:
            hosts = tuple(dict.fromkeys(("localhost", "127.0.0.1", arguments.host)))
            self._certificates = certificates_in(folder, hosts, clock.now())
        self._pubsub: grpc.aio.Server | None = None

    async def start(self, servers: Servers) -> dict[str, Any]:
        """Listen; answers what a client must know."""
        arguments, options, sessions = self._arguments, self.org.options, self.org.sessions
        listed_routes = routes(self.org, self._faults, self._call_log)
        port = await servers.listen(listed_routes, arguments.salesforce_port, self._tls(), self.org.clock)
        scheme = "http" if self._certificates is None else "https"
        sessions.instance_url = sessions.login_url = f"{scheme}://{arguments.host}:{port}"
        self._pubsub, pubsub_port = await start_pubsub(
            self.org, arguments.host, arguments.pubsub_port, self._grpc_credentials(), self._faults,
            self._call_log,
        )  # fmt: skip
        return {
            "instance_url": sessions.instance_url,
            "login_url": sessions.login_url,
            "pubsub_endpoint": f"{arguments.host}:{pubsub_port}",
            "tls": self._certificates is not None,
            "ca_file": str(self._certificates.ca_file.absolute()) if self._certificates else None,
            "org_id": self.org.org_id,
            "client_id": options.client_id,
            "client_secret": options.client_secret,
            "username": options.username,
            "password": options.password,
            "security_token": options.security_token,
            "jwt_private_key_file": str(self._jwt_key_file.absolute()),
            "refresh_token": options.refresh_token,
            "api_version": options.api_version,
        }

    async def stop(self) -> None:
        """End every stream and pause what runs."""
        await self.org.bulk.stop()
        if self._pubsub is not None:
            await self._pubsub.stop(_STOP_SECONDS)

    def provoke(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Make something go wrong with events. :raises BadInstructionError: unknown kind."""
        return self._incidents.happen(spec)

    @property
    def incidents(self) -> frozenset[str]:
        """The kinds that `provoke` knows."""
        return self._incidents.kinds

    def switches(self) -> list[dict[str, Any]]:
        """The switches of this system."""
        return listed(self.org.options.switches, PREFIX)

    def _tls(self) -> ssl.SSLContext | None:
        if self._certificates is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._certificates.leaf_file, self._certificates.key_file)
        return context

    def _grpc_credentials(self) -> grpc.ServerCredentials | None:
        if self._certificates is None:
            return None
        return grpc.ssl_server_credentials([(self._certificates.key_pem, self._certificates.leaf_pem)])


def _platform_events(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as given. :raises BadInstructionError: one that no event could have."""
    wrong = next((name for name in names if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*__e", name)), None)
    if wrong is not None:
        raise BadInstructionError(f"the name of a platform event ends in __e, not {wrong!r}")
    return names
