"""Writing catalog.sqlite: the schema as named migrations, and one transaction for one generation.

The tables are described in docs/catalog-format.md. Only builds import this file: sqlite-utils costs a start 80 ms.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

import numpy as np
from sqlite_utils import Database, Migrations

from engine.catalog import APPLICATION_ID, FORMAT, OWNERS
from engine.catalog_text import search_row
from engine.records import Product, Vectors
from engine.storage import sync_file, translating

_UNIT_TOLERANCE = 1e-3
#: A row id and an `engine.catalog_text.SearchRow`.
INSERT_SEARCH = (
    "INSERT INTO product_search (rowid, names, brand, category, codes, descriptions) VALUES (?, ?, ?, ?, ?, ?)"
)

schema = Migrations("skulens.catalog")


@schema()
def products(db: Database) -> None:
    """What a retailer says about its goods; texts in other languages and free attributes beside them."""
    db.execute("""
        CREATE TABLE products (
            id INTEGER PRIMARY KEY,
            sku TEXT NOT NULL UNIQUE CHECK (sku <> ''),
            name TEXT NOT NULL,
            brand TEXT NOT NULL,
            category TEXT NOT NULL,
            price_minor INTEGER CHECK (price_minor >= 0),
            currency TEXT NOT NULL,
            gtin TEXT NOT NULL,
            aisle TEXT NOT NULL,
            description TEXT NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE product_texts (
            product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
            lang TEXT NOT NULL,
            name TEXT,
            description TEXT,
            PRIMARY KEY (product_id, lang)
        ) STRICT, WITHOUT ROWID""")
    db.execute("""
        CREATE TABLE attributes (
            product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (product_id, position),
            UNIQUE (product_id, name)
        ) STRICT, WITHOUT ROWID""")


@schema()
def reference_images(db: Database) -> None:
    """The photos. Thumbnails have a table of their own, so that a walk over the photos stays on few pages."""
    db.execute("""
        CREATE TABLE reference_images (
            id INTEGER PRIMARY KEY,
            product_id INTEGER NOT NULL REFERENCES products(id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            path TEXT NOT NULL,
            sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
            width INTEGER NOT NULL CHECK (width > 0),
            height INTEGER NOT NULL CHECK (height > 0),
            UNIQUE (product_id, position)
        ) STRICT""")
    db.execute("""
        CREATE TABLE thumbnails (
            reference_id INTEGER PRIMARY KEY REFERENCES reference_images(id) ON DELETE CASCADE,
            jpeg BLOB NOT NULL
        ) STRICT""")


@schema()
def vectors(db: Database) -> None:
    """The embeddings. The blobs have a table of their own, and the owners are there once more as three
    packed columns: 20,000 of them are read in 1 ms instead of 40 ms when a catalog is opened.
    """
    db.execute("""
        CREATE TABLE vectors (
            id INTEGER PRIMARY KEY,
            reference_id INTEGER NOT NULL REFERENCES reference_images(id) ON DELETE CASCADE,
            view TEXT NOT NULL,
            UNIQUE (reference_id, view)
        ) STRICT""")
    db.execute("""
        CREATE TABLE vector_values (
            vector_id INTEGER PRIMARY KEY REFERENCES vectors(id) ON DELETE CASCADE,
            float16 BLOB NOT NULL
        ) STRICT""")
    db.execute("""
        CREATE TABLE vector_owners (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            labels BLOB NOT NULL,
            product_ids BLOB NOT NULL,
            reference_ids BLOB NOT NULL
        ) STRICT""")


@schema()
def product_search(db: Database) -> None:
    """The words of all products in all languages; contentless, because every word is in the tables above."""
    db.execute("""
        CREATE VIRTUAL TABLE product_search USING fts5(
            names, brand, category, codes, descriptions, content='', tokenize='unicode61 remove_diacritics 2')""")


class CatalogWriter:
    """Fills a new catalog.sqlite in one transaction. Used as a context manager, a block that raises leaves no file.

    The file is durable after `finish`. It is meant for the staging folder of a generation (see engine.generation):
    there is no journal, because a half-written one is thrown away with its folder.
    """

    def __init__(self, path: Path) -> None:
        """Create the file. Raises FileExistsError when there is one, DiskFull, NotWritable."""
        self._path = path
        self._finished = False
        self._dimension: int | None = None
        with translating(path.parent):
            path.touch(exist_ok=False)
            self._connection = sqlite3.connect(path, isolation_level=None)
            for pragma in (
                "journal_mode=OFF",
                "synchronous=OFF",
                "temp_store=MEMORY",
                "foreign_keys=ON",
                f"application_id={APPLICATION_ID}",
                f"user_version={FORMAT}",
            ):
                self._connection.execute(f"PRAGMA {pragma}")
            schema.apply(Database(self._connection))
            self._connection.execute("BEGIN")

    def add_product(self, product: Product) -> int:
        """Add one product and return its id. Raises sqlite3.IntegrityError for a SKU that is there already (a bug)."""
        with translating(self._path.parent):
            product_id = self._insert(
                "INSERT INTO products (sku, name, brand, category, price_minor, currency, gtin, aisle, description)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    product.sku,
                    product.name,
                    product.brand,
                    product.category,
                    product.price_minor,
                    product.currency,
                    product.gtin,
                    product.aisle,
                    product.description,
                ),
            )
            for lang in sorted(product.names.keys() | product.descriptions.keys()):
                self._insert(
                    "INSERT INTO product_texts VALUES (?, ?, ?, ?)",
                    (product_id, lang, product.names.get(lang), product.descriptions.get(lang)),
                )
            for position, (name, value) in enumerate(product.attributes.items()):
                self._insert("INSERT INTO attributes VALUES (?, ?, ?, ?)", (product_id, position, name, value))
            found = search_row(
                product.sku,
                product.gtin,
                product.brand,
                product.category,
                product.name,
                product.description,
                product.names,
                product.descriptions,
            )
            self._insert(INSERT_SEARCH, (product_id, *found))
        return product_id

    def add_reference(self, product_id: int, path: str, sha256: str, width: int, height: int, thumbnail: bytes) -> int:
        """Add one photo behind those that the product has, and return its id.

        Args:
            product_id: of `add_product`.
            path: where the photo was, relative to the source.
            sha256: of the photo file's bytes, 64 hexadecimal digits.
            width, height: of the upright photo in pixels.
            thumbnail: JPEG bytes.
        """
        with translating(self._path.parent):
            reference_id = self._insert(
                "INSERT INTO reference_images (product_id, position, path, sha256, width, height) VALUES (?,"
                " (SELECT count(*) FROM reference_images WHERE product_id = ?), ?, ?, ?, ?)",
                (product_id, product_id, path, sha256, width, height),
            )
            self._insert("INSERT INTO thumbnails VALUES (?, ?)", (reference_id, thumbnail))
        return reference_id

    def add_vector(self, reference_id: int, view: str, vector: Vectors) -> int:
        """Add one embedding of a photo and return its label.

        Args:
            reference_id: of `add_reference`.
            view: what of the photo it shows ("whole", "region"); one vector a view.
            vector: float32 (D,), L2 norm 1; stored as float16. D is the same for all.
        """
        if vector.ndim != 1 or (self._dimension or vector.shape[0]) != vector.shape[0]:
            raise ValueError(f"a vector of shape {vector.shape} where ({self._dimension},) belongs")
        if not abs(float(np.linalg.norm(vector)) - 1.0) <= _UNIT_TOLERANCE:
            raise ValueError("not a unit vector")
        self._dimension = vector.shape[0]
        with translating(self._path.parent):
            label = self._insert("INSERT INTO vectors (reference_id, view) VALUES (?, ?)", (reference_id, view))
            self._insert("INSERT INTO vector_values VALUES (?, ?)", (label, vector.astype("<f2").tobytes()))
        return label

    def finish(self) -> None:
        """Commit, pack the search words, check the foreign keys, close and make the file durable."""
        with translating(self._path.parent):
            self._connection.execute("INSERT INTO product_search (product_search) VALUES ('optimize')")
            pack_owners(self._connection)
            self._connection.execute("COMMIT")
            broken = self._connection.execute("PRAGMA foreign_key_check").fetchall()
            if broken:
                raise AssertionError(f"foreign keys broken: {broken[:3]}")
            self._connection.execute("ANALYZE")
            self._connection.close()
            sync_file(self._path)
        self._finished = True

    def discard(self) -> None:
        """Close and remove an unfinished file; nothing happens to a finished one."""
        if not self._finished:
            self._connection.close()
            self._path.unlink(missing_ok=True)

    def __enter__(self) -> CatalogWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None and not self._finished:
            self.finish()
        elif kind is not None:
            self.discard()

    def _insert(self, sql: str, values: tuple[object, ...]) -> int:
        return int(self._connection.execute(sql, values).lastrowid or 0)


def pack_owners(connection: sqlite3.Connection) -> None:
    """Write `vector_owners` anew from the rows."""
    columns = np.array(connection.execute(OWNERS).fetchall(), dtype="<i8").reshape(-1, 3).T
    packed = [one.tobytes() for one in columns]
    connection.execute("INSERT OR REPLACE INTO vector_owners VALUES (1, ?, ?, ?)", packed)
