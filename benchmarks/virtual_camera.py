"""A hand-held camera that looks at a photo: clips for measuring the live view, made in memory from one still.

The camera pans, zooms and rolls slowly and shakes as a hand does. A frame is the mean of what it sees while the shutter
is open, so that motion blurs it in proportion to its speed; light drifts, the sensor adds noise, JPEG follows. All this
follows from the seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.records import Picture

FRAME_WIDTH, FRAME_HEIGHT = 640, 480
#: Time that the shutter is open, as indoors.
_EXPOSURE_S = 1 / 20
#: The view covers so much of the photo's area on average.
_COVERED = 0.8


@dataclass(frozen=True)
class _Wave:
    """A smooth motion: a few sine waves with frequencies in hertz; one value, or its course."""

    amplitudes: NDArray[np.float64]
    frequencies: NDArray[np.float64]
    phases: NDArray[np.float64]

    @classmethod
    def drawn(cls, rng: np.random.Generator, reach: float, slowest_hz: float, fastest_hz: float) -> _Wave:
        amplitudes = rng.uniform(0.3, 1.0, 3)
        return cls(
            amplitudes * reach / amplitudes.sum(), rng.uniform(slowest_hz, fastest_hz, 3), rng.uniform(0, math.tau, 3)
        )

    def at(self, time_s: float) -> float:
        return float(self.amplitudes @ np.sin(math.tau * self.frequencies * time_s + self.phases))


class VirtualCamera:
    """Looks at one photo, RGB uint8 (H, W, 3), for as long as wanted."""

    def __init__(self, photo: Picture, seed: int) -> None:
        rng = np.random.default_rng([seed, 4])
        self._photo, self._noise = photo, np.random.default_rng([seed, 5])
        height, width = photo.shape[:2]
        #: Photo pixels for a frame pixel.
        self._step = math.sqrt(_COVERED * height * width / (FRAME_WIDTH * FRAME_HEIGHT))
        self._centre = np.array([width / 2, height / 2])
        side = math.sqrt(height * width)
        # How badly a hand shakes differs between people and moments: some clips are calm, some are hardly sharp.
        shake = float(rng.lognormal(0.0, 0.6))
        self._across = (_Wave.drawn(rng, 0.12 * side, 0.05, 0.4), _Wave.drawn(rng, 0.008 * side * shake, 1.5, 6.0))
        self._down = (_Wave.drawn(rng, 0.10 * side, 0.05, 0.4), _Wave.drawn(rng, 0.008 * side * shake, 1.5, 6.0))
        self._zoom = _Wave.drawn(rng, 0.25, 0.05, 0.3)
        self._roll = (_Wave.drawn(rng, 0.2, 0.05, 0.3), _Wave.drawn(rng, 0.01 * shake, 1.5, 6.0))
        self._light = _Wave.drawn(rng, 0.3, 0.1, 0.6)
        self._gain = float(rng.uniform(0.75, 1.15))
        self._warmth = float(rng.uniform(-0.08, 0.08))
        self._grain = float(rng.uniform(0.005, 0.03))
        self._quality = int(rng.integers(55, 92))

    def frame(self, time_s: float) -> Picture:
        """What it delivers at a time in seconds: RGB uint8 (480, 640, 3)."""
        start, end = self._pose(time_s), self._pose(time_s + _EXPOSURE_S)
        moved_px = float(np.abs(_corners(end) - _corners(start)).max()) / self._step
        looks = int(np.clip(math.ceil(moved_px / 2), 1, 12))
        seen = np.zeros((FRAME_HEIGHT, FRAME_WIDTH, 3), np.float32)
        for look in range(looks):
            pose = self._pose(time_s + _EXPOSURE_S * (look + 0.5) / looks)
            # Mirrored at its edge: a black border would be a feature that no store has.
            seen += cv2.warpAffine(
                self._photo,
                pose,
                (FRAME_WIDTH, FRAME_HEIGHT),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT_101,
            )
        gain = self._gain * (1 + self._light.at(time_s))
        seen *= np.array([1 + self._warmth, 1.0, 1 - self._warmth], np.float32) * np.float32(gain / looks)
        seen += self._noise.standard_normal(seen.shape, np.float32) * np.float32(255 * self._grain)
        return _jpeg(seen.clip(0, 255).astype(np.uint8), self._quality)

    def _pose(self, time_s: float) -> NDArray[np.float64]:
        """From frame pixels to photo pixels, (2, 3)."""
        angle = sum(wave.at(time_s) for wave in self._roll)
        scale = self._step * (1 + self._zoom.at(time_s))
        turn = scale * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        centre = self._centre + [sum(wave.at(time_s) for wave in axis) for axis in (self._across, self._down)]
        shift = centre - turn @ [FRAME_WIDTH / 2, FRAME_HEIGHT / 2]
        return np.hstack([turn, shift[:, None]])


def _corners(pose: NDArray[np.float64]) -> NDArray[np.float64]:
    ends = np.array([[0, FRAME_WIDTH, 0, FRAME_WIDTH], [0, 0, FRAME_HEIGHT, FRAME_HEIGHT], [1, 1, 1, 1]])
    return np.asarray(pose @ ends)


def _jpeg(frame: Picture, quality: int) -> Picture:
    done, data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(data, cv2.IMREAD_COLOR) if done else None
    if decoded is None:
        raise ValueError("a frame cannot be encoded")
    return np.asarray(cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB), dtype=np.uint8)
