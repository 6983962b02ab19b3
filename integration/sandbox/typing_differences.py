"""How the same customer is typed twice: what people do to names, numbers and e-mails without noticing."""

from __future__ import annotations

import random
from dataclasses import replace

from integration.sandbox.names import Company, Somebody

_OTHER_FORMS = {
    "Inc.": ("Inc", "Incorporated", ", Inc."), "LLC": ("L.L.C.", "Llc"), "Ltd": ("Limited", "Ltd."),
    "GmbH": ("Gmbh", "Gesellschaft mbH"), "AG": ("Aktiengesellschaft",), "SARL": ("S.A.R.L.",),
}  # fmt: skip
NAME_DIFFERENCES = ("none", "case", "legal_form", "no_legal_form", "punctuation", "typo")


def written_name(company: Company, difference: str, rng: random.Random) -> str:
    """The company's name as somebody else typed it."""
    if difference == "case":
        return rng.choice((company.name.upper(), company.name.lower()))
    if difference == "legal_form":
        form = rng.choice(_OTHER_FORMS[company.legal_form])
        return f"{company.stem}{'' if form.startswith(',') else ' '}{form}"
    if difference == "no_legal_form":
        return company.stem
    if difference == "punctuation":
        return company.name.replace(" ", "-", 1)
    if difference == "typo":
        return f"{misspelt(company.stem, rng)} {company.legal_form}"
    return company.name


def misspelt(text: str, rng: random.Random) -> str:
    """Two neighbouring letters changed places, never the first one."""
    places = [n for n in range(1, len(text) - 1) if text[n] != text[n + 1] and text[n : n + 2].isalpha()]
    n = rng.choice(places)
    return text[:n] + text[n + 1] + text[n] + text[n + 2 :]


def written_phone(digits: str, rng: random.Random) -> str:
    """The number in one of the forms people use."""
    country, rest = digits[:-10], digits[-10:]
    area, first, last = rest[:3], rest[3:6], rest[6:]
    return rng.choice((
        f"+{country} {area} {first} {last}",
        f"+{country}-{area}-{first}-{last}",
        f"+{country} ({area}) {first}-{last}",
        f"00{country}{area}{first}{last}",
    ))  # fmt: skip


def written_person(person: Somebody, rng: random.Random) -> Somebody:
    """The person with an e-mail that differs in case, now and then."""
    return replace(person, email=person.email.title()) if rng.random() < 0.2 else person
