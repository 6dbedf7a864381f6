"""`skulens adapt --deep`: the last stages of a catalog's encoder are tuned on its own photos, or nothing changes.

A run lies in a folder of its own (DIR/tuning) until it ends: its plan, the checkpoint, what was encoded. The catalog is
not locked meanwhile, so that it can be used, confirmed in and built; the new encoder is written over what is active in
the end. Photos that never train decide, once, with the very file that goes to the stores.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from engine.catalog import Reference
from engine.config import ProviderWish
from engine.encoder import Encoder
from engine.encoder_info import EncoderInfo
from engine.errors import CatalogSigned, CheckpointUnusable, EngineError, Interrupted
from engine.generation import Generation, current_version
from engine.generation_build import new_generation, prune_old
from engine.overlay import Overlay
from engine.overlay_file import Feedback
from engine.records import Progress, ProgressCallback, no_progress
from engine.storage import LOCK_NAME, exclusive, translating
from engine.training.adapt import DeepReport, Ending
from engine.training.adapt_generation import finish_generation
from engine.training.adapt_validation import LEAST_HELD_BACK, Gain, answers, gain_of
from engine.training.allocator import keep_freed_memory
from engine.training.batches import Batch, BatchMaker
from engine.training.checkpoint import CHECKPOINT_NAME, load_checkpoint
from engine.training.deep_encoder import (
    add_variants,
    copy_features,
    encode_catalog,
    open_features,
    read_vectors,
    stored_features,
)
from engine.training.deep_folder import ENCODED, ENCODER, RUN_NAME, TRIAL, clear, clear_if_done
from engine.training.deep_gallery import CatalogPictures, ShopPhotos, read_shop
from engine.training.deep_network import Start, network_of, read_start, write_tuned
from engine.training.deep_plan import (
    PLAN_NAME,
    STEPPING,
    USUAL,
    Begun,
    Plan,
    check_begun,
    read_plan,
    recipe_for,
    steps_in,
    write_plan,
)
from engine.training.embedding import PhotoEmbedder
from engine.training.loop import SAVE_EVERY, Training
from engine.training.losses import make_loss
from engine.training.packages import PackageSet
from engine.training.quantize import CORRECTION_PHOTOS
from engine.training.recipe import Recipe
from engine.training.train import sampler_of
from engine.training.validation import Recall
from engine.training.workers import Workers, join_workers

_log = logging.getLogger(__name__)

MINUTES = 480.0
#: Steps that tell how fast this machine is.
_TRIAL_STEPS = 3
#: Decoded pictures in memory; others are decoded again for each view.
MEMORY_BYTES = 2_000_000_000
_THREADS = 2


@dataclass(frozen=True, slots=True)
class DeepOptions:
    """What a run is begun with besides the catalog.

    `run` is its folder, DIR/tuning if None. `source` is the folder that the catalog was built from, to read photos that
    are larger than the catalog's own copies; `backgrounds` are folders of photos to put things in front of and to keep
    in mind. `steps` of 0 are as many as the time allows.
    """

    run: Path | None = None
    source: Path | None = None
    backgrounds: tuple[Path, ...] = ()
    seed: int = 0
    steps: int = 0
    save_every: int = SAVE_EVERY
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class _Means:
    """What a call runs with: where encoders are, on what they run, what is told, and until when steps are made."""

    provider: ProviderWish
    threads: int
    encoders: Sequence[Path] | None
    progress: ProgressCallback
    clock: Callable[[], float]
    deadline: float


class _TimeUp(Interrupted):
    """The time for steps is over: what was learnt until now has to do."""


def tune_catalog(
    folder: Path,
    minutes: float = MINUTES,
    options: DeepOptions = DeepOptions(),
    provider: ProviderWish = "auto",
    threads: int = 0,
    encoders: Sequence[Path] | None = None,
    progress: ProgressCallback = no_progress,
    clock: Callable[[], float] = time.monotonic,
) -> DeepReport:
    """Tune the encoder of the active generation of a catalog folder and activate a new generation, if that wins.

    `minutes` bound a call: about 70 % of them are for steps, and a call that goes on has them anew. `encoders` are
    folders to look in for the catalog's encoder; None is the application's. `progress` is called from the steps photos,
    train, calibrate and others; it may raise Interrupted, and the same call goes on from there.

    Raises CatalogSigned, CheckpointUnusable (the run's folder is of another generation, encoder or other options),
    TrainingDiverged, CatalogMissing, CatalogDamaged, CatalogBusy, EncoderMissing, EncoderDamaged, EncoderOutput,
    DiskFull and NotWritable; the old generation is then still the active one.
    """
    started = clock()
    current_version(folder)
    run = folder / RUN_NAME if options.run is None else options.run
    means = _Means(provider, threads, encoders, progress, clock, started + 60.0 * minutes * STEPPING)
    with Generation.open_current(folder, encoders) as generation:
        if generation.manifest.origin != "built":
            raise CatalogSigned(folder=folder)
        with exclusive(run):
            clear_if_done(run, generation.manifest.encoder_id)
            ended = _tuned(folder, run, generation, options, means)
        clear(run, spared=LOCK_NAME if run.resolve() == folder.resolve() else "")
    return replace(ended, seconds=clock() - started)


def _tuned(folder: Path, run: Path, generation: Generation, options: DeepOptions, means: _Means) -> DeepReport:
    manifest, catalog = generation.manifest, generation.catalog
    start = read_start(generation.encoder_folder)
    begun = Begun(
        manifest.version,
        manifest.digests.rows,
        manifest.encoder_id,
        "" if options.source is None else str(options.source),
        ", ".join(map(str, options.backgrounds)),
        options.seed,
    )
    plan = read_plan(run)
    if plan is not None:
        check_begun(run, plan.begun, begun)
    said = said_so_far(generation, None if plan is None else plan.confirmed)
    side_px = 2 * min(start.info.size_px, USUAL.size_px)
    shop = read_shop(
        generation,
        said,
        options.source,
        options.backgrounds,
        side_px,
        options.memory_bytes,
        options.seed,
        means.progress,
    )

    def report(ending: Ending, version: str, info: EncoderInfo | None, gain: Gain | None, steps: int) -> DeepReport:
        return DeepReport(
            ending,
            version,
            manifest.encoder_id if info is None else info.id,
            manifest.dimension if info is None else info.dimension,
            catalog.product_count,
            catalog.reference_count,
            shop.confirmed,
            gain,
            0.0,
            steps,
            0 if plan is None else plan.recipe.steps,
        )

    if (
        int(shop.deciding.sum()) < LEAST_HELD_BACK
        or len(shop.split.train) < CORRECTION_PHOTOS
        or len(shop.split.classes) < 2
    ):
        return report(Ending.TOO_FEW, manifest.version, None, None, 0)
    if means.threads:
        torch.set_num_threads(means.threads)
    keep_freed_memory()
    with join_workers() as workers:
        if plan is None:
            recipe = _recipe(run, start, shop, options, workers, means)
            plan = Plan(begun, tuple(one.id for one, _ in said), recipe)
            write_plan(run, plan)
        _train(run, start, shop, plan.recipe, options, workers, means)
    learnt = load_checkpoint(run / CHECKPOINT_NAME)
    shutil.rmtree(run / ENCODER, ignore_errors=True)
    write_tuned(run / ENCODER, start, learnt.chosen(), learnt.identity["length"], len(shop.split.train))
    info = add_variants(run / ENCODER, shop, means.progress)
    gain = _decide(run, generation.encoder_folder, shop, options.seed, means)
    _log.info("decided: %s", gain)
    if not gain.wins:
        return report(Ending.NO_GAIN, manifest.version, None, gain, learnt.done)
    with exclusive(folder):
        version = _activated(folder, run, manifest.encoder_id, options.source, means)
        prune_old(folder)
    return report(Ending.ADAPTED, version, info, gain, learnt.done)


def said_so_far(generation: Generation, among: Sequence[int] | None) -> list[tuple[Feedback, bytes]]:
    """What people confirmed, all or those with a number in `among`.

    An overlay that cannot be read is logged: the catalog's own photos are enough.
    """
    try:
        return [(one, jpeg) for one, jpeg in Overlay.of(generation).teachable() if among is None or one.id in among]
    except EngineError as error:
        _log.warning("%s", error)
        return []


# Training.


def _recipe(
    run: Path,
    start: Start,
    shop: ShopPhotos,
    options: DeepOptions,
    workers: Workers,
    means: _Means,
) -> Recipe:
    """The recipe, with as many steps as this machine makes in the time; a few are made to see."""

    def recipe(steps: int) -> Recipe:
        return recipe_for(
            start.info.size_px,
            start.dimension,
            start.first_block,
            len(shop.split.classes),
            start.learnt is not None,
            steps,
        )

    if options.steps:
        return recipe(options.steps)
    with tempfile.TemporaryDirectory(prefix=f"{TRIAL}-", dir=run) as place:
        means.progress(Progress("trial", 0, 0))
        trial = recipe(_TRIAL_STEPS)
        began = means.clock()
        unhurried = replace(means, progress=no_progress, deadline=float("inf"))
        _train(Path(place), start, shop, trial, options, workers, unhurried)
        step_s = (means.clock() - began) / _TRIAL_STEPS
    shown = trial.classes_per_batch * (trial.natural_per_class + trial.studio_per_class)
    return recipe(steps_in(means.deadline - means.clock(), step_s, len(shop.split.train), shown))


def _train(
    place: Path,
    start: Start,
    shop: ShopPhotos,
    recipe: Recipe,
    options: DeepOptions,
    workers: Workers,
    means: _Means,
) -> None:
    """Make the steps that are left, until `deadline`; the checkpoint has what was learnt."""
    split = shop.split
    network = network_of(start, recipe.seed)
    loss = make_loss(recipe.loss, len(split.classes), recipe.dimension, recipe.margin, recipe.scale, recipe.seed)
    about = {
        "data": _digest(shop),
        "photos": len(split.train),
        "products": len(split.classes),
        "length": network.length,
    }
    training = Training(place, recipe, network, loss, about, workers, options.save_every)
    spec = replace(start.info.input, size=recipe.size_px)
    studio = [shop.store.picture(photo.path) for photo in split.train if photo.studio]
    packages = PackageSet(recipe.seed, pictures=studio) if recipe.packages_per_batch else None
    extras = (recipe.packages_per_batch, recipe.kept_per_batch)
    maker = BatchMaker(
        split.train, sampler_of(split, recipe), shop.store, spec, shop.backgrounds, packages, extras, recipe.seed
    )

    def batches(first: int, stop: int) -> Generator[Batch]:
        return maker.ahead(first, stop, _THREADS, workers.number, workers.count)

    def told(part: Progress, /) -> None:
        means.progress(part)
        if part.step == "train" and part.done and means.clock() > means.deadline:
            raise _TimeUp

    try:
        training.run(batches, lambda _: Recall(), PhotoEmbedder(network, shop.store, spec, workers), told)
    except _TimeUp:
        _log.info("the time is over after %d of %d steps", training.done, recipe.steps)


def _digest(shop: ShopPhotos) -> str:
    """What must be the same for a run to go on: the photos, which of them train, and the backgrounds."""
    train = "\n".join(f"{photo.product} {photo.sha256}" for photo in shop.split.train)
    backgrounds = "\n".join(map(str, shop.backgrounds))
    return hashlib.sha256("\n\n".join([shop.gallery.digest(), train, backgrounds]).encode()).hexdigest()


# Deciding.


def _decide(run: Path, before: Path, shop: ShopPhotos, seed: int, means: _Means) -> Gain:
    """Photos that never trained ask all others, with the encoder of the folder `before` and with the tuned one.

    Both see the same pictures and run as they would in a store: on this provider, in its variant.
    """
    right = []
    with translating(run):
        (run / ENCODED).mkdir(exist_ok=True)
    for folder in (before, run / ENCODER):
        with Encoder.load(folder, means.provider, means.threads) as encoder:
            encode_catalog(run / ENCODED, encoder, shop.pictures, means.progress)
            embeddings, photos = read_vectors(run / ENCODED, encoder, shop.pictures)
        found = answers(embeddings, photos, shop.products, shop.deciding)
        right.append(found == shop.products[shop.deciding])
    return gain_of(right[0], right[1], shop.products[shop.deciding], seed)


def _activated(folder: Path, run: Path, encoder_before: str, source: Path | None, means: _Means) -> str:
    """Write what is active now with the tuned encoder, and activate it; its version.

    A build may have renewed the catalog meanwhile; photos that it brought are encoded now.
    """
    with Generation.open_current(folder, means.encoders) as generation:
        manifest = generation.manifest
        if manifest.encoder_id != encoder_before or manifest.origin != "built":
            reason = f"the catalog has version {manifest.version} with another encoder by now"
            raise CheckpointUnusable(name=run / PLAN_NAME, reason=reason)
        pictures = CatalogPictures(generation.catalog, source)
        with Encoder.load(run / ENCODER, means.provider, means.threads) as encoder:
            encode_catalog(run / ENCODED, encoder, pictures, means.progress)
            with closing(open_features(run / ENCODED, encoder)) as mine:

                def views_of(photo: Reference) -> Iterator[tuple[str, NDArray[np.float32]]]:
                    views = stored_features(mine, photo).views
                    return ((view.name, view.embedding.astype(np.float32)) for view in views)

                copy_features(mine, folder, encoder, pictures, means.progress)
                with new_generation(folder) as new:
                    new.carry_encoder(run / ENCODER)
                    return finish_generation(
                        folder,
                        new,
                        manifest,
                        generation.catalog,
                        views_of,
                        encoder.choice.variant,
                        means.provider,
                        means.threads,
                        means.progress,
                    ).version
