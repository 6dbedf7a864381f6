"""catalog.sqlite seen as rows that a publisher renumbers and a delta changes: its tables, its words, its vectors.

Everything streams: of 100,000 products with their thumbnails only a few are in memory at a time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import errors, sqlite_file
from engine.catalog_text import SearchRow, search_row
from engine.catalog_writer import INSERT_SEARCH
from engine.records import Labels, Vectors

#: Vectors that are read at once: 4 MB of 256 numbers.
CHUNK = 4096
#: Pages that SQLite keeps while it writes, in kB.
_CACHE_KB = 32_768
_UNIT_TOLERANCE = 0.01


@dataclass(frozen=True, slots=True)
class Table:
    """One table of catalog.sqlite: `columns` with their types, of which the first `key_columns` are the primary key."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key_columns: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        """All columns."""
        return tuple(name for name, _ in self.columns)

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return self.names[: self.key_columns]


#: Parents before children.
TABLES = (
    Table(
        "products",
        (
            ("id", "INTEGER"), ("sku", "TEXT"), ("name", "TEXT"), ("brand", "TEXT"), ("category", "TEXT"),
            ("price_minor", "INTEGER"), ("currency", "TEXT"), ("gtin", "TEXT"), ("aisle", "TEXT"),
            ("description", "TEXT"),
        ),
    ),
    Table(
        "product_texts",
        (("product_id", "INTEGER"), ("lang", "TEXT"), ("name", "TEXT"), ("description", "TEXT")),
        key_columns=2,
    ),
    Table(
        "attributes",
        (("product_id", "INTEGER"), ("position", "INTEGER"), ("name", "TEXT"), ("value", "TEXT")),
        key_columns=2,
    ),
    Table(
        "reference_images",
        (
            ("id", "INTEGER"), ("product_id", "INTEGER"), ("position", "INTEGER"), ("path", "TEXT"),
            ("sha256", "TEXT"), ("width", "INTEGER"), ("height", "INTEGER"),
        ),
    ),
    Table("thumbnails", (("reference_id", "INTEGER"), ("jpeg", "BLOB"))),
    Table("vectors", (("id", "INTEGER"), ("reference_id", "INTEGER"), ("view", "TEXT"))),
    Table("vector_values", (("vector_id", "INTEGER"), ("float16", "BLOB"))),
)  # fmt: skip

_WORDS = """
    SELECT id, sku, gtin, brand, category, name, description,
        (SELECT json_group_array(json_array(lang, t.name, t.description)) FROM product_texts t WHERE product_id = p.id)
    FROM main.products p"""
_TAKE_WORDS = (
    "INSERT INTO product_search (product_search, rowid, names, brand, category, codes, descriptions)"
    " VALUES ('delete', ?, ?, ?, ?, ?, ?)"
)


@contextmanager
def writing(path: Path, **attached: Path) -> Iterator[sqlite3.Connection]:
    """A connection that writes a file which nobody else has open, with others attached that it only reads.

    It is meant for staging folders: what a crash leaves there is thrown away, so nothing waits for the disk.
    """
    with closing(sqlite3.connect(sqlite_file.address(path, "mode=rw"), uri=True, isolation_level=None)) as connection:
        for pragma in (
            "trusted_schema=OFF",
            "cell_size_check=ON",
            "mmap_size=0",
            "synchronous=OFF",
            "temp_store=MEMORY",
            "foreign_keys=OFF",  # rows go and come table by table; all of them are checked at the end
            f"cache_size=-{_CACHE_KB}",
        ):
            connection.execute(f"PRAGMA {pragma}")
        for name, other in attached.items():
            connection.execute(f"ATTACH ? AS {name}", (sqlite_file.address(other, sqlite_file.READ_ONLY),))
        yield connection


def put_words(connection: sqlite3.Connection, which: str = "") -> None:
    """Index the words of products; `which` is a condition over `p.id`, all of them if empty."""
    for product_id, words in _words(connection, which):
        connection.execute(INSERT_SEARCH, (product_id, *words))


def take_words(connection: sqlite3.Connection, which: str) -> None:
    """Take the words of products out of the index. Their rows must be what they were when the words were put in."""
    for product_id, words in _words(connection, which):
        connection.execute(_TAKE_WORDS, (product_id, *words))


def broken_references(connection: sqlite3.Connection) -> str:
    """The first row of the catalog whose parent is missing, in words; '' if there is none."""
    row = connection.execute("PRAGMA main.foreign_key_check").fetchone()
    return "" if row is None else f"row {row[1]} of {row[0]} has no parent"


def stored_vectors(path: Path, labels: Labels | None = None, chunk: int = CHUNK) -> Iterator[tuple[Labels, Vectors]]:
    """Stored vectors in pieces: labels int64 (n,) ascending, rows float32 (n, D) brought to L2 norm 1.

    Args:
        path: a catalog.sqlite.
        labels: which ones; None is all. Those that are not there are left out.
        chunk: rows of a piece.

    Raises:
        CatalogDamaged: the blobs are not float16 vectors of one dimension and length 1.
    """
    with sqlite_file.reading(path), closing(sqlite_file.open_readonly(path)) as connection:
        if labels is None:
            cursor = connection.execute("SELECT vector_id, float16 FROM vector_values ORDER BY vector_id")
            while rows := cursor.fetchmany(chunk):
                yield _vectors(path, rows)
            return
        sql = (
            "SELECT vector_id, float16 FROM vector_values WHERE vector_id IN (SELECT value FROM json_each(?))"
            " ORDER BY vector_id"
        )
        for start in range(0, len(labels), chunk):
            asked = json.dumps(np.sort(labels)[start : start + chunk].tolist())
            if rows := connection.execute(sql, (asked,)).fetchall():
                yield _vectors(path, rows)


def _vectors(path: Path, rows: Sequence[tuple[int, bytes]]) -> tuple[Labels, Vectors]:
    if len({len(values) for _, values in rows}) > 1:
        raise errors.CatalogDamaged(folder=path.parent, reason="vectors of different lengths")
    values = np.frombuffer(b"".join(values for _, values in rows), dtype="<f2").astype(np.float32)
    values = values.reshape(len(rows), -1)
    norms = np.linalg.norm(values, axis=1, keepdims=True)
    if not np.all(np.abs(norms - 1.0) < _UNIT_TOLERANCE):
        raise errors.CatalogDamaged(folder=path.parent, reason="a stored vector has not the length 1")
    return np.array([label for label, _ in rows], dtype=np.int64), values / norms


def _words(connection: sqlite3.Connection, which: str) -> Iterator[tuple[int, SearchRow]]:
    condition = f" WHERE {which}" if which else ""
    for product_id, sku, gtin, brand, category, name, description, texts in connection.execute(
        f"{_WORDS}{condition} ORDER BY id"
    ):
        by_language = json.loads(texts)
        names = {lang: text for lang, text, _ in by_language}
        descriptions = {lang: text for lang, _, text in by_language}
        yield product_id, search_row(sku, gtin, brand, category, name, description, names, descriptions)
