"""Is a picture good enough to trust the answer? Blur, darkness, overexposure, size; measured, not guessed."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine.records import Degraded, Picture

#: Everything is measured on a copy whose shorter side has this many pixels, so that the thresholds hold for any camera.
_MEASURED_SIDE_PX = 256
#: Variance of the Laplacian under which a picture is called blurred. The measure is from Pech-Pacheco et al., "Diatom
#: autofocusing in brightfield microscopy" (ICPR 2000); docs/encoder.md says how this value was found on real photos.
BLURRED_BELOW = 25.0
#: Nine tenths of the pixels are darker than this (0..255).
DARK_BELOW = 60.0
#: Nineteen twentieths of the pixels are brighter than this; a product on a white background keeps darker ones.
OVEREXPOSED_ABOVE = 190.0
#: Under this many pixels the encoder sees an enlarged picture.
SMALL_BELOW_PX = 120


@dataclass(frozen=True, slots=True)
class PictureQuality:
    """`sharpness` is the variance of the Laplacian, `low` and `high` the 5th and 90th percentile of luma (0..255)."""

    sharpness: float
    low: float
    high: float
    degraded: tuple[Degraded, ...]


def quality(picture: Picture) -> PictureQuality:
    """Measure a picture and name what is wrong with it; about a millisecond for a camera frame."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    while min(grey.shape) >= 2 * _MEASURED_SIDE_PX:  # exact halves first: fast, and nothing aliases
        half = (grey.shape[1] // 2, grey.shape[0] // 2)
        grey = cv2.resize(grey[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
    shrink = _MEASURED_SIDE_PX / min(grey.shape)
    if shrink < 1:
        size = (max(1, round(grey.shape[1] * shrink)), max(1, round(grey.shape[0] * shrink)))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(grey, cv2.CV_16S))
    sharpness = float(deviation[0, 0]) ** 2
    counts = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel().cumsum() / grey.size
    low, high = (float(np.searchsorted(counts, share)) for share in (0.05, 0.9))
    degraded: list[Degraded] = []
    if high < DARK_BELOW:
        degraded.append(Degraded.DARK)
    elif low > OVEREXPOSED_ABOVE:
        degraded.append(Degraded.OVEREXPOSED)
    elif sharpness < BLURRED_BELOW:  # in the dark or in glare nothing is sharp, and more light is the remedy
        degraded.append(Degraded.BLURRED)
    if min(height, width) < SMALL_BELOW_PX:
        degraded.append(Degraded.SMALL)
    return PictureQuality(sharpness, low, high, tuple(degraded))
