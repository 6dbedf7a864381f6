"""How often the mark for what separates two look-alikes lies on what really differs.

    python -m benchmarks.look_alikes [--photos N] [--seed N] [--grocery DIR]

What really differs is known because it is made: a photo of the demo gets another print in a rectangle, another hue, or
other proportions, or stays as it is, and becomes a second photo. "Studio" is taken by the same camera (JPEG again);
"camera" goes through `engine.image.distort`, whose first step moves the truth along. Two parts follow without an edit:
photos of the demo's own twins, and of products that are nothing alike. With --grocery real photos follow: two of one
product (every mark is wrong), of two products, and studio pictures of one kind of package (to be looked at).
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.grocery_source import studio_pictures, train_photos
from engine.config import demo_source
from engine.image import crop, decode_picture, read_picture, thumbnail
from engine.image_distort import distort, viewpoint
from engine.look_alikes.cutout import cut_out
from engine.look_alikes.region import Kind, where_they_differ
from engine.records import Picture, Region

_FAMILIES = Path(__file__).parent.parent / "catalogs" / "studio" / "products.toml"


@dataclass(frozen=True)
class Edited:
    """A second photo and the truth: what was done to it, and where it was done in both, as masks (H, W)."""

    picture: Picture
    kind: Kind
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


@dataclass
class Tally:
    """What was said about the photos of one kind."""

    photos: int = 0
    said: Counter[Kind] = field(default_factory=Counter)
    met: int = 0
    marked: int = 0

    def line(self, kind: Kind) -> str:
        """One row of the table."""
        right = 100 * self.said[kind] / max(1, self.photos)
        silent = 100 * self.said[Kind.NONE] / max(1, self.photos)
        met = (
            f"{100 * self.met / self.marked:5.1f} % of {self.marked}" if self.marked and kind is not Kind.NONE else "-"
        )
        said = f"kind right {right:5.1f} %, silent {silent:5.1f} %, mark meets it {met}"
        return f"{kind.value:7} {self.photos:4} photos: {said}"


def as_thumbnail(picture: Picture) -> Picture:
    """The picture as a catalog keeps it."""
    return decode_picture(thumbnail(picture), "thumbnail")


def edits(picture: Picture, other: Picture, rng: np.random.Generator) -> Iterator[Edited]:
    """One of each kind."""
    item = cut_out(picture)
    if item is None:
        return
    left, top, right, bottom = item.box
    whole = item.mask > 0
    yield Edited(picture, Kind.NONE, whole, whole)
    across, down = rng.uniform(0.2, 0.45) * (right - left), rng.uniform(0.1, 0.25) * (bottom - top)
    x = round(left + rng.uniform(0.25, 0.75) * (right - left) - across / 2)
    y = round(top + rng.uniform(0.3, 0.75) * (bottom - top) - down / 2)
    place = (slice(y, y + round(down)), slice(x, x + round(across)))
    printed = picture.copy()
    printed[place] = _label(other, round(across), round(down))
    where = np.zeros_like(whole)
    where[place] = True
    yield Edited(printed, Kind.PRINT, where, where)
    hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
    hsv[:, :, 0] = (hsv[:, :, 0].astype(int) + int(rng.integers(30, 150))) % 180
    dyed = np.where(whole[:, :, None], cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), picture).astype(np.uint8)
    coloured = whole & (np.linalg.norm(dyed.astype(float) - picture, axis=2) > 40)
    # A white or black pack has no hue to change.
    if coloured.sum() > 0.3 * whole.sum():
        yield Edited(dyed, Kind.COLOUR, coloured, coloured)
    height, width = picture.shape[:2]
    slim = cv2.resize(picture, (round(width * rng.uniform(0.6, 0.8)), height), interpolation=cv2.INTER_AREA)
    edge = width - slim.shape[1]
    slim = cv2.copyMakeBorder(slim, 0, 0, edge // 2, edge - edge // 2, cv2.BORDER_REPLICATE)
    moved = cut_out(np.asarray(slim, np.uint8))
    if moved is not None:
        yield Edited(np.asarray(slim, np.uint8), Kind.SIZE, whole, moved.mask > 0)


def _label(other: Picture, width: int, height: int) -> Picture:
    """The middle of another product's front, which has print on it."""
    return np.asarray(cv2.resize(crop(other, Region(0.4, 0.4, 0.2, 0.2)), (width, height)), np.uint8)


def meets(region: Region, truth: NDArray[np.bool_]) -> bool:
    """Whether the mark's middle half lies on the truth's surroundings and covers a third of it or lies in it."""
    height, width = truth.shape
    box = np.zeros_like(truth)
    box[
        round(region.y * height) : round((region.y + region.height) * height),
        round(region.x * width) : round((region.x + region.width) * width),
    ] = True
    both, marked, true = (int(np.count_nonzero(part)) for part in (box & truth, box, truth))
    return both >= 0.33 * true or both >= 0.67 * marked


