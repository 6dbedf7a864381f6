"""What a head office sells from version to version: small real catalogs with stable ids, and their documents."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.catalog_writer import CatalogWriter
from engine.digests import label_digest, row_digest, vector_digest
from engine.index import Index
from engine.manifest import Counts, Digests, Manifest
from engine.records import Product, Vectors
from engine.sync.catalog_rows import stored_vectors
from engine.sync.delta import make_delta
from engine.sync.golden import make_golden
from engine.sync.pack import pack
from engine.sync.published import Blob, DeltaParts, SnapshotParts, VersionDocument
from engine.sync.renumber import HighestIds, renumber
from tests.storage_fixtures import ENCODER_ID

DIMENSION = 16


@dataclass(frozen=True)
class Photo:
    """`content` is its picture; `encoding` changes when another encoder looks at it."""

    content: int
    views: tuple[str, ...] = ("whole", "region")
    encoding: int = 0

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"photo {self.content}".encode()).hexdigest()

    @property
    def jpeg(self) -> bytes:
        return b"\xff\xd8" + hashlib.sha256(f"thumbnail {self.content}".encode()).digest() * 6

    def vector(self, view: str) -> Vectors:
        """Photos in fours look alike."""
        rng = np.random.default_rng([self.content // 4, self.encoding])
        near = np.random.default_rng([self.content, len(view), self.encoding])
        row = (rng.normal(size=DIMENSION) + 0.5 * near.normal(size=DIMENSION)).astype(np.float32)
        unit: Vectors = row / np.linalg.norm(row)
        return unit


@dataclass(frozen=True)
class Item:
    product: Product
    photos: tuple[Photo, ...] = ()


#: What is sold, by SKU, in the order of the source.
State = Mapping[str, Item]


def item(sku: str, *photos: Photo | int, **fields: Any) -> Item:
    usual = {"sku": sku, "name": f"Oat drink {sku}", "brand": "Haferhof", "attributes": {"size": "1 l"}}
    product = Product(**usual | fields)
    return Item(product, tuple(one if isinstance(one, Photo) else Photo(one) for one in photos))


def shelf(*items: Item) -> dict[str, Item]:
    return {one.product.sku: one for one in items}


def large_shelf(products: int, first: int = 0) -> dict[str, Item]:
    """Four vectors a product."""
    return shelf(*(item(f"S{n:05d}", 2 * n, 2 * n + 1, aisle=str(n % 9)) for n in range(first, first + products)))


def build(path: Path, state: State) -> Path:
    """As `skulens build` writes it: ids in the order of the source."""
    with CatalogWriter(path) as writer:
        for one in state.values():
            product_id = writer.add_product(one.product)
            for number, photo in enumerate(one.photos):
                reference_id = writer.add_reference(product_id, f"{number}.jpg", photo.sha256, 640, 480, photo.jpeg)
                for view in photo.views:
                    writer.add_vector(reference_id, view, photo.vector(view))
    return path


def digests_of(path: Path) -> Digests:
    return Digests(rows=row_digest(path), vectors=vector_digest(path), labels=label_digest(path))


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(sql).fetchall()


@dataclass
class Office:
    """Publishes states one after another, without signatures; blobs are files."""

    folder: Path
    highest: HighestIds = field(default_factory=HighestIds)
    catalogs: list[Path] = field(default_factory=list)
    documents: list[VersionDocument] = field(default_factory=list)

    def renumbered(self, state: State) -> Path:
        """The publisher's copy of the next version."""
        number = len(self.catalogs) + 1
        self.folder.mkdir(parents=True, exist_ok=True)
        built = build(self.folder / f"built-{number}.sqlite", state)
        stable = self.folder / f"stable-{number}.sqlite"
        self.highest = renumber(built, self.catalogs[-1] if self.catalogs else None, stable, self.highest).highest
        self.catalogs.append(stable)
        return stable

    def publish(self, state: State, encoder: Mapping[str, bytes] | None = None, **manifest: Any) -> VersionDocument:
        catalog = self.renumbered(state)
        version = f"{len(self.catalogs):06d}"
        labels, vectors = (np.concatenate(parts) for parts in zip(*stored_vectors(catalog), strict=True))
        Index.build(vectors, labels, 1).save(self.folder / "index.hnsw")
        (self.folder / "golden").write_bytes(make_golden(catalog).to_bytes())
        digests = digests_of(catalog)
        counts = {
            kind: query(catalog, f"SELECT count(*) FROM {table}")[0][0]
            for kind, table in (("products", "products"), ("references", "reference_images"), ("vectors", "vectors"))
        }
        fields = {
            "name": "Shop",
            "version": version,
            "created_at": datetime(2026, 1, 31, tzinfo=UTC),
            "encoder_id": ENCODER_ID,
            "dimension": DIMENSION,
            "counts": Counts(**counts),
            "digests": digests,
            "origin": "signed",
        }
        files = {name: self._pack_bytes(name, data) for name, data in (encoder or {}).items()}
        document = VersionDocument(
            channel="stable",
            manifest=Manifest(**fields | manifest),
            snapshot=SnapshotParts(
                catalog=self._pack(catalog), index=self._pack(self.folder / "index.hnsw"), encoder=files
            ),
            deltas=tuple(self._delta(number, catalog, digests) for number in range(len(self.documents))),
            golden=self._pack(self.folder / "golden"),
        )
        self.documents.append(document)
        return document

    def fetched(self, blob: Blob) -> Path:
        return self.folder / blob.name

    def replaced(self, document: VersionDocument, rows: Path) -> VersionDocument:
        """The document with another first delta, as if it had been signed."""
        delta = document.deltas[0].model_copy(update={"rows": self._pack(rows)})
        return document.model_copy(update={"deltas": (delta, *document.deltas[1:])})

    def _delta(self, number: int, catalog: Path, digests: Digests) -> DeltaParts:
        old = self.documents[number]
        path = self.folder / "rows.delta"
        path.unlink(missing_ok=True)
        make_delta(self.catalogs[number], catalog, path, old.manifest.digests, digests)
        return DeltaParts(from_version=old.version, from_digests=old.manifest.digests, rows=self._pack(path))

    def _pack(self, path: Path) -> Blob:
        return pack(path, self.folder / "blobs")

    def _pack_bytes(self, name: str, data: bytes) -> Blob:
        path = self.folder / name
        path.write_bytes(data)
        return self._pack(path)


def changed(state: State, sku: str, **fields: Any) -> dict[str, Item]:
    """The state with other fields of one product."""
    one = state[sku]
    return {**state, sku: replace(one, product=replace(one.product, **fields))}


def words(path: Path) -> list[tuple[Any, ...]]:
    """Which product is found by which word in which column, from the word index itself."""
    with closing(sqlite3.connect(":memory:")) as copy, closing(sqlite3.connect(path)) as database:
        database.backup(copy)
        copy.execute("INSERT INTO product_search (product_search) VALUES ('integrity-check')")
        copy.execute("CREATE VIRTUAL TABLE terms USING fts5vocab(product_search, instance)")
        return copy.execute("SELECT term, doc, col, offset FROM terms ORDER BY 1, 2, 3, 4").fetchall()


def everything(path: Path, tables: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of some tables, with their ids."""
    return {name: query(path, f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}
