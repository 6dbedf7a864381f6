"""The warehouse's table as CSV or XLSX, written whole, in which no cell can become a formula. No Qt widget here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from desktop import wording
from desktop.warehouse_rows import Row, probability
from engine.errors import NotWritable
from engine.ingest.currencies import DECIMALS, DECIMALS_WITHOUT_CURRENCY
from engine.records import Product
from engine.storage import whole_file, write_whole

COLUMNS: Final = (
    "file", "decision", "sku", "name", "brand", "gtin", "price", "currency", "aisle", "verdict", "probability",
    "best_sku", "best_name", "error", "folder",
)  # fmt: skip
_WIDTHS: Final = (28, 12, 18, 40, 18, 16, 10, 10, 10, 12, 12, 18, 40, 40, 40)
#: What a spreadsheet takes as the beginning of a formula (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: What a cell of XLSX can hold.
_CELL_CHARS: Final = 32_767

Cell = str | float | int | None


def neutral(text: str) -> str:
    """Text that a spreadsheet shows as it is: a leading formula sign gets an apostrophe, control characters go."""
    clean = _CONTROL.sub("", text)
    if clean.lstrip(" ").startswith(_FORMULA) or clean.startswith(_FORMULA):
        clean = "'" + clean
    return clean[:_CELL_CHARS]


def major_units(product: Product) -> float | None:
    """The price as a spreadsheet calculates with it, e.g. 2.49; None if the catalog has none."""
    if product.price_minor is None:
        return None
    decimals = DECIMALS.get(product.currency, DECIMALS_WITHOUT_CURRENCY)
    return float(Decimal(product.price_minor).scaleb(-decimals))


def cells(row: Row) -> list[Cell]:
    """One row in the order of COLUMNS; text is not neutralised yet."""
    product, best = row.product, row.best
    result = row.result
    return [
        row.path.name,
        row.decision.value,
        product.sku if product else None,
        wording.name_of(product) if product else None,
        product.brand if product else None,
        product.gtin if product else None,
        major_units(product) if product else None,
        product.currency if product else None,
        product.aisle if product else None,
        result.verdict.value if result else "error",
        round(probability(row), 4) if result else None,
        best.product.sku if best else None,
        wording.name_of(best.product) if best else None,
        row.error.message if row.error else None,
        str(row.path.parent),
    ]


def export(path: Path, rows: Sequence[Row]) -> None:
    """Write the rows to `path`: XLSX if it ends so, else CSV (UTF-8 with a mark, so that spreadsheets know).

    Raises NotWritable or DiskFull; a file that was there before is then unchanged.
    """
    table = [[neutral(cell) if isinstance(cell, str) else cell for cell in cells(row)] for row in rows]
    if path.suffix.lower() == ".xlsx":
        _write_xlsx(path, table)
    else:
        _write_csv(path, table)


def _write_csv(path: Path, table: Sequence[Sequence[Cell]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(table)
    write_whole(path, text.getvalue().encode("utf-8-sig", "replace"))


def _write_xlsx(path: Path, table: Sequence[Sequence[Cell]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.properties.creator = "Skulens"
    book.properties.created = book.properties.modified = datetime.now(UTC).replace(tzinfo=None)
    sheet = book.active
    sheet.title = "Skulens"
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    for number, width in enumerate(_WIDTHS, 1):
        sheet.cell(1, number).font = Font(bold=True)
        sheet.column_dimensions[_letter(number)].width = width
    for row in table:
        sheet.append([cell.encode("utf-8", "replace").decode() if isinstance(cell, str) else cell for cell in row])
    with whole_file(path) as part:
        try:
            # openpyxl wants a name that it knows, or a file.
            with part.open("wb") as file:
                book.save(file)
        except ValueError as error:
            raise NotWritable(folder=path.parent, reason=str(error)) from error


def _letter(number: int) -> str:
    return chr(ord("A") + number - 1)
