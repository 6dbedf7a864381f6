"""Ways to ask a catalog: one view or two, a still or several frames, and how cosines become a product's score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition_catalog import Photos, best, means
from benchmarks.virtual_camera import VirtualCamera
from engine.encoder import Encoder
from engine.image import crop, prepare, quality, read_picture
from engine.metrics import Ranks
from engine.pooling import FramePool
from engine.records import Labels, Vectors
from engine.region import salient_region
from engine.verdict import Calibration, leading
from engine.views import Cost, see, see_again

#: Frames that are pooled, and the time from one to the next: a second of a steady hand.
FRAMES, EVERY_S = 6, 0.2

#: The way of the real lookup.
LOOKUP = "mean of both views (the lookup)"
WHOLE, REGION = "whole view alone", "region alone"
FRAME, POOLED = "a frame of a moving camera", f"+ pooling of {FRAMES} frames"

Scores = NDArray[np.floating]


def views(encoder: Encoder, paths: Sequence[Path]) -> tuple[Vectors, Vectors]:
    """Whole views and regions of photos, float32 (N, D) each, as `engine.views.see` looks at them."""
    whole, region = [], []
    spec = encoder.info.input
    for path in paths:
        picture = read_picture(path)
        seen = encoder.encode(prepare([picture], spec))
        place = salient_region(seen.saliency[0], (picture.shape[0], picture.shape[1]), spec)
        whole.append(seen.embeddings[0])
        region.append(encoder.encode(prepare([crop(picture, place)], spec)).embeddings[0])
    return np.stack(whole), np.stack(region)


def filmed(encoder: Encoder, paths: Sequence[Path]) -> tuple[Vectors, Vectors]:
    """A camera that moves over each photo for a second: its last frame alone, and all frames pooled, (N, D) each.

    Frames are looked at as in the live view: each one with the region that was found in the one before.
    """
    last, pooled = [], []
    for seed, path in enumerate(paths):
        camera, pool, region = VirtualCamera(read_picture(path), seed), FramePool(), None
        for number in range(FRAMES):
            frame = camera.frame(number * EVERY_S)
            seen = see(encoder, [frame], Cost())[0] if region is None else see_again(encoder, frame, region, Cost())
            region = seen.region
            query = pool.take(seen.embedding, quality(frame).sharpness, number * EVERY_S)
        last.append(seen.embedding)
        pooled.append(query)
    return np.stack(last), np.stack(pooled)


def lookup_scores(photos: Photos, queries: Vectors) -> Scores:
    """Scores (N, P) as the real lookup's: the best of all stored views against queries (N, D)."""
    return best(np.maximum(queries @ photos.whole.T, queries @ photos.region.T), photos.products)


def lookup_closeness(photos: Photos, queries: Vectors, calibration: Calibration) -> Scores:
    """Cosines (N, P) in the leading numbers of queries (N, D) to the stored view of each product that is nearest."""
    asked = leading(queries, calibration)
    cosines = np.concatenate([queries @ photos.whole.T, queries @ photos.region.T], axis=1)
    close = np.concatenate([asked @ leading(views, calibration).T for views in (photos.whole, photos.region)], axis=1)
    products = np.concatenate([photos.products, photos.products])
    found = np.empty((len(queries), len(np.unique(products))))
    for column, product in enumerate(np.unique(products)):
        own = np.flatnonzero(products == product)
        found[:, column] = close[np.arange(len(queries)), own[cosines[:, own].argmax(axis=1)]]
    return found


def plain(photos: Photos, whole: Vectors, region: Vectors) -> dict[str, Scores]:
    """Scores (N, P) of each product by the whole view alone, by the region alone and by the mean of both."""
    return {
        WHOLE: best(whole @ photos.whole.T, photos.products),
        REGION: best(region @ photos.region.T, photos.products),
        LOOKUP: lookup_scores(photos, means(whole, region)),
    }


def others(photos: Photos, whole: Vectors, region: Vectors) -> dict[str, Scores]:
    """Scores (N, P) by what else was considered for the lookup."""
    by_whole, by_region = lookup_scores(photos, whole), lookup_scores(photos, region)
    return {
        "whole view, against both": by_whole,
        "the better of two searches": np.maximum(by_whole, by_region),
        "sum of two searches": by_whole + by_region,
        "mean of both, against means of both": best(means(whole, region) @ photos.means.T, photos.products),
    }


def ranks(scores: Scores, truth: Labels) -> Ranks:
    """The place of the right product (N,) from scores (N, P) and its column (N,); of equal scores the first wins."""
    own = scores[np.arange(len(truth)), truth][:, None]
    before = np.arange(scores.shape[1])[None] < truth[:, None]
    return np.asarray(((scores > own) | ((scores == own) & before)).sum(axis=1), dtype=np.int64)
