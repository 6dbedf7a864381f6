"""Which products will be confused: against loops, by hand-made catalogs, and on real ones."""

from __future__ import annotations

import csv
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import SKUS, WITHOUT_PHOTO, Drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import catalog_check
from engine.catalog import Reference
from engine.catalog_advice import Finding, difference, twin
from engine.catalog_check import Kind, ProductCheck, leave_one_out, troubled, twin_threshold
from engine.cli import main
from engine.encoder import Encoder
from engine.records import Product, Progress
from engine.verdict import CROWD_RANKS, Calibration, judge

CALIBRATION = Calibration(temperature=0.05, match_at=0.9)


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 18), st.integers(1, 60))
def test_leaving_one_out_against_a_loop(seed: int, product_count: int, block: int) -> None:
    rng = np.random.default_rng(seed)
    owners = [
        (int(product), int(product) * 10 + photo)
        for product in rng.permutation(product_count) + 3
        for photo in range(rng.integers(1, 4))
        for _ in range(rng.integers(1, 3))
    ]
    owners = [owners[place] for place in rng.permutation(len(owners))]
    products, references = (np.array(column, dtype=np.int64) for column in zip(*owners, strict=True))
    vectors = unit(rng.normal(size=(len(owners), 6)))
    steps: list[Progress] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(catalog_check, "_BLOCK", block * len(owners))
        found = leave_one_out(vectors, products, references, steps.append)
    assert steps[-1].done == steps[-1].total == len(set(references.tolist()))
    assert list(zip(found.products.tolist(), found.references.tolist(), strict=True)) == sorted(set(owners))
    for row, (product, reference) in enumerate(sorted(set(owners))):
        query = unit(vectors[references == reference].sum(axis=0))
        best = {
            other: max(
                (float(query @ vectors[at]) for at, owner in enumerate(owners) if owner[0] == other
                 and owner[1] != reference), default=-math.inf,
            )
            for other in set(products.tolist())
        }  # fmt: skip
        assert found.own[row] == pytest.approx(best.pop(product), abs=1e-5)
        ranked = sorted(best.values(), reverse=True)
        assert found.similarities[row] == pytest.approx(ranked[0] if ranked else -math.inf, abs=1e-5)
        if ranked:
            assert best[int(found.rivals[row])] == pytest.approx(ranked[0], abs=1e-5)
        crowd = ranked[CROWD_RANKS]
        assert found.crowds[row] == pytest.approx(np.mean(crowd) if crowd else math.nan, abs=1e-5, nan_ok=True)


def test_a_catalog_without_vectors_has_nothing_to_leave_out() -> None:
    nothing = np.zeros(0, np.int64)
    found = leave_one_out(np.zeros((0, 4), np.float32), nothing, nothing)
    assert len(found.own) == 0
    bare = Product("B", "Bare")
    [only] = troubled(found, {}, {}, [bare], CALIBRATION)
    assert (only.product, only.risk, [one.kind for one in only.findings]) == (bare, 1.0, ["no_photo"])


@given(st.floats(0.01, 0.2), st.floats(0.6, 0.99))
def test_a_twin_is_what_the_verdict_cannot_call_a_match(temperature: float, match_at: float) -> None:
    calibration = Calibration(bias=50.0, temperature=temperature, match_at=match_at)
    edge = twin_threshold(calibration)
    for rival, is_match in ((edge - 1e-4, True), (edge + 1e-4, False)):
        verdict, _, _ = judge(np.array([1.0, rival]), calibration)
        assert (verdict.value == "match") == is_match
    assert twin_threshold(replace(calibration, match_at=1.0)) < edge


#: Directions in space: products of a small world, told apart by the angle between them.
def at(degrees: float, *others: float) -> list[float]:
    turn = math.radians(degrees)
    return [math.cos(turn), math.sin(turn), *others, *[0.0] * (12 - len(others))]


def axis(number: int) -> list[float]:
    return [0.0, 0.0, *[float(place == number) for place in range(12)]]


