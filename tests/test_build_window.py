"""Building a catalog from the window: progress, the refused list, stopping and going on; and starting up."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop import crash
from desktop.app import facts_of, load_settings, notice, save_settings
from desktop.build_dialog import BuildDialog, progress_line
from desktop.building import Building, folder_for
from desktop.crash_notice import CrashNotice
from desktop.settings import SettingsDialog
from desktop.tasks import Lane
from engine.config import Settings, data_folder, profile_folder
from engine.errors import EngineError, Interrupted
from engine.records import Progress
from tests.window_fixtures import wait, window_over


@pytest.fixture
def source(tiny_source: Path, tmp_path: Path) -> Path:
    """Products with one row that is refused, and one photo that is."""
    folder = Path(shutil.copytree(tiny_source, tmp_path / "my shop 商店"))
    with (folder / "products.csv").open("a", encoding="utf-8") as table:
        table.write("ACORN,twice the same SKU,,,,,,,\n")
    (folder / "images" / "BASIL" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut off")
    return folder


@pytest.fixture
def building() -> Iterator[Building]:
    lane = Lane("build")
    yield Building(lane, Settings(provider="cpu", threads=1))
    lane.stop()


def test_from_a_folder_to_an_open_catalog(qtbot: QtBot, source: Path) -> None:
    with window_over(None, qtbot) as window:
        window.desk.build()
        dialog = window.desk.dialog
        assert dialog is not None and not dialog.start.isEnabled()
        dialog.use_source(source)
        seen: list[Progress] = []
        window.building.progressed.connect(seen.append)
        dialog.start.click()
        assert window.building.running and dialog.stop.isVisible() and not dialog.start.isVisible()
        wait(qtbot, lambda: dialog.use.isVisible(), 60_000)
        assert {"read", "encode", "index"} <= {progress.step for progress in seen}
        refused = [dialog._table.item(row, 0).text() for row in range(dialog._table.rowCount())]
        assert dialog._table.isVisible() and "products.csv" in refused and any("broken.jpg" in name for name in refused)
        assert "15 products" in dialog._summary.text() and "2 refused" in dialog._summary.text()
        dialog.use.click()
        wait(qtbot, lambda: window.switch.current is not None)
        assert "my shop 商店" in window.status.text
        assert window.settings.catalog == data_folder() / "catalogs" / "my-shop-商店"
        dialog.close()


def test_a_stopped_build_leaves_nothing_and_the_next_one_finishes(
    qtbot: QtBot, source: Path, tmp_path: Path, building: Building
) -> None:
    outcome: list[object] = []
    building.finished.connect(outcome.append)
    building.failed.connect(outcome.append)
    building.progressed.connect(lambda progress: building.stop() if progress.step == "encode" else None)
    building.start(source, tmp_path / "out")
    wait(qtbot, lambda: bool(outcome), 60_000)
    assert isinstance(outcome[0], Interrupted) and not building.running
    assert not (tmp_path / "out" / "CURRENT").exists()
    building.progressed.disconnect()
    building.start(source, tmp_path / "out")
    building.start(source, tmp_path / "other")
    wait(qtbot, lambda: len(outcome) > 1, 60_000)
    assert not isinstance(outcome[1], EngineError) and (tmp_path / "out" / "CURRENT").exists()
    assert not (tmp_path / "other").exists(), "one build at a time"


def test_a_source_without_products_is_said_in_the_dialog(qtbot: QtBot, tmp_path: Path, building: Building) -> None:
    dialog = BuildDialog(building)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.use_source(tmp_path)
    dialog.start.click()
    wait(qtbot, lambda: dialog._banner.isVisible())
    assert "products.csv" in dialog._banner.said.sentence and dialog._banner.said.advice
    assert dialog.start.isVisible() and dialog.start.isEnabled()


def test_progress_is_said_in_words() -> None:
    said = progress_line(Progress("encode", 120, 1000, 41.7, 125.0))
    assert "120" in said and "1000" in said.replace(",", "") and "42 a second" in said and "2:05" in said
    assert progress_line(Progress("index", 0, 0))


@pytest.mark.parametrize(
    ("name", "expected"), [("shop", "shop"), ("my shop", "my-shop"), ("...", "catalog"), ("商店", "商店"), (".x.", "x")]
)
def test_a_catalog_folder_is_named_after_its_source(tmp_path: Path, name: str, expected: str) -> None:
    assert folder_for(tmp_path / name, Path("catalogs")) == Path("catalogs") / expected


def test_damaged_settings_are_said_and_the_defaults_are_used() -> None:
    profile_folder().mkdir(parents=True, exist_ok=True)
    (profile_folder() / "settings.json").write_text("{ this is not json")
    settings, trouble = load_settings()
    assert settings == Settings() and trouble is not None and trouble.code == "settings_damaged"
    assert load_settings() == (Settings(), None)
    saved = save_settings(Settings(location="Hill Street"), Settings())
    assert load_settings() == (saved, None) and saved.location == "Hill Street"


def test_a_catalog_that_is_gone_at_the_start_leaves_a_way_out(qtbot: QtBot, tmp_path: Path) -> None:
    with window_over(None, qtbot) as window:
        window.settings = window.settings.model_copy(update={"catalog": tmp_path / "gone"})
        window.start()
        wait(qtbot, lambda: window.banner.isVisible())
        assert "gone" in window.banner.said.sentence
        assert window.scan.panel is window.scan.catalog
        assert facts_of(window) == {"catalog": "none"}


def test_settings_are_taken_over_at_once(qtbot: QtBot, tiny_catalog: Path) -> None:
    with window_over(tiny_catalog, qtbot) as window:
        assert facts_of(window)["catalog"].startswith("Tiny version")
        before = window.switch.current
        window.apply({"candidates": 3, "location": "shop", "keep_scan_pictures": True, "threads": 2})
        assert window.scanner.candidates == 3 and window.scan.card.location == "shop"
        assert window.scan.history.keep_pictures
        wait(qtbot, lambda: window.switch.current is not before)
        window.open_settings()


        shown = window.findChildren(SettingsDialog)
        assert len(shown) == 1
        shown[0].candidates.setValue(7)
        shown[0].save.click()
        assert window.settings.candidates == 7 and window.scanner.candidates == 7


def test_a_crash_report_is_shown_where_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    with window_over(None, qtbot) as window:
        notice(window, tmp_path / "crash-1.txt", earlier=True)
        shown = window.findChildren(CrashNotice)
        assert len(shown) == 1 and any("ended" in label.text() for label in shown[0].findChildren(QLabel))
        shown[0].close()
    assert crash.version()
