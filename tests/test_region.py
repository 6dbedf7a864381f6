"""The region: where the energy is, inside the picture, square in pixels, never too small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.image import InputSpec, crop
from engine.records import WHOLE, Region
from engine.region import salient_region

SPEC = InputSpec(260, (127.0,) * 3, (128.0,) * 3, 1.0)


def spot(row: int, column: int, radius: float = 1.0) -> np.ndarray:
    down, across = np.mgrid[0:9, 0:9]
    return np.exp(-((down - row) ** 2 + (across - column) ** 2) / (2 * radius**2)).astype(np.float32)


def centre(region: Region) -> tuple[float, float]:
    return region.x + region.width / 2, region.y + region.height / 2


def test_a_spot_in_the_middle_gives_the_middle() -> None:
    region = salient_region(spot(4, 4), (300, 300), SPEC)
    assert centre(region) == pytest.approx((0.5, 0.5), abs=0.01)
    assert region.width == region.height == pytest.approx(0.65)


@pytest.mark.parametrize(("row", "column"), [(4, 6), (2, 4), (6, 6), (3, 2)])
def test_the_region_moves_towards_the_item(row: int, column: int) -> None:
    x, y = centre(salient_region(spot(row, column), (300, 300), SPEC))
    assert np.sign(round(x - 0.5, 2)) == np.sign(column - 4)
    assert np.sign(round(y - 0.5, 2)) == np.sign(row - 4)


def test_the_map_covers_the_central_square_only() -> None:
    """The same map on a 4:3 picture: as far from the middle in pixels as on the square picture that it covers."""
    for row, column in ((4, 4), (4, 6), (2, 3)):
        x, y = centre(salient_region(spot(row, column), (480, 480), SPEC))
        wide_x, wide_y = centre(salient_region(spot(row, column), (480, 640), SPEC))
        tall_x, tall_y = centre(salient_region(spot(row, column), (640, 480), SPEC))
        assert (wide_x * 640 - 80, wide_y * 480) == pytest.approx((x * 480, y * 480))
        assert (tall_x * 480, tall_y * 640 - 80) == pytest.approx((x * 480, y * 480))


@pytest.mark.parametrize("value", [0.0, 3.5, np.nan, np.inf])
def test_a_flat_or_broken_map_gives_the_whole(value: float) -> None:
    assert salient_region(np.full((9, 9), value, np.float32), (300, 300), SPEC) == WHOLE


def test_a_map_of_one_broken_cell_gives_the_whole() -> None:
    broken = spot(4, 4)
    broken[2, 2] = np.nan
    assert salient_region(broken, (300, 300), SPEC) == WHOLE


@given(
    hnp.arrays(np.float32, st.tuples(st.integers(1, 12), st.integers(1, 12)), elements=st.floats(0, 36, width=32)),
    st.integers(8, 4000),
    st.integers(8, 4000),
    st.sampled_from([1.0, 0.875, 0.5]),
)
def test_always_a_square_inside_the_picture(saliency: np.ndarray, height: int, width: int, fraction: float) -> None:
    spec = InputSpec(260, (127.0,) * 3, (128.0,) * 3, fraction)
    region = salient_region(saliency, (height, width), spec)
    if region == WHOLE:
        return
    side = region.width * width
    assert side == pytest.approx(region.height * height, rel=1e-6)
    assert 0.6 * fraction * min(height, width) < side < 0.7 * fraction * min(height, width)
    assert region.x >= 0 and region.x + region.width <= 1 + 1e-9
    assert region.y >= 0 and region.y + region.height <= 1 + 1e-9
    part = crop(np.zeros((height, width, 1), np.uint8), region)
    assert abs(part.shape[0] - part.shape[1]) <= 1
