"""Words that exist nowhere else, and a search for them in whatever form they may have leaked."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from urllib.parse import quote

PERSONAL = {
    "company": "Brindlewick",
    "first name": "Quillonia",
    "last name": "Vexworthy",
    "e-mail": "harrowgate.seven",
    "phone": "7946 0717",
    "street": "Thistledown",
    "city": "Ombersley",
    "notes": "sleepwalks",
    "custom field": "amberjack",
    "individual": "Wrenfield",
}
"""Of people and companies; each is what a record holds, or the part of it nothing else holds."""

SENT = {
    "query": "zephyrquery",
    "header": "zephyrheader",
    "path": "zephyrpath",
    "body": "zephyrbody",
    "signature": "zephyrsignature",
}
"""What strangers send to the receiver, by where it stood."""

ANSWERED = {
    "page": "grimshawpage",
    "refusal": "grimshawrefusal",
    "breakdown": "grimshawbreakdown",
    "row": "grimshawrow",
    "login": "grimshawlogin",
}
"""What foreign error bodies hold."""

ACCIDENTS = {"task": "oxenbridge-task", "hook": "oxenbridge-hook", "listener": "oxenbridge-listener"}
"""What unforeseen exceptions carry in their text."""

TYPED = {"mapping": "mistlethwaite", "database": "pa55-fennimore", "file": "s3cret-fennimore"}
"""What stands in files and variables of commands that fail."""


def leaks(places: Mapping[str, bytes], canaries: Mapping[str, str]) -> list[str]:
    """Which canary stands in which place, in any of the forms it may take on its way."""
    found = []
    for place, content in places.items():
        plain = content.lower()
        for name, canary in canaries.items():
            if any(form.lower() in plain for form in _plain_forms(canary)) or any(
                form in content for form in _base64_forms(canary)
            ):
                found.append(f"{name} ({canary[:4]}…) in {place}")
    return sorted(found)


def _plain_forms(canary: str) -> set[bytes]:
    closed = canary.replace(" ", "")
    texts = {canary, closed, quote(canary, safe=""), canary.replace(" ", "+"), canary.encode().hex()}
    return {text.encode() for text in texts}


def _base64_forms(canary: str) -> set[bytes]:
    """The part of an encoding that does not depend on what stood around the canary, at each alignment."""
    forms = set()
    for skipped in range(3):
        raw = b"\0" * skipped + canary.encode()
        encoded = base64.b64encode(raw[: len(raw) // 3 * 3])
        inner = encoded[4 if skipped else 0 :]
        if len(inner) >= 8:
            forms |= {inner, inner.translate(bytes.maketrans(b"+/", b"-_"))}
    return forms
