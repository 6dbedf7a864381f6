"""Recall@1 on photos that did not train, of products that did (by natural and by studio photos) and that did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.records import Vectors
from engine.training.gallery import TrainingPhoto
from engine.training.split import Split

#: Embeds photos, float32 (N, D), rows of length 1.
Embed = Callable[[Sequence[Path]], Vectors]

#: Photos of a product that queries are compared with, and queries in all: enough to choose by, and soon done.
GALLERY_PHOTOS, UNSEEN_GALLERY_PHOTOS, MOST_QUERIES = 8, 3, 1000


@dataclass(frozen=True, slots=True)
class Recall:
    """Parts (0..1) of queries whose nearest photo shows the same product; None where there is nothing to ask.

    `natural` and `studio`: validation photos of trained products against natural and studio photos. `unseen`: photos
    of products held out, against a few photos of these and of all trained products.
    """

    natural: float | None = None
    studio: float | None = None
    unseen: float | None = None

    @property
    def score(self) -> float | None:
        """The mean of those that are there: what the best weights are chosen by."""
        there = [value for value in asdict(self).values() if value is not None]
        return sum(there) / len(there) if there else None


@dataclass(frozen=True, slots=True)
class _Question:
    queries: tuple[TrainingPhoto, ...]
    gallery: tuple[TrainingPhoto, ...]


class Validation:
    """Asks the same questions each time; which photos are compared is drawn by `seed`."""

    def __init__(self, split: Split, seed: int) -> None:
        rng = np.random.default_rng([seed, 3])
        queries = _some(split.validation, MOST_QUERIES, rng)
        natural = [photo for photo in split.train if not photo.studio]
        studio = [photo for photo in split.train if photo.studio]
        few = _few_of_each(natural, GALLERY_PHOTOS, rng)
        unseen_gallery, unseen_queries = _unseen(split.unseen, rng)
        trained = _few_of_each(natural or studio, UNSEEN_GALLERY_PHOTOS, rng)
        self._questions = {
            "natural": _Question(_of_products(queries, few), tuple(few)),
            "studio": _Question(_of_products(queries, studio), tuple(studio)),
            "unseen": _Question(_some(unseen_queries, MOST_QUERIES, rng), (*unseen_gallery, *trained)),
        }

    @property
    def photos(self) -> tuple[Path, ...]:
        """All photos that are looked at, each once."""
        used = {
            photo.path: None
            for question in self._questions.values()
            if question.queries and question.gallery
            for photo in (*question.queries, *question.gallery)
        }
        return tuple(used)

    def measure(self, embed: Embed) -> Recall:
        """Embed the photos and compare."""
        paths = self.photos
        if not paths:
            return Recall()
        vectors = embed(paths)
        rows = {path: row for row, path in enumerate(paths)}
        return Recall(**{name: _recall(question, vectors, rows) for name, question in self._questions.items()})


def _recall(question: _Question, vectors: Vectors, rows: dict[Path, int]) -> float | None:
    if not question.queries or not question.gallery:
        return None
    asked = vectors[[rows[photo.path] for photo in question.queries]]
    offered = vectors[[rows[photo.path] for photo in question.gallery]]
    products: NDArray[np.int64] = np.array([photo.product for photo in question.gallery])
    wanted = np.array([photo.product for photo in question.queries])
    return float(np.mean(products[(asked @ offered.T).argmax(axis=1)] == wanted))


def _some(photos: Sequence[TrainingPhoto], most: int, rng: np.random.Generator) -> tuple[TrainingPhoto, ...]:
    drawn = sorted(rng.permutation(len(photos))[:most].tolist())
    return tuple(photos[index] for index in drawn)


def _by_product(photos: Sequence[TrainingPhoto]) -> dict[int, list[TrainingPhoto]]:
    found: dict[int, list[TrainingPhoto]] = defaultdict(list)
    for photo in photos:
        found[photo.product].append(photo)
    return found


def _few_of_each(photos: Sequence[TrainingPhoto], most: int, rng: np.random.Generator) -> list[TrainingPhoto]:
    return [photo for own in _by_product(photos).values() for photo in _some(own, most, rng)]


def _of_products(queries: Sequence[TrainingPhoto], gallery: Sequence[TrainingPhoto]) -> tuple[TrainingPhoto, ...]:
    """The queries that have an answer in the gallery."""
    there = {photo.product for photo in gallery}
    return tuple(photo for photo in queries if photo.product in there)


def _unseen(
    photos: Sequence[TrainingPhoto], rng: np.random.Generator
) -> tuple[list[TrainingPhoto], list[TrainingPhoto]]:
    """Of each product held out some photos for the gallery and the other natural ones as queries."""
    gallery: list[TrainingPhoto] = []
    queries: list[TrainingPhoto] = []
    for own in _by_product(photos).values():
        natural = [photo for photo in own if not photo.studio]
        studio = [photo for photo in own if photo.studio]
        shown = _some(natural, min(UNSEEN_GALLERY_PHOTOS, len(natural) - 1), rng) if len(natural) > 1 else ()
        gallery += shown or studio
        queries += [photo for photo in natural if photo not in shown]
    return gallery, list(_of_products(queries, gallery))
