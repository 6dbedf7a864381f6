"""DIR/features.sqlite: what was encoded already, so that an unchanged photo is never encoded again.

A row belongs to the content of a file (SHA-256) and an encoder, not to a name or product: photos may move and products
may be renamed. It also keeps the encoder's trunk features, so that another head can later be trained without the
photos. The file may be deleted at any time; that costs only the time to encode again.
"""

from __future__ import annotations

import logging
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.records import Region
from engine.storage import replace, translating

_log = logging.getLogger(__name__)

FEATURES_NAME = "features.sqlite"
_FORMAT = 1
_APPLICATION_ID = 0x534B4645  # "SKFE"

_SCHEMA = """
CREATE TABLE photo (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL,
    encoder_id TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    thumbnail BLOB NOT NULL,
    crc32 INTEGER NOT NULL,
    UNIQUE (encoder_id, sha256)
);
CREATE TABLE view (
    photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    x REAL NOT NULL,
    y REAL NOT NULL,
    width REAL NOT NULL,
    height REAL NOT NULL,
    embedding BLOB NOT NULL,
    trunk BLOB NOT NULL,
    PRIMARY KEY (photo_id, position)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class View:
    """One look at a photo: `whole` or `region`, where it is, its unit vector (D,) and trunk features (T,), float16."""

    name: str
    region: Region
    embedding: NDArray[np.float16]
    trunk: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class PhotoFeatures:
    """All that a catalog needs of one photo. `width` and `height` are those of the upright photo, in pixels."""

    sha256: bytes
    width: int
    height: int
    thumbnail: bytes
    views: tuple[View, ...]


class FeatureStore:
    """The features of one encoder in a catalog folder. Used by one thread; what `add` was given is kept by `commit`."""

    def __init__(self, folder: Path, encoder_id: str, dimension: int) -> None:
        """Open or make the file; a damaged one is set aside and a new one begun.

        Raises DiskFull or NotWritable.
        """
        self._folder = folder
        self._path = folder / FEATURES_NAME
        self._encoder_id = encoder_id
        self._dimension = dimension
        with translating(folder):
            self._connection = self._open()
            self._known = self._contents()

    def _open(self) -> sqlite3.Connection:
        try:
            return _connect(self._path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self._set_aside(str(error))
            return _connect(self._path)

    def _set_aside(self, reason: str) -> None:
        aside = self._path.with_suffix(".damaged.sqlite")
        _log.warning(
            "%s is damaged (%s); it is kept as %s and photos are encoded again.", self._path, reason, aside.name
        )
        replace(self._path, aside)
        self._path.with_name(FEATURES_NAME + "-journal").unlink(missing_ok=True)

    def _contents(self) -> dict[bytes, int]:
        query = "SELECT sha256, id FROM photo WHERE encoder_id = ?"
        return dict(self._connection.execute(query, (self._encoder_id,)).fetchall())

    def __contains__(self, sha256: bytes) -> bool:
        """Whether a photo of this content was encoded. Safe to call from several threads."""
        return sha256 in self._known

    def __len__(self) -> int:
        return len(self._known)

    def get(self, sha256: bytes) -> PhotoFeatures | None:
        """The features of a photo; None if there are none, or if what is stored is damaged (it is then forgotten)."""
        identity = self._known.get(sha256)
        if identity is None:
            return None
        try:
            found = self._read(identity, sha256)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            self.close()
            self._set_aside(str(error))
            self._connection, self._known = _connect(self._path), {}
            return None
        if found is None:
            _log.warning("The stored features of %s are damaged; the photo is encoded again.", sha256.hex())
            self._connection.execute("DELETE FROM photo WHERE id = ?", (identity,))
            del self._known[sha256]
        return found

    def _read(self, identity: int, sha256: bytes) -> PhotoFeatures | None:
        photo = self._connection.execute(
            "SELECT width, height, thumbnail, crc32 FROM photo WHERE id = ?", (identity,)
        ).fetchone()
        rows = self._connection.execute(
            "SELECT name, x, y, width, height, embedding, trunk FROM view WHERE photo_id = ? ORDER BY position",
            (identity,),
        ).fetchall()
        if photo is None or not rows:
            return None
        width, height, thumbnail, checksum = photo
        if checksum != _checksum(thumbnail, ((row[5], row[6]) for row in rows)):
            return None
        views = tuple(
            View(name, Region(x, y, w, h), np.frombuffer(embedding, np.float16), np.frombuffer(trunk, np.float16))
            for name, x, y, w, h, embedding, trunk in rows
        )
        if any(len(view.embedding) != self._dimension for view in views):
            return None
        return PhotoFeatures(sha256, width, height, thumbnail, views)

    def add(self, features: PhotoFeatures) -> None:
        """Remember the features of one photo; durable after the next `commit`. Raises DiskFull or NotWritable."""
        blobs = [(view.embedding.tobytes(), view.trunk.tobytes()) for view in features.views]
        with translating(self._folder):
            cursor = self._connection.execute(
                "INSERT OR REPLACE INTO photo (sha256, encoder_id, width, height, thumbnail, crc32)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    features.sha256,
                    self._encoder_id,
                    features.width,
                    features.height,
                    features.thumbnail,
                    _checksum(features.thumbnail, blobs),
                ),
            )
            identity = cursor.lastrowid
            assert identity is not None
            self._connection.executemany(
                "INSERT INTO view VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (identity, position, view.name, *_corners(view.region), *blobs[position])
                    for position, view in enumerate(features.views)
                ],
            )
        self._known[features.sha256] = identity

    def commit(self) -> None:
        """Make what was added durable. Raises DiskFull or NotWritable."""
        with translating(self._folder):
            self._connection.commit()

    def trunk(self, hashes: Sequence[bytes]) -> NDArray[np.float16]:
        """Trunk features (N, T) of the whole views of these photos, for training a head. KeyError if one is missing."""
        rows = []
        for sha256 in hashes:
            features = self.get(sha256)
            if features is None:
                raise KeyError(sha256.hex())
            rows.append(features.views[0].trunk)
        return np.stack(rows)

    def close(self) -> None:
        """Close the file; what was not committed is lost."""
        self._connection.close()


def _connect(path: Path) -> sqlite3.Connection:
    """A connection to a file of our own format. Raises sqlite3.DatabaseError if it is something else or damaged."""
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cell_size_check = ON")
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
            connection.executescript(
                f"BEGIN; PRAGMA application_id = {_APPLICATION_ID}; PRAGMA user_version = {_FORMAT}; {_SCHEMA} COMMIT;"
            )
        ours = connection.execute("PRAGMA application_id").fetchone() == (_APPLICATION_ID,)
        known = connection.execute("PRAGMA user_version").fetchone() == (_FORMAT,)
        if not (ours and known):
            raise sqlite3.DatabaseError("not a features file of this version")
        complaint = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if complaint != "ok":
            raise sqlite3.DatabaseError(complaint)
    except BaseException:
        connection.close()
        raise
    return connection


def _corners(region: Region) -> tuple[float, float, float, float]:
    return region.x, region.y, region.width, region.height


def _checksum(thumbnail: bytes, blobs: Iterable[tuple[bytes, bytes]]) -> int:
    value = zlib.crc32(thumbnail)
    for embedding, trunk in blobs:
        value = zlib.crc32(trunk, zlib.crc32(embedding, value))
    return value
