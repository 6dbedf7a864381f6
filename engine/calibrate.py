"""A first honest threshold, made at build time from the catalog itself.

Two kinds of simulated queries. Photos: a stored photo asks for its product while it is itself left out. Camera: a
stored photo as a bad camera would see it (`image.distort`), through the real encoder, with both views. Each query also
plays a stranger: its product is left out, with the products that resemble it most, and whatever then comes first is
wrong. (With only the product itself left out, a stranger would be a flavour that the shop lacks of a pack that it
has: no picture tells that it is one, and every known item would look doubtful.)

A photo can only be left out where the product has another one of the same side: the back of a pack says nothing about
its front. There is one if the product comes first without the photo. If not, the camera query asks with its own photo
in the catalog, and the photo query is no example of a known item.

Simulated queries are easier than a hand-held item in a store. So a weak prior (the defaults of `Calibration`) is mixed
in, and MATCH is only allowed above the probability at which the simulation makes no more than a few mistakes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog
from engine.encoder import Encoder
from engine.image import decode_picture, distort
from engine.records import Labels, Progress, ProgressCallback, Vectors, no_progress
from engine.verdict import CROWD_RANKS, Calibration, crowd_similarity, judge, known_probability
from engine.views import Cost, blend, see

log = logging.getLogger(__name__)

#: Photos that are distorted and encoded (two runs each), and photos that ask as they are: a few seconds together.
CAMERA_QUERIES = 120
PHOTO_QUERIES = 400
#: Similarities kept of each query: all that the crowd and the shares look at.
KEPT = 24
#: Fewer simulated queries than this teach nothing; the defaults are used.
FEWEST = 8
#: Prior over bias and slopes of standardised features: a known item is closer and stands out more. Weak: it matters
#: where the simulation is so easy that any slope would do.
_PRIOR = np.array([0.0, 1.0, 1.0])
_PRIOR_SD = 1.0
#: Share of wrong SKUs that the simulation may have among its MATCH verdicts, and the range in which that may be sought.
WRONG_MATCHES = 0.02
_MATCH_AT = np.linspace(0.9, 0.995, 20)
#: `known_at` is never above this.
_KNOWN_AT_MOST = 0.7
#: The fitted softmax is flattened by this factor, because photos of a catalog were often taken in one session and
#: resemble each other more than a store's camera does; and it is never sharper than the floor.
CAUTION = 2.0
TEMPERATURE_FLOOR = 0.025
_TEMPERATURES = np.geomspace(0.01, 0.2, 40)
#: A stranger's product is left out together with this many products that resemble it most.
RELATIVES = 3
#: Cosines that all queries of one kind may cost: some seconds.
COMPARISONS = 40_000_000
_BATCH = 8
#: Share of what people hold up that is in the catalog.
KNOWN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Trial:
    """One simulated query: similarities (P,), best first, and the place of its own product, -1 for a stranger."""

    similarities: NDArray[np.float32]
    own: int


def calibrate(
    catalog: Catalog, encoder: Encoder, seed: int = 0, progress: ProgressCallback = no_progress
) -> Calibration:
    """Fit a calibration to an open catalog with the encoder that made it; the same seed gives the same answer.

    Raises EncoderOutput, CatalogDamaged, and whatever `progress` raises to stop.
    """
    gallery = Gallery.of(catalog)
    rng = np.random.default_rng(seed)
    siblings: list[Trial] = []
    strangers: list[Trial] = []
    for reference in gallery.sample(gallery.affordable(PHOTO_QUERIES), rng):
        asked = gallery.ask(gallery.query(reference), reference, left_out=True)
        if asked.known.own == 0:
            siblings.append(asked.known)
            strangers += asked.stranger
    camera: list[Trial] = []
    chosen = gallery.sample(gallery.affordable(CAMERA_QUERIES), rng)
    for start in range(0, len(chosen), _BATCH):
        progress(Progress("calibrate", start, len(chosen)))
        batch = chosen[start : start + _BATCH]
        pictures = [distort(decode_picture(catalog.thumbnail(one), f"photo {one}"), rng) for one in batch]
        for reference, seen in zip(batch, see(encoder, pictures, Cost()), strict=True):
            has_sibling = gallery.ask(gallery.query(reference), reference, left_out=True).known.own == 0
            asked = gallery.ask(seen.embedding, reference, left_out=has_sibling)
            camera.append(asked.known)
            strangers += asked.stranger
    progress(Progress("calibrate", len(chosen), len(chosen)))
    calibration = fit(camera, strangers, siblings)
    log.info("calibrated: %s", calibration)
    return calibration


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as a known item and, where products are left to be taken for, as a stranger: one trial or none."""

    known: Trial
    stranger: tuple[Trial, ...]


