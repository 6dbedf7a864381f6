"""What a cheap camera does to light: automatic exposure, a lazy white balance, shake, noise, vignetting."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from catalogs.studio.develop import tone
from catalogs.studio.samples_plan import Sample

Image = NDArray[np.float32]


def _shaken(light: Image, length: float, angle: float) -> Image:
    if length < 1.0:
        return light
    size = int(length) * 2 + 3
    kernel = np.zeros((size, size), np.float32)
    reach = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * length / 2
    middle = size // 2
    cv2.line(
        kernel,
        tuple(np.round(middle - reach).astype(int).tolist()),
        tuple(np.round(middle + reach).astype(int).tolist()),
        1.0,
        1,
    )
    return np.asarray(cv2.filter2D(light, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE), dtype=np.float32)


def exposed(light: Image, mood: str) -> float:
    """The factor that a camera's metering would choose: the middle to a mid grey, to less in a dim place."""
    h, w = light.shape[:2]
    middle = light[h // 5 : -h // 5, w // 5 : -w // 5].mean(axis=2)
    aim = 0.17 if mood == "dim" else 0.27
    return float(np.clip(aim / max(float(np.exp(np.log(middle + 1e-3).mean())), 1e-3), 0.3, 8.0))


def photograph(light: Image, sample: Sample) -> Image:
    """Display values 0..1 of the sample's picture from linear light."""
    dice = np.random.default_rng(sample.seed)
    blurred = _shaken(light, sample.motion_px, sample.motion_angle) * exposed(light, sample.mood)
    grey = blurred.reshape(-1, 3).mean(0)
    # A camera corrects a colour cast only part of the way.
    balance = (grey.mean() / np.maximum(grey, 1e-4)) ** 0.55
    h, w = light.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    balanced = blurred * balance.astype(np.float32) * (1 - 0.14 * (x**2 + y**2))[..., None].astype(np.float32)
    strength = sample.noise * (1.6 if sample.mood == "dim" else 1.0)
    noise = dice.normal(0, 1, light.shape) * np.sqrt(np.maximum(balanced, 0.01)) * strength * 1.6
    return tone(np.asarray(balanced + noise, dtype=np.float32))


def grain(shape: tuple[int, ...], seed: int) -> Image:
    """A little sensor noise for display values."""
    return np.asarray(np.random.default_rng(seed).normal(0, 0.012, shape), dtype=np.float32)
