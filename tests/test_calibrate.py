from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from conftest import SKUS, Drawn
from numpy.typing import NDArray

from engine.calibrate import FEWEST, RELATIVES, Gallery, Trial, calibrate, fit
from engine.catalog import Catalog
from engine.catalog_writer import CatalogWriter
from engine.encoder import Encoder
from engine.image import prepare, thumbnail
from engine.records import Product, Progress, Verdict
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


def all_asked(gallery: Gallery, left_out: bool = True, count: int = 1000) -> tuple[list[Trial], list[Trial]]:
    """Every photo as a known item and as a stranger."""
    asked = [gallery.ask(gallery.query(one), one, left_out) for one in gallery.sample(count, np.random.default_rng(1))]
    return [one.known for one in asked], [trial for one in asked for trial in one.stranger]


def test_a_photo_that_is_left_out_does_not_find_itself() -> None:
    several, _, _ = gallery_of(30, 3, 0.8)
    known, _ = all_asked(several)
    assert len(known) == 90
    assert max(float(trial.similarities[0]) for trial in known) < 0.99
    with_itself, _ = all_asked(gallery_of(30, 1, 0.1)[0], left_out=False)
    assert all(trial.own == 0 and trial.similarities[0] > 0.99 for trial in with_itself)
    without, _ = all_asked(gallery_of(30, 1, 0.1)[0])
    assert all(trial.own == 29 for trial in without)


def test_a_stranger_never_meets_its_own_product() -> None:
    known, strangers = all_asked(gallery_of(10, 2, 0.1)[0])
    assert len(strangers) == 20
    assert all(len(trial.similarities) == 9 - RELATIVES for trial in strangers)
    closest_known = min(trial.similarities[trial.own] for trial in known)
    assert max(trial.similarities[0] for trial in strangers) < closest_known


def test_trials_agree_with_a_naive_search() -> None:
    rng = np.random.default_rng(3)
    vectors, products = unit(rng.normal(size=(40, 8))), rng.integers(1, 7, 40)
    references = products * 100 + rng.integers(0, 3, 40)
    gallery = Gallery(vectors, products.astype(np.int64), references.astype(np.int64))
    query = unit(rng.normal(size=8))
    for reference, left_out in itertools.product(np.unique(references).tolist(), (True, False)):
        own = reference // 100
        best = dict.fromkeys(np.unique(products).tolist(), -1.0)
        for vector, owner, source in zip(vectors, products.tolist(), references.tolist(), strict=True):
            if not (left_out and source == reference):
                best[owner] = max(best[owner], float(query @ vector))
        asked = gallery.ask(query, reference, left_out)
        assert asked.known.similarities == pytest.approx(sorted(best.values(), reverse=True), abs=1e-6)
        assert asked.known.similarities[asked.known.own] == pytest.approx(best[own], abs=1e-6)
        for left in (own, *gallery.relatives(reference)):
            del best[left]
        assert len(best) == 3
        assert asked.stranger[0].similarities == pytest.approx(sorted(best.values(), reverse=True), abs=1e-6)


