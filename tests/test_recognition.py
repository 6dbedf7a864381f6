"""The table of recognition: its pure parts, and the whole of it on drawn products with the real encoder and lookup."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from conftest import SKUS, Drawn
from test_benchmarks import grocery  # noqa: F401  a fixture

from benchmarks.recognition import entrants, measure, named, parser
from benchmarks.recognition_catalog import Photos, RememberingEncoder, Stored, best, means
from benchmarks.recognition_encoders import SHIPPED, adapted, given, imagenet, one_variant, shipped
from benchmarks.recognition_figures import Accuracy, Recognition, Separation, Share
from benchmarks.recognition_measures import left_out_products, unseen
from benchmarks.recognition_shop import Shop, demo_shop, grocery_shop
from benchmarks.recognition_strategies import LOOKUP, REGION, WHOLE, filmed, lookup_scores, plain, ranks, views
from benchmarks.recognition_table import accuracy_lines, strategy_lines, tables, verdict_lines
from benchmarks.risk_picture import HIGHEST_RISK, Curve, chart, picture
from engine.config import encoder_folder
from engine.encoder import Encoder
from engine.encoder_info import read_info
from engine.evaluate import CurvePoint, Query, Selection
from engine.generation import Generation
from engine.image import prepare
from engine.records import Vectors
from engine.verdict import Calibration


def unit(rows: Vectors) -> Vectors:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


@pytest.fixture
def stored() -> Stored:
    """Five products with four photos each, near their product's own direction."""
    rng = np.random.default_rng(1)
    centres = unit(rng.standard_normal((5, 24)).astype(np.float32))
    products = np.repeat(np.arange(1, 6), 4)
    whole, region = (unit(centres[products - 1] + 0.1 * rng.standard_normal((20, 24))) for _ in range(2))
    return Stored(Photos(whole, region, products), dict(zip(range(1, 6), "abcde", strict=True)))


def test_the_best_photo_of_each_product_counts() -> None:
    cosines = np.array([[0.1, 0.9, 0.3, 0.2], [0.4, 0.0, 0.5, 0.6]])
    assert best(cosines, np.array([1, 1, 2, 7])).tolist() == [[0.9, 0.3, 0.2], [0.4, 0.5, 0.6]]


def test_ranks_are_those_of_a_stable_sort() -> None:
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 4, (50, 6)).astype(np.float64)  # many are equal
    truth = rng.integers(0, 6, 50)
    order = np.argsort(-scores, axis=1, kind="stable")
    assert ranks(scores, truth).tolist() == [row.index(own) for row, own in zip(order.tolist(), truth, strict=True)]


def test_shares_have_intervals_and_nothing_has_none() -> None:
    share = Share.of(np.array([1.0, 1.0, 1.0, 0.0]))
    assert share is not None
    assert (share.value, share.count) == (0.75, 4)
    assert share.interval[0] < 0.75 < share.interval[1]
    assert Share.of(np.zeros(0)) is None
    assert Accuracy.of(np.array([0, 3, 9])).top5.value == pytest.approx(2 / 3)  # type: ignore[union-attr]
    assert Separation.of(np.ones(3), np.zeros(0)) is None
    assert Separation.of(np.ones(3), np.zeros(3)).value == 1.0  # type: ignore[union-attr]


def test_a_left_out_product_is_known_less(stored: Stored) -> None:
    photos = stored.photos
    known, strange = left_out_products(stored, Calibration(), photos.means, [stored.skus[p] for p in photos.products])
    assert known.min() > strange.max()


def test_unseen_products_are_asked_with_photos_that_do_not_answer(stored: Stored) -> None:
    shop = Shop("", {}, (), frozenset("bd"), frozenset("d"), None, never_trained_on=True)
    found = unseen({"natural": stored, "iconic": stored}, shop)
    assert list(found) == ["3 photos", "iconic"]
    top1 = {kind: figures.everything[LOOKUP].top1 for kind, figures in found.items()}
    assert {kind: share.count for kind, share in top1.items() if share} == {"3 photos": 2, "iconic": 2}
    assert all(share and share.value == 1.0 for share in top1.values())
    assert found["3 photos"].packaged[WHOLE].top1.count == 1  # type: ignore[union-attr]


