"""Why a row or a photo of a source was refused, in the language of the window.

The engine gives each refusal a code and an English reason with its values. Elsewhere than in English the window says
what the code means, and the reason after it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import QCoreApplication

from engine.records import Rejected

_PRICE, _STOCK = "The price cannot be used.", "The stock row cannot be used."
_ROW, _TABLE = "The row cannot be read.", "The stock table as a whole cannot be used."
_PATH, _FILE = "The path is not followed.", "There is no photo that can be read."
_PICTURE, _SKU, _LENGTH = "The file is no picture that can be used.", "The SKU cannot be used.", "The text is too long."

#: Code of a refusal -> what it means; `i18n/update.py` collects them under the context `Refusal`.
MEANING: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sku_missing": "The row has no SKU.",
        "sku_too_long": _SKU,
        "sku_characters": _SKU,
        "sku_duplicate": "An earlier row has this SKU; that one is kept.",
        "sku_unknown": "The product is not in the catalog.",
        "name_too_long": _LENGTH,
        "text_too_long": _LENGTH,
        "cell_too_long": _LENGTH,
        "price_unreadable": _PRICE,
        "price_negative": "The price is negative.",
        "price_ambiguous": "The price can be read in two ways.",
        "price_decimals": "The price has more decimals than its currency.",
        "currency_unknown": "The currency is not known.",
        "currency_conflict": "The price and the row name two currencies.",
        "currency_ambiguous": "The sign stands for several currencies.",
        "gtin": "The GTIN was left out; the product is kept.",
        "too_many_cells": "The row has more cells than there are columns.",
        "bad_quotes": "A quotation mark is never closed.",
        "bad_text": _ROW,
        "bad_json": _ROW,
        "column_twice": "The column comes twice; the first one is used.",
        "column_unknown": "The column is not used.",
        "quantity_unreadable": _STOCK,
        "quantity_negative": "The quantity is negative.",
        "time_unreadable": "The time cannot be read.",
        "stock_duplicate": "An earlier row has the stock of this SKU.",
        "time_zone": "Times without a zone were taken as UTC; the rows are kept.",
        "source_columns": _TABLE,
        "source_unreadable": _TABLE,
        "source_too_large": _TABLE,
        "photo_absolute": "The path is absolute.",
        "photo_outside": "The path leaves the source folder.",
        "photo_link": _PATH,
        "photo_address": "An address is never fetched.",
        "photo_path": _PATH,
        "photo_missing": "There is no such photo.",
        "photo_folder": "It is a folder, not a photo.",
        "photo_unreadable": _FILE,
        "photo_too_large": "The photo is too large.",
        "photo_unknown_sku": "No row of the products claims this photo.",
        "photo_twice": "The same picture comes again under one SKU; it is stored once.",
        "photo_shared": "Two SKUs have the same picture; no lookup can tell them apart.",
        "image_empty": _PICTURE,
        "image_unreadable": _PICTURE,
        "image_truncated": "A part of the picture is missing.",
        "image_too_large": "The picture is too large.",
        "image_file_too_large": "The picture is too large.",
        "image_too_small": "The picture is too small.",
        "image_not_found": "There is no such photo.",
        "image_is_folder": "It is a folder, not a photo.",
    }
)


def reason_of(refused: Rejected) -> str:
    """What a person reads in the list."""
    english = MEANING.get(refused.code, "")
    meaning = QCoreApplication.translate("Refusal", english) if english else ""
    return refused.reason if meaning == english else f"{meaning} ({refused.reason})"


def read_rejected(path: Path) -> tuple[Rejected, ...]:
    """The list that a build left (`rejected.csv`); empty if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return tuple(
            Rejected(row["file"], int(row["line"]) if row["line"] else None, row["sku"], row["code"], row["reason"])
            for row in rows
        )
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        return ()
