"""DIR/rejected.csv: every row, cell or photo that was refused, for the person who made the source."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from engine.records import Rejected
from engine.storage import write_whole

REJECTED_NAME = "rejected.csv"
COLUMNS = ("file", "line", "sku", "code", "reason")


def write_rejected(folder: Path, entries: Iterable[Rejected]) -> Path:
    """Write the report whole, UTF-8 with a byte order mark for spreadsheets. Raises DiskFull or NotWritable."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for entry in entries:
        line = "" if entry.line is None else str(entry.line)
        writer.writerow([neutral(cell) for cell in (entry.file, line, entry.sku, entry.code, entry.reason)])
    path = folder / REJECTED_NAME
    write_whole(path, text.getvalue().encode("utf-8-sig", "replace"))
    return path


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe goes before it."""
    return f"'{cell}" if cell.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r") and not cell.isdigit() else cell
