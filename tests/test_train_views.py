"""What training shows the network: camera-like views, and studio pictures on real backgrounds."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from engine.image_distort import motion_kernel, through_jpeg
from engine.training.camera_views import Pose, camera_view, cover, light, move, optics
from engine.training.studio_views import cut_out, studio_view
from tests.train_fixtures import product_picture

SIZE = 48
NATURAL, STUDIO = product_picture(1, 0), product_picture(1, 0, studio=True)


def shelf() -> np.ndarray:
    return product_picture(7, 3)


def natural(rng: np.random.Generator) -> np.ndarray:
    return camera_view(NATURAL, SIZE, rng, shelf)


def studio(rng: np.random.Generator) -> np.ndarray:
    return studio_view(STUDIO, cut_out(STUDIO), SIZE, rng, shelf)


@pytest.mark.parametrize("view", [natural, studio])
def test_the_same_seed_gives_the_same_picture_and_another_seed_another(
    view: Callable[[np.random.Generator], np.ndarray],
) -> None:
    before = NATURAL.copy(), STUDIO.copy()
    pictures = [view(np.random.default_rng(seed)) for seed in range(40)]
    for seed, picture in enumerate(pictures):
        assert picture.shape == (SIZE, SIZE, 3) and picture.dtype == np.uint8 and picture.flags.c_contiguous
        np.testing.assert_array_equal(picture, view(np.random.default_rng(seed)))
    assert len({picture.tobytes() for picture in pictures}) == 40
    assert (before[0] == NATURAL).all() and (before[1] == STUDIO).all()  # views are made of copies


@pytest.mark.parametrize("view", [natural, studio])
def test_views_are_neither_black_nor_white_nor_flat(view: Callable[[np.random.Generator], np.ndarray]) -> None:
    pictures = np.stack([view(np.random.default_rng(seed)) for seed in range(120)]).astype(np.float64)
    means = pictures.mean(axis=(1, 2, 3))
    assert 60 < means.mean() < 200 and means.std() > 10  # exposure differs
    assert np.percentile(means, 2) > 15 and np.percentile(means, 98) < 250
    assert np.median(pictures.std(axis=(1, 2, 3))) > 20
    warmth = (pictures[..., 0] - pictures[..., 2]).mean(axis=(1, 2))
    assert warmth.std() > 5  # white balance differs


def test_a_view_shows_a_quarter_to_all_of_the_photo() -> None:
    rng = np.random.default_rng(0)
    areas = [cv2.contourArea(Pose.drawn(NATURAL, SIZE, rng).corners) / (72 * 72) for _ in range(300)]
    assert 0.12 < min(areas) < 0.35 and 0.7 < max(areas) < 1.6
    assert 0.4 < float(np.mean(areas)) < 0.7


def test_moving_by_the_whole_photo_only_scales_it() -> None:
    corners = np.array([[0, 0], [72, 0], [72, 72], [0, 72]], np.float32)
    same = move(NATURAL, Pose(corners, 1.0, 72), cv2.BORDER_REFLECT_101)
    np.testing.assert_array_equal(same, NATURAL)
    small = move(NATURAL, Pose(corners, 3.0, 24), cv2.BORDER_REFLECT_101)
    wanted = cv2.resize(NATURAL, (24, 24), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - wanted).mean() < 12  # reduced first: nothing aliases


def test_light_keeps_black_black_and_strength_zero_changes_nothing() -> None:
    black = np.zeros((8, 8, 3), np.uint8)
    grey = np.full((8, 8, 3), 100, np.uint8)
    for seed in range(20):
        assert light(black, np.random.default_rng(seed)).max() < 80
        assert np.abs(light(grey, np.random.default_rng(seed), 0.0).astype(int) - 100).max() <= 1


def test_optics_blur_or_leave_sharp() -> None:
    def sharpness(picture: np.ndarray) -> float:
        return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_64F).var())

    before = sharpness(NATURAL)
    after = np.array([sharpness(optics(NATURAL, np.random.default_rng(seed))) for seed in range(100)])
    assert 0.15 < np.mean(after < 0.5 * before) < 0.6  # blurred
    assert np.mean(after > 0.9 * before) > 0.3  # as it was, or noisy


def test_a_quarter_of_the_views_is_partly_covered() -> None:
    grey = np.full((SIZE, SIZE, 3), 100, np.uint8)
    parts = [np.mean(np.any(cover(grey, np.random.default_rng(seed), shelf) != 100, axis=2)) for seed in range(400)]
    covered = [part for part in parts if part]
    assert 0.17 < len(covered) / len(parts) < 0.33
    assert max(covered) <= 0.25  # the thing is still to be seen


def test_a_studio_picture_is_told_from_a_photo_and_cut_out() -> None:
    mask = cut_out(STUDIO)
    assert mask is not None and mask.shape == (72, 72) and set(np.unique(mask)) == {0, 255}
    inside = mask[18:54, 18:54]
    assert inside.mean() > 254 and mask[:14].max() == 0
    assert cut_out(NATURAL) is None
    assert cut_out(np.full((20, 20, 3), 255, np.uint8)) is None  # nothing on it
    framed = STUDIO.copy()
    framed[:2], framed[-2:], framed[:, :2], framed[:, -2:] = 0, 0, 0, 0
    assert cut_out(framed) is None


def test_white_inside_a_thing_is_not_ground() -> None:
    ringed = np.full((60, 60, 3), 255, np.uint8)
    cv2.circle(ringed, (30, 30), 20, (200, 0, 0), 6)
    mask = cut_out(ringed)
    assert mask is not None and mask[30, 30] == 255 and mask[2, 2] == 0


def test_the_background_of_a_studio_view_is_another_photo() -> None:
    """On a black ground the border is black in most views, and white in those that keep theirs."""

    def black() -> np.ndarray:
        return np.zeros((72, 72, 3), np.uint8)

    views = [studio_view(STUDIO, cut_out(STUDIO), SIZE, np.random.default_rng(seed), black) for seed in range(120)]
    corners = np.array([np.median([view[0, 0], view[0, -1], view[-1, 0], view[-1, -1]]) for view in views])
    assert np.mean(corners < 90) > 0.6 and 0.05 < np.mean(corners > 150) < 0.35
    kept = [studio_view(STUDIO, None, SIZE, np.random.default_rng(seed), black) for seed in range(20)]
    assert np.mean([view[0, 0].mean() > 150 for view in kept]) > 0.8


def test_parts_that_calibration_uses_too() -> None:
    kernel = motion_kernel(7, 0.0)
    assert kernel.shape == (7, 7) and kernel.sum() == pytest.approx(1)
    np.testing.assert_allclose(kernel[3], 1 / 7)
    through = through_jpeg(NATURAL, 90)
    assert through.shape == NATURAL.shape and 0 < np.abs(through.astype(int) - NATURAL).mean() < 12
