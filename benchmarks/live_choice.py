"""Which rules the live view's pool should have, compared on clips of train photos.

    python -m benchmarks.live_choice --grocery DIR [--encoder FOLDER] [--quick] [--work DIR] [--json]

The last fifth of each product's train photos, as they were taken, is filmed by the virtual camera and left out of the
gallery; validation photos are not looked at. Every clip is encoded once, then pooled by each set of rules and judged by
the catalog's calibration. An encoder that was trained on these photos recognises every clip and compares nothing: give
one that was not. Its cosines within a clip and between products are worth a look all the same.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.grocery_source import train_photos, write_source
from benchmarks.live_clips import (
    EVERY_S,
    FRAMES,
    FRAMES_BEFORE,
    filmed,
    lane_figures,
    on_card,
    waits_of,
)
from engine.encoder import Encoder
from engine.generation import Generation
from engine.image import quality
from engine.ingest.build import build_catalog
from engine.matching import rank
from engine.pooling import FramePool, PoolRules
from engine.records import WHOLE, Candidate, LookupResult, Picture, Vectors
from engine.verdict import Calibration, judge, leading
from engine.views import Cost, see, see_again

#: Clips a product: the first and the last photo of the part that is left out.
CLIPS_A_PRODUCT = 2
#: Cosines looked at for one answer: more than the photos of a few products.
_NEAREST = 256


@dataclass(frozen=True)
class Film:
    """A clip as the encoder sees it: embeddings float32 (F, D) and sharpness (F,)."""

    sku: str
    embeddings: Vectors
    sharpness: NDArray[np.float64]


@dataclass(frozen=True)
class Joined:
    """The end of one clip and the whole of another, and which product the second shows."""

    film: Film
    same_category: bool


class Gallery:
    """The catalog without the photos that were left out, as arrays."""

    def __init__(self, generation: Generation, left_out: set[str]) -> None:
        catalog = generation.catalog
        products = catalog.products(0, catalog.product_count)
        hidden = {
            reference.id
            for product in products
            for reference in catalog.references(product.sku)
            if Path(reference.path).name in left_out
        }
        _, vectors = catalog.vectors()
        _, owners, references = catalog.owners()
        kept = ~np.isin(references, sorted(hidden))
        self._vectors, self._owners, self._references = vectors[kept], owners[kept], references[kept]
        self._products = {int(one): catalog.products_by_id([int(one)])[0] for one in np.unique(owners)}
        self._calibration = Calibration.from_dict(generation.manifest.calibration)
        self._leading = leading(self._vectors, self._calibration)

    def answers(self, queries: Vectors) -> list[LookupResult]:
        """What a lookup would say to each query (F, D)."""
        return [self._answer(query) for query in queries]

    def _answer(self, query: NDArray[np.float32]) -> LookupResult:
        cosines = self._vectors @ query
        close = self._leading[int(cosines.argmax())] @ leading(query, self._calibration)
        near = np.argpartition(-cosines, min(_NEAREST, len(cosines) - 1))[:_NEAREST]
        ranking = rank(self._owners[near], self._references[near], cosines[near])
        verdict, known, probabilities = judge(ranking.similarities, self._calibration, float(close))
        found = tuple(
            Candidate(self._products[int(product)], float(probability), float(similarity), int(reference))
            for product, probability, similarity, reference in zip(
                ranking.products[:5], probabilities[:5], ranking.similarities[:5], ranking.references[:5], strict=True
            )
        )
        return LookupResult(verdict, known, found, WHOLE, {})


def held_back(photos: Sequence[tuple[Path, str]]) -> dict[str, list[Path]]:
    """The last fifth of each product's photos, at least one where it has two: often one visit to a shop."""
    by_sku: dict[str, list[Path]] = defaultdict(list)
    for path, sku in photos:
        by_sku[sku].append(path)
    return {sku: sorted(paths)[-max(1, len(paths) // 5) :] for sku, paths in by_sku.items() if len(paths) > 1}


def film(encoder: Encoder, sku: str, frames: Iterator[Picture]) -> Film:
    """See a clip's frames as a live lookup does."""
    embeddings, sharpness, region = [], [], None
    for frame in frames:
        cost = Cost()
        seen = see(encoder, [frame], cost)[0] if region is None else see_again(encoder, frame, region, cost)
        region = seen.region
        embeddings.append(seen.embedding)
        sharpness.append(quality(frame).sharpness)
    return Film(sku, np.stack(embeddings), np.array(sharpness))


def pooled(one: Film, rules: PoolRules) -> Vectors:
    """The queries that a pool makes of a clip, (F, D)."""
    pool = FramePool(rules)
    rows = zip(one.embeddings, one.sharpness.tolist(), strict=True)
    return np.stack([pool.take(row, sharp, number * EVERY_S) for number, (row, sharp) in enumerate(rows)])


def joined(films: Sequence[Film], category: dict[str, str]) -> list[Joined]:
    """Each clip after the end of another product's, in turn of the same category and of any."""
    rng, found = np.random.default_rng(1), []
    for place, one in enumerate(films):
        others = [other for other in films if other.sku != one.sku]
        alike = [other for other in others if category[other.sku] == category[one.sku]]
        among = alike if alike and place % 2 else others
        if not among:
            continue
        before = among[rng.integers(len(among))]
        both = Film(
            one.sku,
            np.concatenate([before.embeddings[-FRAMES_BEFORE:], one.embeddings]),
            np.concatenate([before.sharpness[-FRAMES_BEFORE:], one.sharpness]),
        )
        found.append(Joined(both, among is alike))
    return found


def figures(gallery: Gallery, films: Sequence[Film], joins: Sequence[Joined], rules: PoolRules) -> dict[str, Any]:
    """What one set of rules gives."""
    found = lane_figures([one.sku for one in films], [gallery.answers(pooled(one, rules)) for one in films])
    waits: dict[bool, list[int | None]] = {False: [], True: []}
    for join in joins:
        card = on_card(gallery.answers(pooled(join.film, rules)), steady=True)[FRAMES_BEFORE:]
        waits[join.same_category].append(card.index(join.film.sku) + 1 if join.film.sku in card else None)
    return {
        "rules": asdict(rules),
        **found,
        "any_product": waits_of(waits[False]),
        "same_category": waits_of(waits[True]),
    }


def grid(quick: bool) -> list[PoolRules]:
    """The rules in use, and others that differ from them in one thing."""
    used = PoolRules()
    lives, limits, powers, frames = (0.25, 0.5, 2.0, 4.0), (0.5, 0.6, 0.7, 0.8, 0.85, 0.9), (0.0, 0.5), (1, 3)
    others = [replace(used, half_life_s=life) for life in lives]
    others += [replace(used, same_scene_cosine=limit) for limit in limits]
    others += [replace(used, sharpness_power=power) for power in powers]
    others += [replace(used, scene_frames=count) for count in frames]
    return [used, *(others[::4] if quick else others)]


def cosines(films: Sequence[Film], category: dict[str, str]) -> dict[str, float]:
    """Of a frame to the pool before it: the least of a hundred within a clip, median and greatest of another's frame.

    The others are products of the same category; no frame counts as another scene for this.
    """
    rules = replace(PoolRules(), same_scene_cosine=1e-6)
    pools = [pooled(one, rules) for one in films]
    within = np.concatenate([(one.embeddings[1:] * pool[:-1]).sum(1) for one, pool in zip(films, pools, strict=True)])
    between = [
        other.embeddings[:3] @ pool[-1]
        for one, pool in zip(films, pools, strict=True)
        for other in films
        if other.sku != one.sku and category[other.sku] == category[one.sku]
    ]
    alike = np.concatenate(between) if between else np.zeros(1, np.float32)
    return {
        "within_a_clip_p1": float(np.percentile(within, 1)),
        "same_category_median": float(np.median(alike)),
        "same_category_p99": float(np.percentile(alike, 99)),
    }


def measure(grocery: Path, work: Path, quick: bool, encoder_folder: Path | None = None) -> dict[str, Any]:
    """Film the clips, and compare the rules; the application's encoder by default."""
    with Encoder.load(encoder_folder, provider="cpu") as encoder:
        folder = work / f"catalog-natural-{encoder.info.id[:8]}"
        build_catalog(write_source(grocery, work / "source-natural", "natural"), folder, encoder, name="natural")
        held = held_back(train_photos(grocery))
        clips = [
            (path, sku)
            for sku, paths in held.items()
            for path in sorted({paths[0], paths[-1]} if len(paths) > 1 else paths)[:CLIPS_A_PRODUCT]
        ]
        clips = clips[:: 6 if quick else 1]
        films = [film(encoder, sku, filmed(path, seed, FRAMES)) for seed, (path, sku) in enumerate(clips)]
    with Generation.open_current(folder, [encoder.folder]) as generation:
        gallery = Gallery(generation, {path.name for paths in held.values() for path in paths})
        category = {sku: generation.catalog.product(sku).category for sku in held}
    joins = joined(films, category)
    alone = lane_figures([one.sku for one in films], [gallery.answers(one.embeddings) for one in films])
    rows = [figures(gallery, films, joins, rules) for rules in grid(quick)]
    return {"encoder": encoder.info.name, "cosines": cosines(films, category), "alone": alone, "pooled": rows}


def text(found: dict[str, Any]) -> str:
    """A line a set of rules; the rules in use come first. Frames until a new product: median / 90th percentile."""
    lines = [f"{found['encoder']}; cosines " + ", ".join(f"{name} {one:.2f}" for name, one in found["cosines"].items())]
    lines.append("half life  power  limit  frames   top-1  flips a minute, card  card right  frames until new, alike")
    lines.append(f"{'each frame alone':>32}{_shares_of(found['alone'])}")
    for row in found["pooled"]:
        rules, waits = row["rules"], (row["any_product"], row["same_category"])
        lines.append(
            f"{rules['half_life_s']:9.2f}  {rules['sharpness_power']:5.1f}  {rules['same_scene_cosine']:5.2f}"
            f"  {rules['scene_frames']:6d}{_shares_of(row)}"
            + "".join(f"  {wait['median']:5.0f} / {wait['p90']:.0f}" for wait in waits)
        )
    return "\n".join(lines)


def _shares_of(lane: dict[str, Any]) -> str:
    return (
        f"  {lane['top1_all_frames']:6.1%}  {lane['flips_per_minute_each_answer_shown']:14.2f}"
        f"  {lane['flips_per_minute_on_the_card']:4.2f}  {lane['card_right_from_1_s_on']:10.1%}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--grocery", type=Path, required=True, help="folder of the Grocery Store Dataset")
    parser.add_argument("--encoder", type=Path, metavar="FOLDER", help="another than the application's")
    parser.add_argument("--quick", action="store_true", help="every sixth clip, four other rules")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(asked.grocery, asked.work or Path(scratch), asked.quick, asked.encoder)
    print(json.dumps(found, indent=1) if asked.json else text(found))


if __name__ == "__main__":
    main()
