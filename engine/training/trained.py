"""`skulens encoder export --checkpoint`: what a run learnt becomes an encoder folder, by the export of ImageNet's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.encoder_info import TUNED, EncoderInfo
from engine.errors import TrainingData
from engine.image import InputSpec
from engine.records import ProgressCallback, no_progress
from engine.training.backbone import GraphWriter, Weights
from engine.training.checkpoint import Checkpoint, load_checkpoint
from engine.training.export import MEAN, SCALE, TERMS, build_model, imagenet_weights, trunk_features, write_encoder
from engine.training.head import FittedPart, fit_part
from engine.training.photos import find_photos
from engine.training.trunk import TrunkWeights, write_trunk

_TRUNK = "trunk."


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A piece of the trunk that was not tuned, how many of its axes stay, and its weight beside the tuned part's 1."""

    name: str
    dimension: int
    weight: float


#: Numbers of the tuned part: its principal axes come first, so that fewer of them work alone too.
TUNED_DIMENSION = 128
#: Chosen on products that were held out of training; docs/encoder.md has what each gives.
KEPT_PARTS = (KeptPart("general", 96, 0.5), KeptPart("middle", 32, 0.25))


@dataclass(frozen=True, slots=True)
class TrainedTrunk:
    """A checkpoint's chosen weights: the trunk's by name, what it wants to see, and the embedding's learnt part."""

    weights: Weights
    spec: InputSpec
    part: FittedPart
    products: int


def trained_trunk(checkpoint: Checkpoint) -> TrainedTrunk:
    """The weights that validated best (else the newest averaged ones) as the exporter takes them."""
    values = {name: tensor.numpy() for name, tensor in checkpoint.chosen().items()}
    weights = {name.removeprefix(_TRUNK): array for name, array in values.items() if name.startswith(_TRUNK)}
    about, recipe = checkpoint.identity, checkpoint.identity["recipe"]
    matrix, bias = values["projection.weight"], values["projection.bias"]
    part = learnt_part(TUNED, matrix, bias, about["length"], about["photos"])
    return TrainedTrunk(weights, InputSpec(recipe["size_px"], MEAN, SCALE, 1.0), part, about["products"])


def learnt_part(
    name: str, matrix: NDArray[np.float32], bias: NDArray[np.float32], length: float, photos: int
) -> FittedPart:
    """A learnt projection, `matrix` (D, C) of trunk features of a `length` plus `bias` (D,), as centre and projection.

    The centre is the smallest one that the bias is the image of; D must not be larger than C.
    """
    projection = matrix.T.astype(np.float64) * length
    centre = -projection @ np.linalg.solve(projection.T @ projection, bias.astype(np.float64))
    projection /= np.abs(projection).max()  # float16's range; the embedding is of length 1 whatever its length was
    return FittedPart(name, 0, centre.astype(np.float32), projection.astype(np.float32), 1.0, photos)


def on_principal_axes(part: FittedPart, trunk: NDArray[np.float32], dimension: int) -> FittedPart:
    """The same part turned so that its first numbers tell photos apart most, and cut to `dimension` numbers.

    The axes are those of what the part gives for the trunk features (M, T) of photos. A turn changes no cosine; what is
    cut off is what these photos differ in least.
    """
    variances, axes = np.linalg.eigh(np.cov(part.apply(trunk).T.astype(np.float64)))
    axes = axes[:, np.argsort(variances)[::-1][:dimension]]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])  # an axis has no sign; choose one
    projection = part.projection.astype(np.float64) @ axes
    projection /= np.abs(projection).max()
    return replace(part, projection=projection.astype(np.float32))


def export_checkpoint(
    out: Path,
    checkpoint: Path,
    photos: Path | None = None,
    size_px: int | None = None,
    name: str = "EfficientNet-Lite2, tuned",
    general: Weights | None = None,
    progress: ProgressCallback = no_progress,
) -> EncoderInfo:
    """Write `out`/float32.onnx and `out`/encoder.json from a checkpoint of `skulens train`.

    With `photos` the general network (ImageNet's if `general` is None) stands beside the tuned one: two more parts of
    the embedding, fitted on these photos, remember what the tuned network forgot. `size_px` of None is that of the
    training; pictures may be larger than there. Raises CheckpointUnusable, TrainingData, ExtraMissing, NotWritable,
    DiskFull.
    """
    stored = load_checkpoint(checkpoint)
    found = trained_trunk(stored)
    spec = found.spec if size_px is None else replace(found.spec, size=size_px)
    terms = f"{TERMS} Trained further on {found.part.fitted_on} photos of {found.products} products by their owner."
    if photos is None:
        return write_encoder(out, found.weights, spec, (found.part,), len(found.part.centre), name, terms)
    before = imagenet_weights() if general is None else general
    weights = TrunkWeights(before, found.weights, stored.identity["recipe"]["first_block"])
    pieces = write_trunk(GraphWriter(), weights, spec.size).pieces
    most = max(TUNED_DIMENSION, *(part.dimension for part in KEPT_PARTS))
    trunk = trunk_features(build_model(weights, spec, ()), find_photos(photos, most + 1), spec, progress)
    if len(trunk) <= most:
        raise TrainingData(folder=str(photos), reason=f"only {len(trunk)} of the photos are readable")
    tuned = replace(found.part, start=pieces[TUNED][0])
    parts = [on_principal_axes(tuned, trunk, min(TUNED_DIMENSION, tuned.projection.shape[1]))]
    for kept in KEPT_PARTS:
        start, stop = pieces[kept.name]
        fitted = fit_part(kept.name, trunk, start, stop, min(kept.dimension, stop - start))
        parts.append(replace(fitted, weight=kept.weight))
    return write_encoder(out, weights, spec, tuple(parts), trunk.shape[1], name, terms)
