"""The stock of a channel as one small file: a CSV table (RFC 4180, UTF-8), compressed with zstd (RFC 8878).

It says in its first line what it is; rows are sorted by SKU and location, so that the same stock is the same file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from engine.records import StockLevel
from engine.sync.errors import DownloadDamaged
from engine.sync.layout import TIME_FORMAT

_HEADER = ["sku", "location", "quantity", "updated_at", "skulens stock 1"]
#: Higher ones save a sixth of the bytes and cost thrice the time, every few minutes.
_LEVEL = 12
_PIECE_BYTES = 1 << 20
#: 2^23 is the largest window up to level 19; a file that wants more memory was not made here.
_MOST_WINDOW_BYTES = 1 << 23
#: A million rows of a hundred bytes.
MOST_UNPACKED_BYTES = 100_000_000


def to_bytes(rows: Iterable[tuple[str, StockLevel]]) -> bytes:
    """The file for these levels. `updated_at` is aware or None; it is kept to the second."""
    import zstandard

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for sku, level in sorted(rows, key=lambda row: (row[0], row[1].location)):
        at = level.updated_at.astimezone(UTC).strftime(TIME_FORMAT) if level.updated_at is not None else ""
        writer.writerow([sku, level.location, level.quantity, at])
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(text.getvalue().encode())


def parse(data: bytes, name: str, most_bytes: int = MOST_UNPACKED_BYTES) -> list[tuple[str, StockLevel]]:
    """The levels in a file, in its order.

    Args:
        data: what `to_bytes` made.
        name: how errors name it.
        most_bytes: it may not unpack to more.

    Raises:
        DownloadDamaged: it is no such file, is cut off, or unpacks to more.
    """
    rows = csv.reader(io.StringIO(_unpacked(data, name, most_bytes), newline=""), strict=True)
    try:
        if next(rows, None) != _HEADER:
            raise DownloadDamaged(file=name, reason="it is no stock, or made by a newer Skulens")
        return [(sku, StockLevel(location, _quantity(quantity), _time(at))) for sku, location, quantity, at in rows]
    except (csv.Error, ValueError) as error:
        raise DownloadDamaged(file=name, reason="a row that is no stock level") from error


def _unpacked(data: bytes, name: str, most_bytes: int) -> str:
    import zstandard

    unpacked = bytearray()
    try:
        tool = zstandard.ZstdDecompressor(max_window_size=_MOST_WINDOW_BYTES).decompressobj()
        for start in range(0, len(data), 4096):
            unpacked += tool.decompress(data[start : start + 4096])
            if len(unpacked) > most_bytes:
                raise DownloadDamaged(file=name, reason=f"it unpacks to more than {most_bytes // 1_000_000} MB")
        if not tool.eof or tool.unused_data:
            raise DownloadDamaged(file=name, reason="it is cut off or goes on too long")
        return unpacked.decode()
    except (zstandard.ZstdError, UnicodeDecodeError) as error:
        raise DownloadDamaged(file=name, reason="it cannot be unpacked") from error


def _quantity(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValueError(text)
    return int(text)


def _time(text: str) -> datetime | None:
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC) if text else None
