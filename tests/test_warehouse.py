"""The warehouse: the order of doubt, the keys, the export that cannot become a formula, labels, and 2,000 files."""

from __future__ import annotations

import csv
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zxingcpp
from openpyxl import load_workbook
from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from desktop import warehouse_export
from desktop.open_catalog import OpenCatalog
from desktop.warehouse import WarehouseView
from desktop.warehouse_export import COLUMNS, export, neutral
from desktop.warehouse_model import Column
from desktop.warehouse_rows import Decision, Row, doubt, next_open, picture_files
from engine.config import Settings
from engine.errors import ImageUnreadable, NotWritable
from engine.lookup import open_lookup
from engine.records import WHOLE, Candidate, LookupResult, Product, Verdict


def product(sku: str, **more: Any) -> Product:
    return Product(sku, more.pop("name", f"{sku} crackers"), **more)


def result(verdict: Verdict, known: float, *shares: float, products: Sequence[Product] = ()) -> LookupResult:
    made = products or [product(f"SKU-{number}") for number in range(len(shares))]
    candidates = tuple(Candidate(one, share, 0.9, 0) for one, share in zip(made, shares, strict=True))
    return LookupResult(verdict, known, candidates, WHOLE, {"total": 1.0})


def row(name: str, verdict: Verdict | None, known: float = 0.9, *shares: float) -> Row:
    path = Path("/photos") / name
    if verdict is None:
        return Row.of(path, ImageUnreadable(name=name, reason="damaged"))
    return Row.of(path, result(verdict, known, *(shares or (0.5, 0.3, 0.1))))


# -- pure ------------------------------------------------------------------------------------------------------------


def test_the_most_doubtful_comes_first() -> None:
    rows = [
        row("sure", Verdict.MATCH, 0.99, 0.98),
        row("bad", None),
        row("weak", Verdict.MATCH, 0.9, 0.7),
        row("twin", Verdict.AMBIGUOUS, 0.9, 0.5, 0.45),
        row("stranger", Verdict.UNKNOWN, 0.01, 0.005),
        row("perhaps", Verdict.UNKNOWN, 0.4, 0.3),
    ]
    assert [one.path.name for one in sorted(rows, key=doubt)] == ["perhaps", "stranger", "twin", "weak", "sure", "bad"]


def test_what_enter_delete_and_the_numbers_mean() -> None:
    match, unknown, bad = row("a", Verdict.MATCH), row("b", Verdict.UNKNOWN), row("c", None)
    assert match.confirmed().decision is Decision.CONFIRMED
    assert match.product is not None, "a MATCH that nobody denied stands for its product"
    assert match.unknown().product is None
    assert row("d", Verdict.AMBIGUOUS).product is None, "one of several is no product before somebody confirms it"
    # Enter on UNKNOWN confirms what it says; after a number it confirms the product.
    assert unknown.confirmed().decision is Decision.UNKNOWN
    chosen = unknown.choosing(2)
    assert chosen.is_open and chosen.confirmed().product == product("SKU-2")
    assert match.choosing(7) is match and match.choosing(-1) is match
    # Nobody can decide what cannot be seen.
    assert bad.confirmed() is bad and bad.unknown() is bad and not bad.is_open


def test_the_next_row_to_look_at_wraps_round() -> None:
    rows = [row(name, Verdict.AMBIGUOUS) for name in "abcd"]
    assert next_open(rows, 1) == 2
    rows[2] = rows[2].confirmed()
    rows[3] = rows[3].unknown()
    assert next_open(rows, 1) == 0
    rows[0] = rows[0].confirmed()
    assert next_open(rows, 1) == 1
    rows[1] = rows[1].confirmed()
    assert next_open(rows, 1) is None
    assert next_open([], -1) is None


