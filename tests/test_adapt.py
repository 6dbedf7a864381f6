"""Learning a shop's head and deciding on held-back photos: NumPy alone, on points whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from engine.training import adapt_validation
from engine.training.adapt_head import Scatter, ShopHead, learn, unit
from engine.training.adapt_validation import (
    FOLDS,
    LEAST_HELD_BACK,
    SHRINKAGES,
    WEIGHTS,
    Choice,
    ShopViews,
    folds,
    judged,
    validate,
)

PRODUCTS, PHOTOS, WIDTH = 12, 6, 20


def shop(signal: float, noise: float, products: int = PRODUCTS, photos: int = PHOTOS) -> ShopViews:
    """Two views a photo. Products differ in numbers 0 to 4 of the trunk; numbers 5 to 9 are loud and mean nothing.

    The embedding is the trunk itself, so that the loud numbers are in it.
    """
    rng = np.random.default_rng(5)
    looks = signal * rng.normal(size=(products, 5))
    of_photo = np.repeat(np.arange(products), photos)
    owners = np.repeat(of_photo, 2)
    trunk = np.full((len(owners), WIDTH), 1.0) + 0.02 * rng.normal(size=(len(owners), WIDTH))
    trunk[:, :5] += looks[owners]
    trunk[:, 5:10] += noise * np.repeat(rng.normal(size=(len(of_photo), 5)), 2, axis=0)
    return ShopViews(
        embeddings=unit(trunk - trunk.mean(axis=0)).astype(np.float16),
        trunk=trunk.astype(np.float16),
        photos=np.repeat(np.arange(len(of_photo)), 2),
        products=of_photo,
        extra_trunk=np.zeros((0, WIDTH), np.float16),
        extra_products=np.zeros(0, np.int64),
    )


# The head.


def plain_scatter(rows: np.ndarray, products: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Within and between products, as the textbook writes them."""
    centre = rows.mean(axis=0)
    within, between = np.zeros((rows.shape[1],) * 2), np.zeros((rows.shape[1],) * 2)
    for product in np.unique(products):
        own = rows[products == product]
        within += (own - own.mean(axis=0)).T @ (own - own.mean(axis=0)) / len(rows)
        between += len(own) / len(rows) * np.outer(own.mean(axis=0) - centre, own.mean(axis=0) - centre)
    return within, between


@pytest.mark.parametrize("products", [PRODUCTS, 3 * WIDTH])
def test_directions_are_those_of_the_textbook(products: int) -> None:
    """Against the generalised eigenvalues of the plain sums, with fewer and with more products than numbers."""
    views = shop(0.2, 0.5, products, 4)
    rows, owners = unit(views.trunk).astype(np.float64), views.owners
    head = learn(views.scatter(), 0.1)
    within, between = plain_scatter(rows, owners)
    within += 0.1 * np.trace(within) / WIDTH * np.eye(WIDTH)
    projected_within = head.projection.T @ within @ head.projection
    projected_between = head.projection.T @ between @ head.projection
    scale = projected_within[0, 0]
    np.testing.assert_allclose(projected_within / scale, np.eye(head.dimension), atol=2e-3)
    wanted = np.sort(np.linalg.eigvals(np.linalg.solve(within, between)).real)[::-1][: head.dimension]
    np.testing.assert_allclose(np.diag(projected_between) / scale, wanted, rtol=2e-3, atol=1e-4)
    assert head.dimension <= min(products - 1, WIDTH)
    np.testing.assert_allclose(head.centre, rows.mean(axis=0), atol=1e-5)


def test_a_head_keeps_at_most_so_many_directions_and_the_best_ones() -> None:
    views = shop(0.2, 0.5)
    whole, best = learn(views.scatter(), 0.1), learn(views.scatter(), 0.1, most=3)
    assert (whole.dimension, best.dimension) == (PRODUCTS - 1, 3)
    cosines = np.einsum("td,td->d", unit(whole.projection[:, :3].T).T, unit(best.projection.T).T)
    np.testing.assert_allclose(cosines, 1.0, atol=1e-4)


