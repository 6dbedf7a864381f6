"""The publisher's copy of a catalog, in which every product, photo and vector keeps its id from version to version.

A build counts its rows from 1, so that one new product would give all that follow it other ids, and a delta would carry
the whole catalog. In the publisher's copy a product is known by its SKU, a photo by its product and content, a vector
by its photo and view; what is new gets an id that was never used before.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from engine import sqlite_file
from engine.catalog_writer import CatalogWriter, pack_owners
from engine.records import Labels
from engine.storage import sync_file, translating
from engine.sync.catalog_rows import TABLES, broken_references, put_words, writing

Key = TypeVar("Key", bound=Hashable)

#: A product's id, the photo's SHA-256, and which of the product's photos with that content it is.
_PhotoKey = tuple[int, str, int]

_PRODUCTS = "SELECT id, sku FROM products ORDER BY id"
_PHOTOS = "SELECT id, product_id, sha256 FROM reference_images ORDER BY product_id, position"
_VECTORS = "SELECT id, reference_id, view FROM vectors ORDER BY id"
#: How each table's columns of ids are translated.
_ID_COLUMNS = {
    "products": {"id": "product_ids"},
    "product_texts": {"product_id": "product_ids"},
    "attributes": {"product_id": "product_ids"},
    "reference_images": {"id": "photo_ids", "product_id": "product_ids"},
    "thumbnails": {"reference_id": "photo_ids"},
    "vectors": {"id": "vector_ids", "reference_id": "photo_ids"},
    "vector_values": {"vector_id": "vector_ids"},
}


@dataclass(frozen=True, slots=True)
class HighestIds:
    """The highest ids that were ever given; a publisher keeps them beside its versions, for they never come again."""

    products: int = 0
    references: int = 0
    vectors: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Renumbered:
    """What renumbering did: the vector that had `built_labels[i]` has `labels[i]` now; both int64 (M,)."""

    highest: HighestIds
    built_labels: Labels
    labels: Labels


def stable_ids(known: Mapping[Key, int], keys: Sequence[Key], highest: int) -> tuple[list[int], int]:
    """An id for each key: the known one, or the next above `highest`. Returns them and the highest id now."""
    highest = max([highest, *known.values()], default=highest)
    ids = []
    for key in keys:
        found = known.get(key)
        if found is None:
            highest += 1
            found = highest
        ids.append(found)
    return ids, highest


def renumber(built: Path, previous: Path | None, out: Path, highest: HighestIds | None = None) -> Renumbered:
    """Write a copy of a built catalog.sqlite with ids that stay.

    Args:
        built: catalog.sqlite of a build.
        previous: the copy that was made for the last published version; None for the first.
        out: the file to write; it must not be there yet.
        highest: of the last `Renumbered`; None for the first.

    Raises:
        CatalogDamaged: of `built` or `previous`.
        DiskFull, NotWritable: nothing is left at `out`.
    """
    highest = highest or HighestIds()
    before = _ids_of(previous) if previous is not None else _Ids({}, {}, {})
    now = _Rows.of(built)
    product_ids, top_product = stable_ids(before.products, [sku for _, sku in now.products], highest.products)
    new_product = dict(zip((row for row, _ in now.products), product_ids, strict=True))
    photo_keys = _photo_keys((new_product[product], sha256) for _, product, sha256 in now.photos)
    photo_ids, top_photo = stable_ids(before.photos, photo_keys, highest.references)
    new_photo = dict(zip((row for row, _, _ in now.photos), photo_ids, strict=True))
    vector_keys = [(new_photo[photo], view) for _, photo, view in now.vectors]
    labels, top_label = stable_ids(before.vectors, vector_keys, highest.vectors)
    new_label = dict(zip((row for row, _, _ in now.vectors), labels, strict=True))
    with translating(out.parent):
        try:
            _write(built, out, {"product_ids": new_product, "photo_ids": new_photo, "vector_ids": new_label})
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    pair = np.array(list(new_label.items()), dtype=np.int64).reshape(-1, 2)
    return Renumbered(HighestIds(top_product, top_photo, top_label), pair[:, 0].copy(), pair[:, 1].copy())


@dataclass(frozen=True, slots=True)
class _Ids:
    products: dict[str, int]
    photos: dict[_PhotoKey, int]
    vectors: dict[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class _Rows:
    products: list[tuple[int, str]]
    photos: list[tuple[int, int, str]]
    vectors: list[tuple[int, int, str]]

    @classmethod
    def of(cls, path: Path) -> _Rows:
        with sqlite_file.reading(path), closing(sqlite_file.open_readonly(path)) as catalog:
            return cls(*(catalog.execute(sql).fetchall() for sql in (_PRODUCTS, _PHOTOS, _VECTORS)))


def _ids_of(path: Path) -> _Ids:
    rows = _Rows.of(path)
    keys = _photo_keys((product, sha256) for _, product, sha256 in rows.photos)
    return _Ids(
        {sku: row for row, sku in rows.products},
        {key: photo[0] for key, photo in zip(keys, rows.photos, strict=True)},
        {(photo, view): label for label, photo, view in rows.vectors},
    )


def _photo_keys(photos: Iterable[tuple[int, str]]) -> list[_PhotoKey]:
    """By content and not by position: a new photo in front of the others must not make them all new."""
    seen: Counter[tuple[int, str]] = Counter()
    keys = []
    for photo in photos:
        keys.append((*photo, seen[photo]))
        seen[photo] += 1
    return keys


def _write(built: Path, out: Path, maps: Mapping[str, Mapping[int, int]]) -> None:
    with CatalogWriter(out):
        pass  # an empty catalog, with the schema of today
    with sqlite_file.reading(built), translating(out.parent), writing(out, built=built) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("BEGIN")
        for name, ids in maps.items():
            connection.execute(f"CREATE TEMP TABLE {name} (built INTEGER PRIMARY KEY, stable INTEGER NOT NULL UNIQUE)")
            connection.executemany(f"INSERT INTO temp.{name} VALUES (?, ?)", ids.items())
        for statement in _statements():
            connection.execute(statement)
        put_words(connection)
        connection.execute("INSERT INTO product_search (product_search) VALUES ('optimize')")
        pack_owners(connection)
        connection.execute("COMMIT")
        broken = broken_references(connection)
        if broken:
            raise sqlite3.DatabaseError(broken)
        connection.execute("ANALYZE main")
    sync_file(out)


def _statements() -> Iterator[str]:
    """Each table with its ids translated, in the order of the new ones, so that its pages fill one after another."""
    for table in TABLES:
        ids = _ID_COLUMNS[table.name]
        chosen = ", ".join(f"{ids[name]}.stable" if name in ids else f"t.{name}" for name in table.names)
        joined = " ".join(f"JOIN temp.{one} ON {one}.built = t.{column}" for column, one in ids.items())
        order = ", ".join(str(place) for place in range(1, table.key_columns + 1))
        yield f"INSERT INTO main.{table.name} SELECT {chosen} FROM built.{table.name} t {joined} ORDER BY {order}"
