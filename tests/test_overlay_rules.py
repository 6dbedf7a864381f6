"""What follows from what people said. Pure: no disk, no encoder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.overlay_file import Feedback, Kind
from engine.overlay_rules import (
    CORROBORATION,
    NEWEST,
    PLAUSIBLE_AT,
    SAME_VIEW,
    Reason,
    Standing,
    Status,
    expiry,
    hold_back,
    likeness,
    plausible,
    refused_products,
    shared,
    standings,
    waits_for_encoder,
)
from engine.records import Verdict
from engine.verdict import Calibration

NOW = datetime(2026, 3, 1, tzinfo=UTC)
CALIBRATION = Calibration()
#: The least cosine to a photo at which a confirmation is plausible.
FLOOR = float(next(one for one in np.linspace(-1, 1, 20_001) if likeness(one, one, CALIBRATION) >= PLAUSIBLE_AT))
Vector = NDArray[np.float32]


def at(cosine: float, axis: int = 1, size: int = 64) -> Vector:
    """A unit vector at this cosine to the first axis; those of different `axis` share nothing else."""
    vector = np.zeros(size, np.float32)
    vector[0], vector[axis] = cosine, np.sqrt(1 - cosine**2)
    return vector


PHOTO = at(1.0)[None]


def said(
    vectors: Sequence[Vector | None], kinds: Sequence[Kind] | None = None, sku: str = "TEA", first: int = 1
) -> list[Feedback]:
    kinds = kinds or [Kind.CONFIRMED] * len(vectors)
    return [
        Feedback(first + place, sku, kind, "", NOW + timedelta(minutes=place), None, False, vector)
        for place, (vector, kind) in enumerate(zip(vectors, kinds, strict=True))
    ]


def decide(found: Sequence[Feedback], photo: Vector | None = PHOTO) -> list[tuple[Status, Reason]]:
    references = {} if photo is None else {"TEA": photo}
    return [(one.status, one.reason) for one in standings(found, {"TEA"}, references, CALIBRATION)]


ACTIVE, FAR = (Status.ACTIVE, Reason.NONE), (Status.QUARANTINED, Reason.FAR)


def test_near_the_products_photo_counts_and_far_from_it_is_held_back() -> None:
    assert 0.2 < FLOOR < 0.6 and likeness(FLOOR, FLOOR, CALIBRATION) == pytest.approx(PLAUSIBLE_AT, abs=1e-3)
    assert decide(said([at(FLOOR + 0.01)])) == [ACTIVE]
    assert decide(said([at(FLOOR - 0.01)])) == [FAR]
    assert decide(said([at(0.9)]), photo=None) == [FAR], "a product without photos has nothing to be near to"


def test_a_confirmation_near_one_that_counts_counts_too_whichever_came_first() -> None:
    near = at(0.6, 1)
    behind = np.asarray(0.9 * near + 0.1 * at(0.0, 2) - 0.5 * at(1.0), np.float32)
    behind = behind / np.linalg.norm(behind)
    assert float(behind @ PHOTO[0]) < FLOOR < float(behind @ near) < SAME_VIEW
    assert decide(said([behind])) == [FAR]
    assert decide(said([near, behind])) == [ACTIVE, ACTIVE] == decide(said([behind, near]))


def similar(count: int, cosine: float) -> list[Vector]:
    """Vectors with this cosine to each other and 0 to the first axis."""
    return [np.asarray(np.sqrt(cosine) * at(0.0, 1) + np.sqrt(1 - cosine) * at(0.0, 2 + one)) for one in range(count)]


def test_enough_different_views_that_resemble_each_other_bear_each_other_out() -> None:
    assert decide(said(similar(CORROBORATION - 1, 0.7))) == [FAR] * (CORROBORATION - 1)
    assert decide(said(similar(CORROBORATION, 0.7))) == [ACTIVE] * CORROBORATION
    assert decide(said(similar(CORROBORATION, 0.7)), photo=None) == [ACTIVE] * CORROBORATION
    assert decide(said(similar(5, 0.95))) == [FAR] * 5, "one view pressed five times is one view"
    assert decide(said(similar(5, 0.1))) == [FAR] * 5, "five different things are no product"


def test_what_was_said_later_about_the_same_view_wins() -> None:
    confirmed, refused = Kind.CONFIRMED, Kind.REFUSED
    views = [at(0.95, 1), at(0.95, 1)]
    overruled = (Status.PARKED, Reason.OVERRULED)
    assert decide(said(views, [confirmed, refused])) == [overruled, ACTIVE]
    assert decide(said(views, [refused, confirmed])) == [overruled, ACTIVE]
    apart = [at(0.7, 1), at(0.7, 2)]
    assert float(apart[0] @ apart[1]) < SAME_VIEW
    assert decide(said(apart, [confirmed, refused])) == [ACTIVE, ACTIVE], "another view: both are true"


def test_only_the_newest_of_a_product_are_searched() -> None:
    older = (Status.PARKED, Reason.OLDER)
    views = similar(NEWEST + 3, 0.7)
    assert decide(said(views)) == [older] * 3 + [ACTIVE] * NEWEST
    refusals = decide(said(views, [Kind.REFUSED] * len(views)))
    assert refusals == [older] * 3 + [ACTIVE] * NEWEST


def test_what_cannot_be_used_is_parked_with_its_reason() -> None:
    def one(number: int, sku: str, has_crop: bool, undone: bool = False) -> Feedback:
        return Feedback(number, sku, Kind.CONFIRMED, "", NOW, NOW if undone else None, has_crop)

    found = [
        one(1, "GONE", True),
        one(2, "TEA", False),
        one(3, "TEA", True),
        one(4, "TEA", True),
        one(5, "TEA", True, True),
    ]
    decided = standings(found, {"TEA"}, {}, CALIBRATION, unreadable={4})
    assert [(each.status, each.reason) for each in decided] == [
        (Status.PARKED, Reason.NO_PRODUCT),
        (Status.PARKED, Reason.NO_CROP),
        (Status.PARKED, Reason.WAITS),
        (Status.PARKED, Reason.NO_PICTURE),
        (Status.UNDONE, Reason.NONE),
    ]
    assert [waits_for_encoder(each) for each in found] == [True, False, True, True, False]
    assert standings([], set(), {}, CALIBRATION) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Kind), st.sampled_from(["TEA", "OATS"])), max_size=12))
def test_products_do_not_meddle_with_each_other(drawn: list[tuple[int, Kind, str]]) -> None:
    basis = [*similar(3, 0.7), at(0.6, 20), at(0.97, 21), at(0.1, 22)]
    found = [
        Feedback(number, sku, kind, "", NOW, None, False, basis[place])
        for number, (place, kind, sku) in enumerate(drawn, 1)
    ]
    photos = {"TEA": PHOTO, "OATS": at(0.0, 20)[None]}
    together = standings(found, set(photos), photos, CALIBRATION)
    assert [one.feedback.id for one in together] == [one.id for one in found]
    for sku in photos:
        alone: list[Standing] = standings([one for one in found if one.sku == sku], {sku}, photos, CALIBRATION)
        assert alone == [one for one in together if one.feedback.sku == sku]


def test_a_calibration_under_which_everything_or_nothing_is_plausible() -> None:
    opposite, same = -PHOTO, PHOTO
    assert plausible(opposite, PHOTO, Calibration(bias=5.0, similarity_slope=0.0, contrast_slope=0.0)).all()
    assert not plausible(same, PHOTO, Calibration(bias=-99.0, similarity_slope=1.0, contrast_slope=0.0)).any()


def test_plausible_is_what_is_near_in_the_leading_numbers() -> None:
    calibration = Calibration(leading=2)
    vectors = np.array([[0.6, 0.0, 0.8, 0.0], [0.6, 0.0, 0.0, 0.8], [0.0, 0.6, 0.8, 0.0]], dtype=np.float32)
    assert plausible(vectors, vectors, calibration).tolist() == [
        [True, True, False],
        [True, True, False],
        [False, False, True],
    ]
    assert plausible(vectors, vectors, Calibration())[0].tolist() == [True, False, True]


def test_pictures_are_kept_for_the_days_of_the_settings_or_for_ever() -> None:
    assert expiry(NOW, 30) == NOW - timedelta(days=30)
    assert expiry(NOW, 0) is None


def test_a_confirmation_shares_its_say_with_the_photos_unless_the_view_is_nearly_its_own() -> None:
    own = np.array([0.5, 0.8, 0.85, 0.9, 1.0, 0.5], np.float32)
    photos = np.array([0.3, 0.2, 0.45, 0.1, 0.1, np.nan], np.float32)
    assert shared(own, photos) == pytest.approx([0.4, 0.5, 0.75, 0.9, 1.0, 0.5])
    assert shared(own[:0], photos[:0]).shape == (0,)


def ruled_out(refusals: Sequence[int], alike: Sequence[float], own: dict[int, float]) -> list[int]:
    return refused_products(
        np.array(refusals, np.int64),
        np.array(alike, np.float32),
        np.array(list(own), np.int64),
        np.array(list(own.values()), np.float32),
    ).tolist()


def test_a_refused_product_leaves_only_a_view_that_is_nearly_the_refused_one() -> None:
    assert ruled_out([7], [0.95], {7: 0.8, 3: 0.9}) == [7]
    assert ruled_out([7], [SAME_VIEW - 0.01], {7: 0.5}) == []
    assert ruled_out([7], [0.95], {7: 0.96}) == [], "nearer to its own photo: a twin of what was refused"
    assert ruled_out([7, 7, 8], [0.2, 0.99, 0.3], {7: 0.8}) == [7]
    assert ruled_out([7], [0.95], {3: 0.5}) == [7], "it was not found at all: it stays away"
    assert ruled_out([], [], {3: 0.5}) == []


def test_what_only_a_quarantined_confirmation_speaks_for_is_no_match() -> None:
    sure = np.array([0.97, 0.01])
    assert hold_back(Verdict.MATCH, sure, True, CALIBRATION) == (Verdict.MATCH, pytest.approx(sure))
    verdict, held = hold_back(Verdict.MATCH, sure, False, CALIBRATION)
    assert verdict is Verdict.AMBIGUOUS
    assert held[1] == 0.01 < held[0] < CALIBRATION.match_at
    assert sure[0] == 0.97, "the given probabilities stay as they are"
    for other in (Verdict.AMBIGUOUS, Verdict.UNKNOWN):
        assert hold_back(other, sure, False, CALIBRATION)[0] is other
    assert hold_back(Verdict.MATCH, np.array([0.95]), False, CALIBRATION)[1][0] < CALIBRATION.match_at
