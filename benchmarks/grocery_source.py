"""The Grocery Store Dataset (Klasson et al., WACV 2019) as a retailer's source folder.

    python -m benchmarks.grocery_source GROCERY OUT --gallery natural|iconic|training

The photos come from https://github.com/marcusklasson/GroceryStoreDataset (MIT). `natural` takes the train photos as
catalog photos, `iconic` the one studio picture of each product, `training` both. Queries are the validation photos.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
from pathlib import Path
from typing import Literal

Gallery = Literal["natural", "iconic", "training"]


def write_source(grocery: Path, out: Path, gallery: Gallery) -> Path:
    """Write products.csv and images/<sku>/ under `out` (hard links where the disk allows); returns `out`."""
    classes = _classes(grocery)
    photos: dict[int, list[Path]] = {number: [] for number in classes}
    if gallery != "natural":
        for number, row in classes.items():
            photos[number].append(_studio_picture(grocery, row))
    if gallery != "iconic":
        for path, number in _listed(grocery, "train"):
            photos[number].append(path)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "products.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["sku", "name", "category"])
        for row in classes.values():
            name = row["Class Name (str)"]
            # products to hold out of training are drawn by department, of which there are three
            category = _department(row) if gallery == "training" else row["Coarse Class Name (str)"]
            table.writerow([name, name.replace("-", " "), category])
    for number, paths in photos.items():
        folder = out / "images" / classes[number]["Class Name (str)"]
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths:
            _link(path, folder / path.name)
    return out


def validation_queries(grocery: Path) -> list[tuple[Path, str]]:
    """The validation photos and the SKU on each."""
    classes = _classes(grocery)
    return [(path, classes[number]["Class Name (str)"]) for path, number in _listed(grocery, "val")]


def train_photos(grocery: Path) -> list[tuple[Path, str]]:
    """The train photos and the SKU on each."""
    classes = _classes(grocery)
    return [(path, classes[number]["Class Name (str)"]) for path, number in _listed(grocery, "train")]


def studio_pictures(grocery: Path) -> dict[str, Path]:
    """The one studio picture of each SKU."""
    return {row["Class Name (str)"]: _studio_picture(grocery, row) for row in _classes(grocery).values()}


def departments(grocery: Path) -> list[str]:
    """The department of each product, in the order of `studio_pictures`: held-out products are drawn by it."""
    return [_department(row) for row in _classes(grocery).values()]


def _studio_picture(grocery: Path, row: dict[str, str]) -> Path:
    return grocery / row["Iconic Image Path (str)"].lstrip("/")


def _classes(grocery: Path) -> dict[int, dict[str, str]]:
    with (grocery / "classes.csv").open(encoding="utf-8", newline="") as file:
        return {int(row["Class ID (int)"]): row for row in csv.DictReader(file)}


def _department(row: dict[str, str]) -> str:
    return Path(row["Iconic Image Path (str)"].lstrip("/")).parts[1]


def _listed(grocery: Path, part: str) -> list[tuple[Path, int]]:
    rows = [line.split(",") for line in (grocery / f"{part}.txt").read_text().splitlines() if line.strip()]
    return [(grocery / row[0].strip(), int(row[1])) for row in rows]


def _link(photo: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(photo, target)
    except OSError:
        shutil.copyfile(photo, target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the Grocery Store Dataset as a source for `skulens build`.")
    parser.add_argument("grocery", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--gallery", choices=["natural", "iconic", "training"], default="natural")
    asked = parser.parse_args()
    write_source(asked.grocery, asked.out, asked.gallery)


if __name__ == "__main__":
    main()
