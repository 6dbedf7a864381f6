"""The table of products: `products.toml` read into frozen records."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("products.toml")

# GS1 keeps prefix 952 for demonstrations, so no real item can ever carry one of these numbers.
GTIN_PREFIX = "952"


@dataclass(frozen=True)
class Product:
    """One item of the shop and everything its picture needs. Sizes are centimetres, colours `#rrggbb`."""

    sku: str
    name: str
    name_zh: str
    brand: str
    category: str
    aisle: str
    price: str
    text: str
    text_zh: str
    gtin: str
    twins: str
    shape: str
    layout: str
    title: str
    sub: str
    net: str
    motif: str
    palette: tuple[str, str, str, str]
    display_font: str
    text_font: str
    claims: tuple[str, ...]
    size: Mapping[str, float] = field(hash=False)
    body: Mapping[str, str] = field(hash=False)
    attributes: Mapping[str, str] = field(hash=False)


def check_digit(twelve: str) -> int:
    """The thirteenth digit of a GTIN-13 (GS1 General Specifications, section 7.9). ValueError unless twelve digits."""
    if len(twelve) != 12 or not twelve.isdigit():
        raise ValueError(f"a GTIN-13 is made of twelve digits and a check digit, not {twelve!r}")
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(twelve))
    return -weighted % 10


def gtin_of(sku: str) -> str:
    """A GTIN-13 in the demonstration range, made from the digits of the SKU; unique as long as they are."""
    digits = "".join(char for char in sku if char.isdigit())
    twelve = GTIN_PREFIX + "0417" + digits.zfill(5)
    return f"{twelve}{check_digit(twelve)}"


def _product(family: Mapping[str, Any], row: Mapping[str, Any]) -> Product:
    ground, ink, accent, second = row["palette"]
    return Product(
        sku=row["sku"],
        name=row["name"],
        name_zh=row["zh"],
        brand=family["brand"],
        category=family.get("category", ""),
        aisle=family.get("aisle", ""),
        price=row["price"],
        text=row["text"],
        text_zh=row["text_zh"],
        gtin=gtin_of(row["sku"]),
        twins=family.get("twins", ""),
        shape=family["shape"],
        layout=family["layout"],
        title=row["title"],
        sub=row["sub"],
        net=row["net"],
        motif=row["motif"],
        palette=(ground, ink, accent, second),
        display_font=family["fonts"]["display"],
        text_font=family["fonts"]["text"],
        claims=tuple(family["claims"]),
        size={**family["size"], **row.get("size", {})},
        body=row.get("body", {}),
        attributes=row["attr"],
    )


def _read(kind: str) -> tuple[Product, ...]:
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return tuple(_product(family, row) for family in table[kind] for row in family["product"])


def catalog() -> tuple[Product, ...]:
    """The products that the demo shop sells, in the order of the table."""
    return _read("family")


def strangers() -> tuple[Product, ...]:
    """Items drawn by the same hands that are never in the catalog."""
    return _read("stranger")
