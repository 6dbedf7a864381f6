"""The pool of a live stream: what it keeps, what it leaves out, and when it starts over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from conftest import Drawn
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.config import Settings
from engine.image import quality
from engine.lookup import open_lookup
from engine.pooling import FramePool, PoolRules
from engine.records import Region

RULES = PoolRules(half_life_s=0.5, sharpness_power=0.5, same_scene_cosine=0.6, scene_frames=2, gap_s=1.0)
ITEM = np.array([1, 0, 0, 0], np.float32)
OTHER = np.array([0, 1, 0, 0], np.float32)


def towards(direction: NDArray[np.float32], cosine: float) -> NDArray[np.float32]:
    """A unit vector with a given cosine to ITEM, turned towards a direction that is orthogonal to it."""
    return np.asarray(cosine * ITEM + np.sqrt(1 - cosine**2) * direction, np.float32)


def pooled(frames: Sequence[NDArray[np.float32]], rules: PoolRules = RULES, every_s: float = 0.1) -> FramePool:
    pool = FramePool(rules)
    for place, frame in enumerate(frames):
        pool.take(frame, 100.0, place * every_s)
    return pool


def test_the_first_frame_is_its_own_pool() -> None:
    pool = FramePool()
    assert pool.frames == 0
    assert np.array_equal(pool.take(ITEM, 50.0, 7.0), ITEM)
    assert pool.frames == 1


def test_the_pool_is_the_decayed_sum_of_what_was_seen_weighted_by_sharpness() -> None:
    frames = [towards(OTHER, cosine) for cosine in (1.0, 0.95, 0.9, 0.97)]
    sharpness, times = (100.0, 400.0, 0.0, 25.0), (0.0, 0.1, 0.35, 0.4)
    pool = FramePool(RULES)
    for number in range(1, 5):
        got = pool.take(frames[number - 1], sharpness[number - 1], times[number - 1])
        ages = [times[number - 1] - taken for taken in times[:number]]
        weights = [max(sharp, 1) ** 0.5 * 0.5 ** (age / 0.5) for sharp, age in zip(sharpness, ages, strict=False)]
        total = sum(weight * frame for weight, frame in zip(weights, frames, strict=False))
        assert got == pytest.approx(total / np.linalg.norm(total), abs=1e-6)
        assert got.dtype == np.float32


def test_pooling_averages_what_shakes() -> None:
    rng = np.random.default_rng(3)
    pool, item = FramePool(PoolRules(half_life_s=2.0)), np.eye(64, dtype=np.float32)[0]
    alone, together = [], []
    for number in range(40):
        frame = item + rng.normal(0, 0.06, 64).astype(np.float32)
        frame /= np.linalg.norm(frame)
        alone.append(float(frame @ item))
        together.append(float(pool.take(frame, 100.0, number / 10) @ item))
    assert min(together[5:]) > max(alone)


def test_one_frame_that_looks_different_leaves_no_trace() -> None:
    steady = pooled([ITEM] * 6).take(ITEM, 100.0, 0.7)
    disturbed = pooled([ITEM, ITEM, ITEM, OTHER, ITEM, OTHER])
    assert disturbed.frames == 4
    assert np.array_equal(disturbed.take(ITEM, 100.0, 0.7), steady)


def test_another_scene_is_shown_after_enough_frames_and_the_old_one_is_forgotten() -> None:
    pool = pooled([ITEM] * 20)
    before = pool.take(OTHER, 100.0, 2.0)
    assert np.array_equal(before, ITEM)
    after = pool.take(OTHER, 100.0, 2.1)
    assert np.array_equal(after, OTHER)
    assert pool.frames == 2
    assert np.array_equal(pool.take(OTHER, 100.0, 2.2), OTHER)


def test_a_second_change_of_scene_starts_from_its_own_frames_only() -> None:
    third = np.array([0, 0, 1, 0], np.float32)
    pool = pooled([ITEM] * 3 + [OTHER] * 3 + [third] * 2)
    assert np.array_equal(pool.take(third, 100.0, 0.8), third)
    assert pool.frames == 3


def test_frames_of_an_earlier_doubt_do_not_count_for_a_later_one() -> None:
    odd, other = np.array([0, 0, 1, 0], np.float32), OTHER
    pool = pooled([ITEM, odd, ITEM, other, other])
    assert np.array_equal(pool.take(other, 100.0, 0.5), other)


def test_more_frames_are_awaited_where_the_rules_say_so() -> None:
    rules = PoolRules(scene_frames=4)
    assert pooled([ITEM] * 5 + [OTHER] * 3, rules).frames == 5
    assert pooled([ITEM] * 5 + [OTHER] * 4, rules).frames == 4


def test_frames_that_do_not_even_resemble_each_other_are_no_scene_but_do_not_keep_an_old_one_for_ever() -> None:
    wild = [*np.eye(16, dtype=np.float32)[4:]]
    item = np.eye(16, dtype=np.float32)[0]
    pool = FramePool(RULES)
    taken = [pool.take(frame, 100.0, place / 10) for place, frame in enumerate([item, *wild])]
    assert all(np.array_equal(frame, item) for frame in taken[:11])
    assert np.array_equal(taken[11], wild[10]), "no frame got in for more than a second"


def test_opposite_frames_leave_no_pool_without_a_direction() -> None:
    pool = FramePool(RULES)
    for frame in (ITEM, OTHER, -OTHER, OTHER, -OTHER):
        assert float(np.linalg.norm(pool.take(frame, 100.0, 0.0))) == pytest.approx(1)


@pytest.mark.parametrize(
    "wrong",
    [{"half_life_s": 0.0}, {"gap_s": -1.0}, {"scene_frames": 0}, {"sharpness_power": -1.0}, {"same_scene_cosine": 1.0}],
)
def test_rules_without_sense_are_a_bug(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        PoolRules(**wrong)  # type: ignore[arg-type]


def test_a_gap_in_time_starts_over_and_a_short_one_does_not() -> None:
    near = towards(OTHER, 0.9)
    pool = pooled([ITEM] * 5)
    assert not np.array_equal(pool.take(near, 100.0, 0.4 + 0.99), near)
    assert np.array_equal(pool.take(near, 100.0, 0.4 + 0.99 + 1.01), near)
    assert pool.frames == 1


def test_a_frame_from_before_the_newest_counts_as_if_taken_with_it() -> None:
    near = towards(OTHER, 0.9)
    late, together = pooled([ITEM] * 5), pooled([ITEM] * 5)
    assert np.array_equal(late.take(near, 100.0, 0.1), together.take(near, 100.0, 0.4))
    assert np.array_equal(late.take(near, 100.0, 0.9), together.take(near, 100.0, 0.9))


def test_another_drawn_region_starts_over() -> None:
    near, left = towards(OTHER, 0.9), Region(0.0, 0.0, 0.5, 1.0)
    pool = pooled([ITEM] * 3)
    assert np.array_equal(pool.take(near, 100.0, 0.3, left), near)
    assert not np.array_equal(pool.take(ITEM, 100.0, 0.4, Region(0.0, 0.0, 0.5, 1.0)), ITEM)
    assert pool.frames == 2
    assert np.array_equal(pool.take(near, 100.0, 0.5, Region(0.5, 0.0, 0.5, 1.0)), near)
    assert np.array_equal(pool.take(ITEM, 100.0, 0.6), ITEM)


def test_what_was_returned_does_not_change_afterwards() -> None:
    pool = FramePool(RULES)
    first = pool.take(ITEM, 100.0, 0.0)
    second = pool.take(towards(OTHER, 0.9), 100.0, 0.1)
    kept = second.copy()
    pool.take(OTHER, 100.0, 0.2)
    pool.take(OTHER, 100.0, 0.3)
    assert np.array_equal(first, ITEM) and np.array_equal(second, kept)


def test_an_embedding_of_another_dimension_is_a_bug() -> None:
    pool = pooled([ITEM])
    with pytest.raises(ValueError, match="embedding"):
        pool.take(np.array([1, 0], np.float32), 100.0, 0.1)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.floats(0, 5000), st.floats(-1, 3)), min_size=1, max_size=30))
def test_whatever_comes_the_pool_has_length_one(frames: list[tuple[int, float, float]]) -> None:
    pool, now_s = FramePool(RULES), 0.0
    for seed, sharpness, waited_s in frames:
        now_s += waited_s
        frame = np.random.default_rng(seed).normal(size=8).astype(np.float32)
        taken = pool.take(frame / np.linalg.norm(frame), sharpness, now_s)
        assert float(np.linalg.norm(taken)) == pytest.approx(1, abs=1e-4)
        assert pool.frames >= 1


def test_a_live_lookup_asks_with_the_pool_and_follows_the_newest_frame(tiny_catalog: Path, drawn: Drawn) -> None:
    frames = [drawn.picture("HAZEL", view) for view in (3, 4, 5)]
    pool, by_hand = FramePool(), FramePool()
    region = None
    with open_lookup(tiny_catalog, Settings(provider="cpu", threads=1)) as lookup:
        for place, frame in enumerate(frames):
            alone = lookup.look_up_live(frame, region)
            together = lookup.look_up_live(frame, region, pool=pool, at_s=place / 10)
            assert alone.query is not None and together.query is not None
            expected = by_hand.take(alone.query.embedding, quality(frame).sharpness, place / 10)
            assert np.array_equal(together.query.embedding, expected)
            assert together.candidates[0].product.sku == "HAZEL"
            assert together.region == alone.region
            assert together.degraded == alone.degraded
            region = alone.region
        assert pool.frames == 3
        drawn_by_hand = Region(0.2, 0.1, 0.6, 0.8)
        inside = lookup.look_up_live(frames[0], region, drawn=drawn_by_hand, pool=pool, at_s=0.3)
        assert inside.candidates[0].similarity == lookup.look_up(frames[0], drawn_by_hand).candidates[0].similarity
        assert pool.frames == 1
