"""CSV as spreadsheets write it: comma, semicolon or tab; quoted cells may hold line ends."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from engine.config import Limits
from engine.errors import SourceUnreadable
from engine.ingest.encodings import decode_text
from engine.ingest.tables import MAX_COLUMNS, Header, Row, Table, column_key, refusal
from engine.records import Rejected

_DELIMITERS = (",", ";", "\t")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def parse(data: bytes, name: str, limits: Limits) -> Table:
    """Rows of a CSV file with the line each begins on.

    A row with a quotation mark that is never closed is refused and reading goes on with the next line, so that it
    swallows nothing. Raises SourceUnreadable.
    """
    text, encoding = decode_text(data, name)
    lines = _LINE.findall(text)
    first, delimiter = _dialect(lines)
    header: Header | None = None
    rows: list[Row] = []
    rejected: list[Rejected] = []
    for line, cells in _records(lines, first, delimiter):
        if isinstance(cells, str):
            rejected.append(Rejected(name, line, "", "bad_quotes", cells))
        elif not any(cell.strip() for cell in cells):
            continue
        elif header is None:
            if len(cells) > MAX_COLUMNS:
                raise SourceUnreadable(name=name, reason=f"it has {len(cells)} columns")
            header = Header.of(cells)
            rejected.extend(header.complaints(name, line))
        else:
            _take(line, cells, header, name, limits, rows, rejected)
    if header is None:
        raise SourceUnreadable(name=name, reason="it is empty")
    return Table(name, header.named(), tuple(rows), tuple(rejected), encoding)


def _take(
    line: int,
    cells: list[str],
    header: Header,
    name: str,
    limits: Limits,
    rows: list[Row],
    rejected: list[Rejected],
) -> None:
    row = {key: cell for key, cell in zip(header.keys, cells, strict=False) if key and cell.strip()}
    sku = row.get("sku", "").strip()[: limits.sku_chars]
    if any(cell.strip() for cell in cells[len(header.keys) :]):
        reason = f"the row has {len(cells)} cells, but there are {len(header.keys)} columns (is a cell not quoted?)"
        rejected.append(Rejected(name, line, sku, "too_many_cells", reason))
    elif (problem := refusal(row, limits)) is not None:
        rejected.append(Rejected(name, line, sku, *problem))
    else:
        rows.append(Row(line, row))


def _dialect(lines: list[str]) -> tuple[int, str]:
    """Where the header is (index of a line), and the delimiter: the one that parts it into the most columns.

    A header with a column `sku` counts more than one without; `sep=;` in the first line, as Excel writes it, decides.
    """
    first = next((index for index, line in enumerate(lines) if line.strip(" \t\r\n,;\ufeff")), 0)
    if not lines:
        return 0, ","
    marked = re.match(r"sep=(.)\s*$", lines[first].strip("\ufeff"), re.IGNORECASE)
    if marked:
        return first + 1, marked.group(1)

    def worth(delimiter: str) -> tuple[bool, int]:
        _, cells = next(_records(lines, first, delimiter))
        if isinstance(cells, str):
            return False, 0
        return "sku" in map(column_key, cells), len(cells)

    return first, max(_DELIMITERS, key=worth)


def _records(lines: list[str], start: int, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Line (from 1) and cells of each record from `start`; a reason instead of the cells where quotes do not fit."""
    while start < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, strict=True)
        begin = start
        try:
            for cells in reader:
                yield begin + 1, cells
                begin = start + reader.line_num
            return
        except csv.Error:
            yield begin + 1, "the quotation marks of this row do not fit; it may lack a closing one"
            start = begin + 1
