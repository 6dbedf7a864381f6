"""From linear light to a JPEG: exposure, a soft shoulder, sRGB."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def tone(
    linear: NDArray[np.float32], exposure: float = 1.0, balance: tuple[float, float, float] = (1, 1, 1)
) -> NDArray[np.float32]:
    """Display values 0..1 from linear light: straight up to a knee, then a shoulder that never clips colours hard."""
    light = np.maximum(linear * exposure * np.array(balance, np.float32), 0)
    knee = 0.7
    over = np.maximum(light - knee, 0)
    soft = np.where(light > knee, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee))), light)
    coded = np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * np.power(np.maximum(soft, 1e-6), 1 / 2.4) - 0.055)
    return np.asarray(coded, dtype=np.float32)


def save_jpeg(display: NDArray[np.float32], target: Path, quality: int = 88) -> None:
    """Write display values as a JPEG that appears whole or not at all."""
    pixels = (np.clip(display, 0, 1) * 255 + 0.5).astype(np.uint8)
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_suffix(".part")
    Image.fromarray(pixels).save(
        waiting, "JPEG", quality=quality, optimize=True, progressive=True, subsampling=0 if quality > 90 else 2
    )
    waiting.replace(target)