def measure_edits(photos: list[Path], seed: int, camera: bool) -> dict[Kind, Tally]:
    """Every kind of edit on every photo."""
    tallies = {kind: Tally() for kind in (Kind.NONE, Kind.PRINT, Kind.COLOUR, Kind.SIZE)}
    for number, path in enumerate(photos):
        rng = np.random.default_rng([seed, number])
        first = as_thumbnail(read_picture(path))
        other = as_thumbnail(read_picture(photos[(number + len(photos) // 2) % len(photos)]))
        for edited in edits(first, other, rng):
            state = int(rng.integers(2**32))
            second, after = edited.picture, edited.after
            if camera:
                second = distort(second, np.random.default_rng(state))
                stacked = np.repeat(after[:, :, None].astype(np.uint8) * 255, 3, axis=2)
                after = viewpoint(stacked, np.random.default_rng(state))[:, :, 0] > 127
            found = where_they_differ(first, as_thumbnail(second))
            tally = tallies[edited.kind]
            tally.photos += 1
            tally.said[found.kind] += 1
            if found.places:
                tally.marked += 1
                best = found.places[0]
                tally.met += meets(best.first, edited.before) and meets(best.second, after)
    return tallies


def fronts_of_families(images: Path) -> list[list[Path]]:
    """The first photo of each product, family by family."""
    families = tomllib.loads(_FAMILIES.read_text(encoding="utf-8"))["family"]
    return [[images / product["sku"] / "1.jpg" for product in family["product"]] for family in families]


def measure_real(grocery: Path, seed: int) -> dict[str, Counter[Kind]]:
    """What is said about pairs of the Grocery Store Dataset; photos of its train part and studio pictures only."""
    rng = np.random.default_rng(seed)
    by_product: dict[str, list[Path]] = defaultdict(list)
    for path, sku in train_photos(grocery):
        by_product[sku].append(path)
    skus = sorted(sku for sku, photos in by_product.items() if len(photos) > 1)
    found: dict[str, Counter[Kind]] = defaultdict(Counter)

    def said(pair: str, one: Path, other: Path) -> None:
        pictures = [as_thumbnail(read_picture(path)) for path in (one, other)]
        found[pair][where_they_differ(*pictures).kind] += 1

    for number, sku in enumerate(skus):
        one, other = (by_product[sku][index] for index in rng.choice(len(by_product[sku]), 2, replace=False))
        said("one product", one, other)
        stranger = by_product[skus[(number + len(skus) // 2) % len(skus)]]
        said("two products", one, stranger[int(rng.integers(len(stranger)))])
    kinds: dict[str, list[Path]] = defaultdict(list)
    for picture in studio_pictures(grocery).values():
        if "Packages" in picture.parts:
            kinds[picture.parent.parent.name].append(picture)
    for pictures in kinds.values():
        for one, other in combinations(sorted(pictures), 2):
            said("studio, one kind of package", one, other)
    return found


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=0, help="only so many of the demo's photos (0: all fronts)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--grocery", type=Path, help="folder of the Grocery Store Dataset")
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    families = fronts_of_families(demo_source() / "images")
    photos = [front for family in families for front in family][: asked.photos or None]
    for camera in (False, True):
        print("camera" if camera else "studio")
        for kind, tally in measure_edits(photos, asked.seed, camera).items():
            print(" ", tally.line(kind))
    twins, strangers, spent = Counter[Kind](), Counter[Kind](), []
    seen = {front: as_thumbnail(read_picture(front)) for family in families for front in family}
    for family in families:
        for one, other in combinations(family, 2):
            began = time.process_time()
            twins[where_they_differ(seen[one], seen[other]).kind] += 1
            spent.append(1000 * (time.process_time() - began))
    for family, another in zip(families, families[1:] + families[:1], strict=True):
        for one, other in zip(family, another, strict=False):
            strangers[where_they_differ(seen[one], seen[other]).kind] += 1
    print("twins of the demo:", {kind.value: count for kind, count in twins.items()})
    print("nothing alike:", {kind.value: count for kind, count in strangers.items()})
    middle, most = np.median(spent), np.percentile(spent, 90)
    print(f"CPU time of one comparison, one thread: median {middle:.0f} ms, 90 % under {most:.0f} ms")
    if asked.grocery is not None:
        for pair, counts in measure_real(asked.grocery, asked.seed).items():
            print(f"{pair}:", {kind.value: count for kind, count in counts.items()})
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
