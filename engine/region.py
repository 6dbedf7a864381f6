"""Where the item is: from the encoder's saliency map to a square region of the picture. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image import InputSpec
from engine.records import WHOLE, Region

#: Cells under this share of the way from the lowest to the highest energy count as background.
_BACKGROUND = 0.1
#: People hold what they mean in the middle: energy counts less by a Gaussian of this deviation (of the view's side).
_MIDDLE = 0.2
#: The region reaches this many deviations of the remaining energy from its centre, in each direction.
_REACH = 1.9
#: Bounds on the region's side, as parts of the square that the encoder saw. Under the first the context is lost that
#: tells products apart, over the second it is the whole view again. All four values were measured: docs/encoder.md.
_LEAST, _MOST = 0.55, 0.75


def salient_region(saliency: NDArray[np.float32], picture_shape: tuple[int, int], spec: InputSpec) -> Region:
    """The square region of a picture (H, W) in which the encoder's energy `saliency` (h, w) is.

    The map covers the central square that the encoder saw. The energy above the background, weighted by nearness to the
    middle, has a centre and a deviation along each axis; the region is the square around the centre that reaches
    `_REACH` deviations along the longer one. Square in pixels, because the encoder takes the central square of what it
    is given. WHOLE if the map is flat or not finite.
    """
    rows, columns = saliency.shape
    low, high = float(saliency.min()), float(saliency.max())
    if not np.isfinite(low + high) or high - low <= 1e-6 * max(abs(high), 1e-12):
        return WHOLE
    across = (np.arange(columns) + 0.5) / columns
    down = (np.arange(rows) + 0.5) / rows
    energy = np.maximum((saliency.astype(np.float64) - low) / (high - low) - _BACKGROUND, 0.0)
    energy *= np.exp((across - 0.5) ** 2 / (-2 * _MIDDLE**2))[None, :]
    energy *= np.exp((down - 0.5) ** 2 / (-2 * _MIDDLE**2))[:, None]
    energy /= energy.sum()
    by_column, by_row = energy.sum(axis=0), energy.sum(axis=1)
    centre_x, centre_y = float(by_column @ across), float(by_row @ down)
    variance_x, variance_y = by_column @ (across - centre_x) ** 2, by_row @ (down - centre_y) ** 2
    side = 2 * _REACH * float(np.sqrt(max(variance_x, variance_y)))
    return _in_picture(centre_x, centre_y, min(max(side, _LEAST), _MOST), picture_shape, spec.crop_fraction)


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
