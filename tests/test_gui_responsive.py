"""The window never does the work itself: live video, warehouse and settings together, with the real functions noted.

tests/test_window.py shows the same for stills, search and details; here are the parts that run for hours.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from conftest import Drawn
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from window_fixtures import wait, window_over

from desktop import camera_frames, labels, warehouse, warehouse_inspector, warehouse_model
from desktop.warehouse_pane import Pane
from engine import image, pictures_ahead
from engine.catalog import Catalog
from engine.encoder import Encoder
from engine.index import Index
from engine.stock import StockReader


class Threads:
    """Which threads ran which of the real functions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: dict[str, set[int]] = {}
        self._patch = monkeypatch
        self._gui = threading.main_thread().ident

    def note(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)
        key = f"{getattr(owner, '__name__', owner)}.{name}".rsplit("engine.", 1)[-1]

        def noted(*args: Any, **kwargs: Any) -> Any:
            self.add(key)
            return real(*args, **kwargs)

        self._patch.setattr(owner, name, noted)

    def note_sqlite(self) -> None:
        """Every statement of every connection that is opened from now on, whoever opens it."""
        threads = self

        class NotedCursor(sqlite3.Cursor):
            def execute(self, *args: Any) -> sqlite3.Cursor:
                threads.add("sqlite.execute")
                return super().execute(*args)

        class NotedConnection(sqlite3.Connection):
            def execute(self, *args: Any) -> sqlite3.Cursor:
                threads.add("sqlite.execute")
                return super().execute(*args)

            def cursor(self, *_: Any) -> sqlite3.Cursor:
                return super().cursor(NotedCursor)

        real = sqlite3.connect

        def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            self.add("sqlite.connect")
            kwargs.setdefault("factory", NotedConnection)
            return real(*args, **kwargs)

        self._patch.setattr(sqlite3, "connect", connect)

    def add(self, key: str) -> None:
        self.seen.setdefault(key, set()).add(threading.get_ident())

    def on_the_gui_thread(self) -> list[str]:
        return sorted(key for key, seen in self.seen.items() if self._gui in seen)


@pytest.fixture
def clip(tmp_path: Path, drawn: Drawn) -> Path:
    path = tmp_path / "live.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30.0, (640, 480))
    item = cv2.cvtColor(drawn.picture("DUNE", 1, 480), cv2.COLOR_RGB2BGR)
    for number in range(60):
        frame = cv2.copyMakeBorder(item, 0, 0, 80, 80, cv2.BORDER_CONSTANT, value=(200, 205, 210))
        writer.write(cv2.warpAffine(frame, cv2.getRotationMatrix2D((320, 240), number % 7 - 3, 1.0), (640, 480)))
    writer.release()
    return path


@pytest.fixture
def photos(tmp_path: Path, drawn: Drawn) -> Path:
    folder = tmp_path / "goods"
    for number in range(40):
        drawn.save(drawn.picture(("CEDAR", "IRIS", "KELP")[number % 3], number), folder / f"{number:02}.jpg")
    return folder


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Threads]:
    noted = Threads(monkeypatch)
    for owner, name in (
        (camera_frames, "rgb_of"), (image, "read_picture"), (warehouse_model, "read_picture"),
        (Encoder, "encode"), (Index, "search"), (Catalog, "products_by_id"), (Catalog, "thumbnail"),
        (StockReader, "levels"), (pictures_ahead, "decoded_ahead"), (warehouse, "picture_files"), (warehouse, "export"),
        (warehouse_inspector, "read_photos"), (labels, "whole_file"),
    ):  # fmt: skip
        noted.note(owner, name)
    noted.note_sqlite()
    yield noted


def test_live_video_and_warehouse_work_on_lanes_only(
    qtbot: QtBot, tiny_catalog: Path, clip: Path, photos: Path, tmp_path: Path, threads: Threads
) -> None:
    with window_over(tiny_catalog, qtbot) as window:
        window.use_camera(str(clip))
        wait(qtbot, lambda: window.scan.card.answer is not None)
        window.look_up_files([photos])
        view = window._warehouse
        assert view is not None
        wait(qtbot, lambda: not view.busy and len(view.model.rows) == 40)
        wait(qtbot, lambda: not view.inspector.picture.image.isNull())
        for _ in range(6):
            view.confirm()
        view.export_to(tmp_path / "out.xlsx")
        wait(qtbot, lambda: (tmp_path / "out.xlsx").exists())
        view.open_labels()
        assert view._labels is not None
        view._labels.save_to(tmp_path / "labels.pdf")
        wait(qtbot, lambda: (tmp_path / "labels.pdf").exists())
        view._labels.close()
    assert set(threads.seen) >= {
        "desktop.camera_frames.rgb_of", "Encoder.encode", "Index.search", "Catalog.products_by_id", "Catalog.thumbnail",
        "StockReader.levels", "pictures_ahead.decoded_ahead", "sqlite.connect", "sqlite.execute",
        "desktop.warehouse.picture_files", "desktop.warehouse.export", "desktop.warehouse_inspector.read_photos",
        "desktop.warehouse_model.read_picture", "desktop.labels.whole_file",
    }  # fmt: skip
    assert threads.on_the_gui_thread() == []


