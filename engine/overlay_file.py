"""DIR/overlay.sqlite: what people said about pictures on this machine: this is that product, that one is not this.

Facts only; what follows from them is decided in engine.overlay_rules. The file outlives generations and may be deleted
at any time, which forgets what was said. It has a rollback journal and full synchronisation: a process that is killed,
or a machine that loses power, leaves a file that opens, and two processes may write in turn. The tables are in
docs/overlay.md.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import errors
from engine.overlay_seal import make_key, read_key, sealed, unsealed
from engine.storage import translating

FILE_NAME = "overlay.sqlite"
#: "SkuO" (PRAGMA application_id).
APPLICATION_ID = 0x536B754F
FORMAT = 1
#: How long a writer waits for another one, which takes milliseconds unless it hangs.
BUSY_S = 5.0
_UNIT_TOLERANCE = 1e-2
#: SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_BUSY, _LOCKED = 5, 6
#: A name longer than this is no name.
_WHO_CHARS = 128

#: Inode, size and SQLite's change counter: another value means that somebody wrote. None: there is no file.
Stamp = tuple[int, int, int] | None


class Kind(StrEnum):
    """What was said about a picture and a product."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One thing that somebody said. `at` and `undone_at` are UTC; `who` may be empty.

    `vector` is the picture's embedding by the encoder that was asked for, float32 (D,) of length 1; None where that
    encoder has not seen it, or where it is damaged. `has_crop` says whether it can be encoded again.
    """

    id: int
    sku: str
    kind: Kind
    who: str
    at: datetime
    undone_at: datetime | None
    has_crop: bool
    vector: NDArray[np.float32] | None = None


class OverlayFile:
    """The file of one catalog folder. Every call opens and closes it, so any thread and process may use it."""

    def __init__(self, folder: Path, busy_s: float = BUSY_S) -> None:
        """Nothing is opened or made yet. `busy_s` is how long a call waits for another process."""
        self.path = folder / FILE_NAME
        self._folder = folder
        self._busy_s = busy_s

    def stamp(self) -> Stamp:
        """What changes with every write; cheap enough for every lookup. Raises OverlayDamaged if it cannot be read."""
        try:
            with self.path.open("rb") as file:
                header, status = file.read(28), os.fstat(file.fileno())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise errors.OverlayDamaged(folder=self._folder, reason=f"{FILE_NAME}: {error.strerror}") from error
        return (status.st_ino, status.st_size, int.from_bytes(header[24:28], "big")) if header else None

    def read(self, encoder_id: str) -> tuple[Feedback, ...]:
        """All that was said, oldest first, undone or not, with the vectors of one encoder.

        Raises OverlayDamaged, CatalogBusy.
        """
        if self.stamp() is None:
            return ()
        with self._connected() as database:
            if not _format(database):
                return ()
            rows = database.execute(
                "SELECT f.id, sku, kind, who, at, undone_at, c.id IS NOT NULL, float16, crc32 FROM feedback f"
                " LEFT JOIN crops c ON c.id = f.id LEFT JOIN embeddings e ON e.id = f.id AND encoder_id = ?"
                " ORDER BY f.id",
                (encoder_id,),
            ).fetchall()
            return tuple(
                Feedback(
                    number, sku, Kind(kind), who, _time(at), _time(undone_at) if undone_at else None, bool(has_crop),
                    unpacked(float16, crc32),
                )
                for number, sku, kind, who, at, undone_at, has_crop, float16, crc32 in rows
            )  # fmt: skip

    def crop(self, number: int) -> bytes:
        """The JPEG bytes of what was looked at; empty where it was not kept.

        Raises OverlayDamaged (also for one that is sealed with a key which is not here), CatalogBusy.
        """
        if self.stamp() is None:
            return b""
        with self._connected() as database:
            if not _format(database):
                return b""
            row = database.execute("SELECT jpeg, sealed FROM crops WHERE id = ?", (number,)).fetchone()
            if row is None or not row[1]:
                return b"" if row is None else bytes(row[0])
            key = read_key()
            if key is None:
                raise errors.OverlayDamaged(
                    folder=self._folder, reason="the key of its pictures is not on this machine"
                )
            return unsealed(row[0], number, key)

    def add(
        self,
        sku: str,
        kind: Kind,
        who: str,
        at: datetime,
        encoder_id: str,
        vector: NDArray[np.float32],
        crop: bytes = b"",
        seal: bool = False,
    ) -> int:
        """Keep what somebody said, and return its number; the same said again about the same picture is no second one.

        Args:
            sku: the product.
            kind: whether it is that product, or is not.
            who: who said it; cut to 128 characters.
            at: when, aware of its time zone.
            encoder_id: of `vector`.
            vector: float32 (D,) of length 1, stored as float16.
            crop: JPEG bytes of what was looked at; empty keeps none.
            seal: whether the crop is encrypted, with this user's key (engine.overlay_seal).

        Raises:
            CatalogBusy, OverlayDamaged, DiskFull, NotWritable: nothing is kept then.
        """
        blob, crc32 = packed(vector)
        key = make_key() if crop and seal else None
        with self._writing() as database:
            known = database.execute(
                "SELECT f.id FROM feedback f JOIN embeddings e ON e.id = f.id WHERE sku = ? AND kind = ?"
                " AND undone_at IS NULL AND encoder_id = ? AND crc32 = ? AND float16 = ?",
                (sku, kind.value, encoder_id, crc32, blob),
            ).fetchone()
            if known is not None:
                return int(known[0])
            number = database.execute(
                "INSERT INTO feedback (sku, kind, who, at) VALUES (?, ?, ?, ?)",
                (sku, kind.value, _storable(who), _stored(at)),
            ).lastrowid
            assert number is not None
            database.execute("INSERT INTO embeddings VALUES (?, ?, ?, ?)", (number, encoder_id, blob, crc32))
            if crop:
                kept = crop if key is None else sealed(crop, number, key)
                database.execute("INSERT INTO crops VALUES (?, ?, ?)", (number, kept, key is not None))
            return number

    def seal_crops(self) -> int:
        """Encrypt the crops that are not yet, and overwrite what they were; how many.

        Raises CatalogBusy, OverlayDamaged, DiskFull, NotWritable.
        """
        if self.stamp() is None:
            return 0
        with self._connected() as database:
            plain = "SELECT id FROM crops WHERE NOT sealed"
            if not _format(database) or database.execute(f"{plain} LIMIT 1").fetchone() is None:
                return 0
        key = make_key()
        with self._writing() as database:
            numbers = [row[0] for row in database.execute(plain).fetchall()]
            for number in numbers:
                [jpeg] = database.execute("SELECT jpeg FROM crops WHERE id = ?", (number,)).fetchone()
                kept = sealed(jpeg, number, key)
                database.execute("UPDATE crops SET jpeg = ?, sealed = 1 WHERE id = ?", (kept, number))
            return len(numbers)

    def undo(self, number: int, at: datetime) -> None:
        """Take one back: that it was said stays on record, its picture and vectors are erased.

        Raises UnknownFeedback (no such number, or undone before), CatalogBusy, OverlayDamaged, DiskFull, NotWritable.
        """
        unknown = errors.UnknownFeedback(number=number, folder=self._folder)
        if self.stamp() is None:
            raise unknown
        with self._writing() as database:
            undone = database.execute(
                "UPDATE feedback SET undone_at = ? WHERE id = ? AND undone_at IS NULL", (_stored(at), number)
            )
            if not undone.rowcount:
                raise unknown
            database.execute("DELETE FROM crops WHERE id = ?", (number,))
            database.execute("DELETE FROM embeddings WHERE id = ?", (number,))

    def add_vectors(self, encoder_id: str, vectors: Mapping[int, NDArray[np.float32]]) -> None:
        """Keep what another encoder made of the crops; vectors of other encoders stay, for a rollback.

        Raises CatalogBusy, OverlayDamaged, DiskFull, NotWritable.
        """
        with self._writing() as database:
            for number, vector in vectors.items():
                database.execute(
                    "INSERT OR REPLACE INTO embeddings SELECT id, ?, ?, ? FROM feedback"
                    " WHERE id = ? AND undone_at IS NULL",
                    (encoder_id, *packed(vector), number),
                )

    def erase_crops(self, before: datetime) -> int:
        """Overwrite and forget the crops of what was said before a time; how many. Their vectors stay.

        Raises CatalogBusy, OverlayDamaged, DiskFull, NotWritable.
        """
        if self.stamp() is None:
            return 0
        old = "SELECT id FROM feedback WHERE at < ?"
        with self._connected() as database:
            # A look first: nothing is locked and written on the many days on which nothing is due.
            sql = f"SELECT count(*) FROM crops WHERE id IN ({old})"
            if not _format(database) or not database.execute(sql, (_stored(before),)).fetchone()[0]:
                return 0
        with self._writing() as database:
            return database.execute(f"DELETE FROM crops WHERE id IN ({old})", (_stored(before),)).rowcount

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """A connection, and SQLite's complaints in our own words."""
        try:
            with (
                translating(self._folder),
                # For reading too it is writable where it can be: the journal of a killed process is played back.
                closing(sqlite3.connect(self.path, timeout=self._busy_s, isolation_level=None)) as database,
            ):
                database.execute("PRAGMA trusted_schema=OFF")
                database.execute("PRAGMA cell_size_check=ON")
                yield database
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in (_BUSY, _LOCKED):
                raise errors.CatalogBusy(folder=self._folder) from error
            if isinstance(error, sqlite3.ProgrammingError):
                raise
            raise errors.OverlayDamaged(folder=self._folder, reason=f"{FILE_NAME}: {error}") from error
        except (ValueError, TypeError) as error:
            raise errors.OverlayDamaged(folder=self._folder, reason=f"{FILE_NAME}: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction that begins with the right to write; a block that raises leaves the file as it was."""
        with self._connected() as database:
            for pragma in ("foreign_keys=ON", "synchronous=FULL", "secure_delete=ON", "temp_store=MEMORY"):
                database.execute(f"PRAGMA {pragma}")
            database.execute("BEGIN IMMEDIATE")
            try:
                if _format(database) < FORMAT:
                    _migrate(database)
                yield database
                database.execute("COMMIT")
            except BaseException:
                if database.in_transaction:
                    database.execute("ROLLBACK")
                raise


def packed(vector: NDArray[np.float32]) -> tuple[bytes, int]:
    """A unit vector (D,) as float16 bytes, and their CRC-32."""
    if vector.ndim != 1 or not abs(float(np.linalg.norm(vector)) - 1.0) <= _UNIT_TOLERANCE:
        raise AssertionError(f"no unit vector: {vector.shape}")
    blob = vector.astype("<f2").tobytes()
    return blob, zlib.crc32(blob)


def unpacked(blob: object, crc32: object) -> NDArray[np.float32] | None:
    """The unit vector (D,) of what `packed` made; None if there is none, or it is damaged."""
    if not isinstance(blob, bytes) or not blob or len(blob) % 2 or zlib.crc32(blob) != crc32:
        return None
    vector = np.frombuffer(blob, dtype="<f2").astype(np.float32)
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / np.float32(length)) if abs(length - 1.0) <= _UNIT_TOLERANCE else None


