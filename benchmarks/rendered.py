"""Rendered packages that no training saw: the demo's, from other sides and through a bad camera.

    python -m benchmarks.rendered --encoder shipped=assets/encoder [--encoder NAME=FOLDER ...] [--views 4]

The first photo of each demo product is the catalog. `sides` asks with the others, which show the product from other
sides; `camera` with views of the first ones as a bad camera sees them (engine.image.distort), the same for all.
Shapes, art and brands are the demo's own; training draws others (engine/training/packages.py). Top-1 in per cent with
a 95 % interval, and for each pair of encoders how many queries only one of them gets right.
"""

from __future__ import annotations

import argparse
import itertools
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.config import demo_source
from engine.encoder import Encoder
from engine.image import distort, read_picture
from engine.metrics import share_interval
from engine.records import Picture, Vectors
from engine.views import Cost, see

_BATCH = 8


def embedded(encoder: Encoder, pictures: list[Picture]) -> Vectors:
    """What a lookup asks for each picture, (N, D)."""
    rows = []
    for start in range(0, len(pictures), _BATCH):
        rows += see(encoder, pictures[start : start + _BATCH], Cost())
    return np.stack([row.embedding for row in rows])


def right(encoder: Encoder, views: int, seed: int = 0) -> dict[str, NDArray[np.bool_]]:
    """Whether the right product comes first, for each query of each kind."""
    photos: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((demo_source() / "images").glob("*/*.jpg")):
        photos[path.parent.name].append(path)
    fronts = [read_picture(paths[0]) for paths in photos.values()]
    rng = np.random.default_rng(seed)
    camera = [distort(front, rng) for front in fronts for _ in range(views)]
    sides = [(row, path) for row, paths in enumerate(photos.values()) for path in paths[1:]]
    catalog = embedded(encoder, fronts)
    asked = {
        "sides": (embedded(encoder, [read_picture(path) for _, path in sides]), [row for row, _ in sides]),
        "camera": (embedded(encoder, camera), np.repeat(np.arange(len(fronts)), views).tolist()),
    }
    return {name: (queries @ catalog.T).argmax(axis=1) == np.array(truth) for name, (queries, truth) in asked.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", action="append", required=True, metavar="NAME=FOLDER", help="may come again")
    parser.add_argument("--views", type=int, default=4, help="views of each front by the camera")
    asked = parser.parse_args()
    found: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for text in asked.encoder:
        name, _, folder = text.partition("=")
        with Encoder.load(Path(folder), provider="cpu") as encoder:
            found[name] = right(encoder, asked.views)
        for kind, hits in found[name].items():
            low, high = share_interval(hits.astype(np.float64), np.random.default_rng(0))
            print(f"{name:20} {kind:8} {100 * hits.mean():5.1f} ({100 * low:.1f} to {100 * high:.1f}) of {len(hits)}")
    for one, other in itertools.combinations(found, 2):
        for kind, hits in found[one].items():
            mine, theirs = int((hits & ~found[other][kind]).sum()), int((~hits & found[other][kind]).sum())
            print(f"{kind}: only {one} {mine}, only {other} {theirs}")


if __name__ == "__main__":
    main()
