"""A first honest threshold, made at build time from the catalog itself.

Two kinds of simulated queries. Photos: a stored photo asks for its product while it is itself left out, where the
product has others. Camera: a stored photo as a bad camera would see it (`image.distort`), through the real encoder,
with both views; it asks while its own photo is left out where there are others. Each query also plays a stranger: its
whole product is left out, and whatever then comes first is wrong.

Simulated queries are easier than a hand-held item in a store. So a weak prior (the defaults of `Calibration`) is mixed
in, and MATCH is only allowed above the probability at which the simulation makes no more than a few mistakes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
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
CAMERA_QUERIES = 160
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
_MATCH_AT = np.linspace(0.7, 0.995, 60)
TEMPERATURE_FLOOR = 0.02
_TEMPERATURES = np.geomspace(0.01, 0.2, 40)
#: Cosine from which two products count as twins where none has a second photo to compare with.
TWIN_WITHOUT_PHOTOS = 0.95
_BATCH = 8
#: Share of what people hold up that is in the catalog. Simulated strangers are of the hardest kind, other products of
#: the same shop, so they get less weight than one half.
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
    trials: list[Trial] = []
    for reference in gallery.sample(PHOTO_QUERIES, rng, only_with_others=True):
        trials += gallery.trials(gallery.query(reference), reference)
    twin_at = _twin_similarity(trials)
    trials = [trial for trial in trials if trial.own >= 0 or trial.similarities[0] < twin_at]
    chosen = gallery.sample(CAMERA_QUERIES, rng)
    for start in range(0, len(chosen), _BATCH):
        progress(Progress("calibrate", start, len(chosen)))
        batch = chosen[start : start + _BATCH]
        pictures = [distort(decode_picture(catalog.thumbnail(one), f"photo {one}"), rng) for one in batch]
        for reference, seen in zip(batch, see(encoder, pictures, Cost()), strict=True):
            known, *stranger = gallery.trials(seen.embedding, reference)
            trials += [known, *([] if gallery.has_twin(reference, twin_at) else stranger)]
    progress(Progress("calibrate", len(chosen), len(chosen)))
    calibration = fit(trials)
    log.info("calibrated with %d trials: %s", len(trials), calibration)
    return calibration


class Gallery:
    """All stored vectors, by product, to ask what a query would find with a photo or a product left out."""

    def __init__(self, vectors: Vectors, products: Labels, references: Labels) -> None:
        order = np.lexsort((references, products))
        self._vectors, self._products, self._references = vectors[order], products[order], references[order]
        self._starts = np.flatnonzero(np.r_[True, np.diff(self._products) != 0]) if len(order) else np.zeros(0, int)
        self._ids = self._products[self._starts]

    @classmethod
    def of(cls, catalog: Catalog) -> Gallery:
        """Read an open catalog."""
        _, vectors = catalog.vectors()
        _, products, references = catalog.owners()
        return cls(vectors, products, references)

    def sample(self, count: int, rng: np.random.Generator, only_with_others: bool = False) -> list[int]:
        """Up to `count` reference ids, at random, every product once before any comes twice.

        With `only_with_others`, only of products that have several photos.
        """
        by_product: dict[int, list[int]] = {}
        for product in self._ids.tolist():
            own = np.unique(self._references[self._products == product])
            if len(own) > 1 or not only_with_others:
                by_product[product] = rng.permutation(own).tolist()
        chosen: list[int] = []
        while by_product and len(chosen) < count:
            for product in rng.permutation(list(by_product)).tolist():
                chosen.append(by_product[product].pop())
                if not by_product[product]:
                    del by_product[product]
        return chosen[:count]

    def query(self, reference: int) -> NDArray[np.float32]:
        """What a stored photo would ask: the blend (D,) of its views."""
        return blend(self._vectors[self._references == reference])

    def has_twin(self, reference: int, twin_at: float) -> bool:
        """Whether another product has a photo as similar to this one as `twin_at`."""
        own_product = self._products[self._references == reference][0]
        others = self._vectors[self._products != own_product]
        return bool(len(others)) and float((others @ self.query(reference)).max()) >= twin_at

    def trials(self, query: NDArray[np.float32], reference: int) -> Iterator[Trial]:
        """What a query (D,) that shows `reference` finds: as a known item, and as a stranger.

        Its own photo is left out where the product has others. A stranger needs another product to be taken for.
        """
        cosines = self._vectors @ query
        source = self._references == reference
        own_product = self._products[source][0]
        if np.any(~source & (self._products == own_product)):
            cosines = np.where(source, np.float32(-1.0), cosines)
        best = np.maximum.reduceat(cosines, self._starts)
        order = np.argsort(-best, kind="stable")
        place = int(np.flatnonzero(self._ids[order] == own_product)[0])
        ranked = best[order]
        yield Trial(ranked[: max(KEPT, place + 1)], place)
        if len(ranked) > 1:
            yield Trial(np.delete(ranked, place)[:KEPT], -1)


def _twin_similarity(photo_trials: list[Trial]) -> float:
    """From this cosine on, photos of two products are as alike as two photos of one.

    A near-twin of a product in the catalog is no example of a stranger: no picture tells that it is one, and it would
    make every known item look doubtful. It stays an example of how hard twins are to tell apart.
    """
    own = [float(trial.similarities[trial.own]) for trial in photo_trials if trial.own >= 0]
    return float(np.median(own)) if len(own) >= FEWEST else TWIN_WITHOUT_PHOTOS


def fit(trials: list[Trial]) -> Calibration:
    """Fit bias, slopes, temperature and thresholds to simulated queries. Pure and deterministic."""
    known = [trial for trial in trials if trial.own >= 0]
    strangers = [trial for trial in trials if trial.own < 0]
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
        temperature=_temperature(known),
    )
    return replace(
        calibration, match_at=_match_at(trials, calibration), known_at=_known_at(known, strangers, calibration)
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
    """The softmax temperature under which the true products are most likely, never sharper than the default.

    Queries with one photo of their product are almost copies of it and would make the softmax certain of everything.
    """
    losses = []
    for temperature in _TEMPERATURES:
        loss = 0.0
        for trial in known:
            scores = trial.similarities.astype(np.float64) / temperature
            loss += float(np.logaddexp.reduce(scores) - scores[trial.own])
        losses.append(loss)
    return max(TEMPERATURE_FLOOR, float(_TEMPERATURES[int(np.argmin(losses))]))


def _known_at(known: list[Trial], strangers: list[Trial], calibration: Calibration) -> float:
    """The least `known` for anything but UNKNOWN: above one half, nine strangers of ten are turned away, as far as nine
    known items of ten still come in."""
    turned_away = np.quantile([known_probability(trial.similarities, calibration) for trial in strangers], 0.9)
    let_in = np.quantile([known_probability(trial.similarities, calibration) for trial in known], 0.1)
    return float(np.clip(min(turned_away, let_in), 0.5, _MATCH_AT[0]))


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
