"""What can be compared about customers and people although every system, and every person, writes it
differently.
"""

from __future__ import annotations

import re
import unicodedata

LEAST_PHONE_DIGITS = 7
PHONE_TAIL = 9

_LEGAL_FORMS = frozenset(
    """
    ab ag aktiengesellschaft aps as asa bhd bv co company corp corporation cv doo eg eirl ev fze gbr ges
    gesellschaft gmbh inc incorporated ind ivs kft kg kgaa kk lda limitada limited llc llp lp ltd ltda mbh nv
    ohg oo oy oyj plc private pt pte pty pvt sa sab sarl sas sasu sau sdn se sl slu snc soc sp spa spk spol
    sprl srl sro ug unlimited zoo zrt
    """.split()
)
_LEGAL_PHRASES = (("sp", "z", "oo"), ("spol", "s", "ro"), ("spol", "s", "r", "o"))
_SMALL_WORDS = frozenset({"and", "the", "und", "et"})
_FOLDED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "\u0131": "i",
        "&": " and ",
        "+": " and ",
    }
)
_DROPPED = re.compile(r"[.'\u2019`\u00b4\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_HOST = re.compile(r"(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?([^/:?#\s]+)", re.IGNORECASE)

_SHARED_DOMAINS = frozenset(
    """
    126.com 163.com aol.com btinternet.com example.com example.net example.org facebook.com free.fr gmail.com
    gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com hey.com hotmail.co.uk hotmail.com hotmail.fr
    icloud.com instagram.com laposte.net libero.it linkedin.com live.com mac.com mail.com mail.ru me.com
    msn.com naver.com orange.fr outlook.com proton.me protonmail.com qq.com rediffmail.com sina.com
    t-online.de twitter.com verizon.net wanadoo.fr web.de x.com yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com
    yahoo.de yahoo.fr yandex.com yandex.ru ymail.com youtube.com zoho.com zohomail.com
    """.split()
)


def fold(text: str) -> str:
    """Small letters without accents. Marks that are letters of their script (Arabic, Indic) stay."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in apart if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFKC", bare).translate(_FOLDED)


def words(text: str) -> list[str]:
    """The words of a name, folded, punctuation dropped: `A.C.M.E. (Köln)` -> `acme koln`."""
    flat = _DROPPED.sub("", fold(text))
    return "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in flat).split()


def core_words(name: str) -> list[str]:
    """The words of a company's name without its legal form and small words; all words when nothing else is
    left.
    """
    every = words(name)
    kept = _spelled_out([word for word in every if word not in _SMALL_WORDS])
    for phrase in _LEGAL_PHRASES:
        if len(kept) > len(phrase) and tuple(kept[-len(phrase) :]) == phrase:
            kept = kept[: -len(phrase)]
    while len(kept) > 1 and kept[-1] in _LEGAL_FORMS:
        kept.pop()
    return kept if kept and kept[-1] not in _LEGAL_FORMS else every


def _spelled_out(parts: list[str]) -> list[str]:
    """`a s` at the end, as `A/S` comes out, is the form `as`."""
    at = len(parts)
    while at > 0 and len(parts[at - 1]) == 1:
        at -= 1
    form = "".join(parts[at:])
    return [*parts[:at], form] if form in _LEGAL_FORMS else parts


def person_words(name: str) -> list[str]:
    """The words of a person's name in speaking order: `Doe, Jane` -> `jane doe`."""
    last, comma, first = name.partition(",")
    return words(f"{first} {last}") if comma and "," not in first and first.strip() else words(name)


def phone_tail(text: str) -> str:
    """The last nine digits of a phone number, empty when there are too few to tell people apart."""
    digits = "".join(str(unicodedata.digit(c)) for c in text if c.isdigit())
    return digits[-PHONE_TAIL:] if len(digits) >= LEAST_PHONE_DIGITS else ""


def email_key(text: str) -> str:
    """An e-mail address as its mailbox sees it, empty when it is none."""
    address = text.strip().casefold()
    return (
        address
        if address.count("@") == 1 and not address.startswith("@") and "." in address.rpartition("@")[2]
        else ""
    )


def own_domain(text: str) -> str:
    """The domain of a web site or e-mail address, empty when it is one that strangers share."""
    found = _HOST.match(text.strip())
    host = found.group(1).casefold().rstrip(".").removeprefix("www.") if found else ""
    return "" if "." not in host or host in _SHARED_DOMAINS else host
