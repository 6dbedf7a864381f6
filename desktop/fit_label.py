"""A label that makes its letters as large as its room allows."""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy

from desktop.theme import TYPE_SCALE, Theme

#: "500 ml" must not be broken.
_MEASURE: Final = re.compile(r"(\d) (\w{1,3})\b")


class FitLabel(QLabel):
    """Text in the largest size of the type scale that fits its lines; only if the smallest does not fit it is cut."""

    def __init__(
        self, sizes: tuple[str, ...] = ("display", "headline", "title"), lines: int = 2, *, reserve: bool = False
    ) -> None:
        """With `reserve` it is always as high as `lines` of the largest lines: cards beside each other line up."""
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._sizes, self._lines, self._scale, self._reserve = sizes, lines, 1.0, reserve
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        self._scale = theme.scale
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Room for all lines in the largest size, or less if the text needs less at the current width."""
        font, lines = self._choose(max(self.width(), 50))
        count = max(1, len(lines))
        if self._reserve:
            count = self._lines
            font.setPixelSize(round(TYPE_SCALE[self._sizes[0]] * self._scale))
        return QSize(200, round(QFontMetricsF(font).lineSpacing() * count) + 4)

    def minimumSizeHint(self) -> QSize:
        """The same height."""
        return self.sizeHint()

    def setText(self, text: str) -> None:
        """Show `text` and take the height it needs."""
        super().setText(text)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new width may need other lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines from the top."""
        font, lines = self._choose(self.width())
        painter = QPainter(self)
        painter.setFont(font)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        metrics = QFontMetricsF(font)
        left_to_right = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        side = Qt.AlignmentFlag.AlignLeft if left_to_right else Qt.AlignmentFlag.AlignRight
        for index, line in enumerate(lines):
            area = QRectF(0, index * metrics.lineSpacing(), self.width(), metrics.lineSpacing())
            painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, line)
        painter.end()

    def _choose(self, width: int) -> tuple[QFont, list[str]]:
        """The font and the lines."""
        font, lines = QFont(self.font()), [""]
        for size in self._sizes:
            font.setPixelSize(round(TYPE_SCALE[size] * self._scale))
            font.setWeight(QFont.Weight.Bold)
            lines, whole = self._break(font, width)
            if whole:
                return font, lines
        return font, lines

    def _break(self, font: QFont, width: int) -> tuple[list[str], bool]:
        """The text in at most `lines` lines, the last one cut; and whether all of it is there, with no word torn."""
        # One line: a name with line breaks in it must not push the price off the card.
        text = _MEASURE.sub("\\1\u00a0\\2", " ".join(self.text().split()))
        layout = QTextLayout(text, font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        found: list[tuple[int, int]] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            found.append((line.textStart(), line.textLength()))
            if len(found) > self._lines:
                break
        layout.endLayout()
        lines = [text[start : start + length].rstrip() for start, length in found[: self._lines]]
        if len(found) <= self._lines:
            before = [text[start - 1] for start, _ in found[1:]]
            torn = any(character.isascii() and character not in " -/" for character in before)
            return lines or [""], not torn
        start = found[self._lines - 1][0]
        rest = QFontMetricsF(font).elidedText(text[start:], Qt.TextElideMode.ElideRight, width)
        return [*lines[:-1], rest], False