def test_pictures_are_found_in_folders_each_once(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.txt", ".hidden.jpg", "sub 子/c.webp", "sub 子/.git/d.jpg"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    given = [tmp_path / "notes.txt", tmp_path, tmp_path / "a.png", tmp_path / "gone.jpg"]
    found = [str(path.relative_to(tmp_path)) for path in picture_files(given, ("jpg", "png", "webp"))]
    # What was dropped by name is looked up, whatever it is called, so that its error can be read.
    assert found == ["notes.txt", "a.png", "b.JPG", "sub 子/c.webp", "gone.jpg"]
    assert list(picture_files([tmp_path], ("jpg",), lambda: True)) == []


# -- export ----------------------------------------------------------------------------------------------------------

NASTY = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =1",
    "＝1",
    "=cmd|' /C calc'!A0",
    "\x00=1",
    "plain",
    "2-1",
]


@pytest.mark.parametrize("text", NASTY)
def test_no_text_begins_like_a_formula(text: str) -> None:
    shown = neutral(text)
    assert shown.lstrip(" \x00")[0] not in "=+-@\t\r\n＝"
    assert "\x00" not in shown
    assert (text in ("plain", "2-1")) is (shown == text)


def nasty_rows() -> list[Row]:
    rows = []
    for number, text in enumerate(NASTY):
        nasty = product(f"{text}", name=text, brand=text, aisle=text, currency="EUR", price_minor=-1250, gtin="40")
        made = Row.of(Path("/photos") / f"{number} 照片.jpg", result(Verdict.MATCH, 0.9, 0.8, products=[nasty]))
        rows.append(made.confirmed() if number % 2 else made)
    plain = product("A", name='海盐饼干, "large"', price_minor=350, currency="JPY")
    rows.append(Row.of(Path("/photos/yen.jpg"), result(Verdict.MATCH, 0.9, 0.8, products=[plain])))
    rows.append(row("twin.jpg", Verdict.AMBIGUOUS, 0.9, 0.5, 0.4))
    rows.append(row("stranger.jpg", Verdict.UNKNOWN).confirmed())
    rows.append(row("bad.jpg", None))
    return rows


def test_csv_opens_in_a_spreadsheet_and_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "table 表.csv"
    export(path, nasty_rows())
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == len(nasty_rows()) and tuple(table[0]) == COLUMNS
    for line in table:
        for name, cell in line.items():
            if name != "price":
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r")), (name, cell)
    assert table[0]["price"] == "-12.5", "a number is a number"
    yen, twin, stranger, bad = table[-4:]
    assert (yen["sku"], yen["name"], yen["price"], yen["currency"]) == ("A", '海盐饼干, "large"', "350.0", "JPY")
    assert (twin["sku"], twin["best_sku"], twin["verdict"], twin["decision"]) == ("", "SKU-0", "ambiguous", "open")
    assert (stranger["sku"], stranger["decision"]) == ("", "unknown")
    assert bad["verdict"] == "error" and "bad.jpg cannot be read" in bad["error"]


def test_xlsx_holds_the_same_cells_and_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "table.xlsx"
    export(path, nasty_rows())
    sheet = load_workbook(path).active
    assert sheet is not None
    lines = list(sheet.iter_rows())
    assert [cell.value for cell in lines[0]] == list(COLUMNS)
    assert len(lines) == len(nasty_rows()) + 1
    assert {cell.data_type for line in lines for cell in line} <= {"s", "n", "inlineStr"}, "no cell is a formula"
    price = COLUMNS.index("price")
    assert lines[1][price].value == -12.5 and lines[1][price].data_type == "n"
    assert lines[1][COLUMNS.index("name")].value == "'=1+1"


