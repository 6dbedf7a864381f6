"""Taking vectors out of a graph for good, level by level. Pure: arrays in, arrays out.

hnswlib only marks an element as deleted, and a new one that takes its place leaves links behind that lead elsewhere. So
elements are cut out here, and whoever was linked to one is linked to the nearest of its neighbours instead, as in
FreshDiskANN (Singh et al., arXiv:2105.09613, algorithm 4), but without pruning: for the few that a night changes,
places that became free are filled, and links that a build has chosen stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.records import Vectors

Places = NDArray[np.int32]
Flags = NDArray[np.bool_]

#: Where there is no link.
NONE = -1
#: Memory for the vectors of candidates that are compared at once.
_BATCH_BYTES = 16_000_000
_MOST_ROWS = 4_096


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level: `elements` int32 (n,) ascending, and whom each links to, `links` int32 (n, W), NONE for nobody."""

    elements: Places
    links: Places


def without(level: Level, removed: Flags, vectors: Vectors) -> Level:
    """The level without some elements; they have their old numbers.

    Args:
        level: who links to whom.
        removed: (N,), for each element of the graph whether it goes.
        vectors: float32 (N, D), L2 norm 1, of all elements.
    """
    place = np.full(len(removed), NONE, dtype=np.int32)
    place[level.elements] = np.arange(len(level.elements), dtype=np.int32)
    links = level.links.copy()
    lost = (links != NONE) & removed[links]
    counts = lost.sum(axis=1)
    counts[removed[level.elements]] = 0
    affected = np.flatnonzero(counts)
    # Rows that lost equally many together, so that a batch has no empty columns.
    affected = affected[np.argsort(counts[affected], kind="stable")]
    width = links.shape[1]
    start = 0
    while start < len(affected):
        most = int(counts[affected[min(start + _MOST_ROWS, len(affected)) - 1]])
        size = int(np.clip(_BATCH_BYTES // (4 * vectors.shape[1] * width * most), 1, _MOST_ROWS))
        rows = affected[start : start + size]
        links[rows] = _mended(level, rows, lost[rows], place, removed, vectors)
        start += size
    stay = ~removed[level.elements]
    return Level(level.elements[stay], links[stay])


def unreached(level: Level, entry: int, total: int) -> Places:
    """Elements of a level, int32 ascending, to which no way leads from `entry`; `total` is the graph's size."""
    place = np.full(total, NONE, dtype=np.int32)
    place[level.elements] = np.arange(len(level.elements), dtype=np.int32)
    seen = np.zeros(len(level.elements), dtype=np.bool_)
    seen[place[entry]] = True
    front = place[[entry]]
    while front.size:
        targets = level.links[front].ravel()
        found = np.unique(place[targets[targets != NONE]])
        front = found[~seen[found]]
        seen[front] = True
    return level.elements[~seen]


def _mended(
    level: Level, rows: NDArray[np.intp], lost: Flags, place: Places, removed: Flags, vectors: Vectors
) -> Places:
    """The links of some rows, what they lost replaced by the nearest neighbours of the lost."""
    links = level.links[rows]
    own = np.where(lost, NONE, links)
    most = int(lost.sum(axis=1).max())
    first = np.argsort(~lost, axis=1, kind="stable")[:, :most]
    gone = np.where(np.take_along_axis(lost, first, axis=1), np.take_along_axis(links, first, axis=1), NONE)
    offered = level.links[place[gone]]
    offered[gone == NONE] = NONE
    offered = np.sort(offered.reshape(len(rows), -1), axis=1)
    offered[:, 1:][offered[:, 1:] == offered[:, :-1]] = NONE
    me = level.elements[rows]
    known = np.zeros(offered.shape, dtype=np.bool_)
    for column in range(own.shape[1]):
        known |= offered == own[:, column, None]
    offered[known | (offered == me[:, None]) | removed[offered]] = NONE
    offered = -np.sort(-offered, axis=1)
    offered = offered[:, : max(1, int((offered != NONE).sum(axis=1).max()))]
    cosines = np.matmul(vectors[offered], vectors[me][:, :, None])[:, :, 0]
    cosines[offered == NONE] = -np.inf
    best = np.take_along_axis(offered, np.argsort(-cosines, axis=1, kind="stable"), axis=1)
    return _filled(own, best, most)


def _filled(own: Places, best: Places, most: int) -> Places:
    """Own links in front, then as many of the best as were lost (up to `most`) and fit."""
    filled = np.full(own.shape, NONE, dtype=np.int32)
    width = own.shape[1]
    order = np.argsort(own == NONE, axis=1, kind="stable")
    own = np.take_along_axis(own, order, axis=1)
    taken = (own != NONE).sum(axis=1)
    filled[:] = own
    for column in range(min(most, best.shape[1])):
        free = (taken < width) & (best[:, column] != NONE)
        filled[free, taken[free]] = best[free, column]
        taken[free] += 1
    return filled
