"""Rows of a products table become products; what cannot be used is refused with its line and a reason."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from types import MappingProxyType

from engine.config import Limits
from engine.ingest.gtin import read_gtin
from engine.ingest.prices import Mark, Refusal, decimal_mark, read_price
from engine.ingest.tables import Row, Table
from engine.records import Product, Rejected

#: The columns that a products table may have, besides `attr:*`, `name:<lang>` and `description:<lang>`.
COLUMNS = ("sku", "name", "brand", "category", "price", "currency", "gtin", "aisle", "description", "images")

_ONE_LINE = ("name", "brand", "category", "aisle")


@dataclass(frozen=True, slots=True)
class SourceProduct:
    """A product, the line it came from, and the photos that its row names (relative paths, as written)."""

    product: Product
    line: int
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceProducts:
    """What a products table holds. `refused_skus` are rows that were left out; their photos are nobody's."""

    products: tuple[SourceProduct, ...]
    rejected: tuple[Rejected, ...]
    refused_skus: frozenset[str]


def read_products(table: Table, limits: Limits = Limits()) -> SourceProducts:
    """All products of a table, in its order. Raises SourceColumns without a column `sku`.

    Of two rows with one SKU the first is kept.
    """
    table.require("sku")
    rejected = list(table.rejected)
    rejected.extend(_unknown_columns(table))
    mark = decimal_mark(row.get("price") for row in table.rows if "price" not in row.numbers)
    kept: dict[str, SourceProduct] = {}
    refused: set[str] = {entry.sku for entry in table.rejected if entry.sku}
    for row in table.rows:
        sku = clean_sku(row.get("sku"))
        problem = sku_refusal(sku, limits) or _duplicate(sku, kept)
        if problem is None:
            found = _product(row, sku, mark, limits, table.name, rejected)
            if isinstance(found, SourceProduct):
                kept[sku] = found
                continue
            problem = found
        refused.add(sku)
        shown = sku if len(sku) <= limits.sku_chars else sku[: limits.sku_chars]
        rejected.append(Rejected(table.name, row.line, shown, problem.code, problem.reason))
    return SourceProducts(tuple(kept.values()), tuple(rejected), frozenset(refused - kept.keys()))


def clean_sku(text: str) -> str:
    """A SKU as it is stored and compared: trimmed, Unicode NFC (file systems and spreadsheets differ in this)."""
    return unicodedata.normalize("NFC", text.strip())


def sku_refusal(sku: str, limits: Limits) -> Refusal | None:
    """Why a SKU cannot be used; None if it can. A SKU names a folder of photos, so it must not lead out of one."""
    if not sku:
        return Refusal("sku_missing", "the row has no SKU")
    if len(sku) > limits.sku_chars:
        return Refusal("sku_too_long", f"the SKU has {len(sku)} characters; the limit is {limits.sku_chars}")
    if "/" in sku or "\\" in sku:
        return Refusal("sku_characters", "the SKU holds a path separator")
    if sku in (".", ".."):
        return Refusal("sku_characters", "the SKU is the name of a parent folder")
    for character in sku:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return Refusal("sku_characters", f"the SKU holds the control character U+{ord(character):04X}")
    return None


def _duplicate(sku: str, kept: dict[str, SourceProduct]) -> Refusal | None:
    if sku not in kept:
        return None
    return Refusal("sku_duplicate", f"the SKU is already in line {kept[sku].line}; that row is kept")


def _product(
    row: Row, sku: str, mark: Mark | None, limits: Limits, file: str, rejected: list[Rejected]
) -> SourceProduct | Refusal:
    texts = {column: clean_text(row.get(column), one_line=True) for column in _ONE_LINE}
    names = _languages(row, "name", one_line=True)
    for column, text in [*texts.items(), *((f"name:{key}", text) for key, text in names.items())]:
        if len(text) > limits.name_chars:
            reason = f"the {column} has {len(text)} characters; the limit is {limits.name_chars}"
            return Refusal("name_too_long" if column.startswith("name") else "text_too_long", reason)
    minor, currency = None, ""
    if row.get("price").strip():
        price = read_price(row.get("price"), row.get("currency"), mark, "price" in row.numbers)
        if isinstance(price, Refusal):
            return price
        minor, currency = price.minor, price.currency
    product = Product(
        sku=sku,
        name=texts["name"] or sku,
        brand=texts["brand"],
        category=texts["category"],
        price_minor=minor,
        currency=currency,
        gtin=_gtin(row, sku, file, rejected),
        aisle=texts["aisle"],
        description=clean_text(row.get("description")),
        attributes=_attributes(row),
        names=names,
        descriptions=_languages(row, "description"),
    )
    images = tuple(path.strip() for path in row.get("images").split(";") if path.strip())
    return SourceProduct(product, row.line, images)


def _gtin(row: Row, sku: str, file: str, rejected: list[Rejected]) -> str:
    text = row.get("gtin").strip()
    if not text:
        return ""
    gtin = read_gtin(text, "gtin" in row.numbers)
    if gtin is None:
        reason = f"{text[:40]!r} is not a GTIN (8, 12, 13 or 14 digits, the last a check digit); the product is kept"
        rejected.append(Rejected(file, row.line, sku, "gtin", reason))
    return gtin or ""


def clean_text(text: str, one_line: bool = False) -> str:
    """Text without control characters and outer blanks; `one_line` also turns line ends into blanks."""
    if one_line:
        text = " ".join(text.split())
    if text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def _languages(row: Row, field: str, one_line: bool = False) -> MappingProxyType[str, str]:
    prefix = f"{field}:"
    found = {
        column.removeprefix(prefix): clean_text(text, one_line)
        for column, text in row.cells.items()
        if column.startswith(prefix) and len(column) > len(prefix)
    }
    return MappingProxyType(found)


def _attributes(row: Row) -> MappingProxyType[str, str]:
    found = {column[5:]: clean_text(text) for column, text in row.cells.items() if column.startswith("attr:")}
    return MappingProxyType({name: text for name, text in found.items() if name and text})


def _unknown_columns(table: Table) -> list[Rejected]:
    unknown = [
        column
        for column in table.columns
        if column not in COLUMNS and not column.startswith(("attr:", "name:", "description:"))
    ]
    return [
        Rejected(
            table.name,
            None,
            "",
            "column_unknown",
            f"the column {column[:60]!r} is not used; call it `attr:{column[:60]}` to keep it",
        )
        for column in unknown
    ]
