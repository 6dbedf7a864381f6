"""`skulens adapt`: a catalog's own photos make its encoder better at this shop, or nothing changes.

The embedding gets one part more, learnt on the stored trunk features (`adapt_head`); the old parts stay as they are, so
that what the encoder knows of the rest of the world is kept. Held-back photos decide whether that is worth having
(`adapt_validation`); only then is there a new generation, which brings its own encoder.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Reference
from engine.config import ProviderWish
from engine.encoder import Encoder
from engine.errors import CatalogSigned
from engine.generation import ENCODER_NAME, Generation, current_version
from engine.generation_build import new_generation, prune_old
from engine.records import Progress, ProgressCallback, Vectors, no_progress
from engine.storage import exclusive
from engine.training.adapt_encoder import write_adapted
from engine.training.adapt_features import ShopFeatures, read_features
from engine.training.adapt_generation import finish_generation
from engine.training.adapt_head import ShopHead, learn, unit
from engine.training.adapt_validation import Gain, Outcome, ShopViews, validate

_log = logging.getLogger(__name__)

MINUTES = 5.0
#: The part of the time in which heads are tried; the rest is for writing, indexing and calibrating.
_TRYING = 0.6


class Ending(StrEnum):
    """How an adaptation ended."""

    ADAPTED = "adapted"
    NO_GAIN = "no_gain"
    TOO_FEW = "too_few"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class AdaptReport:
    """What an adaptation did. `version` is active now, with the encoder `encoder_id` of embeddings of `dimension`.

    `outcome` is None if too few photos could be held back. `confirmed` counts pictures that people confirmed.
    """

    ending: Ending
    version: str
    encoder_id: str
    dimension: int
    products: int
    photos: int
    confirmed: int
    outcome: Gain | None
    seconds: float


@dataclass(frozen=True, slots=True)
class DeepReport(AdaptReport):
    """What `skulens adapt --deep` did, also how many `steps` were made of those `planned`."""

    steps: int
    planned: int


def adapt_catalog(
    folder: Path,
    minutes: float = MINUTES,
    provider: ProviderWish = "auto",
    threads: int = 0,
    encoders: Sequence[Path] | None = None,
    seed: int = 0,
    progress: ProgressCallback = no_progress,
    clock: Callable[[], float] = time.monotonic,
) -> AdaptReport:
    """Adapt the active generation of a catalog folder (it holds CURRENT) and activate the new one, if it wins.

    Within `minutes` all choices are tried; when time is short, fewer. The same catalog, confirmations and seed give the
    same encoder. `encoders` are folders to look in for the catalog's encoder; None is the application's. `progress` is
    called from the steps read, validate, write, index and calibrate; it may raise Interrupted.

    Raises CatalogSigned, FeaturesMissing, AdapterMismatch, CatalogMissing, CatalogDamaged, CatalogBusy, EncoderMissing,
    EncoderDamaged, EncoderOutput, DiskFull and NotWritable; the old generation is then still the active one.
    """
    started = clock()
    current_version(folder)
    with exclusive(folder):
        with Generation.open_current(folder, encoders) as generation:
            manifest = generation.manifest
            if manifest.origin != "built":
                raise CatalogSigned(folder=folder)
            progress(Progress("read", 0, 0))
            with Encoder.load(generation.encoder_folder, provider, threads) as encoder:
                features = read_features(folder, generation, encoder)
            outcome = validate(features.views, lambda: clock() - started < 60.0 * minutes * _TRYING, seed, progress)
            ending, version, encoder_id, dimension = _decide(
                folder, generation, features, outcome, provider, threads, progress
            )
            photos, products = generation.catalog.reference_count, generation.catalog.product_count
        if ending is Ending.ADAPTED:
            prune_old(folder)
    return AdaptReport(
        ending, version, encoder_id, dimension, products, photos, features.confirmed, outcome, clock() - started
    )


def adapted_vectors(views: ShopViews, head: ShopHead, weight: float) -> Vectors:
    """The embeddings (M, D) of all views with the new part: what the adapted encoder gives, up to float16."""
    return unit(np.concatenate([unit(views.embeddings), np.float32(weight) * head.apply(views.trunk)], axis=1))


def _decide(
    folder: Path,
    generation: Generation,
    features: ShopFeatures,
    outcome: Outcome | None,
    provider: ProviderWish,
    threads: int,
    progress: ProgressCallback,
) -> tuple[Ending, str, str, int]:
    """Write and activate a generation if the outcome asks for one; how it ended, and what is active then."""
    manifest = generation.manifest
    stays = (manifest.version, manifest.encoder_id, manifest.dimension)
    if outcome is None:
        return Ending.TOO_FEW, *stays
    _log.info("validated: %s", outcome)
    if not outcome.wins:
        return Ending.NO_GAIN, *stays
    head = learn(features.views.scatter(), outcome.choice.shrinkage, features.views.edges)
    vectors = adapted_vectors(features.views, head, outcome.choice.weight)
    labels, _, references = generation.catalog.owners()
    names = generation.catalog.views()
    rows = dict[int, list[int]]()
    for row, reference in enumerate(references[np.argsort(labels)].tolist()):
        rows.setdefault(reference, []).append(row)

    def views_of(photo: Reference) -> Iterator[tuple[str, NDArray[np.float32]]]:
        return ((names[row], vectors[row]) for row in rows.get(photo.id, ()))

    with new_generation(folder) as new:
        place = new.folder / ENCODER_NAME
        info = write_adapted(place, generation.encoder_folder, features.base_id, head, outcome.choice.weight)
        if info.id == manifest.encoder_id:
            return Ending.SAME, *stays
        sealed = finish_generation(
            folder,
            new,
            manifest,
            generation.catalog,
            views_of,
            manifest.encoder_variant,
            provider,
            threads,
            progress,
        )
    return Ending.ADAPTED, sealed.version, info.id, info.dimension
