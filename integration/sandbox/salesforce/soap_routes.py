"""The SOAP partner API as far as clients use it to log in and out; every record goes over REST."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from aiohttp import web

from integration.sandbox.salesforce.api_errors import ApiError, OAuthError
from integration.sandbox.salesforce.edge import CODE, check_version
from integration.sandbox.salesforce.org import SalesforceOrg
from integration.sandbox.salesforce.sessions import LOGIN_RATE, Session

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_MEDIA_TYPES = frozenset({"text/xml", "application/soap+xml"})
_BAD_LOGIN = "Invalid username, password, security token; or user locked out."
_Element = ET.Element


class SoapFault(Exception):
    """A refused call: the exception code and its text."""

    def __init__(self, code: str, message: str, kind: str = "UnexpectedErrorFault") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind = kind


class SoapRoutes:
    """`/services/Soap/u/<version>[/<org>]`: login and logout."""

    def __init__(self, org: SalesforceOrg) -> None:
        self._org = org

    def routes(self) -> list[web.RouteDef]:
        base = "/services/Soap/u/{version}"
        return [web.post(base, self.call), web.post(base + "/{org}", self.call)]

    async def call(self, request: web.Request) -> web.Response:
        try:
            body = self._answer(request, await request.read())
        except SoapFault as fault:
            response = _xml(_fault(fault), 500)
            response[CODE] = fault.code
            return response
        return _xml(body, 200)

    def _answer(self, request: web.Request, raw: bytes) -> str:
        version = request.match_info["version"]
        self._check(request, version)
        envelope = _envelope(raw)
        operation = _operation(envelope)
        name = operation.tag.removeprefix(f"{{{_PARTNER}}}")
        known: dict[str, Callable[[], str]] = {
            "login": lambda: self._login(operation, version),
            "logout": lambda: self._logout(envelope),
        }
        if name not in known:
            message = f"No operation available for request {operation.tag}, please check the WSDL"
            raise SoapFault("INVALID_OPERATION", message)
        return known[name]()

    def _check(self, request: web.Request, version: str) -> None:
        if request.content_type not in _MEDIA_TYPES or "SOAPAction" not in request.headers:
            raise SoapFault("INVALID_OPERATION", "a SOAP call is text/xml and names a SOAPAction")
        try:
            check_version(version)
        except ApiError:
            raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL") from None

    def _login(self, operation: _Element, version: str) -> str:
        username, password = (
            (operation.findtext(f"{{{_PARTNER}}}{name}") or "") for name in ("username", "password")
        )
        try:
            session = self._org.sessions.login(username, password)
        except OAuthError as error:
            if error.description == LOGIN_RATE:
                raise SoapFault("SERVER_UNAVAILABLE", LOGIN_RATE) from None
            raise SoapFault("INVALID_LOGIN", _BAD_LOGIN, "LoginFault") from None
        return self._logged_in(session, username, version)

    def _logged_in(self, session: Session, username: str, version: str) -> str:
        base, org_id = self._org.sessions.instance_url, self._org.org_id
        user = {
            "organizationId": org_id,
            "organizationName": self._org.options.org_name,
            "sessionSecondsValid": str(int(self._org.options.switches.token_seconds)),
            "userEmail": username,
            "userFullName": f"{username.partition('@')[0].capitalize()} User",
            "userId": session.user_id,
            "userLanguage": "en_US",
            "userLocale": "en_GB",
            "userName": username,
            "userTimeZone": "Europe/London",
            "userType": "Standard",
        }
        result = {
            "metadataServerUrl": f"{base}/services/Soap/m/{version}/{org_id}",
            "passwordExpired": "false",
            "sandbox": "false",
            "serverUrl": f"{base}/services/Soap/u/{version}/{org_id}",
            "sessionId": session.token,
            "userId": session.user_id,
        }
        told = _elements(result) + f"<userInfo>{_elements(user)}</userInfo>"
        return f"<loginResponse><result>{told}</result></loginResponse>"

    def _logout(self, envelope: _Element) -> str:
        token = envelope.findtext(f".//{{{_PARTNER}}}SessionHeader/{{{_PARTNER}}}sessionId") or ""
        if self._org.sessions.peek(token) is None:
            message = "Invalid Session ID found in SessionHeader: Illegal Session"
            raise SoapFault("INVALID_SESSION_ID", message)
        self._org.sessions.revoke(token)
        return "<logoutResponse/>"


def _envelope(raw: bytes) -> _Element:
    """Raises SoapFault for what is no envelope; entities are declined before anything expands them."""
    try:
        if b"<!DOCTYPE" in raw:
            raise SoapFault("INVALID_OPERATION", "a document type declaration is not allowed")
        root = ET.fromstring(raw)  # noqa: S314 - a document type is declined above
    except ET.ParseError as error:
        raise SoapFault("INVALID_OPERATION", f"the envelope is not well formed: {error}") from None
    if root.tag != f"{{{_ENVELOPE}}}Envelope":
        raise SoapFault("INVALID_OPERATION", "the document is no SOAP envelope")
    return root


def _operation(envelope: _Element) -> _Element:
    body = envelope.find(f"{{{_ENVELOPE}}}Body")
    if body is None or len(body) != 1:
        raise SoapFault("INVALID_OPERATION", "the body holds one operation")
    return body[0]


def _elements(values: dict[str, str]) -> str:
    return "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())


def _fault(fault: SoapFault) -> str:
    code, text = fault.code, escape(fault.message)
    detail = (
        f'<sf:{fault.kind} xsi:type="sf:{fault.kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{text}</sf:exceptionMessage></sf:{fault.kind}>"
    )
    return (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault>"
    )


def _xml(body: str, status: int) -> web.Response:
    names = (
        f'xmlns:soapenv="{_ENVELOPE}" xmlns="{_PARTNER}" xmlns:sf="urn:fault.partner.soap.sforce.com"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope {names}>'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return web.Response(status=status, text=text, content_type="text/xml", charset="utf-8")
