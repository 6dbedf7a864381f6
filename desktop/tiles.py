"""The small parts that pages are made of: labels, pictures, badges, facts, bars and rows. All text is plain text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from desktop import icons, wording
from desktop.fit_label import FitLabel
from desktop.theme import Theme
from engine.records import Verdict

#: Corners of a photo that differ by at most this (0..255) are one background, if it is at least this light.
_ALIKE: Final = 28
_LIGHT: Final = 190


def label(text: str = "", role: str = "body", *, wrap: bool = False, name: str = "") -> QLabel:
    """A label that shows `text` as it is, whatever markup it looks like; `role` picks its size from the type scale."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    if role == "key":
        made.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
    if name:
        made.setAccessibleName(name)
    return made


def plain_button_text(text: str) -> str:
    """Catalog text for a button: an ampersand is an ampersand, not a mnemonic."""
    return text.replace("&", "&&")


def button(text: str, icon_name: str = "", look: str = "", tip: str = "") -> QPushButton:
    """A button; its icon is drawn when the theme is known (`dress`)."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    # A click must not take the keyboard away from the view: Space would press the button again.
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setProperty("icon_name", icon_name)
    if look:
        made.setProperty("look", look)
    if tip:
        made.setToolTip(tip)
    if not text and tip:
        made.setAccessibleName(tip)
    return made


def frame(look: str, layout: QLayout | None = None) -> QFrame:
    """A frame that the style sheet draws as a card, tile, note or bar."""
    made = QFrame()
    made.setProperty("look", look)
    if layout is not None:
        made.setLayout(layout)
    return made


def row(
    *parts: QWidget | QLayout | int, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """Widgets beside each other; an int is a stretch."""
    made = QHBoxLayout()
    _fill(made, parts, spacing, margins)
    return made


def column(
    *parts: QWidget | QLayout | int, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QVBoxLayout:
    """Widgets below each other; an int is a stretch."""
    made = QVBoxLayout()
    _fill(made, parts, spacing, margins)
    return made


def _fill(
    layout: QHBoxLayout | QVBoxLayout,
    parts: tuple[QWidget | QLayout | int, ...],
    spacing: int,
    margins: tuple[int, int, int, int],
) -> None:
    layout.setSpacing(spacing)
    layout.setContentsMargins(*margins)
    for part in parts:
        if isinstance(part, QWidget):
            layout.addWidget(part)
        elif isinstance(part, QLayout):
            layout.addLayout(part)
        else:
            layout.addStretch(part)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


def dress(root: QWidget, theme: Theme) -> None:
    """Draw the icons of all buttons and icon labels below `root` in the theme's colours."""
    for made in root.findChildren(QPushButton):
        name = made.property("icon_name")
        if name:
            colour = theme.on_accent if made.property("look") == "primary" else theme.text
            side = theme.px(22)
            gap = theme.px(6) if made.text() else 0
            made.setIcon(icons.icon(name, colour, theme.muted, side, gap))
            made.setIconSize(QSize(side + gap, side))
    for sign in root.findChildren(IconLabel):
        sign.dress(theme)


class IconLabel(QLabel):
    """An icon that is not pressed. It says nothing to a screen reader: the word beside it does."""

    def __init__(self, icon_name: str, side: int = 22, tone: str = "text") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._icon_name, self._side, self._tone = icon_name, side, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def dress(self, theme: Theme) -> None:
        """Draw it in the theme's colour for its tone: a verdict, "danger", or a field of the theme."""
        known = self._tone in ("text", "muted", "accent", "on_accent")
        colour = getattr(theme, self._tone) if known else theme.tone(self._tone)
        self.setPixmap(icons.icon_pixmap(self._icon_name, colour, theme.px(self._side), self.devicePixelRatioF()))


