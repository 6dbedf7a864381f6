"""Does a window that is open all day grow? Resident memory over many frames, through everything behind the decoder.

    python -m benchmarks.window_memory [--quick] [--frames N] [--work DIR]

Frames enter where a camera's do, at the video sink, as fast as the window shows them: conversion, viewfinder, lookup,
card. The catalog is the bundled demo's.
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.live_window import catalog_folder, live_window, video_frames
from benchmarks.memory import TARGET_MB, resident_mb

WARM_UP_FRAMES = 1_000


def measure(work: Path, count: int = 20_000) -> dict[str, Any]:
    """Resident megabytes of the window, and their growth over `count` frames after a warm-up."""
    from PySide6.QtCore import QTimer
    from PySide6.QtMultimedia import QVideoSink

    from desktop import camera as camera_room
    from desktop.camera_devices import DeviceList, Feed

    source = video_frames(work, count + 100 * WARM_UP_FRAMES)

    class Pump(Feed):
        """A camera without a pace: the next frame comes when the last one was shown."""

        def __init__(self, sink: QVideoSink) -> None:
            super().__init__()
            self._sink = sink
            self._timer = QTimer(self)
            self._timer.timeout.connect(self._next)

        def start(self) -> None:
            self._timer.start(0)

        def stop(self) -> None:
            self._timer.stop()

        def _next(self) -> None:
            if not window.camera._lane.busy:
                self._sink.setVideoFrame(next(source))

    class OneCamera(DeviceList):
        """The pump as the only camera."""

        def names(self) -> list[str]:
            return ["pump"]

        def feed(self, name: str, sink: QVideoSink) -> Feed:
            return Pump(sink)

    camera_room.MOST_FRAMES_PER_S = 10_000  # type: ignore[misc]
    folder, catalog = catalog_folder(work)
    with live_window(folder) as (window, wait):
        view = window.scan.viewfinder
        opened = resident_mb()
        window.camera._devices = OneCamera()
        window.use_camera("pump")
        wait(lambda: view.frames >= WARM_UP_FRAMES, 300)
        gc.collect()
        before, began = resident_mb(), time.perf_counter()
        wait(lambda: view.frames >= WARM_UP_FRAMES + count, 3_600)
        spent = time.perf_counter() - began
        gc.collect()
        after = resident_mb()
        shown = view.frames - WARM_UP_FRAMES
    return {
        "catalog": catalog,
        "frames": shown,
        "frames_per_s": shown / spent,
        "opened_mb": opened,
        "resident_mb": after,
        "growth_mb": after - before,
        "target_mb": TARGET_MB,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 frames")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = asked.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measure(work, asked.frames or (1_000 if asked.quick else 20_000)), indent=1))


if __name__ == "__main__":
    main()
