"""A frame of QtMultimedia -> RGB, without Qt's own converter, so that it can be done off the GUI thread.

QVideoFrame.toImage would need a graphics context in the thread that calls it, and took 1.8 ms for 640 x 480 on the GUI
thread; the planes are mapped and given to OpenCV instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QVideoFrame, QVideoFrameFormat

from engine.errors import ImageUnreadable
from engine.records import Picture

_NAME: Final = "the camera's frame"
Plane = NDArray[np.uint8]
_Format = QVideoFrameFormat.PixelFormat
_Rotation = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

#: Red and blue weights of luma (ITU-R BT.601, BT.709, BT.2020).
_WEIGHTS: Final = {
    QVideoFrameFormat.ColorSpace.ColorSpace_BT601: (0.299, 0.114),
    QVideoFrameFormat.ColorSpace.ColorSpace_BT709: (0.2126, 0.0722),
    QVideoFrameFormat.ColorSpace.ColorSpace_BT2020: (0.2627, 0.0593),
}
#: Qt takes BT.709 for an untagged picture above standard definition; so do we, or colours would differ between the two.
_STANDARD_DEFINITION_LINES: Final = 576


def readable(frame: QVideoFrame) -> bool:
    """Whether `rgb_of` knows this layout; if not, Qt can make an image of it, on the GUI thread."""
    return frame.pixelFormat() in _CONVERT


def rgb_of(frame: QVideoFrame) -> Picture:
    """The picture of a `readable` frame as shown: RGB uint8 (H, W, 3), upright, in memory of its own.

    Raises ImageUnreadable for a damaged frame, or one whose memory the driver does not give.
    """
    convert = _CONVERT[frame.pixelFormat()]
    if not frame.map(QVideoFrame.MapMode.ReadOnly):
        raise ImageUnreadable(name=_NAME, reason="the driver does not give its memory")
    try:
        picture = convert(frame)
    finally:
        frame.unmap()
    return _upright(frame, picture)


def rgb_of_image(image: QImage) -> Picture:
    """A Qt image as RGB uint8 (H, W, 3), in memory of its own."""
    plain = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine())
    return rows[:, : plain.width() * 3].reshape(plain.height(), plain.width(), 3).copy()


def _plane(frame: QVideoFrame, number: int, width: int, height: int, channels: int = 1) -> Plane:
    """A view of one plane without its row padding: (height, width) or (height, width, channels).

    Chroma of a picture with an odd height may have a line less than asked for; it is stretched later anyway.
    """
    stride = frame.bytesPerLine(number)
    flat = np.frombuffer(frame.bits(number), np.uint8)
    row_bytes = width * channels
    # The last row of some drivers' buffers ends without padding.
    lines = min(height, (flat.size + stride - row_bytes) // stride) if stride >= row_bytes else 0
    if lines < max(1, height - 1):
        raise ImageUnreadable(name=_NAME, reason="its memory is shorter than its size")
    rows = np.lib.stride_tricks.as_strided(flat, (lines, row_bytes), (stride, 1), writeable=False)
    return rows if channels == 1 else rows.reshape(lines, width, channels)


def _half(length: int) -> int:
    return (length + 1) // 2


def _upright(frame: QVideoFrame, picture: Picture) -> Picture:
    layout = frame.surfaceFormat()
    if layout.scanLineDirection() == QVideoFrameFormat.Direction.BottomToTop:
        picture = cast(Picture, cv2.flip(picture, 0))
    for angle, mirrored in (
        (layout.rotation().value, layout.isMirrored()),
        (frame.rotation().value, frame.mirrored()),
    ):
        if angle in _Rotation:
            picture = cast(Picture, cv2.rotate(picture, _Rotation[angle]))
        if mirrored:
            picture = cast(Picture, cv2.flip(picture, 1))
    return picture


def _from_yuv(frame: QVideoFrame, y: Plane, u: Plane, v: Plane) -> Picture:
    """Planes of any chroma resolution -> RGB, by the frame's own colour space and range (ITU-R BT.601 / 709 / 2020)."""
    height, width = y.shape
    layout = frame.surfaceFormat()
    space = layout.colorSpace()
    if space not in _WEIGHTS:
        hd = height > _STANDARD_DEFINITION_LINES
        spaces = QVideoFrameFormat.ColorSpace
        space = spaces.ColorSpace_BT709 if hd else spaces.ColorSpace_BT601
    red, blue = _WEIGHTS[space]
    full = layout.colorRange() == QVideoFrameFormat.ColorRange.ColorRange_Full
    luma, chroma, black = (1.0, 1.0, 0.0) if full else (255 / 219, 255 / 224, 16.0)
    green = 1 - red - blue
    to_red, to_blue = 2 * (1 - red) * chroma, 2 * (1 - blue) * chroma
    matrix = np.array(
        [
            [luma, 0.0, to_red],
            [luma, -to_blue * blue / green, -to_red * red / green],
            [luma, to_blue, 0.0],
        ]
    )
    offset = -matrix @ np.array([black, 128.0, 128.0])
    size = (width, height)
    planes = cv2.merge([y, _stretched(u, size), _stretched(v, size)])
    return cast(Picture, cv2.transform(planes, np.column_stack([matrix, offset])))