def test_the_views_of_a_catalog_are_those_that_are_stored(tiny_catalog: Path) -> None:
    with Generation.open_current(tiny_catalog, [encoder_folder()]) as generation:
        stored, (_, vectors) = Stored.of(generation.catalog), generation.catalog.vectors()
    assert list(stored.skus.values()) == list(SKUS)
    assert len(stored.photos.products) == 3 * len(SKUS)
    together = np.concatenate([stored.photos.whole, stored.photos.region])
    assert np.allclose(np.sort(together, axis=0), np.sort(vectors, axis=0))
    assert stored.columns(["BASIL", "ACORN"]).tolist() == [1, 0]


def test_a_view_is_encoded_once_and_as_the_encoder_does(encoder: Encoder, drawn: Drawn) -> None:
    batch = prepare([drawn.picture("IRIS"), drawn.picture("JADE")], encoder.info.input)
    runs = []

    class Counting(RememberingEncoder):
        def __init__(self) -> None:
            super().__init__(encoder)
            session = self._session

            class Session:
                def run(self, names, feed, /):  # type: ignore[no-untyped-def]
                    runs.append(len(feed["pictures"]))
                    return session.run(names, feed)  # type: ignore[union-attr]

            self._session = Session()  # type: ignore[assignment]

    remembering = Counting()
    first = remembering.encode(batch[:1])
    both = remembering.encode(batch)
    again = remembering.encode(batch[::-1].copy())
    assert runs == [1, 1]
    assert np.array_equal(first.embeddings[0], both.embeddings[0])
    assert np.array_equal(both.embeddings, again.embeddings[::-1])
    assert np.allclose(both.embeddings, encoder.encode(batch).embeddings, atol=1e-3)


def test_a_camera_that_moves_sees_what_the_photo_shows(encoder: Encoder, drawn: Drawn, tmp_path: Path) -> None:
    paths = [drawn.save(drawn.picture(sku), tmp_path / f"{sku}.png") for sku in ("IRIS", "JADE")]
    stills = means(*views(encoder, paths))
    last, pooled = filmed(encoder, paths)
    for frames in (last, pooled):
        cosines = frames @ stills.T
        assert np.allclose(np.linalg.norm(frames, axis=1), 1.0, atol=1e-3)
        assert cosines[0, 0] > cosines[0, 1] and cosines[1, 1] > cosines[1, 0]


def test_a_folder_of_one_variant_has_that_encoder(tmp_path: Path) -> None:
    folder = one_variant(encoder_folder(), "float32", tmp_path)
    with Encoder.load(folder, provider="cpu", threads=1) as loaded:
        assert (loaded.choice.variant, loaded.info.id) == ("float32", read_info(encoder_folder()).id)
    assert given("other", folder, unseen=False).variant == "float32"
    assert [one.variant for one in shipped(tmp_path, False, ("float32", "int8"))] == ["float32", "int8"]
    assert named("a=b/c", "x") == ("a", Path("b/c")) and named("b/c", "x") == ("x", Path("b/c"))


def test_without_the_extra_there_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "engine.training.export", None)  # as if it could not be imported
    told = imagenet(tmp_path, tmp_path, lambda _: None)
    assert isinstance(told, str) and "extra `train`" in told
    monkeypatch.setitem(sys.modules, "engine.training.adapt", None)
    copy, told = adapted(tmp_path, given("other", encoder_folder(), unseen=False))
    assert copy is None and "extra `train`" in told


def test_the_demo_is_a_shop_that_nobody_trained_on(tmp_path: Path) -> None:
    shop = demo_shop(tmp_path)
    assert (len(shop.known), len(shop.strangers), len(shop.left_out)) == (48, 12, 16)
    assert shop.queries[:48] == tuple(shop.known)
    fronts = sorted((shop.sources["iconic"] / "images").glob("*/*.jpg"))
    assert len(fronts) == len({front.parent.name for front in fronts}) > 80
    asked = parser().parse_args(["--quick", "--only", SHIPPED])
    notes: list[str] = []
    assert [one.variant for one in entrants(asked, shop, tmp_path, notes)] == ["float32", "int8"]
    assert notes == [
        "ImageNet alone and adapted encoders: not in a quick run.",
        "No training saw any of these products: all are unseen.",
    ]


