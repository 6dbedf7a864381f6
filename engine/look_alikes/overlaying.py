"""Brings one picture of a pack over another, pixel on pixel, and says how well it fits. Pure and deterministic.

Variants of one family share their layout but not their colours or words, so what is laid over each other is where the
print has edges, whatever their colour. Three ways are tried and the one that fits best is kept: the outlines of the
two items on each other, ORB points with a homography (Rublee et al., 2011), and ECC (Evangelidis and Psarakis, 2008)
from the better of these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.look_alikes.colour import lab, steepness
from engine.look_alikes.cutout import CutOut
from engine.records import Picture

#: float64 (3, 3): pixels (x, y, 1) of one picture to pixels of another.
Homography = NDArray[np.float64]

_POINTS: Final = 400
_LEAST_INLIERS: Final = 14
#: Smaller pictures have no points to find, and ORB cannot make its pyramid of them.
_LEAST_SIDE_PX: Final = 32
_RANSAC_PX: Final = 3.0
#: How much larger or smaller, and how much turned (degrees), one photo of a pack may be than another.
_LARGER, _TURNED_DEG = 2.5, 30.0
#: ECC sees the longer side of the item with this many pixels, and stops after so many steps.
_ECC_PX: Final = 128
_ECC_STEPS: Final = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """One picture to compare: RGB uint8 (H, W, 3) with even light where a cut-out gave it, its edges as
    float32 (H, W) in 0..1, and the cut-out."""

    picture: Picture
    edges: NDArray[np.float32]
    item: CutOut | None


@dataclass(frozen=True, slots=True)
class Overlaid:
    """`onto` takes pixels of the second picture to the first; `fit` (-1..1) is how well their edges agree; `outline`
    (0..1) how far the two items cover each other, 0 without cut-outs. `area` is uint8 (H, W), 255 where either item is
    and both pictures show it, `both` where both items are (without cut-outs: the same)."""

    onto: Homography
    fit: float
    outline: float
    area: NDArray[np.uint8]
    both: NDArray[np.uint8]


def edges_of(picture: Picture) -> NDArray[np.float32]:
    """Where colour or lightness changes, float32 (H, W) in 0..1; strong edges count little more than weak ones."""
    soft = cv2.GaussianBlur(lab(picture), (0, 0), 1.0)
    return np.asarray(np.minimum(steepness(np.asarray(soft, np.float32)) / 12.0, 1.0) ** 0.5, np.float32)


def lay_over(first: Seen, second: Seen) -> Overlaid | None:
    """The second picture over the first, or None where nothing brings them together."""
    ways = [way for way in (_by_outlines(first, second), _by_points(first, second)) if way is not None]
    tried = [found for way in ways if (found := _judge(first, second, way)) is not None]
    if not tried:
        return None
    best = max(tried, key=lambda found: found.fit)
    finer = _finer(first, second, best)
    return finer if finer is not None and finer.fit > best.fit else best


def _by_outlines(first: Seen, second: Seen) -> Homography | None:
    """Box on box; width and height each have their own scale."""
    if first.item is None or second.item is None:
        return None
    left, top, right, bottom = (float(edge) for edge in first.item.box)
    from_left, from_top, from_right, from_bottom = (float(edge) for edge in second.item.box)
    across, down = (right - left) / (from_right - from_left), (bottom - top) / (from_bottom - from_top)
    return np.array([[across, 0, left - across * from_left], [0, down, top - down * from_top], [0, 0, 1]])


def _by_points(first: Seen, second: Seen) -> Homography | None:
    """Points that both have, with the same neighbourhood; None if too few agree on one plausible view."""
    if min(*first.picture.shape[:2], *second.picture.shape[:2]) < _LEAST_SIDE_PX:
        return None
    orb = cv2.ORB.create(_POINTS, fastThreshold=10)
    found = []
    for seen in (second, first):
        mask = cv2.dilate(seen.item.mask, np.ones((9, 9), np.uint8)) if seen.item is not None else None
        points, words = orb.detectAndCompute(cv2.cvtColor(seen.picture, cv2.COLOR_RGB2GRAY), mask)
        if words is None or len(points) < _LEAST_INLIERS:
            return None
        found.append((np.array([point.pt for point in points], np.float32), words))
    (from_points, from_words), (to_points, to_words) = found
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(from_words, to_words)
    if len(matches) < _LEAST_INLIERS:
        return None
    source = np.array([from_points[match.queryIdx] for match in matches])
    target = np.array([to_points[match.trainIdx] for match in matches])
    cv2.setRNGSeed(0)
    fitted, kept = cv2.findHomography(source, target, cv2.RANSAC, _RANSAC_PX)
    if fitted is None or int(np.count_nonzero(kept)) < _LEAST_INLIERS:
        return None
    onto = np.asarray(fitted, np.float64)
    return onto if _plausible(onto, second.picture.shape) else None


def _plausible(onto: Homography, shape: tuple[int, ...]) -> bool:
    """Whether it is a view of the same side: little turned, little tilted, not mirrored."""
    height, width = shape[:2]
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    seen = cv2.perspectiveTransform(corners, onto)[0]
    top, right, bottom, left = seen[1] - seen[0], seen[2] - seen[1], seen[2] - seen[3], seen[3] - seen[0]
    if not cv2.isContourConvex(seen.astype(np.float32)) or float(top[0] * left[1] - top[1] * left[0]) <= 0:
        return False
    turned = abs(float(np.degrees(np.arctan2(top[1], top[0]))))
    sides = [float(np.linalg.norm(one)) for one in (top, bottom, right, left)]
    scales = [sides[0] / width, sides[1] / width, sides[2] / height, sides[3] / height]
    return (
        turned <= _TURNED_DEG
        and max(scales) <= _LARGER
        and min(scales) >= 1 / _LARGER
        and max(scales) < 2 * min(scales)
    )


def _finer(first: Seen, second: Seen, start: Overlaid) -> Overlaid | None:
    """The same, corrected by ECC with an affine change in the first picture's frame."""
    left, top, width, height = cv2.boundingRect(start.area)
    small = _ECC_PX / max(width, height)
    to_small = np.array([[small, 0, -small * left], [0, small, -small * top], [0, 0, 1]])
    size = (max(8, round(small * width)), max(8, round(small * height)))
    fixed = cv2.warpPerspective(first.edges, to_small, size, flags=cv2.INTER_AREA)
    moving = cv2.warpPerspective(second.edges, to_small @ start.onto, size, flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(start.area, to_small, size, flags=cv2.INTER_NEAREST)
    until = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, _ECC_STEPS, 1e-4)
    try:
        _, warp = cv2.findTransformECC(fixed, moving, np.eye(2, 3, dtype=np.float32), cv2.MOTION_AFFINE, until, mask, 5)
    except cv2.error:  # it did not converge: what there was stays
        return None
    # ECC's warp takes a pixel of the fixed picture to the moving one.
    back = np.vstack([np.asarray(warp, np.float64), [0.0, 0.0, 1.0]])
    onto = np.linalg.inv(to_small) @ np.linalg.inv(back) @ to_small @ start.onto
    return _judge(first, second, onto) if _plausible(onto, second.picture.shape) else None


