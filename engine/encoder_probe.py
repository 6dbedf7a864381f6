"""The probe: a picture from a formula, whose float32 embedding an encoder carries, to try a provider with.

A provider that returns finite unit vectors can still be wrong (a driver bug, a miscompiled kernel); the probe tells.
"""

from __future__ import annotations

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

from engine.image import InputSpec, prepare
from engine.records import Tensor

_SIDE_PX = 384


def probe_batch(spec: InputSpec) -> Tensor:
    """One row, float32 (1, 3, S, S): rings, stripes and a box in several colours; the same on every machine."""
    down, across = np.mgrid[0:_SIDE_PX, 0:_SIDE_PX].astype(np.int64)
    picture = np.full((_SIDE_PX, _SIDE_PX, 3), (236, 232, 224), dtype=np.uint8)
    picture[40:350, 90:290] = (178, 34, 42)
    stripes = ((down + across) // 12 % 2 == 0) & (down > 220) & (down < 330) & (across > 100) & (across < 280)
    picture[stripes] = (244, 208, 63)
    distance = (down - 140) ** 2 + (across - 190) ** 2
    picture[distance < 70**2] = (250, 250, 245)
    picture[(distance < 60**2) & (distance // 400 % 2 == 0)] = (28, 90, 160)
    return prepare([picture], spec)


def pack_vector(vector: NDArray[np.float32]) -> str:
    """A vector as base64 of little-endian float16."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def unpack_vector(text: str) -> NDArray[np.float32]:
    """The inverse of `pack_vector`. Raises ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(data) % 2:
        raise ValueError("not float16")
    return np.frombuffer(data, dtype="<f2").astype(np.float32)
