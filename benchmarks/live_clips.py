"""How steady the live view is: top-1 and flips on clips that a moving virtual camera takes of real photos.

    python -m benchmarks.live_clips --grocery DIR [--quick] [--work DIR] [--json]

The catalog holds the train photos of the Grocery Store Dataset (`natural`), the clips show its validation photos, ten
lookups a second for three seconds. Each frame is looked up by the real lookup, alone and with the stream's pool; what
the card would show is decided by the window's own rules. Two clips in a row, of two products, tell how long a new
product takes. The pool's rules were chosen on clips of train photos: `python -m benchmarks.live_choice`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.grocery_source import validation_queries, write_source
from benchmarks.virtual_camera import VirtualCamera
from desktop.steadiness import Change, Steadiness
from engine.config import Settings
from engine.encoder import Encoder, Encoding
from engine.generation import Generation
from engine.image import read_picture
from engine.ingest.build import build_catalog
from engine.lookup import Lookup
from engine.metrics import bootstrap_interval
from engine.pooling import FramePool
from engine.records import LookupResult, Picture, Tensor, Verdict

EVERY_S = 0.1
FRAMES = 30
#: The frame of the clip that is one second old.
AFTER_1_S = 10
#: So much of another product is seen before a clip, where two are joined.
FRAMES_BEFORE = 15
#: Clips, and joins of two kinds, of a quick and of a full run; None is all.
QUICK, FULL = (40, 10), (None, 60)


@dataclass(frozen=True)
class Watched:
    """A clip's answers, frame by frame: each frame alone, and with the pool."""

    sku: str
    alone: list[LookupResult]
    pooled: list[LookupResult]


class _TwoLanes(Encoder):
    """Runs a batch once that is asked for twice in a row: both lanes see the same frame, which halves the time."""

    def __init__(self, encoder: Encoder) -> None:
        assert encoder._session is not None
        super().__init__(encoder.folder, encoder.info, encoder.choice, encoder._session)
        self._last: tuple[Tensor, Encoding] | None = None

    def encode(self, batch: Tensor) -> Encoding:
        if self._last is None or not np.array_equal(self._last[0], batch):
            self._last = (batch, super().encode(batch))
        return self._last[1]


def measure(grocery: Path, work: Path, clips: int | None = None, joins: int = 60) -> dict[str, Any]:
    """Build the catalog under `work` (once), watch all clips, and sum up."""
    folder = work / "catalog-natural"
    with Encoder.load(provider="cpu") as encoder:
        build_catalog(write_source(grocery, work / "source-natural", "natural"), folder, encoder, name="natural")
    photos = validation_queries(grocery)
    chosen = [photos[place] for place in np.linspace(0, len(photos) - 1, clips or len(photos)).astype(int)]
    with (
        Generation.open_current(folder) as generation,
        Encoder.load(generation.encoder_folder, "cpu") as encoder,
    ):
        lookup = Lookup(generation, _TwoLanes(encoder), Settings(provider="cpu"))
        watched = [watch(lookup, sku, filmed(path, seed)) for seed, (path, sku) in enumerate(chosen)]
        category = {sku: lookup.generation.catalog.product(sku).category for _, sku in photos}
        changes = {
            kind: _joined(lookup, photos, joins, category, alike=kind == "same category")
            for kind in ("any product", "same category")
        }
    skus = [one.sku for one in watched]
    gains = [_right_from_1_s_on(one.sku, one.pooled) - _right_from_1_s_on(one.sku, one.alone) for one in watched]
    return {
        "clips": len(chosen),
        "gain_from_1_s_on": float(np.mean(gains)),
        "gain_interval": bootstrap_interval(np.array(gains), np.random.default_rng(0)),
        "alone": lane_figures(skus, [one.alone for one in watched]),
        "pooled": lane_figures(skus, [one.pooled for one in watched]),
        "frames_until_a_new_product": changes,
    }


def filmed(path: Path, seed: int, frames: int = FRAMES) -> Iterator[Picture]:
    """The frames of a clip of one photo."""
    camera = VirtualCamera(read_picture(path), seed)
    return (camera.frame(number * EVERY_S) for number in range(frames))


def watch(lookup: Lookup, sku: str, frames: Iterator[Picture]) -> Watched:
    """Look the frames of a stream up as the window does, with and without a pool."""
    found, pool, region = Watched(sku, [], []), FramePool(), None
    for number, frame in enumerate(frames):
        found.alone.append(lookup.look_up_live(frame, region))
        found.pooled.append(lookup.look_up_live(frame, region, pool=pool, at_s=number * EVERY_S))
        region = found.alone[-1].region
    return found


def on_card(answers: Sequence[LookupResult], *, steady: bool) -> list[str | None]:
    """The product that comes first on the card after each answer, None for unknown.

    Steady: as the window decides; else each answer is shown.
    """
    steadiness, card, skus = Steadiness(), answers[0], []
    for number, answer in enumerate(answers):
        if not steady or steadiness.take(answer, number * EVERY_S) is Change.REPLACE:
            card = answer
        skus.append(None if card.verdict is Verdict.UNKNOWN else card.candidates[0].product.sku)
    return skus


