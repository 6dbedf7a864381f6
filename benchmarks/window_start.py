"""Cold start of the window: from the start of the process to the first frame that is painted, and to an open catalog.

    python -m benchmarks.window_start [--quick] [--work DIR]

Each run is a new process with an empty profile; files are in the system's cache. Without a screen Qt paints offscreen.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

#: What `desktop.app.run` does, with a mark after each phase; a filter sees the first paint of the window.
_PROGRAM = """
import sys, time
marks = [("", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
import PySide6.QtWidgets, PySide6.QtMultimedia; mark("Qt libraries")
import desktop.app; mark("imports of the window")
from engine.config import Settings
application = desktop.app.make_application(["skulens"]); mark("application")
from desktop.camera import Camera
from desktop.window import Lanes, Window
from PySide6.QtCore import QEvent, QObject
window = Window(Settings(provider="cpu"), Lanes.make(), Camera(), lambda wanted, _: wanted); mark("build the window")
class Painted(QObject):
    seen = False
    def eventFilter(self, watched, event):
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False
painted = Painted(); window.installEventFilter(painted); window.show()
while not painted.seen: application.processEvents()
mark("the first frame")
print("FRAME", time.time(), flush=True)
window.switch.open_demo()
while window.switch.current is None: application.processEvents(); time.sleep(0.002)
mark("open the demo")
print("OPEN", time.time(), flush=True)
for (_, before), (name, after) in zip(marks, marks[1:]): print("PHASE", name, (after - before) * 1e3)
window.close()
"""


def measure(rounds: int = 5) -> dict[str, Any]:
    """Median milliseconds to the first frame and to the open demo, and the phases in it."""
    from engine.demo import ensure_demo

    ensure_demo()
    _start()  # byte code and pages are in the cache
    runs = [_start() for _ in range(rounds)]
    names = list(runs[0]["phases"])
    phases = {name: statistics.median(run["phases"][name] for run in runs) for name in names}
    after = phases.pop("open the demo")
    return {
        "total_ms": statistics.median(run["frame_ms"] for run in runs),
        "catalog_open_ms": statistics.median(run["open_ms"] for run in runs),
        "phases_ms": phases,
        "open_the_demo_ms": after,
        "rounds": rounds,
    }


def _start() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as home:
        environment = {"QT_QPA_PLATFORM": "offscreen"} | os.environ | {"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home}
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, env=environment, check=False, timeout=120
        )
    words = [line.rsplit(" ", 1) for line in done.stdout.splitlines()]
    times = {name: float(value) for name, value in words}
    if "OPEN" not in times:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[-2000:]}")
    phases = {name.removeprefix("PHASE "): value for name, value in times.items() if name.startswith("PHASE ")}
    return {"frame_ms": (times["FRAME"] - began) * 1e3, "open_ms": (times["OPEN"] - began) * 1e3, "phases": phases}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="2 runs")
    parser.add_argument("--work", type=Path, help="not used; all benchmarks take it")
    asked = parser.parse_args()
    print(json.dumps(measure(2 if asked.quick else 5), indent=1))


if __name__ == "__main__":
    main()
