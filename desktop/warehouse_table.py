"""The warehouse's table: how rows are painted, and the keys that decide them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QImage, QKeyEvent, QKeySequence, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from desktop import icons, wording
from desktop.theme import Theme
from desktop.warehouse_model import Column, WarehouseModel
from desktop.warehouse_rows import Decision, Row, probability
from engine.records import Verdict

_ROW_PX: Final = 64
#: More than rows fit on a screen.
_TILES_KEPT: Final = 64
#: The tone of a row without a verdict.
_UNREADABLE: Final = "danger"
_WIDTHS: Final = {
    Column.PICTURE: 76,
    Column.VERDICT: 142,
    Column.PROBABILITY: 96,
    Column.DECISION: 136,
    Column.FILE: 112,
}
_DIGITS: Final = {getattr(Qt.Key, f"Key_{digit}"): digit - 1 for digit in range(1, 10)}


class RowPainter(QStyledItemDelegate):
    """Paints a cell: picture, two lines of product, verdict with icon and word, a bar of probability."""

    def __init__(self, theme: Theme, model: WarehouseModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Asked itself, not by way of an index: a screen of cells has more than a hundred questions each time.
        self._model = model
        self._tiles: dict[tuple[int, int, float], QPixmap] = {}
        self.use(theme)

    def use(self, theme: Theme) -> None:
        """Take the theme's colours; they and the fonts are made once, not for each of the hundred cells on screen."""
        self.theme = theme
        self._fonts = {(bold, small): self._font(bold, small) for bold in (False, True) for small in (False, True)}
        self._line_colour, self._accent = theme.line.qcolor, theme.accent.qcolor
        self._muted, self._text = theme.muted.qcolor, theme.text.qcolor
        self._selected = QColor(theme.accent_fill.qcolor)
        self._selected.setAlpha(52)
        names = (*(str(verdict) for verdict in Verdict), _UNREADABLE)
        self._tones = {name: (theme.tone(name), theme.tint(name).qcolor) for name in names}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows have the same height."""
        return QSize(100, self.theme.px(_ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one cell on the ground of its selection."""
        row = self._model.rows[index.row()]
        column = Column(index.column())
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, self._selected)
            if column is Column.PICTURE:
                painter.fillRect(QRect(area.left(), area.top(), 4, area.height()), self._accent)
        painter.setPen(self._line_colour)
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        inner = area.adjusted(10, 4, -10, -5)
        if column is Column.PICTURE:
            self._picture(painter, inner, self._model.picture(row))
        elif column is Column.PRODUCT:
            self._product(painter, inner, row)
        elif column is Column.VERDICT:
            self._verdict(painter, inner, row)
        elif column is Column.PROBABILITY:
            self._probability(painter, inner, row)
        else:
            decided = column is Column.DECISION and row.decision is not Decision.OPEN
            self._line(painter, inner, self._model.text(row, column), bold=decided, muted=not decided)
        painter.restore()

    def _picture(self, painter: QPainter, area: QRect, image: QImage | None) -> None:
        side = min(area.width(), area.height())
        frame = QRect(area.center().x() - side // 2, area.center().y() - side // 2, side, side)
        if image is None or image.isNull():
            path = QPainterPath()
            path.addRoundedRect(frame, 6, 6)
            painter.fillPath(path, self.theme.raised.qcolor)
            name = "item" if image is None else "warning"
            sign = side // 2
            painter.drawImage(
                frame.center().x() - sign // 2,
                frame.center().y() - sign // 2,
                icons.icon_image(name, self.theme.muted.css, sign),
            )
            return
        painter.drawPixmap(frame.topLeft(), self._tile(image, side, painter.device().devicePixelRatioF()))

    def _tile(self, image: QImage, side: int, ratio: float) -> QPixmap:
        """The middle of a picture as a rounded square, kept for the next time that the table is painted.

        Scaling and clipping in the painter goes to threads of Qt's, for which the GUI thread would wait each time.
        """
        key = (image.cacheKey(), side, ratio)
        kept = self._tiles.pop(key, None)
        if kept is None:
            pixels = QSize(round(side * ratio), round(side * ratio))
            fill, smooth = Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
            fitted = image.scaled(pixels, fill, smooth)
            middle = QRect(QPoint(0, 0), pixels)
            middle.moveCenter(fitted.rect().center())
            kept = QPixmap(pixels)
            kept.fill(Qt.GlobalColor.transparent)
            path = QPainterPath()
            path.addRoundedRect(QRect(QPoint(0, 0), pixels), 6 * ratio, 6 * ratio)
            painter = QPainter(kept)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipPath(path)
            painter.drawImage(QPoint(0, 0), fitted, middle)
            painter.end()
            kept.setDevicePixelRatio(ratio)
        self._tiles[key] = kept
        while len(self._tiles) > _TILES_KEPT:
            del self._tiles[next(iter(self._tiles))]
        return kept

    def _product(self, painter: QPainter, area: QRect, row: Row) -> None:
        candidate = row.candidate
        if row.error is not None or row.decision is Decision.UNKNOWN or candidate is None:
            self._line(painter, area, self._model.text(row, Column.PRODUCT), muted=True)
            return
        top, bottom = QRect(area), QRect(area)
        top.setBottom(area.center().y())
        bottom.setTop(area.center().y() + 1)
        self._line(painter, top, wording.name_of(candidate.product), bold=True, align=Qt.AlignmentFlag.AlignBottom)
        facts = [candidate.product.sku, candidate.product.brand, wording.price(candidate.product)]
        self._line(
            painter, bottom, "  ·  ".join(fact for fact in facts if fact), muted=True, small=True,
            align=Qt.AlignmentFlag.AlignTop,
        )  # fmt: skip

    def _verdict(self, painter: QPainter, area: QRect, row: Row) -> None:
        word = self._model.text(row, Column.VERDICT)
        name = "warning" if row.result is None else str(row.result.verdict)
        colour, tint = self._tones[_UNREADABLE if row.result is None else name]
        height = min(area.height(), self.theme.px(34))
        badge = QRect(area.left(), area.center().y() - height // 2, area.width(), height)
        path = QPainterPath()
        path.addRoundedRect(badge, height / 4, height / 4)
        painter.fillPath(path, tint)
        side = self.theme.px(18)
        painter.drawImage(badge.left() + 8, badge.center().y() - side // 2, icons.icon_image(name, colour.css, side))
        painter.setPen(colour.qcolor)
        painter.setFont(self._fonts[True, True])
        text_area = badge.adjusted(side + 14, 0, -4, 0)
        shown = painter.fontMetrics().elidedText(word, Qt.TextElideMode.ElideRight, text_area.width())
        painter.drawText(text_area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)

    def _probability(self, painter: QPainter, area: QRect, row: Row) -> None:
        if row.result is None:
            return
        top = QRect(area.left(), area.top(), area.width(), area.height() * 3 // 5)
        text = self._model.text(row, Column.PROBABILITY)
        self._line(painter, top, text, bold=row.result.verdict is Verdict.MATCH, align=Qt.AlignmentFlag.AlignVCenter)
        bar = QRect(area.left(), top.bottom() + 4, area.width(), 6)
        painter.fillRect(bar, self._line_colour)
        bar.setWidth(round(area.width() * min(1.0, probability(row))))
        painter.fillRect(bar, self._accent)

    def _font(self, bold: bool, small: bool) -> QFont:
        font = QFont()
        font.setPixelSize(self.theme.px(13 if small else 15))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _line(
        self, painter: QPainter, area: QRect, text: str, *, bold: bool = False, small: bool = False,
        muted: bool = False, align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignVCenter,
    ) -> None:  # fmt: skip
        painter.setFont(self._fonts[bold, small])
        painter.setPen(self._muted if muted else self._text)
        plain = " ".join(text.split())
        shown = painter.fontMetrics().elidedText(plain, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, align | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine, shown)


class WarehouseTable(QTableView):
    """The rows; arrow keys move, Enter, Delete, 1 to 9 and Ctrl+Z decide."""

    confirmWanted = Signal()  # noqa: N815
    unknownWanted = Signal()  # noqa: N815
    undoWanted = Signal()  # noqa: N815
    #: int: place of the candidate.
    chosen = Signal(int)
    #: int: row that became current, -1 for none.
    moved = Signal(int)

    def __init__(self, model: WarehouseModel, theme: Theme) -> None:
        super().__init__()
        self._painter = RowPainter(theme, model, self)
        self.setModel(model)
        self.setItemDelegate(self._painter)
        self.setAccessibleName(self.tr("Looked-up pictures, most doubtful first"))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setAcceptDrops(False)
        self.verticalHeader().hide()
        # Fixed: asking two thousand rows for their height would hold the window up.
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(Column.PRODUCT, QHeaderView.ResizeMode.Stretch)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setAccessibleName(self.tr("Sort by a column"))
        head.setSortIndicator(Column.VERDICT, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.restyle(theme)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours and sizes."""
        self._painter.use(theme)
        self.verticalHeader().setDefaultSectionSize(theme.px(_ROW_PX))
        self.horizontalHeader().setMinimumHeight(theme.touch())
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, theme.px(width))
        self.viewport().update()

    def current_row(self) -> int:
        """The row that the keys decide; -1 for none."""
        return self.currentIndex().row()

    def go_to(self, place: int) -> None:
        """Make a row current and show it."""
        index = self.model().index(place, Column.PRODUCT)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell which row is current now."""
        super().currentChanged(current, previous)
        if current.row() != previous.row() or current.isValid() != previous.isValid():
            self.moved.emit(current.row())

    def event(self, event: QEvent) -> bool:
        """Our keys come before the window's: Enter must not confirm what the hidden scan screen shows."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self.meaning(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Decide, or move as tables do."""
        meaning = self.meaning(event)
        if meaning is None:
            super().keyPressEvent(event)
        elif isinstance(meaning, tuple):
            self.chosen.emit(meaning[0])
        else:
            {"confirm": self.confirmWanted, "unknown": self.unknownWanted, "undo": self.undoWanted}[meaning].emit()

    @staticmethod
    def meaning(event: QKeyEvent) -> str | tuple[int] | None:
        """What a key means here."""
        if event.matches(QKeySequence.StandardKey.Undo):
            return "undo"
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if not plain:
            return None
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return "confirm"
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            return "unknown"
        return (_DIGITS[Qt.Key(event.key())],) if event.key() in _DIGITS else None
