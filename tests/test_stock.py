"""stock.sqlite beside the generations: replaced whole, the newest is read, damage stops no lookup."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from engine import errors, stock
from engine.records import StockLevel
from engine.stock import StockReader, write_stock
from tests.test_storage import file_size_limit

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def level(quantity: int, location: str = "Berlin", updated_at: datetime | None = NOON) -> tuple[str, StockLevel]:
    return "A-1", StockLevel(location, quantity, updated_at)


def test_levels_come_back_by_location(tmp_path: Path) -> None:
    tokyo = datetime(2026, 3, 1, 21, 30, tzinfo=timezone(timedelta(hours=9)))
    rows = [level(3), ("B", StockLevel("仓库", -2, None)), level(5, "Aachen", tokyo), level(4)]
    assert write_stock(tmp_path, rows) == 3
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1", "B", "C'; DROP TABLE levels; --"]) == {
        "A-1": (StockLevel("Aachen", 5, tokyo), StockLevel("Berlin", 4, NOON)),
        "B": (StockLevel("仓库", -2, None),),
    }
    assert reader.levels(["A-1"])["A-1"][0].updated_at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert reader.levels([]) == {}
    assert reader.present
    reader.close()
    assert [one.name for one in tmp_path.iterdir()] == ["stock.sqlite"]


def test_times_are_stored_as_rfc_3339_in_utc(tmp_path: Path) -> None:
    write_stock(tmp_path, [level(1, updated_at=datetime(2026, 3, 1, 21, 30, tzinfo=timezone(timedelta(hours=9))))])
    connection = sqlite3.connect(tmp_path / "stock.sqlite")
    assert connection.execute("SELECT updated_at FROM levels").fetchone() == ("2026-03-01T12:30:00Z",)
    connection.close()


@pytest.mark.parametrize("keep_open", [True, False])
def test_a_reader_sees_the_newest_file(tmp_path: Path, keep_open: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of reading: with the file kept open, and as on Windows, where that would stop the replacing."""
    monkeypatch.setattr(stock, "_KEEP_OPEN", keep_open)
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1"]) == {}
    assert not reader.present
    for quantity in (1, 2, 3):
        write_stock(tmp_path, [level(quantity)])
        for _ in range(2):
            assert reader.levels(["A-1"])["A-1"][0].quantity == quantity
        assert reader.present
    (tmp_path / "stock.sqlite").unlink()
    assert reader.levels(["A-1"]) == {}
    assert not reader.present
    reader.close()


@pytest.mark.parametrize("content", [b"", b"sku,location\n", b"SQLite format 3\0" + b"\0" * 4080])
def test_a_damaged_file_stops_no_lookup_and_is_logged_once(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "stock.sqlite").write_bytes(content)
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1"]) == reader.levels(["A-1"]) == {}
    assert not reader.present
    assert len(caplog.records) == 1
    assert "go on without it" in caplog.text
    write_stock(tmp_path, [level(7)])
    assert reader.levels(["A-1"])["A-1"][0].quantity == 7
    reader.close()


def test_damage_inside_stops_no_lookup(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_stock(tmp_path, [(f"S{number}", StockLevel("Berlin", 1, NOON)) for number in range(2_000)])
    data = (tmp_path / "stock.sqlite").read_bytes()
    (tmp_path / "stock.sqlite").write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))
    reader = StockReader(tmp_path)
    assert reader.levels(["S1"]) == {}
    assert reader.levels(["S1"]) == {}
    assert not reader.present
    assert len(caplog.records) == 1
    reader.close()


def test_a_folder_in_its_place_is_no_stock(tmp_path: Path) -> None:
    (tmp_path / "stock.sqlite").mkdir()
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1"]) == {}
    reader.close()


def test_times_that_are_none_are_unknown(tmp_path: Path) -> None:
    write_stock(tmp_path, [level(1)])
    for text in ("yesterday", "2026-03-01T12:00:00", "", "9999-99-99"):
        connection = sqlite3.connect(tmp_path / "stock.sqlite")
        connection.execute("UPDATE levels SET updated_at = ?", (text,))
        connection.commit()
        connection.close()
        reader = StockReader(tmp_path)
        assert reader.levels(["A-1"]) == {"A-1": (StockLevel("Berlin", 1, None),)}
        reader.close()


def test_a_time_without_a_zone_is_a_bug_and_leaves_the_old_stock(tmp_path: Path) -> None:
    write_stock(tmp_path, [level(1)])
    with pytest.raises(ValueError, match="time zone"):
        write_stock(tmp_path, [level(2, updated_at=datetime(2026, 3, 1))])
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1"])["A-1"][0].quantity == 1
    reader.close()
    assert [one.name for one in tmp_path.iterdir()] == ["stock.sqlite"]


def test_a_full_disk_leaves_the_old_stock(tmp_path: Path) -> None:
    write_stock(tmp_path, [level(1)])
    rows = [(f"S{number}", StockLevel("Berlin", 1, NOON)) for number in range(5_000)]
    with file_size_limit(30_000), pytest.raises((errors.DiskFull, errors.NotWritable)):
        write_stock(tmp_path, rows)
    reader = StockReader(tmp_path)
    assert reader.levels(["A-1"])["A-1"][0].quantity == 1
    reader.close()
    assert [one.name for one in tmp_path.iterdir()] == ["stock.sqlite"]


def test_readers_never_see_a_part_while_it_is_replaced(tmp_path: Path) -> None:
    """Each file holds one quantity for all; a mixture would show."""
    locations = [f"L{number}" for number in range(50)]
    write_stock(tmp_path, [level(0, location) for location in locations])
    reader, ended, seen = StockReader(tmp_path), threading.Event(), []

    def read() -> None:
        while not ended.is_set():
            seen.append({one.quantity for one in reader.levels(["A-1"])["A-1"]})

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for quantity in range(1, 20):
        write_stock(tmp_path, [level(quantity, location) for location in locations])
    ended.set()
    for thread in threads:
        thread.join()
    assert seen
    assert all(len(quantities) == 1 for quantities in seen)
    assert {one.quantity for one in reader.levels(["A-1"])["A-1"]} == {19}
    reader.close()


def test_a_closed_reader_is_a_bug(tmp_path: Path) -> None:
    reader = StockReader(tmp_path)
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.levels(["A-1"])
