"""Photo to result against the bare calls in it: decode, the same encoder runs, one hnswlib query, one SQLite read.

    python -m benchmarks.lookup [--quick] [--work DIR]

Both are measured in one process, in turn, photo by photo; medians. The catalog has 10,000 references.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.large_catalog import large_catalog
from benchmarks.pictures import stills
from engine.config import Settings
from engine.encoder import open_session
from engine.encoder_info import read_model
from engine.generation import CATALOG_NAME
from engine.image import WORKING_SIDE_PX, crop, prepare, read_picture
from engine.image_header import read_header
from engine.lookup import HITS, Lookup, open_lookup
from engine.records import WHOLE
from engine.region import salient_region
from engine.views import blend

TARGET = 1.25
_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}
_SELECT = (
    "SELECT id, sku, name, brand, category, price_minor, currency, aisle FROM products WHERE id IN (?, ?, ?, ?, ?)"
)


def measure(work: Path, rounds: int = 200, references: int = 10_000) -> dict[str, Any]:
    """Medians in milliseconds of `rounds` lookups and of the bare calls in them, and the ratio of the totals."""
    folder = large_catalog(work / f"catalog-{references}", references)
    photos = stills(work)
    with open_lookup(folder, Settings(provider="cpu")) as lookup:
        bare = _Bare(lookup, photos)
        for photo in photos:
            lookup.look_up_file(photo)
            bare.once(photo)
        totals, sums, steps, parts = [], [], [], []
        for number in range(rounds):
            photo = photos[number % len(photos)]
            started = time.perf_counter()
            result = lookup.look_up_file(photo)
            totals.append((time.perf_counter() - started) * 1e3)
            steps.append(dict(result.timings_ms))
            parts.append(bare.once(photo))
            sums.append(sum(parts[-1].values()))
    median = float(np.median(totals))
    return {
        "references": references,
        "rounds": rounds,
        "total_ms": median,
        "bare_ms": float(np.median(sums)),
        "ratio": median / float(np.median(sums)),
        "target": TARGET,
        "steps_ms": _medians(steps),
        "bare_steps_ms": _medians(parts),
        "encoder": lookup.encoder.choice.variant,
    }


class _Bare:
    """The calls that cannot be left out, on inputs that lie ready."""

    def __init__(self, lookup: Lookup, photos: list[Path]) -> None:
        info, choice = lookup.encoder.info, lookup.encoder.choice
        self._session = open_session(read_model(lookup.encoder.folder, info.variants[choice.variant]), choice.provider)
        self._graph = lookup.generation.index._graph
        self._database = sqlite3.connect(lookup.generation.path / CATALOG_NAME)
        self._inputs: dict[Path, list[Any]] = {}
        self._queries: dict[Path, Any] = {}
        self._flags: dict[Path, int] = {}
        for photo in photos:
            picture = read_picture(photo)
            whole = prepare([picture], info.input)
            first = lookup.encoder.encode(whole)
            region = salient_region(first.saliency[0], (picture.shape[0], picture.shape[1]), info.input)
            closer = [] if region == WHOLE else [prepare([crop(picture, region)], info.input)]
            self._inputs[photo] = inputs = [whole, *closer]
            self._queries[photo] = blend(np.concatenate([lookup.encoder.encode(one).embeddings for one in inputs]))[
                None
            ]
            header = read_header(photo.read_bytes())
            shorter = min(header.width, header.height) if header and header.kind == "jpeg" else 0
            reduced = next((by for by in (8, 4, 2) if shorter >= by * WORKING_SIDE_PX), 1)
            self._flags[photo] = _REDUCED[reduced]

    def once(self, photo: Path) -> dict[str, float]:
        """Milliseconds of each call."""
        times = [time.perf_counter()]
        cv2.imdecode(np.frombuffer(photo.read_bytes(), np.uint8), self._flags[photo])
        times.append(time.perf_counter())
        for tensor in self._inputs[photo]:
            self._session.run(["embedding", "saliency", "trunk"], {"pictures": tensor})
        times.append(time.perf_counter())
        self._graph.knn_query(self._queries[photo], k=HITS)
        times.append(time.perf_counter())
        self._database.execute(_SELECT, (5, 50, 500, 1000, 2000)).fetchall()
        times.append(time.perf_counter())
        return dict(zip(("decode", "encode", "search", "read"), (np.diff(times) * 1e3).tolist(), strict=True))


def _medians(rows: list[dict[str, float]]) -> dict[str, float]:
    return {name: float(np.median([row[name] for row in rows])) for name in rows[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="30 lookups, 3,000 references")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sizes = (30, 3_000) if asked.quick else (200, 10_000)
        print(json.dumps(measure(asked.work or Path(scratch), *sizes), indent=1))


if __name__ == "__main__":
    main()