def test_sums_are_the_same_in_parts() -> None:
    views = shop(0.2, 0.5)
    first = np.arange(len(views.trunk)) < 50
    part, rest = (Scatter.of(views.trunk[rows], views.owners[rows], PRODUCTS) for rows in (first, ~first))
    together = views.scatter()
    for one, other in ((part.plus(rest), together), (together.minus(rest), part)):
        for name in ("counts", "sums", "squares"):
            np.testing.assert_allclose(getattr(one, name), getattr(other, name), atol=1e-9)


def test_what_people_confirmed_is_learnt_from() -> None:
    views = shop(0.2, 0.5)
    more = replace(views, extra_trunk=views.trunk[:3] * np.float16(2), extra_products=np.array([4, 4, PRODUCTS]))
    assert more.product_count == PRODUCTS + 1
    assert more.scatter().counts.tolist() == [2.0 * PHOTOS] * 4 + [2.0 * PHOTOS + 2] + [2.0 * PHOTOS] * 7 + [1.0]
    assert learn(more.scatter(), 0.1).digest() != learn(views.scatter(), 0.1).digest()


def test_pieces_of_another_scale_are_shrunk_by_their_own() -> None:
    """A quiet piece of the trunk is drowned by the shrinkage of a loud one, unless the head knows where it begins."""
    rng = np.random.default_rng(0)
    owners = np.repeat(np.arange(6), 20)
    quiet = 1e-3 * (rng.normal(size=(6, 8))[owners] + 0.3 * rng.normal(size=(120, 8)))
    trunk = np.concatenate([1.0 + 0.1 * rng.normal(size=(120, 8)), quiet], axis=1)
    sums = Scatter.of(trunk, owners, 6)
    spread = [np.abs(learn(sums, 0.3, edges).projection[8:]).sum() for edges in ((), (0, 8, 16))]
    loud = [np.abs(learn(sums, 0.3, edges).projection[:8]).sum() for edges in ((), (0, 8, 16))]
    assert spread[1] / loud[1] > 20 * spread[0] / loud[0]


def test_one_product_cannot_be_told_apart() -> None:
    with pytest.raises(ValueError, match="1 products"):
        learn(Scatter.of(np.ones((4, 3)), np.zeros(4, np.int64), 2), 0.1)


def test_products_that_are_all_the_same_give_a_head_that_says_nothing() -> None:
    trunk = np.tile(np.eye(3), (2, 1))
    head = learn(Scatter.of(trunk, np.array([0, 0, 0, 1, 1, 1]), 2), 0.1)
    applied = head.apply(trunk)
    assert head.dimension == 1
    assert np.isfinite(applied).all()


def test_a_head_applies_as_a_part_of_an_encoder_does() -> None:
    views = shop(0.2, 0.5)
    head = learn(views.scatter(), 0.1)
    rows = views.trunk.astype(np.float32)
    piece = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    wanted = (piece - head.centre) @ head.projection
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    np.testing.assert_allclose(head.apply(views.trunk), wanted, atol=1e-5)
    assert head.learnt_on == len(rows)
    again = ShopHead(head.centre.copy(), head.projection.copy(), 1)
    assert again.digest() == head.digest()


# Held-back photos.


def test_folds_are_runs_of_photos_and_leave_each_product_some() -> None:
    products = np.repeat(np.arange(40), [1, 2, 3, 7, 20] * 8)
    found = folds(products, seed=3)
    for product in range(40):
        own = found[products == product]
        if len(own) == 1:
            assert own[0] == -1
            continue
        assert len(set(own.tolist())) == min(len(own), FOLDS)
        assert np.count_nonzero(np.diff(own)) == min(len(own), FOLDS) - 1  # each fold is one run
    sizes = np.bincount(found[found >= 0], minlength=FOLDS)
    assert sizes.min() > 0.7 * sizes.max()
    np.testing.assert_array_equal(found, folds(products, seed=3))
    assert (found != folds(products, seed=4)).any()


