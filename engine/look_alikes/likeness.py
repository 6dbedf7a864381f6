"""Makes two pictures that lie over each other alike in what a camera and a lamp decide: sharpness, tone and tint. Pure.

Pictures are CIELAB float32 (H, W, 3); `area` is uint8 (H, W), 255 where they are compared.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Lab = NDArray[np.float32]

#: Deviations, in pixels, of the blur that the sharper picture is given until it is as soft as the other.
_SOFTER: Final = (0.6, 0.9, 1.3, 1.8, 2.5)
#: A picture is softer than another if its finest detail is under this part of the other's.
_AS_SHARP: Final = 0.8
#: How far lightness may be taken along, in L: slowly over the item, and at most so much.
_SLOW_L: Final = 10.0
#: The tint may be this much stronger or weaker, and shifted by so much in a and b; what is more is another colour.
_STRONGER, _SHIFTED = 1.15, 4.0
#: A tone curve is fitted to what agrees; differences over this, in L or in a and b, have no say in it.
_AGREES: Final = 12.0


def same_sharpness(one: Lab, other: Lab, area: NDArray[np.uint8]) -> tuple[Lab, Lab]:
    """The sharper of the two is blurred until its finest detail is as strong as the other's."""
    inside = area > 0
    details = _detail(one, inside), _detail(other, inside)
    if min(details) >= _AS_SHARP * max(details):
        return one, other
    sharp, soft = (one, details[1]) if details[0] > details[1] else (other, details[0])
    blurred = sharp
    for deviation in _SOFTER:
        blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), deviation), np.float32)
        if _detail(blurred, inside) <= soft:
            break
    return (blurred, other) if sharp is one else (one, blurred)


def _detail(picture: Lab, inside: NDArray[np.bool_]) -> float:
    fine = cv2.Laplacian(np.ascontiguousarray(picture[:, :, 0]), cv2.CV_32F)
    return float(np.abs(np.asarray(fine)[inside]).mean()) + 1e-6


def same_light(one: Lab, other: Lab, area: NDArray[np.uint8]) -> Lab:
    """The second picture with the first's light: tone by a curve, the tint by a gain and a shift, and slow shadows."""
    inside = area > 0
    lit = other.copy()
    lit[:, :, 0] = _toned(one[:, :, 0], other[:, :, 0], inside)
    for channel in (1, 2):
        lit[:, :, channel] = _tinted(one[:, :, channel], other[:, :, channel], inside)
    gap, weight = np.where(inside, one[:, :, 0] - lit[:, :, 0], np.float32(0)), inside.astype(np.float32)
    # So slow a change needs few pixels.
    small = (max(1, area.shape[1] // 8), max(1, area.shape[0] // 8))
    wide = 0.2 * max(cv2.boundingRect(area)[2:]) / 8
    sums, weights = (
        cv2.GaussianBlur(cv2.resize(part, small, interpolation=cv2.INTER_AREA), (0, 0), wide) for part in (gap, weight)
    )
    slow = cv2.resize(sums / np.maximum(weights, 1e-3), area.shape[::-1])
    lit[:, :, 0] += np.clip(slow, -_SLOW_L, _SLOW_L)
    return lit


def _toned(one: NDArray[np.float32], other: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Lightness through the parabola that takes most of the second's to the first's, as exposure and contrast do."""
    x, y = other[inside] / 100, one[inside] / 100
    kept = np.ones(len(x), bool)
    curve = np.array([0.0, 1.0, 0.0])
    for _ in range(4):
        if np.count_nonzero(kept) < 200 or float(np.ptp(x[kept])) < 0.1:
            return other
        # In L from 0 to 100 of a curve that never falls; a little weight keeps it near the identity where nothing is.
        powers = np.stack([np.ones_like(x[kept]), x[kept], x[kept] ** 2], axis=1)
        weight = 0.02 * np.count_nonzero(kept)
        left, right = powers.T @ powers + weight * np.diag([1.0, 1.0, 1.0]), powers.T @ y[kept]
        curve = np.linalg.solve(left, right + weight * np.array([0.0, 1.0, 0.0]))
        away = np.abs(curve[0] + curve[1] * x + curve[2] * x**2 - y)
        kept = away < max(_AGREES / 100, float(np.percentile(away, 60)))
    toned = 100 * (curve[0] + curve[1] * other / 100 + curve[2] * (other / 100) ** 2)
    return np.asarray(np.clip(toned, 0, 100), np.float32)


def _tinted(one: NDArray[np.float32], other: NDArray[np.float32], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """a or b with another strength and shift, within what light and white balance do."""
    x, y = other[inside], one[inside]
    kept = np.ones(len(x), bool)
    gain, shift = 1.0, 0.0
    for _ in range(4):
        spread = float(np.var(x[kept])) + 4.0
        gain = float(np.mean((x[kept] - x[kept].mean()) * (y[kept] - y[kept].mean())) + 4.0) / spread
        gain = min(max(gain, 1 / _STRONGER), _STRONGER)
        shift = min(max(float(np.median(y[kept] - gain * x[kept])), -_SHIFTED), _SHIFTED)
        away = np.abs(gain * x + shift - y)
        kept = away < max(_AGREES, float(np.percentile(away, 60)))
    return np.asarray(gain * other + shift, np.float32)
