"""Photos at the size that training needs, kept decoded while there is room, else read again each time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2

from engine.config import Limits
from engine.image import read_picture
from engine.records import Picture


class PictureStore:
    """Pictures whose shorter side is at most `side_px`, in memory up to `limit_bytes`; safe from several threads.

    A view may show a quarter of a photo's area, so `side_px` should be twice the network's input. `read` gives a
    picture that is not kept, from any thread; without it the path is that of a file.
    """

    def __init__(
        self,
        side_px: int,
        limit_bytes: int,
        limits: Limits = Limits(),
        read: Callable[[Path], Picture] | None = None,
    ) -> None:
        self.side_px, self.limit_bytes = side_px, limit_bytes
        self._read = read or (lambda path: read_picture(path, limits))
        self.used_bytes = 0
        self._kept: dict[Path, Picture] = {}

    def __len__(self) -> int:
        """How many pictures are in memory."""
        return len(self._kept)

    def offer(self, path: Path, picture: Picture) -> None:
        """Keep a decoded picture if there is room for it; call it from one thread."""
        small = self._shrunk(picture)
        if path not in self._kept and self.used_bytes + small.nbytes <= self.limit_bytes:
            self._kept[path] = small
            self.used_bytes += small.nbytes

    def picture(self, path: Path) -> Picture:
        """The picture, RGB uint8 (H, W, 3). Raises an ImageError if it is not kept and cannot be read any more."""
        kept = self._kept.get(path)
        return self._shrunk(self._read(path)) if kept is None else kept

    def _shrunk(self, picture: Picture) -> Picture:
        height, width = picture.shape[:2]
        factor = self.side_px / min(height, width)
        if factor >= 1:
            return picture
        size = (max(1, round(width * factor)), max(1, round(height * factor)))
        small: Picture = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        return small
