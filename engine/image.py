"""A file, bytes or frame becomes a picture, and a picture becomes a tensor.

Catalog, query and training go through this code, so that a vector never depends on which of them made it.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.config import Limits
from engine.errors import (
    ImageEmpty,
    ImageFileTooLarge,
    ImageIsFolder,
    ImageNotFound,
    ImageTooLarge,
    ImageTooSmall,
    ImageTruncated,
    ImageUnreadable,
)
from engine.image_distort import distort
from engine.image_header import CutShort, read_header
from engine.image_quality import PictureQuality, quality
from engine.records import Picture, Region, Tensor

__all__ = [
    "InputSpec",
    "PictureQuality",
    "crop",
    "decode_picture",
    "distort",
    "prepare",
    "prepare_into",
    "quality",
    "read_picture",
    "thumbnail",
]

#: A large JPEG is decoded at a half, quarter or eighth of its size while its shorter side keeps this many pixels: more
#: than twice what the encoder sees, so that a region of half the picture is still seen sharp.
WORKING_SIDE_PX = 720

_REDUCED = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What an encoder wants to see: `size` x `size` pixels, (value - mean) / scale per channel, values 0..255.

    `crop_fraction` (0..1] is the part of the shorter side that the central square keeps.
    """

    size: int
    mean: tuple[float, float, float]
    scale: tuple[float, float, float]
    crop_fraction: float


def read_picture(path: Path, limits: Limits = Limits()) -> Picture:
    """Read a picture file to RGB uint8 (H, W, 3), upright; a large JPEG comes reduced (`WORKING_SIDE_PX`).

    Raises an ImageError that says what is wrong with the file.
    """
    name = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageIsFolder(name=str(path))
        if not stat.S_ISREG(status.st_mode):
            raise ImageUnreadable(name=name, reason="it is not a file")
        if status.st_size > limits.image_file_bytes:
            raise ImageFileTooLarge(
                name=name, size_mb=status.st_size // 1_000_000, limit_mb=limits.image_file_bytes // 1_000_000
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageNotFound(name=str(path)) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or "its name is not valid"
        raise ImageUnreadable(name=name, reason=reason) from error
    return decode_picture(data, name, limits)


def decode_picture(data: bytes, name: str, limits: Limits = Limits()) -> Picture:
    """Decode a picture's bytes to RGB uint8 (H, W, 3), upright; `name` is for the message.

    Raises an ImageError. The size is checked against `limits` before a pixel is decoded.
    """
    if not data:
        raise ImageEmpty(name=name)

    def check_size(width: int, height: int) -> None:
        if width * height > limits.image_megapixels * 1_000_000:
            raise ImageTooLarge(name=name, width=width, height=height, limit_megapixels=f"{limits.image_megapixels:g}")
        if min(width, height) < limits.image_min_side_px:
            raise ImageTooSmall(name=name, width=width, height=height, minimum=limits.image_min_side_px)

    try:
        header = read_header(data)
    except CutShort as error:
        raise ImageTruncated(name=name) from error
    if header is not None:
        check_size(header.width, header.height)
        if not header.complete:
            raise ImageTruncated(name=name)
        if header.plain:
            shorter = min(header.width, header.height) if header.kind == "jpeg" else 0
            return _decode_plain(data, name, _reduction(shorter))
    from engine.image_foreign import decode_foreign

    return decode_foreign(data, name, check_size)


def _reduction(shorter_px: int) -> int:
    """The largest of 1, 2, 4, 8 that leaves the shorter side at least WORKING_SIDE_PX."""
    return next((by for by in (8, 4, 2) if shorter_px >= by * WORKING_SIDE_PX), 1)


def _decode_plain(data: bytes, name: str, reduce_by: int) -> Picture:
    try:
        # OpenCV turns the picture by its Exif orientation unless told not to.
        decoded = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), _REDUCED[reduce_by])
    except cv2.error as error:
        raise ImageUnreadable(name=name, reason="the file is damaged") from error
    if decoded is None:
        raise ImageUnreadable(name=name, reason="the file is damaged")
    picture: Picture = cv2.cvtColor(decoded, cv2.COLOR_BGR2RGB, dst=decoded)  # type: ignore[assignment]
    return picture


def crop(picture: Picture, region: Region) -> Picture:
    """The part of a picture that a region names, as a view of at least one pixel; nothing is copied."""
    height, width = picture.shape[:2]
    left = min(int(region.x * width), width - 1)
    top = min(int(region.y * height), height - 1)
    right = max(left + 1, min(width, round((region.x + region.width) * width)))
    bottom = max(top + 1, min(height, round((region.y + region.height) * height)))
    return picture[top:bottom, left:right]


def prepare(pictures: Sequence[Picture], spec: InputSpec) -> Tensor:
    """Pictures of any size to one batch, float32 (N, 3, S, S)."""
    batch = np.empty((len(pictures), 3, spec.size, spec.size), dtype=np.float32)
    for row, picture in zip(batch, pictures, strict=True):
        prepare_into(row, picture, spec)
    return batch


def prepare_into(out: NDArray[np.float32], picture: Picture, spec: InputSpec) -> None:
    """One picture into one row of a batch: `out` is float32 (3, S, S) and is overwritten.

    The central square is halved by exact 2 x 2 means while it is twice too large, then resized bilinearly and
    normalised: nothing aliases visibly, and it takes a fifth of the time of a resize by area.
    """
    if out.shape != (3, spec.size, spec.size):
        raise ValueError(f"a row of shape {out.shape} for an input of {spec.size} px")
    height, width = picture.shape[:2]
    side = max(1, round(min(height, width) * spec.crop_fraction))
    top, left = (height - side) // 2, (width - side) // 2
    square = picture[top : top + side, left : left + side]
    while side >= 2 * spec.size:
        side //= 2
        halved = cv2.resize(square[: 2 * side, : 2 * side], (side, side), interpolation=cv2.INTER_AREA)
        square = halved  # type: ignore[assignment]
    if side != spec.size:
        square = cv2.resize(square, (spec.size, spec.size), interpolation=cv2.INTER_LINEAR)  # type: ignore[assignment]
    for channel, plane in enumerate(cv2.split(square)):
        np.subtract(plane, np.float32(spec.mean[channel]), out=out[channel], dtype=np.float32)
        out[channel] *= np.float32(1.0 / spec.scale[channel])


def thumbnail(picture: Picture, side_px: int = 384, quality: int = 85) -> bytes:
    """A JPEG whose longer side is at most `side_px`; never enlarged. `quality` is JPEG's, 1..100."""
    height, width = picture.shape[:2]
    shrink = side_px / max(height, width)
    small: Picture = picture
    if shrink < 1:
        size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    done, encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return encoded.tobytes()
