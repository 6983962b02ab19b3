"""simple-salesforce, sent to the sandbox by what `requests` offers for that: an adapter for a host."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from tests.contract.sandbox_process import Sandbox

LOGIN, MY_DOMAIN = "login", "sandbox-trading.my"


class Elsewhere(HTTPAdapter):
    """Requests to a host of Salesforce go to the address of the sandbox."""

    def __init__(self, address: str) -> None:
        self._address = urlsplit(address)
        super().__init__()

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = urlunsplit((self._address.scheme, self._address.netloc, *parts[2:]))
        return super().send(request, *args, **options)


@contextmanager
def session(sandbox: Sandbox) -> Iterator[requests.Session]:
    """A session that trusts the sandbox's authority and finds the hosts of Salesforce there."""
    org = sandbox.salesforce
    with requests.Session() as made:
        # Without this, REQUESTS_CA_BUNDLE of the environment wins over the file set here.
        made.trust_env = False
        made.verify = org["ca_file"]
        for domain in (LOGIN, MY_DOMAIN):
            made.mount(f"https://{domain}.salesforce.com/", Elsewhere(org["login_url"]))
        yield made


@contextmanager
def client(sandbox: Sandbox, **way: Any) -> Iterator[Salesforce]:
    """A client; client credentials are its way in where none is named."""
    org = sandbox.salesforce
    credentials = {
        "consumer_key": org["client_id"], "consumer_secret": org["client_secret"], "domain": MY_DOMAIN
    }  # fmt: skip
    with session(sandbox) as made:
        yield Salesforce(session=made, version=org["api_version"], **(way or credentials))
