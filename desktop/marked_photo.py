"""A catalog photo with an outline around what to look at, and that part enlarged beside it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from desktop.theme import Theme
from desktop.tiles import PictureTile
from engine.records import Region, Verdict

#: A part larger than this share of the photo is not enlarged: it would be the photo again.
_WHOLE: Final = 0.3
#: What is shown around the part, as a share of its longer side.
_AROUND: Final = 0.12


class OutlinedTile(PictureTile):
    """A picture with outlines: dark amber between two white lines, so that they show on every pack."""

    def __init__(self, name: str, *, framed: bool = False) -> None:
        super().__init__(name, fill=framed)
        self._framed = framed
        self._regions: tuple[Region, ...] = ()
        self._colour, self._width = QColor("black"), 3.0

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colour for look-alikes."""
        self._colour = theme.over_photo(Verdict.AMBIGUOUS).qcolor
        self._width = max(2.0, 2.5 * theme.scale)
        self.update()

    def show_regions(self, regions: tuple[Region, ...]) -> None:
        """Outline these parts of the picture."""
        self._regions = regions
        self.update()

    @property
    def regions(self) -> tuple[Region, ...]:
        """What is outlined."""
        return self._regions

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, then the outlines; a framed tile is outlined itself."""
        super().paintEvent(event)
        if self.image.isNull() or not (self._regions or self._framed):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._framed:
            edge = self._width / 2 + 0.5
            painter.setPen(QPen(self._colour, self._width))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), self.radius, self.radius)
        else:
            shown = self.shown_at()
            for region in self._regions:
                box = QRectF(
                    shown.x() + region.x * shown.width(),
                    shown.y() + region.y * shown.height(),
                    region.width * shown.width(),
                    region.height * shown.height(),
                )
                for colour, width in ((QColor("white"), self._width + 2.5), (self._colour, self._width)):
                    painter.setPen(QPen(colour, width))
                    painter.drawRoundedRect(box, 5, 5)
        painter.end()


class MarkedPhoto(QWidget):
    """The photo of one look-alike; once something is marked, what is marked stands enlarged beside it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.photo = OutlinedTile(name)
        self.detail = OutlinedTile(self.tr("What to look at, enlarged"), framed=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.photo, 1)
        layout.addWidget(self.detail, 1)
        self.detail.hide()

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours and sizes."""
        for tile in (self.photo, self.detail):
            tile.restyle(theme)
            tile.setMinimumHeight(theme.px(24))

    def show_image(self, image: QImage | None) -> None:
        """Show a photo; nothing is marked."""
        self.photo.show_image(image)
        self.photo.show_regions(())
        self.photo.setAccessibleDescription("")
        self.detail.hide()

    def show_marked(self, image: QImage, regions: tuple[Region, ...], says: str) -> None:
        """Show a photo with outlines; `says` is for a screen reader."""
        self.photo.show_image(image)
        self.photo.show_regions(regions)
        self.photo.setAccessibleDescription(says)
        first = regions[0]
        if first.width * first.height < _WHOLE:
            self.detail.show_image(image.copy(_around(first, image)))
            self.detail.setAccessibleDescription(says)
            self.detail.show()
        else:
            self.detail.hide()


def _around(region: Region, image: QImage) -> QRect:
    """The region and a little around it, in pixels of the image."""
    wide, high = image.width(), image.height()
    more = _AROUND * max(region.width * wide, region.height * high)
    left, top = max(0, round(region.x * wide - more)), max(0, round(region.y * high - more))
    right = min(wide, round((region.x + region.width) * wide + more))
    bottom = min(high, round((region.y + region.height) * high + more))
    return QRect(left, top, max(1, right - left), max(1, bottom - top))
