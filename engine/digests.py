"""Logical digests of a catalog: SHA-256 over its content, independent of row ids, page layout and file bytes.

Two catalogs with equal digests answer every lookup alike, also when one was built whole and the other by a delta. The
exact bytes that are hashed are in docs/catalog-format.md; a change here is a change of the format.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from engine import sqlite_file

_ROWS = (
    (
        "product",
        "SELECT sku, name, brand, category, price_minor, currency, gtin, aisle, description FROM products ORDER BY sku",
    ),
    (
        "text",
        "SELECT sku, lang, t.name, t.description FROM product_texts t JOIN products p ON p.id = product_id"
        " ORDER BY sku, lang",
    ),
    (
        "attribute",
        "SELECT sku, position, a.name, value FROM attributes a JOIN products p ON p.id = product_id"
        " ORDER BY sku, position",
    ),
)
_REFERENCES = (
    "SELECT sku, position, path, sha256, width, height, jpeg FROM reference_images r"
    " JOIN products p ON p.id = product_id JOIN thumbnails ON reference_id = r.id ORDER BY sku, position"
)
_LABELS = (
    "SELECT v.id, sku, position, view FROM vectors v JOIN reference_images r ON r.id = reference_id"
    " JOIN products p ON p.id = product_id ORDER BY v.id"
)
_VECTORS = "SELECT vector_id, float16 FROM vector_values ORDER BY vector_id"


def row_digest(path: Path) -> str:
    """SHA-256 over products, their texts and attributes, and photos with their thumbnails; 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with _reading(path) as database:
        for kind, sql in _ROWS:
            _feed(digest, ([kind, *row] for row in database.execute(sql)))
        photos = database.execute(_REFERENCES)
        _feed(digest, (["reference", *row[:6], hashlib.sha256(row[6]).hexdigest()] for row in photos))
    return digest.hexdigest()


def label_digest(path: Path) -> str:
    """SHA-256 over what each label stands for: SKU, position of the photo, view."""
    digest = hashlib.sha256()
    with _reading(path) as database:
        _feed(digest, (["label", *row] for row in database.execute(_LABELS)))
    return digest.hexdigest()


def vector_digest(path: Path) -> str:
    """SHA-256 over each label and the float16 values of its vector."""
    digest = hashlib.sha256()
    with _reading(path) as database:
        for label, values in database.execute(_VECTORS):
            digest.update(int(label).to_bytes(8, "little", signed=True))
            digest.update(values)
    return digest.hexdigest()


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with sqlite_file.reading(path), closing(sqlite_file.open_readonly(path)) as database:
        yield database


def _feed(digest: hashlib._Hash, rows: Iterable[list[object]]) -> None:
    for row in rows:
        digest.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
