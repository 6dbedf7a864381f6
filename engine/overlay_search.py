"""What people said, as arrays, and how it joins what the index found. Pure: arrays in, arrays out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.matching import Ranking, rank
from engine.overlay_rules import Standing, Status, refused_products, shared
from engine.records import Labels, Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """All that lookups need of the overlay, and what became of everything that was said.

    `vectors` float32 (M, D), their `products` and `references` int64 (M,), which are `quarantined` and whose product is
    `photographed` in the catalog too, bool (M,): the confirmations. `refused` float32 (R, D) and `refused_products`
    int64 (R,): the views for which a product was ruled out. A reference is minus the number of its confirmation, so
    that it is never one of the catalog's.
    """

    vectors: Vectors
    products: Labels
    references: Labels
    quarantined: NDArray[np.bool_]
    photographed: NDArray[np.bool_]
    refused: Vectors
    refused_products: Labels
    standings: tuple[Standing, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether a lookup has nothing to do with it."""
        return not len(self.products) and not len(self.refused_products)

    def counts(self) -> dict[str, int]:
        """How many are active, quarantined, parked and undone."""
        found = Counter(one.status for one in self.standings)
        return {status.value: found[status] for status in Status}


_NO_ROWS, _NO_LABELS = np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int64)
_NO_FLAGS = np.zeros(0, dtype=np.bool_)
NOTHING = Snapshot(_NO_ROWS, _NO_LABELS, _NO_LABELS, _NO_FLAGS, _NO_FLAGS, _NO_ROWS, _NO_LABELS)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What the index found for a query: product and reference ids, int64 (m,), cosines float32 (m,); in any order."""

    products: Labels
    references: Labels
    cosines: NDArray[np.float32]


def merged(hits: Hits, found: Snapshot, embedding: NDArray[np.float32]) -> tuple[Ranking, Ranking | None]:
    """The ranking of what the index found together with what people said; also without quarantined confirmations.

    The second is None where no quarantined one counts. `embedding` float32 (D,) of length 1 is the query.
    """
    products, references, cosines = hits.products, hits.references, hits.cosines
    quarantined = np.zeros(len(products), dtype=bool)
    if len(found.products):
        # One that is farther than all hits of the index may belong to a product with a nearer photo that was not
        # looked for; it comes behind as many products as were asked for, so nobody sees it.
        products = np.concatenate([products, found.products])
        references = np.concatenate([references, found.references])
        own = np.clip(_cosines(found.vectors, embedding), -1.0, 1.0)
        cosines = np.concatenate([cosines, shared(own, _best_photos(hits, found))])
        quarantined = np.concatenate([quarantined, found.quarantined])
    ranking = rank(products, references, cosines)
    if len(found.refused_products):
        alike = _cosines(found.refused, embedding)
        out = refused_products(found.refused_products, alike, ranking.products, ranking.similarities)
        if len(out):
            kept = ~np.isin(products, out)
            products, references, cosines = products[kept], references[kept], cosines[kept]
            quarantined = quarantined[kept]
            ranking = rank(products, references, cosines)
    if not quarantined.any():
        return ranking, None
    sure = ~quarantined
    return ranking, rank(products[sure], references[sure], cosines[sure])


def _best_photos(hits: Hits, found: Snapshot) -> NDArray[np.float32]:
    """The best photo's cosine of each confirmation's product, float32 (M,); nan where it has no photo.

    A product whose photos were not found has none that is nearer than the last hit.
    """
    photos = np.full(len(found.products), hits.cosines.min(initial=1.0), dtype=np.float32)
    ranking = rank(hits.products, hits.references, hits.cosines)
    order = np.argsort(ranking.products)
    places = np.searchsorted(ranking.products, found.products, sorter=order)
    if len(order):
        rows = order[np.minimum(places, len(order) - 1)]
        hit = ranking.products[rows] == found.products
        photos[hit] = ranking.similarities[rows[hit]]
    photos[~found.photographed] = np.nan
    return photos


def _cosines(vectors: Vectors, embedding: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of unit rows (M, D) with a unit vector (D,).

    Not by BLAS, which takes threads for it: where the encoder keeps every core busy they wait tens of milliseconds for
    one, against 0.1 ms for a thousand rows on this thread.
    """
    return np.asarray(np.einsum("ij,j->i", vectors, embedding), dtype=np.float32)
