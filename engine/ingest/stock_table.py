"""Rows of a stock table become stock levels; what cannot be used is refused with its line and a reason."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.config import Limits
from engine.errors import SourceColumns
from engine.ingest.prices import Refusal
from engine.ingest.products import clean_sku, clean_text
from engine.ingest.tables import Row, Table
from engine.records import Rejected, StockLevel

_LARGEST = 10**12


@dataclass(frozen=True, slots=True)
class SourceStock:
    """What a stock table holds, in its order. `usable` is False if it lacks a column and so says nothing at all."""

    levels: tuple[tuple[str, StockLevel], ...]
    rejected: tuple[Rejected, ...]
    usable: bool = True


def read_stock(table: Table, skus: Collection[str], limits: Limits = Limits()) -> SourceStock:
    """All stock levels for these SKUs. Of two rows with one SKU and location the first is kept.

    Only `sku` and `quantity` are required. A table without them is refused as a whole; it breaks nothing else.
    """
    try:
        table.require("sku", "quantity")
    except SourceColumns as error:
        return SourceStock((), (Rejected(table.name, 1, "", error.code, error.message),), usable=False)
    levels: dict[tuple[str, str], StockLevel] = {}
    lines: dict[tuple[str, str], int] = {}
    rejected = list(table.rejected)
    without_zone: list[int] = []
    for row in table.rows:
        sku = clean_sku(row.get("sku"))
        level = _level(row, sku, skus, limits, without_zone)
        if isinstance(level, StockLevel):
            key = (sku, level.location)
            if key not in levels:
                levels[key], lines[key] = level, row.line
                continue
            where = f" at {level.location}" if level.location else ""
            level = Refusal("stock_duplicate", f"the stock of this SKU{where} is already in line {lines[key]}")
        rejected.append(Rejected(table.name, row.line, sku[: limits.sku_chars], level.code, level.reason))
    if without_zone:
        count = len(without_zone)
        reason = f"{count} times from here on name no time zone; they are taken as UTC and kept"
        rejected.append(Rejected(table.name, without_zone[0], "", "time_zone", reason))
    return SourceStock(tuple((sku, level) for (sku, _), level in levels.items()), tuple(rejected))


def _level(row: Row, sku: str, skus: Collection[str], limits: Limits, without_zone: list[int]) -> StockLevel | Refusal:
    if not sku:
        return Refusal("sku_missing", "the row has no SKU")
    if sku not in skus:
        return Refusal("sku_unknown", "no product that was kept has this SKU")
    location = clean_text(row.get("location"), one_line=True)
    if len(location) > limits.name_chars:
        return Refusal(
            "text_too_long", f"the location has {len(location)} characters; the limit is {limits.name_chars}"
        )
    quantity = read_quantity(row.get("quantity"))
    if isinstance(quantity, Refusal):
        return quantity
    updated_at: datetime | None = None
    if text := row.get("updated_at").strip():
        try:
            updated_at = datetime.fromisoformat(text)
            if updated_at.tzinfo is None:
                without_zone.append(row.line)
                updated_at = updated_at.replace(tzinfo=UTC)
            updated_at = updated_at.astimezone(UTC)
        except (ValueError, OverflowError):
            return Refusal("time_unreadable", f"{text[:40]!r} is not a time like 2026-01-31T08:30:00Z")
    return StockLevel(location, quantity, updated_at)


def read_quantity(text: str) -> int | Refusal:
    """A whole number of pieces, 0 or more."""
    text = text.strip()
    if re.fullmatch(r"[-−]\s*\d+([.,]\d+)?", text):
        return Refusal("quantity_negative", f"the quantity {text[:40]!r} is negative")
    if not re.fullmatch(r"\+?[0-9]{1,15}", text) or int(text) > _LARGEST:
        return Refusal("quantity_unreadable", f"{text[:40]!r} is not a whole number of pieces")
    return int(text)
