"""Colours as people see them apart: CIELAB, and how steeply a picture changes. Pure."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RGB uint8 to CIELAB float32: L 0..100, a and b about -127..127."""
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(picture, np.uint8).astype(np.float32) / 255, cv2.COLOR_RGB2Lab))


def steepness(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """CIELAB (H, W, 3) to ΔE a pixel, float32 (H, W)."""
    across, down = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=0.125), cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=0.125)
    return np.asarray(np.sqrt((across**2 + down**2).sum(axis=2)), np.float32)