def test_packages_are_told_by_the_datasets_folders(grocery: Path, tmp_path: Path) -> None:  # noqa: F811
    (grocery / "train" / "Packages").mkdir()
    (grocery / "train" / "Oat-Milk").rename(grocery / "train" / "Packages" / "Oat-Milk")
    rows = (grocery / "train.txt").read_text().replace("train/Oat-Milk", "train/Packages/Oat-Milk")
    (grocery / "train.txt").write_text(rows)
    shop = grocery_shop(grocery, None, tmp_path / "work")
    assert shop.packaged == {"Oat-Milk"}
    assert shop.fitting == grocery / "train"
    assert len(shop.left_out) == 1
    assert not shop.strangers


@pytest.fixture(scope="module")
def measured(tiny_source: Path, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Recognition:
    """All of it, over the drawn products: real builds, calibration and lookups."""
    work = tmp_path_factory.mktemp("recognition")
    known = [Query(drawn.save(drawn.picture(sku, 5), work / "known" / f"{sku}.jpg"), sku) for sku in SKUS]
    strange = [Query(drawn.save(drawn.stranger(one), work / "strange" / f"{one}.jpg"), "") for one in range(6)]
    sources = {"natural": tiny_source, "iconic": tiny_source}
    shop = Shop("drawn", sources, (*known, *strange), frozenset(SKUS[:3]), frozenset(SKUS), None, True)
    usual = replace(shipped(work, False, ("int8",))[0], unseen=True, filmed=False)
    return measure(shop, [usual], work, ["a note"])


def test_the_whole_of_it_runs_over_drawn_products(measured: Recognition) -> None:
    (row,) = measured.rows
    assert set(row.galleries) == {"natural", "iconic"}
    for figures in row.galleries.values():
        assert figures.accuracy.top5.value == figures.strategies[LOOKUP].top5.value > 0.8  # type: ignore[union-attr]
        assert figures.apart_from_strangers is not None and figures.apart_from_left_out is not None
        assert set(figures.strategies) >= {WHOLE, REGION, LOOKUP}
    assert row.unseen is not None
    assert row.unseen["3 photos"].everything[LOOKUP].top1.count == 3  # type: ignore[union-attr]


def test_the_tables_have_a_line_for_each_row(measured: Recognition) -> None:
    text = tables(measured)
    assert "14 known items, 6 strangers" in text and text.endswith("a note\n")
    assert [len(accuracy_lines(measured)), len(verdict_lines(measured))] == [2, 3]
    head, *lines = strategy_lines(measured)
    assert len(lines) == len(measured.rows[0].galleries["natural"].strategies)
    assert head.split("  ")[0] == "encoder"
    assert all(line.startswith(SHIPPED) for line in lines)
    without = replace(measured, rows=[replace(measured.rows[0], unseen=None, galleries={})])
    assert accuracy_lines(without)[1].split() == [SHIPPED, "int8", "-", "-"]


def test_the_picture_is_an_svg_in_two_looks(measured: Recognition) -> None:
    svg = picture(measured)
    ElementTree.fromstring(svg)
    assert "prefers-color-scheme" in svg and "natural gallery" in svg and "iconic gallery" in svg
    with pytest.raises(ValueError, match="shipped"):
        picture(replace(measured, rows=[]))


def test_marks_and_curves_are_in_their_places() -> None:
    points = (CurvePoint(0.9, 0.1, 0.0), CurvePoint(0.5, 1.0, HIGHEST_RISK))
    svg = chart(
        [Curve("a & b", Selection(0.1, 0.5, points), (0.1, 0.0)), Curve("c", Selection(0.1, 0.5, points), None)]
    )
    root = ElementTree.fromstring(svg)
    marks = [one for one in root.iter() if "mark" in one.get("class", "")]
    assert len(marks) == 3, "one in the plot, two in the words"
    curves = [one.get("d", "") for one in root.iter() if "curve" in one.get("class", "") and one.get("clip-path")]
    start = re.match(r"M([\d.]+) ([\d.]+) ", curves[0])
    assert start is not None
    assert (marks[2].get("cx"), marks[2].get("cy")) == start.groups() or (
        marks[0].get("cx"), marks[0].get("cy")) == start.groups()  # fmt: skip
    assert "a &amp; b; MATCH: 10% answered, 0.0% wrong" in svg
    assert "c: no answer was a match" in svg


def test_lookup_scores_take_the_better_view(stored: Stored) -> None:
    photos = stored.photos
    scores = plain(photos, photos.whole, photos.region)
    assert np.array_equal(scores[LOOKUP], lookup_scores(photos, means(photos.whole, photos.region)))
    assert np.allclose(scores[WHOLE][np.arange(20), photos.products - 1], 1.0, atol=1e-5)
