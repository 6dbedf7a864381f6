"""Which photos a batch shows: M views of each of P classes, decided by the seed and the step alone.

No state: a run that goes on after a kill draws what it would have drawn without, and several processes share the rows
of one batch without a word to each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True, slots=True)
class Row:
    """One view to make: which photo (an index), of which class, and the seed of its random numbers."""

    photo: int
    label: int
    seed: tuple[int, ...]


class Sampler:
    """Draws classes epoch by epoch, each once an epoch, and photos of a class so that all come before one comes again.

    `natural` and `studio` map a class to its photos (indices); a class without the one kind gets more of the other.
    """

    def __init__(
        self,
        natural: Mapping[int, Sequence[int]],
        studio: Mapping[int, Sequence[int]],
        classes_per_batch: int,
        natural_per_class: int,
        studio_per_class: int,
        seed: int,
    ) -> None:
        self._classes = sorted({*natural, *studio})
        if not self._classes or not all(natural.get(label) or studio.get(label) for label in self._classes):
            raise ValueError("a class has no photo")
        self._natural, self._studio, self._seed = natural, studio, seed
        self._wanted = classes_per_batch
        self._views = (natural_per_class, studio_per_class)
        self._order = lru_cache(maxsize=4)(self._shuffled_classes)

    def rows(self, step: int, process: int = 0, processes: int = 1) -> list[Row]:
        """The rows of a step's batch that fall to one of `processes`; these must divide the classes of a batch."""
        if self._wanted % processes:
            raise ValueError(f"{processes} processes cannot share {self._wanted} classes")
        share = self._wanted // processes
        first = step * self._wanted + process * share
        return [row for place in range(first, first + share) for row in self._of_class(place)]

    def _of_class(self, place: int) -> list[Row]:
        """The rows of the class that stands at a place in the endless sequence of classes."""
        epoch, index = divmod(place, len(self._classes))
        label = self._order(epoch)[index]
        natural, studio = self._natural.get(label, ()), self._studio.get(label, ())
        many, few = self._views
        if not studio:
            many, few = many + few, 0
        elif not natural:
            many, few = 0, many + few
        photos = self._drawn(natural, label, 0, epoch * many, many) + self._drawn(studio, label, 1, epoch * few, few)
        return [Row(photo, label, (self._seed, place, view)) for view, photo in enumerate(photos)]

    def _shuffled_classes(self, epoch: int) -> list[int]:
        order = np.random.default_rng([self._seed, 1, epoch]).permutation(len(self._classes))
        return [self._classes[at] for at in order]

    def _drawn(self, photos: Sequence[int], label: int, kind: int, start: int, count: int) -> list[int]:
        """`count` photos from a place on in an endless sequence of shuffles."""
        found = []
        for place in range(start, start + count):
            turn, index = divmod(place, len(photos))
            order = np.random.default_rng([self._seed, 2, label, kind, turn]).permutation(len(photos))
            found.append(photos[int(order[index])])
        return found
