"""What a picture's first bytes say: format and size. Pure, and a hundred times cheaper than decoding.

A header is read before a decoder sees the file, so that a picture of 20,000 x 20,000 pixels is refused for its size and
a truncated one for what it is. Only JPEG and PNG are read here, because they are nearly all of what a store sends; the
other formats go through Pillow, which the hot path then need not import.

JPEG: ITU-T T.81, annex B. PNG: W3C, "Portable Network Graphics, third edition".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

_JPEG_START = b"\xff\xd8"
_JPEG_END = b"\xff\xd9"
_PNG_START = b"\x89PNG\r\n\x1a\n"
#: Start-of-frame markers: every SOFn except DHT (C4), JPG (C8) and DAC (CC).
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN_MARKER = 0xDA
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


class CutShort(Exception):
    """The file ends before its header does."""


@dataclass(frozen=True, slots=True)
class Header:
    """A JPEG or PNG as its header describes it.

    `width` and `height` are pixels as stored, before the Exif rotation. `plain` is true if the colours are grey or RGB,
    eight bits each, without transparency or frames: then OpenCV decodes it as Pillow would. `complete` is false if the
    file ends before its end marker.
    """

    kind: Literal["jpeg", "png"]
    width: int
    height: int
    plain: bool
    complete: bool


def read_header(data: bytes) -> Header | None:
    """Read the header of a JPEG or PNG; None if it is neither, or too damaged to say its size. Raises CutShort."""
    try:
        if data.startswith(_JPEG_START):
            return _jpeg(data)
        if data.startswith(_PNG_START):
            return _png(data)
    except (struct.error, IndexError) as error:
        raise CutShort from error
    return None


def _jpeg(data: bytes) -> Header | None:
    position = 2
    size: tuple[int, int, int, int] | None = None
    while True:
        position = data.find(b"\xff", position)  # anything else between segments is padding or damage
        if position < 0:
            raise CutShort
        while data[position] == 0xFF:
            position += 1
        marker = data[position]
        position += 1
        if marker in _STANDALONE_MARKERS:
            continue
        if marker == 0xD9:
            return None
        (length,) = struct.unpack_from(">H", data, position)
        if marker in _FRAME_MARKERS and size is None:
            size = struct.unpack_from(">BHHB", data, position + 2)
        if marker == _SCAN_MARKER:
            break
        position += length
    if size is None:
        return None
    depth_bits, height, width, channels = size
    # Inside the scan every 0xFF of the data is followed by a zero byte, so that an end marker can only be one.
    complete = data.rfind(_JPEG_END, position) >= 0
    return Header("jpeg", width, height, plain=channels in (1, 3) and depth_bits == 8, complete=complete)


def _png(data: bytes) -> Header:
    width, height, depth_bits, colour = struct.unpack_from(">IIBB", data, 16)
    transparent = animated = complete = False
    position = 8
    while position + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, position)
        name = data[position + 4 : position + 8]
        transparent |= name == b"tRNS"
        animated |= name == b"acTL"
        position += 12 + length
        if name == b"IEND":
            complete = position <= len(data)
            break
    plain = colour in (0, 2) and depth_bits == 8 and not transparent and not animated
    return Header("png", width, height, plain, complete)