def test_every_product_is_sampled_before_any_comes_twice() -> None:
    gallery, _, _ = gallery_of(20, 3, 0.5)
    chosen = gallery.sample(20, np.random.default_rng(0))
    assert len({(reference - 1) // 3 for reference in chosen}) == 20
    assert len(set(gallery.sample(999, np.random.default_rng(0)))) == 60
    assert gallery.sample(7, np.random.default_rng(5)) == gallery.sample(7, np.random.default_rng(5))


def test_a_fit_separates_known_items_from_strangers_it_has_never_seen() -> None:
    gallery, centres, _ = gallery_of(60, 3, 0.9)
    calibration = fit(*all_asked(gallery))
    assert (calibration.known_queries, calibration.stranger_queries) == (180, 180)
    rng = np.random.default_rng(11)
    fresh = unit(centres + 0.9 * rng.normal(size=centres.shape) / 8)
    strangers = unit(rng.normal(size=(60, 64)) + 0.7)
    wrong_matches, known_unknown, stranger_known = 0, 0, 0
    for product, query in enumerate(fresh, start=1):
        similarities, ids = gallery.rank(query)
        verdict, _, _ = judge(similarities, calibration)
        wrong_matches += verdict is Verdict.MATCH and ids[0] != product
        known_unknown += verdict is Verdict.UNKNOWN
    for query in strangers:
        verdict, _, _ = judge(gallery.rank(query)[0], calibration)
        wrong_matches += verdict is Verdict.MATCH
        stranger_known += verdict is not Verdict.UNKNOWN
    assert wrong_matches <= 2
    assert known_unknown <= 6
    assert stranger_known <= 12


def test_a_catalog_that_cannot_tell_its_products_apart_does_not_claim_to() -> None:
    rng = np.random.default_rng(2)
    vectors = unit(rng.normal(size=(120, 16)))  # photos of one product are no more alike than any others
    owners = np.repeat(np.arange(1, 41), 3)
    gallery = Gallery(vectors, owners.astype(np.int64), np.arange(1, 121))
    calibration = fit(*all_asked(gallery))
    verdicts = [judge(trial.similarities, calibration)[0] for trials in all_asked(gallery) for trial in trials]
    assert verdicts.count(Verdict.MATCH) == 0


def test_a_catalog_too_small_to_learn_from_has_the_defaults() -> None:
    assert fit([], []) == Calibration()
    one, _, _ = gallery_of(1, 1, 0.5)
    assert all_asked(one)[1] == []
    assert fit(*all_asked(one)) == Calibration()
    two, _, _ = gallery_of(2, 1, 0.5)
    assert len(all_asked(two)[0]) < FEWEST
    assert fit(*all_asked(two)) == Calibration()


def test_relatives_are_the_products_that_resemble_a_photo_most() -> None:
    vectors = unit(np.array([[1, 0, 0], [0.9, 0.1, 0], [0, 1, 0], [0.8, 0.3, 0], [0, 0, 1], [0, 0.1, 1]]))
    gallery = Gallery(vectors, np.array([1, 2, 3, 4, 5, 6]), np.array([10, 20, 30, 40, 50, 60]))
    assert gallery.relatives(10) == [2, 4]
    assert gallery.relatives(50)[0] == 6


def test_a_very_large_catalog_is_asked_less_often() -> None:
    gallery, _, _ = gallery_of(10, 2, 0.5)
    assert gallery.affordable(400) == 400
    gallery.vectors = np.broadcast_to(np.float32(0), (300_000, 4))
    assert 100 <= gallery.affordable(400) < 400


def test_fronts_and_backs_are_not_expected_to_find_each_other(tmp_path: Path, encoder: Encoder, drawn: Drawn) -> None:
    """Each product has a front, and a back that looks like every other back: known items must stay known."""
    backs = unit(np.random.default_rng(8).normal(size=encoder.info.dimension))
    path = tmp_path / "catalog.sqlite"
    rng = np.random.default_rng(9)
    with CatalogWriter(path) as writer:
        for sku in SKUS:
            product = writer.add_product(Product(sku, sku))
            front = drawn.picture(sku)
            vector = encoder.encode(prepare([front], encoder.info.input)).embeddings[0]
            reference = writer.add_reference(product, f"{sku}/front.jpg", "0" * 64, 320, 320, thumbnail(front))
            writer.add_vector(reference, "whole", vector)
            reference = writer.add_reference(product, f"{sku}/back.jpg", "0" * 64, 320, 320, thumbnail(front))
            writer.add_vector(reference, "whole", unit(backs + rng.normal(size=backs.size) / 100))
        writer.finish()
    with Catalog.open(path) as catalog:
        steps: list[Progress] = []
        calibration = calibrate(catalog, encoder, progress=steps.append)
        assert calibrate(catalog, encoder) == calibration
    assert steps[-1].done == steps[-1].total == 2 * len(SKUS)
    assert FEWEST <= calibration.known_queries < 4 * len(SKUS)
    alone = np.r_[np.float32(0.95), np.linspace(0.5, 0.4, 13, dtype=np.float32)]
    assert judge(alone, calibration)[0] is not Verdict.UNKNOWN


def test_few_products_are_each_others_crowd() -> None:
    gallery, _, _ = gallery_of(4, 5, 0.5)
    calibration = fit(*all_asked(gallery))
    assert calibration.known_queries == 20
    assert calibration.crowd != Calibration().crowd


def test_slopes_are_never_negative() -> None:
    """Known items that resemble less than strangers do: nonsense data must not make nonsense rules."""
    crowd = np.linspace(0.3, 0.1, 20).astype(np.float32)
    known = [Trial(np.r_[np.float32(0.31 + 0.001 * i), crowd], 0) for i in range(30)]
    strangers = [Trial(np.r_[np.float32(0.9 + 0.001 * i), crowd], -1) for i in range(30)]
    calibration = fit(known, strangers)
    assert calibration.similarity_slope >= 0
    assert calibration.contrast_slope >= 0
