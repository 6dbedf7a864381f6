from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.calibrate import FEWEST, Gallery, Trial, fit
from engine.records import Verdict
from engine.verdict import Calibration, judge


def unit(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


def gallery_of(
    products: int, photos: int, scatter: float, seed: int = 0
) -> tuple[Gallery, NDArray[np.float32], NDArray[np.int64]]:
    """Products around random directions, `photos` each; two vectors (views) a photo."""
    rng = np.random.default_rng(seed)
    centres = unit(rng.normal(size=(products, 64)) + 0.7)
    owners = np.repeat(np.arange(1, products + 1), photos * 2)
    references = np.repeat(np.arange(1, products * photos + 1), 2)
    vectors = unit(centres[owners - 1] + scatter * rng.normal(size=(len(owners), 64)) / 8)
    shuffled = rng.permutation(len(owners))
    gallery = Gallery(vectors[shuffled], owners[shuffled].astype(np.int64), references[shuffled].astype(np.int64))
    return gallery, centres, owners


def all_trials(gallery: Gallery, count: int = 1000) -> list[Trial]:
    rng = np.random.default_rng(1)
    return [
        trial
        for reference in gallery.sample(count, rng)
        for trial in gallery.trials(gallery.query(reference), reference)
    ]


def test_a_photo_is_left_out_only_where_the_product_has_others() -> None:
    several, _, _ = gallery_of(30, 3, 0.8)
    known = [trial for trial in all_trials(several) if trial.own >= 0]
    assert len(known) == 90
    assert max(float(trial.similarities[0]) for trial in known) < 0.99
    single, _, _ = gallery_of(30, 1, 0.1)
    assert all(trial.similarities[0] > 0.99 for trial in all_trials(single) if trial.own >= 0)


def test_a_stranger_never_meets_its_own_product() -> None:
    gallery, _, _ = gallery_of(10, 2, 0.1)
    trials = all_trials(gallery)
    strangers = [trial for trial in trials if trial.own < 0]
    assert len(strangers) == 20
    assert all(len(trial.similarities) == 9 for trial in strangers)
    closest_known = min(trial.similarities[trial.own] for trial in trials if trial.own >= 0)
    assert max(trial.similarities[0] for trial in strangers) < closest_known


def test_trials_agree_with_a_naive_search() -> None:
    rng = np.random.default_rng(3)
    vectors, products = unit(rng.normal(size=(40, 8))), rng.integers(1, 7, 40)
    references = products * 100 + rng.integers(0, 3, 40)
    gallery = Gallery(vectors, products.astype(np.int64), references.astype(np.int64))
    query = unit(rng.normal(size=8))
    for reference in np.unique(references):
        own = int(reference) // 100
        others = np.any((products == own) & (references != reference))
        best: dict[int, float] = {}
        for vector, owner, source in zip(vectors, products, references, strict=True):
            if owner == own and source == reference and others:
                continue
            best[owner] = max(best.get(owner, -2.0), float(query @ vector))
        ranked = sorted(best.values(), reverse=True)
        known, stranger = gallery.trials(query, int(reference))
        assert known.similarities[: len(ranked)] == pytest.approx(ranked, abs=1e-6)
        assert known.similarities[known.own] == pytest.approx(best[own], abs=1e-6)
        del best[own]
        assert stranger.similarities == pytest.approx(sorted(best.values(), reverse=True), abs=1e-6)


def test_every_product_is_sampled_before_any_comes_twice() -> None:
    gallery, _, _ = gallery_of(20, 3, 0.5)
    chosen = gallery.sample(20, np.random.default_rng(0))
    assert len({(reference - 1) // 3 for reference in chosen}) == 20
    assert len(set(gallery.sample(999, np.random.default_rng(0)))) == 60
    assert gallery.sample(7, np.random.default_rng(5)) == gallery.sample(7, np.random.default_rng(5))
    single, _, _ = gallery_of(20, 1, 0.5)
    assert single.sample(20, np.random.default_rng(0), only_with_others=True) == []


def test_a_fit_separates_known_items_from_strangers_it_has_never_seen() -> None:
    gallery, centres, _ = gallery_of(60, 3, 0.9)
    calibration = fit(all_trials(gallery))
    assert (calibration.known_queries, calibration.stranger_queries) == (180, 180)
    rng = np.random.default_rng(11)
    fresh = unit(centres + 0.9 * rng.normal(size=centres.shape) / 8)
    strangers = unit(rng.normal(size=(60, 64)) + 0.7)
    wrong_matches, known_unknown, stranger_known = 0, 0, 0
    for product, query in enumerate(fresh, start=1):
        similarities, ids = search(gallery, query)
        verdict, _, _ = judge(similarities, calibration)
        wrong_matches += verdict is Verdict.MATCH and ids[0] != product
        known_unknown += verdict is Verdict.UNKNOWN
    for query in strangers:
        verdict, _, _ = judge(search(gallery, query)[0], calibration)
        wrong_matches += verdict is Verdict.MATCH
        stranger_known += verdict is not Verdict.UNKNOWN
    assert wrong_matches <= 2
    assert known_unknown <= 6
    assert stranger_known <= 12


def search(gallery: Gallery, query: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    cosines = gallery._vectors @ query
    best = np.maximum.reduceat(cosines, gallery._starts)
    order = np.argsort(-best)
    return best[order], gallery._ids[order]


def test_a_catalog_that_cannot_tell_its_products_apart_does_not_claim_to() -> None:
    rng = np.random.default_rng(2)
    vectors = unit(rng.normal(size=(120, 16)))  # photos of one product are no more alike than any others
    owners = np.repeat(np.arange(1, 41), 3)
    gallery = Gallery(vectors, owners.astype(np.int64), np.arange(1, 121))
    calibration = fit(all_trials(gallery))
    verdicts = [judge(trial.similarities, calibration)[0] for trial in all_trials(gallery)]
    assert verdicts.count(Verdict.MATCH) == 0


def test_a_catalog_too_small_to_learn_from_has_the_defaults() -> None:
    assert fit([]) == Calibration()
    one, _, _ = gallery_of(1, 1, 0.5)
    assert fit(all_trials(one)) == Calibration()
    two, _, _ = gallery_of(2, 1, 0.5)
    assert len(all_trials(two)) < 2 * FEWEST
    assert fit(all_trials(two)) == Calibration()


def test_few_products_are_each_others_crowd() -> None:
    gallery, _, _ = gallery_of(4, 5, 0.5)
    calibration = fit(all_trials(gallery))
    assert calibration.known_queries == 20
    assert calibration.crowd != Calibration().crowd


def test_slopes_are_never_negative() -> None:
    """Known items that resemble less than strangers do: nonsense data must not make nonsense rules."""
    crowd = np.linspace(0.3, 0.1, 20).astype(np.float32)
    known = [Trial(np.r_[np.float32(0.31 + 0.001 * i), crowd], 0) for i in range(30)]
    strangers = [Trial(np.r_[np.float32(0.9 + 0.001 * i), crowd], -1) for i in range(30)]
    calibration = fit(known + strangers)
    assert calibration.similarity_slope >= 0
    assert calibration.contrast_slope >= 0