class Gallery:
    """All stored vectors, by product, to ask what a query would find with a photo or a product left out."""

    def __init__(self, vectors: Vectors, products: Labels, references: Labels) -> None:
        order = np.lexsort((references, products))
        self.vectors, self._products, self._references = vectors[order], products[order], references[order]
        new = np.diff(self._products) != 0
        self._starts = np.flatnonzero(np.r_[True, new]) if len(order) else np.zeros(0, np.int64)
        self._ids = self._products[self._starts]
        by_reference = np.argsort(self._references, kind="stable")
        self._rows_of = dict(_groups(self._references[by_reference], by_reference))

    @classmethod
    def of(cls, catalog: Catalog) -> Gallery:
        """Read an open catalog."""
        _, vectors = catalog.vectors()
        _, products, references = catalog.owners()
        return cls(vectors, products, references)

    def affordable(self, queries: int) -> int:
        """That many queries, fewer in a very large catalog: each one is compared with every vector."""
        return min(queries, max(100, COMPARISONS // max(1, len(self.vectors))))

    def sample(self, count: int, rng: np.random.Generator) -> list[int]:
        """Up to `count` reference ids, at random, every product once before any comes twice."""
        photos = [
            rng.permutation(list(dict.fromkeys(own.tolist()))).tolist()
            for own in np.split(self._references, self._starts[1:])
            if len(own)
        ]
        chosen: list[int] = []
        while photos and len(chosen) < count:
            chosen += [photos[place].pop() for place in rng.permutation(len(photos)).tolist()]
            photos = [left for left in photos if left]
        return chosen[:count]

    def query(self, reference: int) -> NDArray[np.float32]:
        """What a stored photo would ask: the blend (D,) of its views."""
        return blend(self.vectors[self._rows_of[reference]])

    def rank(self, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], Labels]:
        """Best cosine of each product, best first, and the products' ids."""
        return self._ranked(self.vectors @ query)

    def ask(self, query: NDArray[np.float32], reference: int, left_out: bool) -> Asked:
        """What a query (D,) that shows a stored photo finds; with `left_out`, while this photo is not in the catalog.

        Where it is the only photo of its product, nothing is left of the product, and it comes last.
        """
        source = self._rows_of[reference]
        own_product = self._products[source[0]]
        cosines = self.vectors @ query
        if left_out:
            cosines[source] = -1.0
        similarities, ids = self._ranked(cosines)
        place = int(np.flatnonzero(ids == own_product)[0])
        others = similarities[~np.isin(ids, [own_product, *self.relatives(reference)])]
        stranger = (Trial(others[:KEPT], -1),) if len(others) else ()
        return Asked(Trial(similarities[: max(KEPT, place + 1)], place), stranger)

    def relatives(self, reference: int) -> list[int]:
        """The products that resemble a stored photo most, without its own; at most a third of all."""
        _, ids = self.rank(self.query(reference))
        own_product = self._products[self._rows_of[reference][0]]
        return [one for one in ids.tolist() if one != own_product][: min(RELATIVES, len(ids) // 3)]

    def _ranked(self, cosines: NDArray[np.float32]) -> tuple[NDArray[np.float32], Labels]:
        best = np.maximum.reduceat(cosines, self._starts)
        order = np.argsort(-best, kind="stable")
        return best[order], self._ids[order]


def _groups(keys: Labels, values: Labels) -> Iterator[tuple[int, Labels]]:
    """Values under each key; `keys` are sorted."""
    starts = np.flatnonzero(np.r_[True, np.diff(keys) != 0]) if len(keys) else np.zeros(0, np.int64)
    yield from zip(keys[starts].tolist(), np.split(values, starts[1:]), strict=False)


def fit(camera: list[Trial], strangers: list[Trial], siblings: Sequence[Trial] = ()) -> Calibration:
    """Fit bias, slopes, temperature and thresholds to simulated queries. Pure and deterministic.

    `siblings` are known items that were chosen because their product comes first. They say how close known items are,
    and nothing about mistakes: temperature and MATCH are fitted without them.
    """
    known = [*camera, *siblings]
    if len(known) < FEWEST or len(strangers) < FEWEST:
        return Calibration()
    calibration = replace(
        Calibration(crowd=_crowd(strangers)), known_queries=len(known), stranger_queries=len(strangers)
    )
    bias, similarity_slope, contrast_slope = _logistic(known, strangers, calibration)
    calibration = replace(
        calibration,
        bias=bias,
        similarity_slope=similarity_slope,
        contrast_slope=contrast_slope,
        temperature=_temperature(camera),
    )
    return replace(
        calibration,
        match_at=_match_at([*camera, *strangers], calibration),
        known_at=_known_at(known, strangers, calibration),
    )


def _crowd(strangers: list[Trial]) -> float:
    """The mean crowd, for queries that find too few products to have one of their own."""
    crowds = [
        trial.similarities[CROWD_RANKS].mean() for trial in strangers if len(trial.similarities) > CROWD_RANKS.start
    ]
    if not crowds:  # a handful of products: they are each other's crowd
        crowds = [trial.similarities.mean() for trial in strangers]
    return float(np.mean(crowds, dtype=np.float64))


def _logistic(known: list[Trial], strangers: list[Trial], calibration: Calibration) -> tuple[float, float, float]:
    """Bias and slopes, by Newton's method on a logistic regression with a Gaussian prior.

    The features are brought to mean 0 and deviation 1 first, so that the prior means the same for every encoder. A
    slope that would be negative is set to 0 and the others are fitted again.
    """
    features = np.array([_features(trial, calibration) for trial in [*known, *strangers]])
    mean, deviation = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-3)
    rows = np.c_[np.ones(len(features)), (features - mean) / deviation]
    answers = np.r_[np.ones(len(known)), np.zeros(len(strangers))]
    shares = np.r_[
        np.full(len(known), KNOWN_SHARE / len(known)), np.full(len(strangers), (1 - KNOWN_SHARE) / len(strangers))
    ]
    weights = shares * len(rows)
    free = np.array([True, True, True])
    while True:
        found = _newton(rows * free, answers, weights, _PRIOR * free)
        negative = free & (found < 0) & np.array([False, True, True])
        if not negative.any():
            break
        free &= ~negative
    slopes = found[1:] / deviation
    return float(found[0] - slopes @ mean), float(slopes[0]), float(slopes[1])


def _newton(
    rows: NDArray[np.float64], answers: NDArray[np.float64], weights: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The most likely coefficients (3,): the penalised likelihood has one maximum, and halved steps climb to it."""

    def cost(at: NDArray[np.float64]) -> float:
        scores = rows @ at
        fit = np.logaddexp(0.0, scores) - answers * scores
        return float(weights @ fit + 0.5 * np.sum((at - prior) ** 2) / _PRIOR_SD**2)

    found = prior.copy()
    for _ in range(50):
        chance = 1.0 / (1.0 + np.exp(-(rows @ found)))
        climb = rows.T @ (weights * (answers - chance)) - (found - prior) / _PRIOR_SD**2
        bend = (rows.T * (weights * chance * (1.0 - chance))) @ rows + np.eye(3) / _PRIOR_SD**2
        step = np.linalg.solve(bend, climb)
        while cost(found + step) > cost(found) and np.abs(step).max() > 1e-9:
            step /= 2.0
        if np.abs(step).max() < 1e-9:
            break
        found = found + step
    return found


def _features(trial: Trial, calibration: Calibration) -> tuple[float, float]:
    best = float(trial.similarities[0])
    return best, best - crowd_similarity(trial.similarities, calibration)


def _temperature(known: list[Trial]) -> float:
    """The softmax temperature under which the true products are most likely, with caution."""
    losses = []
    for temperature in _TEMPERATURES:
        loss = 0.0
        for trial in known:
            scores = trial.similarities.astype(np.float64) / temperature
            loss += float(np.logaddexp.reduce(scores) - scores[trial.own])
        losses.append(loss)
    return max(TEMPERATURE_FLOOR, CAUTION * float(_TEMPERATURES[int(np.argmin(losses))]))


def _known_at(known: list[Trial], strangers: list[Trial], calibration: Calibration) -> float:
    """The least `known` for anything but UNKNOWN: above one half, nine strangers of ten are turned away, as far as nine
    known items of ten still come in."""
    turned_away = np.quantile([known_probability(trial.similarities, calibration) for trial in strangers], 0.9)
    let_in = np.quantile([known_probability(trial.similarities, calibration) for trial in known], 0.1)
    return float(np.clip(min(turned_away, let_in), 0.5, _KNOWN_AT_MOST))


def _match_at(trials: list[Trial], calibration: Calibration) -> float:
    """The lowest probability of MATCH at which the simulation's matches are right but for WRONG_MATCHES of them."""
    judged = [(judge(trial.similarities, calibration)[2][0], trial.own == 0) for trial in trials]
    first = np.array([probability for probability, _ in judged])
    right = np.array([correct for _, correct in judged])
    for match_at in _MATCH_AT:
        accepted = first >= match_at
        if not accepted.any() or (accepted & ~right).sum() <= WRONG_MATCHES * accepted.sum():
            return float(match_at)
    return float(_MATCH_AT[-1])
