"""Which products will be confused, and which need other photos, from the stored vectors alone.

Each photo is left out in turn and asks for its product, as a lookup would (the blend of its views against all others).
What comes nearest then is what the counter would hear if an item looked like that photo and the photo were missing. How
near is too near is not a constant: the catalog's own calibration says how far two products must lie apart for a MATCH.
docs/measuring.md says how to read it. Pure but for `check_catalog`, which reads the catalog.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog, Reference
from engine.catalog_advice import Finding, confused, far_apart, no_photo, one_photo, same_photo, twin
from engine.records import Labels, Product, Progress, ProgressCallback, Vectors, no_progress
from engine.verdict import CROWD_RANKS, Calibration, sigmoid
from engine.views import blend

#: Cosines that are held at once: 64 MB.
_BLOCK = 16_000_000
_PAGE = 500


class Kind(StrEnum):
    """What can be wrong with a product's photos, in the order in which a product's findings are told."""

    NO_PHOTO = "no_photo"
    SAME_PHOTO = "same_photo"
    TWIN = "twin"
    CONFUSED = "confused"
    ONE_PHOTO = "one_photo"
    FAR_APART = "far_apart"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What each photo finds while it is left out itself; arrays (R,), by product and then photo.

    `own` is the best cosine of the product's other photos, -inf where there is none. `rivals` are the ids of the
    nearest other products and `similarities` their cosines, 0 and -inf where there is no other. `crowds` are the mean
    cosines of the other products at CROWD_RANKS, nan where they are too few.
    """

    references: Labels
    products: Labels
    own: NDArray[np.float32]
    rivals: Labels
    similarities: NDArray[np.float32]
    crowds: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ProductCheck:
    """A product with findings. `risk` (0..1) is the share of an answer's probability that goes to its nearest rival,
    the mean over its photos left out; 1 without any photo."""

    product: Product
    photos: int
    risk: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CatalogCheck:
    """The products with findings, worst first. From a cosine of `twin_at` on, not even a catalog photo is a MATCH."""

    products: int
    photos: int
    twin_at: float
    troubled: tuple[ProductCheck, ...]

    def counts(self) -> dict[str, int]:
        """How many products have each kind of finding."""
        found = Counter(finding.kind for one in self.troubled for finding in one.findings)
        return {kind.value: found[kind.value] for kind in Kind}


def check_catalog(catalog: Catalog, calibration: Calibration, progress: ProgressCallback = no_progress) -> CatalogCheck:
    """Check an open catalog; no picture is encoded. It takes time with the square of the number of photos.

    Raises CatalogDamaged, and whatever `progress` raises to stop.
    """
    _, vectors = catalog.vectors()
    _, products, references = catalog.owners()
    found = leave_one_out(vectors, products, references, progress)
    ids = list(dict.fromkeys(found.products.tolist()))
    by_id = dict(zip(ids, catalog.products_by_id(ids), strict=True))
    photos = {number: catalog.references(product.sku) for number, product in by_id.items()}
    with_photo = {product.sku for product in by_id.values()}
    bare = [product for product in _all_products(catalog) if product.sku not in with_photo]
    return CatalogCheck(
        products=catalog.product_count,
        photos=catalog.reference_count,
        twin_at=twin_threshold(calibration),
        troubled=troubled(found, by_id, photos, bare, calibration),
    )


