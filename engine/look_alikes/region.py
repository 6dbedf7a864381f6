"""Where two catalog photos differ, and in what: colour, size, or a part of the print. Pure and deterministic.

The photos are brought over each other, their light is made alike, and what still differs after shifts of a pixel or two
is looked at. Where the photos do not come together, or nothing stands out, nothing is said: a mark at a wrong place
would cost a person more time than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.look_alikes.colour import lab, steepness
from engine.look_alikes.cutout import cut_out
from engine.look_alikes.likeness import same_light, same_sharpness
from engine.look_alikes.overlaying import Homography, Overlaid, Seen, edges_of, lay_over
from engine.records import Picture, Region

#: Photos are compared with at most this many pixels on the longer side: a thumbnail's.
SIDE_PX: Final = 384
#: Edges must agree this well (-1..1) for two photos to show the same side of one layout. docs/lookup.md has what
#: photos of twins and of strangers reach.
_FIT: Final = 0.55
#: Where the print differs much, its edges agree less, but then the outlines must agree; or the edges do without them.
_FIT_AND_OUTLINE, _FIT_ALONE = 1.57, 0.85
#: From these differences on (natural logarithm of width over height) two items have other proportions: 0.14 is 15 %.
_PROPORTIONS: Final = 0.14
#: Outlines that cover less of each other than this are not of one shape.
_SAME_OUTLINE: Final = 0.88
#: Shear up to which two photos are from the same side; a pack that is turned looks narrower too, but slanted.
_SHEAR: Final = 0.06
#: Distances in CIELAB (ΔE*ab) that a person sees at a glance: of a place, and of the colour (a and b alone).
_SEEN, _OTHER_COLOUR = 11.0, 12.0
#: A place must differ this many times as much as the item does at its median, which is what the alignment leaves.
_STANDS_OUT: Final = 3.0
#: But this much is a difference also where most of the item differs.
_AT_LAST: Final = 20.0
#: Added to that for photos whose edges do not agree at all, and a part of it for those that agree in part.
_DOUBT: Final = 20.0
#: The item has another colour if so much of its area has.
_COLOURED_SHARE: Final = 0.35
#: A place is print if it has this share of the item's area, and a second is named if it weighs this much of the first.
_LEAST_SHARE, _SECOND = 0.0015, 0.45
#: Edges of a place that agree this well have the same print in another colour.
_SAME_PRINT: Final = 0.75
#: Shifts, in pixels, that are not a difference.
_SLACK_PX: Final = 2
#: How far, in pixels, an alignment that fits may still be off at places.
_INEXACT_PX: Final = 0.6
#: Sides of the neighbourhoods, in pixels, that are compared and that choose the shift.
_FINE_PX, _WIDE_PX = 3, 13

Box = tuple[float, float, float, float]


class Kind(StrEnum):
    """What separates two look-alikes, as a person can see it on the item."""

    COLOUR = "colour"
    SIZE = "size"
    PRINT = "print"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """One thing to look at: where it is in the first picture and where in the second."""

    first: Region
    second: Region


@dataclass(frozen=True, slots=True)
class VisibleDifference:
    """`places` has one or two, the most telling first; none for NONE. `fit` (-1..1) is how well the photos agree."""

    kind: Kind
    places: tuple[Place, ...] = ()
    fit: float = 0.0


def see(picture: Picture) -> Seen:
    """What of a picture is compared; to be kept where one picture is compared with several."""
    height, width = picture.shape[:2]
    shrink = SIDE_PX / max(height, width)
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    item = cut_out(picture)
    even = item.even if item is not None else picture
    return Seen(even, edges_of(even), item)


def where_they_differ(first: Picture, second: Picture) -> VisibleDifference:
    """Compare two pictures, RGB uint8 (H, W, 3) of any sizes; regions are fractions of each."""
    return compare(see(first), see(second))


def compare(first: Seen, second: Seen, over: Overlaid | None = None) -> VisibleDifference:
    """The same for pictures that were seen before, and laid over each other if `over` is given."""
    over = over or lay_over(first, second)
    if over is None or not _together(over):
        return VisibleDifference(Kind.NONE, fit=over.fit if over is not None else 0.0)
    one, other = lab(first.picture), _brought(second, over, first.picture.shape)
    one, other = same_sharpness(one, other, over.area)
    other = same_light(one, other, over.area)
    inside = over.area > 0
    apart, colour = _unlike(one, other, over.area)
    recoloured = float(np.mean(colour[inside] > _OTHER_COLOUR)) >= _COLOURED_SHARE
    if (
        not recoloured
        and _proportions_differ(first, second, over, one, other)
        and first.item is not None
        and second.item is not None
    ):
        place = Place(_fractions(first.item.box, first), _fractions(second.item.box, second))
        return VisibleDifference(Kind.SIZE, (place,), over.fit)
    if recoloured:
        boxes = _boxes(colour, _OTHER_COLOUR, over.area)[:1]
        return _told(Kind.COLOUR, boxes, first, second, over)
    limit = max(_SEEN, min(_STANDS_OUT * float(np.median(apart[inside])), _AT_LAST))
    boxes = _boxes(np.where(_well_inside(over), apart, np.float32(0)), limit + _DOUBT * (1 - over.fit), over.area)
    if not boxes:
        return VisibleDifference(Kind.NONE, fit=over.fit)
    moved_edges = np.asarray(cv2.warpPerspective(second.edges, over.onto, first.edges.shape[::-1]), np.float32)
    kinds = [_kind_of(box, first.edges, moved_edges, colour) for box in boxes]
    return _told(
        kinds[0], [box for box, kind in zip(boxes, kinds, strict=True) if kind is kinds[0]], first, second, over
    )


def _together(over: Overlaid) -> bool:
    """Whether two photos show the same side of one layout, by their edges and by the outlines of the items."""
    return over.fit >= _FIT and (over.fit + over.outline >= _FIT_AND_OUTLINE or over.fit >= _FIT_ALONE)


def _well_inside(over: Overlaid) -> NDArray[np.bool_]:
    """Not at the rim, where a background shows through if one outline is a little wider."""
    rim = max(3, round(0.02 * max(cv2.boundingRect(over.both)[2:])))
    kernel = np.ones((2 * rim + 1, 2 * rim + 1), np.uint8)
    return np.asarray(cv2.erode(over.both, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0)


def _brought(second: Seen, over: Overlaid, shape: tuple[int, ...]) -> NDArray[np.float32]:
    size = (shape[1], shape[0])
    return lab(
        np.asarray(cv2.warpPerspective(second.picture, over.onto, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
    )


def _unlike(
    one: NDArray[np.float32], other: NDArray[np.float32], area: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """ΔE of each small neighbourhood, and its part in a and b alone; both float32 (H, W), 0 outside the area.

    Print that sits a pixel or two beside itself is no difference: each pixel counts with the shift at which a wider
    neighbourhood differs least.
    """
    left, top, width, height = cv2.boundingRect(area)
    view = (slice(top, top + height), slice(left, left + width))
    inside, reach = area[view] > 0, _SLACK_PX
    fixed = cv2.GaussianBlur(one[view], (0, 0), 0.8)
    padded = cv2.copyMakeBorder(
        cv2.GaussianBlur(other[view], (0, 0), 0.8), reach, reach, reach, reach, cv2.BORDER_REPLICATE
    )
    least = np.full((height, width), np.inf, np.float32)
    apart, tint = np.zeros_like(least), np.zeros_like(least)
    for down in range(2 * reach + 1):
        for across in range(2 * reach + 1):
            square = np.square(cv2.absdiff(fixed, padded[down : down + height, across : across + width]))
            planes = cv2.blur(square, (_FINE_PX, _FINE_PX))
            both = planes[:, :, 1] + planes[:, :, 2]
            total = planes[:, :, 0] + both
            wide = cv2.blur(total, (_WIDE_PX, _WIDE_PX))
            better = (wide < least).astype(np.uint8)
            least = np.minimum(least, wide)
            cv2.copyTo(total, better, apart)
            cv2.copyTo(both, better, tint)
    # What is left of a shift by parts of a pixel is as large as the print is steep there.
    left_over = _INEXACT_PX * cv2.blur(steepness(np.asarray(fixed, np.float32)), (_FINE_PX, _FINE_PX))
    apart = np.maximum(np.sqrt(np.maximum(apart, 0.0)) - left_over, 0.0)
    tint = np.maximum(np.sqrt(np.maximum(tint, 0.0)) - left_over, 0.0)
    found = []
    for part in (apart, tint):
        whole = np.zeros(area.shape, np.float32)
        whole[view] = np.where(inside, part, np.float32(0))
        found.append(whole)
    return found[0], found[1]


def _boxes(apart: NDArray[np.float32], limit: float, area: NDArray[np.uint8]) -> list[Box]:
    """Up to two boxes (left, top, right, bottom) in pixels around what differs, that which weighs most first."""
    covered = int(np.count_nonzero(area))
    side = max(3, round(0.06 * covered**0.5) | 1)
    found = (apart > limit).astype(np.uint8)
    # Letters of a word, and lines of a paragraph, are one thing to look at.
    joined = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined)
    weights = np.bincount(labels.ravel(), weights=np.where(found, apart, 0.0).ravel(), minlength=count)
    sizes = np.bincount(labels.ravel(), weights=found.ravel().astype(np.float64), minlength=count)
    order = [int(one) for one in np.argsort(-weights) if one != 0 and sizes[one] >= max(12, _LEAST_SHARE * covered)]
    kept = [one for one in order[:2] if weights[one] >= _SECOND * weights[order[0]]]
    edge = 0.02 * covered**0.5
    return [
        (left - edge, top - edge, left + width + edge, top + height + edge)
        for left, top, width, height in (tuple(int(part) for part in stats[one][:4]) for one in kept)
    ]


def _kind_of(box: Box, one: NDArray[np.float32], other: NDArray[np.float32], colour: NDArray[np.float32]) -> Kind:
    """COLOUR where the same print has another colour, else PRINT."""
    rows, columns = slice(max(0, int(box[1])), int(box[3]) + 1), slice(max(0, int(box[0])), int(box[2]) + 1)
    if float(np.percentile(colour[rows, columns], 75)) < _OTHER_COLOUR:
        return Kind.PRINT
    first, second = (cv2.GaussianBlur(edges[rows, columns], (0, 0), 1.5).ravel() for edges in (one, other))
    first, second = first - first.mean(), second - second.mean()
    agree = float(first @ second) / max(1e-6, float(np.linalg.norm(first) * np.linalg.norm(second)))
    return Kind.COLOUR if agree >= _SAME_PRINT else Kind.PRINT


def _proportions_differ(
    first: Seen, second: Seen, over: Overlaid, one: NDArray[np.float32], other: NDArray[np.float32]
) -> bool:
    """Whether one item is slimmer than the other: seen from the same side, and not because a cut-out lost a part."""
    if first.item is None or second.item is None:
        return False
    onto = over.onto / over.onto[2, 2]
    if abs(onto[0, 1]) > _SHEAR * abs(onto[0, 0]) or abs(onto[1, 0]) > _SHEAR * abs(onto[1, 1]):
        return False
    if abs(_slimness(first.item.box) - _slimness(second.item.box)) < _PROPORTIONS:
        return False
    if over.outline >= _SAME_OUTLINE:
        return bool(abs(np.log(onto[0, 0] / onto[1, 1])) >= _PROPORTIONS)
    moved = cv2.warpPerspective(second.item.mask, over.onto, first.item.mask.shape[::-1], flags=cv2.INTER_NEAREST)
    alone = cv2.bitwise_xor(first.item.mask, np.asarray(moved, np.uint8)) > 0
    return float(np.median(np.linalg.norm((one - other)[alone], axis=1))) > _SEEN


def _slimness(box: tuple[int, int, int, int]) -> float:
    return float(np.log((box[2] - box[0]) / (box[3] - box[1])))


def _told(kind: Kind, boxes: list[Box], first: Seen, second: Seen, over: Overlaid) -> VisibleDifference:
    back = np.asarray(np.linalg.inv(over.onto), np.float64)
    places = tuple(Place(_fractions(box, first), _fractions(_through(box, back), second)) for box in boxes)
    return VisibleDifference(kind if places else Kind.NONE, places, over.fit)


def _through(box: Box, onto: Homography) -> Box:
    left, top, right, bottom = box
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
    seen = cv2.perspectiveTransform(corners, onto)[0]
    return (*seen.min(axis=0).tolist(), *seen.max(axis=0).tolist())


def _fractions(box: Box, seen: Seen) -> Region:
    height, width = seen.picture.shape[:2]
    left, right = (min(max(edge / width, 0.0), 1.0) for edge in (box[0], box[2]))
    top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in (box[1], box[3]))
    least = 1.0 / SIDE_PX
    left, top = min(left, 1.0 - least), min(top, 1.0 - least)
    return Region(left, top, max(least, right - left), max(least, bottom - top))
