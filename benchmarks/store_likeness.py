"""How much of its likeness to a product an item keeps from a simulated view to a real store's photo.

    python -m benchmarks.store_likeness --grocery DIR --encoder FOLDER [--hold-out 16] [--seed 0]

Where the numbers of `engine.calibrate_trials` come from. FOLDER is an encoder whose training held products out, drawn
by the same seed (`skulens train --hold-out`): a shop's products are not in our training either. Likeness is the cosine
above the crowd's. For each train photo of a product held out, its likeness in a gallery is divided by the mean
likeness that simulated views (`image.distort`) of the gallery's own pictures have: `alone` with one studio picture a
product, `beside` with the photos that were not taken shortly before or after. Validation photos are not looked at.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.grocery_source import departments, studio_pictures, train_photos
from engine.encoder import Encoder
from engine.image import distort, read_picture
from engine.records import Picture, Vectors
from engine.training.split import held_out_products
from engine.verdict import CROWD_RANKS
from engine.views import Cost, see

#: Photos whose numbers are nearer than this were mostly taken at one shelf, one after the other.
APART = 8
#: Photos of each product that is not measured: it only belongs to the crowd. Simulated views of each picture.
CROWD_PHOTOS, VIEWS = 6, 3
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


def measure(encoder: Encoder, grocery: Path, hold_out: int, seed: int) -> dict[str, list[float]]:
    """The parts of likeness that are kept, `alone` and `beside`, sorted."""
    pictures = studio_pictures(grocery)
    skus = list(pictures)
    held_out = [skus[place] for place in held_out_products(departments(grocery), hold_out, seed)]
    photos: dict[str, list[Path]] = defaultdict(list)
    for path, sku in train_photos(grocery):
        photos[sku].append(path)
    rng = np.random.default_rng(seed)
    studio = dict(zip(skus, embeddings(encoder, list(pictures.values())), strict=True))
    natural = {sku: embeddings(encoder, photos[sku] if sku in held_out else photos[sku][:CROWD_PHOTOS]) for sku in skus}
    kept: dict[str, list[float]] = {"alone": [], "beside": []}
    for sku in held_out:
        others = [studio[other][None] for other in skus if other != sku]
        own = studio[sku][None]
        simulated = embeddings(encoder, [pictures[sku]] * VIEWS, rng)
        promised = float(np.mean([likeness(view, own, others) for view in simulated]))
        kept["alone"] += [likeness(query, own, others) / promised for query in natural[sku]]

        others = [natural[other] for other in skus if other != sku]
        numbers = np.array([int(path.stem.rsplit("_", 1)[1]) for path in photos[sku]])
        chosen = range(0, len(numbers), 4)
        simulated = embeddings(encoder, [photos[sku][row] for row in chosen], rng)
        promised = float(
            np.mean(
                [
                    likeness(view, np.delete(natural[sku], row, axis=0), others)
                    for view, row in zip(simulated, chosen, strict=True)
                ]
            )
        )
        for number, query in zip(numbers, natural[sku], strict=True):
            apart = natural[sku][np.abs(numbers - number) >= APART]
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
        found = measure(encoder, asked.grocery, asked.hold_out, asked.seed)
    middles = np.linspace(0.05, 0.95, 10)
    print(
        json.dumps(
            {
                name: {"queries": len(kept), "tenths": [round(float(value), 3) for value in np.quantile(kept, middles)]}
                for name, kept in found.items()
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
