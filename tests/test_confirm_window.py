"""Enter, N and Ctrl+Z in the real window: kept in the overlay, known to the next lookup, taken back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop.history import Scan, without
from desktop.settings import SettingsDialog
from desktop.window import Window
from engine.config import Settings
from engine.errors import OverlayDamaged
from engine.generation import Generation
from engine.overlay import Overlay, login_name
from engine.overlay_file import FILE_NAME, Kind, OverlayFile
from engine.overlay_search import Snapshot
from engine.records import Verdict
from tests.window_fixtures import answered, best_sku, drop, files, in_english, shown, wait, window_over


@pytest.fixture
def window(qtbot: QtBot, own_catalog: Path) -> Iterator[Window]:
    with window_over(own_catalog, qtbot) as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path, drawn: Any) -> Path:
    return Path(drawn.save(drawn.picture("CEDAR", 6), tmp_path / "cedar.png"))


def press(qtbot: QtBot, window: Window, key: Qt.Key) -> None:
    modifier = Qt.KeyboardModifier.ControlModifier if key == Qt.Key.Key_Z else Qt.KeyboardModifier.NoModifier
    qtbot.keyClick(window, key, modifier)


def settle(qtbot: QtBot, window: Window) -> None:
    """Wait until what was said is stored, and what follows from it is on show."""
    lanes = window._lanes
    wait(qtbot, lambda: not lanes.confirm.busy)
    done: list[bool] = []
    # Behind everything that the lanes have to deliver.
    lanes.confirm.submit(lambda: None, lambda _: done.append(True), lambda _: None, replace=False)
    wait(qtbot, lambda: bool(done))
    wait(qtbot, lambda: not lanes.lookup.busy)
    lanes.lookup.submit(lambda: None, lambda _: done.append(True), lambda _: None, replace=False)
    wait(qtbot, lambda: len(done) == 2)


def overlay(folder: Path) -> Snapshot:
    """What another process would read."""
    with Generation.open_current(folder) as generation:
        return Overlay.of(generation).snapshot()


def texts(window: Window) -> list[str]:
    return [label.text() for label in window.scan.card.findChildren(QLabel) if label.isVisible() and label.text()]


def hint(window: Window) -> str:
    return window.scan.viewfinder._hint


def look_up_and_choose(qtbot: QtBot, window: Window, path: Path) -> str:
    """Look a photo up and choose its first candidate; its SKU."""
    answer = answered(qtbot, window, lambda: drop(window, files(path)))
    press(qtbot, window, Qt.Key.Key_1)
    return best_sku(answer)


def test_enter_is_kept_and_known_to_the_next_lookup_until_ctrl_z(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path
) -> None:
    assert look_up_and_choose(qtbot, window, photo) == "CEDAR"
    press(qtbot, window, Qt.Key.Key_Return)
    card = window.scan.card
    assert card.page is card.product and "CONFIRMED" in texts(window) and window.scan.history.scans[0].confirmed
    assert card.product.undo.isVisible() and not card.product.confirm.isVisible()
    settle(qtbot, window)
    [standing] = overlay(own_catalog).standings
    said = standing.feedback
    assert (said.sku, said.kind, said.who, said.has_crop) == ("CEDAR", Kind.CONFIRMED, login_name(), True)
    again = answered(qtbot, window, lambda: drop(window, files(photo)))
    best = again.result.candidates[0]
    assert best.reference_id == -said.id and best.similarity == pytest.approx(1, abs=1e-3)
    assert not again.photos[best.reference_id].isNull(), "what was confirmed is shown beside it"
    press(qtbot, window, Qt.Key.Key_Z)
    settle(qtbot, window)
    assert hint(window) == "Taken back: Cedar crackers"
    assert overlay(own_catalog).counts()["undone"] == 1
    assert best_sku(answered(qtbot, window, lambda: drop(window, files(photo)))) == "CEDAR"
    assert window.scan.card.answer is not None and window.scan.card.answer.result.candidates[0].reference_id > 0


def test_the_button_on_the_card_takes_back_what_the_card_says(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path
) -> None:
    look_up_and_choose(qtbot, window, photo)
    window.scan.card.confirm()
    settle(qtbot, window)
    window.scan.card.product.undo.click()
    settle(qtbot, window)
    assert not window.scan.card.is_confirmed and "CONFIRMED" not in texts(window)
    assert not window.scan.history.scans[0].confirmed
    assert overlay(own_catalog).counts() == {"active": 0, "quarantined": 0, "parked": 0, "undone": 1}


def test_ctrl_z_right_after_enter_waits_until_there_is_something_to_take_back(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up_and_choose(qtbot, window, photo)
    gate, add, threads = threading.Event(), OverlayFile.add, []

    def slow(*given: Any) -> int:
        threads.append(threading.current_thread().name)
        assert gate.wait(30)
        return add(*given)

    monkeypatch.setattr(OverlayFile, "add", slow)
    press(qtbot, window, Qt.Key.Key_Return)
    press(qtbot, window, Qt.Key.Key_Return)
    assert hint(window) == "It is confirmed already; Ctrl+Z takes it back."
    press(qtbot, window, Qt.Key.Key_Z)
    gate.set()
    settle(qtbot, window)
    assert overlay(own_catalog).counts() == {"active": 0, "quarantined": 0, "parked": 0, "undone": 1}
    assert threads == ["lane-confirm"]
    press(qtbot, window, Qt.Key.Key_Z)
    assert hint(window) == "There is nothing to take back."


def test_n_takes_a_product_off_the_card_and_ctrl_z_brings_it_back(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path
) -> None:
    assert look_up_and_choose(qtbot, window, photo) == "CEDAR"
    card = window.scan.card
    before = card.answer
    press(qtbot, window, Qt.Key.Key_N)
    settle(qtbot, window)
    wait(qtbot, lambda: card.answer is not before)
    assert card.answer is not None
    assert "CEDAR" not in [candidate.product.sku for candidate in card.answer.result.candidates]
    assert [one.feedback.kind for one in overlay(own_catalog).standings] == [Kind.REFUSED]
    assert "CEDAR" not in [scan.sku for scan in window.scan.history.scans]
    after = card.answer
    press(qtbot, window, Qt.Key.Key_Z)
    settle(qtbot, window)
    wait(qtbot, lambda: card.answer is not after)
    assert card.answer is not None and best_sku(card.answer) == "CEDAR"


def test_the_button_refuses_too_and_without_a_choice_n_says_what_is_missing(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path, tmp_path: Path, drawn: Any
) -> None:
    press(qtbot, window, Qt.Key.Key_N)
    assert not (own_catalog / FILE_NAME).exists(), "nothing was looked up yet"
    stranger = drawn.save(drawn.stranger(3), tmp_path / "stranger.png")
    answered(qtbot, window, lambda: drop(window, files(stranger)))
    press(qtbot, window, Qt.Key.Key_N)
    assert hint(window) == "Choose a product first, with its number."
    sku = look_up_and_choose(qtbot, window, photo)
    window.scan.card.choose(3)
    assert window.scan.card.page is window.scan.card.product
    chosen = window.scan.card.candidate
    assert chosen is not None and chosen.product.sku != sku
    window.scan.card.product.refuse.click()
    settle(qtbot, window)
    assert [one.feedback.sku for one in overlay(own_catalog).standings] == [chosen.product.sku]
    assert hint(window).startswith("Not this one: ")


def test_what_looks_unlike_its_photos_is_said(
    qtbot: QtBot, window: Window, own_catalog: Path, tmp_path: Path, drawn: Any
) -> None:
    stranger = drawn.save(drawn.stranger(3), tmp_path / "stranger.png")
    look_up_and_choose(qtbot, window, stranger)
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert "looks unlike its photos" in hint(window)
    assert overlay(own_catalog).counts()["quarantined"] == 1
    press(qtbot, window, Qt.Key.Key_N)
    assert hint(window) == "It is confirmed already; Ctrl+Z takes it back."


def test_what_cannot_be_kept_is_said_and_not_called_confirmed(
    qtbot: QtBot, window: Window, own_catalog: Path, photo: Path
) -> None:
    look_up_and_choose(qtbot, window, photo)
    (own_catalog / FILE_NAME).write_bytes(b"no database, however one looks at it, and long" * 99)
    press(qtbot, window, Qt.Key.Key_Return)
    wait(qtbot, window.banner.isVisible)
    error = OverlayDamaged(folder=own_catalog, reason=f"{FILE_NAME}: file is not a database")
    assert shown(window.banner) == in_english(error)
    assert not window.scan.history.scans[0].confirmed and not window.scan.card.is_confirmed
    assert window.answers.confirming.newest is None
    (own_catalog / FILE_NAME).unlink()
    window.scan.card.choose(0)
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert overlay(own_catalog).counts()["active"] == 1


def test_what_cannot_be_taken_back_is_said(qtbot: QtBot, window: Window, own_catalog: Path, photo: Path) -> None:
    look_up_and_choose(qtbot, window, photo)
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    (own_catalog / FILE_NAME).unlink()
    press(qtbot, window, Qt.Key.Key_Z)
    wait(qtbot, window.banner.isVisible)
    assert "There is no confirmation 1" in shown(window.banner).sentence


def test_another_catalog_takes_nothing_back_of_the_one_before(
    qtbot: QtBot, window: Window, own_catalog: Path, tiny_catalog: Path, photo: Path
) -> None:
    look_up_and_choose(qtbot, window, photo)
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    before = window.switch.current
    window.switch.open(tiny_catalog)
    wait(qtbot, lambda: window.switch.current is not before)
    press(qtbot, window, Qt.Key.Key_Z)
    assert hint(window) == "There is nothing to take back."
    assert overlay(own_catalog).counts()["active"] == 1


def test_the_live_view_takes_a_refused_product_off_by_itself(
    qtbot: QtBot, window: Window, own_catalog: Path, drawn: Any
) -> None:
    frame, card = drawn.picture("LARCH", 0), window.scan.card
    window.camera.frame.emit(frame)
    wait(qtbot, lambda: card.answer is not None)
    window.scan.card.choose(0)
    press(qtbot, window, Qt.Key.Key_N)
    settle(qtbot, window)
    assert overlay(own_catalog).counts()["active"] == 1

    def another() -> bool:
        window.camera.frame.emit(frame)
        return card.answer is not None and best_sku(card.answer) != "LARCH"

    wait(qtbot, another)


# -- parts -----------------------------------------------------------------------------------------------------------


def test_a_correction_concerns_only_its_own_scan() -> None:
    scans = tuple(Scan(None, Verdict.MATCH, sku, sku, 0.9, True, ticket) for ticket, sku in enumerate("AB"))  # type: ignore[arg-type]
    assert [scan.confirmed for scan in without(scans, 0, refused=False)] == [False, True]
    assert [scan.sku for scan in without(scans, 0, refused=True)] == ["B"]
    assert without(scans, 7, refused=True) == scans


@pytest.mark.parametrize(
    ("settings", "shown_as"),
    [({}, "1 year"), ({"confirmed_picture_days": 0}, "For ever"), ({"keep_confirmed_pictures": False}, "Not kept")],
)
def test_the_settings_say_how_long_pictures_are_kept(qtbot: QtBot, settings: dict[str, Any], shown_as: str) -> None:
    dialog = SettingsDialog(Settings(**settings), [])
    qtbot.addWidget(dialog)
    assert dialog.crops.currentText() == shown_as and dialog.changes() == {}
    dialog.crops.setCurrentIndex(dialog.crops.findData("30"))
    changed = Settings(**settings).model_copy(update=dialog.changes())
    assert changed.keep_confirmed_pictures and changed.confirmed_picture_days == 30
    dialog.crops.setCurrentIndex(dialog.crops.findData("none"))
    assert Settings(**settings).model_copy(update=dialog.changes()).keep_confirmed_pictures is False


def test_the_settings_offer_encryption(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), [])
    qtbot.addWidget(dialog)
    dialog.encrypt.click()
    assert dialog.changes() == {"encrypt_confirmed_pictures": True}
    assert "key" in dialog.encrypt.toolTip()


def test_days_that_were_set_by_hand_stay_a_choice(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(confirmed_picture_days=90), [])
    qtbot.addWidget(dialog)
    assert dialog.crops.currentText() == "90" and dialog.changes() == {}


def test_changed_retention_is_used_at_once(qtbot: QtBot, window: Window, own_catalog: Path, photo: Path) -> None:
    before = window.switch.current
    window.apply({"keep_confirmed_pictures": False})
    wait(qtbot, lambda: window.switch.current is not before)
    look_up_and_choose(qtbot, window, photo)
    press(qtbot, window, Qt.Key.Key_Return)
    settle(qtbot, window)
    assert [one.feedback.has_crop for one in overlay(own_catalog).standings] == [False]
