"""Simulated queries of a catalog, to calibrate it: what would a photo of one of its products find, and a stranger?

Each query is asked three times. As a *known item*. As a *stranger*: its product is left out together with the products
that resemble it most, and whatever then comes first is wrong. And as a *missing variant*: only its own product is left
out, as where a shop lacks a flavour of a pack that it has; hardly any picture tells that it is not one of the others.

A photo can only be left out where the product has another one of the same side: the back of a pack says nothing about
its front. There is one if the product comes first without the photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog
from engine.records import Labels, Vectors
from engine.verdict import CROWD_RANKS, UNFITTED, Calibration, leading
from engine.views import blend

#: Similarities kept of each query: all that the crowd and the shares look at.
KEPT = 24
#: A stranger's product is left out together with this many products that resemble it most.
RELATIVES = 3
#: Cosines that all queries of one kind may cost: some seconds.
COMPARISONS = 40_000_000


#: How much of its likeness to its product an item keeps from a simulated view to a store's, in ten cases of equal
#: weight. `ALONE`: a single picture of that side, mostly a studio's, has to do. Measured on products that an encoder
#: was not trained on (`python -m benchmarks.store_likeness`).
ALONE = (0.0, 0.15, 0.35, 0.45, 0.55, 0.65, 0.7, 0.8, 0.9, 1.05)
#: The same where another photo of that side is in the catalog, so that both are a camera's. Within one shop nothing is
#: lost there (1.2 is kept: an undisturbed photo is nearer than a simulated view), but photos of a catalog are of one
#: shop and one day, mostly, and no collection tells of others: half of what a studio's picture loses.
BESIDE = tuple(min(1.0, (1.0 + kept) / 2.0) for kept in ALONE)


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated query: similarities (P,), best first, and the place of its own product, -1 if that is left out.

    `closeness` (P,) is of the same pictures in the embedding's leading numbers (engine.verdict). `beside` is whether
    another photo of the same side of the product answers the query.
    """

    similarities: NDArray[np.float32]
    closeness: NDArray[np.float32]
    own: int
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as known item, stranger and missing variant: one trial each, none where no product is left."""

    known: Trial
    stranger: tuple[Trial, ...]
    variant: tuple[Trial, ...]


@dataclass(frozen=True, slots=True)
class Trials:
    """All simulated queries of a catalog.

    `camera` are known items as a camera sees them, `siblings` stored photos whose product comes first without them.
    """

    camera: list[Trial] = field(default_factory=list)
    siblings: list[Trial] = field(default_factory=list)
    strangers: list[Trial] = field(default_factory=list)
    variants: list[Trial] = field(default_factory=list)


def in_stores(trials: Sequence[Trial]) -> list[Trial]:
    """Items as ten stores' cameras may see each of them: see `BESIDE` and `ALONE`."""
    return [in_a_store(trial, kept) for trial in trials for kept in (BESIDE if trial.beside else ALONE)]


def in_a_store(trial: Trial, kept: float) -> Trial:
    """What a query that shows an item finds if a store's view keeps only a part of its likeness. Pure.

    Likeness is what a cosine has above the crowd's. The own product, if it is not left out, keeps `kept` of it; the
    products that resemble the item lose half as much, because they resemble what is lost too.
    """
    if len(trial.similarities) == (trial.own >= 0):
        return trial
    similarities, own = _kept(trial.similarities, trial.own, kept)
    closeness, own_closeness = _kept(trial.closeness, trial.own, kept)
    place = -1
    if trial.own >= 0:
        place = int((similarities > own).sum())
        similarities, closeness = np.insert(similarities, place, own), np.insert(closeness, place, own_closeness)
    return Trial(similarities.astype(np.float32), closeness.astype(np.float32), place, trial.beside)


def _kept(cosines: NDArray[np.float32], own: int, kept: float) -> tuple[NDArray[np.float64], float]:
    """What is left of the cosines (P,) with the products: of the others, in their order, and of the own one."""
    others = cosines.astype(np.float64)
    if own >= 0:
        others = np.delete(others, own)
    ranks = others[CROWD_RANKS]
    crowd = float(ranks.mean() if len(ranks) else others.mean())
    above = np.maximum(others - crowd, 0.0)
    return others - above * (1.0 - kept) / 2.0, crowd + kept * (float(cosines[own]) - crowd)


