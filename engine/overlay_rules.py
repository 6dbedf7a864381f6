"""What follows from what people said: which confirmations count, which are held back, which refusals hold. Pure.

A person's word is good evidence, but a wrong key is pressed now and then, and one stored mistake would be repeated for
every customer. So a confirmation counts in full only if something speaks for it besides: it looks like a photo of the
product (or like a confirmation that does), or several confirmations of the product resemble each other. Until then it
is quarantined: it brings the product among the candidates, never to MATCH, and nothing is trained on it.

Nothing of this is stored. It is decided anew for each generation and encoder, so that better catalog photos release
what was held back, and a rollback brings the old decisions again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from engine.overlay_file import Feedback, Kind
from engine.records import Labels, Vectors, Verdict
from engine.verdict import Calibration, leading

#: A confirmation is plausible if the lookup itself would give its likeness to the product this chance of being a known
#: item. docs/overlay.md says what that lets through on real photos.
PLAUSIBLE_AT = 0.5
#: Cosine of two views of one item that are nearly identical. Shifted by 6 %, turned by 8 degrees and enlarged by 10 %,
#: 37 real photos had 0.92 to 0.98 with themselves; no photo of another product had more than 0.89.
SAME_VIEW = 0.9
#: Up to this cosine a confirmation shares its say with the photos of its product; at SAME_VIEW it has all of it.
SHARED_UP_TO = 0.8
#: So many different views that resemble each other bear each other out, though none looks like the catalog's photos.
CORROBORATION = 3
#: Only the newest confirmations and refusals of a product are searched, so that years of them do not slow a lookup.
NEWEST = 20


class Status(StrEnum):
    """What becomes of one confirmation or refusal."""

    ACTIVE = "active"
    QUARANTINED = "quarantined"
    PARKED = "parked"
    UNDONE = "undone"


class Reason(StrEnum):
    """Why one is not active."""

    NONE = ""
    FAR = "unlike the photos of the product"
    NO_PRODUCT = "the product is not in this catalog"
    WAITS = "it is encoded when the catalog is opened next"
    NO_CROP = "this encoder has not seen it, and its picture is gone"
    NO_PICTURE = "its picture cannot be read"
    OVERRULED = "somebody said otherwise later"
    OLDER = "newer ones of this product took its place"


@dataclass(frozen=True, slots=True)
class Standing:
    """One confirmation or refusal, and what becomes of it with the generation and encoder at hand."""

    feedback: Feedback
    status: Status
    reason: Reason = Reason.NONE


def waits_for_encoder(feedback: Feedback) -> bool:
    """Whether its crop has to be encoded before it can be used."""
    return feedback.undone_at is None and feedback.vector is None and feedback.has_crop


def expiry(now: datetime, days: int) -> datetime | None:
    """Crops from before this time are erased; None where they are kept for ever (0 days)."""
    return now - timedelta(days=days) if days > 0 else None


def likeness(
    cosines: NDArray[np.floating], closeness: NDArray[np.floating], calibration: Calibration
) -> NDArray[np.float64]:
    """The chance (0..1) that items this near to a product are known to the catalog, amid a common crowd.

    `closeness` are the cosines of the leading numbers (engine.verdict).
    """
    contrast = np.maximum(0.0, cosines - calibration.crowd)
    scores = calibration.bias + calibration.similarity_slope * closeness + calibration.contrast_slope * contrast
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(scores, -80.0, 80.0))))


def plausible(one: Vectors, other: Vectors, calibration: Calibration) -> NDArray[np.bool_]:
    """Whether pictures (N, D) and (M, D) may show one product, bool (N, M)."""
    closeness = leading(one, calibration) @ leading(other, calibration).T
    return likeness(one @ other.T, closeness, calibration) >= PLAUSIBLE_AT


def standings(
    said: Sequence[Feedback],
    skus: Collection[str],
    references: Mapping[str, Vectors],
    calibration: Calibration,
    unreadable: Collection[int] = (),
) -> list[Standing]:
    """Decide about all that was said, in its order.

    Args:
        said: oldest first, with the vectors of the encoder in use.
        skus: those of `said` that the generation holds.
        references: the stored vectors (n, D) of each of these products; none for a product without photos.
        calibration: of the generation.
        unreadable: numbers whose crop could not be decoded.
    """
    decided: dict[int, Standing] = {}
    usable: dict[str, list[Feedback]] = {}
    for one in said:
        if one.undone_at is not None:
            decided[one.id] = Standing(one, Status.UNDONE)
        elif one.sku not in skus:
            decided[one.id] = Standing(one, Status.PARKED, Reason.NO_PRODUCT)
        elif one.vector is None:
            decided[one.id] = Standing(one, Status.PARKED, _without_vector(one, unreadable))
        else:
            usable.setdefault(one.sku, []).append(one)
    for sku, of_product in usable.items():
        for standing in _of_product(of_product, references.get(sku), calibration):
            decided[standing.feedback.id] = standing
    return [decided[one.id] for one in said]


def _without_vector(one: Feedback, unreadable: Collection[int]) -> Reason:
    if not one.has_crop:
        return Reason.NO_CROP
    return Reason.NO_PICTURE if one.id in unreadable else Reason.WAITS


def _of_product(said: Sequence[Feedback], references: Vectors | None, calibration: Calibration) -> list[Standing]:
    """Decide about what was said of one product, oldest first, each with a vector."""
    vectors = np.stack([one.vector for one in said if one.vector is not None])
    alike = vectors @ vectors.T
    refused = np.array([one.kind is Kind.REFUSED for one in said])
    later = np.arange(len(said))
    overruled = ((alike >= SAME_VIEW) & (refused[:, None] != refused) & (later[:, None] < later)).any(axis=1)
    counts = ~overruled
    for kind in (refused, ~refused):
        places = np.flatnonzero(counts & kind)
        counts[places[:-NEWEST]] = False
    confirmed = np.flatnonzero(counts & ~refused)
    near = np.zeros(len(confirmed), dtype=bool)
    if references is not None and len(references):
        near |= plausible(vectors[confirmed], references, calibration).any(axis=1)
    same = alike[np.ix_(confirmed, confirmed)] >= SAME_VIEW
    neighbours = plausible(vectors[confirmed], vectors[confirmed], calibration)
    borne_out = set(confirmed[_borne_out(same, neighbours, near)].tolist())
    standings = []
    for place, one in enumerate(said):
        if overruled[place]:
            standings.append(Standing(one, Status.PARKED, Reason.OVERRULED))
        elif not counts[place]:
            standings.append(Standing(one, Status.PARKED, Reason.OLDER))
        elif refused[place] or place in borne_out:
            standings.append(Standing(one, Status.ACTIVE))
        else:
            standings.append(Standing(one, Status.QUARANTINED, Reason.FAR))
    return standings


def _borne_out(same: NDArray[np.bool_], neighbours: NDArray[np.bool_], near: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which confirmations (N,) count in full: groups of plausible neighbours that hold one which is near a photo of the
    product, or enough different views. Who shows the `same` view and who are `neighbours` is (N, N)."""
    groups = _groups(neighbours | same)
    views = _groups(same)
    found = np.zeros(len(near), dtype=bool)
    for group in set(groups.tolist()):
        members = groups == group
        if near[members].any() or len(set(views[members].tolist())) >= CORROBORATION:
            found |= members
    return found


