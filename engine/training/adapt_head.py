"""A small head for one shop: the directions of the trunk features in which its own products lie apart. NumPy only.

Linear discriminant analysis (Fisher, 1936; Fukunaga, "Introduction to Statistical Pattern Recognition", 1990, chapter
10): where photos of one product differ from each other counts for little, where products differ counts for much. The
scatter within products is shrunk towards a sphere (Friedman, "Regularized Discriminant Analysis", JASA 1989), since a
shop has fewer photos than the trunk has numbers; towards one for each pooled map, whose numbers have one scale. It is a
closed form: no steps, no chance, seconds.

All that is needed of the photos are sums, so those of a fold are subtracted instead of summing the rest again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.records import Labels

#: The most directions that are kept; with fewer products there are one fewer than products.
MOST_DIRECTIONS = 128
#: Rows that are brought to float64 at once.
_BLOCK = 8192
#: A direction in which products lie apart less than this, beside the first one, is noise.
_LEAST_SPREAD = 1e-6
_TINY = 1e-12

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """Sums over unit rows (M, T): `counts` (K,) and `sums` (K, T) of each product, `squares` (T, T) of all."""

    counts: Numbers
    sums: Numbers
    squares: Numbers

    @classmethod
    def of(cls, trunk: NDArray[Any], products: Labels, product_count: int) -> Scatter:
        """Add up trunk features (M, T) of any length; `products` (M,) are places below `product_count`."""
        width = trunk.shape[1]
        counts = np.bincount(products, minlength=product_count).astype(np.float64)
        sums, squares = np.zeros((product_count, width)), np.zeros((width, width))
        for start in range(0, len(trunk), _BLOCK):
            rows = unit(trunk[start : start + _BLOCK]).astype(np.float64)
            np.add.at(sums, products[start : start + _BLOCK], rows)
            squares += rows.T @ rows
        return cls(counts, sums, squares)

    def plus(self, other: Scatter) -> Scatter:
        """The sums over both."""
        return Scatter(self.counts + other.counts, self.sums + other.sums, self.squares + other.squares)

    def minus(self, other: Scatter) -> Scatter:
        """The sums over what is here and not in the other."""
        return Scatter(self.counts - other.counts, self.sums - other.sums, self.squares - other.squares)


@dataclass(frozen=True, slots=True, eq=False)
class ShopHead:
    """What was learnt: `centre` float32 (T,), `projection` float32 (T, D), on `learnt_on` views of photos."""

    centre: NDArray[np.float32]
    projection: NDArray[np.float32]
    learnt_on: int

    @property
    def dimension(self) -> int:
        """D, the length of what it adds to an embedding."""
        return int(self.projection.shape[1])

    def digest(self) -> str:
        """SHA-256 over the numbers, little-endian; the same as that of an encoder's part."""
        numbers = self.centre.astype("<f4").tobytes() + self.projection.astype("<f4").tobytes()
        return hashlib.sha256(numbers).hexdigest()

    def apply(self, trunk: NDArray[Any]) -> NDArray[np.float32]:
        """Trunk features (N, T) to unit rows (N, D), as the encoder's graph does it."""
        found = np.empty((len(trunk), self.dimension), np.float32)
        for rows in _blocks(len(trunk)):
            found[rows] = unit(np.matmul(unit(trunk[rows]) - self.centre, self.projection))
        return found


def learn(scatter: Scatter, shrinkage: float, edges: Sequence[int] = (), most: int = MOST_DIRECTIONS) -> ShopHead:
    """The discriminant directions of at least two products, each scaled so that photos of a product scatter alike.

    `shrinkage` > 0 is how much is added to the scatter within products, in parts of its mean over a piece of the trunk;
    `edges` are places in the trunk where another piece begins. Raises ValueError with fewer than two products.
    """
    there = scatter.counts > 0
    counts, sums = scatter.counts[there], scatter.sums[there]
    if len(counts) < 2:
        raise ValueError(f"{len(counts)} products have nothing to be told apart")
    total = counts.sum()
    means, centre = sums / counts[:, None], sums.sum(axis=0) / total
    within = (scatter.squares - (sums.T / counts) @ sums) / total
    within[np.diag_indices_from(within)] += shrinkage * _levels(np.diag(within), edges)
    between = (means - centre) * np.sqrt(counts / total)[:, None]
    projection = _directions(within, between, min(most, len(counts) - 1))
    # The length does not matter before the unit norm. Products that are all the same give nothing but zeros.
    projection /= max(float(np.abs(projection).max()), _TINY)
    return ShopHead(centre.astype(np.float32), projection.astype(np.float32), int(total))


def _levels(diagonal: Numbers, edges: Sequence[int]) -> Numbers:
    """The mean of the diagonal (T,) over the piece in which each number is."""
    found = np.empty_like(diagonal)
    bounds = sorted({0, len(diagonal), *edges})
    for start, stop in pairwise(bounds):
        found[start:stop] = max(float(diagonal[start:stop].mean()), _TINY)
    return found


def _directions(within: Numbers, between: Numbers, most: int) -> Numbers:
    """The directions (T, D) that maximise scatter of `between` (K, T) over `within` (T, T), each of unit length in it.

    The eigenvectors are sought on the smaller side: the products, or the numbers of the trunk.
    """
    if len(between) <= len(within):
        solved = np.linalg.solve(within, between.T)
        spread, axes = np.linalg.eigh(between @ solved)
        kept = _kept(spread, most)
        found = solved @ axes[:, kept] / np.sqrt(np.maximum(spread[kept], _TINY))
    else:
        root = np.linalg.cholesky(within)
        whitened = np.linalg.solve(root, between.T)
        spread, axes = np.linalg.eigh(whitened @ whitened.T)
        found = np.linalg.solve(root.T, axes[:, _kept(spread, most)])
    signs = np.sign(found[np.abs(found).argmax(axis=0), np.arange(found.shape[1])])  # an axis has no sign; choose one
    return np.asarray(found * signs)


def _kept(spread: Numbers, most: int) -> NDArray[np.intp]:
    """The places of the greatest values, at most so many, without what is only rounding."""
    order = np.argsort(spread)[::-1][:most]
    kept: NDArray[np.intp] = order[spread[order] >= _LEAST_SPREAD * max(float(spread[order[0]]), 0.0)]
    return kept if len(kept) else order[:1]


def unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    """Rows (N, C) of any kind of number, brought to length 1 in float32; one without a length stays as it is."""
    values = rows.astype(np.float32)
    lengths = np.linalg.norm(values, axis=1, keepdims=True)
    return np.asarray(values / np.maximum(lengths, np.float32(1e-6)), dtype=np.float32)


def _blocks(count: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, count, _BLOCK))
