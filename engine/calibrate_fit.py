"""Fit a calibration to simulated queries. Pure and deterministic.

A weak prior is mixed in, and MATCH is only allowed above the probability at which the simulation makes no more than a
few mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.calibrate_trials import Trial, Trials, in_stores
from engine.verdict import CROWD_RANKS, UNFITTED, Calibration, crowd_similarity, judge, known_probability

#: Fewer simulated queries than this teach nothing; the defaults are used.
FEWEST = 8
#: Prior over bias and slopes of standardised features: a known item is closer and stands out more. Weak: it matters
#: where the simulation is so easy that any slope would do.
_PRIOR = np.array([0.0, 1.0, 1.0])
_PRIOR_SD = 1.0
#: What people hold up: mostly what is in the catalog, some strangers, a few missing variants of what is in it.
KNOWN_SHARE, VARIANT_SHARE = 0.8, 0.05
#: Share of wrong SKUs that the simulation may have among its MATCH verdicts, and the range in which that may be sought.
WRONG_MATCHES = 0.02
_MATCH_AT = np.linspace(0.9, 0.995, 20)
#: `known_at` is never above this.
_KNOWN_AT_MOST = 0.9
#: The fitted softmax is never sharper than this: with studio pictures alone, where simulated queries are hard enough to
#: tell, the fit gives 0.046; photos of one session, or such that the encoder was trained on, would promise too much.
TEMPERATURE_FLOOR = 0.045
_TEMPERATURES = np.geomspace(0.01, 0.2, 40)


def fit(trials: Trials, start: Calibration = UNFITTED) -> Calibration:
    """Fit bias, slopes, temperature and thresholds; what leads, and all where trials are few, is as in `start`.

    `trials.siblings` are known items that were chosen because their product comes first. They say how close known items
    are, and nothing about mistakes: temperature and MATCH are fitted without them.
    """
    camera, strangers = in_stores(trials.camera), trials.strangers
    known = [*camera, *in_stores(trials.siblings)]
    known_queries = len(trials.camera) + len(trials.siblings)
    if known_queries < FEWEST or len(trials.strangers) < FEWEST:
        return start
    calibration = replace(
        start, crowd=_crowd(strangers), known_queries=known_queries, stranger_queries=len(trials.strangers)
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
        match_at=_match_at(camera, strangers, in_stores(trials.variants), calibration),
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
    contrast = float(trial.similarities[0]) - crowd_similarity(trial.similarities, calibration)
    return float(trial.closeness[0]), contrast


def _known(trial: Trial, calibration: Calibration) -> float:
    return known_probability(trial.similarities, calibration, float(trial.closeness[0]))


def _temperature(known: list[Trial]) -> float:
    """The softmax temperature under which the true products are most likely."""
    losses = np.zeros(len(_TEMPERATURES))
    for trial in known:
        scores = trial.similarities.astype(np.float64) / _TEMPERATURES[:, None]
        losses += np.logaddexp.reduce(scores, axis=1) - scores[:, trial.own]
    return max(TEMPERATURE_FLOOR, float(_TEMPERATURES[int(np.argmin(losses))]))


def _known_at(known: list[Trial], strangers: list[Trial], calibration: Calibration) -> float:
    """The least `known` for anything but UNKNOWN: above one half, 49 strangers of 50 are turned away, as far as three
    known items of four still come in."""
    turned_away = np.quantile([_known(trial, calibration) for trial in strangers], 0.98)
    let_in = np.quantile([_known(trial, calibration) for trial in known], 0.25)
    return float(np.clip(min(turned_away, let_in), 0.5, _KNOWN_AT_MOST))


def _match_at(
    known: Sequence[Trial], strangers: Sequence[Trial], variants: Sequence[Trial], calibration: Calibration
) -> float:
    """The lowest probability of MATCH at which the simulation's matches are right but for WRONG_MATCHES of them.

    Known items, strangers and missing variants count by their shares of what people hold up.
    """
    kinds = (
        (known, KNOWN_SHARE),
        (strangers, 1.0 - KNOWN_SHARE - VARIANT_SHARE),
        (variants, VARIANT_SHARE),
    )
    judged = [
        (
            judge(trial.similarities, calibration, float(trial.closeness[0]))[2][0],
            trial.own == 0,
            share / len(trials),
        )
        for trials, share in kinds
        for trial in trials
    ]
    first, right, weight = (np.array(column) for column in zip(*judged, strict=True))
    for match_at in _MATCH_AT:
        accepted = first >= match_at
        if not accepted.any() or weight[accepted & (right == 0)].sum() <= WRONG_MATCHES * weight[accepted].sum():
            return float(match_at)
    return float(_MATCH_AT[-1])