def _groups(linked: NDArray[np.bool_]) -> Labels:
    """The connected component of each of N, int64 (N,), from a symmetric matrix of links."""
    component = np.arange(len(linked))
    while True:
        lowest = np.where(linked, component, len(linked)).min(axis=1, initial=len(linked))
        joined = np.minimum(component, lowest)
        if np.array_equal(joined, component):
            return component
        component = joined


def shared(cosines: NDArray[np.float32], photos: NDArray[np.float32]) -> NDArray[np.float32]:
    """What confirmations are worth in the ranking, float32 (M,), from their cosines to the query (M,).

    Photos of two products that were taken in one shop resemble each other more than a studio picture resembles either,
    so the nearest confirmation alone is often that of a neighbour: on real photos (docs/overlay.md) its mean with the
    best photo of its product (`photos` (M,), nan where it has none) was right more often. A view that is nearly the
    confirmed one is that product, whatever its photos look like.
    """
    own = 0.5 + 0.5 * np.clip((cosines - SHARED_UP_TO) / (SAME_VIEW - SHARED_UP_TO), 0.0, 1.0)
    mixed = own * cosines + (1.0 - own) * photos
    return np.asarray(np.where(np.isnan(photos), cosines, mixed), dtype=np.float32)


def refused_products(
    refusals: Labels, alike: NDArray[np.float32], products: Labels, similarities: NDArray[np.float32]
) -> Labels:
    """The products that a person ruled out for a view nearly identical to this one, int64.

    A product stays if the view is nearer to one of its photos or confirmations than to the refused view: then it is a
    twin of what was refused that people hold up now.

    Args:
        refusals: the product of each refused view (R,).
        alike: cosine of the query to each refused view (R,).
        products, similarities: the ranking (P,), any order.
    """
    held = alike >= SAME_VIEW
    own = {int(product): float(value) for product, value in zip(products, similarities, strict=True)}
    ruled_out = {
        int(product)
        for product, cosine in zip(refusals[held], alike[held], strict=True)
        if cosine > own.get(int(product), -1.0)
    }
    return np.array(sorted(ruled_out), dtype=np.int64)


def hold_back(
    verdict: Verdict, probabilities: NDArray[np.float64], trusted: bool, calibration: Calibration
) -> tuple[Verdict, NDArray[np.float64]]:
    """A verdict as it may be said: what only a quarantined confirmation speaks for is no MATCH.

    `probabilities` (P,) are best first; `trusted` says whether the first product would be the MATCH without quarantined
    confirmations too. The first one's probability is then kept under what MATCH needs, and the others keep theirs.
    """
    if verdict is not Verdict.MATCH or trusted:
        return verdict, probabilities
    held = probabilities.copy()
    held[0] = max(min(held[0], np.nextafter(calibration.match_at, 0.0)), held[1] if len(held) > 1 else 0.0)
    return Verdict.AMBIGUOUS, held
