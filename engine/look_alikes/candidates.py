"""Two candidates of a lookup: which of their catalog photos show the same side, and where those differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.catalog import Catalog, Reference
from engine.errors import ImageError
from engine.image import decode_picture
from engine.look_alikes.overlaying import Overlaid, Seen, lay_over
from engine.look_alikes.region import Kind, Place, compare, see
from engine.records import Candidate

#: Photos of a product that are tried: the one that the lookup found, then the first of the others.
_PHOTOS: Final = 4
#: Photos that agree this well (-1..1) show the same side; no better one is looked for.
_SAME_SIDE: Final = 0.8


@dataclass(frozen=True, slots=True)
class Separation:
    """What separates two candidates, and the photos in which `places` are; NONE has no photos and no places."""

    kind: Kind
    first: Reference | None = None
    second: Reference | None = None
    places: tuple[Place, ...] = ()


def separate(catalog: Catalog, first: Candidate, second: Candidate) -> Separation:
    """Compare the photo that found `first` with the photo of `second` that shows the same side.

    Reads thumbnails and takes tens of milliseconds: for an answer that somebody looks at, not for every lookup. A photo
    that cannot be decoded is passed over. Raises CatalogDamaged if the catalog cannot be read.
    """
    ours, theirs = (_photos(catalog, candidate) for candidate in (first, second))
    # What the person holds shows the side of the photo that was found, so the first of either list is in each pair.
    pairs = [(one, other) for one in ours[:1] for other in theirs] + [(one, theirs[0]) for one in ours[1:] if theirs]
    seen: dict[int, Seen | None] = {}
    best: tuple[Overlaid, Reference, Reference] | None = None
    for one, other in pairs:
        pictures = [_seen(catalog, reference, seen) for reference in (one, other)]
        if pictures[0] is None or pictures[1] is None:
            continue
        over = lay_over(pictures[0], pictures[1])
        if over is not None and (best is None or over.fit > best[0].fit):
            best = (over, one, other)
        if best is not None and best[0].fit >= _SAME_SIDE:
            break
    if best is None:
        return Separation(Kind.NONE)
    over, one, other = best
    left, right = seen[one.id], seen[other.id]
    assert left is not None and right is not None
    found = compare(left, right, over)
    return Separation(found.kind, one, other, found.places) if found.places else Separation(Kind.NONE)


def _photos(catalog: Catalog, candidate: Candidate) -> Sequence[Reference]:
    photos = catalog.references(candidate.product.sku)
    return sorted(photos, key=lambda photo: photo.id != candidate.reference_id)[:_PHOTOS]


def _seen(catalog: Catalog, reference: Reference, kept: dict[int, Seen | None]) -> Seen | None:
    if reference.id not in kept:
        try:
            kept[reference.id] = see(decode_picture(catalog.thumbnail(reference.id), reference.path))
        except ImageError:
            kept[reference.id] = None
    return kept[reference.id]