@pytest.mark.parametrize("name", ["table.csv", "table.xlsx"])
def test_an_export_appears_whole_or_not_at_all(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / name
    export(path, [])
    before = path.read_bytes()
    with pytest.raises(NotWritable):
        export(tmp_path / "no folder" / name, nasty_rows())

    def broken(_: Row) -> list[object]:
        raise AssertionError("killed here")

    monkeypatch.setattr(warehouse_export, "cells", broken)
    with pytest.raises(AssertionError):
        export(path, nasty_rows())
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == [name]


# -- the view over a real catalog ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalog(tiny_catalog: Path) -> Iterator[OpenCatalog]:
    opened = OpenCatalog(tiny_catalog, open_lookup(tiny_catalog, Settings(provider="cpu", threads=1)))
    yield opened
    opened.retire()


@pytest.fixture
def view(qtbot: QtBot, catalog: OpenCatalog) -> Iterator[WarehouseView]:
    view = WarehouseView(lambda: catalog)
    view.resize(1280, 760)
    view.show()
    yield view
    view.shut_down()
    view.close()


@pytest.fixture
def photos(tmp_path: Path, drawn: Any) -> Path:
    folder = tmp_path / "收货 goods in"
    for number, sku in enumerate(("CEDAR", "IRIS", "TWIN-MINT", "KELP")):
        drawn.save(drawn.picture(sku, 1), folder / f"{number} {sku}.jpg")
    drawn.save(drawn.stranger(3), folder / "odd.png")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff not a picture")
    return folder


def filled(view: WarehouseView, qtbot: QtBot, photos: Path) -> None:
    view.add([photos])
    assert view.busy
    qtbot.waitUntil(lambda: not view.busy and len(view.model.rows) == 6, timeout=60_000)


def names(view: WarehouseView) -> list[str]:
    return [one.path.name for one in view.model.rows]


def test_a_folder_becomes_a_table_with_the_doubtful_first(view: WarehouseView, qtbot: QtBot, photos: Path) -> None:
    filled(view, qtbot, photos)
    verdicts = [one.result.verdict if one.result else None for one in view.model.rows]
    order = {Verdict.UNKNOWN: 0, Verdict.AMBIGUOUS: 1, Verdict.MATCH: 2, None: 3}
    assert [order[verdict] for verdict in verdicts] == sorted(order[verdict] for verdict in verdicts)
    assert names(view)[0] == "odd.png" and names(view)[-1] == "broken.jpg"
    best = {one.path.name: one.best.product.sku for one in view.model.rows if one.best}
    assert best["0 CEDAR.jpg"] == "CEDAR" and best["1 IRIS.jpg"] == "IRIS" and best["3 KELP.jpg"] == "KELP"
    assert best["2 TWIN-MINT.jpg"].startswith("TWIN")
    assert view.table.current_row() == 0
    # The same folder again adds nothing, but does not fail.
    view.add([photos])
    qtbot.waitUntil(lambda: not view.busy, timeout=30_000)
    assert len(view.model.rows) == 6


def test_the_keyboard_decides_everything(view: WarehouseView, qtbot: QtBot, photos: Path) -> None:
    filled(view, qtbot, photos)
    table, rows = view.table, view.model.rows
    table.go_to(0)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert rows[0].decision is Decision.UNKNOWN and table.current_row() == 1
    third = rows[1].candidates[2].product.sku
    qtbot.keyClick(table, Qt.Key.Key_3)
    assert rows[1].candidate is not None and rows[1].candidate.product.sku == third and rows[1].is_open
    assert table.current_row() == 1
    qtbot.keyClick(table, Qt.Key.Key_Enter, Qt.KeyboardModifier.KeypadModifier)
    assert rows[1].product is not None and rows[1].product.sku == third and table.current_row() == 2
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert rows[2].decision is Decision.UNKNOWN and table.current_row() == 3
    for back, place in ((Decision.OPEN, 2), (Decision.OPEN, 1)):
        qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert rows[place].decision is back and table.current_row() == place
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows[1].chosen != 2, "the choice is taken back as well"
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows[0].is_open and table.current_row() == 0
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    # Down to the last one with Enter alone; the unreadable file is passed over.
    for _ in range(5):
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert not any(one.is_open for one in rows)
    assert "Not decided: 0. Unreadable: 1." in view.count.text()


def test_sorting_keeps_the_current_row_and_new_rows_find_their_place(
    view: WarehouseView, qtbot: QtBot, photos: Path, tmp_path: Path, drawn: Any
) -> None:
    filled(view, qtbot, photos)
    view.table.go_to(names(view).index("1 IRIS.jpg"))
    view.model.sort(Column.FILE, Qt.SortOrder.AscendingOrder)
    assert names(view) == sorted(names(view))
    assert names(view)[view.table.current_row()] == "1 IRIS.jpg"
    view.model.sort(Column.FILE, Qt.SortOrder.DescendingOrder)
    assert names(view) == sorted(names(view), reverse=True)
    more = drawn.save(drawn.picture("DUNE", 1), tmp_path / "2 DUNE.jpg")
    view._touched = True
    view.add([more])
    qtbot.waitUntil(lambda: len(view.model.rows) == 7, timeout=30_000)
    assert names(view) == sorted(names(view), reverse=True)
    assert names(view)[view.table.current_row()] == "1 IRIS.jpg"
    for column in Column:
        for order in Qt.SortOrder:
            view.model.sort(column, order)
            assert len(view.model.rows) == 7


def test_pictures_are_read_when_they_are_painted_and_off_the_gui_thread(
    view: WarehouseView, qtbot: QtBot, photos: Path
) -> None:
    changes: list[tuple[QModelIndex, QModelIndex]] = []
    view.model.dataChanged.connect(lambda first, last: changes.append((first, last)))
    filled(view, qtbot, photos)

    def thumbnails() -> list[QImage | None]:
        places = range(len(view.model.rows))
        return [view.model.data(view.model.index(place, 0), Qt.ItemDataRole.DecorationRole) for place in places]  # type: ignore[misc]

    qtbot.waitUntil(lambda: all(one is not None for one in thumbnails()), timeout=20_000)
    sizes = {name: one.size() for name, one in zip(names(view), thumbnails(), strict=True) if one is not None}
    assert sizes.pop("broken.jpg").isEmpty()
    assert all(max(size.width(), size.height()) == 112 for size in sizes.values())
    # Nothing is left to convert when they are painted, and only the cells that show them are painted.
    formats = {one.format() for one in thumbnails() if one is not None and not one.isNull()}
    assert formats == {QImage.Format.Format_RGB32}
    assert changes and all(first == last and first.column() == Column.PICTURE for first, last in changes)
    view.table.go_to(1)
    qtbot.waitUntil(lambda: not view.inspector.picture.image.isNull(), timeout=20_000)
    qtbot.waitUntil(lambda: not view.inspector.candidates.rows[0]._photo.image.isNull(), timeout=20_000)


def test_an_unreadable_row_says_what_to_do(view: WarehouseView, qtbot: QtBot, photos: Path) -> None:
    filled(view, qtbot, photos)
    view.table.go_to(5)
    assert view.inspector.word.text().startswith("broken.jpg")
    assert not view.inspector.confirm.isEnabled()
    assert view.model.index(5, Column.VERDICT).data() == "UNREADABLE"


def test_stop_keeps_what_is_there_and_clear_removes_it(
    view: WarehouseView, qtbot: QtBot, photos: Path, drawn: Any, tmp_path: Path
) -> None:
    many = tmp_path / "many"
    first = drawn.save(drawn.picture("ACORN", 1), many / "0000.jpg")
    for number in range(1, 400):
        (many / f"{number:04}.jpg").hardlink_to(first)
    view.add([many])
    qtbot.waitUntil(lambda: 0 < len(view.model.rows) < 400, timeout=60_000)
    assert view.stop.isVisible() and view.progress.maximum() == 400
    view.stop.click()
    assert not view.busy
    count = len(view.model.rows)
    qtbot.wait(300)
    assert len(view.model.rows) == count < 400
    # What was stopped can be asked for again; what is there is not looked up twice.
    view.clear.click()
    assert not view.model.rows and not view.save.isEnabled()
    filled(view, qtbot, photos)


def test_without_a_catalog_it_says_so(qtbot: QtBot, photos: Path) -> None:
    view = WarehouseView(lambda: None)
    qtbot.addWidget(view)
    view.add([photos])
    assert "No catalog is open." in view.banner.said.sentence and view.banner.said.advice
    assert not view.busy
    view.shut_down()


def test_a_folder_without_pictures_is_said(view: WarehouseView, qtbot: QtBot, tmp_path: Path) -> None:
    view.add([tmp_path])
    qtbot.waitUntil(lambda: not view.busy, timeout=20_000)
    assert "no pictures" in view.banner.said.sentence


def test_export_and_labels_from_the_view(
    view: WarehouseView, qtbot: QtBot, photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(view, qtbot, photos)
    while any(one.is_open for one in view.model.rows):
        view.confirm()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "out"), "CSV (*.csv)"))
    view.save.click()
    qtbot.waitUntil(lambda: (tmp_path / "out.csv").exists(), timeout=20_000)
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 6
    qtbot.waitUntil(lambda: "out.csv" in view.count.text(), timeout=5_000)
    view.export_to(tmp_path / "no folder" / "out.csv")
    qtbot.waitUntil(lambda: "cannot be written" in view.banner.said.sentence, timeout=20_000)

    view.open_labels()
    dialog = view._labels
    assert dialog is not None
    for made in dialog.findChildren(QAbstractButton):
        assert made.accessibleName() and made.minimumHeight() >= 44
    wanted = sorted(one.product.sku for one in view.model.rows if one.product)
    assert len(wanted) == 4
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "labels"), ""))
    dialog.pdf.click()
    qtbot.waitUntil(lambda: (tmp_path / "labels.pdf").exists(), timeout=20_000)
    document = QPdfDocument()
    document.load(str(tmp_path / "labels.pdf"))
    page = document.render(0, QSize(2480, 3508))
    document.close()
    white = QImage(page.size(), QImage.Format.Format_Grayscale8)
    white.fill(QColor("white"))
    painter = QPainter(white)
    painter.drawImage(0, 0, page)
    painter.end()
    grey = np.frombuffer(white.constBits(), np.uint8).reshape(white.height(), white.bytesPerLine())[:, : white.width()]
    assert sorted(code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(grey))) == wanted
    # Taken back while the dialog is open: nothing to save, and no crash.
    while view.model.undo() is not None:
        pass
    dialog.decided.setChecked(True)
    dialog.save_to(tmp_path / "none.pdf")
    assert not dialog.pdf.isEnabled() and "confirm rows first" in dialog.count.text()
    assert not (tmp_path / "none.pdf").exists()
    dialog.close()


