"""A table of a retailer (CSV, XLSX or JSON lines) becomes rows of text, each with the line it came from.

A row that cannot be read is refused by itself; only a file that cannot be read at all raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.config import Limits
from engine.errors import SourceColumns, SourceMissing, SourceTooLarge, SourceUnreadable
from engine.records import Rejected

SUFFIXES = (".csv", ".xlsx", ".jsonl")

#: More columns than this is not a table of products.
MAX_COLUMNS = 1000

_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: cell texts by column key, empty cells left out.

    `line` counts from 1 as an editor or spreadsheet does. `numbers` are the columns whose cell was a number in the file
    (XLSX, JSON), so that its decimal mark is not a question.
    """

    line: int
    cells: Mapping[str, str]
    numbers: frozenset[str] = frozenset()

    def get(self, column: str) -> str:
        """The text of a cell; '' if it is empty or the column does not exist."""
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one file. `columns` are keys (see `column_key`), `rejected` names rows that could not be read."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    rejected: tuple[Rejected, ...] = ()
    encoding: str = ""

    def require(self, *columns: str) -> None:
        """Raise SourceColumns if one of the columns is missing."""
        for column in columns:
            if column not in self.columns:
                found = ", ".join(name for name in self.columns[:12]) or "nothing"
                raise SourceColumns(name=self.name, missing=column, found=found)


@dataclass(slots=True)
class Header:
    """Which key each position of a row has; None where a column is not named or named twice."""

    keys: list[str | None]
    twice: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, names: Sequence[str]) -> Header:
        """Read the names in the first row of a table."""
        keys: list[str | None] = []
        twice: list[str] = []
        for name in names:
            key = column_key(name)
            if key and key in keys:
                twice.append(name.strip())
                keys.append(None)
            else:
                keys.append(key or None)
        return cls(keys, twice)

    def named(self) -> tuple[str, ...]:
        """The keys in order."""
        return tuple(key for key in self.keys if key)

    def complaints(self, file: str, line: int) -> Iterator[Rejected]:
        """One entry for each column that is named twice."""
        for name in self.twice:
            yield Rejected(file, line, "", "column_twice", f"the column {name!r} comes twice; the first one is used")


def column_key(name: str) -> str:
    """The key of a column: trimmed, lower case; what follows `attr:` stays as written, languages look like `zh_CN`."""
    name = " ".join(name.replace("\ufeff", "").split())
    prefix, colon, rest = name.partition(":")
    prefix, rest = prefix.strip().casefold(), rest.strip()
    if not colon:
        return prefix
    if prefix in ("name", "description"):
        return f"{prefix}:{language_key(rest)}"
    return f"{prefix}:{rest}" if prefix == "attr" else f"{prefix}:{rest.casefold()}"


def language_key(tag: str) -> str:
    """`ZH-cn` becomes `zh_CN`; what is no language tag stays as written."""
    if not _LANGUAGE.match(tag):
        return tag
    language, *parts = re.split("[-_]", tag)
    return "_".join([language.lower(), *(part.upper() if len(part) == 2 else part.title() for part in parts)])


def find_table(source: Path, stem: str) -> Path | None:
    """`stem`.csv, .xlsx or .jsonl in the source, in this order; None if there is none. Raises SourceUnreadable."""
    for suffix in SUFFIXES:
        path = source / (stem + suffix)
        try:
            if path.is_file():
                return path
        except OSError as error:
            raise SourceUnreadable(name=path.name, reason=error.strerror or "reading failed") from error
    return None


def read_table(path: Path, limits: Limits = Limits()) -> Table:
    """Read a whole table.

    Raises SourceMissing, SourceTooLarge or SourceUnreadable.
    """
    from engine.ingest import delimited, jsonlines, spreadsheet

    try:
        size_bytes = path.stat().st_size
        if size_bytes > limits.table_file_bytes:
            raise too_large(path.name, size_bytes, limits.table_file_bytes)
        if path.suffix.lower() == ".xlsx":
            return spreadsheet.read(path, limits)
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceMissing(folder=path.parent) from error
    except OSError as error:
        raise SourceUnreadable(name=path.name, reason=error.strerror or "reading failed") from error
    if path.suffix.lower() == ".jsonl":
        return jsonlines.parse(data, path.name, limits)
    return delimited.parse(data, path.name, limits)


def too_large(name: str, size_bytes: int, limit_bytes: int) -> SourceTooLarge:
    """The error for a file of this size, in MB of a million bytes, rounded up."""
    return SourceTooLarge(name=name, size_mb=-(-size_bytes // 1_000_000), limit_mb=limit_bytes // 1_000_000)


def refusal(cells: Mapping[str, str], limits: Limits) -> tuple[str, str] | None:
    """Why a row of text cannot be used, as code and reason; None if it can."""
    for column, text in cells.items():
        if len(text) > limits.table_cell_chars:
            return "cell_too_long", (
                f"the cell {column!r} has {len(text)} characters; the limit is {limits.table_cell_chars} "
                "(is a quotation mark missing?)"
            )
        if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
            return "bad_text", f"the cell {column!r} holds bytes that are no text"
    return None
