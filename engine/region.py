"""Where the item is: from the encoder's saliency map to a square region of the picture. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.image import InputSpec
from engine.records import WHOLE, Region

#: Cells under this share of the way from the lowest to the highest energy count as background.
_BACKGROUND = 0.1
#: People hold what they mean in the middle: energy counts less by a Gaussian of this deviation (parts of the view's
#: side), and the region goes only `_FOLLOW` of the way from the middle to the energy's centre. A price tag or a lamp at
#: the border has energy too: going all the way cost 2 points of top-1 with an iconic gallery.
_MIDDLE = 0.25
_FOLLOW = 0.5
#: Side of the region as a part of the square that the encoder saw. Smaller loses the context that tells products apart,
#: larger is the whole view again; a side by the spread of the energy was no better. Measured in docs/encoder.md.
_SIDE = 0.65


def salient_region(saliency: NDArray[np.float32], picture_shape: tuple[int, int], spec: InputSpec) -> Region:
    """The square region of a picture (H, W) in which the encoder's energy `saliency` (h, w) is.

    The map covers the central square that the encoder saw. Square in pixels, because the encoder takes the central
    square of what it is given. WHOLE if the map is flat or not finite.
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
    centre_x = 0.5 + _FOLLOW * (float(energy.sum(axis=0) @ across) - 0.5)
    centre_y = 0.5 + _FOLLOW * (float(energy.sum(axis=1) @ down) - 0.5)
    return _in_picture(centre_x, centre_y, _SIDE, picture_shape, spec.crop_fraction)


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
