"""Invented people, companies and places, the same for the same seed; nobody here exists."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

_FIRST_NAMES = (
    "Ada Adam Agnes Ahmed Aiko Alba Alma Amir Ana Anders Anna Arjun Astrid Beatriz Boris Bruno Camila "
    "Carla Chen Chloé Clara Dana Daniel Darya David Diego Dina Edgar Elena Elias Emeka Emma Enzo Erik "
    "Esra Eva Farid Fatima Felix Fiona Frida Gabriel Gita Grace Greta Hana Hans Hugo Ida Ines Ingrid "
    "Isaac Ivan Ivy Jan Jana Jasper Joana Johan Jonas José Julia Kai Karin Kenji Kira Lars Laura Lea "
    "Leo Lina Lucas Luisa Maja Malik Marco Maria Marta Mateo Mei Milan Mina Mona Nadia Naomi Nikita "
    "Nina Noah Nora Olga Oliver Omar Oscar Paula Pavel Petra Priya Rafael Rania Rosa Ruben Ruth Sami "
    "Sara Selma Simon Sofía Sven Tara Teo Tomás Uma Vera Viktor Wanda Yara Yusuf Zoe Zoltán"
).split()
_LAST_NAMES = (
    "Abbott Acosta Ahlberg Almeida Andersson Appel Baker Barros Bauer Becker Bell Berg Bianchi Blum "
    "Brandt Briggs Brooks Castillo Chandra Clarke Conti Costa Dahl Dalton Delgado Dietrich Dubois "
    "Duarte Eklund Ellis Engel Espinoza Falk Ferrari Fischer Fontaine Foster Franke Fuentes Garner "
    "Gomes Grant Gruber Gupta Haas Hansen Hartley Hayashi Heller Herrera Hoffmann Holm Ibarra Ito "
    "Iversen Jansen Jensen Jovanović Kaiser Kapoor Keller Khan Kim Klein Kovács Krause Kumar Lambert "
    "Lang Larsen Lehmann Lindgren Lopes Lund Maier Marino Marsh Martins Mehta Meyer Mirza Moreau "
    "Moretti Müller Nagy Nakamura Navarro Neumann Nguyen Nilsson Novak Núñez Okafor Olsen Ortega Osei "
    "Palmer Park Patel Pereira Petrov Pohl Prado Quist Rahman Ramos Reyes Ricci Richter Romano Rossi "
    "Roth Sá Sato Schäfer Schmidt Serrano Shah Silva Singh Sommer Soto Stone Suzuki Tanaka Thorne "
    "Torres Ueda Vargas Vega Vogel Wagner Walsh Weber Wolf Yamada Ziegler Zimmer"
).split()
_ADJECTIVES = (
    "Amber Alpine Arctic Atlas Aurora Beacon Blue Bright Cedar Central Clear Coastal Copper Coral "
    "Crown Crystal Delta Eastern Elm Ember Evergreen Falcon First Forest Global Golden Granite Green "
    "Grand Harbor High Horizon Iron Ivory Jade Keystone Lake Liberty Lunar Maple Meridian Metro "
    "Nordic Northern Oak Ocean Old Olive Onyx Orchid Pacific Pine Pioneer Polar Prime Quartz Rapid "
    "Red River Royal Sable Sapphire Silver Solar Southern Stellar Sterling Stone Summit Sunny Swift "
    "Tall Terra True Twin Union United Upper Urban Vale Velvet Vista Western White Wild Willow Winter"
).split()
_NOUNS = (
    "Anchor Arch Bay Bridge Brook Canyon Castle Cliff Compass Creek Crest Cross Dale Dune Eagle Field "
    "Fjord Ford Fox Gate Glen Grove Hare Hawk Haven Heath Heron Hill Hollow Island Isle Kite Lantern "
    "Lark Leaf Lighthouse Lion Meadow Mill Moor Mountain Otter Owl Park Peak Pier Point Pond Port "
    "Raven Reef Ridge Rock Sail Shore Sparrow Spring Star Stream Tide Tower Trail Valley View Wave "
    "Well Wharf Wing Wolf Wood Yard"
).split()
_SECTORS = (
    "Analytics Apparel Bakery Bikes Books Brewing Ceramics Chemicals Coffee Components Construction "
    "Dairy Electronics Energy Farms Fittings Foods Furniture Gardens Glass Hardware Instruments "
    "Interiors Kitchens Lighting Logistics Machinery Medical Optics Outfitters Packaging Paints Paper "
    "Pharma Plastics Press Robotics Seeds Software Sports Steel Supplies Surgical Systems Textiles "
    "Timber Tools Toys Trading Wines"
).split()
_STREETS = (
    "Market Mill Station Church School Harbour Garden Castle River Bridge Forest Park King Queen".split()
)
LEGAL_FORMS = {"US": ("Inc.", "LLC"), "GB": ("Ltd",), "DE": ("GmbH", "AG"), "CA": ("Inc.",), "FR": ("SARL",)}


@dataclass(frozen=True)
class Place:
    """A town with what an address needs of it; `dialling` is the country's prefix."""

    city: str
    state: str
    country: str
    country_code: str
    zip_form: str
    dialling: str


