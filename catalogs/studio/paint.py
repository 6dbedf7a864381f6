"""A canvas for label art: antialiased vector drawing and fitted text on a QImage (offscreen, no window)."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QPolygonF,
)

Point = tuple[float, float]
Pixels = NDArray[np.uint8]


@cache
def _application() -> QGuiApplication:
    # Text needs Qt's font engine, which needs an application object, which needs no screen.
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QGuiApplication.instance()
    return running if isinstance(running, QGuiApplication) else QGuiApplication(["studio"])


@cache
def _families() -> frozenset[str]:
    return frozenset(QFontDatabase.families())


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` (0..1) of the way from `first` to `second`, as `#rrggbb`."""
    a, b = QColor(first), QColor(second)
    parts = zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in parts)


def light(colour: str, share: float = 0.3) -> str:
    """`colour` mixed with white."""
    return mix(colour, "#ffffff", share)


def dark(colour: str, share: float = 0.3) -> str:
    """`colour` mixed with a warm black."""
    return mix(colour, "#140c08", share)


def luminance(colour: str) -> float:
    """Perceived lightness of a colour, 0..1 (Rec. 709 weights on the coded values)."""
    value = QColor(colour)
    return 0.2126 * value.redF() + 0.7152 * value.greenF() + 0.0722 * value.blueF()


def smooth(points: Sequence[Point], closed: bool = True) -> QPainterPath:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    path = QPainterPath(QPointF(*points[0]))
    for i in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2))
        first = QPointF(p1[0] + (p2[0] - p0[0]) / 6, p1[1] + (p2[1] - p0[1]) / 6)
        second = QPointF(p2[0] - (p3[0] - p1[0]) / 6, p2[1] - (p3[1] - p1[1]) / 6)
        path.cubicTo(first, second, QPointF(*p2))
    if closed:
        path.closeSubpath()
    return path


