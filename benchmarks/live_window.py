"""A real window with a running live view, for the benchmarks of the screen."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.large_catalog import large_catalog
from benchmarks.pictures import frames
from engine.config import Settings, demo_source
from engine.records import Picture

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QVideoFrame

    from desktop.window import Window

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def catalog_folder(work: Path) -> tuple[Path, str]:
    """The bundled demo's catalog and its name; where its pictures are not there, one of random vectors."""
    if any((demo_source() / "images").glob("*/*")):
        from engine.demo import ensure_demo

        return ensure_demo(), "demo"
    return large_catalog(work / "catalog-3000", 3_000), "random vectors, 3,000 references"


def write_clip(work: Path, count: int = 300, frames_per_s: float = 30.0) -> Path:
    """A 640 x 480 video of `count` frames as a file, for the camera to play in a loop."""
    path = work / "live.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), frames_per_s, (640, 480))
    for picture in frames(work, count):
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def video_frames(work: Path, count: int) -> Iterator[QVideoFrame]:
    """Frames as a decoder makes them (planar YUV, each with memory of its own), without its pace."""
    from PySide6.QtCore import QSize
    from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

    layout = QVideoFrameFormat(QSize(640, 480), QVideoFrameFormat.PixelFormat.Format_YUV420P)
    source: Iterator[Picture] = cycle(list(frames(work, 40)))
    for _ in range(count):
        planes = cv2.cvtColor(next(source), cv2.COLOR_RGB2YUV_I420).ravel()
        frame = QVideoFrame(layout)
        if not frame.map(QVideoFrame.MapMode.WriteOnly):
            raise ValueError("a frame in memory cannot be written")
        start = 0
        for number, (width, height) in enumerate(((640, 480), (320, 240), (320, 240))):
            stride = frame.bytesPerLine(number)
            target = np.frombuffer(frame.bits(number), np.uint8)[: stride * height].reshape(height, stride)
            target[:, :width] = planes[start : start + width * height].reshape(height, width)
            start += width * height
        frame.unmap()
        yield frame


@contextmanager
def live_window(folder: Path) -> Iterator[tuple[Window, Callable[[Callable[[], bool], float], bool]]]:
    """An open window over a catalog, and `wait(until, within_s)` which lets it run."""
    from time import monotonic

    from PySide6.QtCore import QEventLoop, QTimer

    from desktop.app import make_application
    from desktop.camera import Camera
    from desktop.window import Lanes, Window

    make_application(["skulens"])
    window = Window(Settings(catalog=folder, provider="cpu"), Lanes.make(), Camera(), lambda wanted, _: wanted)
    window.resize(1280, 800)
    window.show()

    def wait(until: Callable[[], bool], within_s: float) -> bool:
        # An event loop of Qt's own, as the application has; asked only now and then, so that asking costs nothing.
        loop, end = QEventLoop(), monotonic() + within_s
        asking = QTimer()
        asking.timeout.connect(lambda: loop.quit() if until() or monotonic() > end else None)
        asking.start(20)
        loop.exec()
        asking.stop()
        return until()

    try:
        window.switch.open(folder)
        if not wait(lambda: window.switch.current is not None, 120):
            raise ValueError(f"the catalog did not open: {window.banner.said}")
        yield window, wait
    finally:
        window.close()