def world(
    *photos: tuple[str, list[float]], shared: str = "", bare: tuple[Product, ...] = ()
) -> dict[str, ProductCheck]:
    """Checks a catalog of these photos (SKU and direction), one view each; by SKU, in the order of the answer."""
    skus = list(dict.fromkeys(sku for sku, _ in photos))
    numbers = {sku: place + 1 for place, sku in enumerate(skus)}
    ids = np.array([numbers[sku] for sku, _ in photos], dtype=np.int64)
    references = np.arange(len(photos), dtype=np.int64) + 100
    found = leave_one_out(unit(np.array([direction for _, direction in photos])), ids, references)
    by_id = {numbers[sku]: Product(sku, f"Name of {sku}", gtin="1", attributes={"size": sku}) for sku in skus}
    stored: dict[int, list[Reference]] = {}
    for place, (sku, _) in enumerate(photos):
        digest = "shared" if sku in shared.split() else f"digest {place}"
        stored.setdefault(numbers[sku], []).append(Reference(place + 100, f"{sku}/{place}.jpg", digest, 9, 9))
    return {one.product.sku: one for one in troubled(found, by_id, stored, bare, CALIBRATION)}


def kinds(check: ProductCheck) -> list[str]:
    return [finding.kind for finding in check.findings]


FAR = [(f"F{number}", axis(number)) for number in range(10)] + [(f"F{number}", axis(number)) for number in range(10)]


def test_well_told_products_have_no_findings() -> None:
    assert world(*FAR) == {}


def test_twins_are_named_with_their_cosine_from_both_sides() -> None:
    found = world(*FAR, ("A", at(0)), ("A", at(1)), ("B", at(8)), ("B", at(9)))
    assert set(found) == {"A", "B"}
    [finding] = found["A"].findings
    assert (finding.kind, finding.other) == ("twin", "B")
    assert finding.similarity == pytest.approx(math.cos(math.radians(7)))
    assert "(cosine 0.993)" in finding.says
    assert finding.advice == "These two differ only by size (A / B): scan the barcode."
    assert found["B"].findings[0].other == "A"


def test_a_product_between_twins_is_confused_but_no_twin() -> None:
    found = world(*FAR, ("A", at(0)), ("A", at(1)), ("B", at(3)), ("B", at(4)), ("C", at(7)), ("C", at(14)))
    assert kinds(found["A"]) == ["twin"]
    [finding] = found["C"].findings
    assert (finding.kind, finding.other, finding.photo) == ("confused", "B", "C/24.jpg")
    assert finding.says.startswith("1 of 2 photos would be taken for another product, C/24.jpg for B Name of B")
    assert next(iter(found)) == "C"


def test_one_photo_is_told_and_risks_more_the_nearer_the_next_product_is() -> None:
    found = world(*FAR, ("A", at(0)), ("B", at(40)), ("B", at(41)), ("C", axis(11)))
    assert kinds(found["A"]) == kinds(found["C"]) == ["one_photo"]
    assert found["A"].risk > found["C"].risk
    alone = world(("A", at(0)))
    assert (kinds(alone["A"]), alone["A"].risk) == (["one_photo"], 0.0)
    pair = world(("A", at(0)), ("B", at(60)))  # nothing says how near two photos of a product are
    assert pair["A"].risk == pytest.approx(1 / (1 + math.exp(0.5 / 0.05)))


def test_photos_that_are_far_apart() -> None:
    strange = at(90, *[0.3] * 10)  # nearer to all others than to its own product
    found = world(*FAR, ("A", at(0)), ("A", at(2)), ("A", strange))
    assert kinds(found["A"]) == ["confused", "far_apart"]
    finding = found["A"].findings[1]
    assert (finding.photo, finding.other) == ("A/22.jpg", None)
    assert "remove it if it shows something else" in finding.advice


def test_one_file_under_two_products() -> None:
    found = world(*FAR, ("A", at(0)), ("B", at(0)), shared="A B")
    assert kinds(found["A"]) == ["same_photo", "twin", "one_photo"]
    assert "A/20.jpg is also a photo of B Name of B." in found["A"].findings[0].says


