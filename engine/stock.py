"""DIR/stock.sqlite: how many are where. It changes by the minute: it lives beside the generations, replaced whole."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from engine import sqlite_file
from engine.records import StockLevel
from engine.storage import translating, whole_file

_log = logging.getLogger(__name__)

FILE_NAME = "stock.sqlite"
#: "SkuS" (PRAGMA application_id).
APPLICATION_ID = 0x536B7553
FORMAT = 1

#: Windows cannot replace a file that somebody has open; there a reader opens it for each question.
_KEEP_OPEN = os.name == "posix"


def write_stock(folder: Path, rows: Iterable[tuple[str, StockLevel]]) -> int:
    """Replace the stock of a catalog folder, whole or not at all.

    Args:
        folder: the one that holds CURRENT.
        rows: SKU and level; the last row of a SKU and location wins. `updated_at` is aware (any time zone) or None.

    Returns:
        How many levels are stored.

    Raises:
        DiskFull, NotWritable: the old stock is then still there.
    """
    from sqlite_utils import Database, Migrations  # late: only builds write, and it costs a start 80 ms

    schema = Migrations("skulens.stock")

    @schema()
    def levels(db: Database) -> None:
        db.execute(
            "CREATE TABLE levels (sku TEXT NOT NULL, location TEXT NOT NULL, quantity INTEGER NOT NULL,"
            " updated_at TEXT, PRIMARY KEY (sku, location)) STRICT, WITHOUT ROWID"
        )

    with whole_file(folder / FILE_NAME) as part, translating(folder):
        connection = sqlite3.connect(part, isolation_level=None)
        try:
            for pragma in (
                "journal_mode=OFF",
                "synchronous=OFF",
                f"application_id={APPLICATION_ID}",
                f"user_version={FORMAT}",
            ):
                connection.execute(f"PRAGMA {pragma}")
            schema.apply(Database(connection))
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT OR REPLACE INTO levels VALUES (?, ?, ?, ?)",
                ((sku, level.location, level.quantity, _stored_time(level.updated_at)) for sku, level in rows),
            )
            count = int(connection.execute("SELECT count(*) FROM levels").fetchone()[0])
            connection.execute("COMMIT")
        finally:
            connection.close()
    return count


class StockReader:
    """Reads the newest stock.sqlite of a folder; safe to use from several threads.

    A missing or damaged file stops no lookup: `present` is then False, and the log says why, once.
    """

    def __init__(self, folder: Path) -> None:
        """Nothing is opened before the first question."""
        self._path = folder / FILE_NAME
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int, int, int] | None = None
        self._closed = False
        self.present = False

    def levels(self, skus: Sequence[str]) -> dict[str, tuple[StockLevel, ...]]:
        """Levels of each SKU that has any, ordered by location.

        Every call looks whether the file was replaced. A level whose time cannot be read has `updated_at` None.
        """
        with self._lock:
            if self._closed:
                raise ValueError("this stock reader is closed")
            try:
                connection = self._current()
                if connection is None:
                    return {}
                found: dict[str, list[StockLevel]] = {}
                marks = ",".join("?" * len(skus))
                for sku, location, quantity, updated_at in connection.execute(
                    f"SELECT sku, location, quantity, updated_at FROM levels WHERE sku IN ({marks}) ORDER BY location",
                    tuple(skus),
                ):
                    found.setdefault(sku, []).append(StockLevel(location, quantity, _read_time(updated_at)))
            except (sqlite3.DatabaseError, ValueError, TypeError) as error:
                self._refuse(str(error))
                return {}
            finally:
                if not _KEEP_OPEN:
                    self._disconnect()
            return {sku: tuple(levels) for sku, levels in found.items()}

    def close(self) -> None:
        """Close the file; closing twice is no error."""
        with self._lock:
            self._disconnect()
            self._closed = True

    def _current(self) -> sqlite3.Connection | None:
        """The connection to the file that is there now; None when there is none that can be used."""
        try:
            status = self._path.stat()
            identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        except OSError:
            self._disconnect()
            self._identity, self.present = None, False
            return None
        if identity == self._identity and (self._connection is not None or not self.present):
            return self._connection
        self._disconnect()
        self._identity = identity
        try:
            reason = sqlite_file.damage(self._path, APPLICATION_ID)
        except OSError as error:
            reason = str(error.strerror)
        if reason:
            self._refuse(reason)
            return None
        self._connection, self.present = sqlite_file.open_readonly(self._path), True
        return self._connection

    def _refuse(self, reason: str) -> None:
        """Leave this file alone until it is replaced."""
        _log.warning("The stock in %s cannot be read (%s); lookups go on without it.", self._path.parent, reason)
        self._disconnect()
        self.present = False

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _stored_time(time: datetime | None) -> str | None:
    if time is None:
        return None
    if time.tzinfo is None:
        raise ValueError("a time without a time zone")
    return time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _read_time(text: str | None) -> datetime | None:
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return time.astimezone(UTC) if time.tzinfo is not None else None