def _judge(first: Seen, second: Seen, onto: Homography) -> Overlaid | None:
    height, width = first.picture.shape[:2]
    shown = cv2.warpPerspective(np.full(second.picture.shape[:2], 255, np.uint8), onto, (width, height))
    outline = 0.0
    area = common = np.asarray(shown, np.uint8)
    if first.item is not None and second.item is not None:
        moved = cv2.warpPerspective(second.item.mask, onto, (width, height), flags=cv2.INTER_NEAREST)
        both, either = cv2.bitwise_and(first.item.mask, moved), cv2.bitwise_or(first.item.mask, moved)
        common = np.asarray(both, np.uint8)
        outline = int(np.count_nonzero(both)) / max(1, int(np.count_nonzero(either)))
        area = np.asarray(cv2.bitwise_and(either, shown), np.uint8)
    inside = area > 0
    if np.count_nonzero(inside) < 400:
        return None
    moved_edges = cv2.warpPerspective(second.edges, onto, (width, height))
    # A pixel or two beside each other is still the same print.
    one = cv2.GaussianBlur(first.edges, (0, 0), 1.5)[inside]
    other = cv2.GaussianBlur(moved_edges, (0, 0), 1.5)[inside]
    one, other = one - one.mean(), other - other.mean()
    fit = float((one * other).sum() / max(1e-6, float(np.sqrt((one**2).sum() * (other**2).sum()))))
    return Overlaid(onto, fit, outline, area, common)
