"""How good a list of answers is, in numbers: accuracy, ranking, intervals, selective risk, calibration, separation.

Pure and numpy only: arrays in, numbers out. Each function names where its definition comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
#: Places of the right product, from 0: int64 (N,).
Ranks = NDArray[np.int64]

#: Resamples of a bootstrap: enough for two digits of a 95 % interval (Efron and Tibshirani, 1993, section 14.2).
RESAMPLES = 2000
#: Equal widths, as in Naeini et al. (2015).
CALIBRATION_BINS = 10


def hits_at(ranks: Ranks, k: int) -> Numbers:
    """1.0 where the right product is among the first `k`, else 0.0; its mean is top-k accuracy (recall@k).

    `ranks` (N,) counts from 0; whatever is not ranked has a rank of `k` or more.
    """
    return np.asarray(ranks < k, dtype=np.float64)


def reciprocal_ranks(ranks: Ranks, k: int) -> Numbers:
    """1 / (rank + 1) of the right product where it is among the first `k`, else 0.0; `ranks` (N,) counts from 0.

    The mean is MRR@k (Voorhees, TREC-8, 1999). A query has one right product, so its average precision at k is this
    very number and the mean is also mAP@k (Manning, Raghavan and Schütze, 2008, section 8.4).
    """
    return np.where(ranks < k, 1.0 / (np.maximum(ranks, 0) + 1.0), 0.0)


def bootstrap_interval(values: Numbers, rng: np.random.Generator) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a mean (Efron and Tibshirani, 1993, chapter 13).

    `values` (N,), N at least 1. Values that are all equal have no spread to draw from: their interval has no width.
    """
    return bootstrap_interval_of(lambda drawn: float(drawn.mean()), [values], rng)


def bootstrap_interval_of(
    statistic: Callable[..., float], samples: Sequence[NDArray[np.generic]], rng: np.random.Generator
) -> tuple[float, float]:
    """The same for any statistic of one or more independent samples, each (N_i, ...) with N_i at least 1.

    Every sample is drawn from by itself (Efron and Tibshirani, 1993, section 8.3); `statistic` gets one drawn array
    each. Raises ValueError for an empty sample.
    """
    if any(not len(sample) for sample in samples):
        raise ValueError("an interval of nothing")
    found = [
        statistic(*(sample[rng.integers(len(sample), size=len(sample))] for sample in samples))
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def share_interval(values: Numbers, rng: np.random.Generator) -> tuple[float, float]:
    """A 95 % interval of the mean of values in 0..1, also where all of them are 0 or all are 1.

    A bootstrap has nothing to draw from there and would call four right of four certain. Then it is the exact binomial
    interval (Clopper and Pearson, Biometrika 1934); otherwise it is `bootstrap_interval`. `values` (N,), N at least 1.
    """
    unseen = 1.0 - 0.025 ** (1.0 / len(values)) if len(values) else 0.0
    if len(values) and not values.any():
        return 0.0, unseen
    if len(values) and np.all(values == 1.0):
        return 1.0 - unseen, 1.0
    return bootstrap_interval(values, rng)


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """What answering only the surest queries costs; all arrays (K,), coverage ascending, one point for each confidence.

    With everything answered whose confidence is at least `threshold`, `coverage` is the share of queries that is
    answered and `risk` the share of these that is wrong. `area` is the area under risk over coverage, 0..1, 0 is best.
    """

    threshold: Numbers
    coverage: Numbers
    risk: Numbers
    area: float

    def coverage_at(self, risk: float) -> float:
        """The greatest coverage whose risk is at most `risk`; 0.0 if there is none."""
        return float(self.coverage[self.risk <= risk].max(initial=0.0))


def risk_coverage(confidences: Numbers, wrong: Flags) -> RiskCoverage:
    """The risk-coverage curve (El-Yaniv and Wiener, JMLR 2010) and its area, AURC (Geifman et al., ICLR 2019).

    `confidences` and `wrong` are (N,), N at least 1. Queries of one confidence are answered together. The area is the
    mean risk over the coverages 1/N, 2/N .. 1, where equal confidences count as in any order, on average.
    """
    if not len(confidences):
        raise ValueError("a curve of nothing")
    order = np.argsort(-confidences, kind="stable")
    falling, errors = confidences[order], np.cumsum(wrong[order], dtype=np.float64)
    ends = np.flatnonzero(np.r_[np.diff(falling) != 0, True])
    answered = ends + 1.0
    # Between two ends the expected number of errors grows evenly: that is what any order gives on average.
    counts = np.arange(1.0, len(falling) + 1)
    expected = np.interp(counts, np.r_[0.0, answered], np.r_[0.0, errors[ends]])
    return RiskCoverage(
        threshold=falling[ends],
        coverage=answered / len(falling),
        risk=errors[ends] / answered,
        area=float(np.mean(expected / counts)),
    )


@dataclass(frozen=True, slots=True)
class Reliability:
    """Promised against kept, by bins of equal width over 0..1; bins without a query are left out; arrays (B,).

    `ece` is the expected calibration error, 0..1: the mean distance of `promised` from `kept`, weighted by `count`.
    """

    lower: Numbers
    upper: Numbers
    count: NDArray[np.int64]
    promised: Numbers
    kept: Numbers
    ece: float


def reliability(probabilities: Numbers, happened: Flags, bins: int = CALIBRATION_BINS) -> Reliability:
    """A reliability diagram (Niculescu-Mizil and Caruana, ICML 2005) and its ECE (Naeini et al., AAAI 2015).

    `probabilities` (N,) in 0..1 and `happened` (N,), N at least 1. A probability on an edge counts in the upper bin,
    1.0 in the last one. Few queries make the ECE look worse than it is: chance alone moves each bin.
    """
    if not len(probabilities):
        raise ValueError("a calibration of nothing")
    places = np.minimum((probabilities * bins).astype(np.int64), bins - 1)
    counts = np.bincount(places, minlength=bins)
    used = np.flatnonzero(counts)
    promised = np.bincount(places, weights=probabilities, minlength=bins)[used] / counts[used]
    kept = np.bincount(places, weights=happened.astype(np.float64), minlength=bins)[used] / counts[used]
    return Reliability(
        lower=used / bins,
        upper=(used + 1) / bins,
        count=counts[used].astype(np.int64),
        promised=promised,
        kept=kept,
        ece=float(np.average(np.abs(promised - kept), weights=counts[used])),
    )


def auroc(positives: Numbers, negatives: Numbers) -> float:
    """Area under the ROC curve: how often a positive scores above a negative, equal scores counting half, 0..1.

    That is the Mann-Whitney statistic (Hanley and McNeil, Radiology 1982). `positives` (P,) and `negatives` (N,), both
    at least 1; 0.5 is chance.
    """
    if not len(positives) or not len(negatives):
        raise ValueError("no positives or no negatives")
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float(np.mean(below + not_above) / (2 * len(ordered)))
