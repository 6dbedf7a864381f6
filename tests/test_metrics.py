"""Each metric against a naive oracle, or against its value by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import metrics

PROBABILITIES = st.floats(0, 1).map(lambda value: round(value, 2))
JUDGED = st.lists(st.tuples(PROBABILITIES, st.booleans()), min_size=1, max_size=40)
FEW_JUDGED = st.lists(st.tuples(st.sampled_from([0.1, 0.5, 0.9]), st.booleans()), min_size=1, max_size=6)
RANKS = st.lists(st.integers(0, 15), min_size=1, max_size=30)


def arrays(judged: list[tuple[float, bool]]) -> tuple[metrics.Numbers, metrics.Flags]:
    return np.array([one for one, _ in judged]), np.array([one for _, one in judged])


def average_precision(ranking: list[bool], k: int) -> float:
    """By the definition: the mean, over the relevant ones, of the precision where each one stands."""
    precisions = [sum(ranking[: place + 1]) / (place + 1) for place in range(min(k, len(ranking))) if ranking[place]]
    return sum(precisions) / sum(ranking)


@settings(deadline=None)
@given(RANKS, st.integers(1, 12))
def test_ranks_against_their_definitions(ranks: list[int], k: int) -> None:
    rankings = [[place == rank for place in range(20)] for rank in ranks]
    found = metrics.reciprocal_ranks(np.array(ranks), k)
    assert found == pytest.approx([average_precision(ranking, k) for ranking in rankings])
    assert metrics.hits_at(np.array(ranks), k).tolist() == [float(any(ranking[:k])) for ranking in rankings]


@settings(deadline=None)
@given(FEW_JUDGED)
def test_the_area_is_the_mean_over_all_orders_of_equal_confidences(judged: list[tuple[float, bool]]) -> None:
    areas = []
    for order in itertools.permutations(judged):
        falling = sorted(order, key=lambda one: -one[0])  # stable: equal ones stay in the order of the permutation
        risks = [sum(wrong for _, wrong in falling[:count]) / count for count in range(1, len(falling) + 1)]
        areas.append(sum(risks) / len(risks))
    assert metrics.risk_coverage(*arrays(judged)).area == pytest.approx(sum(areas) / len(areas))


@settings(deadline=None)
@given(JUDGED)
def test_the_curve_has_a_point_for_each_confidence(judged: list[tuple[float, bool]]) -> None:
    curve = metrics.risk_coverage(*arrays(judged))
    thresholds = sorted({confidence for confidence, _ in judged}, reverse=True)
    assert curve.threshold.tolist() == thresholds
    for threshold, coverage, risk in zip(thresholds, curve.coverage, curve.risk, strict=True):
        answered = [wrong for confidence, wrong in judged if confidence >= threshold]
        assert coverage == pytest.approx(len(answered) / len(judged))
        assert risk == pytest.approx(sum(answered) / len(answered))


def test_the_coverage_that_a_risk_allows() -> None:
    curve = metrics.risk_coverage(np.array([0.9, 0.8, 0.7, 0.6]), np.array([False, False, True, False]))
    assert curve.coverage_at(0.0) == 0.5
    assert curve.coverage_at(0.25) == 1.0
    assert metrics.risk_coverage(np.array([0.5]), np.array([True])).coverage_at(0.5) == 0.0


@settings(deadline=None)
@given(JUDGED, st.integers(1, 15))
def test_calibration_against_a_loop(judged: list[tuple[float, bool]], bins: int) -> None:
    found = metrics.reliability(*arrays(judged), bins=bins)
    gaps, seen = 0.0, []
    for place in range(bins):
        inside = [one for one in judged if min(int(one[0] * bins), bins - 1) == place]
        if inside:
            promised, kept = (sum(part) / len(inside) for part in zip(*inside, strict=True))
            gaps += abs(promised - kept) * len(inside)
            seen.append((place / bins, (place + 1) / bins, len(inside), promised, kept))
    columns = zip(found.lower, found.upper, found.count, found.promised, found.kept, strict=True)
    assert [pytest.approx(row) for row in columns] == seen
    assert found.ece == pytest.approx(gaps / len(judged))


def test_a_promise_that_is_kept_has_no_calibration_error() -> None:
    probabilities = np.repeat([0.25, 0.75], 4)
    assert metrics.reliability(probabilities, np.array([1, 0, 0, 0, 1, 1, 1, 0], dtype=bool)).ece == 0
    assert metrics.reliability(probabilities, np.zeros(8, dtype=bool)).ece == pytest.approx(0.5)


@settings(deadline=None)
@given(st.lists(PROBABILITIES, min_size=1, max_size=20), st.lists(PROBABILITIES, min_size=1, max_size=20))
def test_auroc_against_all_pairs(positives: list[float], negatives: list[float]) -> None:
    wins = [1.0 if one > other else 0.5 if one == other else 0.0 for one in positives for other in negatives]
    assert metrics.auroc(np.array(positives), np.array(negatives)) == pytest.approx(sum(wins) / len(wins))


def test_an_interval_is_the_same_for_the_same_seed_and_holds_what_it_should() -> None:
    values = np.random.default_rng(1).normal(0.1, 1, 400)
    low, high = metrics.bootstrap_interval(values, np.random.default_rng(0))
    assert (low, high) == metrics.bootstrap_interval(values, np.random.default_rng(0))
    standard_error = values.std() / np.sqrt(len(values))
    assert low == pytest.approx(values.mean() - 1.96 * standard_error, abs=0.02)
    assert high == pytest.approx(values.mean() + 1.96 * standard_error, abs=0.02)
    assert metrics.bootstrap_interval(np.ones(7), np.random.default_rng(0)) == (1.0, 1.0)


def test_an_interval_covers_the_truth_as_often_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "RESAMPLES", 200)
    rng = np.random.default_rng(7)
    covered = 0
    for _ in range(200):
        low, high = metrics.bootstrap_interval((rng.random(60) < 0.7).astype(np.float64), rng)
        covered += low <= 0.7 <= high
    assert 0.88 <= covered / 200 <= 1.0


@settings(deadline=None)
@given(st.integers(1, 400))
def test_where_all_are_right_the_interval_is_the_exact_one(count: int) -> None:
    low, high = metrics.share_interval(np.ones(count), np.random.default_rng(0))
    assert high == 1.0
    assert low**count == pytest.approx(0.025)  # the least accuracy with which so many right ones are not too lucky
    assert metrics.share_interval(np.zeros(count), np.random.default_rng(0)) == pytest.approx((0.0, 1.0 - low))


def test_where_some_are_right_the_interval_is_the_bootstrap() -> None:
    values = np.array([1.0, 0.5, 1.0, 0.0])
    expected = metrics.bootstrap_interval(values, np.random.default_rng(4))
    assert metrics.share_interval(values, np.random.default_rng(4)) == expected


def test_an_interval_of_two_samples_draws_from_each() -> None:
    rng = np.random.default_rng(3)
    positives, negatives = rng.normal(1, 1, 80), rng.normal(0, 1, 50)
    low, high = metrics.bootstrap_interval_of(metrics.auroc, [positives, negatives], np.random.default_rng(0))
    assert 0.5 < low < metrics.auroc(positives, negatives) < high < 1.0
    sizes = set()

    def sizes_of(*drawn: np.ndarray) -> float:
        sizes.add(tuple(len(one) for one in drawn))
        return 0.0

    assert metrics.bootstrap_interval_of(sizes_of, [positives, negatives], rng) == (0.0, 0.0)
    assert sizes == {(80, 50)}


NOTHING = np.zeros(0)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: metrics.risk_coverage(NOTHING, NOTHING.astype(bool)),
        lambda: metrics.reliability(NOTHING, NOTHING.astype(bool)),
        lambda: metrics.auroc(NOTHING, np.ones(1)),
        lambda: metrics.auroc(np.ones(1), NOTHING),
        lambda: metrics.bootstrap_interval(NOTHING, np.random.default_rng(0)),
        lambda: metrics.share_interval(NOTHING, np.random.default_rng(0)),
    ],
)
def test_nothing_cannot_be_measured(measure: Callable[[], object]) -> None:
    with pytest.raises(ValueError):
        measure()
