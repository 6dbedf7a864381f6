"""The fonts of this machine that labels can be printed with, and Pillow's own where there is none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import ImageFont

#: A font's file; None is the font that Pillow brings.
Face = Path | None
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_FOLDERS = {
    "win32": ("C:/Windows/Fonts", "~/AppData/Local/Microsoft/Windows/Fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
}
_ELSEWHERE = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_ENDINGS = {".ttf", ".otf", ".ttc"}
#: Words in the names of fonts that print pictures for letters.
_NO_LETTERS = (
    *("symbol", "dingbat", "d050000l", "emoji", "wingding", "webding", "marlett", "braille", "icon", "music"),
    *("ornament", "barcode"),
)
#: More would make a start slow and labels no more varied.
_MOST = 300
#: Fonts that are loaded at the same time; each holds its file open.
_OPEN = 48


def font_folders() -> tuple[Path, ...]:
    """Where this system keeps its fonts."""
    return tuple(Path(folder).expanduser() for folder in _FOLDERS.get(sys.platform, _ELSEWHERE))


def find_fonts(folders: Sequence[Path]) -> tuple[Face, ...]:
    """The text fonts below some folders, in the order of their paths; Pillow's own alone if there is none."""
    files = sorted({file for folder in folders for file in folder.rglob("*") if file.suffix.lower() in _ENDINGS})
    spread = files[:: 1 + len(files) // _MOST]
    return tuple(file for file in spread if _prints_text(file)) or (None,)


@lru_cache(maxsize=_OPEN)
def font(face: Face, size_px: int) -> Font:
    """A font at a size. Raises OSError if its file is gone."""
    if face is None:
        return ImageFont.load_default(size_px)
    return ImageFont.truetype(str(face), size_px, layout_engine=ImageFont.Layout.BASIC)


def _prints_text(file: Path) -> bool:
    """Whether a font has a shape of its own for each letter, capitals of one height, and is none of signs."""
    try:
        loaded = ImageFont.truetype(str(file), 24, layout_engine=ImageFont.Layout.BASIC)
        names = " ".join([file.name, *(name or "" for name in loaded.getname())]).lower()
        if any(word in names for word in _NO_LETTERS):
            return False
        shapes = [loaded.getmask(letter, "L") for letter in "AaBb1%"]
        heights = [loaded.getbbox(letter)[3] - loaded.getbbox(letter)[1] for letter in "EHx"]
    except OSError:
        return False
    pixels = [(shape.size, bytes(shape)) for shape in shapes]
    distinct = all(one != other for one, other in combinations(pixels, 2))
    inked = all(np.frombuffer(drawn, np.uint8).any() for _, drawn in pixels)
    return distinct and inked and abs(heights[0] - heights[1]) <= 2 and heights[2] < heights[1]
