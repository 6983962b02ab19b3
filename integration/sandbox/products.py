"""Invented products: names, codes, prices and units as a wholesaler's catalogue has them; no brand exists."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count

_BRANDS = (
    "Norvik Talbrek Ostara Kelmoor Fenwixlow Brightmar Quorra Hollstad Zentrel Pavona Dunmore Iskra "
    "Veltron Mardahl Caspero Lindqvar Torvane Ellmont Graustein Novabel Rowanda Sundarel Tessaro Umbrix"
).split()


@dataclass(frozen=True)
class Kind:
    """One kind of product: what it is called, what varies, what it costs (a range) and how it is sold.

    `variants` are the attributes of a product of this kind, each with its values.
    """

    code: str
    name: str
    variants: Mapping[str, Sequence[str]]
    prices: tuple[float, float]
    unit: str = "pcs"
    decimals: int = 2
    tracked: bool = True


_COLOURS = ("black", "white", "grey", "silver", "red", "blue", "green", "oak", "anthracite")
KINDS = (
    Kind("LEDP", "LED Panel", {"size": ("30x30", "60x60", "30x120", "62x62"), "power": ("18W", "36W", "40W"),
         "light": ("3000K", "4000K", "6500K")}, (18, 140)),
    Kind("HEXB", "Hex Bolt", {"thread": ("M5", "M6", "M8", "M10", "M12", "M16"), "length": ("20 mm", "30 mm",
         "40 mm", "60 mm", "80 mm", "100 mm"), "finish": ("zinc plated", "A2", "A4", "8.8")}, (0.02, 1.9),
         "pcs", 6),
    Kind("CBLE", "Network Cable", {"class": ("Cat5e", "Cat6", "Cat6A", "Cat7"), "length": ("0.5 m", "1 m",
         "2 m", "5 m", "10 m", "20 m"), "colour": _COLOURS[:7]}, (1.5, 45)),
    Kind("SSDD", "Solid State Drive", {"size": ("256GB", "512GB", "1TB", "2TB", "4TB"),
         "bus": ("SATA", "NVMe"), "form": ("2.5 inch", "M.2 2280")}, (29, 420)),
    Kind("MEMO", "Memory Module", {"size": ("8GB", "16GB", "32GB", "64GB"), "kind": ("DDR4", "DDR5"),
         "speed": ("2666", "3200", "4800", "5600")}, (22, 310)),
    Kind("PMPF", "Centrifugal Pump", {"power": ("0.55 kW", "1.1 kW", "2.2 kW", "4 kW"), "flow": ("40 l/min",
         "90 l/min", "180 l/min"), "voltage": ("230V", "400V")}, (140, 1900)),
    Kind("BRNG", "Ball Bearing", {"type": ("6000", "6001", "6004", "6202", "6205", "6308"), "seal": ("2RS",
         "ZZ", "open"), "fit": ("C3", "CN")}, (1.2, 38)),
    Kind("PAPR", "Copy Paper", {"format": ("A3", "A4"), "weight": ("75 g", "80 g", "100 g", "160 g"),
         "colour": ("white", "ivory", "green")}, (3.2, 24), "box"),
    Kind("CHRS", "Office Chair", {"model": ("Arc", "Line", "Mesh", "Pro"), "colour": _COLOURS,
         "base": ("nylon base", "aluminium base")}, (79, 690)),
    Kind("DESK", "Standing Desk", {"top": ("120x80", "140x80", "160x80", "180x80"), "colour": _COLOURS,
         "motor": ("single motor", "dual motor")}, (249, 1150)),
    Kind("PNTW", "Wall Paint", {"size": ("2.5 l", "5 l", "10 l", "12.5 l"), "colour": _COLOURS[:8],
         "sheen": ("matt", "silk")}, (9, 110), "can"),
    Kind("TAPE", "Packing Tape", {"width": ("48 mm", "50 mm", "75 mm"), "length": ("50 m", "66 m", "100 m"),
         "colour": ("clear", "brown", "white")}, (0.8, 6), "roll", 4),
    Kind("GLOV", "Nitrile Gloves", {"size": ("S", "M", "L", "XL"), "count": ("100 pcs", "200 pcs"),
         "colour": ("blue", "black", "white")}, (5, 29), "box"),
    Kind("VALV", "Ball Valve", {"bore": ("1/2 inch", "3/4 inch", "1 inch", "2 inch"), "body": ("brass",
         "stainless"), "handle": ("lever", "butterfly")}, (6, 160)),
    Kind("TONR", "Toner Cartridge", {"colour": ("black", "cyan", "magenta", "yellow"), "yield": ("1500 pages",
         "3000 pages", "6500 pages")}, (19, 210)),
    Kind("BATT", "Battery Pack", {"voltage": ("12V", "18V", "36V"), "capacity": ("2.0Ah", "4.0Ah", "5.0Ah"),
         "cells": ("Li-ion", "LiFePO4")}, (35, 260)),
    Kind("COFF", "Coffee Beans", {"roast": ("light roast", "medium roast", "espresso"), "size": ("250 g",
         "500 g", "1 kg"), "origin": ("Brazil", "Colombia", "Ethiopia", "blend")}, (4, 34), "bag"),
    Kind("SHEL", "Steel Shelf", {"size": ("80x30", "100x40", "120x50"), "levels": ("4 shelves", "5 shelves"),
         "load": ("150 kg", "300 kg")}, (35, 240)),
    Kind("SERV", "Installation Service", {"time": ("1 hour", "half day", "full day"), "level": ("basic",
         "certified")}, (60, 900), "h", 2, tracked=False),
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """One product; `price` and `cost` are decimal texts with as many digits as its kind has."""

    kind: Kind
    brand: str
    values: tuple[str, ...]
    model: str
    sku: str
    ean: str
    price: Decimal
    cost: Decimal
    stock: int

    @property
    def name(self) -> str:
        """Brand, kind, what varies, model."""
        return " ".join((self.brand, self.kind.name, *self.values, self.model))

    @property
    def description(self) -> str:
        """What varies, with its names."""
        pairs = zip(self.kind.variants, self.values, strict=True)
        return f"{self.kind.name}: " + ", ".join(f"{name} {value}" for name, value in pairs)


class ProductSource:
    """Gives products that never repeat a name, a SKU or an EAN."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"products:{seed}")
        self._numbers = count(1)

    def product(self) -> Product:
        """The next product."""
        rng, number = self._random, next(self._numbers)
        kind, brand = rng.choice(KINDS), rng.choice(_BRANDS)
        low, high = kind.prices
        price = _priced(low * (high / low) ** rng.random(), kind.decimals)
        letters = "".join(rng.choices("ABCDEFGHJKLMNPRSTVWXYZ", k=2))
        return Product(
            kind=kind,
            brand=brand,
            values=tuple(rng.choice(tuple(values)) for values in kind.variants.values()),
            model=f"{letters}-{number:05d}",
            sku=f"{brand[:3].upper()}-{kind.code}-{number:06d}",
            ean=_ean(number),
            price=price,
            cost=_rounded(price * Decimal(rng.randint(52, 81)) / 100, kind.decimals),
            stock=rng.choice((0, 0, 3, 12, 40, 250, 1000)) if kind.tracked else 0,
        )


def _priced(value: float, decimals: int) -> Decimal:
    """A price as shops make it: from ten upwards it ends in 5 or 9."""
    price = _rounded(Decimal(str(value)), decimals)
    if price < 10 or decimals != 2:
        return max(price, Decimal(1).scaleb(-decimals))
    return price.quantize(Decimal("0.1")) + (Decimal("0.09") if int(price) % 2 else Decimal("0.05"))


def _rounded(value: Decimal, decimals: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-decimals))


def _ean(number: int) -> str:
    """An EAN-13 of the range kept for use inside a shop, which no manufacturer owns."""
    digits = f"20{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"
