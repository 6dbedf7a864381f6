"""Labels: the bars against an independent reader, the layout against the standard's sizes, and what cannot be drawn."""

from __future__ import annotations

import string
from pathlib import Path

import cv2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from pytestqt.qtbot import QtBot

from desktop.labels import PDF_DOTS_PER_INCH, SHEETS, Label, Sheet, draw_label, module_dots, print_labels, save_pdf
from desktop.labels_barcode import Symbol, check_digit, code128, ean13, gtin13
from engine.errors import DiskFull, NotWritable
from engine.records import Picture, Product

A4 = SHEETS[0]


def gtin(number: int) -> str:
    digits = f"40{number:010d}"
    return digits + str(check_digit(digits))


def read(picture: Picture) -> list[tuple[str, str]]:
    """Format and text of every barcode, by a reader that has nothing to do with our encoder."""
    return sorted((code.format.name, code.text) for code in zxingcpp.read_barcodes(picture))


def drawn_bars(symbol: Symbol) -> Picture:
    """The modules as a picture, three dots each, with nothing but the quiet zones of the standard around them."""
    row = "0" * symbol.quiet_left + symbol.modules + "0" * symbol.quiet_right
    line = np.array([255 if module == "0" else 0 for module in row], np.uint8).repeat(3)
    return np.ascontiguousarray(np.repeat(np.broadcast_to(line, (60, line.size))[..., None], 3, axis=2))


# -- bars ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["4006381333931", "9780201379624", "0012345678905", "5901234123457"])
def test_a_published_ean13_is_read(digits: str) -> None:
    assert read(drawn_bars(ean13(digits))) in ([("EAN13", digits)], [("UPCA", digits[1:])], [("UPCA", digits)])


@given(st.integers(0, 10**12 - 1))
@settings(max_examples=60, deadline=None)
def test_every_ean13_is_read(number: int) -> None:
    digits = f"{number:012d}"
    digits += str(check_digit(digits))
    ((_, text),) = read(drawn_bars(ean13(digits)))
    assert text.zfill(13) == digits


def test_all_ascii_characters_are_read_in_code128() -> None:
    for first in range(0, 128, 16):
        text = "".join(map(chr, range(first, first + 16)))
        symbol = code128(text)
        assert symbol is not None
        assert [code.bytes for code in zxingcpp.read_barcodes(drawn_bars(symbol))] == [text.encode()]


@given(st.text(string.ascii_letters + string.digits + "-./ _+\t", min_size=1, max_size=24))
@settings(max_examples=150, deadline=None)
def test_every_sku_is_read_in_code128(sku: str) -> None:
    symbol = code128(sku)
    assert symbol is not None
    assert [code.bytes for code in zxingcpp.read_barcodes(drawn_bars(symbol))] == [sku.encode()]


@pytest.mark.parametrize(("text", "modules"), [("12345678", 79), ("A", 46), ("12", 46), ("AB123456", 101), ("1", 46)])
def test_digits_take_half_the_room(text: str, modules: int) -> None:
    symbol = code128(text)
    assert symbol is not None and len(symbol.modules) == modules


def test_what_cannot_be_in_bars() -> None:
    assert code128("") is None
    assert code128("货-77") is None
    for wrong in ("", "4006381333932", "40063813339", "abc", "400638133393١", "12345678901231"):
        assert gtin13(wrong) is None
    assert gtin13("012345678905") == "0012345678905"
    assert gtin13("4-006381-333931") == "4006381333931"
    with pytest.raises(ValueError, match="not an EAN-13"):
        ean13("4006381333932")


def test_which_bars_a_product_gets() -> None:
    kinds = [
        Label.of(Product("SKU-1", "Tea", gtin=code)).symbol() for code in (gtin(1), "4006381333932", "", "96385074")
    ]
    assert [(symbol.kind, symbol.text) for symbol in kinds if symbol] == [
        ("EAN-13", gtin(1)), ("Code 128", "SKU-1"), ("Code 128", "SKU-1"), ("Code 128", "SKU-1"),
    ]  # fmt: skip


