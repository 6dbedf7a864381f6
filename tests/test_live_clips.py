"""Clips by a virtual camera, and how the live view's steadiness is counted. The figures themselves are no test."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from conftest import Drawn

from benchmarks import live_choice, live_clips
from benchmarks.__main__ import live_clips_rows, table
from benchmarks.live_clips import EVERY_S, FRAMES, filmed, flips, lane_figures, on_card, waits_of
from benchmarks.virtual_camera import VirtualCamera
from engine.encoder import Encoder
from engine.image import quality
from engine.pooling import PoolRules
from engine.records import WHOLE, Candidate, LookupResult, Product, Verdict

PRODUCTS = ("KELP", "JADE", "HAZEL", "FJORD")


def said(sku: str, verdict: Verdict = Verdict.MATCH) -> LookupResult:
    found = (Candidate(Product(sku, sku), 0.95, 0.9, 1), Candidate(Product("other", "other"), 0.02, 0.4, 2))
    return LookupResult(verdict, 0.97, found, WHOLE, {})


@pytest.fixture(scope="module")
def grocery(tmp_path_factory: pytest.TempPathFactory, drawn: Drawn) -> Path:
    """Four products of two categories as the Grocery Store Dataset lays them out: 3 train photos, 1 for validation."""
    folder = tmp_path_factory.mktemp("grocery")
    lists: dict[str, list[str]] = {"train": [], "val": []}
    with (folder / "classes.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["Class Name (str)", "Class ID (int)", "Coarse Class Name (str)", "Coarse Class ID (int)",
                       "Iconic Image Path (str)", "Product Description Path (str)"])  # fmt: skip
        for number, name in enumerate(PRODUCTS):
            rows.writerow([name, number, "AB"[number // 2], number // 2, "/none.jpg", ""])
            for view in range(4):
                part = "val" if view == 3 else "train"
                drawn.save(drawn.picture(name, view), folder / part / name / f"{name}_{view}.jpg")
                lists[part].append(f"{part}/{name}/{name}_{view}.jpg, {number}, 0")
    for part, lines in lists.items():
        (folder / f"{part}.txt").write_text("\n".join(lines) + "\n")
    return folder


def test_the_camera_moves_smoothly_and_the_same_seed_is_the_same_clip(drawn: Drawn) -> None:
    photo = drawn.picture("ACORN", 1)
    clip = [VirtualCamera(photo, 7).frame(0.0), *(VirtualCamera(photo, 7).frame(time_s) for time_s in (0.1, 2.0))]
    assert all(frame.shape == (480, 640, 3) and frame.dtype == np.uint8 for frame in clip)
    assert np.array_equal(clip[0], VirtualCamera(photo, 7).frame(0.0))
    assert not np.array_equal(clip[0], VirtualCamera(photo, 8).frame(0.0))
    soon, late = (float(np.abs(clip[0].astype(float) - frame).mean()) for frame in clip[1:])
    assert 0 < soon < late


def test_motion_blurs_a_frame_in_proportion_to_the_speed(drawn: Drawn) -> None:
    photo = drawn.picture("ACORN", 1)
    speeds, sharpness = [], []
    for seed in range(12):
        camera = VirtualCamera(photo, seed)
        camera._grain, camera._quality = 0.0, 95
        for number in range(6):
            start, end = (camera._pose(number * 0.3 + later)[:, 2] for later in (0.0, 0.05))
            speeds.append(float(np.linalg.norm(end - start)))
            sharpness.append(quality(camera.frame(number * 0.3)).sharpness)
    order = np.argsort(speeds)
    assert np.median(np.array(sharpness)[order[:24]]) > 1.3 * np.median(np.array(sharpness)[order[-24:]])


def test_a_flip_is_another_product_and_unknown_between_is_none() -> None:
    assert flips(["A", "A", "B", "A"]) == 2
    assert flips([None, "A", None, "A", None]) == 0
    assert flips(["A", None, "B"]) == 1
    assert flips([]) == flips([None]) == 0


def test_the_card_is_counted_as_the_window_shows_it() -> None:
    answers = [said("A"), said("A"), said("B"), said("A"), said("A", Verdict.UNKNOWN), said("A")]
    assert on_card(answers, steady=False) == ["A", "A", "B", "A", None, "A"]
    assert on_card(answers, steady=True) == ["A"] * 6
    assert on_card([said("A"), said("B"), said("B")], steady=True) == ["A", "A", "B"]


def test_figures_of_a_lane_agree_with_a_count_by_hand() -> None:
    steady = [said("A")] * FRAMES
    odd = [said("A") if number % 2 else said("B") for number in range(FRAMES)]
    found = lane_figures(["A", "A"], [steady, odd])
    assert found["top1_all_frames"] == 0.75
    assert (found["top1_after_1_s"], found["top1_from_1_s_on"]) == (0.5, 0.75)
    assert found["flips_per_minute_each_answer_shown"] == pytest.approx((FRAMES - 1) / (2 * FRAMES * EVERY_S / 60))
    assert found["flips_per_minute_on_the_card"] == 0
    assert found["card_right_from_1_s_on"] == 0.5
    assert (found["match_share"], found["wrong_among_match"]) == (1.0, 0.25)
    unsure = lane_figures(["A"], [[said("A", Verdict.AMBIGUOUS)] * FRAMES])
    assert (unsure["match_share"], unsure["wrong_among_match"]) == (0.0, 0.0)


def test_waits_count_what_was_shown_and_what_never_was() -> None:
    assert waits_of([3, 5, None, 4]) == {"joins": 4, "median": 4.0, "p90": pytest.approx(4.8), "never": 0.25}
    assert waits_of([None])["never"] == 1.0
    assert waits_of([])["joins"] == 0


def test_the_benchmark_watches_clips_through_the_real_lookup(grocery: Path, tmp_path: Path) -> None:
    found = live_clips.measure(grocery, tmp_path, clips=2, joins=1)
    assert found["clips"] == 2
    assert found["gain_interval"][0] <= found["gain_from_1_s_on"] <= found["gain_interval"][1]
    for lane in (found["alone"], found["pooled"]):
        assert lane["top1_after_1_s"] == 1.0 and lane["card_right_from_1_s_on"] > 0.9
    assert found["pooled"]["flips_per_minute_each_answer_shown"] <= found["alone"]["flips_per_minute_each_answer_shown"]
    waits = found["frames_until_a_new_product"]
    assert all(waits[kind][lane]["joins"] == 1 for kind in waits for lane in ("alone", "pooled"))
    assert len(live_clips.text(found).splitlines()) == 1 + 8 + 1 + 6
    assert "flips" in table(live_clips_rows(json.loads(json.dumps(found))))


def test_both_lanes_of_a_clip_cost_one_encoder_run_a_frame(encoder: Encoder) -> None:
    both = live_clips._TwoLanes(encoder)
    size = encoder.info.size_px
    one, other = (np.full((1, 3, size, size), value, np.float32) for value in (0.1, 0.3))
    first, again, changed = both.encode(one), both.encode(one.copy()), both.encode(other)
    assert again is first and changed is not first
    assert np.array_equal(first.embeddings, encoder.encode(one).embeddings)
    assert np.array_equal(changed.embeddings, encoder.encode(other).embeddings)


def test_rules_are_compared_on_train_photos_that_are_not_in_the_gallery(
    grocery: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = live_choice.held_back([(Path(f"{number:02}.jpg"), "A") for number in range(10)] + [(Path("x.jpg"), "B")])
    assert held == {"A": [Path("08.jpg"), Path("09.jpg")]}
    monkeypatch.setattr(live_choice, "grid", lambda quick: [PoolRules(), PoolRules(same_scene_cosine=0.5)])
    found = live_choice.measure(grocery, tmp_path, quick=False)
    rows = found["pooled"]
    assert [row["rules"]["same_scene_cosine"] for row in rows] == [PoolRules().same_scene_cosine, 0.5]
    assert all(row["top1_all_frames"] > 0.9 for row in [found["alone"], *rows])
    assert rows[0]["any_product"]["joins"] == rows[0]["same_category"]["joins"] == 2
    assert found["cosines"]["within_a_clip_p1"] > found["cosines"]["same_category_median"]
    assert len(live_choice.text(found).splitlines()) == 3 + 2


def test_the_rules_in_use_come_first_and_each_other_differs_in_one_thing() -> None:
    rules = live_choice.grid(quick=False)
    assert rules[0] == PoolRules()
    for other in rules[1:]:
        names = ("half_life_s", "sharpness_power", "same_scene_cosine", "scene_frames", "gap_s")
        assert sum(getattr(other, name) != getattr(rules[0], name) for name in names) == 1
    assert 1 < len(live_choice.grid(quick=True)) < len(rules)


def test_a_clip_has_its_frames(grocery: Path) -> None:
    assert len(list(filmed(grocery / "val" / "KELP" / "KELP_3.jpg", 0, 4))) == 4