def test_the_worst_comes_first() -> None:
    found = world(
        *FAR, ("A", at(0)), ("A", at(1)), ("B", at(12)), ("B", at(13)), ("C", at(80)), ("C", at(110)), ("D", at(95)),
        bare=(Product("Z", "Z"),),
    )  # fmt: skip
    risks = [one.risk for one in found.values()]
    assert risks == sorted(risks, reverse=True)
    assert next(iter(found)) == "Z" and risks[0] == 1.0


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (Product("A", "Tea", attributes={"size": "1 l"}), Product("B", "Tea", attributes={"size": "2 l"}),
         "size (1 l / 2 l)"),
        (Product("A", "Tea", attributes={"size": "1 L "}), Product("B", "Tea", attributes={"size": "1 l"}), ""),
        (Product("A", "Tea", attributes={"a": "1", "b": "2", "c": "3"}), Product("B", "Tea"),
         "a (1 / none) and b (2 / none)"),
        (Product("A", "Whole Milk 1 l"), Product("B", "Skimmed Milk 1 l"), "name (Whole / Skimmed)"),
        (Product("A", "Soda"), Product("B", "Soda light"), "name (none / light)"),
        (Product("A", "Red Tea"), Product("B", "Tea Red"), "name (Red Tea / Tea Red)"),
        (Product("A", "牛奶"), Product("B", "豆奶"), "name (牛 / 豆)"),
    ],
)  # fmt: skip
def test_what_differs_is_named(first: Product, second: Product, told: str) -> None:
    assert difference(first, second) == told


def test_the_advice_for_twins_fits_what_the_table_has() -> None:
    bare, coded = Product("A", "Tea"), Product("B", "Tea", gtin="4006381333931")
    assert twin(bare, coded, 0.99).advice == (
        "Nothing in the table tells these two apart: read the label, and give both a GTIN in the table."
    )
    assert "scan the barcode" in twin(coded, replace(coded, sku="C"), 0.99).advice


def test_every_kind_is_a_finding_that_says_what_to_do() -> None:
    found = world(
        *FAR, ("A", axis(11)), ("B", axis(11)), ("C", at(0)), ("C", at(1)), ("C", at(90, *[0.3] * 10)), shared="A B",
        bare=(Product("Z", "Z"),),
    )  # fmt: skip
    findings: list[Finding] = [finding for one in found.values() for finding in one.findings]
    assert {finding.kind for finding in findings} == set(Kind)
    assert all(text.endswith(".") for finding in findings for text in (finding.says, finding.advice))


def test_the_command_lists_the_worst(tiny_catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--catalog", str(tiny_catalog)]
    assert main(["catalog-check", "--json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["version"], found["products"], found["photos"]) == ("000001", 15, 42)
    worst = {one["sku"]: one for one in found["worst"]}
    assert found["with_findings"] == len(worst)
    assert [one["kind"] for one in worst[WITHOUT_PHOTO]["findings"]] == ["no_photo"]
    twins = {
        sku: finding["other"] for sku, one in worst.items() for finding in one["findings"] if finding["kind"] == "twin"
    }
    assert (twins["TWIN-MINT"], twins["TWIN-LIME"]) == ("TWIN-LIME", "TWIN-MINT")
    assert found["counts"]["twin"] == len(twins)
    assert main(["catalog-check", "--top", "1", *where]) == 0
    told = capsys.readouterr().out
    assert "15 products, 42 photos" in told
    assert f"100%  {WITHOUT_PHOTO}" in told and f"--top {len(worst)} lists all" in told
    assert "no photo 1" in told


def test_a_catalog_with_every_trouble_is_read_from_the_disk(
    encoder: Encoder, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.ingest.build import build_catalog

    source = tmp_path / "source"
    for sku in (*SKUS[:6], "SINGLE"):
        for view in range(1 if sku == "SINGLE" else 2):
            drawn.save(drawn.picture(sku, view), source / "images" / sku / f"{view}.jpg")
    shutil.copy(source / "images" / SKUS[0] / "0.jpg", source / "images" / SKUS[1] / "stray.jpg")
    with (source / "products.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("sku", "name"), *((sku, sku.title()) for sku in (*SKUS[:6], "SINGLE"))])
    build_catalog(source, tmp_path / "catalog", encoder)
    assert main(["catalog-check", "--catalog", str(tmp_path / "catalog")]) == 0
    told = capsys.readouterr().out
    assert f"images/{SKUS[1]}/stray.jpg is also a photo of {SKUS[0]} {SKUS[0].title()}." in told
    assert "There is only one photo." in told


def test_a_catalog_whose_calibration_makes_no_sense(
    own_catalog: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Calibration, "from_dict", classmethod(lambda cls, values: cls(temperature=-1.0)))
    assert main(["catalog-check", "--catalog", str(own_catalog)]) == 2
    assert "its calibration makes no sense" in capsys.readouterr().err
