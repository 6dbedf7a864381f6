"""The window over a real catalog: keys, drops, pastes, errors, threads, changing catalogs, names for screen readers."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QLineEdit, QProgressBar, QWidget
from pytestqt.qtbot import QtBot

from desktop import app, open_catalog, pictures
from desktop.camera import CameraState
from desktop.open_catalog import Answer, Source
from desktop.product_page import ROOMY_PX
from desktop.window import Window
from engine import image
from engine.catalog import Catalog
from engine.encoder import Encoder
from engine.errors import CameraMissing
from engine.index import Index
from engine.records import Picture, Region, Verdict
from tests.window_fixtures import answered, best_sku, drop, files, wait, window_over


@pytest.fixture
def window(qtbot: QtBot, tiny_catalog: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    # A copy: what is confirmed in it must not be known to the next test.
    folder = shutil.copytree(tiny_catalog, tmp_path_factory.mktemp("shop") / "catalog")
    with window_over(folder, qtbot, location="shop") as opened:
        yield opened


@pytest.fixture
def photo(tmp_path: Path, drawn: Any) -> Path:
    return Path(drawn.save(drawn.picture("CEDAR", 1), tmp_path / "cedar 雪松.jpg"))


def press_with_control(qtbot: QtBot, window: Window, key: Qt.Key) -> None:
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)


def test_the_first_key_belongs_to_the_view_not_to_the_search_box(qtbot: QtBot, window: Window) -> None:
    assert window.scan.viewfinder.hasFocus()


def test_a_screen_that_the_frame_would_not_fit_on_is_filled(window: Window) -> None:
    room = window.screen().availableSize()
    window.hide()
    window.resize(room.width(), room.height() - app.FRAME_PX // 2)
    app.show(window)
    assert window.isMaximized()


def test_the_key_sheet_gives_the_keys_back_to_the_view(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.help.isVisible() and window.scan.viewfinder.hasFocus()


def test_where_there_is_little_room_the_last_candidates_give_way(qtbot: QtBot, window: Window, photo: Path) -> None:
    """As under a message in the smallest window: nothing is squeezed or cut off."""
    answered(qtbot, window, lambda: drop(window, files(photo)))
    qtbot.keyClick(window, Qt.Key.Key_4)
    page = window.scan.card.product
    for height, shown in ((ROOMY_PX - 1, 2), (ROOMY_PX, 4)):
        page.resize(page.width(), height)
        assert sum(not row.isHidden() for row in page._others.rows) == shown


def test_going_on_without_a_camera_takes_the_still_away(qtbot: QtBot, window: Window, photo: Path) -> None:
    """A still that is called live would hear neither Space nor a region."""
    answered(qtbot, window, lambda: drop(window, files(photo)))
    view = window.scan.viewfinder
    assert not view._image.isNull()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.scanner.frozen and view._image.isNull()


def test_a_machine_without_a_camera_goes_on_saying_so(qtbot: QtBot, window: Window) -> None:
    watch, view = window.watch, window.scan.viewfinder
    watch._state(CameraState.OPENING)
    assert view._placeholder[0].startswith("Opening")
    watch._failed(CameraMissing())
    said = view._placeholder
    for state in (CameraState.WAITING, CameraState.OPENING, CameraState.WAITING, CameraState.OPENING):
        watch._state(state)
    assert view._placeholder == said and "camera" in said[0]


# -- looking up ------------------------------------------------------------------------------------------------------


def test_a_dropped_picture_is_looked_up_and_goes_into_the_history(qtbot: QtBot, window: Window, photo: Path) -> None:
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    assert best_sku(answer) == "CEDAR" and answer.source is Source.FILE
    assert window.scanner.frozen and window.scan.resume.isVisible() and not window.scan.freeze.isVisible()
    assert [scan.sku for scan in window.scan.history.scans] == ["CEDAR"]


def test_a_pasted_picture_is_looked_up_from_its_bytes_or_its_pixels(qtbot: QtBot, window: Window, photo: Path) -> None:
    clipboard = QGuiApplication.clipboard()
    for fill in (
        lambda mime: mime.setData("image/jpeg", photo.read_bytes()),
        lambda mime: mime.setImageData(QImage(str(photo))),
        lambda mime: mime.setUrls([QUrl.fromLocalFile(str(photo))]),
    ):
        mime = QMimeData()
        fill(mime)
        clipboard.setMimeData(mime)
        answer = answered(qtbot, window, lambda: press_with_control(qtbot, window, Qt.Key.Key_V))
        assert best_sku(answer) == "CEDAR"
    clipboard.clear()  # Qt lets go of it after Python has ended, and a QMimeData made in Python then crashes


@pytest.mark.parametrize(
    "address",
    ["https://example.org/cedar.jpg", "ftp://example.org/a.png", "file://server/a.jpg", "data:image/png;base64,AA"],
)
def test_an_address_is_never_opened(qtbot: QtBot, window: Window, address: str) -> None:
    drop(window, files(address))
    assert "address" in window.banner.said.sentence and window.banner.said.advice
    assert window.banner.isVisible()
    assert not window.scanner.frozen and not window._lanes.lookup.busy
    qtbot.keyClick(window, Qt.Key.Key_F2)
    assert not window.banner.isVisible()


def test_pasted_text_that_is_an_address_is_refused_too(window: Window) -> None:
    mime = QMimeData()
    mime.setText("https://example.org/cedar.jpg")
    assert pictures.brought(mime) == pictures.Brought(addresses=1)
    mime.setText("just a word")
    assert pictures.brought(mime) == pictures.Brought()


def test_a_drawn_region_wins_and_a_click_takes_it_away(qtbot: QtBot, window: Window, photo: Path) -> None:
    answered(qtbot, window, lambda: drop(window, files(photo)))
    view = window.scan.viewfinder
    middle = view.rect().center()

    def drag() -> None:
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle - QPoint(90, 90))
        QTest.mouseMove(view, middle)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(90, 90))

    answer = answered(qtbot, window, drag)
    assert view.drawn is not None and answer.result.region == view.drawn
    assert answer.query.width() < 320
    again = answered(qtbot, window, lambda: QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=middle))
    assert view.drawn is None and again.result.region != answer.result.region


def test_a_region_is_drawn_with_keys_alone(qtbot: QtBot, window: Window, photo: Path) -> None:
    answered(qtbot, window, lambda: drop(window, files(photo)))
    answer = answered(qtbot, window, lambda: qtbot.keyClick(window, Qt.Key.Key_R))
    first = answer.result.region
    view = window.scan.viewfinder
    moved = answered(qtbot, window, lambda: qtbot.keyClick(view, Qt.Key.Key_Left))
    assert moved.result.region.x < first.x and moved.result.region.width == pytest.approx(first.width)
    grown = answered(qtbot, window, lambda: qtbot.keyClick(view, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier))
    assert grown.result.region.height < moved.result.region.height
    answered(qtbot, window, lambda: qtbot.keyClick(view, Qt.Key.Key_Delete))
    assert view.drawn is None


def test_only_the_newest_of_two_pictures_is_shown(qtbot: QtBot, window: Window, tmp_path: Path, drawn: Any) -> None:
    shown: list[Answer] = []
    window.scanner.answered.connect(shown.append)
    gate = threading.Event()
    window._lanes.lookup.submit(gate.wait, lambda _: None, pytest.fail, replace=False)
    for sku in ("ACORN", "BASIL", "CEDAR"):
        window.look_up_files([drawn.save(drawn.picture(sku, 1), tmp_path / f"{sku}.jpg")])
    gate.set()
    wait(qtbot, lambda: bool(shown))
    qtbot.wait(200)
    assert [best_sku(answer) for answer in shown] == ["CEDAR"]


def test_an_answer_older_than_the_card_is_dropped(qtbot: QtBot, window: Window, photo: Path, drawn: Any) -> None:
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    catalog = window.switch.current
    assert catalog is not None
    late = catalog.answer(answer.ticket - 1, Source.FROZEN, "", drawn.picture("ACORN"), None, 3)
    window.scanner._still_answer(late)
    assert window.scan.card.answer is answer
    window.scanner._live_answer(late)
    assert window.scan.card.answer is answer


def test_an_answer_that_arrives_after_resume_is_dropped(qtbot: QtBot, window: Window, photo: Path) -> None:
    gate = threading.Event()
    window._lanes.lookup.submit(gate.wait, lambda _: None, pytest.fail, replace=False)
    window.look_up_files([photo])
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    gate.set()
    wait(qtbot, lambda: not window._lanes.lookup.busy)
    qtbot.wait(100)
    assert window.scan.card.answer is None and not window.scanner.frozen


def test_live_frames_follow_the_item_and_do_not_pile_up(qtbot: QtBot, window: Window, drawn: Any) -> None:
    frame = drawn.picture("LARCH", 0)
    window._note.setInterval(600_000)  # a busy machine takes longer over 60 frames than a match has to stay
    for _ in range(60):
        window.camera.frame.emit(frame)
        qtbot.wait(10)
    wait(qtbot, lambda: window.scan.card.answer is not None)
    answer = window.scan.card.answer
    assert answer is not None and best_sku(answer) == "LARCH" and answer.source is Source.LIVE
    assert window.scan.viewfinder.region is not None
    assert window.scan.viewfinder.frames == 60
    assert window.scan.history.scans == (), "a live answer is noted only when it stays"
    window.scanner.paused = True
    wait(qtbot, lambda: not window._lanes.lookup.busy)
    assert window._note.isActive()
    window._note.start(1)
    wait(qtbot, lambda: len(window.scan.history.scans) == 1)


def test_a_choice_in_the_live_view_is_not_taken_away_by_the_next_frame(
    qtbot: QtBot, window: Window, drawn: Any
) -> None:
    window.camera.frame.emit(drawn.picture("LARCH", 0))
    wait(qtbot, lambda: window.scan.card.answer is not None)
    qtbot.keyClick(window, Qt.Key.Key_2)
    chosen = window.scan.card.candidate
    assert chosen is not None and window.scanner.frozen
    for _ in range(20):
        window.camera.frame.emit(drawn.picture("JADE", 0))
        qtbot.wait(20)
    assert window.scan.card.candidate is chosen
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert window.scan.history.scans[0].sku == chosen.product.sku and window.scan.history.scans[0].confirmed
    window.scan.history._list.setFocus()
    window.scan.history._list.setCurrentRow(0)
    qtbot.keyClick(window.scan.history._list, Qt.Key.Key_Return)
    wait(qtbot, lambda: window.scan.detail.sku == chosen.product.sku)


# -- keys ------------------------------------------------------------------------------------------------------------


def test_numbers_choose_and_enter_confirms(qtbot: QtBot, window: Window, photo: Path) -> None:
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    card = window.scan.card
    qtbot.keyClick(window, Qt.Key.Key_4)
    assert card.candidate is answer.result.candidates[3] and card.page is card.product
    qtbot.keyClick(window, Qt.Key.Key_Return)
    scan = window.scan.history.scans[0]
    assert scan.confirmed and scan.sku == answer.result.candidates[3].product.sku
    assert len(window.scan.history.scans) == 1, "the confirmation belongs to the scan, it is not another one"


def test_a_stranger_gets_advice_and_every_advice_does_something(
    qtbot: QtBot, window: Window, tmp_path: Path, drawn: Any
) -> None:
    path = drawn.save(drawn.stranger(3), tmp_path / "stranger.png")
    answer = answered(qtbot, window, lambda: drop(window, files(path)))
    card = window.scan.card
    assert answer.result.verdict is Verdict.UNKNOWN and card.page is card.unknown and card.candidate is None
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert "number" in window.scan.viewfinder._hint and not window.scan.history.scans[0].confirmed
    card.unknown.region.click()
    assert window.scan.viewfinder.drawn is not None
    card.unknown.search.click()
    assert window.bar.search.hasFocus()
    card.unknown.light.click()
    assert "light" in window.scan.viewfinder._hint
    card.unknown.closer.click()
    assert "Closer" in window.scan.viewfinder._hint


def test_text_search_finds_and_shows_all_fields_and_photos(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(window.bar.search, "fjord")
    search = window.scan.search
    wait(qtbot, lambda: search.shown == "fjord")
    assert window.scan.panel is search
    qtbot.keyClick(window.bar.search, Qt.Key.Key_Down)
    row = search.first()
    assert row is not None and row.hasFocus() and "Fjord crackers" in row.accessibleName()
    assert row.minimumHeight() == row.maximumHeight(), "a long list scrolls, it does not squeeze its rows"
    qtbot.keyClick(row, Qt.Key.Key_Return)
    detail = window.scan.detail
    wait(qtbot, lambda: window.scan.panel is detail)
    texts = [label.text() for label in detail.findChildren(QLabel)]
    assert detail.sku == "FJORD" and {"FJORD", "Brand F", "snacks", "Size", "饼干"} <= set(texts)
    assert sum(bool(tile) for tile in detail.findChildren(QAbstractButton)) == 1 + 3, "back, and three photos"
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.scan.panel is window.scan.card


def test_a_search_without_a_hit_says_what_to_do(qtbot: QtBot, window: Window) -> None:
    window.search()
    qtbot.keyClicks(window.bar.search, "zzzz")
    wait(qtbot, lambda: "zzzz" in window.scan.search._empty.text())
    assert window.scan.search._empty.isVisible() and window.scan.search.first() is None


def test_details_of_a_match_show_similarity_and_distance(qtbot: QtBot, window: Window, photo: Path) -> None:
    answered(qtbot, window, lambda: drop(window, files(photo)))
    qtbot.keyClick(window, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    wait(qtbot, lambda: window.scan.panel is window.scan.detail)
    texts = {label.text() for label in window.scan.detail.findChildren(QLabel)}
    assert {"Cosine similarity", "Euclidean distance", "Steps in milliseconds"} <= texts


def test_f1_shows_the_keys_and_esc_hides_them(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.help.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.help.isVisible()


def test_space_without_a_picture_says_what_is_missing(qtbot: QtBot, window: Window) -> None:
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert "camera" in window.scan.viewfinder._hint


def test_space_presses_the_button_that_has_the_focus(qtbot: QtBot, window: Window) -> None:
    window.bar.help.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(window, Qt.Key.Key_Space)
    assert window.help.isVisible()


# -- errors ----------------------------------------------------------------------------------------------------------


def _bad_pictures(photo: bytes) -> dict[str, bytes]:
    side = (20_000).to_bytes(4, "big")
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + side + side + b"\x08\x02\x00\x00\x00"
    return {
        "truncated.jpg": photo[: len(photo) // 3],
        "empty.jpg": b"",
        "text.jpg": b"this is not a picture\n" * 20,
        "huge.png": header + b"\x00" * 64,
    }


@pytest.mark.parametrize("name", ["truncated.jpg", "empty.jpg", "text.jpg", "huge.png"])
def test_a_bad_picture_is_said_and_nothing_stops(
    qtbot: QtBot, window: Window, photo: Path, tmp_path: Path, name: str
) -> None:
    bad = tmp_path / name
    bad.write_bytes(_bad_pictures(photo.read_bytes())[name])
    drop(window, files(bad))
    wait(qtbot, lambda: window.banner.isVisible())
    said = window.banner.said
    assert name in said.sentence and said.advice
    assert window.banner.accessibleName() == " ".join(said)
    answer = answered(qtbot, window, lambda: drop(window, files(photo)))
    assert best_sku(answer) == "CEDAR"
    assert not window.banner.isVisible(), "the trouble is over"


def test_a_missing_file_is_said(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    drop(window, files(tmp_path / "gone.jpg"))
    wait(qtbot, lambda: window.banner.isVisible())
    assert "gone.jpg" in window.banner.said.sentence


# -- threads ---------------------------------------------------------------------------------------------------------


def test_decode_encode_search_and_sql_never_run_on_the_gui_thread(
    qtbot: QtBot, tiny_catalog: Path, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real functions run; a note of the thread is taken before each."""
    threads: dict[str, set[threading.Thread]] = {}

    def note(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            threads.setdefault(name, set()).add(threading.current_thread())
            return real(*args, **kwargs)

        monkeypatch.setattr(owner, name, noted)

    note(image, "read_picture")
    note(image, "decode_picture")
    note(Encoder, "encode")
    note(Index, "search")
    note(open_catalog.pictures, "read_jpeg")
    for name in ("products_by_id", "thumbnail", "search_text", "product", "references", "owners"):
        note(Catalog, name)
    note(sqlite3, "connect")
    with window_over(tiny_catalog, qtbot) as window:
        answered(qtbot, window, lambda: window.look_up_files([photo]))
        answered(qtbot, window, lambda: window.scanner.look_up_bytes(photo.read_bytes()))
        window.search()
        qtbot.keyClicks(window.bar.search, "cedar")
        wait(qtbot, lambda: window.scan.search.first() is not None)
        window.show_detail("CEDAR")
        wait(qtbot, lambda: window.scan.panel is window.scan.detail)
    assert set(threads) >= {
        "read_picture", "decode_picture", "encode", "search", "read_jpeg", "products_by_id", "thumbnail", "search_text",
        "product", "references", "owners",
    }  # fmt: skip
    gui = threading.main_thread()
    assert [name for name, seen in threads.items() if gui in seen] == []


def test_the_window_answers_while_the_lookup_lane_is_blocked(qtbot: QtBot, window: Window, drawn: Any) -> None:
    gate = threading.Event()
    window._lanes.lookup.submit(gate.wait, lambda _: None, pytest.fail, replace=False)
    try:
        started = time.monotonic()
        for number in range(30):
            window.camera.frame.emit(drawn.picture("DUNE", number % 3))
            QTest.qWait(1)
        assert window.scan.viewfinder.frames == 30
        qtbot.keyClick(window, Qt.Key.Key_F1)
        assert window.help.isVisible()
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        window.search()
        qtbot.keyClicks(window.bar.search, "dune")
        wait(qtbot, lambda: window.scan.search.first() is not None, 5000)
        assert window._lanes.lookup.busy
        assert time.monotonic() - started < 10
    finally:
        gate.set()


# -- catalogs --------------------------------------------------------------------------------------------------------


def test_a_new_version_is_taken_over_while_the_window_is_open(
    qtbot: QtBot, own_catalog: Path, tiny_source: Path, tmp_path: Path, encoder: Encoder, photo: Path
) -> None:
    from engine.ingest.build import build_catalog

    source = tmp_path / "renewed"
    shutil.copytree(tiny_source, source)
    table = (source / "products.csv").read_text("utf-8").replace("Cedar crackers", "<b>Cedar</b> & crackers")
    (source / "products.csv").write_text(table, "utf-8")
    with window_over(own_catalog, qtbot) as window:
        before = window.switch.current
        assert before is not None
        window.switch._watch.setInterval(50)
        build_catalog(source, own_catalog, encoder, name="Renewed")
        wait(qtbot, lambda: window.switch.current is not before)
        assert "Renewed" in window.status.text
        answer = answered(qtbot, window, lambda: window.look_up_files([photo]))
        assert answer.result.candidates[0].product.name == "<b>Cedar</b> & crackers"
        shown = [label for label in window.scan.card.findChildren(QLabel) if label.isVisible()]
        assert "<b>Cedar</b> & crackers" in [label.text() for label in shown]
        formats = {label.textFormat() for label in window.findChildren(QLabel)}
        assert formats == {Qt.TextFormat.PlainText}


def test_a_damaged_catalog_is_said_and_the_open_one_stays(qtbot: QtBot, window: Window, own_catalog: Path) -> None:
    before = window.switch.current
    catalog = next(own_catalog.glob("*/catalog.sqlite"))
    catalog.write_bytes(b"not a database" + catalog.read_bytes()[14:])
    window.switch.open(own_catalog)
    wait(qtbot, lambda: window.banner.isVisible())
    assert "damaged" in window.banner.said.sentence and window.banner.said.advice
    assert window.switch.current is before


def test_a_folder_without_a_catalog_is_said(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.switch.open(tmp_path)
    wait(qtbot, lambda: window.banner.isVisible())
    assert str(tmp_path) in window.banner.said.sentence


def test_switching_catalogs_closes_the_old_one_after_its_last_user(
    qtbot: QtBot, window: Window, own_catalog: Path
) -> None:
    old = window.switch.current
    assert old is not None
    with old.using() as lookup:
        window.switch.open(own_catalog)
        wait(qtbot, lambda: window.switch.current is not old)
        wait(qtbot, lambda: not window._lanes.switch.busy)
        assert lookup.generation.catalog.product_count == 15, "still open for who uses it"
    with pytest.raises(open_catalog.Interrupted), old.using():
        pass
    assert window.settings.catalog == own_catalog, "remembered for the next start"


def test_the_status_bar_names_catalog_version_age_products_and_provider(window: Window) -> None:
    text = window.status.text
    assert "Tiny" in text and "version 1" in text and "15 products" in text
    assert "just now" in text or "min ago" in text, "a slow machine is minutes away from the build"
    assert "Processor" in text and "int8" in text


# -- looks and names -------------------------------------------------------------------------------------------------


def test_every_control_has_a_name_and_is_large_enough_for_a_thumb(qtbot: QtBot, window: Window, photo: Path) -> None:
    answered(qtbot, window, lambda: drop(window, files(photo)))
    window.desk.build()
    assert window.desk.dialog is not None
    nameless, small = [], []
    for root in (window, window.desk.dialog):
        for widget in root.findChildren(QWidget):
            if isinstance(widget, QAbstractButton | QLineEdit | QAbstractItemView | QProgressBar):
                inner = widget.objectName().startswith("qt_") or widget.parent().__class__.__name__ == "SearchBox"
                if inner or widget.__class__.__name__ in ("QLineEditIconButton", "QHeaderView", "QTableCornerButton"):
                    continue
                text = widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")
                if not text.strip():
                    nameless.append(widget)
                pressed = isinstance(widget, QAbstractButton) and widget.isVisible()
                if pressed and (widget.height() < 44 or widget.width() < 44):
                    small.append((text, widget.size()))
    assert nameless == [] and small == []
    window.desk.dialog.close()


def test_a_dark_palette_is_followed_while_the_window_is_open(qtbot: QtBot, window: Window) -> None:
    before = QGuiApplication.palette()
    light = window.theme
    assert light is not None and not light.dark
    dark = QPalette(QColor("#2b2b2b"))
    try:
        QGuiApplication.setPalette(dark)
        wait(qtbot, lambda: window.theme is not None and window.theme.dark, 3000)
        assert window.styleSheet() != light.style_sheet()
    finally:
        QGuiApplication.setPalette(before)
    wait(qtbot, lambda: window.theme == light, 3000)


def test_a_larger_window_gets_larger_letters(window: Window) -> None:
    window.resize(1920, 1080)
    assert window.theme is not None and window.theme.scale == pytest.approx(1.35)
    window.resize(1280, 800)
    assert window.theme.scale == 1.0


def test_nothing_is_cut_off_at_the_smallest_window(qtbot: QtBot, window: Window, photo: Path) -> None:
    answered(qtbot, window, lambda: drop(window, files(photo)))
    window.resize(1280, 800)
    assert (window.width(), window.height()) == (1280, 800), "the layout must not force a larger window"
    bottom = window.scan.card.product.confirm
    assert window.scan.card.rect().contains(bottom.mapTo(window.scan.card, bottom.rect().bottomRight()))


def test_a_picture_waits_for_the_catalog(qtbot: QtBot, tiny_catalog: Path, photo: Path) -> None:
    with window_over(None, qtbot) as window:
        window.look_up_files([photo])
        wait(qtbot, lambda: window.scanner.frozen)
        assert window.scan.card.answer is None
        assert not window.scanner.freeze()
        frame: Picture = image.read_picture(photo)
        window.camera.frame.emit(frame)
        assert window.scan.viewfinder.drawn is None
        window.scanner.draw_region(Region(0.1, 0.1, 0.5, 0.5))
        assert not window._lanes.lookup.busy
        window.scanner.draw_region(None)
        window.switch.open(tiny_catalog)
        wait(qtbot, lambda: window.scan.card.answer is not None)
        assert best_sku(window.scan.card.answer) == "CEDAR", "what was dropped before the catalog was open"