def _format(database: sqlite3.Connection) -> int:
    """The file's format, 0 for an empty one. Raises sqlite3.DatabaseError if it is not ours, or newer."""
    if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return 0
    if database.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise sqlite3.DatabaseError("not written by Skulens")
    found = int(database.execute("PRAGMA user_version").fetchone()[0])
    if found > FORMAT:
        raise sqlite3.DatabaseError(f"format {found}, this version of Skulens reads up to {FORMAT}")
    return found


def _migrate(database: sqlite3.Connection) -> None:
    """Bring the tables to this version's format, inside the caller's transaction."""
    from sqlite_utils import Database, Migrations  # late: it costs 80 ms, and only the first confirmation pays them

    schema = Migrations("skulens.overlay")

    @schema()
    def feedback(db: Database) -> None:
        # AUTOINCREMENT: a number that was given is never given again.
        db.execute("""
            CREATE TABLE feedback (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                sku TEXT NOT NULL CHECK (sku <> ''),
                kind TEXT NOT NULL CHECK (kind IN ('confirmed', 'refused')),
                who TEXT NOT NULL,
                at TEXT NOT NULL,
                undone_at TEXT
            ) STRICT""")
        db.execute("""
            CREATE TABLE crops (
                id INTEGER PRIMARY KEY REFERENCES feedback(id) ON DELETE CASCADE,
                jpeg BLOB NOT NULL,
                sealed INTEGER NOT NULL CHECK (sealed IN (0, 1))
            ) STRICT""")
        db.execute("""
            CREATE TABLE embeddings (
                id INTEGER NOT NULL REFERENCES feedback(id) ON DELETE CASCADE,
                encoder_id TEXT NOT NULL,
                float16 BLOB NOT NULL,
                crc32 INTEGER NOT NULL,
                PRIMARY KEY (id, encoder_id)
            ) STRICT""")

    schema.apply(Database(database))
    database.execute(f"PRAGMA application_id={APPLICATION_ID}")
    database.execute(f"PRAGMA user_version={FORMAT}")


def _storable(who: str) -> str:
    """A name without half surrogate pairs, which SQLite cannot hold; a command line may bring them."""
    return who[:_WHO_CHARS].encode("utf-8", "replace").decode()


def _stored(at: datetime) -> str:
    if at.tzinfo is None:
        raise AssertionError("a time without a time zone")
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(text: str) -> datetime:
    """Raises ValueError for what is no time with a zone."""
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"a time without a zone: {text}")
    return found.astimezone(UTC)
