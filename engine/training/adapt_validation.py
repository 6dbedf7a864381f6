"""Is a learnt head worth having? Photos that it has not seen ask the rest of the catalog, with it and without it. Pure.

Whole photos are held back, never single views of one. Photos of one product that stand together by name were mostly
taken together and resemble each other more than a customer's; so a fold is a run of them, not every fifth one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.metrics import bootstrap_interval, bootstrap_interval_of
from engine.records import Labels, Progress, ProgressCallback, Vectors, no_progress
from engine.training.adapt_head import Scatter, learn, unit

FOLDS = 5
#: Held-back photos of a very large catalog: so many tell a difference of half a point.
MOST_HELD_BACK = 3000
#: Fewer held-back photos than this say nothing.
LEAST_HELD_BACK = 20
#: What is tried; the first of equals is taken. docs/adapt.md has what they give.
SHRINKAGES = (0.3, 0.1, 1.0)
#: Lengths of the new part beside that of all old parts together.
WEIGHTS = (0.5, 1.0, 1.5, 2.0)
#: Cosines that are held at once: 64 MB.
_BLOCK = 16_000_000

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ShopViews:
    """All views of a catalog's photos, M of them, by photo; N photos of K products.

    `embeddings` (M, D) and `trunk` (M, T) are float16; `photos` int64 (M,) ascending says which photo each view is of,
    `products` int64 (N,) which product is on each photo, from 0. `extra_trunk` (X, T) and `extra_products` (X,) are
    what people confirmed: it is learnt from, and never asks or answers. `edges` are those of `adapt_head.learn`.
    """

    embeddings: NDArray[np.float16]
    trunk: NDArray[np.float16]
    photos: Labels
    products: Labels
    extra_trunk: NDArray[np.float16]
    extra_products: Labels
    edges: tuple[int, ...] = ()

    @property
    def product_count(self) -> int:
        """K, with those that only `extra_products` name."""
        return int(max(self.products.max(initial=-1), self.extra_products.max(initial=-1))) + 1

    @property
    def owners(self) -> Labels:
        """The product of each view, int64 (M,)."""
        return self.products[self.photos]

    def scatter(self) -> Scatter:
        """The sums over all views and what was confirmed."""
        count = self.product_count
        return Scatter.of(self.trunk, self.owners, count).plus(Scatter.of(self.extra_trunk, self.extra_products, count))


@dataclass(frozen=True, slots=True)
class Choice:
    """A head that could be learnt: how much the scatter is shrunk, and its weight beside all old parts together."""

    shrinkage: float
    weight: float


@dataclass(frozen=True, slots=True)
class Gain:
    """What held-back photos say: top-1 (0..1) of the `held_back` photos without what was learnt and with it.

    `gain` is the mean difference and `interval` its 95 % bootstrap interval.
    """

    held_back: int
    before: float
    after: float
    gain: float
    interval: tuple[float, float]

    @property
    def wins(self) -> bool:
        """Better by more than the noise."""
        return self.interval[0] > 0.0


@dataclass(frozen=True, slots=True)
class Outcome(Gain):
    """What trying heads found. `after` is honest: a photo is answered by the choice that is best on the other folds'.

    `choice` is the best on all photos; `tried` of `choices` heads.
    """

    choice: Choice
    tried: int
    choices: int


def folds(products: Labels, seed: int = 0, most: int = MOST_HELD_BACK) -> Labels:
    """The fold (0 to FOLDS - 1) in which each photo (N,) is held back, -1 for one that never is.

    The only photo of a product never is. Of more than `most` photos some are drawn, product by product, by the seed.
    """
    rng = np.random.default_rng(seed)
    found = np.full(len(products), -1, dtype=np.int64)
    order = np.argsort(products, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(products[order]) != 0]) if len(order) else order
    for own in np.split(order, starts[1:]):
        if len(own) > 1:
            found[own] = (np.arange(len(own)) * FOLDS // len(own) + int(rng.integers(FOLDS))) % FOLDS
    held = np.flatnonzero(found >= 0)
    if len(held) > most:
        found[rng.choice(held, len(held) - most, replace=False)] = -1
    return found


def validate(
    views: ShopViews,
    in_time: Callable[[], bool] = lambda: True,
    seed: int = 0,
    progress: ProgressCallback = no_progress,
) -> Outcome | None:
    """Try all choices on held-back photos; None where too few photos can be held back.

    `in_time` is asked before each shrinkage but the first: once it says no, the rest is not tried.
    """
    fold_of = folds(views.products, seed)
    asking = np.flatnonzero(fold_of >= 0)
    if len(asking) < LEAST_HELD_BACK or len(np.unique(views.products)) < 2:
        return None
    embeddings, everything = unit(views.embeddings), views.scatter()
    before = np.zeros(len(views.products), dtype=bool)
    choices: list[Choice] = []
    right: list[Flags] = []
    for turn, shrinkage in enumerate(SHRINKAGES):
        if turn and not in_time():
            break
        hits = {weight: np.zeros(len(views.products), dtype=bool) for weight in WEIGHTS}
        for fold in range(FOLDS):
            progress(Progress("validate", turn * FOLDS + fold, len(SHRINKAGES) * FOLDS))
            _ask(views, embeddings, everything, fold_of == fold, shrinkage, before, hits)
        choices += [Choice(shrinkage, weight) for weight in WEIGHTS]
        right += [hits[weight][asking] for weight in WEIGHTS]
    progress(Progress("validate", len(SHRINKAGES) * FOLDS, len(SHRINKAGES) * FOLDS))
    return judged(before[asking], np.array(right), fold_of[asking], choices, seed)


def judged(before: Flags, right: Flags, fold_of: Labels, choices: Sequence[Choice], seed: int = 0) -> Outcome:
    """What follows from answers: `before` (Q,), `right` (C, Q) by choice, and the fold of each of the Q photos."""
    after = np.zeros(len(before), dtype=bool)
    for fold in np.unique(fold_of):
        own = fold_of == fold
        after[own] = right[int(right[:, ~own].sum(axis=1).argmax()), own]
    change = after.astype(np.float64) - before
    return Outcome(
        held_back=len(before),
        before=float(before.mean()),
        after=float(after.mean()),
        gain=float(change.mean()),
        interval=bootstrap_interval(change, np.random.default_rng(seed)),
        choice=choices[int(right.sum(axis=1).argmax())],
        tried=len(choices),
        choices=len(SHRINKAGES) * len(WEIGHTS),
    )


def answers(embeddings: Vectors, photos: Labels, products: Labels, asks: Flags) -> Labels:
    """The product (Q,) that each photo which asks gets from the photos that do not, in the order of the photos.

    `embeddings` (M, D) of all views, in any order; `photos` (M,) says which photo each is of; `products` (N,) and
    `asks` (N,) belong to the photos.
    """
    held, owners = asks[photos], products[photos]
    order = np.flatnonzero(~held)[np.argsort(owners[~held], kind="stable")]
    gallery, ids = embeddings[order], owners[order]
    starts = np.flatnonzero(np.r_[True, np.diff(ids) != 0])
    asking = np.flatnonzero(asks)
    found = np.empty(len(asking), dtype=np.int64)
    done = 0
    for some in _blocks(asking, len(order)):
        rows = np.isin(photos, some)
        queries = _summed(embeddings[rows], np.searchsorted(some, photos[rows]), len(some))
        found[done : done + len(some)] = _nearest(queries @ gallery.T, starts, ids)
        done += len(some)
    return found


def gain_of(before: Flags, after: Flags, products: Labels, seed: int = 0) -> Gain:
    """What follows from two answers to each held-back photo (Q,) of `products` (Q,): was it right?

    Photos of one product get better or worse together, and a shop with few products has few such cases. So the
    interval is drawn twice, over photos and over products with all their photos, and reaches as far as either.
    """
    change = after.astype(np.float64) - before
    _, owners = np.unique(products, return_inverse=True)
    by_product = np.stack([np.bincount(owners, change), np.bincount(owners)], axis=1)
    by_photo = bootstrap_interval(change, np.random.default_rng(seed))
    clustered = bootstrap_interval_of(
        lambda drawn: float(drawn[:, 0].sum() / drawn[:, 1].sum()), [by_product], np.random.default_rng(seed)
    )
    interval = (min(by_photo[0], clustered[0]), max(by_photo[1], clustered[1]))
    return Gain(len(change), float(before.mean()), float(after.mean()), float(change.mean()), interval)


def _ask(
    views: ShopViews,
    embeddings: Vectors,
    everything: Scatter,
    asks: Flags,
    shrinkage: float,
    before: Flags,
    hits: dict[float, Flags],
) -> None:
    """Hold the photos that ask back, learn from the others, and note which answers are right: without, and by weight.

    Photos ask with the sum of their views, as a lookup does; its length does not change which product is nearest.
    """
    held = asks[views.photos]
    kept = ~held
    owners = views.owners
    out = Scatter.of(views.trunk[held], owners[held], views.product_count)
    head = learn(everything.minus(out), shrinkage, views.edges)
    shop = head.apply(views.trunk)
    order = np.flatnonzero(kept)[np.argsort(owners[kept], kind="stable")]
    gallery, shop_gallery, ids = embeddings[order], shop[order], owners[order]
    starts = np.flatnonzero(np.r_[True, np.diff(ids) != 0])
    for photos in _blocks(np.flatnonzero(asks), len(order)):
        rows = np.isin(views.photos, photos)
        places = np.searchsorted(photos, views.photos[rows])
        old = _summed(embeddings[rows], places, len(photos)) @ gallery.T
        new = _summed(shop[rows], places, len(photos)) @ shop_gallery.T
        before[photos] = _nearest(old, starts, ids) == views.products[photos]
        for weight, answers in hits.items():
            answers[photos] = _nearest(old + np.float32(weight**2) * new, starts, ids) == views.products[photos]


def _summed(rows: Vectors, places: Labels, count: int) -> Vectors:
    total = np.zeros((count, rows.shape[1]), dtype=np.float32)
    np.add.at(total, places, rows)
    return total


def _nearest(similarities: NDArray[np.float32], starts: NDArray[np.intp], ids: Labels) -> Labels:
    """The product of the most similar view for each row; `starts` are where the products begin in the columns."""
    best = np.maximum.reduceat(similarities, starts, axis=1)
    found: Labels = ids[starts][best.argmax(axis=1)]
    return found


def _blocks(photos: Labels, columns: int) -> Iterator[Labels]:
    """Photos in parts that leave the table of cosines small."""
    size = max(1, _BLOCK // max(1, columns))
    return (photos[start : start + size] for start in range(0, len(photos), size))
