"""From feature maps to the three outputs: trunk, saliency, embedding. Fitting of the embedding's parts.

A map's energy (its square) is the source of all: its mean over the channels is the saliency, the root of its mean
over the picture is a piece of the trunk: GeM pooling with p = 2 (Radenović et al., "Fine-tuning CNN Image Retrieval
with No Human Annotation", TPAMI 2019). The embedding is the trunk's unit vector minus the centre of the calibration
photos, on their principal axes, each divided by a power of its deviation (Jégou and Chum, "Negative evidences and
co-occurrences in image retrieval: the benefit of PCA and whitening", ECCV 2012; a small power, because the calibration
photos are not the catalog's).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.training.backbone import GraphWriter

POOLING = "rms"
#: Power of the deviation that an axis is divided by: 0 is plain PCA, 1 full whitening. Measured in docs/encoder.md.
WHITENING = 0.25


@dataclass(frozen=True)
class FittedPart:
    """A slice of the trunk and what is done to it: `centre` float32 (C,), `projection` float32 (C, D)."""

    name: str
    start: int
    centre: NDArray[np.float32]
    projection: NDArray[np.float32]
    weight: float
    fitted_on: int

    @property
    def stop(self) -> int:
        """The slice's end in the trunk."""
        return self.start + int(self.centre.shape[0])

    def digest(self) -> str:
        """SHA-256 over the numbers, little-endian."""
        numbers = self.centre.astype("<f4").tobytes() + self.projection.astype("<f4").tobytes()
        return hashlib.sha256(numbers).hexdigest()

    def apply(self, trunk: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same in NumPy, (N, T) -> (N, D) of length `weight`: for stored trunk features, and for tests."""
        piece = _unit(trunk[:, self.start : self.stop])
        return _unit(np.matmul(piece - self.centre, self.projection)) * np.float32(self.weight)


def fit_part(name: str, trunk: NDArray[np.float32], start: int, stop: int, dimension: int) -> FittedPart:
    """Fit centre and projection on trunk features (M, T) of calibration photos; M must be larger than `dimension`."""
    if len(trunk) <= dimension:
        raise ValueError(f"{len(trunk)} photos cannot fit {dimension} axes")
    piece = _unit(trunk[:, start:stop]).astype(np.float64)
    centre = piece.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov((piece - centre).T))
    order = np.argsort(variances)[::-1][:dimension]
    deviations = np.sqrt(np.maximum(variances[order], 1e-12))
    axes = axes[:, order]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(dimension)])  # an axis has no sign; choose one
    projection = axes * deviations**-WHITENING
    projection /= np.abs(projection).max()  # keeps float16 in its range; length does not matter before the unit norm
    return FittedPart(name, start, centre.astype(np.float32), projection.astype(np.float32), 1.0, len(trunk))


def write_pooling(writer: GraphWriter, maps: Sequence[str]) -> None:
    """Write `trunk` (N, C), the pooled maps (N, C', h', w') side by side, and `saliency` (N, h, w) of the first."""
    writer.constant("axis.channel", np.array([1], np.int64))
    writer.constant("axes.picture", np.array([2, 3], np.int64))
    means: list[str] = []
    for number, feature_map in enumerate(maps):
        at = "energy" if number == 0 else f"energy.{number}"
        energy = writer.node("Mul", [feature_map, feature_map], at)
        if number == 0:
            writer.node("ReduceMean", [energy, "axis.channel"], "saliency", keepdims=0)
        means.append(writer.node("ReduceMean", [energy, "axes.picture"], f"{at}.mean", keepdims=0))
    joined = means[0] if len(means) == 1 else writer.node("Concat", means, "energies", axis=1)
    writer.node("Sqrt", [joined], "trunk")


def write_embedding(writer: GraphWriter, parts: tuple[FittedPart, ...]) -> None:
    """Write `embedding` (N, D) from `trunk`: the parts side by side, to unit length."""
    pieces: list[str] = []
    for part in parts:
        value = writer.node(
            "Slice",
            [
                "trunk",
                writer.constant(f"{part.name}.start", np.array([part.start], np.int64)),
                writer.constant(f"{part.name}.stop", np.array([part.stop], np.int64)),
                "axis.channel",
            ],
            f"{part.name}.slice",
        )
        value = _write_unit(writer, value, f"{part.name}.input")
        value = writer.node("Sub", [value, writer.constant(f"{part.name}.centre", part.centre)], f"{part.name}.centred")
        projection = writer.constant(f"{part.name}.projection", part.projection)
        value = writer.node("MatMul", [value, projection], f"{part.name}.projected")
        value = _write_unit(writer, value, f"{part.name}.output")
        weight = writer.constant(f"{part.name}.weight", np.array(part.weight, np.float32))
        pieces.append(writer.node("Mul", [value, weight], f"{part.name}.weighted"))
    joined = writer.node("Concat", pieces, "parts", axis=1) if len(pieces) > 1 else pieces[0]
    _write_unit(writer, joined, "final", result="embedding")


def _write_unit(writer: GraphWriter, value: str, at: str, result: str | None = None) -> str:
    writer.constant(f"{at}.least", np.array(1e-6, np.float32))
    length = writer.node("ReduceL2", [value, "axis.channel"], f"{at}.length", keepdims=1)
    positive = writer.node("Max", [length, f"{at}.least"], f"{at}.positive")
    return writer.node("Div", [value, positive], result or f"{at}.unit")


def _unit(rows: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-6), dtype=np.float32)
