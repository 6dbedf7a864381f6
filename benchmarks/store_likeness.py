"""How much of its likeness to a product an item keeps from a simulated view to a real store's photo.

    python -m benchmarks.store_likeness --grocery DIR --encoder FOLDER [--hold-out 16] [--seed 0]

Where the numbers of `engine.calibrate_trials` come from. FOLDER is an encoder whose training held products out, drawn
by the same seed (`skulens train --hold-out`): a shop's products are not in our training either. Likeness is the cosine
above the crowd's, of all numbers of an embedding and of the leading ones. For each train photo of a product held out,
its likeness in a gallery is divided by the mean likeness that simulated views (`image.distort`) of the gallery's own
pictures have: `alone` with one studio picture a product, `beside` with the photos that were not taken shortly before or
after. Validation photos are not looked at.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.grocery_source import departments, studio_pictures, train_photos
from engine.encoder import Encoder
from engine.image import distort, read_picture
from engine.records import Picture, Vectors
from engine.training.split import held_out_products
from engine.verdict import CROWD_RANKS, Calibration, leading
from engine.views import Cost, see

#: Photos whose numbers are nearer than this were mostly taken at one shelf, one after the other.
APART = 8
#: Photos of each product that is not measured: it only belongs to the crowd. Simulated views of each picture.
CROWD_PHOTOS, VIEWS = 6, 3
#: Each of so many photos of a product held out is also seen in a simulated view.
EACH = 4
_BATCH = 8


def embeddings(encoder: Encoder, pictures: list[Path], rng: np.random.Generator | None = None) -> Vectors:
    """What a lookup asks for each picture (N, D); with `rng` for a simulated view of it."""

    def seen(path: Path) -> Picture:
        picture = read_picture(path)
        return picture if rng is None else distort(picture, rng)

    rows = []
    for start in range(0, len(pictures), _BATCH):
        rows += see(encoder, [seen(path) for path in pictures[start : start + _BATCH]], Cost())
    return np.stack([row.embedding for row in rows])


def likeness(query: NDArray[np.float32], own: Vectors, others: list[Vectors]) -> float:
    """The best cosine with the own product's pictures (m, D), above the crowd of the other products."""
    best = np.sort([float((vectors @ query).max()) for vectors in others])[::-1]
    return float((own @ query).max() - best[CROWD_RANKS].mean())


@dataclass(frozen=True)
class Seen:
    """What the encoder makes of the shop: embeddings (n, D) of each product's pictures.

    `simulated_studio` and `simulated` are views of the products held out, of their studio picture and of each fourth
    photo; `numbers` say which photos were taken one after the other.
    """

    held_out: list[str]
    studio: dict[str, Vectors]
    natural: dict[str, Vectors]
    numbers: dict[str, NDArray[np.int64]]
    simulated_studio: dict[str, Vectors]
    simulated: dict[str, Vectors]

    def cut(self, leading_numbers: int) -> Seen:
        """The same in the leading numbers alone."""
        calibration = Calibration(leading=leading_numbers)

        def each(found: dict[str, Vectors]) -> dict[str, Vectors]:
            return {sku: leading(vectors, calibration) for sku, vectors in found.items()}

        return Seen(
            self.held_out,
            each(self.studio),
            each(self.natural),
            self.numbers,
            each(self.simulated_studio),
            each(self.simulated),
        )


def look(encoder: Encoder, grocery: Path, hold_out: int, seed: int) -> Seen:
    """Encode the shop."""
    pictures = studio_pictures(grocery)
    skus = list(pictures)
    held_out = [skus[place] for place in held_out_products(departments(grocery), hold_out, seed)]
    photos: dict[str, list[Path]] = defaultdict(list)
    for path, sku in train_photos(grocery):
        photos[sku].append(path)
    rng = np.random.default_rng(seed)
    studio = embeddings(encoder, list(pictures.values()))
    return Seen(
        held_out,
        {sku: row[None] for sku, row in zip(skus, studio, strict=True)},
        {sku: embeddings(encoder, photos[sku] if sku in held_out else photos[sku][:CROWD_PHOTOS]) for sku in skus},
        {sku: np.array([int(path.stem.rsplit("_", 1)[1]) for path in photos[sku]]) for sku in held_out},
        {sku: embeddings(encoder, [pictures[sku]] * VIEWS, rng) for sku in held_out},
        {sku: embeddings(encoder, photos[sku][::EACH], rng) for sku in held_out},
    )


def measure(seen: Seen) -> dict[str, list[float]]:
    """The parts of likeness that are kept, `alone` and `beside`, sorted."""
    kept: dict[str, list[float]] = {"alone": [], "beside": []}
    for sku in seen.held_out:
        others = [vectors for other, vectors in seen.studio.items() if other != sku]
        own, asking = seen.studio[sku], seen.natural[sku]
        promised = float(np.mean([likeness(view, own, others) for view in seen.simulated_studio[sku]]))
        kept["alone"] += [likeness(query, own, others) / promised for query in asking]

        others = [vectors for other, vectors in seen.natural.items() if other != sku]
        without = [
            likeness(view, np.delete(asking, row * EACH, axis=0), others)
            for row, view in enumerate(seen.simulated[sku])
        ]
        promised = float(np.mean(without))
        for number, query in zip(seen.numbers[sku], asking, strict=True):
            apart = asking[np.abs(seen.numbers[sku] - number) >= APART]
            if len(apart):
                kept["beside"].append(likeness(query, apart, others) / promised)
    return {name: sorted(values) for name, values in kept.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grocery", type=Path, required=True, help="folder of the Grocery Store Dataset")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of an encoder that does not know them")
    parser.add_argument("--hold-out", type=int, default=16)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    with Encoder.load(asked.encoder, provider="cpu") as encoder:
        seen, numbers = look(encoder, asked.grocery, asked.hold_out, asked.seed), encoder.info.leading
    middles = np.linspace(0.05, 0.95, 10)
    print(
        json.dumps(
            {
                which: {
                    name: {"queries": len(kept), "tenths": np.quantile(kept, middles).round(3).tolist()}
                    for name, kept in measure(cut).items()
                }
                for which, cut in (("all numbers", seen), (f"the first {numbers or 'all'}", seen.cut(numbers)))
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
