"""Between the engine's arrays and Qt's images. Callers run on a lane, except for `view`, which copies nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage, QPainter

from engine.records import Picture

#: What other programs put on the clipboard; their bytes go to the engine's own decoder, which has limits.
ENCODED: Final = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp", "image/gif", "image/heic")
#: What the file dialog offers.
SUFFIXES: Final = ("jpg", "jpeg", "png", "webp", "heic", "heif", "bmp", "gif", "tif", "tiff")


def view(picture: Picture) -> QImage:
    """The picture as a QImage over the same memory; the caller keeps the array alive as long as the image."""
    height, width = picture.shape[:2]
    rows = np.ascontiguousarray(picture)
    return QImage(rows.data, width, height, 3 * width, QImage.Format.Format_RGB888)


def to_image(picture: Picture, side_px: int = 0) -> QImage:
    """The picture as a QImage of its own, made smaller until its longer side is `side_px` (0: as it is)."""
    image = view(picture)
    if side_px and max(image.width(), image.height()) > side_px:
        image = image.scaled(
            side_px, side_px, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    # What the screen is painted in, so that the GUI thread need not convert it; also a copy.
    return image.convertToFormat(QImage.Format.Format_RGB32)


def to_picture(image: QImage) -> Picture:
    """A QImage as the engine's RGB array; transparency lies over white."""
    if image.hasAlphaChannel():
        opaque = QImage(image.size(), QImage.Format.Format_RGB888)
        opaque.fill(Qt.GlobalColor.white)
        _paint_over(opaque, image)
        image = opaque
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    stride, width, height = image.bytesPerLine(), image.width(), image.height()
    rows = np.frombuffer(image.constBits(), np.uint8, stride * height).reshape(height, stride)
    return rows[:, : 3 * width].reshape(height, width, 3).copy()


def _paint_over(ground: QImage, image: QImage) -> None:
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()


def read_jpeg(data: bytes, side_px: int = 0) -> QImage:
    """A thumbnail of the catalog; a null image if it is damaged, which the tile shows as a placeholder.

    Not decoded by Qt: that asks all its formats with Python's lock held, and the one for SVG connects a signal. The GUI
    thread, which holds Qt's lock for a disconnection and waits for Python's, then waits for ever.
    """
    from engine.errors import ImageError
    from engine.image import decode_picture

    try:
        return to_image(decode_picture(data, "a thumbnail"), side_px)
    except ImageError:
        return QImage()


@dataclass(frozen=True, slots=True)
class Brought:
    """What a drop or a paste brings: files on this machine, or the bytes or pixels of one picture; else nothing.

    `addresses` counts what points elsewhere. It is refused, never opened: a page in a browser must not be able to
    make this machine fetch something.
    """

    paths: tuple[str, ...] = ()
    data: bytes = b""
    pixels: QImage | None = None
    addresses: int = 0


def is_local(url: QUrl) -> bool:
    """Whether a URL is a file on this machine; `file://server/share` is not."""
    return url.isLocalFile() and url.host() in ("", "localhost")


def brought(mime: QMimeData) -> Brought:
    """Read a drop or a paste; nothing is decoded and nothing is opened."""
    urls = mime.urls()
    paths = tuple(url.toLocalFile() for url in urls if is_local(url))
    elsewhere = len(urls) - len(paths)
    if paths:
        return Brought(paths=paths, addresses=elsewhere)
    for kind in ENCODED:
        if mime.hasFormat(kind):
            data = bytes(mime.data(kind).data())
            if data:
                return Brought(data=data)
    if mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            return Brought(pixels=image)
    if not elsewhere and mime.hasText() and "://" in mime.text():
        elsewhere = 1
    return Brought(addresses=elsewhere)
