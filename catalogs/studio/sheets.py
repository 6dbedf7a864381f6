"""`products.csv` and `stock.csv`, written from the table."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalogs.studio.samples_plan import Sample
from catalogs.studio.table import Product

CURRENCY = "EUR"
LOCATIONS = ("Harbour Street", "Old Mill", "Warehouse North")
STOCK_SEED = 20260417
# A fixed moment, so that the same table always gives the same bytes.
COUNTED_AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


def write_products(products: tuple[Product, ...], target: Path) -> None:
    """Write the catalog sheet: one row a product, one `attr:` column for each attribute that any product has."""
    attributes = sorted({name for product in products for name in product.attributes})
    head = ["sku", "name", "name:zh", "brand", "category", "price", "currency", "gtin", "aisle"]
    head += ["description", "description:zh", *(f"attr:{name}" for name in attributes)]
    with target.open("w", encoding="utf-8", newline="") as sheet:
        rows = csv.writer(sheet, lineterminator="\n")
        rows.writerow(head)
        for item in products:
            row = [item.sku, item.name, item.name_zh, item.brand, item.category, item.price, CURRENCY, item.gtin]
            row += [item.aisle, item.text, item.text_zh, *(item.attributes.get(name, "") for name in attributes)]
            rows.writerow(row)


def write_stock(products: tuple[Product, ...], target: Path) -> None:
    """Write the stock sheet: each product in each location, some empty shelves among them; times RFC 3339 in UTC."""
    dice = random.Random(STOCK_SEED)
    with target.open("w", encoding="utf-8", newline="") as sheet:
        rows = csv.writer(sheet, lineterminator="\n")
        rows.writerow(["sku", "location", "quantity", "updated_at"])
        for item in products:
            for location in LOCATIONS:
                full = 240 if location == LOCATIONS[2] else 36
                quantity = dice.choice((0, 1, 2, 3)) if dice.random() < 0.22 else dice.randint(4, full)
                counted = COUNTED_AT - timedelta(minutes=dice.randint(5, 900))
                rows.writerow([item.sku, location, quantity, counted.strftime("%Y-%m-%dT%H:%M:%SZ")])


def write_queries(samples: tuple[Sample, ...], target: Path) -> None:
    """Write which still shows which product; a stranger's SKU stays empty."""
    with target.open("w", encoding="utf-8", newline="") as sheet:
        rows = csv.writer(sheet, lineterminator="\n")
        rows.writerow(["path", "sku"])
        rows.writerows([sample.path, sample.sku if sample.known else ""] for sample in samples)


def write_clip(items: tuple[Product, ...], seconds: float, target: Path) -> None:
    """Write which item the clip rests on from when to when, in seconds."""
    with target.open("w", encoding="utf-8", newline="") as sheet:
        rows = csv.writer(sheet, lineterminator="\n")
        rows.writerow(["start_s", "end_s", "sku"])
        rows.writerows([f"{k * seconds:.1f}", f"{(k + 1) * seconds:.1f}", item.sku] for k, item in enumerate(items))