class Gallery:
    """All stored vectors, by product, to ask what a query would find with a photo or a product left out.

    `calibration` says which numbers of an embedding lead; nothing else of it counts.
    """

    def __init__(
        self, vectors: Vectors, products: Labels, references: Labels, calibration: Calibration = UNFITTED
    ) -> None:
        order = np.lexsort((references, products))
        self.vectors, self._products, self._references = vectors[order], products[order], references[order]
        self._calibration, self._leading = calibration, leading(self.vectors, calibration)
        new = np.diff(self._products) != 0
        self._starts = np.flatnonzero(np.r_[True, new]) if len(order) else np.zeros(0, np.int64)
        self._ids = self._products[self._starts]
        by_reference = np.argsort(self._references, kind="stable")
        self._rows_of = dict(_groups(self._references[by_reference], by_reference))

    @classmethod
    def of(cls, catalog: Catalog, calibration: Calibration) -> Gallery:
        """Read an open catalog."""
        _, vectors = catalog.vectors()
        _, products, references = catalog.owners()
        return cls(vectors, products, references, calibration)

    def affordable(self, queries: int) -> int:
        """That many queries, fewer in a very large catalog: each one is compared with every vector."""
        return min(queries, max(100, COMPARISONS // max(1, len(self.vectors))))

    def sample(self, count: int, rng: np.random.Generator) -> list[int]:
        """Up to `count` reference ids, at random, every product once before any comes twice."""
        photos = [
            rng.permutation(list(dict.fromkeys(own.tolist()))).tolist()
            for own in np.split(self._references, self._starts[1:])
            if len(own)
        ]
        chosen: list[int] = []
        while photos and len(chosen) < count:
            chosen += [photos[place].pop() for place in rng.permutation(len(photos)).tolist()]
            photos = [left for left in photos if left]
        return chosen[:count]

    def query(self, reference: int) -> NDArray[np.float32]:
        """What a stored photo would ask: the blend (D,) of its views."""
        return blend(self.vectors[self._rows_of[reference]])

    def rank(self, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], Labels]:
        """Best cosine of each product, best first, and the products' ids."""
        similarities, _, ids = self._ranked(query)
        return similarities, ids

    def ask(self, query: NDArray[np.float32], reference: int, left_out: bool) -> Asked:
        """What a query (D,) that shows a stored photo finds; with `left_out`, while this photo is not in the catalog.

        Where it is the only photo of its product, nothing is left of the product, and it comes last.
        """
        source = self._rows_of[reference]
        own_product = self._products[source[0]]
        similarities, closeness, ids = self._ranked(query, source if left_out else None)
        place = int(np.flatnonzero(ids == own_product)[0])
        shown = slice(max(KEPT, place + 1))

        def without(products: list[int]) -> tuple[Trial, ...]:
            rows = np.flatnonzero(~np.isin(ids, products))[:KEPT]
            return (Trial(similarities[rows], closeness[rows], -1, left_out),) if len(rows) else ()

        return Asked(
            Trial(similarities[shown], closeness[shown], place, left_out),
            stranger=without([own_product, *self.relatives(reference)]),
            variant=without([own_product]),
        )

    def relatives(self, reference: int) -> list[int]:
        """The products that resemble a stored photo most, without its own; at most a third of all."""
        _, ids = self.rank(self.query(reference))
        own_product = self._products[self._rows_of[reference][0]]
        return [one for one in ids.tolist() if one != own_product][: min(RELATIVES, len(ids) // 3)]

    def _ranked(
        self, query: NDArray[np.float32], left_out: Labels | None = None
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], Labels]:
        """Of each product the cosine of its nearest vector, that in the leading numbers, and its id; best first.

        `left_out` are rows that count as if they were the opposite of the query.
        """
        cosines = self.vectors @ query
        if left_out is not None:
            cosines[left_out] = -1.0
        best = np.maximum.reduceat(cosines, self._starts)
        rows = np.flatnonzero(cosines == np.repeat(best, np.diff(np.r_[self._starts, len(cosines)])))
        nearest = rows[np.searchsorted(rows, self._starts)]
        close = self._leading[nearest] @ leading(query, self._calibration)
        order = np.argsort(-best, kind="stable")
        return best[order], close[order], self._ids[order]


def _groups(keys: Labels, values: Labels) -> Iterator[tuple[int, Labels]]:
    """Values under each key; `keys` are sorted."""
    starts = np.flatnonzero(np.r_[True, np.diff(keys) != 0]) if len(keys) else np.zeros(0, np.int64)
    yield from zip(keys[starts].tolist(), np.split(values, starts[1:]), strict=False)
