"""The viewfinder: geometry of what is framed, and what it paints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF, Qt
from pytestqt.qtbot import QtBot

from desktop.viewfinder import SMALLEST_DRAG, Viewfinder, dragged_region, fitted, moved_region
from engine.records import Region

sides = st.integers(1, 4000)
shares = st.floats(0, 1)


@given(sides, sides, sides, sides)
def test_a_picture_fills_the_view_in_one_direction_undistorted(w: int, h: int, view_w: int, view_h: int) -> None:
    area = fitted(w, h, QRectF(0, 0, view_w, view_h))
    assert area.width() <= view_w * 1.0001 and area.height() <= view_h * 1.0001
    assert area.width() == pytest.approx(view_w) or area.height() == pytest.approx(view_h)
    assert area.width() * h == pytest.approx(area.height() * w, rel=1e-6)


@given(shares, shares, shares, shares)
def test_a_drag_gives_the_region_between_its_points(x: float, y: float, to_x: float, to_y: float) -> None:
    picture = QRectF(50, 20, 640, 480)
    start, end = QPointF(50 + 640 * x, 20 + 480 * y), QPointF(50 + 640 * to_x, 20 + 480 * to_y)
    region = dragged_region(start, end, picture)
    if region is None:
        assert abs(to_x - x) < SMALLEST_DRAG + 1e-9 or abs(to_y - y) < SMALLEST_DRAG + 1e-9
    else:
        assert (region.x, region.y) == pytest.approx((min(x, to_x), min(y, to_y)), abs=1e-6)
        assert (region.width, region.height) == pytest.approx((abs(to_x - x), abs(to_y - y)), abs=1e-6)


def test_a_drag_beyond_the_picture_is_cut_at_its_edge() -> None:
    region = dragged_region(QPointF(-500, -500), QPointF(5000, 5000), QRectF(10, 10, 100, 100))
    assert region == Region(0, 0, 1, 1)
    assert dragged_region(QPointF(500, 500), QPointF(600, 600), QRectF(0, 0, 100, 100)) is None


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(-2, 2), st.floats(-2, 2), st.booleans())
def test_a_moved_region_stays_in_the_picture(x: float, y: float, dx: float, dy: float, resize: bool) -> None:
    before = Region(x, y, 0.1, 0.1)
    after = moved_region(before, dx, dy, resize=resize)
    assert 0 <= after.x <= 1 and after.x + after.width <= 1 + 1e-6
    if resize:
        assert (after.x, after.y) == (x, y)
    else:
        assert (after.width, after.height) == (0.1, 0.1)


def test_it_paints_the_frame_and_darkens_what_is_outside_a_drawn_region(qtbot: QtBot) -> None:
    view = Viewfinder()
    qtbot.addWidget(view)
    view.resize(400, 400)
    view.show_frame(np.full((400, 400, 3), 200, np.uint8))
    plain = view.grab().toImage()
    assert plain.pixelColor(200, 200).red() == 200 and plain.pixelColor(60, 200).red() == 200
    drawn: list[Region | None] = []
    view.regionDrawn.connect(drawn.append)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPointF(120, 120).toPoint())
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPointF(280, 280).toPoint())
    framed = view.grab().toImage()
    assert framed.pixelColor(200, 200).red() == 200 and framed.pixelColor(60, 200).red() < 120
    assert drawn[0] is not None and drawn[0].x == pytest.approx(0.3, abs=0.01)


def test_a_frame_is_not_copied_and_stays_alive(qtbot: QtBot) -> None:
    view = Viewfinder()
    qtbot.addWidget(view)
    view.resize(320, 240)
    frame = np.zeros((240, 320, 3), np.uint8)
    view.show_frame(frame)
    frame[:] = (10, 200, 30)
    assert view.grab().toImage().pixelColor(160, 120).green() == 200


def test_without_a_picture_it_says_what_to_do(qtbot: QtBot) -> None:
    view = Viewfinder()
    qtbot.addWidget(view)
    view.resize(500, 400)
    before = view.grab().toImage()
    view.show_placeholder("The camera Desk was unplugged.", "Plug it in again.")
    assert view.grab().toImage() != before
    view.start_framing()
    assert view.drawn is None, "there is nothing to frame"
