"""`python -m catalogs.studio sheets | catalog | samples | clip`: make the demo catalog and the samples again."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from catalogs.studio import sheets, table

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "catalogs" / "demo"


def make_sheets() -> None:
    """Write products.csv and stock.csv."""
    products = table.catalog()
    sheets.write_products(products, DEMO / "products.csv")
    sheets.write_stock(products, DEMO / "stock.csv")


def make_catalog(spp: int, only: tuple[str, ...], target: Path) -> None:
    """Render the catalog pictures that are missing or whose recipe changed."""
    from catalogs.studio import catalog_shots, develop, fabrics, mitsuba_scene, recipe, shapes  # noqa: F401, PLC0415

    for product in table.catalog():
        if only and not product.sku.startswith(only):
            continue
        parts = shapes.build(product)
        for number, view in enumerate(catalog_shots.views(product.shape), start=1):
            turned, setting, camera = catalog_shots.scene(parts, view)
            path = target / product.sku / f"{number}.jpg"
            name = f"catalog-{product.sku}-{number}"
            made_from = recipe.digest(turned, setting, camera, spp=spp)
            if recipe.is_fresh(path, name, made_from):
                continue
            begun = time.perf_counter()
            linear = mitsuba_scene.render(turned, setting, camera, spp)
            develop.save_jpeg(develop.tone(linear), path)
            recipe.remember(name, made_from)
            print(f"{product.sku} {number} {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)


def main() -> None:
    """Read the command line and do what it names."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("what", choices=("sheets", "catalog", "samples", "clip"))
    reader.add_argument("--spp", type=int, default=64, help="samples a pixel")
    reader.add_argument("--only", default="", help="SKU prefixes, comma separated")
    reader.add_argument("--out", type=Path, default=None, help="another folder for the pictures")
    chosen = reader.parse_args()
    if chosen.what == "sheets":
        make_sheets()
    elif chosen.what == "catalog":
        only = tuple(part for part in chosen.only.split(",") if part)
        make_catalog(chosen.spp, only, chosen.out or DEMO / "images")


if __name__ == "__main__":
    main()
