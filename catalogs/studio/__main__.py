"""`python -m catalogs.studio sheets | catalog | samples | clip`: make the demo catalog and the samples again."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from catalogs.studio import sheets, table

REPOSITORY = Path(__file__).resolve().parents[2]
DEMO = REPOSITORY / "catalogs" / "demo"
SAMPLES = REPOSITORY / "assets" / "samples"


def make_sheets() -> None:
    """Write products.csv and stock.csv."""
    products = table.catalog()
    sheets.write_products(products, DEMO / "products.csv")
    sheets.write_stock(products, DEMO / "stock.csv")


def make_catalog(spp: int, only: tuple[str, ...], target: Path) -> None:
    """Render the catalog pictures that are missing or whose recipe changed: every front first, then the other views."""
    from catalogs.studio import bodies, catalog_shots, develop, mitsuba_scene, recipe

    chosen = [product for product in table.catalog() if not only or product.sku.startswith(only)]
    for number in range(1, 4):
        for product in chosen:
            parts = bodies.build(product)
            turned, setting, camera = catalog_shots.scene(parts, catalog_shots.views(product.shape)[number - 1])
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


def make_samples(spp: int, target: Path) -> None:
    """Render the stills of the plan and write queries.csv. The plan comes from one seed and is never edited."""
    from catalogs.studio import bodies, develop, field_scenes, mitsuba_scene, phone_camera, recipe, samples_plan

    products = {product.sku: product for product in (*table.catalog(), *table.strangers())}
    samples = samples_plan.plan(table.catalog(), table.strangers())
    target.mkdir(parents=True, exist_ok=True)
    sheets.write_queries(samples, target / "queries.csv")
    for sample in samples:
        turned, setting, camera = field_scenes.scene(sample, bodies.build(products[sample.sku]))
        name = "sample-" + sample.path.replace("/", "-")
        made_from = recipe.digest(turned, setting, camera, spp=spp, sample=repr(sample))
        if recipe.is_fresh(target / sample.path, name, made_from):
            continue
        begun = time.perf_counter()
        linear = mitsuba_scene.render(turned, setting, camera, spp)
        develop.save_jpeg(phone_camera.photograph(linear, sample), target / sample.path, 84)
        recipe.remember(name, made_from)
        print(f"{sample.path} {sample.sku} {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)


def make_clip(spp: int, target: Path) -> None:
    """Render the counter once, turn the camera over it and join the frames with FFmpeg."""
    from catalogs.studio import bodies, clip_scene, develop, mitsuba_scene, phone_camera, recipe, samples_plan

    items = samples_plan.clip_items(table.catalog())
    clip = clip_scene.scene([bodies.build(item) for item in items])
    wide = mitsuba_scene.render(clip.items, clip.setting, clip.camera, spp)
    exposure = phone_camera.exposed(wide, "store")
    for number, linear in enumerate(clip_scene.frames(clip, wide)):
        display = develop.tone(linear, exposure)
        display = display + phone_camera.grain(display.shape, samples_plan.SEED + number)
        develop.save_jpeg(display, recipe.CACHE / "clip" / f"{number:03d}.jpg", 95)
    rate = str(clip_scene.FRAMES_PER_SECOND)
    pictures = str(recipe.CACHE / "clip" / "%03d.jpg")
    command = ["ffmpeg", "-y", "-loglevel", "error", "-framerate", rate, "-i", pictures, "-c:v", "libx264"]
    command += ["-preset", "slow", "-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
    subprocess.run([*command, str(target / "clip.mp4")], check=True)
    sheets.write_clip(items, clip_scene.SECONDS_PER_ITEM, target / "clip.csv")


def main() -> None:
    """Read the command line and do what it names."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("what", choices=("sheets", "catalog", "samples", "clip"))
    reader.add_argument("--spp", type=int, default=10, help="samples a pixel")
    reader.add_argument("--only", default="", help="SKU prefixes, comma separated")
    reader.add_argument("--out", type=Path, default=None, help="another folder for the pictures")
    chosen = reader.parse_args()
    if chosen.what == "sheets":
        make_sheets()
    elif chosen.what == "catalog":
        only = tuple(part for part in chosen.only.split(",") if part)
        make_catalog(chosen.spp, only, chosen.out or DEMO / "images")
    elif chosen.what == "samples":
        make_samples(chosen.spp, chosen.out or SAMPLES)
    else:
        make_clip(chosen.spp, chosen.out or SAMPLES)


if __name__ == "__main__":
    main()
