"""`skulens train`: retailers' sources in, a checkpoint out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from engine.config import Limits
from engine.errors import ImageError, TrainingData
from engine.image import InputSpec, read_picture
from engine.ingest.rejected import write_rejected
from engine.records import ProgressCallback, Rejected, no_progress
from engine.storage import translating
from engine.training.allocator import keep_freed_memory
from engine.training.backbone import Weights
from engine.training.batches import Batch, BatchMaker
from engine.training.embedding import PhotoEmbedder
from engine.training.export import MEAN, SCALE, imagenet_weights
from engine.training.gallery import Gallery, TrainingPhoto, read_gallery
from engine.training.listed import listed_photos
from engine.training.loop import SAVE_EVERY, RunReport, Training
from engine.training.losses import make_loss
from engine.training.network import EmbeddingNetwork
from engine.training.packages import PackageSet
from engine.training.photos import find_photos
from engine.training.picture_store import PictureStore
from engine.training.recipe import Recipe
from engine.training.sampler import Sampler
from engine.training.split import Split, split_by_list, split_by_share
from engine.training.validation import Validation
from engine.training.workers import ALONE, Workers

#: Decoded photos in memory: a shop's 3,000 photos at 512 px take 2.4 GB.
MEMORY_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class Choices:
    """What is trained on and measured with.

    `listed` are validation photos with their SKU; without them `share` of the photos of each product validate.
    `backgrounds` are folders of photos that may stand behind things.
    """

    hold_out: int = 0
    share: float = 0.1
    listed: tuple[tuple[Path, str], ...] | None = None
    backgrounds: tuple[Path, ...] = ()
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that was read before the first step."""

    gallery: Gallery
    split: Split
    store: PictureStore
    backgrounds: tuple[Path, ...]
    problems: tuple[Rejected, ...]


@dataclass(frozen=True, slots=True)
class TrainReport:
    """What a run did, and which photos were left out or leaked and why (all in `rejected_file`)."""

    run: RunReport
    products: int
    held_out: tuple[str, ...]
    train_photos: int
    validation_photos: int
    problems: tuple[Rejected, ...]
    rejected_file: Path | None = field(default=None)


def prepare_data(
    sources: Sequence[Path],
    size_px: int,
    seed: int,
    choices: Choices,
    progress: ProgressCallback = no_progress,
    limits: Limits = Limits(),
) -> Prepared:
    """Read the sources and decide what trains and what measures.

    Raises TrainingData, UnknownSku and the errors of sources.
    """
    store = PictureStore(2 * size_px, choices.memory_bytes, limits)
    gallery = read_gallery(sources, store, progress, limits)
    if len(gallery.products) - choices.hold_out < 2:
        reason = f"{len(gallery.products)} products have photos; at least two must be left to train"
        raise TrainingData(folder=", ".join(map(str, sources)), reason=reason)
    problems = list(gallery.problems)
    if choices.listed is None:
        split = split_by_share(gallery, choices.hold_out, choices.share, seed)
    else:
        listed, unreadable = listed_photos(gallery, choices.listed, store, limits)
        problems += unreadable
        split = split_by_list(gallery, choices.hold_out, listed, seed)
    problems += split.problems
    backgrounds: list[Path] = []
    for path in (path for folder in choices.backgrounds for path in find_photos(folder, 1)):
        try:
            store.offer(path, read_picture(path, limits))
        except ImageError as error:
            problems.append(Rejected(path.name, None, "", error.code, error.message))
        else:
            backgrounds.append(path)
    return Prepared(gallery, split, store, tuple(backgrounds), tuple(problems))


def steps_of(split: Split, recipe: Recipe, epochs: int) -> int:
    """How many steps show each training photo about `epochs` times."""
    photos = len([photo for photo in split.train if not photo.studio]) or len(split.train)
    views = recipe.natural_per_class if any(not photo.studio for photo in split.train) else recipe.studio_per_class
    return max(1, epochs * photos // (recipe.classes_per_batch * max(1, views)))


def train(
    data: Prepared,
    out: Path,
    recipe: Recipe,
    workers: Workers = ALONE,
    weights: Weights | None = None,
    threads: int = 2,
    progress: ProgressCallback = no_progress,
    save_every: int = SAVE_EVERY,
) -> TrainReport:
    """Train in the folder `out`, or go on with what was begun there. `weights` of None are ImageNet's.

    Raises ExtraMissing, CheckpointUnusable, TrainingDiverged, DiskFull, NotWritable, and Interrupted.
    """
    keep_freed_memory()
    split = data.split
    classes = split.classes
    network = EmbeddingNetwork(
        imagenet_weights("skulens train") if weights is None else weights,
        recipe.dimension,
        recipe.first_block,
        recipe.seed,
    )
    loss = make_loss(recipe.loss, len(classes), recipe.dimension, recipe.margin, recipe.scale, recipe.seed)
    spec = InputSpec(recipe.size_px, MEAN, SCALE, 1.0)
    rejected_file = None
    with translating(out):
        out.mkdir(parents=True, exist_ok=True)
        if workers.first:
            rejected_file = write_rejected(out, data.problems)
    about = {
        "data": _digest(data),
        "photos": len(split.train),
        "products": len(classes),
        "length": network.length,
    }
    run = Training(out, recipe, network, loss, about, workers, save_every)
    studio = [data.store.picture(photo.path) for photo in split.train if photo.studio]
    packages = PackageSet(recipe.seed, pictures=studio) if recipe.packages_per_batch else None
    extras = (recipe.packages_per_batch, recipe.kept_per_batch)
    maker = BatchMaker(
        split.train, sampler_of(split, recipe), data.store, spec, data.backgrounds, packages, extras, recipe.seed
    )

    def batches(first: int, stop: int) -> Generator[Batch]:
        return maker.ahead(first, stop, threads, workers.number, workers.count)

    report = run.run(
        batches,
        Validation(split, recipe.seed).measure,
        PhotoEmbedder(network, data.store, spec, workers),
        progress,
    )
    return TrainReport(
        report,
        len(classes),
        tuple(data.gallery.products[product].sku for product in split.held_out),
        len(split.train),
        len(split.validation),
        data.problems,
        rejected_file,
    )


def sampler_of(split: Split, recipe: Recipe) -> Sampler:
    """What draws the photos of each batch; classes are those of the split."""
    labels = {product: label for label, product in enumerate(split.classes)}
    natural: dict[int, list[int]] = defaultdict(list)
    studio: dict[int, list[int]] = defaultdict(list)
    for index, photo in enumerate(split.train):
        (studio if photo.studio else natural)[labels[photo.product]].append(index)
    views = (recipe.natural_per_class, recipe.studio_per_class)
    return Sampler(natural, studio, recipe.classes_per_batch, *views, recipe.seed)


def _digest(data: Prepared) -> str:
    """What must be the same for a run to go on: the photos, what trains and what measures, the backgrounds."""

    def told(photos: Sequence[TrainingPhoto]) -> str:
        return "\n".join(f"{photo.product} {photo.sha256 or photo.name}" for photo in photos)

    split = data.split
    parts = [told(split.train), told(split.validation), told(split.unseen), str(len(data.backgrounds))]
    return hashlib.sha256("\n\n".join([data.gallery.digest(), *parts]).encode()).hexdigest()