def test_every_button_has_a_name_a_size_and_plain_text(view: WarehouseView, qtbot: QtBot, photos: Path) -> None:
    filled(view, qtbot, photos)
    for made in view.findChildren(QAbstractButton):
        if made.isVisible():
            assert made.accessibleName() or made.text(), made
    for shown in view.findChildren(QLabel):
        assert shown.textFormat() == Qt.TextFormat.PlainText
    tip = view.model.data(view.model.index(0, Column.PRODUCT), Qt.ItemDataRole.ToolTipRole)
    assert "<" not in str(tip)
    accessible = view.model.data(view.model.index(0, Column.VERDICT), Qt.ItemDataRole.AccessibleTextRole)
    assert accessible == f"Verdict: {view.model.index(0, Column.VERDICT).data()}"


def test_two_thousand_rows_come_in_pieces_between_which_the_window_answers(view: WarehouseView, qtbot: QtBot) -> None:
    """A timer of the GUI thread ticks between the pieces. How long a stall is, benchmarks/gui_stall.py measures."""
    seen: list[int] = []
    timer = QTimer()

    def tick() -> None:
        seen.append(len(view.model.rows))
        ticked.set()

    ticked = threading.Event()
    timer.timeout.connect(tick)
    timer.start(0)
    template = row("x", Verdict.MATCH, 0.9, 0.8, 0.1)
    verdicts = list(Verdict)
    made = [
        dataclasses.replace(
            template, path=Path(f"/photos/{number:05}.jpg"), result=result(verdicts[number % 3], 0.5, number / 2000)
        )
        for number in range(2000)
    ]

    def send() -> None:
        for start in range(0, 2000, 24):
            ticked.clear()
            view._lookups.post(partial(view._arrived, tuple(made[start : start + 24])))
            # A lookup takes its time too; a window that does not tick in between is not waited for.
            ticked.wait(2)

    view._lookups.submit(send, lambda _: None, pytest.fail, replace=False)
    qtbot.waitUntil(lambda: len(view.model.rows) == 2000, timeout=60_000)
    assert len(set(seen) - {0, 2000}) > 20
    assert [doubt(one) for one in view.model.rows] == sorted(doubt(one) for one in made)
    view.model.sort(Column.PRODUCT, Qt.SortOrder.DescendingOrder)
    assert len(view.model.rows) == 2000