# -- sizes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dots_per_inch", [203, 300, 600, 1200])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_module_widths_are_whole_dots_within_the_standard(sheet: Sheet, dots_per_inch: int) -> None:
    per_mm = dots_per_inch / 25.4
    symbol = ean13(gtin(5))
    dots = module_dots(symbol, sheet.label[0], per_mm)
    assert dots >= 1
    # GS1 General Specifications, table 5.12.3.1-1: 0.264 to 0.660 mm at the point of sale; a dot of 203 dpi is coarse.
    assert 0.25 <= dots / per_mm <= 0.66
    assert dots * symbol.width <= sheet.label[0] * per_mm
    long = code128("W" * 60)
    assert long is not None and module_dots(long, sheet.label[0], per_mm) == 0


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_labels_lie_on_the_page_and_not_on_each_other(sheet: Sheet) -> None:
    page = QRectF(0, 0, *sheet.page)
    areas = []
    for number in range(sheet.count):
        at, area = sheet.place(number)
        assert at == 0 and page.contains(area)
        # Neighbours without a gap share a line.
        assert not any(area.adjusted(0.01, 0.01, -0.01, -0.01).intersects(other) for other in areas)
        areas.append(area)
    assert sheet.place(sheet.count)[0] == 1


@pytest.mark.parametrize("dots_per_inch", [203, 300])
@pytest.mark.parametrize("code", [gtin(77), ""])
def test_a_label_of_a_label_printer_is_read_and_its_quiet_zones_are_white(
    qtbot: QtBot, dots_per_inch: int, code: str
) -> None:
    per_mm = dots_per_inch / 25.4
    sheet = SHEETS[4]
    area = QRectF(0, 0, sheet.label[0] * per_mm, sheet.label[1] * per_mm)
    image = QImage(area.size().toSize(), QImage.Format.Format_RGB888)
    image.fill(QColor(255, 255, 255))
    painter = QPainter(image)
    label = Label("TEA-0042", "Long green tea from the mountains, loose leaves, organic, 250 g", "€12.49", code)
    assert draw_label(painter, label, area, per_mm)
    painter.end()
    picture = pixels(image)
    ((_, text),) = read(picture)
    assert text == (code or "TEA-0042")
    symbol = label.symbol()
    assert symbol is not None
    module = module_dots(symbol, sheet.label[0], per_mm)
    # A line through the middle of the bars: exactly the modules, whole dots, and white for both quiet zones.
    line = picture[round(picture.shape[0] * 0.72), :, 0] < 128
    dark = np.flatnonzero(line)
    assert dark[0] >= symbol.quiet_left * module and line.size - 1 - dark[-1] >= symbol.quiet_right * module
    assert "".join("1" if line[x] else "0" for x in range(dark[0], dark[-1] + 1, module)) == symbol.modules


# -- PDF and printer -----------------------------------------------------------------------------------------------


def pixels(image: QImage) -> Picture:
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def rasterised(path: Path, dots_per_inch: int = 300) -> list[Picture]:
    """The pages of a PDF as pictures on white, by Qt's PDF reader."""
    document = QPdfDocument()
    assert document.load(str(path)) == QPdfDocument.Error.None_
    pages = []
    for number in range(document.pageCount()):
        size = document.pagePointSize(number) * (dots_per_inch / 72)
        page = document.render(number, QSize(round(size.width()), round(size.height())))
        white = QImage(page.size(), QImage.Format.Format_RGB32)
        white.fill(QColor(255, 255, 255))
        painter = QPainter(white)
        painter.drawImage(0, 0, page)
        painter.end()
        pages.append(pixels(white))
    document.close()
    return pages


