"""Catalogs to measure, built by the real build, as arrays; and an encoder that runs no view twice."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog
from engine.encoder import Encoder, Encoding
from engine.ingest.build import build_catalog
from engine.ingest.features import FEATURES_NAME
from engine.records import Labels, Tensor, Vectors
from engine.views import blend


def fresh_catalog(source: Path, folder: Path, encoder: Path, name: str) -> Path:
    """Build a catalog of `source` in `folder` anew, calibration and all; only encoded photos are kept from earlier."""
    for old in folder.iterdir() if folder.is_dir() else ():
        if old.is_dir():
            shutil.rmtree(old)
        elif old.name != FEATURES_NAME:
            old.unlink()
    with Encoder.load(encoder, provider="cpu", threads=1) as loaded:
        build_catalog(source, folder, loaded, name=name)
    return folder


class RememberingEncoder(Encoder):
    """Encodes a view once, however often it is asked: the same photo asks several catalogs, in several ways.

    It forgets trunk features, which no lookup looks at.
    """

    def __init__(self, encoder: Encoder) -> None:
        assert encoder._session is not None
        super().__init__(encoder.folder, encoder.info, encoder.choice, encoder._session)
        self._known: dict[bytes, tuple[NDArray[np.float32], NDArray[np.float32]]] = {}

    def encode(self, batch: Tensor) -> Encoding:
        """As an encoder does, but only rows that are new are run."""
        keys = [hashlib.blake2b(row.tobytes(), digest_size=16).digest() for row in batch]
        fresh = [place for place, key in enumerate(keys) if key not in self._known]
        if fresh:
            found = super().encode(batch[fresh])
            for row, place in enumerate(fresh):
                self._known[keys[place]] = (found.embeddings[row].copy(), found.saliency[row].copy())
        rows = [self._known[key] for key in keys]
        return Encoding(
            np.stack([embedding for embedding, _ in rows]),
            np.stack([saliency for _, saliency in rows]),
            np.empty((len(rows), 0), np.float32),
        )


@dataclass(frozen=True, eq=False)
class Photos:
    """Stored photos, product by product: `whole` and `region` float32 (R, D), the owners' `products` int64 (R,)."""

    whole: Vectors
    region: Vectors
    products: Labels

    @cached_property
    def means(self) -> Vectors:
        """The mean of both views of each photo, brought back to length 1, (R, D): what a lookup would ask."""
        return means(self.whole, self.region)

    def part(self, rows: NDArray[np.bool_]) -> Photos:
        """Only some of the photos, bool (R,)."""
        return Photos(self.whole[rows], self.region[rows], self.products[rows])


@dataclass(frozen=True, eq=False)
class Stored:
    """What a catalog holds: its photos, and the SKU of each product id that has one, ids ascending."""

    photos: Photos
    skus: dict[int, str]

    @classmethod
    def of(cls, catalog: Catalog) -> Stored:
        """Read an open catalog. A photo whose region is the whole picture has that view twice."""
        _, vectors = catalog.vectors()
        _, products, references = catalog.owners()
        whole = np.array([view == "whole" for view in catalog.views()])
        order = np.lexsort((~whole, references, products))
        starts = np.flatnonzero(np.r_[True, np.diff(references[order]) != 0])
        last = np.r_[starts[1:], len(order)] - 1
        photos = Photos(vectors[order[starts]], vectors[order[last]], products[order[starts]])
        names = [product.sku for product in catalog.products(0, catalog.product_count)]
        by_id = {identity: sku for sku, identity in catalog.product_ids(names).items()}
        return cls(photos, {identity: by_id[identity] for identity in np.unique(products).tolist()})

    def columns(self, skus: Sequence[str]) -> Labels:
        """The place of each SKU among the products that have a photo, int64 (N,)."""
        places = {sku: place for place, sku in enumerate(self.skus.values())}
        return np.array([places[sku] for sku in skus], dtype=np.int64)


def means(whole: Vectors, region: Vectors) -> Vectors:
    """The mean of both views of each picture, brought back to length 1, (N, D)."""
    return np.stack([blend(np.stack(both)) for both in zip(whole, region, strict=True)])


def best(cosines: NDArray[np.floating], products: Labels) -> NDArray[np.floating]:
    """The best cosine of each product (N, P), ids ascending, from those of its photos (N, R); `products` ascend."""
    starts = np.flatnonzero(np.r_[True, np.diff(products) != 0])
    return np.maximum.reduceat(cosines, starts, axis=1)
