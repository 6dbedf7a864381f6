"""What a camera in a store does to a picture, at random: to calibrate a catalog that has one photo of a product."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.records import Picture


def distort(picture: Picture, rng: np.random.Generator) -> Picture:
    """One camera-like view of a picture: RGB uint8 of about the same size, decided by `rng` alone.

    In the order in which they happen to light: viewpoint (crop, rotation, perspective), illumination (strength, colour,
    a gradient), optics (defocus or motion), sensor noise, JPEG.
    """
    view = viewpoint(picture, rng)
    lit = _illumination(view, rng)
    sharp = _optics(lit, rng)
    noisy = sharp + rng.normal(0.0, rng.uniform(0.0, 0.03), sharp.shape).astype(np.float32)
    pixels = (np.clip(noisy, 0.0, 1.0) * 255.0 + 0.5).astype(np.uint8)
    return through_jpeg(pixels, int(rng.integers(40, 95)))


def viewpoint(picture: Picture, rng: np.random.Generator) -> Picture:
    """Corners move by up to 12 % of the side, the whole turns by up to 15 degrees, seen 0.75 to 1.25 times as big.

    It is the first step of `distort`: with a generator of the same state it moves a mask as `distort` moves pictures.
    """
    height, width = picture.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    centre = np.array([width, height], dtype=np.float32) / 2
    angle = np.deg2rad(rng.uniform(-15, 15))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], dtype=np.float32)
    moved = (corners - centre) @ turn.T * rng.uniform(0.75, 1.25) + centre
    moved += rng.uniform(-0.12, 0.12, (4, 2)) * np.array([width, height])
    moved += rng.uniform(-0.08, 0.08, 2) * np.array([width, height])
    homography = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    # The picture is mirrored at its edge: a black frame would be a feature that no store has.
    warped = cv2.warpPerspective(picture, homography, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(warped, dtype=np.uint8)


def _illumination(picture: Picture, rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    light = (picture.astype(np.float32) / np.float32(255.0)) ** np.float32(rng.uniform(0.75, 1.4))
    # White balance between warm tungsten and cool daylight tubes: red and blue go against each other.
    warmth = rng.uniform(-0.15, 0.15)
    gains = np.array([1 + warmth, 1 + rng.uniform(-0.04, 0.04), 1 - warmth], dtype=np.float32)
    gains *= np.float32(rng.uniform(0.6, 1.3))
    slope = rng.uniform(-0.25, 0.25, 2)
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] * np.float32(slope[0])
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None] * np.float32(slope[1])
    shade = (1 + across + down)[:, :, None]
    return np.asarray(np.clip(light * gains * shade, 0.0, 1.0), dtype=np.float32)


def _optics(light: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Nothing, defocus or motion, each in a third of the cases; strengths are fractions of the shorter side."""
    side = min(light.shape[:2])
    kind = rng.integers(3)
    strength = rng.uniform(0.002, 0.008) * side
    if kind == 0 or strength < 0.5:
        return light
    if kind == 1:
        return np.asarray(cv2.GaussianBlur(light, (0, 0), strength), dtype=np.float32)
    kernel = motion_kernel(max(3, int(strength * 3) | 1), rng.uniform(0, np.pi))
    return np.asarray(cv2.filter2D(light, -1, kernel), dtype=np.float32)


def motion_kernel(length_px: int, angle: float) -> NDArray[np.float32]:
    """What a hand that moves during the exposure does to a point: float32 (L, L), sum 1; L odd, `angle` in radians."""
    kernel = np.zeros((length_px, length_px), dtype=np.float32)
    middle = length_px // 2
    reach = np.array([np.cos(angle), np.sin(angle)]) * middle
    start, end = np.rint(middle - reach).astype(int), np.rint(middle + reach).astype(int)
    cv2.line(kernel, tuple(start.tolist()), tuple(end.tolist()), 1.0)
    return np.asarray(kernel / kernel.sum(), dtype=np.float32)


def through_jpeg(picture: Picture, quality: int) -> Picture:
    """The picture after JPEG; `quality` is JPEG's, 1..100."""
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    decoded = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)