def shelf(count: int) -> list[Label]:
    names = (
        "Oat crackers with sea salt and rosemary, family size, extra crunchy",
        "海盐迷迭香燕麦饼干 家庭装 特别脆 新配方",
        "Milk",
    )
    return [
        Label(
            f"SKU-{1000 + number}",
            names[number % 3],
            "€2.49" if number % 4 else "",
            gtin(number * 7919) if number % 2 else "",
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_label_of_a_pdf_is_read_back(qtbot: QtBot, tmp_path: Path, sheet: Sheet) -> None:
    labels = shelf(sheet.count + 1 if sheet.count > 1 else 3)
    path = tmp_path / "标签 labels.pdf"
    assert save_pdf(path, labels, sheet) == 0
    pages = rasterised(path)
    assert len(pages) == (2 if sheet.count > 1 else 3)
    height, width = pages[0].shape[:2]
    # PDF counts in points, Qt rounds pages to whole ones: a third of a millimetre.
    assert abs(width / 300 * 25.4 - sheet.page[0]) < 0.4 and abs(height / 300 * 25.4 - sheet.page[1]) < 0.4
    for number, label in enumerate(labels):
        at, area = sheet.place(number)
        scale = 300 / 25.4
        left, top = max(0, round(area.left() * scale)), max(0, round(area.top() * scale))
        piece = pages[at][top : top + round(area.height() * scale), left : left + round(area.width() * scale)]
        symbol = label.symbol()
        assert symbol is not None
        assert [text for _, text in read(np.ascontiguousarray(piece))] == [symbol.text]


def test_names_stay_inside_their_label(qtbot: QtBot, tmp_path: Path) -> None:
    long = "Supercalifragilistic" * 30
    labels = [Label("S" * 100, long, "€1,234,567.89", ""), Label("货" * 90, "饼干" * 200, "¥9.90", ""), *shelf(1)]
    path = tmp_path / "labels.pdf"
    assert save_pdf(path, labels, A4) == 2
    (page,) = rasterised(path)
    inside = np.zeros(page.shape[:2], bool)
    scale = 300 / 25.4
    for number in range(len(labels)):
        area = A4.place(number)[1]
        inside[
            round(area.top() * scale) : round(area.bottom() * scale),
            round(area.left() * scale) : round(area.right() * scale),
        ] = True
    assert (page[~inside] > 200).all()
    assert (page[inside] < 100).any()
    # Each of the three shows something, also those without bars.
    for number in range(3):
        area = A4.place(number)[1]
        piece = page[round(area.top() * scale) :, round(area.left() * scale) :][
            : round(area.height() * scale), : round(area.width() * scale)
        ]
        assert (piece < 100).mean() > 0.01


def test_a_pdf_appears_whole_or_not_at_all(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "labels.pdf"
    path.write_bytes(b"old")
    with pytest.raises(NotWritable):
        save_pdf(tmp_path / "no such folder" / "labels.pdf", shelf(2), A4)
    with pytest.raises(ValueError, match="no labels"):
        save_pdf(path, [], A4)
    assert path.read_bytes() == b"old"
    assert save_pdf(path, shelf(2), A4) == 0
    assert path.read_bytes().startswith(b"%PDF")
    assert [found.name for found in tmp_path.iterdir()] == ["labels.pdf"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import engine.storage

    monkeypatch.setattr(engine.storage, "temporary_sibling", lambda path: Path("/dev/full"))
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    with pytest.raises((DiskFull, NotWritable)):
        save_pdf(tmp_path / "labels.pdf", shelf(2), A4)
    monkeypatch.undo()
    assert not (tmp_path / "labels.pdf").exists()


def test_a_printer_draws_the_same_labels_at_its_own_resolution(qtbot: QtBot, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setResolution(600)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    labels = shelf(4)
    assert print_labels(printer, printer.resolution(), labels, A4) == 0
    (page,) = rasterised(tmp_path / "printed.pdf")
    assert len(read(page)) == 4
    assert printer.resolution() != PDF_DOTS_PER_INCH


def test_a_blurred_photo_of_a_printed_sheet_is_still_read(qtbot: QtBot, tmp_path: Path) -> None:
    """What a handheld scanner sees is never sharp: a third of a module of blur, noise and little contrast."""
    path = tmp_path / "labels.pdf"
    save_pdf(path, shelf(3), SHEETS[1])
    (page,) = rasterised(path)
    rng = np.random.default_rng(4)
    seen = cv2.GaussianBlur(page, (0, 0), 1.3).astype(np.float32) * 0.6 + 60 + rng.normal(0, 6, page.shape)
    texts = {text for _, text in read(seen.clip(0, 255).astype(np.uint8))}
    assert texts == {label.symbol().text for label in shelf(3)}  # type: ignore[union-attr]
