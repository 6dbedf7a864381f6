"""How long the window does not answer: live view at 30 frames a second with lookups, then a warehouse beside it.

    python -m benchmarks.gui_stall [--quick] [--work DIR]

A timer of the GUI thread ticks every millisecond; the longest time between two ticks is the longest stall. Beside it
stands the processor time that the GUI thread itself used in its longest stretch: where the two differ much, the machine
was busy with something else. Opening the catalog and the first second of video are a start and are not counted.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.large_catalog import large_catalog
from benchmarks.live_window import live_window, write_clip
from benchmarks.pictures import frames

TARGET_MS = 50.0


class Ticks:
    """Times between the ticks of a GUI timer, in milliseconds."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps_ms: list[float] = []
        self.work_ms: list[float] = []
        self._last, self._last_work = time.perf_counter(), time.thread_time()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(1)

    def _tick(self) -> None:
        now, work = time.perf_counter(), time.thread_time()
        self.gaps_ms.append((now - self._last) * 1e3)
        self.work_ms.append((work - self._last_work) * 1e3)
        self._last, self._last_work = now, work

    def figures(self) -> dict[str, float]:
        """Stop, and say the longest stall and how common long ones are."""
        self._timer.stop()
        gaps = np.array(self.gaps_ms)
        return {
            "longest_stall_ms": float(gaps.max()),
            "longest_work_ms": max(self.work_ms),
            "p999_ms": float(np.percentile(gaps, 99.9)),
            "stalls_over_target": int((gaps > TARGET_MS).sum()),
            "ticks": len(gaps),
        }


def measure(work: Path, seconds: float = 30.0, references: int = 10_000, pictures: int = 200) -> dict[str, Any]:
    """Stalls of `seconds` of live view, and of a warehouse that looks `pictures` files up."""
    folder = large_catalog(work / f"catalog-{references}", references)
    clip = write_clip(work)
    photos = work / f"photos-{pictures}"
    photos.mkdir(exist_ok=True)
    for number, picture in enumerate(frames(work, pictures)):
        cv2.imwrite(str(photos / f"{number:04}.jpg"), picture)
    with live_window(folder) as (window, wait):
        view = window.scan.viewfinder
        window.use_camera(str(clip))
        wait(lambda: view.frames > 30 and window.scan.card.answer is not None, 60)
        shown, answers = view.frames, 0

        def count(_: object) -> None:
            nonlocal answers
            answers += 1

        window.scanner.looked.connect(count)
        ticks, began = Ticks(), time.perf_counter()
        wait(lambda: False, seconds)
        spent = time.perf_counter() - began
        live = ticks.figures() | {
            "frames_per_s": (view.frames - shown) / spent,
            "lookups_per_s": answers / spent,
        }
        window.show_warehouse()
        warehouse = window._warehouse
        assert warehouse is not None
        wait(lambda: False, 0.5)
        ticks, began = Ticks(), time.perf_counter()
        warehouse.add([photos])
        wait(lambda: not warehouse.busy and len(warehouse.model.rows) == pictures, 300)
        spent = time.perf_counter() - began
        many = ticks.figures() | {"pictures": len(warehouse.model.rows), "pictures_per_s": pictures / spent}
    return {"target_ms": TARGET_MS, "live": live, "warehouse": many}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 seconds, 3,000 references, 60 pictures")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sizes = (5.0, 3_000, 60) if asked.quick else (30.0, 10_000, 200)
        work = asked.work or Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        print(json.dumps(measure(work, *sizes), indent=1))


if __name__ == "__main__":
    main()
