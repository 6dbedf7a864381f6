"""Pictures that are nearly the same: the same photo at another size, another JPEG quality, slightly cropped or lit.

The low frequencies of a discrete cosine transform, each above or below their median, as 255 bits (Zauner,
"Implementation and Benchmarking of Perceptual Image Hash Functions", 2010, section 3.2.1), and the colours of a grid:
two variants of a package may differ by nothing but a colour, and are not a leak.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.records import Picture

_SIDE, _FREQUENCIES, _GRID = 64, 16, 8
#: Bits of 255 that may differ, and levels of 255 that the colours may differ on average. A crop by 3 % on each side
#: changes up to 68 bits; between photos of a store taken at other moments at least 90 differ (296 against 2,640).
MOST_BITS, MOST_LEVELS = 64, 12.0
_ONES = np.array([bin(value).count("1") for value in range(256)], dtype=np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """`bits` uint8 (32,), packed; `colours` uint8 (192,), an 8 x 8 grid of RGB."""

    bits: NDArray[np.uint8]
    colours: NDArray[np.uint8]


def fingerprint(picture: Picture) -> Fingerprint:
    """The fingerprint of a picture, RGB uint8 (H, W, 3)."""
    small = cv2.resize(picture, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    low = cv2.dct(grey)[:_FREQUENCIES, :_FREQUENCIES].ravel()[1:]  # without the mean, which is the exposure
    grid = cv2.resize(small, (_GRID, _GRID), interpolation=cv2.INTER_AREA)
    return Fingerprint(np.packbits(low > np.median(low)), np.asarray(grid, dtype=np.uint8).ravel())


def nearly_same(queries: list[Fingerprint], others: list[Fingerprint]) -> NDArray[np.int64]:
    """For each query the index of an almost equal one among the others, the nearest by bits; -1 if there is none."""
    found = np.full(len(queries), -1, dtype=np.int64)
    if not others:
        return found
    bits = np.stack([other.bits for other in others])
    colours = np.stack([other.colours for other in others]).astype(np.int16)
    for row, query in enumerate(queries):
        distances = _ONES[bits ^ query.bits].sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(distances <= MOST_BITS)
        levels = np.abs(colours[near] - query.colours).mean(axis=1)
        near = near[levels <= MOST_LEVELS]
        if len(near):
            found[row] = near[distances[near].argmin()]
    return found
