"""Frames of one thing become one query: their embeddings are pooled, so that a live answer gets steadier. Pure.

A shaking camera sees the same item a little differently in each frame, sometimes blurred. The pool is a sum of the
frames' embeddings in which a sharp frame counts more than a blurred one and an old one less and less. A single frame
that looks quite different (a hand that crosses the view, a jolt) does not get in; several in a row that resemble each
other are another scene, and take the pool's place. The values were chosen on clips of train photos; docs/lookup.md has
the figures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.records import Region


@dataclass(frozen=True, slots=True)
class PoolRules:
    """How a pool forgets, and what it takes for another scene.

    A frame's weight is its sharpness to the power of `sharpness_power`; it halves each `half_life_s`. A frame whose
    cosine to the pool is under `same_scene_cosine` is doubted; `scene_frames` of them in a row, alike among themselves,
    are another scene. When no frame got in for `gap_s`, nothing says that the pool still is about what is in view.
    """

    half_life_s: float = 1.0
    sharpness_power: float = 1.0
    same_scene_cosine: float = 0.75
    scene_frames: int = 2
    gap_s: float = 1.0

    def __post_init__(self) -> None:
        if min(self.half_life_s, self.gap_s, self.scene_frames) <= 0 or self.sharpness_power < 0:
            raise ValueError(f"times and counts must be positive: {self}")
        if not 0 < self.same_scene_cosine < 1:
            raise ValueError(f"a limit between 0 and 1 tells scenes apart: {self}")


class FramePool:
    """The pool of one stream. It belongs to whoever shows the stream; one thread at a time may use it."""

    def __init__(self, rules: PoolRules | None = None) -> None:
        """An empty pool; it takes the dimension of the first embedding that it is given."""
        self._rules = rules or PoolRules()
        self._sum = np.zeros(0, dtype=np.float32)
        self._doubted = np.zeros(0, dtype=np.float32)
        self._frames = 0
        self._doubts = 0
        self._newest_s = 0.0
        self._drawn: Region | None = None

    @property
    def frames(self) -> int:
        """How many frames of the present scene are in the pool."""
        return self._frames

    def take(
        self, embedding: NDArray[np.float32], sharpness: float, at_s: float, drawn: Region | None = None
    ) -> NDArray[np.float32]:
        """Add a frame's embedding, float32 (D,) of length 1, and return the pooled one, (D,) of length 1.

        `sharpness` is at least 0, see `engine.image.quality`; `at_s` is when the frame was taken, in seconds of a clock
        that only grows (a frame from before the newest one counts as if taken with it). `drawn` is the region that a
        person drew, if only that was looked at: with another one the pool starts over. Raises ValueError for an
        embedding of another dimension than the ones before.
        """
        if not self._sum.size:
            self._sum, self._doubted = np.zeros_like(embedding), np.zeros_like(embedding)
        if embedding.shape != self._sum.shape:
            raise ValueError(f"an embedding of {embedding.shape} for a pool of {self._sum.shape}")
        weight = np.float32(max(sharpness, 1.0) ** self._rules.sharpness_power)
        waited_s = max(at_s - self._newest_s, 0.0)
        if not self._frames or drawn != self._drawn or waited_s > self._rules.gap_s:
            self._drawn = drawn
            self._newest_s, self._frames, self._doubts = at_s, 1, 0
            np.multiply(embedding, weight, out=self._sum)
            return embedding
        if self._resembles(embedding, self._sum):
            self._sum *= np.float32(0.5 ** (waited_s / self._rules.half_life_s))
            self._sum += weight * embedding
            self._frames += 1
            self._doubts = 0
            self._newest_s += waited_s
        else:
            self._doubt(embedding, weight, at_s)
        return np.asarray(self._sum / np.linalg.norm(self._sum), dtype=np.float32)

    def _resembles(self, embedding: NDArray[np.float32], total: NDArray[np.float32]) -> bool:
        return float(embedding @ total) >= self._rules.same_scene_cosine * float(np.linalg.norm(total))

    def _doubt(self, embedding: NDArray[np.float32], weight: np.float32, at_s: float) -> None:
        """Keep a frame that does not fit apart; enough of them that fit together take the pool's place."""
        if self._doubts and self._resembles(embedding, self._doubted):
            self._doubted += weight * embedding
            self._doubts += 1
        else:
            np.multiply(embedding, weight, out=self._doubted)
            self._doubts = 1
        if self._doubts >= self._rules.scene_frames:
            self._sum, self._doubted = self._doubted, self._sum
            self._frames, self._doubts, self._newest_s = self._doubts, 0, max(self._newest_s, at_s)