def test_the_window_answers_while_video_runs_and_every_lane_is_blocked(
    qtbot: QtBot, tiny_catalog: Path, clip: Path
) -> None:
    """A lookup that hangs (a driver, a network share) costs answers, never the window: frames go on, keys are heard.

    Nothing is timed: the lanes stay blocked until the end, so that a window that waits for one would wait for ever.
    """
    gate = threading.Event()
    with window_over(tiny_catalog, qtbot) as window:
        window.use_camera(str(clip))
        wait(qtbot, lambda: window.scan.viewfinder.frames > 3)
        lanes = (window._lanes.lookup, window._lanes.reads, window._lanes.switch, window._lanes.build)
        for lane in lanes:
            lane.submit(gate.wait, lambda _: None, pytest.fail, replace=False)
        try:
            frames = window.scan.viewfinder.frames
            wait(qtbot, lambda: window.scan.viewfinder.frames > frames + 20)
            qtbot.keyClick(window, Qt.Key.Key_F1)
            assert window.help.isVisible()
            qtbot.keyClick(window, Qt.Key.Key_Escape)
            window.freeze()
            window.resume()
            window.toggle_warehouse()
            assert window.pages.currentWidget() is window._warehouse
            window.toggle_warehouse()
            frames = window.scan.viewfinder.frames
            wait(qtbot, lambda: window.scan.viewfinder.frames > frames + 20)
            assert all(lane.busy for lane in lanes)
        finally:
            gate.set()


def test_the_warehouse_answers_while_its_lookups_are_blocked(
    qtbot: QtBot, tiny_catalog: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, waiting = threading.Event(), threading.Event()
    real = Encoder.encode

    with window_over(tiny_catalog, qtbot) as window:

        def held(encoder: Encoder, batch: Any) -> Any:
            # As soon as the table shows something, the next pictures wait for the end of the test.
            if window._warehouse is not None and window._warehouse.model.rows:
                waiting.set()
                gate.wait(60)
            return real(encoder, batch)

        monkeypatch.setattr(Encoder, "encode", held)
        window.look_up_files([photos])
        view = window._warehouse
        assert view is not None
        try:
            wait(qtbot, waiting.is_set)
            assert view.busy and len(view.model.rows) < 40
            for _ in range(len(view.model.rows)):
                qtbot.keyClick(view.table, Qt.Key.Key_Return)
            assert not any(one.is_open for one in view.model.rows)
            qtbot.keyClick(view.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
            assert sum(one.is_open for one in view.model.rows) == 1
            view.model.sort(0, Qt.SortOrder.DescendingOrder)
            wait(qtbot, lambda: not view.inspector.picture.image.isNull())
            view.stop.click()
            assert not view.busy
        finally:
            gate.set()


class Requests(QObject):
    """Counts how often a widget is asked to lay itself out."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__()
        self.count = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


def test_a_pane_asks_for_a_new_layout_only_when_its_inside_needs_other_room(qtbot: QtBot) -> None:
    window, inside = QWidget(), QLabel("one")
    inside.setMinimumWidth(200)
    QVBoxLayout(window).addWidget(Pane(inside))
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    qtbot.wait(1)
    requests = Requests(window)
    inside.setText("two")
    qtbot.wait(1)
    assert requests.count == 0
    inside.setText("two\nand a second line")
    qtbot.waitUntil(lambda: requests.count > 0)
    qtbot.waitUntil(lambda: inside.height() >= inside.minimumSizeHint().height())
    assert window.minimumSizeHint().height() > inside.minimumSizeHint().height()


def test_the_window_is_not_laid_out_for_every_picture_in_the_warehouse(
    qtbot: QtBot, tiny_catalog: Path, photos: Path
) -> None:
    """Laying out all pages, the hidden ones too, was a third of what the GUI thread did while the table filled."""
    with window_over(tiny_catalog, qtbot) as window:
        window.look_up_files([photos])
        view = window._warehouse
        assert view is not None
        wait(qtbot, lambda: not view.busy and len(view.model.rows) == 40)
        wait(qtbot, lambda: not view.inspector.picture.image.isNull())
        qtbot.wait(1)
        requests = Requests(view)
        for done in range(40):
            view.count.setText(f"{done} of 40 looked up")
            view.inspector.file.setText(f"{done}.jpg")
            qtbot.wait(1)
        assert requests.count == 0
