"""catalog.sqlite of one generation, read-only: products, photos, owners of vectors and the full-text search.

The writer is in engine.catalog_writer, the digests are in engine.digests, the tables in docs/catalog-format.md.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from engine import errors, sqlite_file
from engine.records import Labels, Product, Vectors

#: "SkuC": tells our catalogs from other SQLite files (PRAGMA application_id).
APPLICATION_ID = 0x536B7543
#: PRAGMA user_version; grows when an older reader could no longer read the file.
FORMAT = 1

_PRODUCT = """
    SELECT id, sku, name, brand, category, price_minor, currency, gtin, aisle, description,
        (SELECT json_group_array(json_array(a.name, a.value)) FROM
            (SELECT name, value FROM attributes WHERE product_id = products.id ORDER BY position) a),
        (SELECT json_group_array(json_array(lang, t.name, t.description))
            FROM product_texts t WHERE product_id = products.id)
    FROM products"""

#: Label, product id and reference id of each vector, row by row; `vector_owners` holds the same packed.
OWNERS = (
    "SELECT v.id, product_id, reference_id FROM vectors v JOIN reference_images r ON r.id = reference_id ORDER BY v.id"
)

#: How much a word in each column of product_search counts: names, brand, category, codes, descriptions.
_WEIGHTS = "10.0, 6.0, 3.0, 12.0, 1.0"


@dataclass(frozen=True, slots=True)
class Reference:
    """One catalog photo. `path` is relative to the source, `sha256` of its bytes, width and height in pixels."""

    id: int
    path: str
    sha256: str
    width: int
    height: int


class Catalog:
    """An open catalog.sqlite. Safe to use from several threads: one connection behind a lock, every query is short."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """Use `Catalog.open`."""
        self._connection = connection
        self._path = path
        self._lock = threading.Lock()
        with self._reading() as database:
            counts = database.execute(
                "SELECT (SELECT count(*) FROM products), (SELECT count(*) FROM reference_images),"
                " (SELECT count(*) FROM vectors)"
            ).fetchone()
        self.product_count, self.reference_count, self.vector_count = (int(count) for count in counts)

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """Open a finished file; its header and size are checked before SQLite sees it.

        Raises:
            CatalogDamaged: no file, a header or size that does not fit, or a schema that is not ours.
            CatalogNewer: written by a newer version of Skulens.
        """
        try:
            reason = sqlite_file.damage(path, APPLICATION_ID)
        except OSError as error:
            raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name}: {error.strerror}") from error
        if reason:
            raise errors.CatalogDamaged(folder=path.parent, reason=reason)
        with sqlite_file.reading(path):
            connection = sqlite_file.open_readonly(path)
        try:
            with sqlite_file.reading(path):
                found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            if found > FORMAT:
                raise errors.CatalogNewer(folder=path.parent, found=found, supported=FORMAT)
            return cls(connection, path)
        except BaseException:
            connection.close()
            raise

    def product(self, sku: str) -> Product:
        """One product by its SKU. Raises UnknownSku."""
        with self._reading() as database:
            rows = database.execute(f"{_PRODUCT} WHERE sku = ?", (_storable(sku),)).fetchall()
            if not rows:
                raise errors.UnknownSku(sku=sku, where=self._path.parent.name)
            return _product(rows[0])

    def products_by_id(self, ids: Sequence[int]) -> list[Product]:
        """Products in the order of `ids`; one statement, however many."""
        with self._reading() as database:
            rows = database.execute(
                f"{_PRODUCT} WHERE id IN (SELECT value FROM json_each(?))", (json.dumps([int(one) for one in ids]),)
            ).fetchall()
            found = {row[0]: _product(row) for row in rows}
        missing = [one for one in ids if int(one) not in found]
        if missing:
            raise errors.CatalogDamaged(folder=self._path.parent, reason=f"no product with id {missing[0]}")
        return [found[int(one)] for one in ids]

    def product_ids(self, skus: Iterable[str]) -> dict[str, int]:
        """The id of each SKU that is in this catalog; the others are left out."""
        asked = json.dumps([_storable(sku) for sku in skus])
        with self._reading() as database:
            sql = "SELECT sku, id FROM products WHERE sku IN (SELECT value FROM json_each(?))"
            return dict(database.execute(sql, (asked,)).fetchall())

    def products(self, offset: int = 0, limit: int = 100) -> list[Product]:
        """A page of all products in the order of the source."""
        with self._reading() as database:
            rows = database.execute(f"{_PRODUCT} ORDER BY id LIMIT ? OFFSET ?", (limit, offset))
            return [_product(row) for row in rows]

    def search_text(self, query: str, limit: int = 20) -> list[Product]:
        """Products that hold all words of `query` in a name, brand, category, description, SKU or GTIN, best first.

        The last word may be unfinished. An exact SKU or GTIN comes first. Any text is a valid query; one without a
        letter or digit finds nothing.
        """
        from engine.catalog_text import match_expression  # late: its patterns cost a start 4 ms

        expression = match_expression(query)
        if not expression:
            return []
        typed = _storable(query.strip())
        with self._reading() as database:
            rows = database.execute(
                f"SELECT p.id FROM product_search s JOIN products p ON p.id = s.rowid WHERE product_search MATCH ?"
                f" ORDER BY (sku = ? COLLATE NOCASE OR gtin = ?) DESC, bm25(product_search, {_WEIGHTS}), p.id LIMIT ?",
                (expression, typed, typed, limit),
            ).fetchall()
        return self.products_by_id([row[0] for row in rows])

    def references(self, sku: str) -> list[Reference]:
        """The photos of one product in the order of the source; empty when it has none."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT r.id, path, sha256, width, height FROM reference_images r JOIN products p ON p.id = product_id"
                " WHERE sku = ? ORDER BY position",
                (_storable(sku),),
            )
            return [Reference(*row) for row in rows]

    def thumbnail(self, reference_id: int) -> bytes:
        """JPEG bytes of one photo's thumbnail. Raises CatalogDamaged for an id that is not there."""
        with self._reading() as database:
            sql = "SELECT jpeg FROM thumbnails WHERE reference_id = ?"
            row = database.execute(sql, (int(reference_id),)).fetchone()
            if row is None or not isinstance(row[0], bytes):
                raise errors.CatalogDamaged(folder=self._path.parent, reason=f"no photo with id {reference_id}")
            return row[0]

    def owners(self) -> tuple[Labels, Labels, Labels]:
        """Whose every stored vector is: labels (M,) ascending, product ids (M,), reference ids (M,), all int64."""
        with self._reading() as database:
            row = database.execute("SELECT labels, product_ids, reference_ids FROM vector_owners").fetchone()
        if row is None or any(not isinstance(blob, bytes) or len(blob) != 8 * self.vector_count for blob in row):
            raise errors.CatalogDamaged(folder=self._path.parent, reason="not every vector has an owner")
        labels, products, references = (np.frombuffer(blob, dtype="<i8").astype(np.int64) for blob in row)
        return labels, products, references

    def owners_by_row(self) -> Labels:
        """The same as `owners` from the rows themselves, int64 (M, 3); slower, to check the packed ones."""
        with self._reading() as database:
            return np.array(database.execute(OWNERS).fetchall(), dtype=np.int64).reshape(-1, 3)

    def views(self) -> list[str]:
        """What each stored vector shows ("whole", "region"), in the order of ascending labels."""
        with self._reading() as database:
            return [row[0] for row in database.execute("SELECT view FROM vectors ORDER BY id")]

    def vectors(self) -> tuple[Labels, Vectors]:
        """All stored vectors: labels int64 (M,) ascending, rows float32 (M, D) brought back to L2 norm 1.

        Raises CatalogDamaged when the blobs are not float16 vectors of one dimension.
        """
        with self._reading() as database:
            rows = database.execute("SELECT vector_id, float16 FROM vector_values ORDER BY vector_id").fetchall()
            labels = np.array([row[0] for row in rows], dtype=np.int64)
            if len({len(row[1]) for row in rows}) > 1:
                raise errors.CatalogDamaged(folder=self._path.parent, reason="vectors of different lengths")
            values = np.frombuffer(b"".join(row[1] for row in rows), dtype="<f2").astype(np.float32)
            values = values.reshape(len(rows), -1) if rows else values.reshape(0, 0)
        norms = np.linalg.norm(values, axis=1, keepdims=True)
        if not np.all(np.abs(norms - 1.0) < 0.01):
            raise errors.CatalogDamaged(folder=self._path.parent, reason="a stored vector has not the length 1")
        return labels, values / norms

    def close(self) -> None:
        """Close the file; closing twice is no error."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Catalog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, sqlite_file.reading(self._path):
            yield self._connection


def _storable(text: str) -> str:
    """Text without half surrogate pairs, which SQLite cannot compare with."""
    return text.encode("utf-8", "replace").decode()


def _product(row: Sequence[Any]) -> Product:
    _, sku, name, brand, category, price_minor, currency, gtin, aisle, description, attributes, texts = row
    texts = json.loads(texts)
    return Product(
        sku,
        name,
        brand,
        category,
        price_minor,
        currency,
        gtin,
        aisle,
        description,
        attributes=dict(json.loads(attributes)),
        names={lang: name for lang, name, _ in texts if name is not None},
        descriptions={lang: description for lang, _, description in texts if description is not None},
    )
