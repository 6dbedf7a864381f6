"""The live view: the newest frame, the region that is looked at, and a region that the user draws."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop import icons, pictures
from desktop.theme import WHITE, Rgb, Theme
from engine.records import Picture, Region

#: A drag shorter than this share of the view is a click, which takes the drawn region away.
SMALLEST_DRAG: Final = 0.04
_STEP: Final = 0.03


def fitted(picture_width: int, picture_height: int, area: QRectF) -> QRectF:
    """Where a picture lies in `area` when all of it is shown as large as possible. Pure."""
    factor = min(area.width() / picture_width, area.height() / picture_height)
    width, height = picture_width * factor, picture_height * factor
    return QRectF(area.center().x() - width / 2, area.center().y() - height / 2, width, height)


def dragged_region(start: QPointF, end: QPointF, picture: QRectF) -> Region | None:
    """The region between two points of a widget that shows a picture at `picture`; None if it is too small. Pure."""
    drawn = QRectF(start, end).normalized().intersected(picture)
    if picture.isEmpty() or drawn.isEmpty():
        return None
    width, height = drawn.width() / picture.width(), drawn.height() / picture.height()
    if width < SMALLEST_DRAG or height < SMALLEST_DRAG:
        return None
    x = min(1.0, max(0.0, (drawn.x() - picture.x()) / picture.width()))
    y = min(1.0, max(0.0, (drawn.y() - picture.y()) / picture.height()))
    return Region(x, y, min(width, 1.0 - x), min(height, 1.0 - y))


def moved_region(region: Region, dx: float, dy: float, *, resize: bool) -> Region:
    """The region moved, or made larger or smaller from its lower right corner, and kept in the picture. Pure."""
    if resize:
        width = min(1.0 - region.x, max(SMALLEST_DRAG, region.width + dx))
        height = min(1.0 - region.y, max(SMALLEST_DRAG, region.height + dy))
        return Region(region.x, region.y, width, height)
    x = min(1.0 - region.width, max(0.0, region.x + dx))
    y = min(1.0 - region.height, max(0.0, region.y + dy))
    return Region(x, y, region.width, region.height)


class Viewfinder(QWidget):
    """Paints frames; a drag draws a region, and so do the arrow keys after R."""

    #: Region | None.
    regionDrawn = Signal(object)  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self._picture: Picture | None = None
        self._image = QImage()
        self._followed: Region | None = None
        self._drawn: Region | None = None
        self._drag: tuple[QPointF, QPointF] | None = None
        self._frozen = self._working = self._framing = False
        self._placeholder = (self.tr("No camera yet"), self.tr("Drop a photo here, or choose a camera above."))
        self._hint = ""
        self._theme: Theme | None = None
        self.frames = 0
        self.setAccessibleName(self.tr("Viewfinder"))
        self.setAccessibleDescription(
            self.tr("Drag to look at a part only. With the keyboard: R, then the arrow keys; with Shift they resize.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 240)
        self.setCursor(Qt.CursorShape.CrossCursor)

    def sizeHint(self) -> QSize:
        """Four to three."""
        return QSize(560, 420)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    @property
    def region(self) -> Region | None:
        """What is framed: the region that the user drew, else the one that the lookup found."""
        return self._drawn or self._followed

    @property
    def drawn(self) -> Region | None:
        """The region that the user drew."""
        return self._drawn

    def show_frame(self, picture: Picture) -> None:
        """Show a frame or a still; it is not copied."""
        self._picture = picture
        self._image = pictures.view(picture)
        self.frames += 1
        self.update()

    def show_region(self, region: Region | None) -> None:
        """Frame where the lookup looked."""
        self._followed = region
        self.update()

    def clear_region(self) -> None:
        """Forget the drawn region, without telling."""
        self._drawn = None
        self.update()

    def clear_frame(self) -> None:
        """Show the placeholder: the source was closed."""
        self._picture, self._image, self._followed = None, QImage(), None
        self.update()

    def show_frozen(self, frozen: bool) -> None:
        """Say whether the view stands still."""
        self._frozen = frozen
        self.update()

    def show_working(self, working: bool) -> None:
        """Say that a still is being looked up."""
        self._working = working
        self.update()

    def show_placeholder(self, sentence: str, advice: str) -> None:
        """What to say while there is no picture."""
        self._placeholder = (sentence, advice)
        self.update()

    def show_hint(self, text: str) -> None:
        """A line over the lower edge; "" takes it away."""
        self._hint = text
        self.update()

    def start_framing(self) -> None:
        """Begin a region in the middle, for the arrow keys."""
        if self._image.isNull():
            return
        self._framing = True
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self._drawn is None:
            self._draw(self._followed or Region(0.25, 0.2, 0.5, 0.6))

    def _draw(self, region: Region | None) -> None:
        self._drawn = region
        self._framing = self._framing and region is not None
        self.update()
        self.regionDrawn.emit(region)

    def _area(self) -> QRectF:
        """Where the picture lies in the widget."""
        whole = QRectF(self.rect())
        if self._image.isNull():
            return whole
        return fitted(self._image.width(), self._image.height(), whole)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to draw."""
        if event.button() == Qt.MouseButton.LeftButton and not self._image.isNull():
            self._drag = (event.position(), event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draw."""
        if self._drag is not None:
            self._drag = (self._drag[0], event.position())
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A drag gives a region; a click takes it away."""
        if self._drag is not None:
            start, self._drag = self._drag[0], None
            region = dragged_region(start, event.position(), self._area())
            if region is not None or self._drawn is not None:
                self._draw(region)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move or resize a region while framing; Delete takes it away."""
        steps = {
            Qt.Key.Key_Left: (-_STEP, 0.0),
            Qt.Key.Key_Right: (_STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -_STEP),
            Qt.Key.Key_Down: (0.0, _STEP),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is not None and self._drawn is not None:
            resize = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._draw(moved_region(self._drawn, *step, resize=resize))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._drawn is not None:
            self._draw(None)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame, what is around the region darker, the corners of the region, and the signs."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        outline.addRoundedRect(QRectF(self.rect()), 20, 20)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), QColor(18, 20, 24))
        if self._image.isNull():
            self._paint_placeholder(painter)
        else:
            area = self._area()
            painter.drawImage(area, self._image)
            self._paint_region(painter, area)
        self._paint_signs(painter)
        painter.end()

    def _paint_region(self, painter: QPainter, area: QRectF) -> None:
        region = dragged_region(*self._drag, area) if self._drag is not None else self.region
        if region is None:
            return
        inner = QRectF(
            area.x() + region.x * area.width(),
            area.y() + region.y * area.height(),
            region.width * area.width(),
            region.height * area.height(),
        )
        by_hand = self._drag is not None or self._drawn is not None
        if by_hand:
            shade = QPainterPath()
            shade.addRect(area)
            hole = QPainterPath()
            hole.addRoundedRect(inner, 10, 10)
            painter.fillPath(shade.subtracted(hole), QColor(0, 0, 0, 120))
        accent = self._theme.accent_fill if self._theme is not None and by_hand else WHITE
        for colour, width in ((QColor(0, 0, 0, 110), 6.0), (accent.qcolor, 3.0)):
            pen = QPen(colour, width)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_corners(inner))

    def _paint_signs(self, painter: QPainter) -> None:
        top = 14.0
        if self._working:
            self._pill(painter, QPointF(14, top), "search", self.tr("Looking…"))
        elif self._frozen and not self._image.isNull():
            self._pill(painter, QPointF(14, top), "freeze", self.tr("FROZEN"))
        elif not self._image.isNull():
            self._pill(painter, QPointF(14, top), "live", self.tr("LIVE"))
        if self._hint:
            self._pill(painter, QPointF(14, self.height() - 14 - self._pill_height()), "info", self._hint)

    def _pill_height(self) -> float:
        return 36.0 * (self._theme.scale if self._theme is not None else 1.0)

    def _pill(self, painter: QPainter, corner: QPointF, icon_name: str, text: str) -> None:
        height = self._pill_height()
        font = QFont(self.font())
        font.setPixelSize(round(height * 0.42))
        font.setWeight(QFont.Weight.DemiBold)
        metrics = QFontMetricsF(font)
        room = self.width() - 28 - height * 1.4
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        area = QRectF(corner.x(), corner.y(), metrics.horizontalAdvance(text) + height * 1.4, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(16, 18, 22, 225))
        painter.drawRoundedRect(area, height / 2, height / 2)
        side = height * 0.58
        sign = icons.icon_image(icon_name, WHITE.css, round(side * self.devicePixelRatioF()))
        painter.drawImage(QRectF(area.x() + height * 0.36, area.center().y() - side / 2, side, side), sign)
        painter.setFont(font)
        painter.setPen(QColor("white"))
        painter.drawText(area.adjusted(height * 1.0, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_placeholder(self, painter: QPainter) -> None:
        sentence, advice = self._placeholder
        grey = Rgb(168, 176, 190)
        side = min(self.width(), self.height()) * 0.18
        sign = icons.icon_image("no-camera", grey.css, round(side * self.devicePixelRatioF()))
        middle = QRectF(self.rect()).center()
        painter.drawImage(QRectF(middle.x() - side / 2, middle.y() - side * 1.25, side, side), sign)
        font = QFont(self.font())
        scale = self._theme.scale if self._theme is not None else 1.0
        for text, size, weight, colour, offset in (
            (sentence, 22, QFont.Weight.DemiBold, WHITE, 0.1),
            (advice, 15, QFont.Weight.Normal, grey, 0.55),
        ):
            font.setPixelSize(round(size * scale))
            font.setWeight(weight)
            painter.setFont(font)
            painter.setPen(colour.qcolor)
            line = QRectF(24, middle.y() + side * offset, self.width() - 48, side)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(line, flags, text)


def _corners(area: QRectF) -> QPainterPath:
    """The four corners of a frame."""
    arm = min(34.0, area.width() / 3, area.height() / 3)
    path = QPainterPath()
    for corner, dx, dy in (
        (area.topLeft(), 1, 1),
        (area.topRight(), -1, 1),
        (area.bottomRight(), -1, -1),
        (area.bottomLeft(), 1, -1),
    ):
        path.moveTo(corner + QPointF(0, dy * arm))
        path.lineTo(corner + QPointF(0, dy * 8))
        path.quadTo(corner, corner + QPointF(dx * 8, 0))
        path.lineTo(corner + QPointF(dx * arm, 0))
    return path