_PLACES = (
    Place("Austin", "TX", "United States", "US", "787##", "1"),
    Place("Denver", "CO", "United States", "US", "802##", "1"),
    Place("Portland", "OR", "United States", "US", "972##", "1"),
    Place("Boston", "MA", "United States", "US", "021##", "1"),
    Place("Toronto", "ON", "Canada", "CA", "M5V #K#", "1"),
    Place("Leeds", "West Yorkshire", "United Kingdom", "GB", "LS# #AB", "44"),
    Place("Bristol", "Bristol", "United Kingdom", "GB", "BS# #CD", "44"),
    Place("Köln", "Nordrhein-Westfalen", "Germany", "DE", "506##", "49"),
    Place("München", "Bayern", "Germany", "DE", "803##", "49"),
    Place("Hamburg", "Hamburg", "Germany", "DE", "200##", "49"),
    Place("Lyon", "Rhône", "France", "FR", "690##", "33"),
    Place("Nantes", "Loire-Atlantique", "France", "FR", "440##", "33"),
)


@dataclass(frozen=True)
class Somebody:
    """A person; `digits` is the phone number without any punctuation, country prefix first."""

    salutation: str
    first_name: str
    last_name: str
    email: str
    digits: str
    title: str

    @property
    def name(self) -> str:
        """Both names as one writes them."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True)
class Company:
    """A business; `stem` is the name without its legal form."""

    stem: str
    legal_form: str
    place: Place
    street: str
    zip_code: str
    digits: str
    website: str
    people: tuple[Somebody, ...]

    @property
    def name(self) -> str:
        """The name with its legal form."""
        return f"{self.stem} {self.legal_form}"


class NameSource:
    """Gives people and companies that never repeat a name, an e-mail or a number."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"names:{seed}")
        self._taken: set[str] = set()
        self._numbers = count(1)

    def company(self, people: int) -> Company:
        """A company with so many people."""
        place = self._random.choice(_PLACES)
        stem = self._fresh(
            lambda: " ".join(self._random.choice(part) for part in (_ADJECTIVES, _NOUNS, _SECTORS))
        )
        domain = f"{_ascii(stem).replace(' ', '-')}.example.com"
        return Company(
            stem=stem,
            legal_form=self._random.choice(LEGAL_FORMS[place.country_code]),
            place=place,
            street=f"{self._random.randint(1, 199)} {self._random.choice(_STREETS)} Street",
            zip_code="".join(str(self._random.randint(0, 9)) if c == "#" else c for c in place.zip_form),
            digits=self._digits(place),
            website=f"https://www.{domain}",
            people=tuple(self.somebody(domain, place) for _ in range(people)),
        )

    def somebody(self, domain: str, place: Place | None = None) -> Somebody:
        """A person with an address at the domain."""
        first, last = self._fresh_person()
        return Somebody(
            salutation=self._random.choice(("Mr.", "Ms.", "Dr.")),
            first_name=first,
            last_name=last,
            email=f"{_ascii(first)}.{_ascii(last)}@{domain}".replace(" ", ""),
            digits=self._digits(place or self._random.choice(_PLACES)),
            title=self._random.choice(
                ("Buyer", "Owner", "Head of Purchasing", "Accountant", "Sales Manager")
            ),
        )

    def place(self) -> Place:
        """Some town."""
        return self._random.choice(_PLACES)

    def other_place(self, place: Place) -> Place:
        """Some other town."""
        return self._random.choice([each for each in _PLACES if each.city != place.city])

    def _fresh(self, draw: Callable[[], str]) -> str:
        for _ in range(50):
            name = draw()
            if name.casefold() not in self._taken:
                break
        else:
            name = f"{draw()} {next(self._numbers)}"
        self._taken.add(name.casefold())
        return name

    def _fresh_person(self) -> tuple[str, str]:
        first = self._random.choice(_FIRST_NAMES)
        last = self._random.choice(_LAST_NAMES)
        if f"{first} {last}".casefold() in self._taken:
            last = f"{last}-{self._random.choice(_LAST_NAMES)}"
        while f"{first} {last}".casefold() in self._taken:
            first = f"{first} {self._random.choice('ABCDEFGHJKLMNPRSTVW')}."
        self._taken.add(f"{first} {last}".casefold())
        return first, last

    def _digits(self, place: Place) -> str:
        return f"{place.dialling}{self._random.randint(200, 989)}{next(self._numbers):07d}"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return plain.lower().replace(".", "")
