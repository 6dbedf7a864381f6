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
from engine.training.packages import PackageSet
from engine.training.picture_store import PictureStore
from engine.training.sampler import Row, Sampler
from engine.training.studio_views import cut_out, studio_view

#: Of the backgrounds and covering things, this part comes from other folders than the sources if there are any.
FOREIGN = 0.4
#: Views of a family of packages in a batch: two of each of two variants.
VIEWS_OF_FAMILY = 4


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """`pictures` float32 (N, 3, S, S): views of the shop's photos, of packages and of other things, in this order.

    `labels` int64 (M,) are the classes of the shop's views, `natural` bool (M,) says which are of natural photos. Of
    the `packages` views each two neighbours are of one package. `names` (N,) are the photos' names.
    """

    step: int
    pictures: Tensor
    labels: NDArray[np.int64]
    natural: NDArray[np.bool_]
    packages: int
    names: tuple[str, ...]


class BatchMaker:
    """Makes the views that a sampler asks for; the same step gives the same batch, whatever the threads do.

    `photos` are those that train; `backgrounds` are more photos to stand behind and before the things, and to be kept
    in mind. `extras` are how many package views and kept views a batch has, over all processes.
    """

    def __init__(
        self,
        photos: Sequence[TrainingPhoto],
        sampler: Sampler,
        store: PictureStore,
        spec: InputSpec,
        backgrounds: Sequence[Path] = (),
        packages: PackageSet | None = None,
        extras: tuple[int, int] = (0, 0),
        seed: int = 0,
    ) -> None:
        self._photos, self._sampler, self._store, self._spec = photos, sampler, store, spec
        self._backgrounds, self._packages, self._seed = backgrounds, packages, seed
        self._extras = (extras[0] if packages else 0, extras[1] if backgrounds else 0)
        self._natural = [photo.path for photo in photos if not photo.studio]

    def batch(self, step: int, process: int = 0, processes: int = 1) -> Batch:
        """The batch of a step, or the part of it that falls to a process. Raises an ImageError."""
        rows = self._sampler.rows(step, process, processes)
        views = [self._view(row) for row in rows]
        labels = np.array([row.label for row in rows], dtype=np.int64)
        natural = np.array([not self._photos[row.photo].studio for row in rows], dtype=np.bool_)
        names = [self._photos[row.photo].name for row in rows]
        rng = np.random.default_rng([self._seed, 4, step, process])
        packages = self._extras[0] // processes // VIEWS_OF_FAMILY * VIEWS_OF_FAMILY
        for number in self._drawn_packages(packages, rng):
            assert self._packages is not None
            views.append(self._packages.view(number, self._spec.size, rng, lambda: self._other(rng)))
            names.append(f"package {number}")
        for _ in range(self._extras[1] // processes):
            path = self._backgrounds[int(rng.integers(len(self._backgrounds)))]
            views.append(camera_view(self._store.picture(path), self._spec.size, rng, lambda: self._other(rng)))
            names.append(path.name)
        return Batch(step, prepare(views, self._spec), labels, natural, packages, tuple(names))

    def _drawn_packages(self, count: int, rng: np.random.Generator) -> list[int]:
        """Numbers of packages, each twice: of each family two variants, so that near-twins meet in a batch."""
        if self._packages is None or not count:
            return []
        variants = self._packages.variants
        families = rng.choice(len(self._packages) // variants, count // VIEWS_OF_FAMILY, replace=False)
        drawn = [int(family) * variants + int(one) for family in families for one in rng.permutation(variants)[:2]]
        return [number for number in drawn for _ in range(2)]

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
