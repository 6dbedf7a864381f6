"""The small print of a label: lines of words, a table of contents by weight, a bar code."""

from __future__ import annotations

import numpy as np

from engine.training.package_canvas import Canvas, Colour
from engine.training.package_fonts import Face, font
from engine.training.package_words import word

Rng = np.random.Generator
#: About the smallest that a view still shows as words.
_SIZE_PX = 8
_INK: Colour = (40, 36, 40)
_PAPER: Colour = (252, 252, 250)


def add_small_print(canvas: Canvas, face: Face, corner: tuple[float, float], lines: int, rng: Rng) -> None:
    """A column of lines of random words from a corner (left, top)."""
    ink, _, _ = canvas.ink((corner[0] + 0.2, corner[1] + 0.08, 0.4, 0.16))
    wide = canvas.width * 0.42
    letters = font(face, _SIZE_PX)
    for line in range(lines):
        text = " ".join(word(rng) for _ in range(3))
        while letters.getlength(text) > wide and len(text) > 2:
            text = text[:-1]
        at = (corner[0] * canvas.width, corner[1] * canvas.height + line * (_SIZE_PX + 1))
        canvas.draw.text(at, text, ink, letters)


def add_table(canvas: Canvas, face: Face, edges: tuple[float, float, float, float], rng: Rng) -> None:
    """A table in a box of (left, top, right, bottom): names at the left, amounts at the right, a line under each."""
    (left, top), (right, bottom) = canvas.points(edges[:2], edges[2:])
    canvas.draw.rectangle([left, top, right, bottom], _PAPER, _INK)
    letters = font(face, _SIZE_PX)
    for y in np.arange(top + 2, bottom - _SIZE_PX - 1, _SIZE_PX + 2).tolist():
        canvas.draw.text((left + 3, y), word(rng)[:7], _INK, letters)
        canvas.draw.text((right - 3, y), f"{rng.uniform(0, 90):.1f} g", _INK, letters, "ra")
        canvas.draw.line([(left, y + _SIZE_PX + 1), (right, y + _SIZE_PX + 1)], _INK)


def add_barcode(canvas: Canvas, edges: tuple[float, float, float, float], rng: Rng) -> None:
    """Bars like those of a retail code (it reads as none) in a box of (left, top, right, bottom)."""
    (left, top), (right, bottom) = canvas.points(edges[:2], edges[2:])
    canvas.draw.rectangle([left, top, right, bottom], _PAPER)
    x = left + 3
    while x < right - 4:
        wide = int(rng.integers(1, 4))
        canvas.draw.rectangle([x, top + 2, x + (wide - 1), bottom - 2], _INK)
        x += wide + int(rng.integers(1, 4))