class Canvas:
    """A picture being drawn, in pixels from the top left; y grows downwards."""

    def __init__(self, width: int, height: int, ground: str | None = "#ffffff") -> None:
        _application()
        self.width, self.height = width, height
        self.image = QImage(width, height, QImage.Format.Format_RGBA8888)
        self.image.fill(QColor(ground) if ground else QColor(0, 0, 0, 0))
        self.painter = QPainter(self.image)
        hints = QPainter.RenderHint
        self.painter.setRenderHints(hints.Antialiasing | hints.TextAntialiasing | hints.SmoothPixmapTransform)

    def pixels(self) -> Pixels:
        """The finished picture: uint8 (height, width, 4), RGBA. Nothing can be drawn afterwards."""
        self.painter.end()
        rows = np.frombuffer(self.image.constBits(), np.uint8)
        return rows.reshape(self.height, self.image.bytesPerLine() // 4, 4)[:, : self.width].copy()

    def save(self, target: Path) -> None:
        """Finish the picture and write it as PNG."""
        self.painter.end()
        self.image.save(str(target))

    @contextmanager
    def at(self, x: float, y: float, scale: float = 1.0, angle: float = 0.0) -> Iterator[None]:
        """Draw in a local frame: origin at (x, y), units of `scale`, turned by `angle` degrees."""
        self.painter.save()
        self.painter.translate(x, y)
        self.painter.rotate(angle)
        self.painter.scale(scale, scale)
        yield
        self.painter.restore()

    @contextmanager
    def clipped(self, path: QPainterPath) -> Iterator[None]:
        """Draw only inside the path."""
        self.painter.save()
        self.painter.setClipPath(path, Qt.ClipOperation.IntersectClip)
        yield
        self.painter.restore()

    @contextmanager
    def faded(self, opacity: float) -> Iterator[None]:
        """Draw with the given opacity, 0..1."""
        before = self.painter.opacity()
        self.painter.setOpacity(before * opacity)
        yield
        self.painter.setOpacity(before)

    def path(self, shape: QPainterPath, colour: str | None, line: str | None = None, width: float = 0.0) -> None:
        """Fill and outline a path; either may be left out."""
        self.painter.setBrush(QBrush(QColor(colour)) if colour else Qt.BrushStyle.NoBrush)
        if line:
            cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
            self.painter.setPen(QPen(QColor(line), width, Qt.PenStyle.SolidLine, cap, join))
        else:
            self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.drawPath(shape)

    def blob(self, points: Sequence[Point], colour: str | None, line: str | None = None, width: float = 0.0) -> None:
        """A smooth closed shape through the points."""
        self.path(smooth(points), colour, line, width)

    def polygon(self, points: Sequence[Point], colour: str) -> None:
        """A straight-edged shape."""
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(*point) for point in points]))
        path.closeSubpath()
        self.path(path, colour)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: str | None, line: str | None = None, width: float = 0.0
    ) -> None:
        """An ellipse around (x, y)."""
        path = QPainterPath()
        path.addEllipse(QPointF(x, y), rx, ry)
        self.path(path, colour, line, width)

    def circle(
        self, x: float, y: float, r: float, colour: str | None, line: str | None = None, width: float = 0.0
    ) -> None:
        """A circle around (x, y)."""
        self.ellipse(x, y, r, r, colour, line, width)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        colour: str | None,
        radius: float = 0.0,
        line: str | None = None,
        width: float = 0.0,
    ) -> None:
        """A rectangle, its corners rounded by `radius`."""
        path = QPainterPath()
        path.addRoundedRect(QRectF(x, y, w, h), radius, radius)
        self.path(path, colour, line, width)

    def line(self, points: Sequence[Point], colour: str, width: float, curved: bool = False) -> None:
        """An open line through the points."""
        if curved:
            path = smooth(points, closed=False)
        else:
            path = QPainterPath(QPointF(*points[0]))
            for point in points[1:]:
                path.lineTo(QPointF(*point))
        self.path(path, None, colour, width)

    def gradient(self, x: float, y: float, w: float, h: float, first: str, last: str, across: bool = False) -> None:
        """A rectangle filled from `first` to `last`, downwards or across."""
        ramp = QLinearGradient(x, y, x + w if across else x, y if across else y + h)
        ramp.setColorAt(0, QColor(first))
        ramp.setColorAt(1, QColor(last))
        self.painter.fillRect(QRectF(x, y, w, h), QBrush(ramp))

    def font(self, family: str, size: float, tracking: float = 0.0, bold: bool = False, italic: bool = False) -> QFont:
        """A font by family. LookupError when it is not installed: another face would change the art in silence."""
        _application()
        if family not in _families():
            raise LookupError(f"font {family!r} is not installed; catalogs/studio/README.md names the packages")
        font = QFont(family)
        font.setPixelSize(max(4, round(size)))
        font.setBold(bold)
        font.setItalic(italic)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 100 + tracking)
        return font

    def text(
        self,
        words: str,
        x: float,
        y: float,
        w: float,
        h: float,
        family: str,
        colour: str,
        *,
        align: str = "center",
        tracking: float = 0.0,
        bold: bool = False,
        italic: bool = False,
        lines: int = 1,
        outline: str | None = None,
        outline_width: float = 0.0,
    ) -> float:
        """Words as large as fit the box, in at most `lines` lines; returns the type size in pixels."""
        best_rows, best_size = [words], 0.0
        for count in range(1, lines + 1):
            rows = _broken(words, count)
            probe = QFontMetricsF(self.font(family, 200, tracking, bold, italic))
            widest = max(probe.horizontalAdvance(row) for row in rows)
            size = min(200 * w / max(widest, 1), h / (len(rows) * 1.0 + 0.06) * 200 / (probe.capHeight() * 1.42))
            if size > best_size * 1.08:
                best_rows, best_size = rows, size
        font = self.font(family, best_size, tracking, bold, italic)
        metrics = QFontMetricsF(font)
        step = metrics.capHeight() * 1.42
        top = y + (h - step * (len(best_rows) - 1) - metrics.capHeight()) / 2
        for number, row in enumerate(best_rows):
            advance = metrics.horizontalAdvance(row)
            left = {"left": x, "center": x + (w - advance) / 2, "right": x + w - advance}[align]
            path = QPainterPath()
            path.addText(QPointF(left, top + metrics.capHeight() + number * step), font, row)
            if outline:
                self.path(path, outline, outline, outline_width)
            self.path(path, colour)
        return best_size

    def arc_text(
        self,
        words: str,
        x: float,
        y: float,
        r: float,
        family: str,
        size: float,
        colour: str,
        *,
        below: bool = False,
        tracking: float = 8.0,
    ) -> None:
        """Words along a circle: over the top, or under the bottom."""
        metrics = QFontMetricsF(self.font(family, size, tracking))
        total = metrics.horizontalAdvance(words) / r
        angle = -total / 2
        for char in words:
            advance = metrics.horizontalAdvance(char) / r
            middle = angle + advance / 2
            turn = -middle if below else middle
            cx, cy = x + r * math.sin(middle), y + (r if below else -r) * math.cos(middle)
            with self.at(cx, cy, 1.0, math.degrees(turn)):
                path = QPainterPath()
                path.addText(
                    QPointF(-metrics.horizontalAdvance(char) / 2, metrics.capHeight() / 2),
                    self.font(family, size, tracking),
                    char,
                )
                self.path(path, colour)
            angle += advance


def _broken(words: str, count: int) -> list[str]:
    """The words in at most `count` rows of about equal length."""
    parts = words.split()
    if count == 1 or len(parts) == 1:
        return [words]
    target, row = len(words) / count, ""
    rows: list[str] = []
    for part in parts:
        if row and len(rows) < count - 1 and len(row) + len(part) / 2 > target:
            rows.append(row)
            row = part
        else:
            row = f"{row} {part}".strip()
    return [*rows, row]
