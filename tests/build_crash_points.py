"""Kills a build at many points and looks at what it left. Run by test_build_crash.py.

    python -m tests.build_crash_points FOLDER SEED POINTS TIMED

From this warm process a child is forked for each point; it builds for real and kills itself (SIGKILL) just before its
n-th open, rename, removal, new folder or SQLite connection in the catalog's folder, or is killed from outside after a
delay. The points are drawn by the seed; the last ones, around the activation, are always among them. Then the old or
the new catalog must open, and the next build must end and encode nothing again that was kept. One JSON object a line
says what was found.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from contextlib import closing
from pathlib import Path

from engine.encoder import Encoder
from engine.generation import Generation, current_version, versions
from engine.ingest.build import build_catalog
from engine.ingest.features import FeatureStore
from engine.stock import StockReader
from engine.verify import verify
from tests.crash_points import count_points, run_child
from tests.source_fixtures import shop

#: The last points of a build: sealing, activation, stock, the list of refusals, pruning.
ALWAYS = 24


def findings(folder: Path, encoder: Encoder) -> dict[str, object]:
    with Generation.open_current(folder, [encoder.folder]) as generation:
        version, products = generation.version, generation.catalog.product_count
    with closing(StockReader(folder)) as reader:
        quantity = reader.levels(["P000"])["P000"][0].quantity
    with closing(FeatureStore(folder, f"{encoder.info.id}/{encoder.choice.variant}", encoder.info.dimension)) as store:
        kept = len(store)
    sound = all(verify(folder, one, [encoder.folder]).ok for one in versions(folder))
    return {"version": version, "products": products, "quantity": quantity, "kept": kept, "sound": sound}


def main(home: Path, seed: int, points: int, timed: int) -> None:
    encoder = Encoder.load(provider="cpu", threads=1)
    source, original = shop(home / "source", products=3), home / "original"
    (source / "stock.csv").write_text("sku,location,quantity\nP000,North,1\n")
    build_catalog(source, original, encoder)
    shop(source, products=5)
    (source / "stock.csv").write_text("sku,location,quantity\nP000,North,2\n")

    def work(folder: Path) -> object:
        return build_catalog(source, folder, encoder)

    shutil.copytree(original, home / "counted")
    total = count_points(home / "counted", work)
    shutil.copytree(original, home / "once")
    started = time.perf_counter()
    work(home / "once")
    duration_s = time.perf_counter() - started
    chance = random.Random(seed)
    earlier = chance.sample(range(max(1, total - ALWAYS)), min(points, max(1, total - ALWAYS)))
    chosen: list[int | None] = [*sorted(earlier), *range(max(0, total - ALWAYS), total), *[None] * timed]
    for number, point in enumerate(chosen):
        folder = home / f"catalog-{number}"
        shutil.copytree(original, folder)
        killed, event = run_child(work, folder, point, chance.random() * duration_s)
        left = findings(folder, encoder)
        report = build_catalog(source, folder, encoder)
        after = findings(folder, encoder)
        rubbish = [one.name for one in folder.iterdir() if one.name.startswith(".") and one.name != ".lock"]
        print(
            json.dumps(
                {
                    "point": point,
                    "of": total,
                    "before": event,
                    "killed": killed,
                    **left,
                    "next": {**after, "encoded": report.encoded, "reused": report.reused},
                    "current": current_version(folder),
                    "rubbish": rubbish,
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
