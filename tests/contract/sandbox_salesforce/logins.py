"""Plain clients of the token endpoint, of the web server flow and of the SOAP login."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.dom import minidom

import jwt
import requests

from tests.contract.sandbox_salesforce.running_org import Running

CALLBACK = "http://localhost:1717/OauthRedirect"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def app(org: Running, **more: str) -> dict[str, str]:
    return {"client_id": org.options.client_id, "client_secret": org.options.client_secret, **more}


def ask(org: Running, host: str = "", **form: str) -> requests.Response:
    headers = {"Host": host} if host else {}
    return org.http.post(f"{org.url}/services/oauth2/token", data=form, headers=headers, timeout=10)


def refused(answer: requests.Response) -> tuple[str, str]:
    assert answer.status_code == 400
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    return body["error"], body["error_description"]


def assertion(org: Running) -> str:
    claims = {
        "iss": org.options.client_id,
        "sub": org.options.username,
        "aud": org.url,
        "exp": org.clock.now() + timedelta(minutes=3),
    }
    return jwt.encode(claims, org.private_key_file.read_text(), algorithm="RS256")


def policy(org: Running, **decisions: Any) -> dict[str, Any]:
    return org.do(lambda: org.incidents.happen({"kind": "login_policy", **decisions}))


def authorize(org: Running, **changes: str) -> requests.Response:
    asked = {"response_type": "code", "client_id": org.options.client_id, "redirect_uri": CALLBACK, **changes}
    url = f"{org.url}/services/oauth2/authorize"
    return org.http.get(url, params=asked, allow_redirects=False, timeout=10)


def sent_back(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(CALLBACK + "?")
    return {key: values[0] for key, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def redeem(org: Running, code: str, **changes: str) -> requests.Response:
    form = app(org, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    return ask(org, **{**form, **changes})


def login_of(org: Running, **changes: str) -> str:
    secret = org.options.password + org.options.security_token
    given = {"username": org.options.username, "password": secret, **changes}
    return (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
        f"<e:Body><login><username>{given['username']}</username><password>{given['password']}</password>"
        "</login></e:Body></e:Envelope>"
    )


def soap(org: Running, body: str, version: str = "61.0", **headers: str) -> requests.Response:
    sent = {"Content-Type": "text/xml", "SOAPAction": '""', **headers}
    url = f"{org.url}/services/Soap/u/{version}"
    return org.http.post(url, data=body, headers=sent, timeout=10)


def text_of(answer: requests.Response, name: str) -> str:
    document = minidom.parseString(answer.text)  # noqa: S318 - the stand-in's own answer
    return document.getElementsByTagName(name)[0].firstChild.nodeValue
