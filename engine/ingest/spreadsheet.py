"""XLSX, read row by row with caps on what it may unpack to."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from engine.config import Limits
from engine.errors import SourceUnreadable
from engine.ingest.tables import MAX_COLUMNS, Header, Row, Table, refusal, too_large
from engine.records import Rejected

_EXCEL_ROWS = 1_048_576
_CHUNK_BYTES = 1 << 20


def read(path: Path, limits: Limits) -> Table:
    """Rows of the sheet named like the file (`products`), or of the first sheet; formulas count by their stored values.

    Raises SourceTooLarge or SourceUnreadable.
    """
    _check_unpacked(path, limits)
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            return _read_sheet(_sheet(book, path), path.name, limits)
        finally:
            book.close()
    except SourceUnreadable:
        raise
    except MemoryError as error:
        raise SourceUnreadable(name=path.name, reason="it does not fit into memory") from error
    except Exception as error:  # whatever openpyxl, expat or zipfile makes of a damaged file
        raise SourceUnreadable(name=path.name, reason=f"not a usable XLSX file: {str(error)[:120]}") from error


def _check_unpacked(path: Path, limits: Limits) -> None:
    """Unpack once and count, because the sizes in a zip directory are only claims."""
    limit = limits.xlsx_unpacked_bytes
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            claimed = sum(entry.file_size for entry in entries)
            if claimed > limit:
                raise too_large(path.name, claimed, limit)
            unpacked = 0
            for entry in entries:
                with archive.open(entry) as stream:
                    while chunk := stream.read(_CHUNK_BYTES):
                        unpacked += len(chunk)
                        if unpacked > limit:
                            raise too_large(path.name, unpacked, limit)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise SourceUnreadable(name=path.name, reason="not an XLSX file, or damaged") from error
    except Exception as error:
        if type(error).__module__ in ("zlib", "lzma"):
            raise SourceUnreadable(name=path.name, reason="not an XLSX file, or damaged") from error
        raise


def _sheet(book: Any, path: Path) -> Any:
    for sheet in book.worksheets:
        if sheet.title.strip().casefold() == path.stem.casefold():
            return sheet
    if not book.worksheets:
        raise SourceUnreadable(name=path.name, reason="it has no sheet")
    return book.worksheets[0]


def _read_sheet(sheet: Any, name: str, limits: Limits) -> Table:
    # The size that a sheet claims may be wrong in both directions.
    sheet.reset_dimensions()
    header: Header | None = None
    rows: list[Row] = []
    rejected: list[Rejected] = []
    # No `max_col`: it would make every gap between two rows as wide as that, a minute's work for one far row.
    for line, whole in enumerate(sheet.iter_rows(values_only=True, max_row=_EXCEL_ROWS), start=1):
        record = whole[:MAX_COLUMNS]
        if all(value is None for value in record):
            continue
        if header is None:
            header = Header.of([_text(value) for value in _without_tail(record)])
            rejected.extend(header.complaints(name, line))
            continue
        row = _row(line, record, header)
        if not row.cells:
            continue
        problem = refusal(row.cells, limits)
        if problem is not None:
            rejected.append(Rejected(name, line, row.get("sku").strip()[: limits.sku_chars], *problem))
        else:
            rows.append(row)
    if header is None:
        raise SourceUnreadable(name=name, reason="its first sheet is empty")
    return Table(name, header.named(), tuple(rows), tuple(rejected))


def _without_tail(record: tuple[Any, ...]) -> tuple[Any, ...]:
    end = max(index for index, value in enumerate(record) if value is not None) + 1
    return record[:end]


def _row(line: int, record: tuple[Any, ...], header: Header) -> Row:
    cells: dict[str, str] = {}
    numbers: set[str] = set()
    for key, value in zip(header.keys, record, strict=False):
        if key is None or value is None:
            continue
        text = _text(value)
        if text.strip():
            cells[key] = text
            if isinstance(value, int | float) and not isinstance(value, bool):
                numbers.add(key)
    return Row(line, cells, frozenset(numbers))


def _text(value: object) -> str:
    """What a person sees in the cell: no `.0` after a whole number, ISO 8601 for times."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
