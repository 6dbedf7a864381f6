"""`skulens encoder agreement`: how near the variants of an encoder are to its float32 model, on real photos."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoder import open_session
from engine.encoder_info import Agreement, EncoderInfo, VariantName, read_info, read_model
from engine.errors import EncoderDamaged, TrainingData
from engine.metrics import bootstrap_interval
from engine.records import ProgressCallback, Vectors, no_progress
from engine.storage import translating
from engine.training.folder import write_info
from engine.training.photos import batches, find_photos

LEAST_PHOTOS = 200


@dataclass(frozen=True, slots=True)
class NaturalGallery:
    """Leave-one-out answers: `right` (N,) bool, `answer` (N,) the product of the nearest other photo."""

    answer: NDArray[np.int64]
    right: NDArray[np.bool_]


def measure_agreement(
    folder: Path, photos: Sequence[Path], progress: ProgressCallback = no_progress, least: int = LEAST_PHOTOS
) -> EncoderInfo:
    """Measure all variants on the CPU against float32 and write the figures into `encoder.json`.

    A photo's product is the name of the folder that it is in. Raises EncoderMissing, EncoderDamaged, TrainingData,
    NotWritable, DiskFull.
    """
    info = read_info(folder)
    if "float32" not in info.variants:
        raise EncoderDamaged(name=str(folder), reason="there is no float32 variant to compare with")
    paths = [path for place in photos for path in find_photos(place, 1)]
    if len(paths) < least:
        raise TrainingData(folder=str(photos[0]), reason=f"{len(paths)} photos, at least {least} are needed")
    reference, products = _embed(folder, info, "float32", paths, progress)
    if len(reference) < least:
        raise TrainingData(folder=str(photos[0]), reason=f"only {len(reference)} of the photos are readable")
    updated = with_agreements(info, reference, lambda name: _embed(folder, info, name, paths, progress)[0], products)
    with translating(folder):
        write_info(folder, updated)
    return updated


def with_agreements(
    info: EncoderInfo, reference: Vectors, embed: Callable[[VariantName], Vectors], products: NDArray[np.int64]
) -> EncoderInfo:
    """The same with the agreement of each variant but float32, which gave `reference` (N, D); `embed` asks another."""
    measured = {
        name: variant
        if name == "float32"
        else variant.model_copy(update={"agreement": compare(reference, embed(name), products)})
        for name, variant in info.variants.items()
    }
    return info.model_copy(update={"variants": measured})


def compare(reference: Vectors, vectors: Vectors, products: NDArray[np.int64]) -> Agreement:
    """Agreement of two encodings (N, D) of the same photos; `products` (N,) says what is on them. Pure."""
    cosines = np.einsum("nd,nd->n", reference, vectors)
    before = answers(reference, reference, products)
    after = answers(vectors, vectors, products)
    mixed = answers(vectors, reference, products)
    change = after.right.astype(np.float64) - before.right
    low, high = bootstrap_interval(change, np.random.default_rng(0))
    return Agreement(
        photos=len(cosines),
        mean_cosine=round(float(cosines.mean()), 5),
        p5_cosine=round(float(np.percentile(cosines, 5)), 5),
        min_cosine=round(float(cosines.min()), 5),
        changed_top1=round(float(np.mean(after.answer != before.answer)), 5),
        changed_top1_mixed=round(float(np.mean(mixed.answer != before.answer)), 5),
        accuracy=round(float(after.right.mean()), 5),
        accuracy_change=round(float(change.mean()), 5),
        accuracy_change_interval=(round(low, 5), round(high, 5)),
    )


def answers(queries: Vectors, gallery: Vectors, products: NDArray[np.int64]) -> NaturalGallery:
    """The product of the nearest photo in the gallery, a photo's own left out; both (N, D), in the same order."""
    nearest = np.empty(len(queries), dtype=np.int64)
    for start in range(0, len(queries), 512):
        cosines = queries[start : start + 512] @ gallery.T
        rows = np.arange(len(cosines))
        cosines[rows, start + rows] = -np.inf
        nearest[start : start + 512] = cosines.argmax(axis=1)
    answer = products[nearest]
    return NaturalGallery(answer, answer == products)


def _embed(
    folder: Path, info: EncoderInfo, name: VariantName, paths: list[Path], progress: ProgressCallback
) -> tuple[Vectors, NDArray[np.int64]]:
    session = open_session(read_model(folder, info.variants[name]), "cpu")
    numbers: dict[str, int] = {}
    vectors: list[Vectors] = []
    products: list[int] = []
    for kept, batch in batches(paths, info.input, 8, name, progress):
        (embeddings,) = session.run(["embedding"], {"pictures": batch})
        vectors.append(embeddings)
        products.extend(numbers.setdefault(path.parent.name, len(numbers)) for path in kept)
    if not vectors:
        return np.empty((0, info.dimension), np.float32), np.empty(0, np.int64)
    return np.concatenate(vectors), np.array(products, dtype=np.int64)
