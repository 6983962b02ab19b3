"""Invented customers that appear while the demo runs; the same for the same seed, and nobody among them
exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

_FIRST = (
    "Ayla Bela Ciro Dora Emil Fenna Gabor Hedda Ilse Jorin Kaya Levi Mara Nils Odile Pia Quinn Rika".split()
)
_LAST = (
    "Arden Birk Calder Dorn Elster Farrow Garrick Holt Ingram Jarvis Keane Lorne Merrow Norden Oakes".split()
)
_FIRST_WORDS = "Brass Cobalt Dapper Early Fable Gentle Hazel Indigo Jolly Kindred Linden Mellow Noble".split()
_SECOND_WORDS = (
    "Badger Cart Drum Engine Ferry Gull Hedge Inkwell Jetty Kiln Loom Mast Nest Oven Plough".split()
)
_TRADES = "Atelier Cartage Dairies Fabrics Joinery Mills Nurseries Pottery Roasters Stores Works".split()
_PLACES = (
    ("Utrecht", "3511 AB", "Netherlands"),
    ("Porto", "4000-001", "Portugal"),
    ("Graz", "8010", "Austria"),
)


@dataclass(frozen=True)
class Person:
    """Somebody new."""

    first: str
    last: str
    email: str
    phone: str


@dataclass(frozen=True)
class Company:
    """A business that is new to both systems."""

    name: str
    domain: str
    phone: str
    street: str
    city: str
    zip_code: str
    country: str


class Newcomers:
    """Gives people and companies that never repeat a name, an address or a number."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._number = 0

    def company(self) -> Company:
        """A new company."""
        number = self._next()
        words = [self._chance.choice(part) for part in (_FIRST_WORDS, _SECOND_WORDS, _TRADES)]
        city, zip_code, country = self._chance.choice(_PLACES)
        return Company(
            name=f"{' '.join(words)} No. {number}",
            domain=f"{'-'.join(words).lower()}-{number}.example.com",
            phone=self.phone(),
            street=f"{number} Demo Street",
            city=city,
            zip_code=zip_code,
            country=country,
        )

    def person(self, domain: str = "") -> Person:
        """Somebody new, with an address at the domain or at a shared one."""
        number = self._next()
        first, last = self._chance.choice(_FIRST), self._chance.choice(_LAST)
        last = f"{last}-{_letters(number)}"
        return Person(first, last, f"{first}.{last}@{domain or 'mail.example.org'}".lower(), self.phone())

    def phone(self) -> str:
        """A number nobody else has."""
        return f"+31 20 {700_0000 + self._next():07d}"

    def _next(self) -> int:
        self._number += 1
        return self._number


def _letters(number: int) -> str:
    """1 -> Ba, 2 -> Ca …: a number as a syllable, so that names stay names."""
    consonants = "bcdfghklmnprstvz"
    high, low = divmod(number, len(consonants))
    return f"{consonants[high % len(consonants)]}a{consonants[low]}o".capitalize()