def _stretched(plane: Plane, size: tuple[int, int]) -> Plane:
    if plane.shape == (size[1], size[0]):
        return plane
    return cast(Plane, cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))


def _planar(chroma_lines: Callable[[int], int], first: int) -> Callable[[QVideoFrame], Picture]:
    def convert(frame: QVideoFrame) -> Picture:
        width, height = frame.width(), frame.height()
        y = _plane(frame, 0, width, height)
        u, v = (_plane(frame, number, _half(width), chroma_lines(height)) for number in (first, 3 - first))
        return _from_yuv(frame, y, u, v)

    return convert


def _two_planes(first: int) -> Callable[[QVideoFrame], Picture]:
    def convert(frame: QVideoFrame) -> Picture:
        width, height = frame.width(), frame.height()
        pairs = _plane(frame, 1, _half(width), _half(height), 2)
        y = _plane(frame, 0, width, height)
        return _from_yuv(frame, y, np.ascontiguousarray(pairs[..., first]), np.ascontiguousarray(pairs[..., 1 - first]))

    return convert


def _deep(frame: QVideoFrame) -> Picture:
    """P010 and P016: two planes of 16-bit little-endian words; the high bytes are what eight bits hold."""
    width, height = frame.width(), frame.height()
    y = np.ascontiguousarray(_plane(frame, 0, width, height, 2)[..., 1])
    pairs = _plane(frame, 1, _half(width), _half(height), 4)
    return _from_yuv(frame, y, np.ascontiguousarray(pairs[..., 1]), np.ascontiguousarray(pairs[..., 3]))


def _packed_yuv(luma: int, u: int) -> Callable[[QVideoFrame], Picture]:
    """YUYV and UYVY: two pixels in four bytes; `luma` is the first pixel's byte, `u` the place of U."""

    def convert(frame: QVideoFrame) -> Picture:
        width, height = frame.width(), frame.height()
        words = _plane(frame, 0, _half(width), height, 4)
        y = np.ascontiguousarray(words[..., luma::2]).reshape(height, -1)[:, :width]
        blue, red = (np.ascontiguousarray(words[..., place]) for place in (u, u + 2))
        return _from_yuv(frame, y, blue, red)

    return convert


def _packed_rgb(*order: int) -> Callable[[QVideoFrame], Picture]:
    """Four bytes a pixel; `order` tells where red, green and blue are."""

    def convert(frame: QVideoFrame) -> Picture:
        words = _plane(frame, 0, frame.width(), frame.height(), 4)
        out = np.empty((frame.height(), frame.width(), 3), np.uint8)
        cv2.mixChannels([words], [out], [pair for to, place in enumerate(order) for pair in (place, to)])
        return out

    return convert


def _grey(frame: QVideoFrame) -> Picture:
    return cast(Picture, cv2.cvtColor(_plane(frame, 0, frame.width(), frame.height()), cv2.COLOR_GRAY2RGB))


def _jpeg(frame: QVideoFrame) -> Picture:
    picture = cv2.imdecode(np.frombuffer(frame.bits(0), np.uint8), cv2.IMREAD_COLOR_RGB)
    if picture is None:
        raise ImageUnreadable(name=_NAME, reason="damaged JPEG")
    return cast(Picture, picture)


def _same(lines: int) -> int:
    return lines


_CONVERT: Final[dict[QVideoFrameFormat.PixelFormat, Callable[[QVideoFrame], Picture]]] = {
    _Format.Format_YUV420P: _planar(_half, 1),
    _Format.Format_YV12: _planar(_half, 2),
    _Format.Format_YUV422P: _planar(_same, 1),
    _Format.Format_NV12: _two_planes(0),
    _Format.Format_NV21: _two_planes(1),
    _Format.Format_P010: _deep,
    _Format.Format_P016: _deep,
    _Format.Format_YUYV: _packed_yuv(0, 1),
    _Format.Format_UYVY: _packed_yuv(1, 0),
    _Format.Format_BGRA8888: _packed_rgb(2, 1, 0),
    _Format.Format_BGRX8888: _packed_rgb(2, 1, 0),
    _Format.Format_BGRA8888_Premultiplied: _packed_rgb(2, 1, 0),
    _Format.Format_ARGB8888: _packed_rgb(1, 2, 3),
    _Format.Format_XRGB8888: _packed_rgb(1, 2, 3),
    _Format.Format_RGBA8888: _packed_rgb(0, 1, 2),
    _Format.Format_RGBX8888: _packed_rgb(0, 1, 2),
    _Format.Format_ABGR8888: _packed_rgb(3, 2, 1),
    _Format.Format_XBGR8888: _packed_rgb(3, 2, 1),
    _Format.Format_Y8: _grey,
    _Format.Format_Jpeg: _jpeg,
}
