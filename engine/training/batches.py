"""Batches of views, made by threads a few steps ahead of the network."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.image import InputSpec, prepare
from engine.records import Picture, Tensor
from engine.training.camera_views import camera_view
from engine.training.gallery import TrainingPhoto
from engine.training.picture_store import PictureStore
from engine.training.sampler import Row, Sampler
from engine.training.studio_views import cut_out, studio_view

#: Of the backgrounds and covering things, this part comes from other folders than the sources if there are any.
FOREIGN = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """`pictures` float32 (N, 3, S, S), `labels` int64 (N,), and the names of the photos."""

    step: int
    pictures: Tensor
    labels: NDArray[np.int64]
    names: tuple[str, ...]


class BatchMaker:
    """Makes the views that a sampler asks for; the same step gives the same batch, whatever the threads do.

    `photos` are those that train; `backgrounds` are more photos to stand behind and before the things.
    """

    def __init__(
        self,
        photos: Sequence[TrainingPhoto],
        sampler: Sampler,
        store: PictureStore,
        spec: InputSpec,
        backgrounds: Sequence[Path] = (),
    ) -> None:
        self._photos, self._sampler, self._store, self._spec = photos, sampler, store, spec
        self._backgrounds = backgrounds
        self._natural = [photo.path for photo in photos if not photo.studio]

    def batch(self, step: int, process: int = 0, processes: int = 1) -> Batch:
        """The batch of a step, or the part of it that falls to a process. Raises an ImageError."""
        rows = self._sampler.rows(step, process, processes)
        views = [self._view(row) for row in rows]
        labels = np.array([row.label for row in rows], dtype=np.int64)
        return Batch(step, prepare(views, self._spec), labels, tuple(self._photos[row.photo].name for row in rows))

    def ahead(self, first: int, stop: int, threads: int = 2, process: int = 0, processes: int = 1) -> Generator[Batch]:
        """The batches of the steps first..stop, in order; a few are made ahead. Closing it ends the threads."""
        pool = ThreadPoolExecutor(max(1, threads), "views")
        waiting: deque[Future[Batch]] = deque()
        try:
            for step in range(first, stop):
                while len(waiting) <= 2 * threads and step + len(waiting) < stop:
                    waiting.append(pool.submit(self.batch, step + len(waiting), process, processes))
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _view(self, row: Row) -> Picture:
        rng = np.random.default_rng(row.seed)
        photo = self._photos[row.photo]
        picture = self._store.picture(photo.path)

        def others() -> Picture:
            return self._other(rng)

        if photo.studio:
            return studio_view(picture, cut_out(picture), self._spec.size, rng, others)
        return camera_view(picture, self._spec.size, rng, others)

    def _other(self, rng: np.random.Generator) -> Picture:
        """A photo for the background; without any (a shop of studio pictures only) clouds of colour."""
        foreign = self._backgrounds and (not self._natural or rng.random() < FOREIGN)
        among = self._backgrounds if foreign else self._natural
        if not among:
            return _clouds(rng)
        return self._store.picture(among[int(rng.integers(len(among)))])


def _clouds(rng: np.random.Generator) -> Picture:
    import cv2

    drops = rng.normal(120, 60, (8, 8, 3)).clip(0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(drops, (256, 256), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
