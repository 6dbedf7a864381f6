"""Does a live view that runs for hours grow? Resident memory over many frames, after a warm-up.

    python -m benchmarks.memory [--quick] [--frames N] [--work DIR]

Measures the engine: frame, encoder, search, SQLite. The window with its camera is measured by benchmarks/window.py.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.large_catalog import large_catalog
from benchmarks.pictures import frames
from engine.config import Settings
from engine.lookup import open_lookup

TARGET_MB = 20.0


def resident_mb() -> float:
    """Resident memory of this process in megabytes (10^6 bytes); Linux only."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def measure(work: Path, count: int = 20_000, references: int = 10_000) -> dict[str, Any]:
    """Growth in megabytes from the 200th frame to the last, and the resident memory at the end."""
    folder = large_catalog(work / f"catalog-{references}", references)
    before = 0.0
    with open_lookup(folder, Settings(provider="cpu")) as lookup:
        region = None
        for number, frame in enumerate(frames(work, count + 200)):
            if number == 200:
                before = resident_mb()
            region = lookup.look_up_live(frame, region).region
        after = resident_mb()
    return {"frames": count, "growth_mb": after - before, "target_mb": TARGET_MB, "resident_mb": after}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1,000 frames, 3,000 references")
    parser.add_argument("--frames", type=int)
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        count, references = (1_000, 3_000) if asked.quick else (20_000, 10_000)
        print(json.dumps(measure(asked.work or Path(scratch), asked.frames or count, references), indent=1))


if __name__ == "__main__":
    main()
