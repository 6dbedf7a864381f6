"""The benchmarks' own parts. What they measure is not tested here: nothing is timed inside tests."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import pytest
from conftest import Drawn

from benchmarks.__main__ import Row, lookup_rows, planned, table
from benchmarks.cold_start import packages_by_import
from benchmarks.grocery_source import validation_queries, write_source
from benchmarks.large_catalog import PHOTOS_PER_PRODUCT, VIEWS, large_catalog
from benchmarks.pictures import frames, stills
from engine.config import Settings
from engine.image import read_picture
from engine.ingest.source import read_source
from engine.lookup import open_lookup


def test_the_large_catalog_is_a_catalog_and_is_made_once(tmp_path: Path, drawn: Drawn) -> None:
    folder = large_catalog(tmp_path / "catalog", references=40)
    with open_lookup(folder, Settings(provider="cpu", threads=1)) as lookup:
        counts = lookup.generation.manifest.counts
        assert (counts.products, counts.references) == (40 // PHOTOS_PER_PRODUCT, 40)
        assert counts.vectors == 40 * len(VIEWS)
        _, vectors = lookup.generation.catalog.vectors()
        _, products, references = lookup.generation.catalog.owners()
        same_photo = float(vectors[0] @ vectors[1])
        same_product = float(np.mean(vectors[products == products[0]] @ vectors[0]))
        assert references[0] == references[1]
        assert same_photo > same_product > float(np.mean(vectors[products != products[0]] @ vectors[0]))
        assert len(lookup.look_up(drawn.picture("ACORN")).candidates) == 5
    written = (folder / "CURRENT").stat().st_mtime_ns
    large_catalog(folder, references=40)
    assert (folder / "CURRENT").stat().st_mtime_ns == written
    large_catalog(folder, references=80)
    assert (folder / "CURRENT").stat().st_mtime_ns != written


def test_pictures_are_readable_and_frames_have_their_size(tmp_path: Path) -> None:
    assert all(min(read_picture(path).shape[:2]) >= 400 for path in stills(tmp_path, 3))
    stream = list(frames(tmp_path, 3))
    assert [frame.shape for frame in stream] == [(480, 640, 3)] * 3
    assert not np.shares_memory(stream[0], stream[1])
    assert np.any(stream[0] != stream[1])


@pytest.fixture
def grocery(tmp_path: Path, drawn: Drawn) -> Path:
    """Two classes in the layout of the Grocery Store Dataset."""
    folder = tmp_path / "grocery"
    rows = []
    for number, name in enumerate(("Gala-Apple", "Oat-Milk")):
        iconic = folder / "iconic" / f"{name}_Iconic.jpg"
        drawn.save(drawn.picture(name), iconic)
        rows.append([name, number, "Thing", 0, f"/iconic/{iconic.name}", ""])
        for view in (1, 2):
            drawn.save(drawn.picture(name, view), folder / "train" / name / f"{view}.jpg")
    drawn.save(drawn.picture("Oat-Milk", 3), folder / "val" / "a.jpg")
    with (folder / "classes.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["Class Name (str)", "Class ID (int)", "Coarse Class Name (str)", "Coarse Class ID (int)",
                        "Iconic Image Path (str)", "Product Description Path (str)"])  # fmt: skip
        table.writerows(rows)
    trained = [f"train/{row[0]}/{view}.jpg, {row[1]}, 0" for row in rows for view in (1, 2)]
    (folder / "train.txt").write_text("\n".join(trained) + "\n")
    (folder / "val.txt").write_text("val/a.jpg, 1, 0\n")
    return folder


def test_a_dataset_becomes_a_source_that_the_build_reads(grocery: Path, tmp_path: Path) -> None:
    for gallery, photos in (("natural", 4), ("iconic", 2)):
        source = read_source(write_source(grocery, tmp_path / gallery, gallery))  # type: ignore[arg-type]
        assert [item.product.sku for item in source.products] == ["Gala-Apple", "Oat-Milk"]
        assert len(source.photos) == photos
        assert not source.rejected
    write_source(grocery, tmp_path / "natural", "natural")
    assert validation_queries(grocery) == [(grocery / "val" / "a.jpg", "Oat-Milk")]


def test_import_times_are_summed_by_package() -> None:
    report = (
        "import time: self [us] | cumulative | imported package\n"
        "import time:      1500 |       2500 |   numpy._core\n"
        "import time:       500 |       4000 | numpy\n"
        "import time:       250 |        250 | engine.lookup\n"
        "something else\n"
    )
    assert packages_by_import(report) == {"numpy": 2.0, "engine": 0.25}


def test_the_table_marks_what_misses_its_target() -> None:
    text = table([Row("a", "1 ms"), Row("longer", "2", "3", True), Row("b", "9", "3", False)])
    assert text.splitlines() == ["a       1 ms", "longer  2     3  met", "b       9     3  MISSED"]
    found = {
        "total_ms": 40.0, "bare_ms": 30.0, "ratio": 4 / 3, "target": 1.25, "references": 10_000, "encoder": "int8",
        "steps_ms": {"decode": 5.0, "total": 40.0},
    }  # fmt: skip
    assert [row.met for row in lookup_rows(found)] == [None, False, None]


def test_what_is_not_here_is_not_planned(tmp_path: Path) -> None:
    asked = argparse.Namespace(quick=True, photos=None, grocery=None, clothing=None, only=None)
    plan = planned(asked, tmp_path)
    assert {"lookup", "live", "cold_start", "memory"} <= set(plan)
    assert "--quick" in plan["lookup"].arguments and "--quick" in plan["recognition"].arguments
    assert not {"confirmations", "live_clips"} & set(plan)
    asked.quick = False
    assert "recognition" not in planned(asked, tmp_path)
    asked.grocery, asked.only = tmp_path, ["recognition", "live", "confirmations"]
    assert set(planned(asked, tmp_path)) == {"recognition", "live", "confirmations"}
