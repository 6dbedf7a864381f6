"""An item on a plain background: which pixels it covers, and the picture as if its light had been even. Pure.

Catalog photos are mostly taken before a sweep whose brightness changes from top to bottom, so the background is read
row by row from the two edges of the picture instead of taken as one colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.look_alikes.colour import lab, steepness
from engine.records import Picture

#: So much of the picture's width, on either side, is taken for background.
_EDGE: Final = 0.04
#: Distances in CIELAB (ΔE*ab): what the edges may differ by and still be a plain background, and what is an item.
_PLAIN: Final = 6.0
_ITEM: Final = 9.0
#: A shadow is darker than its ground but has its colour: lightness counts this much beside a and b.
_LIGHTNESS: Final = 0.6
#: Parts of the picture that an item may cover. Less is a speck, more leaves no background to tell it from.
_LEAST, _MOST = 0.02, 0.9
#: A part of the item smaller than this share of the picture is a speck.
_SPECK: Final = 0.002
#: Steps of a and b and of lightness, in ΔE a pixel, that no shadow has.
_STEEP: Final = 5.0
#: The value that a background gets when the light is made even, as of white paper that is not blown out.
_GROUND: Final = 236.0


@dataclass(frozen=True, slots=True)
class CutOut:
    """`mask` is uint8 (H, W), 255 on the item; `box` is (left, top, right, bottom) in pixels around it; `even` is the
    picture, RGB uint8 (H, W, 3), divided by its background."""

    mask: NDArray[np.uint8]
    box: tuple[int, int, int, int]
    even: Picture


def cut_out(picture: Picture) -> CutOut | None:
    """The item of a picture, or None where there is no plain background to tell it from."""
    background = _background(picture)
    if background is None:
        return None
    even = np.clip(picture / np.maximum(background, 24.0) * _GROUND, 0, 255).astype(np.uint8)
    # Half as many pixels a side are enough for an outline.
    half = (max(1, picture.shape[1] // 2), max(1, picture.shape[0] // 2))
    away = lab(np.asarray(cv2.resize(even, half, interpolation=cv2.INTER_AREA), np.uint8)) - lab(
        np.full((1, 1, 3), _GROUND, np.uint8)
    )
    away[:, :, 0] *= _LIGHTNESS
    found = (np.linalg.norm(away, axis=2) > _ITEM) | (steepness(away) > _STEEP)
    side = max(2, round(min(half) * 0.008))
    solid = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    solid = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    kept = [outline for outline in outlines if cv2.contourArea(outline) > _SPECK * solid.size]
    if not kept:
        return None
    # White print and glass look like the background, so an item falls apart; packs have few dents: take the hull.
    hull = cv2.convexHull(np.concatenate(kept) * 2)
    mask = np.zeros(picture.shape[:2], np.uint8)
    cv2.drawContours(mask, [hull], -1, 255, cv2.FILLED)
    if not _LEAST <= np.count_nonzero(mask) / mask.size <= _MOST:
        return None
    left, top, width, height = cv2.boundingRect(hull)
    return CutOut(mask, (left, top, left + width, top + height), even)


def _background(picture: Picture) -> NDArray[np.float32] | None:
    """float32 (H, W, 3): each row goes over from what its left edge shows to what its right edge shows."""
    height, width = picture.shape[:2]
    edge = max(2, round(_EDGE * width))
    sides = []
    for part in (picture[:, :edge], picture[:, width - edge :]):
        line = np.median(part, axis=1).astype(np.float32)[:, None]
        reach = 2 * max(1, height // 40) + 1
        smooth = cv2.blur(line, (1, reach), borderType=cv2.BORDER_REPLICATE).reshape(height, 1, 3)
        rough = np.linalg.norm(lab(part) - lab(np.repeat(smooth, edge, axis=1).astype(np.uint8)), axis=2)
        if float(np.percentile(rough, 90)) > _PLAIN:
            return None
        sides.append(smooth)
    across = (np.arange(width, dtype=np.float32) / max(1, width - 1))[None, :, None]
    both = sides[0] * (1 - across) + sides[1] * across
    # An item that reaches over both edges leaves rows that agree with nothing above and below them.
    rows = np.concatenate([both[:edge], both[height - edge :]])
    seen = np.concatenate([picture[:edge], picture[height - edge :]])
    away = np.linalg.norm(lab(seen) - lab(rows.astype(np.uint8)), axis=2)
    return np.asarray(both, np.float32) if float(np.median(away)) <= 2 * _PLAIN else None
