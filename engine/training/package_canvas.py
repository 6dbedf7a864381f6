"""What labels are drawn on: places are fractions of the label, words fit into their place and are legible on it."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.records import Picture
from engine.training.package_fonts import Face, font

Colour = tuple[int, int, int]
#: Middle (x, y), width and height of a place on a label, as fractions of the label.
Box = tuple[float, float, float, float]


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from its hue, of any turn, saturation and value."""
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, min(max(saturation, 0), 1), min(max(value, 0), 1))
    return round(255 * red), round(255 * green), round(255 * blue)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` (0..1) of the other colour in the one."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one variant."""

    ground: Colour
    accent: Colour
    second: Colour
    motif: Colour


class Canvas:
    """A label while it is drawn; places are fractions of its width and height."""

    def __init__(self, width: int, height: int, colour: Colour) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width, height), colour)
        self.draw = ImageDraw.Draw(self.image)

    def points(self, *places: tuple[float, float]) -> list[tuple[float, float]]:
        """Places in pixels."""
        return [(x * self.width, y * self.height) for x, y in places]

    def box(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """A rectangle."""
        self.draw.rectangle(self.points((left, top), (right, bottom)), fill=fill)

    def oval(self, left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        """An ellipse."""
        self.draw.ellipse(self.points((left, top), (right, bottom)), fill=fill)

    def paste(self, picture: NDArray[np.uint8], mask: NDArray[np.uint8], left: int, top: int) -> None:
        """A picture (H, W, 3) where its mask (H, W) is 255."""
        self.image.paste(Image.fromarray(picture), (left, top), Image.fromarray(mask))

    def ink(self, place: Box) -> tuple[Colour, Colour, bool]:
        """A colour that is legible there, its contrary, and whether the ground is too restless without an outline."""
        x, y, width, height = place
        (left, top), (right, bottom) = self.points((x - width / 2, y - height / 2), (x + width / 2, y + height / 2))
        rows = slice(max(0, int(top)), max(1, int(bottom)))
        under = np.asarray(self.image)[rows, max(0, int(left)) : max(1, int(right))] @ np.array([0.3, 0.59, 0.11])
        dark, pale = (28, 22, 32), (250, 249, 245)
        return (pale, dark, under.std() > 60) if under.mean() < 140 else (dark, pale, under.std() > 60)

    def write(self, text: str, face: Face, place: Box, ink: Colour | None = None, left: bool = False) -> Box:
        """Words as big as fit into a place; returns the place that they take."""
        x, y, width, height = place
        size = max(7, int(height * self.height))
        long = font(face, size).getlength(text)
        if long > width * self.width:
            size = max(7, int(size * width * self.width / long))
        fitting = font(face, size)
        used = fitting.getlength(text) / self.width
        if left:
            x += (used - width) / 2
        own, contrary, restless = self.ink((x, y, used, size / self.height))
        outline = max(1, size // 14) if restless and ink is None else 0
        at = (x * self.width, y * self.height)
        self.draw.text(at, text, ink or own, fitting, "mm", stroke_width=outline, stroke_fill=contrary)
        return x, y, used, size / self.height

    def picture(self) -> Picture:
        """What is drawn, RGB uint8 (H, W, 3)."""
        return np.array(self.image, dtype=np.uint8)
