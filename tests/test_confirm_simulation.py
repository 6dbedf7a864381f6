"""The simulation of confirmations, on a dataset of two drawn products. What it measures is not tested here."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_benchmarks import grocery  # noqa: F401  a fixture

from benchmarks.confirmations import Figures, draw, simulate, table
from benchmarks.grocery_source import train_photos
from engine.overlay_file import FILE_NAME


@pytest.mark.parametrize("seed", [0, 1])
def test_fewer_photos_are_a_part_of_more_and_the_seed_decides(seed: int) -> None:
    photos = [(Path(f"{sku}{number}"), sku) for sku in "ab" for number in range(9)]
    few, many = draw(photos, 2, seed), draw(photos, 5, seed)
    assert {sku: paths[:2] for sku, paths in many.items()} == few == draw(photos, 2, seed)
    assert draw(photos, 5, 2) != many
    assert draw(photos[:3], 5, seed)["a"] and "b" not in draw(photos[:3], 5, seed)


def test_the_simulation_confirms_through_the_real_overlay(grocery: Path, tmp_path: Path) -> None:  # noqa: F811
    assert len(train_photos(grocery)) == 4
    for _ in range(2):  # the second time over the same folder begins anew
        rows = simulate(grocery, tmp_path / "work", steps=(1, 2))
        assert [row.confirmed for row in rows] == ["0", "1", "2", "2, crops encoded again"]
        assert [row.active + row.quarantined for row in rows] == [0, 2, 4, 4]
        assert all(row.top5 == 1.0 for row in rows), "there are two products"
    assert (tmp_path / "work" / "catalog-iconic" / FILE_NAME).exists()


def test_the_table_has_a_line_a_row() -> None:
    row = Figures("1", 4, 77, 0.476, (0.419, 0.537), 0.804, 0.027, 0.797, 8, 0)
    head, line = table([row]).splitlines()
    assert head.split() == [
        "confirmed",
        "a",
        "product",
        "active",
        "held",
        "top-1",
        "95",
        "%",
        "top-5",
        "MATCH",
        "wrong",
        "UNKNOWN",
    ]
    assert line.split() == ["1", "4", "77", "47.6", "41.9-53.7", "80.4", "2.7", "0", "79.7"]
    assert len(head) == len(line)
