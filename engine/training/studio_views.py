"""Catalog pictures in the store: a studio picture is cut out of its white ground and put before a real background.

Without this a network learns that a white ground is a property of a product.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.records import Picture
from engine.training.camera_views import Others, Pose, cover, light, move, optics

#: A pixel is ground if all its channels are brighter than this.
WHITE = 240
#: A studio picture has at least this part of its border and of its area white and connected to the border, and at
#: least this part that is not. Over 2,936 photos of a store and 81 studio pictures of the same products the border's
#: part is at most 0.22 and at least 0.89.
LEAST_BORDER, LEAST_GROUND, LEAST_THING = 0.5, 0.1, 0.02


def cut_out(picture: Picture) -> NDArray[np.uint8] | None:
    """The mask of the thing in a studio picture, 0 or 255, uint8 (H, W); None if the ground is not plain and white."""
    white = (picture.min(axis=2) > WHITE).astype(np.uint8)
    ringed = np.pad(white, 1, constant_values=1)
    cv2.floodFill(ringed, np.zeros((ringed.shape[0] + 2, ringed.shape[1] + 2), np.uint8), (0, 0), [2])
    ground = ringed[1:-1, 1:-1] == 2
    border = np.concatenate([ground[0], ground[-1], ground[:, 0], ground[:, -1]])
    part = ground.mean()
    if border.mean() < LEAST_BORDER or not LEAST_GROUND <= part <= 1 - LEAST_THING:
        return None
    mask = np.where(ground, np.uint8(0), np.uint8(255))
    return np.asarray(cv2.erode(mask, np.ones((2, 2), np.uint8)), dtype=np.uint8)  # the seam is half ground


def studio_view(
    picture: Picture, mask: NDArray[np.uint8] | None, size_px: int, rng: np.random.Generator, others: Others
) -> Picture:
    """One view of a studio picture, RGB uint8 (S, S, 3); three of twenty keep the white ground, as without a mask."""
    margin = int(rng.uniform(0, 0.6) * max(picture.shape[:2]))
    wide = _padded(picture, margin, cv2.BORDER_REPLICATE)
    if mask is None or rng.random() < 0.15:
        seen = move(wide, Pose.drawn(wide, size_px, rng, (0.4, 1.0)), cv2.BORDER_REFLECT_101)
    else:
        pose = Pose.drawn(wide, size_px, rng, (0.35, 1.0))
        thing = move(wide, pose, cv2.BORDER_REPLICATE)
        cover_of_thing = move(_padded(mask, margin, cv2.BORDER_CONSTANT), pose, cv2.BORDER_CONSTANT)
        seen = _before(_background(size_px, rng, others), thing, cover_of_thing)
    return cover(optics(light(seen, rng, 1.3), rng), rng, others)


def _padded(picture: NDArray[np.uint8], margin: int, border: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.copyMakeBorder(picture, margin, margin, margin, margin, border), dtype=np.uint8)


def _background(size_px: int, rng: np.random.Generator, others: Others) -> Picture:
    """A part of another photo, any size of it, out of focus in half of the cases."""
    other = others()
    ground = light(move(other, Pose.drawn(other, size_px, rng, (0.05, 1.0)), cv2.BORDER_REFLECT_101), rng)
    if rng.random() < 0.5:
        ground = np.asarray(cv2.GaussianBlur(ground, (0, 0), rng.uniform(1, 6)), dtype=np.uint8)
    return ground


def _before(ground: Picture, thing: Picture, mask: NDArray[np.uint8]) -> Picture:
    """The thing in front of the ground, with an edge as soft as a lens gives."""
    share = cv2.GaussianBlur(mask, (0, 0), 0.8).astype(np.float32)[..., None] / np.float32(255)
    return np.asarray(thing * share + ground * (1 - share), dtype=np.float32).astype(np.uint8)