class PictureTile(QWidget):
    """A picture on a rounded white tile, as product photos are taken; an icon where there is none."""

    def __init__(self, name: str, *, white: bool = True, fill: bool = False, radius: int = 14) -> None:
        super().__init__()
        self._image = QImage()
        self._scaled = QPixmap()
        self._white, self._fill, self._radius = white, fill, radius
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(44, 44)

    def show_image(self, image: QImage | None) -> None:
        """Show `image`; None or a null image shows the placeholder."""
        self._image = image if image is not None else QImage()
        self._scaled = QPixmap()
        self.update()

    @property
    def image(self) -> QImage:
        """What it shows."""
        return self._image

    @property
    def radius(self) -> int:
        """Of its corners, in pixels."""
        return self._radius

    def shown_at(self) -> QRectF:
        """Where the picture is within the tile; it is smaller than the tile unless it has the tile's proportions."""
        room = self._room(self._area())
        size = QSizeF(self._image.size()).scaled(room, self._mode)
        return QRectF(QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2), size)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(180, 180)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scale again for the new size."""
        self._scaled = QPixmap()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tile, the picture within it, and a hairline."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = self._area()
        path = QPainterPath()
        path.addRoundedRect(area, self._radius, self._radius)
        edge = self.palette().color(QPalette.ColorRole.WindowText)
        if self._image.isNull() or not self._white:
            ground = QColor(edge)
            ground.setAlpha(14)
        else:
            ground = backdrop(self._image) or QColor("white")
        painter.fillPath(path, ground)
        if self._image.isNull():
            side = min(48, self.height() // 2)
            edge.setAlpha(90)
            sign = icons.icon_image("item", edge.name(), side * 2)
            painter.setOpacity(0.45)
            painter.drawImage(QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side), sign)
            painter.end()
            return
        painter.setClipPath(path)
        self._draw(painter, area)
        painter.setClipping(False)
        edge.setAlpha(36)
        painter.setPen(edge)
        painter.drawPath(path)
        painter.end()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)

    def _room(self, area: QRectF) -> QSizeF:
        margin = 0.0 if self._fill or not self._white else max(4.0, 0.03 * min(area.width(), area.height()))
        return area.adjusted(margin, margin, -margin, -margin).size()

    @property
    def _mode(self) -> Qt.AspectRatioMode:
        return Qt.AspectRatioMode.KeepAspectRatioByExpanding if self._fill else Qt.AspectRatioMode.KeepAspectRatio

    def _draw(self, painter: QPainter, area: QRectF) -> None:
        room = self._room(area)
        if self._scaled.isNull():
            ratio = self.devicePixelRatioF()
            wanted = QSize(max(1, round(room.width() * ratio)), max(1, round(room.height() * ratio)))
            scaled = self._image.scaled(wanted, self._mode, Qt.TransformationMode.SmoothTransformation)
            self._scaled = QPixmap.fromImage(scaled)
            self._scaled.setDevicePixelRatio(ratio)
        size = self._scaled.deviceIndependentSize()
        corner = QPointF((self.width() - size.width()) / 2, (self.height() - size.height()) / 2)
        if self._white and backdrop(self._image) is not None:
            self._extend(painter, area, QRectF(corner, size))
        painter.drawPixmap(corner, self._scaled)

    def _extend(self, painter: QPainter, area: QRectF, photo: QRectF) -> None:
        """Go on with a studio's background beyond the photo's edges, so that no seam shows."""
        wide, high = self._image.width(), self._image.height()
        for target, source in (
            (QRectF(area.left(), area.top(), area.width(), photo.top() - area.top() + 1), QRectF(0, 0, wide, 1)),
            (QRectF(area.left(), photo.bottom() - 1, area.width(), area.bottom() - photo.bottom() + 1),
             QRectF(0, high - 1, wide, 1)),
            (QRectF(area.left(), photo.top(), photo.left() - area.left() + 1, photo.height()), QRectF(0, 0, 1, high)),
            (QRectF(photo.right() - 1, photo.top(), area.right() - photo.right() + 1, photo.height()),
             QRectF(wide - 1, 0, 1, high)),
        ):  # fmt: skip
            painter.drawImage(target, self._image, source)


def backdrop(photo: QImage) -> QColor | None:
    """The colour of a photo's own light background, as in a studio, if its corners agree on one; else None."""
    right, bottom = photo.width() - 1, photo.height() - 1
    corners = [photo.pixelColor(x, y) for x in (0, right) for y in (0, bottom)]
    parts = [(corner.red(), corner.green(), corner.blue()) for corner in corners]
    mean = [round(sum(part[channel] for part in parts) / len(parts)) for channel in range(3)]
    apart = max(abs(part[channel] - mean[channel]) for part in parts for channel in range(3))
    return QColor(*mean) if apart <= _ALIKE and min(mean) > _LIGHT else None


class ElidedLabel(QLabel):
    """One line that ends in … where it has no room; the screen reader gets all of it."""

    def __init__(self, text: str = "", role: str = "body") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        text = " ".join(self.text().split())
        fitting = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.TextFlag.TextSingleLine, fitting)
        painter.end()


class Badge(QFrame):
    """The verdict: an icon and a word, on a tint. Any two of the three are enough to know it."""

    def __init__(self, verdict: Verdict, role: str = "title") -> None:
        super().__init__()
        self.setProperty("verdict", str(verdict))
        self.word = label(wording.verdict_word(verdict), role)
        side = 28 if role == "title" else 18
        inset = 14 if role == "title" else 8
        self.setLayout(
            row(IconLabel(str(verdict), side, str(verdict)), self.word, spacing=8, margins=(inset, 6, inset + 4, 6))
        )
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.word.text())


class ProbabilityBar(QProgressBar):
    """A calibrated probability as a bar; the number stands beside it and in its accessible text."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(0, 1000)
        self.setTextVisible(False)
        self.setAccessibleName(self.tr("Probability"))

    def show_probability(self, share: float) -> None:
        """Show `share`, 0..1."""
        self.setValue(round(min(1.0, max(0.0, share)) * 1000))
        self.setAccessibleDescription(wording.percent(share))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded bar whose filled part stays rounded when it is short."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        radius = area.height() / 2
        ground = self.palette().color(QPalette.ColorRole.WindowText)
        ground.setAlpha(30)
        painter.setBrush(ground)
        painter.drawRoundedRect(area, radius, radius)
        share = self.value() / max(1, self.maximum())
        if share > 0:
            area.setWidth(max(area.height(), area.width() * share))
            painter.setBrush(self.palette().color(QPalette.ColorRole.Accent))
            painter.drawRoundedRect(area, radius, radius)
        painter.end()


class FactTile(QFrame):
    """One fact: a small caption, a large value, a line of remark."""

    def __init__(self, caption: str, role: str = "headline") -> None:
        super().__init__()
        self.setProperty("look", "tile")
        self._caption = ElidedLabel(caption, "small")
        self._value = FitLabel((role, "title", "large"), lines=1)
        self._remark = ElidedLabel("", "small")
        self.setLayout(column(self._caption, self._value, self._remark, 1, spacing=2, margins=(14, 10, 14, 10)))

    def show_fact(self, value: str, remark: str = "", caption: str = "") -> None:
        """Show a value; "–" stands for one that the catalog does not have."""
        if caption:
            self._caption.setText(caption)
        self._value.setText(value or "–")
        self._remark.setText(remark)
        self.setAccessibleName(f"{self._caption.text()}: {value or '–'} {remark}".strip())

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        self._value.restyle(theme)
