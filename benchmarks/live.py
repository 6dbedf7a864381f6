"""Live lookups a second on a 640 x 480 stream: one encoder run of two rows each, as the window does it.

python -m benchmarks.live [--quick] [--work DIR]
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.large_catalog import large_catalog
from benchmarks.pictures import frames
from engine.config import Settings
from engine.lookup import open_lookup

TARGET_PER_S = 15.0


def measure(work: Path, count: int = 300, references: int = 10_000) -> dict[str, Any]:
    """Lookups a second over `count` frames, and percentiles of one lookup in milliseconds."""
    folder = large_catalog(work / f"catalog-{references}", references)
    times = []
    with open_lookup(folder, Settings(provider="cpu")) as lookup:
        region = None
        for frame in frames(work, count + 10):
            started = time.perf_counter()
            region = lookup.look_up_live(frame, region).region
            times.append((time.perf_counter() - started) * 1e3)
    times = times[10:]
    return {
        "frames": count,
        "lookups_per_s": 1e3 / float(np.mean(times)),
        "target_per_s": TARGET_PER_S,
        "p50_ms": float(np.percentile(times, 50)),
        "p95_ms": float(np.percentile(times, 95)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="60 frames, 3,000 references")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sizes = (60, 3_000) if asked.quick else (300, 10_000)
        print(json.dumps(measure(asked.work or Path(scratch), *sizes), indent=1))


if __name__ == "__main__":
    main()