def leave_one_out(
    vectors: Vectors, products: Labels, references: Labels, progress: ProgressCallback = no_progress
) -> LeftOut:
    """Ask with every photo for its product while it is left out.

    `vectors` (M, D) are unit rows; `products` and `references` (M,) say whose each one is.
    """
    order = np.lexsort((references, products))
    vectors, products, references = vectors[order], products[order], references[order]
    product_starts, photo_starts = _starts(products), _starts(references)
    ids = products[product_starts]
    photo_ends = np.r_[photo_starts[1:], len(references)][: len(photo_starts)]
    own_column = np.searchsorted(ids, products[photo_starts])
    queries = np.array([blend(vectors[start:end]) for start, end in zip(photo_starts, photo_ends, strict=True)])
    count = len(photo_starts)
    own, nearest, crowds = (np.full(count, fill, np.float32) for fill in (-np.inf, -np.inf, np.nan))
    rivals = np.zeros(count, np.int64)
    rows = max(1, _BLOCK // max(1, len(vectors)))
    for first in range(0, count, rows):
        progress(Progress("check", first, count))
        block = np.arange(first, min(first + rows, count))
        cosines = queries[block] @ vectors.T
        for row, photo in enumerate(block):
            cosines[row, photo_starts[photo] : photo_ends[photo]] = -np.inf
        best = np.maximum.reduceat(cosines, product_starts, axis=1)
        places = np.arange(len(block))
        own[block] = best[places, own_column[block]]
        best[places, own_column[block]] = -np.inf
        if len(ids) > 1:
            column = best.argmax(axis=1)
            rivals[block], nearest[block] = ids[column], best[places, column]
        if len(ids) - 1 > CROWD_RANKS.start:
            among = min(CROWD_RANKS.stop, len(ids) - 1)
            ranked = -np.sort(np.partition(-best, among - 1, axis=1)[:, :among], axis=1)
            crowds[block] = ranked[:, CROWD_RANKS].mean(axis=1)
    progress(Progress("check", count, count))
    return LeftOut(references[photo_starts], products[photo_starts], own, rivals, nearest, crowds)


def twin_threshold(calibration: Calibration) -> float:
    """The cosine from which two products are twins.

    A picture that equals a photo has a cosine of 1 to it. A rival closer than this takes so much of the softmax that
    the right product stays under `match_at` (engine.verdict), even if all other products are far.
    """
    match_at = min(calibration.match_at, 1.0 - 1e-6)
    return 1.0 - calibration.temperature * math.log(match_at / (1.0 - match_at))


def troubled(
    found: LeftOut,
    by_id: Mapping[int, Product],
    photos: Mapping[int, Sequence[Reference]],
    bare: Sequence[Product],
    calibration: Calibration,
) -> tuple[ProductCheck, ...]:
    """The products with findings, worst first. `photos` are those of each product id, `bare` products without any."""
    checks = [ProductCheck(product, 0, 1.0, (no_photo(),)) for product in bare]
    paths = {photo.id: photo.path for own in photos.values() for photo in own}
    shared = _shared(by_id, photos)
    lost = _lost(found, calibration.temperature)
    starts = _starts(found.products)
    groups = dict(zip(found.products[starts].tolist(), np.split(np.arange(len(lost)), starts[1:]), strict=False))
    closest = {number: int(rows[found.similarities[rows].argmax()]) for number, rows in groups.items()}
    twin_at = twin_threshold(calibration)
    for number, rows in groups.items():
        product, top = by_id[number], closest[number]
        findings = list(shared.get(number, ()))
        rival = int(found.rivals[top])
        mutual = rival in closest and int(found.rivals[closest[rival]]) == number
        nearness = max(float(found.similarities[top]), float(found.similarities[closest.get(rival, top)]))
        is_twin = mutual and nearness >= twin_at
        if is_twin:
            findings.append(twin(product, by_id[rival], nearness))
        worst = int(rows[lost[rows].argmax()])
        beaten = [row for row in rows if np.isfinite(found.own[row]) and found.similarities[row] > found.own[row]]
        taken_for = int(found.rivals[worst])
        if beaten and not (is_twin and taken_for == rival):
            photo = paths[int(found.references[worst])]
            similarity = float(found.similarities[worst])
            findings.append(confused(by_id[taken_for], similarity, photo, len(beaten), len(rows)))
        if len(rows) == 1:
            findings.append(one_photo())
        for row in rows:
            if np.isfinite(found.own[row]) and found.own[row] < found.crowds[row]:
                findings.append(far_apart(paths[int(found.references[row])], float(found.own[row])))
        if findings:
            checks.append(ProductCheck(product, len(rows), float(lost[rows].mean()), tuple(findings)))
    return tuple(sorted(checks, key=lambda one: (-one.risk, -len(one.findings), one.product.sku)))


def _lost(found: LeftOut, temperature: float) -> NDArray[np.float64]:
    """The share of the softmax that goes to the rival of each photo (R,).

    A product's only photo has no other to compare with: it is taken to be as near to a new one as photos of one product
    in this catalog typically are to each other, or the same where no product has two.
    """
    known = found.own[np.isfinite(found.own)]
    typical = float(np.median(known)) if len(known) else 1.0
    own = np.where(np.isfinite(found.own), found.own, typical).astype(np.float64)
    gaps = (found.similarities.astype(np.float64) - own) / temperature
    return np.array([sigmoid(gap) for gap in gaps.tolist()])


def _shared(by_id: Mapping[int, Product], photos: Mapping[int, Sequence[Reference]]) -> dict[int, list[Finding]]:
    """Photos whose very bytes stand under another product too."""
    owners: dict[str, list[int]] = defaultdict(list)
    for number, own in photos.items():
        for photo in own:
            owners[photo.sha256].append(number)
    found: dict[int, list[Finding]] = defaultdict(list)
    for number, own in photos.items():
        for photo in own:
            others = [other for other in owners[photo.sha256] if other != number]
            if others:
                found[number].append(same_photo(by_id[others[0]], photo.path))
    return found


def _starts(sorted_ids: Labels) -> NDArray[np.int64]:
    """Where each new id begins."""
    return np.flatnonzero(np.r_[True, np.diff(sorted_ids) != 0]) if len(sorted_ids) else np.zeros(0, np.int64)


def _all_products(catalog: Catalog) -> Iterator[Product]:
    for offset in range(0, catalog.product_count, _PAGE):
        yield from catalog.products(offset, _PAGE)
