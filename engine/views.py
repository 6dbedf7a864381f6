"""What a lookup sees of a picture: the whole view, and the item's region in it.

The item is rarely the whole picture. The encoder's own feature map says where it is; a second run looks there. The
query is the mean of both embeddings, brought back to length 1: over the validation photos of the Grocery Store Dataset
that was better than the better of two searches, by 3 points of top-1 (`python -m benchmarks.recognition`). Catalog
calibration and lookups see pictures through this file, so that they see the same.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.encoder import Encoder
from engine.image import InputSpec, crop, prepare_into
from engine.records import WHOLE, Picture, Region, Tensor, Vectors
from engine.region import salient_region


@dataclass(frozen=True, slots=True)
class Seen:
    """What a picture asks the catalog: an embedding, float32 (D,) of length 1, and where the item is."""

    embedding: NDArray[np.float32]
    region: Region


def blend(embeddings: Vectors) -> NDArray[np.float32]:
    """The mean direction (D,) of unit rows (V, D). Opposite rows have none; then it is the first."""
    total = embeddings.sum(axis=0)
    length = float(np.linalg.norm(total))
    return np.asarray(total / np.float32(length) if length > 1e-3 else embeddings[0], dtype=np.float32)


@dataclass(slots=True)
class Cost:
    """Milliseconds that went into preparing tensors and into the encoder, added up."""

    prepare_ms: float = 0.0
    encode_ms: float = 0.0


def prepared(pictures: Sequence[Picture], spec: InputSpec, cost: Cost) -> Tensor:
    """Pictures to a batch, float32 (N, 3, S, S); the time goes to `cost`."""
    started = time.perf_counter()
    batch = np.empty((len(pictures), 3, spec.size, spec.size), dtype=np.float32)
    for row, picture in zip(batch, pictures, strict=True):
        prepare_into(row, picture, spec)
    cost.prepare_ms += (time.perf_counter() - started) * 1e3
    return batch


def see(encoder: Encoder, pictures: Sequence[Picture], cost: Cost, whole: Tensor | None = None) -> list[Seen]:
    """Two encoder runs over a batch of pictures: the whole views, then the region that each one's feature map names.

    `whole` is the batch of whole views where it is prepared already. A region that is the whole picture costs no second
    row. Raises EncoderOutput if the session gives no unit vectors.
    """
    spec = encoder.info.input
    batch = prepared(pictures, spec, cost) if whole is None else whole
    started = time.perf_counter()
    first = encoder.encode(batch)
    regions = [
        salient_region(saliency, (picture.shape[0], picture.shape[1]), spec)
        for saliency, picture in zip(first.saliency, pictures, strict=True)
    ]
    cost.encode_ms += (time.perf_counter() - started) * 1e3
    inner = [row for row, region in enumerate(regions) if region != WHOLE]
    closer: dict[int, Vectors] = {}
    nothing = first.embeddings[:0]
    if inner:
        crops = prepared([crop(pictures[row], regions[row]) for row in inner], spec, cost)
        started = time.perf_counter()
        second = encoder.encode(crops).embeddings
        cost.encode_ms += (time.perf_counter() - started) * 1e3
        closer = {row: second[place : place + 1] for place, row in enumerate(inner)}
    return [
        Seen(blend(np.concatenate([first.embeddings[row : row + 1], closer.get(row, nothing)])), regions[row])
        for row in range(len(pictures))
    ]


def see_region(encoder: Encoder, picture: Picture, region: Region, cost: Cost) -> Seen:
    """One encoder run over a region that a person drew: nothing else of the picture counts."""
    batch = prepared([crop(picture, region)], encoder.info.input, cost)
    started = time.perf_counter()
    embeddings = encoder.encode(batch).embeddings
    cost.encode_ms += (time.perf_counter() - started) * 1e3
    return Seen(embeddings[0], region)


def see_again(encoder: Encoder, frame: Picture, previous: Region, cost: Cost) -> Seen:
    """One encoder run of two rows over a frame: the whole view and the region where the item was in the last frame.

    The region in the answer is where it is now, for the next frame.
    """
    spec = encoder.info.input
    batch = prepared([frame, crop(frame, previous)], spec, cost)
    started = time.perf_counter()
    seen = encoder.encode(batch)
    region = salient_region(seen.saliency[0], (frame.shape[0], frame.shape[1]), spec)
    cost.encode_ms += (time.perf_counter() - started) * 1e3
    return Seen(blend(seen.embeddings), region)
