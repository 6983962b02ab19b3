"""Calls with nothing in between: status, headers and body as they come over the wire."""

from __future__ import annotations

from typing import Any

import requests

from tests.contract.sandbox_salesforce.running_org import Running

ROOT = "/services/data/v61.0"


class Caller:
    """One session that is logged in."""

    def __init__(self, org: Running, **headers: str) -> None:
        self.url = org.url
        self._session = org.session()
        self._session.headers.update({"Authorization": f"Bearer {org.token()}", **headers})

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        """`path` starts below the version, or at the root with a slash."""
        full = path if path.startswith("/") else f"{ROOT}/{path}"
        return self._session.request(method, f"{self.url}{full}", timeout=10, **more)


def step(method: str, path: str, reference_id: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """A subrequest of Composite."""
    found = {"method": method, "url": f"{ROOT}/{path}", "referenceId": reference_id, **more}
    return found if body is None else {**found, "body": body}