def flips(skus: Sequence[str | None]) -> int:
    """How often the product on the card became another one; unknown in between is not counted."""
    named = [sku for sku in skus if sku is not None]
    return sum(one != other for one, other in pairwise(named))


def lane_figures(skus: Sequence[str], clips: Sequence[list[LookupResult]]) -> dict[str, Any]:
    """Shares 0..1 and flips a minute of clips of these products: each answer shown, and as the window shows them."""
    minutes = len(clips) * FRAMES * EVERY_S / 60
    right = np.array(
        [[row.candidates[0].product.sku == sku for row in rows] for sku, rows in zip(skus, clips, strict=True)], float
    )
    matched = np.array([[row.verdict is Verdict.MATCH for row in rows] for rows in clips])
    each, cards = ([on_card(rows, steady=steady) for rows in clips] for steady in (False, True))
    on_time = [[shown == sku for shown in card[AFTER_1_S:]] for sku, card in zip(skus, cards, strict=True)]
    return {
        "top1_all_frames": float(right.mean()),
        "top1_after_1_s": float(right[:, AFTER_1_S].mean()),
        "top1_from_1_s_on": float(right[:, AFTER_1_S:].mean()),
        "flips_per_minute_each_answer_shown": sum(map(flips, each)) / minutes,
        "flips_per_minute_on_the_card": sum(map(flips, cards)) / minutes,
        "card_right_from_1_s_on": float(np.mean(on_time)),
        "match_share": float(matched.mean()),
        "wrong_among_match": float(1 - right[matched].mean()) if matched.any() else 0.0,
    }


def _right_from_1_s_on(sku: str, answers: Sequence[LookupResult]) -> float:
    return float(np.mean([answer.candidates[0].product.sku == sku for answer in answers[AFTER_1_S:]]))


def _joined(
    lookup: Lookup, photos: list[tuple[Path, str]], count: int, category: dict[str, str], *, alike: bool
) -> dict[str, Any]:
    """Frames from the first of a new product until the card shows it, where one clip follows another."""
    rng = np.random.default_rng(1)
    found: dict[str, list[int | None]] = {"alone": [], "pooled": []}
    for seed, place in enumerate(rng.permutation(len(photos))):
        path, sku = photos[place]
        others = [photo for photo, other in photos if other != sku and (category[other] == category[sku] or not alike)]
        if not others or len(found["alone"]) == count:
            continue
        before = filmed(others[rng.integers(len(others))], 1000 + seed, FRAMES_BEFORE)
        watched = watch(lookup, sku, (frame for part in (before, filmed(path, 2000 + seed)) for frame in part))
        for name, waits in found.items():
            skus = on_card(getattr(watched, name), steady=True)[FRAMES_BEFORE:]
            waits.append(skus.index(sku) + 1 if sku in skus else None)
    return {name: waits_of(waits) for name, waits in found.items()}


def waits_of(waits: Sequence[int | None]) -> dict[str, float]:
    """Median and 90th percentile of frames until a product was shown, and the share of clips that never showed it."""
    shown = [wait for wait in waits if wait is not None]
    return {
        "joins": len(waits),
        "median": float(np.median(shown)) if shown else 0.0,
        "p90": float(np.percentile(shown, 90)) if shown else 0.0,
        "never": waits.count(None) / len(waits) if waits else 0.0,
    }


def text(found: dict[str, Any]) -> str:
    """The figures in columns."""
    lines = [f"{found['clips']} clips of {FRAMES} frames{'alone':>18}{'pooled':>10}"]
    for name, value in found["alone"].items():
        if isinstance(value, float):
            pair = (value, found["pooled"][name])
            shown = [f"{one:.2f}" if name.startswith("flips") else f"{one:.1%}" for one in pair]
            lines.append(f"{name.replace('_', ' '):40}{shown[0]:>8}{shown[1]:>10}")
    low, high = found["gain_interval"]
    gain = f"{100 * found['gain_from_1_s_on']:+.1f} points ({100 * low:+.1f} to {100 * high:+.1f})"
    lines.append(f"{'gain of the pool from 1 s on, 95 %':40}{gain:>18}")
    for kind, lanes in found["frames_until_a_new_product"].items():
        for part in ("median", "p90", "never"):
            shown = [f"{lanes[name][part]:.0%}" if part == "never" else f"{lanes[name][part]:.0f}" for name in lanes]
            lines.append(f"{f'frames until it is shown, {kind}, {part}':40}{shown[0]:>8}{shown[1]:>10}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--grocery", type=Path, required=True, help="folder of the Grocery Store Dataset")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK[0]} clips, {QUICK[1]} joins of each kind")
    parser.add_argument("--work", type=Path, help="keeps the catalog for the next run")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(asked.grocery, asked.work or Path(scratch), *(QUICK if asked.quick else FULL))
    print(json.dumps(found, indent=1) if asked.json else text(found))


if __name__ == "__main__":
    main()
