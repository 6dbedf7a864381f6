"""What a camera in a store makes of a photo: the views that training shows the network instead of the photo itself.

Stronger and cheaper than `engine.image_distort`, which calibrates: a view is warped straight to the network's size, and
what differs from photo to photo in a store (hands, neighbours on the shelf) is put in front of the item. All is decided
by the `rng` that is given, so that the same seed gives the same picture.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.image_distort import motion_kernel, through_jpeg
from engine.records import Picture

#: Another photo at random: what stands beside the item, or behind it.
Others = Callable[[], Picture]

#: The part of a photo's area that a view shows.
AREA = (0.25, 1.0)
#: Skin by its mean RGB; the light differs by a factor.
_SKIN = (200.0, 150.0, 125.0)
_LEVELS = np.arange(256, dtype=np.float32) / np.float32(255)


def camera_view(
    picture: Picture, size_px: int, rng: np.random.Generator, others: Others, area: tuple[float, float] = AREA
) -> Picture:
    """One camera-like view of a photo, RGB uint8 (S, S, 3): moved, lit, blurred, noisy, partly covered."""
    moved = move(picture, Pose.drawn(picture, size_px, rng, area), cv2.BORDER_REFLECT_101)
    return cover(optics(light(moved, rng), rng), rng, others)


class Pose:
    """Where the camera stands: a quadrilateral of the photo that becomes the square view.

    `corners` float32 (4, 2) in pixels of the photo, clockwise from the view's top left; `zoom` is the photo's pixels
    per pixel of the view.
    """

    def __init__(self, corners: NDArray[np.float32], zoom: float, size_px: int) -> None:
        self.corners, self.zoom, self.size_px = corners, zoom, size_px

    @classmethod
    def drawn(
        cls,
        picture: Picture,
        size_px: int,
        rng: np.random.Generator,
        area: tuple[float, float] = AREA,
        turn_deg: float = 10.0,
        slant: float = 0.12,
    ) -> Pose:
        """A pose inside the photo; `turn_deg` is a standard deviation, `slant` the most a corner moves (of a side)."""
        height, width = picture.shape[:2]
        part = np.exp(rng.uniform(np.log(area[0]), np.log(area[1])))
        side = float(np.sqrt(part)) * min(height, width)
        aspect = float(np.exp(rng.uniform(-0.22, 0.22)))
        across, down = side * aspect, side / aspect
        centre = [_between(rng, across, width), _between(rng, down, height)]
        angle = np.deg2rad(rng.normal(0, turn_deg))
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * [across / 2, down / 2]
        corners += rng.uniform(-slant, slant, (4, 2)) * [across, down]
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        return cls((corners @ turn + centre).astype(np.float32), side / size_px, size_px)


def _between(rng: np.random.Generator, length: float, room: float) -> float:
    """A centre that keeps a length inside the room if it fits."""
    return float(rng.uniform(min(length / 2, room / 2), max(room - length / 2, room / 2)))


def move(picture: NDArray[np.uint8], pose: Pose, border: int) -> NDArray[np.uint8]:
    """The photo (H, W, 3), or a mask (H, W), as seen from a pose, uint8 (S, S[, 3]); `border` is OpenCV's."""
    height, width = picture.shape[:2]
    size = pose.size_px
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    homography = cv2.getPerspectiveTransform(pose.corners, square)
    reduction = int(pose.zoom)
    if reduction >= 2:  # else it would alias: the warp looks at four pixels only
        smaller = (max(1, width // reduction), max(1, height // reduction))
        homography = homography @ np.diag([width / smaller[0], height / smaller[1], 1.0])
        picture = cv2.resize(picture, smaller, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    warped = cv2.warpPerspective(picture, homography, (size, size), flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, dtype=np.uint8)


def light(picture: Picture, rng: np.random.Generator, strength: float = 1.0) -> Picture:
    """Exposure, white balance, gamma, contrast and, in three of ten, another saturation."""
    exposure = np.exp(rng.normal(0, 0.2 * strength))
    warmth = rng.normal(0, 0.08 * strength)
    gamma = np.exp(rng.normal(0, 0.2 * strength))
    contrast = np.exp(rng.normal(0, 0.15 * strength))
    gains = (1 + warmth, 1 + rng.normal(0, 0.03 * strength), 1 - warmth)
    curves = np.empty((1, 256, 3), np.float32)
    for channel, gain in enumerate(gains):
        value = np.clip(_LEVELS**gamma * exposure * gain, 0, 1.2)
        curves[0, :, channel] = np.clip((value - 0.5) * contrast + 0.5, 0, 1)
    lit = np.asarray(cv2.LUT(picture, (curves * 255 + 0.5).astype(np.uint8)), dtype=np.uint8)
    if rng.random() < 0.3:
        grey = cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
        lit = np.clip(grey + (lit - grey) * np.float32(rng.uniform(0.6, 1.4)), 0, 255).astype(np.uint8)
    return lit


def optics(picture: Picture, rng: np.random.Generator) -> Picture:
    """Defocus (a fifth), motion (three of twenty), sensor noise and JPEG (three of ten each)."""
    chance = rng.random()
    if chance < 0.2:
        deviation = rng.uniform(0.4, 2.0) * picture.shape[0] / 224
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), dtype=np.uint8)
    elif chance < 0.35:
        kernel = motion_kernel(int(rng.integers(3, 10)) | 1, rng.uniform(0, np.pi))
        picture = np.asarray(cv2.filter2D(picture, -1, kernel), dtype=np.uint8)
    if rng.random() < 0.3:
        noise = rng.normal(0, rng.uniform(2, 9), picture.shape).astype(np.float32)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.3:
        picture = through_jpeg(picture, int(rng.integers(35, 90)))
    return picture


def cover(picture: Picture, rng: np.random.Generator, others: Others) -> Picture:
    """In a quarter of the cases another product or a hand in front of a part of the view."""
    if rng.random() >= 0.25:
        return picture
    size = picture.shape[0]
    width, height = (int(side) for side in rng.uniform(0.12, 0.45, 2) * size)
    left = int(rng.integers(-(width // 3), size - width * 2 // 3))
    top = int(rng.integers(-(height // 3), size - height * 2 // 3))
    covered = picture.copy()
    if rng.random() < 0.5:
        other = others()
        seen = move(other, Pose.drawn(other, size, rng), cv2.BORDER_REFLECT_101)
        place = (slice(max(top, 0), top + height), slice(max(left, 0), left + width))
        covered[place] = seen[place]
    else:
        skin = np.clip(rng.normal(_SKIN, 25) * rng.uniform(0.5, 1.1), 0, 255)
        centre, axes = (left + width // 2, top + height // 2), (max(1, width // 2), max(1, height // 2))
        cv2.ellipse(covered, centre, axes, float(rng.uniform(0, 180)), 0, 360, [int(value) for value in skin], -1)
    return covered
