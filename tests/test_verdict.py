from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.records import Verdict
from engine.verdict import CROWD_RANKS, Calibration, crowd_similarity, judge, leading, sigmoid

cosines = st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=40).map(
    lambda values: np.array(sorted(values, reverse=True), dtype=np.float32)
)
calibrations = st.builds(
    Calibration,
    bias=st.floats(-60, 20),
    similarity_slope=st.floats(0, 80),
    contrast_slope=st.floats(0, 80),
    crowd=st.floats(-1, 1),
    temperature=st.floats(0.002, 0.5),
    match_at=st.floats(0.6, 1),
    known_at=st.floats(0, 0.6),
)


def catalog_view(*first: float, crowd: float = 0.3, products: int = 40) -> NDArray[np.float32]:
    """Similarities of a catalog in which a few products fit and the others are a crowd."""
    rest = np.linspace(crowd, crowd - 0.1, products - len(first))
    return np.array([*first, *rest], dtype=np.float32)


@given(cosines, calibrations, st.floats(-1, 1), st.floats(0, 1))
def test_a_closer_picture_never_makes_the_item_less_known(
    view: NDArray[np.float32], calibration: Calibration, closeness: float, rise: float
) -> None:
    _, known, probabilities = judge(view, calibration, closeness)
    _, closer, _ = judge(view, calibration, closeness + rise)
    assert closer >= known - 1e-12
    assert probabilities.sum() == pytest.approx(known, abs=1e-9)
    assert judge(view, calibration, float(view[0]))[1] == judge(view, calibration)[1]


def test_an_item_that_is_near_in_all_but_the_leading_numbers_is_unknown() -> None:
    view = catalog_view(0.92)
    assert judge(view, Calibration(), 0.92)[0] is Verdict.MATCH
    assert judge(view, Calibration(), 0.1)[0] is Verdict.UNKNOWN


def test_leading_numbers_are_a_direction_of_their_own() -> None:
    vectors = np.array([[0.3, 0.4, 0.5, 0.7], [0.0, 0.0, 0.6, 0.8]], dtype=np.float32)
    found = leading(vectors, Calibration(leading=2))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]], atol=1e-6)
    np.testing.assert_allclose(leading(vectors[0], Calibration(leading=2)), [0.6, 0.8], atol=1e-6)
    assert leading(vectors, Calibration()) is vectors
    assert leading(vectors, Calibration(leading=9)) is vectors  # of another encoder: all lead


@given(cosines, calibrations)
def test_probabilities_are_ordered_and_sum_to_known(view: NDArray[np.float32], calibration: Calibration) -> None:
    verdict, known, probabilities = judge(view, calibration)
    assert 0 <= known <= 1
    assert probabilities.shape == view.shape
    assert np.all(np.diff(probabilities) <= 0)
    assert np.all((probabilities >= 0) & (probabilities <= 1))
    assert probabilities.sum() == pytest.approx(known, abs=1e-9)
    assert (verdict is Verdict.UNKNOWN) == (known < calibration.known_at)
    if verdict is Verdict.MATCH:
        assert probabilities[0] >= calibration.match_at


@given(cosines, calibrations, st.floats(0, 1, width=32))
def test_a_better_best_never_makes_the_item_less_known(
    view: NDArray[np.float32], calibration: Calibration, rise: float
) -> None:
    better = view.copy()
    better[0] += np.float32(rise)
    _, known, probabilities = judge(view, calibration)
    _, known_better, probabilities_better = judge(better, calibration)
    assert known_better >= known - 1e-12
    assert probabilities_better[0] >= probabilities[0] - 1e-12


@given(cosines, calibrations)
def test_a_closer_runner_up_never_makes_the_first_more_likely(
    view: NDArray[np.float32], calibration: Calibration
) -> None:
    closer = view.copy()
    closer[1:2] = closer[0]
    assert judge(closer, calibration)[2][0] <= judge(view, calibration)[2][0] + 1e-12


@given(cosines, calibrations)
def test_twins_with_the_same_similarity_are_never_a_match(view: NDArray[np.float32], calibration: Calibration) -> None:
    twins = np.concatenate([view[:1], view])
    verdict, known, probabilities = judge(twins, calibration)
    assert verdict is not Verdict.MATCH
    assert probabilities[0] == probabilities[1] <= known / 2 + 1e-12


def test_a_clear_item_matches_twins_are_ambiguous_and_a_stranger_is_unknown() -> None:
    calibration = Calibration()
    assert judge(catalog_view(0.92), calibration)[0] is Verdict.MATCH
    assert judge(catalog_view(0.92, 0.905), calibration)[0] is Verdict.AMBIGUOUS
    assert judge(catalog_view(0.45, crowd=0.4), calibration)[0] is Verdict.UNKNOWN


def test_many_look_alikes_are_less_known_than_one() -> None:
    alone = judge(catalog_view(0.7, crowd=0.2), Calibration())[1]
    in_a_crowd = judge(catalog_view(0.7, crowd=0.65), Calibration())[1]
    assert in_a_crowd < alone


def test_three_twins_do_not_make_the_item_strange() -> None:
    alone = judge(catalog_view(0.8), Calibration())[1]
    with_twins = judge(catalog_view(0.8, 0.79, 0.78), Calibration())[1]
    assert with_twins == pytest.approx(alone, abs=0.01)


def test_an_empty_catalog_knows_nothing() -> None:
    verdict, known, probabilities = judge(np.zeros(0, np.float32), Calibration())
    assert (verdict, known, len(probabilities)) == (Verdict.UNKNOWN, 0.0, 0)


def test_one_product_alone_can_match_and_can_be_unknown() -> None:
    assert judge(np.array([0.95], np.float32), Calibration())[0] is Verdict.MATCH
    assert judge(np.array([0.3], np.float32), Calibration())[0] is Verdict.UNKNOWN


def test_the_crowd_is_the_calibrations_where_the_catalog_has_none() -> None:
    few = np.array([0.9, 0.8], np.float32)
    assert crowd_similarity(few, Calibration(crowd=0.25)) == 0.25
    assert crowd_similarity(few, Calibration(crowd=0.99)) == pytest.approx(0.9)
    many = np.linspace(1, 0, 41, dtype=np.float32)
    assert crowd_similarity(many, Calibration(crowd=0.25)) == pytest.approx(float(many[CROWD_RANKS].mean()))


@given(calibrations)
def test_a_calibration_survives_the_manifest(calibration: Calibration) -> None:
    written = json.loads(json.dumps(calibration.to_dict() | {"of_a_later_version": 1}))
    assert Calibration.from_dict(written) == calibration


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": 0}, {"similarity_slope": -1}, {"contrast_slope": -1}, {"match_at": 0.4}, {"known_at": 0.95},
     {"bias": float("nan")}, {"bias": "1"}, {"leading": -1}, {"leading": 1.5}],
)  # fmt: skip
def test_a_calibration_that_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"finite|positive|order|counted"):
        Calibration.from_dict(wrong)


@pytest.mark.parametrize("wrong", [[0.1, 0.9], [float("nan"), 0.1]])
def test_similarities_out_of_order_are_a_bug(wrong: list[float]) -> None:
    with pytest.raises(ValueError, match="best first"):
        judge(np.array(wrong, np.float32), Calibration())


def test_the_logistic_does_not_overflow() -> None:
    assert (sigmoid(-1e9), sigmoid(0.0), sigmoid(1e9)) == (0.0, 0.5, 1.0)
