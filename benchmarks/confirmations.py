"""How recognition rises while clerks confirm: from one studio picture a product, with 1, 2 and 5 confirmed photos each.

    python -m benchmarks.confirmations --grocery DIR [--quick] [--work DIR] [--seed N] [--json FILE]

The catalog is the iconic gallery of the Grocery Store Dataset. The confirmed photos are train photos drawn by the seed,
looked up and confirmed one by one as in the window, through the real lookup and overlay; queries are the validation
photos. The last row is the same overlay after its vectors were made again from the kept crops, as for a new encoder.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from benchmarks.grocery_source import train_photos, validation_queries, write_source
from engine.config import Settings
from engine.encoder import Encoder
from engine.image import read_picture
from engine.ingest.build import build_catalog
from engine.lookup import Lookup, open_lookup
from engine.metrics import bootstrap_interval
from engine.overlay_file import FILE_NAME
from engine.records import Verdict

STEPS = (1, 2, 5)
QUICK_STEPS = (1, 2)
#: In a quick run every so many-th validation photo asks.
QUICK_EVERY = 4


@dataclass(frozen=True)
class Figures:
    """One row: shares are of the queries, 0..1, except for the wrong ones among MATCH."""

    confirmed: str
    active: int
    quarantined: int
    top1: float
    top1_interval: tuple[float, float]
    top5: float
    match: float
    unknown: float
    matches: int
    wrong_matches: int


def simulate(grocery: Path, work: Path, seed: int = 0, steps: tuple[int, ...] = STEPS, every: int = 1) -> list[Figures]:
    """Build the catalog under `work` (once), confirm step by step, and measure after each step."""
    folder = work / "catalog-iconic"
    with Encoder.load(provider="cpu") as encoder:
        build_catalog(write_source(grocery, work / "source-iconic", "iconic"), folder, encoder, name="iconic")
    (folder / FILE_NAME).unlink(missing_ok=True)
    queries = validation_queries(grocery)[::every]
    drawn = draw(train_photos(grocery), max(steps), seed)
    with open_lookup(folder, Settings(provider="cpu")) as lookup:
        rows = [measure(lookup, queries, "0")]
        done = 0
        for step in steps:
            for sku, photos in drawn.items():
                for photo in photos[done:step]:
                    picture = read_picture(photo)
                    lookup.confirm(sku, lookup.look_up(picture), picture, "simulation")
            done = step
            rows.append(measure(lookup, queries, str(step)))
        with closing(sqlite3.connect(folder / FILE_NAME)) as overlay, overlay:
            overlay.execute("DELETE FROM embeddings")
        lookup.overlay.prepare(lookup.encoder)
        rows.append(measure(lookup, queries, f"{done}, crops encoded again"))
    return rows


def draw(photos: list[tuple[Path, str]], most: int, seed: int) -> dict[str, list[Path]]:
    """Up to `most` photos of each SKU, in an order that the seed decides; fewer are a part of more."""
    rng = np.random.default_rng(seed)
    by_sku: dict[str, list[Path]] = {}
    for path, sku in photos:
        by_sku.setdefault(sku, []).append(path)
    return {sku: [paths[place] for place in rng.permutation(len(paths))[:most]] for sku, paths in by_sku.items()}


def measure(lookup: Lookup, queries: list[tuple[Path, str]], confirmed: str) -> Figures:
    """Look all queries up."""
    ranks, verdicts = [], []
    for path, sku in queries:
        result = lookup.look_up_file(path, 5)
        skus = [candidate.product.sku for candidate in result.candidates]
        ranks.append(skus.index(sku) if sku in skus else len(skus))
        verdicts.append(result.verdict)
    rank = np.array(ranks)
    match = np.array([verdict is Verdict.MATCH for verdict in verdicts])
    counts = lookup.overlay.snapshot().counts()
    return Figures(
        confirmed,
        counts["active"],
        counts["quarantined"],
        float(np.mean(rank == 0)),
        bootstrap_interval((rank == 0).astype(np.float64), np.random.default_rng(0)),
        float(np.mean(rank < 5)),
        float(np.mean(match)),
        float(np.mean([verdict is Verdict.UNKNOWN for verdict in verdicts])),
        int(match.sum()),
        int((match & (rank > 0)).sum()),
    )


def table(rows: list[Figures]) -> str:
    """Plain text in columns, shares in per cent."""
    head = f"{'confirmed a product':24}{'active':>7}{'held':>6}{'top-1':>7}{'95 %':>14}{'top-5':>7}{'MATCH':>7}"
    lines = [f"{head}{'wrong':>7}{'UNKNOWN':>9}"]
    for row in rows:
        low, high = row.top1_interval
        interval = f"{low:.1%}-{high:.1%}".replace("%", "")
        lines.append(
            f"{row.confirmed:24}{row.active:7}{row.quarantined:6}{100 * row.top1:7.1f}{interval:>14}"
            f"{100 * row.top5:7.1f}{100 * row.match:7.1f}{row.wrong_matches:7}{100 * row.unknown:9.1f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--grocery", type=Path, required=True, help="folder of the Grocery Store Dataset")
    parser.add_argument("--quick", action="store_true", help="1 and 2 confirmations, a quarter of the queries")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    parser.add_argument("--seed", type=int, default=0, help="which photos are confirmed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="all figures too; - prints them instead of the table")
    asked = parser.parse_args()
    steps, every = (QUICK_STEPS, QUICK_EVERY) if asked.quick else (STEPS, 1)
    with tempfile.TemporaryDirectory() as scratch:
        rows = simulate(asked.grocery, asked.work or Path(scratch), asked.seed, steps, every)
    figures = json.dumps({"steps": [asdict(row) for row in rows]}, indent=1) + "\n"
    print(figures if asked.json == Path("-") else table(rows))
    if asked.json and asked.json != Path("-"):
        asked.json.write_text(figures)


if __name__ == "__main__":
    main()