def test_a_large_catalog_holds_back_only_some() -> None:
    products = np.repeat(np.arange(30), 10)
    found = folds(products, most=100)
    assert np.count_nonzero(found >= 0) == 100
    assert folds(np.zeros(0, np.int64)).tolist() == []


def brute_force(views: ShopViews, choice: Choice) -> tuple[float, float]:
    """Top-1 of each held-back photo without and with a head, one photo after the other."""
    fold_of = folds(views.products)
    before, after = [], []
    for photo in np.flatnonzero(fold_of >= 0):
        held = fold_of[views.photos] == fold_of[photo]
        head = learn(Scatter.of(views.trunk[~held], views.owners[~held], PRODUCTS), choice.shrinkage, views.edges)
        old = unit(views.embeddings)
        new = unit(np.concatenate([old, choice.weight * head.apply(views.trunk)], axis=1))
        for rows, right in ((old, before), (new, after)):
            query = unit(rows[views.photos == photo].sum(axis=0)[None])[0]
            cosines = np.where(held, -2.0, rows @ query)
            right.append(views.owners[cosines.argmax()] == views.products[photo])
    return float(np.mean(before)), float(np.mean(after))


def test_validation_is_what_brute_force_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    views = shop(0.1, 0.3)
    only = Choice(0.3, 1.5)
    monkeypatch.setattr(adapt_validation, "SHRINKAGES", (only.shrinkage,))
    monkeypatch.setattr(adapt_validation, "WEIGHTS", (only.weight,))
    monkeypatch.setattr(adapt_validation, "_BLOCK", 1000)  # several blocks of photos
    found = validate(views)
    assert found is not None
    assert (found.before, found.after) == pytest.approx(brute_force(views, only))
    assert (found.choice, found.tried, found.choices, found.held_back) == (only, 1, 1, PRODUCTS * PHOTOS)
    assert found.before < found.after
    assert found.wins


def test_a_head_that_cannot_help_does_not_win() -> None:
    found = validate(shop(3.0, 0.0))
    assert found is not None
    assert found.before == 1.0
    assert found.gain <= 0.0
    assert not found.wins


def test_the_same_seed_finds_the_same() -> None:
    views = shop(0.1, 0.3)
    assert validate(views, seed=1) == validate(views, seed=1)


@pytest.mark.parametrize(
    "few",
    [
        lambda: shop(1.0, 0.1, PRODUCTS, 1),
        lambda: shop(1.0, 0.1, (LEAST_HELD_BACK - 1) // 2, 2),
        lambda: shop(1.0, 0.1, 1, LEAST_HELD_BACK),
    ],
    ids=["one photo each", "few products", "one product"],
)
def test_too_few_photos_show_nothing(few: Callable[[], ShopViews]) -> None:
    assert validate(few()) is None


def test_when_time_is_short_fewer_heads_are_tried() -> None:
    asked: list[int] = []

    def in_time() -> bool:
        asked.append(1)
        return len(asked) < 2

    found = validate(shop(0.1, 0.3), in_time)
    assert found is not None
    assert found.tried == 2 * len(WEIGHTS)
    assert found.choices == len(SHRINKAGES) * len(WEIGHTS)


def test_a_choice_is_judged_on_photos_that_did_not_make_it() -> None:
    """Each of two choices is right in one fold only: picked on the other fold, it is always the wrong one."""
    fold_of = np.repeat([0, 1], 10)
    right = np.array([fold_of == 0, fold_of == 1])
    found = judged(np.zeros(20, bool), right, fold_of, [Choice(0.1, 1.0), Choice(0.3, 1.0)])
    assert found.after == 0.0
    assert not found.wins
    certain = judged(np.zeros(20, bool), np.ones((2, 20), bool), fold_of, [Choice(0.1, 1.0), Choice(0.3, 1.0)])
    assert certain.gain == 1.0
    assert certain.choice == Choice(0.1, 1.0)  # the first of equals
    assert certain.wins
