"""Golden queries: a few views and words with the products that the publisher found for them, tried before a version is
believed.

They need no encoder: a view is given by its embedding, a little away from stored ones. Digests prove that the content
is right; these prove that this machine, with its own index and libraries, finds it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.catalog import Catalog
from engine.index import Index
from engine.records import Labels, Vectors
from engine.sync.catalog_rows import stored_vectors
from engine.sync.errors import DownloadDamaged

FORMAT = 1
#: How many of each kind a publisher takes, and the share of each that must be answered as there: an index is
#: approximate, and another SQLite may cut rare words otherwise.
VIEWS, TEXTS = 32, 16
LEAST_ALIKE = 0.9
#: Products that a text query is compared by.
_TOP = 5
#: How far a view is from the stored vector that it was made from, as a share of its length.
_NOISE = 0.3
_COSINE_TOLERANCE = 1e-3
_MOST_BYTES = 4_000_000


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class View(_Frozen):
    """An embedding (float16, little endian, base64), the products that are nearest to it, and their cosine."""

    embedding: Annotated[str, StringConstraints(max_length=400_000)]
    skus: tuple[str, ...] = Field(min_length=1)
    cosine: float

    def values(self) -> Vectors:
        """The embedding, float32 (D,), L2 norm 1. Raises ValueError for what is no embedding."""
        values = np.frombuffer(base64.b64decode(self.embedding, validate=True), dtype="<f2").astype(np.float32)
        norm = float(np.linalg.norm(values))
        if not 0.5 < norm < 2.0:
            raise ValueError("not a unit vector")
        unit: Vectors = values / np.float32(norm)
        return unit


class Text(_Frozen):
    """What somebody types, and the first products that are found."""

    query: str
    skus: tuple[str, ...]


class Golden(_Frozen):
    """The golden queries of one version."""

    format: int = FORMAT
    views: tuple[View, ...] = ()
    texts: tuple[Text, ...] = ()

    def to_bytes(self) -> bytes:
        """The file: JSON, UTF-8."""
        return self.model_dump_json().encode() + b"\n"


def parse_golden(data: bytes, dimension: int) -> Golden:
    """Read the file. Raises DownloadDamaged for one that is none, is too new, or has views of another dimension."""
    try:
        if len(data) > _MOST_BYTES:
            raise ValueError("too large")
        golden = Golden.model_validate_json(data)
        if golden.format != FORMAT or any(view.values().shape != (dimension,) for view in golden.views):
            raise ValueError("another format or dimension")
    except (ValidationError, ValueError) as error:
        raise DownloadDamaged(file="golden queries", reason="they cannot be read") from error
    return golden


def make_golden(catalog: Path, seed: int = 0) -> Golden:
    """Choose views and words of a published catalog.sqlite, with the exact answers. Raises CatalogDamaged."""
    rng = np.random.default_rng(seed)
    with Catalog.open(catalog) as opened:
        labels, products, _ = opened.owners()
        chosen = np.sort(rng.permutation(labels)[:VIEWS])
        stored = np.concatenate([vectors for _, vectors in stored_vectors(catalog, chosen)])
        noise = rng.normal(size=stored.shape)
        noisy = stored + _NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
        queries = (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype("<f2")
        unit = queries.astype(np.float32)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True)
        views = [
            View(
                embedding=base64.b64encode(query.tobytes()).decode("ascii"),
                skus=tuple(product.sku for product in opened.products_by_id(np.unique(products[rows]).tolist())),
                cosine=cosine,
            )
            for query, (rows, cosine) in zip(queries, _nearest(catalog, unit), strict=True)
        ]
        ids = np.sort(rng.permutation(opened.product_count)[:TEXTS]).tolist()
        # Whole names: a common word alone is found in every product, and ranking all of them takes long.
        asked = [product.name for at in ids for product in opened.products(at, 1)]
        texts = [Text(query=query, skus=_found(opened, query)) for query in asked]
    return Golden(views=tuple(views), texts=tuple(texts))


def difference(golden: Golden, catalog: Catalog, index: Index) -> str:
    """What is answered otherwise than at the publisher's, in words; '' if enough is alike. Raises CatalogDamaged."""
    for kind, alike in (("views", _views_alike(golden, catalog, index)), ("texts", _texts_alike(golden, catalog))):
        if alike and sum(alike) < LEAST_ALIKE * len(alike):
            return f"{len(alike) - sum(alike)} of {len(alike)} golden {kind} are answered otherwise"
    return ""


def _views_alike(golden: Golden, catalog: Catalog, index: Index) -> list[bool]:
    if not golden.views:
        return []
    labels, products, _ = catalog.owners()
    found, cosines = index.search(np.stack([view.values() for view in golden.views]), 1)
    owners = products[np.searchsorted(labels, found[:, 0])].tolist()
    skus = [product.sku for product in catalog.products_by_id(owners)]
    return [
        sku in view.skus and abs(cosine - view.cosine) < _COSINE_TOLERANCE
        for sku, cosine, view in zip(skus, cosines[:, 0].tolist(), golden.views, strict=True)
    ]


def _texts_alike(golden: Golden, catalog: Catalog) -> list[bool]:
    return [_found(catalog, text.query) == text.skus for text in golden.texts]


def _found(catalog: Catalog, query: str) -> tuple[str, ...]:
    return tuple(product.sku for product in catalog.search_text(query, _TOP))


def _nearest(catalog: Path, queries: Vectors) -> Iterator[tuple[NDArray[np.int64], float]]:
    """For each query the rows (by ascending label) with the greatest cosine, and that cosine."""
    best = np.full(len(queries), -2.0, dtype=np.float32)
    rows: list[Labels] = [np.zeros(0, dtype=np.int64) for _ in queries]
    start = 0
    for _, vectors in stored_vectors(catalog):
        cosines = queries @ vectors.T
        for at, row in enumerate(cosines):
            top = row.max()
            if top > best[at] - 1e-5:
                here = np.flatnonzero(row > max(top, best[at]) - 1e-5) + start
                rows[at] = here if top > best[at] + 1e-5 else np.concatenate([rows[at], here])
                best[at] = max(top, best[at])
        start += len(vectors)
    return zip(rows, best.tolist(), strict=True)
