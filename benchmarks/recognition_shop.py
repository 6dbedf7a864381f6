"""What recognition is measured on: the catalogs' photos, what asks them, and what is in none of them.

`grocery_shop` is the Grocery Store Dataset with photos of clothes as strangers; `demo_shop` the bundled demo with its
samples, for a quick run that needs no data. Both have two galleries: `natural` (several photos a product) and `iconic`
(one studio picture a product).
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.grocery_source import departments, studio_pictures, train_photos, validation_queries, write_source
from engine.config import demo_source, resources
from engine.evaluate import Query, read_queries
from engine.training.split import held_out_products

GALLERIES = ("natural", "iconic")
#: Photos of clothes are a sample of this size, always the same.
STRANGERS = 200
#: Products that a twin's training left out, and the seed that draws them, as `skulens train --hold-out 16` does.
LEFT_OUT, SEED = 16, 0


@dataclass(frozen=True)
class Shop:
    """Photos to measure with.

    `sources` has a folder for `skulens build` for each gallery; `queries` are known items first, then strangers with an
    empty SKU. `left_out` are the products that a twin's training did not have, `packaged` those that are packages, not
    fruit or vegetables. `fitting` holds photos that the ImageNet encoder is fitted on, None where there are too few.
    `never_trained_on` says that no encoder has seen any of these products.
    """

    name: str
    sources: dict[str, Path]
    queries: tuple[Query, ...]
    left_out: frozenset[str]
    packaged: frozenset[str]
    fitting: Path | None
    never_trained_on: bool

    @property
    def known(self) -> list[Query]:
        """The queries that have a SKU."""
        return [query for query in self.queries if query.sku]

    @property
    def strangers(self) -> list[Query]:
        """The queries that have none."""
        return [query for query in self.queries if not query.sku]


def grocery_shop(grocery: Path, clothing: Path | None, work: Path) -> Shop:
    """The Grocery Store Dataset: train photos or studio pictures answer, validation photos ask.

    Packages are told by the dataset's folders: their photos lie under `Packages/`.
    """
    skus, trained = list(studio_pictures(grocery)), train_photos(grocery)
    known = [Query(path, sku) for path, sku in validation_queries(grocery)]
    photos = sorted(clothing.rglob("*.jpg")) if clothing else []
    drawn = np.random.default_rng(SEED).permutation(len(photos))[:STRANGERS].tolist()
    return Shop(
        "Grocery Store Dataset, validation photos",
        {
            "natural": write_source(grocery, work / "source-natural", "natural"),
            "iconic": write_source(grocery, work / "source-iconic", "iconic"),
        },
        (*known, *(Query(photos[place], "") for place in drawn)),
        _left_out(skus, departments(grocery)),
        frozenset(sku for path, sku in trained if "Packages" in path.parts),
        grocery / trained[0][0].relative_to(grocery).parts[0],
        never_trained_on=False,
    )


def demo_shop(work: Path) -> Shop:
    """The bundled demo: the fronts alone are its iconic gallery, the bundled samples ask. All of it is packaged."""
    source, samples = demo_source(), resources() / "assets" / "samples"
    with (source / "products.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    iconic = work / "demo-iconic"
    iconic.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source / "products.csv", iconic / "products.csv")
    for row in rows:
        front = source / "images" / row["sku"] / "1.jpg"
        if front.is_file():
            (iconic / "images" / row["sku"]).mkdir(parents=True, exist_ok=True)
            shutil.copyfile(front, iconic / "images" / row["sku"] / "1.jpg")
    skus = [row["sku"] for row in rows]
    return Shop(
        "bundled demo, bundled samples",
        {"natural": source, "iconic": iconic},
        tuple(sorted(read_queries(samples / "queries.csv"), key=lambda query: not query.sku)),
        _left_out(skus, [row["category"] for row in rows]),
        frozenset(skus),
        fitting=None,
        never_trained_on=True,
    )


def _left_out(skus: list[str], categories: list[str]) -> frozenset[str]:
    count = min(LEFT_OUT, len(skus) - 1)
    return frozenset(skus[place] for place in held_out_products(categories, count, SEED))
