"""The demo catalog's source and the samples are what the documentation says; no renderer is needed to know."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from PIL import Image

from catalogs.studio import barcode, samples_plan, sheets, table

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "catalogs" / "demo"
SAMPLES = ROOT / "assets" / "samples"
MIB = 1 << 20


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as sheet:
        return list(csv.DictReader(sheet))


@pytest.fixture(scope="module")
def products() -> list[dict[str, str]]:
    return _rows(DEMO / "products.csv")


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_sheets_are_what_the_table_gives(tmp_path: Path) -> None:
    sheets.write_products(table.catalog(), tmp_path / "products.csv")
    sheets.write_stock(table.catalog(), tmp_path / "stock.csv")
    for name in ("products.csv", "stock.csv"):
        assert (tmp_path / name).read_bytes() == (DEMO / name).read_bytes(), f"{name} is older than the table"


def test_products_and_categories(products: list[dict[str, str]]) -> None:
    assert len(products) >= 60
    assert len({row["sku"] for row in products}) == len(products)
    assert len({row["category"] for row in products}) >= 8
    for row in products:
        assert row["name"] and row["brand"] and row["description"], row["sku"]
        assert re.fullmatch(r"[A-Z]\d", row["aisle"]), row["sku"]
        assert re.fullmatch(r"\d+\.\d\d", row["price"]) and Decimal(row["price"]) > 0, row["sku"]
        assert row["currency"] == "EUR"


def test_names_are_also_chinese(products: list[dict[str, str]]) -> None:
    for row in products:
        for column in ("name:zh", "description:zh"):
            assert any("一" <= char <= "鿿" for char in row[column]), (row["sku"], column)


def test_gtins_are_valid_and_unique(products: list[dict[str, str]]) -> None:
    numbers = [row["gtin"] for row in products]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert re.fullmatch(r"\d{13}", number)
        # The sum written out again, so that a wrong rule in the table cannot agree with itself.
        assert (sum(map(int, number[::2])) + 3 * sum(map(int, number[1::2]))) % 10 == 0, number
        assert number.startswith(table.GTIN_PREFIX)


@pytest.mark.parametrize(("twelve", "digit"), [("400638133393", 1), ("978030640615", 7), ("590123412345", 7)])
def test_check_digit_of_published_numbers(twelve: str, digit: int) -> None:
    assert table.check_digit(twelve) == digit


@pytest.mark.parametrize("wrong", ["", "12345", "1234567890123", "12345678901x"])
def test_check_digit_refuses_other_lengths(wrong: str) -> None:
    with pytest.raises(ValueError, match="twelve digits"):
        table.check_digit(wrong)


def test_barcode_modules() -> None:
    bars = barcode.modules("5901234123457")
    assert len(bars) == 95
    assert bars.startswith("101") and bars.endswith("101") and bars[45:50] == "01010"
    with pytest.raises(ValueError, match="13 digits"):
        barcode.modules("590123412345")


def test_every_product_has_pictures_that_decode(products: list[dict[str, str]]) -> None:
    folders = {path.name for path in (DEMO / "images").iterdir() if path.is_dir()}
    assert folders == {row["sku"] for row in products}
    for folder in folders:
        pictures = sorted((DEMO / "images" / folder).glob("*.jpg"))
        assert 2 <= len(pictures) <= 4, folder
        for path in pictures:
            with Image.open(path) as picture:
                picture.load()
                assert picture.mode == "RGB" and min(picture.size) >= 300, path.name
    assert _size_bytes(DEMO / "images") < 10 * MIB


def test_near_twins_share_a_body_and_differ_in_an_attribute() -> None:
    groups: dict[str, list[table.Product]] = {}
    for product in table.catalog():
        if product.twins:
            groups.setdefault(product.twins, []).append(product)
    twins = [product for group in groups.values() if len(group) > 1 for product in group]
    assert len(twins) >= 10
    for group in groups.values():
        assert len({(item.shape, item.layout) for item in group}) == 1
        assert len({tuple(sorted(item.attributes.items())) for item in group}) == len(group), group[0].twins


def test_stock_of_every_product_in_three_locations(products: list[dict[str, str]]) -> None:
    rows = _rows(DEMO / "stock.csv")
    assert {row["location"] for row in rows} == set(sheets.LOCATIONS) and len(sheets.LOCATIONS) == 3
    assert Counter(row["sku"] for row in rows) == {row["sku"]: 3 for row in products}
    amounts = [int(row["quantity"]) for row in rows]
    assert min(amounts) == 0 and any(0 < amount <= 3 for amount in amounts)
    for row in rows:
        moment = datetime.fromisoformat(row["updated_at"])
        assert moment.utcoffset() is not None and row["updated_at"].endswith("Z")


def test_the_plan_of_the_samples_depends_on_its_seed_alone() -> None:
    catalog, strangers = table.catalog(), table.strangers()
    first = samples_plan.plan(catalog, strangers)
    assert first == samples_plan.plan(catalog, strangers)
    assert first != samples_plan.plan(catalog, strangers, seed=1)
    known = [sample.sku for sample in first if sample.known]
    assert len(set(known)) == len(known), "each known item once"
    assert {sample.scene for sample in first} == set(samples_plan.SCENES)
    assert not {item.sku for item in strangers} & {item.sku for item in catalog}
    assert not {item.brand for item in strangers} & {item.brand for item in catalog}


def test_queries_name_the_planned_stills(products: list[dict[str, str]]) -> None:
    rows = _rows(SAMPLES / "queries.csv")
    planned = samples_plan.plan(table.catalog(), table.strangers())
    assert [(row["path"], row["sku"]) for row in rows] == [
        (item.path, item.sku if item.known else "") for item in planned
    ]
    assert sum(bool(row["sku"]) for row in rows) >= 40
    assert sum(not row["sku"] for row in rows) >= 8
    assert {row["sku"] for row in rows} - {""} <= {row["sku"] for row in products}
    for row in rows:
        assert row["path"].startswith("known/" if row["sku"] else "strangers/")
        with Image.open(SAMPLES / row["path"]) as picture:
            picture.load()
            assert 600 <= max(picture.size) <= 1000, row["path"]
    stills = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.glob("*/*.jpg")}
    assert stills == {row["path"] for row in rows}, "no still outside the plan"


def test_the_clip_and_its_sheet(products: list[dict[str, str]]) -> None:
    clip = SAMPLES / "clip.mp4"
    assert b"ftyp" in clip.read_bytes()[:16]
    rows = _rows(SAMPLES / "clip.csv")
    assert [row["sku"] for row in rows] == [item.sku for item in samples_plan.clip_items(table.catalog())]
    assert {row["sku"] for row in rows} <= {row["sku"] for row in products}
    assert 4 <= float(rows[-1]["end_s"]) <= 8


def test_samples_fit_their_size() -> None:
    assert _size_bytes(SAMPLES) < 8 * MIB
    assert f"seed is {samples_plan.SEED}" in (SAMPLES / "README.md").read_text(encoding="utf-8")
