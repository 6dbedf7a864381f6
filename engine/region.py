"""Where the item is: from the encoder's saliency map to a square region of the picture. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image import InputSpec
from engine.records import WHOLE, Region

#: Cells under this share of the way from the lowest to the highest energy count as background.
_BACKGROUND = 0.35
#: The region reaches this many deviations of the remaining energy from its centre, in each direction.
_REACH = 1.9
#: A region is never smaller than this part of the square that the encoder saw: the map's cells are coarse.
_LEAST = 0.45
#: A region that is larger than this part is the whole view again; a second run would tell nothing new.
_MOST = 0.95


def salient_region(saliency: NDArray[np.float32], picture_shape: tuple[int, int], spec: InputSpec) -> Region:
    """The square region of a picture (H, W) in which the encoder's energy `saliency` (h, w) is.

    The map covers the central square that the encoder saw. The energy above the background has a centre and a deviation
    along each axis; the region is the square around the centre that reaches `_REACH` deviations along the longer one.
    Square in pixels, because the encoder takes the central square of what it is given. WHOLE if the item fills the
    view, or if the map is flat.
    """
    rows, columns = saliency.shape
    low, high = float(saliency.min()), float(saliency.max())
    if not np.isfinite(low + high) or high - low <= 1e-6 * max(abs(high), 1e-12):
        return WHOLE
    energy = np.maximum(saliency.astype(np.float64) - (low + _BACKGROUND * (high - low)), 0.0)
    energy /= energy.sum()
    across = (np.arange(columns) + 0.5) / columns
    down = (np.arange(rows) + 0.5) / rows
    by_column, by_row = energy.sum(axis=0), energy.sum(axis=1)
    centre_x, centre_y = float(by_column @ across), float(by_row @ down)
    # A cell is an area, not a point: the variance of a uniform cell is added to that of the centres.
    deviation_x = float(np.sqrt(by_column @ (across - centre_x) ** 2 + 1 / (12 * columns**2)))
    deviation_y = float(np.sqrt(by_row @ (down - centre_y) ** 2 + 1 / (12 * rows**2)))
    side = max(2 * _REACH * max(deviation_x, deviation_y), _LEAST)
    if side > _MOST:
        return WHOLE
    return _in_picture(centre_x, centre_y, side, picture_shape, spec.crop_fraction)


def _in_picture(
    centre_x: float, centre_y: float, side: float, picture_shape: tuple[int, int], crop_fraction: float
) -> Region:
    """A square of the encoder's view (centre and side as fractions of the view) as a region of the whole picture."""
    height, width = picture_shape
    view = min(height, width) * crop_fraction
    side_px = min(side * view, height, width)
    left = (width - view) / 2 + centre_x * view - side_px / 2
    top = (height - view) / 2 + centre_y * view - side_px / 2
    left = min(max(left, 0.0), width - side_px)
    top = min(max(top, 0.0), height - side_px)
    return Region(left / width, top / height, side_px / width, side_px / height)
