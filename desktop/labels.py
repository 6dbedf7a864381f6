"""Labels for goods: bars, name and price on sheets of labels, printed or saved as PDF. No widget here."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPagedPaintDevice,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
    QTextLayout,
    QTextOption,
)

from desktop import wording
from desktop.labels_barcode import Symbol, code128, ean13, gtin13
from engine.errors import NotWritable
from engine.records import Product
from engine.storage import whole_file

MM_PER_INCH: Final = 25.4
PDF_DOTS_PER_INCH: Final = 1200
_INNER_MM: Final = 2.0
_LARGEST_BARS_MM: Final = 15.0
_NAME_MM: Final = (4.6, 4.0, 3.5)


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says. `gtin` may be empty or wrong; then the bars are the SKU's."""

    sku: str
    name: str
    price: str = ""
    gtin: str = ""

    @classmethod
    def of(cls, product: Product) -> Label:
        """The label of a product, in the language of the window."""
        return cls(product.sku, wording.name_of(product), wording.price(product), product.gtin)

    def symbol(self) -> Symbol | None:
        """EAN-13 if the GTIN is valid, else Code 128 of the SKU; None if Code 128 has no such characters."""
        digits = gtin13(self.gtin)
        return code128(self.sku) if digits is None else ean13(digits)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of labels; lengths in mm. The first label is at `left`, `top`; `across` and `down` lead to the next."""

    name: str
    page: tuple[float, float]
    columns: int
    rows: int
    label: tuple[float, float]
    left: float
    top: float
    across: float
    down: float

    @property
    def count(self) -> int:
        """Labels on a page."""
        return self.columns * self.rows

    def place(self, number: int) -> tuple[int, QRectF]:
        """The page (from 0) of label `number` (from 0), and its rectangle in mm."""
        page, on_page = divmod(number, self.count)
        row, column = divmod(on_page, self.columns)
        at = QRectF(self.left + column * self.across, self.top + row * self.down, *self.label)
        return page, at


SHEETS: Final = (
    Sheet("A4, 3 x 8 (63.5 x 33.9 mm)", (210, 297), 3, 8, (63.5, 33.9), 7.2, 12.9, 66.0, 33.9),
    Sheet("A4, 2 x 7 (99.1 x 38.1 mm)", (210, 297), 2, 7, (99.1, 38.1), 4.65, 15.15, 101.6, 38.1),
    Sheet("Letter, 3 x 10 (66.7 x 25.4 mm)", (215.9, 279.4), 3, 10, (66.7, 25.4), 4.8, 12.7, 69.85, 25.4),
    Sheet("Label printer, 62 x 29 mm", (62, 29), 1, 1, (62, 29), 0, 0, 62, 29),
    Sheet("Label printer, 50 x 30 mm", (50, 30), 1, 1, (50, 30), 0, 0, 50, 30),
)


def module_dots(symbol: Symbol, room_mm: float, dots_per_mm: float) -> int:
    """How many dots wide a module is, so that every bar is a whole number of dots; 0 if the bars have no room.

    Of the widths that fit and are not under the smallest of the standard, the one nearest to the nominal.
    """
    most = int(room_mm * dots_per_mm) // symbol.width
    # Two dots of a 203 dpi label printer, 0.25 mm, are what the trade prints and scanners read.
    least = max(1, math.ceil(symbol.smallest_mm * dots_per_mm * 0.92))
    fitting = range(least, most + 1)
    return min(fitting, key=lambda dots: abs(dots / dots_per_mm - symbol.nominal_mm), default=0)


def draw_label(painter: QPainter, label: Label, area: QRectF, dots_per_mm: float) -> bool:
    """Draw a label into `area` (device dots); whether it has bars (a SKU may be too long or not ASCII for them)."""

    def dots(mm: float) -> int:
        return round(mm * dots_per_mm)

    inner = area.adjusted(dots(_INNER_MM), dots(_INNER_MM), -dots(_INNER_MM), -dots(_INNER_MM)).toRect()
    symbol = label.symbol()
    # The quiet zones may reach into the margin: what they need is white, and the margin is.
    module = 0 if symbol is None else module_dots(symbol, area.width() / dots_per_mm, dots_per_mm)
    has_bars = symbol is not None and module > 0
    digits = dots(3.2)
    bars = min(dots(_LARGEST_BARS_MM), inner.height() * 44 // 100)
    painter.setPen(QColor(0, 0, 0))
    says_sku = has_bars and symbol is not None and symbol.text != label.sku
    price_height = dots(6.4) if label.price else dots(3.6) if says_sku else 0
    price = QRect(inner.left(), inner.bottom() - bars - price_height - dots(0.8), inner.width(), price_height)
    name = QRect(inner.left(), inner.top(), inner.width(), price.top() - inner.top())
    _draw_name(painter, label.name, name, [dots(mm) for mm in _NAME_MM])
    _draw_line(painter, label.price, price, dots(6.0), bold=True, align=Qt.AlignmentFlag.AlignRight)
    if says_sku:
        taken = QFontMetrics(_font(dots(6.0), True)).horizontalAdvance(label.price) + dots(1.5) if label.price else 0
        _draw_line(painter, label.sku, price.adjusted(0, 0, -taken, 0), dots(3.0))
    if not has_bars:
        _draw_name(painter, label.sku, QRect(inner.left(), inner.bottom() - bars, inner.width(), bars), [dots(3.5)])
    if symbol is not None and has_bars:
        left = round(area.left() + (area.width() - symbol.width * module) / 2) + symbol.quiet_left * module
        _draw_bars(painter, symbol, QRect(left, inner.bottom() - bars + 1, len(symbol.modules) * module, bars), digits)
    return has_bars


def save_pdf(path: Path, labels: Sequence[Label], sheet: Sheet, cancelled: Callable[[], bool] = lambda: False) -> int:
    """Write the labels to a PDF, whole or not at all; how many had to do without bars.

    Raises NotWritable or DiskFull; ValueError without labels. Safe off the GUI thread.
    """
    if not labels:
        raise ValueError("no labels")
    with whole_file(path) as part:
        writer = QPdfWriter(str(part))
        writer.setResolution(PDF_DOTS_PER_INCH)
        writer.setTitle(path.stem)
        writer.setCreator("Skulens")
        _set_page(writer, sheet)
        without = _draw_sheets(writer, labels, sheet, PDF_DOTS_PER_INCH / MM_PER_INCH, path, cancelled)
        del writer
        if not part.exists() or part.stat().st_size == 0:
            raise NotWritable(folder=path.parent, reason="the PDF stayed empty")
    return without


def print_labels(
    printer: QPagedPaintDevice, dots_per_inch: int, labels: Sequence[Label], sheet: Sheet,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:  # fmt: skip
    """Print on a prepared printer, at its own resolution; how many had to do without bars."""
    _set_page(printer, sheet)
    return _draw_sheets(printer, labels, sheet, dots_per_inch / MM_PER_INCH, Path("printer"), cancelled)


def _set_page(device: QPagedPaintDevice, sheet: Sheet) -> None:
    size = QPageSize(QSizeF(*sheet.page), QPageSize.Unit.Millimeter, sheet.name, QPageSize.SizeMatchPolicy.ExactMatch)
    layout = QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0), QPageLayout.Unit.Millimeter)
    layout.setMode(QPageLayout.Mode.FullPageMode)
    device.setPageLayout(layout)


def _draw_sheets(
    device: QPagedPaintDevice, labels: Sequence[Label], sheet: Sheet, dots_per_mm: float, target: Path,
    cancelled: Callable[[], bool],
) -> int:  # fmt: skip
    painter = QPainter()
    if not painter.begin(device):
        raise NotWritable(folder=target.parent, reason="it cannot be drawn on")
    without = 0
    try:
        page = 0
        for number, label in enumerate(labels):
            if cancelled():
                break
            at, area = sheet.place(number)
            if at != page:
                device.newPage()
                page = at
            dots = QRectF(*(value * dots_per_mm for value in (area.x(), area.y(), area.width(), area.height())))
            without += not draw_label(painter, label, dots, dots_per_mm)
    finally:
        painter.end()
    return without


def _font(height: int, bold: bool = False) -> QFont:
    font = QFont()
    font.setPixelSize(max(1, height))
    font.setBold(bold)
    return font


def _draw_line(
    painter: QPainter, text: str, area: QRect, height: int, *, bold: bool = False,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:  # fmt: skip
    painter.setFont(_font(height, bold))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, align | Qt.AlignmentFlag.AlignVCenter, shown)


def _draw_name(painter: QPainter, text: str, area: QRect, heights: Sequence[int]) -> None:
    """In the largest of `heights` that shows all of it, else in the smallest with the last line elided."""
    for height in heights:
        font = _font(height, bold=True)
        pitch = height * 5 // 4
        most = max(1, area.height() // pitch)
        starts = _line_starts(text, font, area.width(), most + 1, painter.device())
        if len(starts) <= most:
            break
    painter.setFont(font)
    for row, start in enumerate(starts[:most]):
        last = row == most - 1 or row == len(starts) - 1
        piece = text[start:] if last else text[start : starts[row + 1]].rstrip()
        shown = painter.fontMetrics().elidedText(piece, Qt.TextElideMode.ElideRight, area.width())
        line = QRect(area.left(), area.top() + row * pitch, area.width(), pitch)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def _line_starts(text: str, font: QFont, width: int, most: int, device: QPaintDevice) -> list[int]:
    """Where the lines of a text begin, broken between words or, where there are none (Chinese), anywhere."""
    layout = QTextLayout(text, font, device)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    starts: list[int] = []
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        starts.append(line.textStart())
    layout.endLayout()
    return starts or [0]


def _draw_bars(painter: QPainter, symbol: Symbol, area: QRect, digits: int) -> None:
    """Bars of whole dots without smoothing, and below them the digits as a person reads them."""
    module = area.width() // len(symbol.modules)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    is_ean = symbol.kind == "EAN-13"
    guards = {*range(3), *range(45, 50), *range(92, 95)} if is_ean else set()
    for place, width in _runs(symbol.modules):
        long = is_ean and place in guards
        height = area.height() - digits + (digits // 2 if long else 0)
        bar = QRect(area.left() + place * module, area.top(), width * module, height)
        painter.fillRect(bar, QColor(0, 0, 0))
    painter.setFont(_font(digits))
    top = area.bottom() - digits + 1
    if not is_ean:
        row = QRect(area.left(), top, area.width(), digits)
        shown = painter.fontMetrics().elidedText(symbol.text, Qt.TextElideMode.ElideMiddle, row.width())
        painter.drawText(row, Qt.AlignmentFlag.AlignCenter, shown)
        return
    for text, first, count in (
        (symbol.text[0], -symbol.quiet_left, symbol.quiet_left - 2),
        (symbol.text[1:7], 4, 40),
        (symbol.text[7:], 51, 40),
    ):
        row = QRect(area.left() + first * module, top, count * module, digits)
        painter.drawText(row, Qt.AlignmentFlag.AlignCenter, text)


def _runs(modules: str) -> list[tuple[int, int]]:
    """Start and width of every dark bar, in modules."""
    runs: list[tuple[int, int]] = []
    for place, module in enumerate(modules):
        if module == "1":
            if runs and sum(runs[-1]) == place:
                runs[-1] = (runs[-1][0], runs[-1][1] + 1)
            else:
                runs.append((place, 1))
    return runs
