"""Line icons on a 24 x 24 grid, drawn by us and coloured by the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from desktop.theme import Rgb

_SHAPES: Final = {
    "match": "<path d='M4.5 12.8 9.6 18 19.5 6.5'/>",
    "ambiguous": "<path d='M12 20V14M12 14 5 5M12 14 19 5M5 9.5V5h4.5M14.5 5H19v4.5'/>",
    "unknown": "<path d='M8.5 9.2A3.6 3.6 0 1 1 13.6 12.4C12.5 13 12 13.6 12 14.8'/><path d='M12 18.6v.2'/>",
    "open": "<path d='M3.5 7.5v10a2 2 0 0 0 2 2h13a2 2 0 0 0 2-2V9a2 2 0 0 0-2-2h-6.6l-2-2.5H5.5a2 2 0 0 0-2 2z'/>",
    "paste": "<rect x='5.5' y='5' width='13' height='15.5' rx='2'/><rect x='9' y='3' width='6' height='4' rx='1'/>"
    "<path d='M9 12h6M9 16h4'/>",
    "search": "<circle cx='10.8' cy='10.8' r='6.3'/><path d='m15.6 15.6 5 5'/>",
    "camera": "<path d='M4 8.2h3.4L9 5.5h6l1.6 2.7H20a1 1 0 0 1 1 1V18a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1"
    "V9.2a1 1 0 0 1 1-1z'/>"
    "<circle cx='12' cy='13.2' r='3.6'/>",
    "no-camera": "<path d='M4 8.2h3.4L9 5.5h6l1.6 2.7H20a1 1 0 0 1 1 1V18M18 19H4a1 1 0 0 1-1-1V9.2'/>"
    "<circle cx='12' cy='13.2' r='3.6'/><path d='m3.5 3.5 17 17'/>",
    "warehouse": "<path d='M3.5 20V9L12 4l8.5 5v11M7.5 20v-7h9v7M7.5 16.5h9'/>",
    "catalog": "<path d='M12 6.5C10 5 7 4.8 3.5 5v13c3.5-.2 6.5 0 8.5 1.5 2-1.5 5-1.7 8.5-1.5V5"
    "C17 4.8 14 5 12 6.5zM12 6.5v13'/>",
    "settings": "<path d='M4 7.5h8M17 7.5h3M4 16.5h3M12 16.5h8'/><circle cx='14.5' cy='7.5' r='2.5'/>"
    "<circle cx='9.5' cy='16.5' r='2.5'/>",
    "help": "<circle cx='12' cy='12' r='8.8'/><path d='M9.6 9.7a2.5 2.5 0 1 1 3.6 2.2"
    "c-.8.5-1.2 1-1.2 1.9'/><path d='M12 16.8v.1'/>",
    "close": "<path d='m6 6 12 12M18 6 6 18'/>",
    "back": "<path d='M19.5 12h-15M10.5 6l-6 6 6 6'/>",
    "next": "<path d='m9 5.5 6.5 6.5L9 18.5'/>",
    "freeze": "<path d='M8.5 5.5v13M15.5 5.5v13'/>",
    "live": "<path d='M7.5 5v14l11.5-7z'/>",
    "region": "<path d='M4 8.5V5a1 1 0 0 1 1-1h3.5M15.5 4H19a1 1 0 0 1 1 1v3.5M20 15.5V19"
    "a1 1 0 0 1-1 1h-3.5M8.5 20H5a1 1 0 0 1-1-1v-3.5'/>",
    "closer": "<path d='M9.5 4.5v5h-5M14.5 4.5v5h5M9.5 19.5v-5h-5M14.5 19.5v-5h5'/>",
    "light": "<circle cx='12' cy='12' r='4'/><path d='M12 2.8v2.4M12 18.8v2.4M2.8 12h2.4M18.8 12h2.4M5.5 5.5l1.7 1.7"
    "M16.8 16.8l1.7 1.7M18.5 5.5l-1.7 1.7M7.2 16.8l-1.7 1.7'/>",
    "warning": "<path d='M12 4 2.8 20h18.4zM12 10v4.5'/><path d='M12 17.3v.1'/>",
    "details": "<path d='M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5h.1M4.5 12h.1M4.5 17.5h.1'/>",
    "build": "<path d='M12 4v9M8 9.5l4 4 4-4M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3'/>",
    "item": "<path d='M4 8.2 12 4l8 4.2v7.6L12 20l-8-4.2zM4 8.2l8 4.2 8-4.2M12 12.4V20'/>",
    "history": "<path d='M4.2 12a7.8 7.8 0 1 0 2.5-5.7L4 8.8M4 4.5v4.3h4.3M12 8v4.3l3 2'/>",
    "aisle": "<path d='M12 21c4.6-4.7 7-8.2 7-11.2A7 7 0 0 0 5 9.8C5 12.8 7.4 16.3 12 21z'/><circle "
    "cx='12' cy='9.8' r='2.5'/>",
    "refuse": "<circle cx='12' cy='12' r='8.8'/><path d='M5.8 5.8l12.4 12.4'/>",
    "undo": "<path d='M8.5 4.5 4 9l4.5 4.5M4 9h10.5a5.5 5.5 0 0 1 0 11H8'/>",
    "info": "<circle cx='12' cy='12' r='8.8'/><path d='M12 11v5.5M12 7.6v.1'/>",
}


def names() -> list[str]:
    """All icons there are."""
    return sorted(_SHAPES)


@lru_cache(maxsize=512)
def icon_image(name: str, colour: str, side_px: int) -> QImage:
    """One icon as a picture with transparency; `colour` is `#rrggbb`, `side_px` in device pixels."""
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' "
        f"stroke='{colour}' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'>{_SHAPES[name]}</svg>"
    )
    picture = QImage(side_px, side_px, QImage.Format.Format_ARGB32_Premultiplied)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side_px, side_px))
    painter.end()
    return picture


def icon_pixmap(name: str, colour: Rgb, side: int, ratio: float = 1.0) -> QPixmap:
    """One icon for a label: `side` in device-independent pixels on a screen of `ratio`."""
    pixmap = QPixmap.fromImage(icon_image(name, colour.css, round(side * ratio)))
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def icon(name: str, colour: Rgb, disabled: Rgb | None = None, side: int = 24, gap: int = 0) -> QIcon:
    """One icon for a button, sharp on screens of up to three times the density; `gap` pixels stay empty behind it."""
    made = QIcon()
    for ratio in (1, 2, 3):
        for mode, tone in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
            if tone is not None:
                made.addPixmap(_with_gap(icon_pixmap(name, tone, side, ratio), gap), mode)
    return made


def _with_gap(sign: QPixmap, gap: int) -> QPixmap:
    if not gap:
        return sign
    ratio = sign.devicePixelRatio()
    wide = QPixmap(sign.width() + round(gap * ratio), sign.height())
    wide.setDevicePixelRatio(ratio)
    wide.fill(Qt.GlobalColor.transparent)
    painter = QPainter(wide)
    painter.drawPixmap(0, 0, sign)
    painter.end()
    return wide


def picture_icon(picture: QImage) -> QIcon:
    """A photo as an icon of a list."""
    return QIcon(QPixmap.fromImage(picture))
