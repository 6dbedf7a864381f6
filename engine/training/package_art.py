"""Label art of packages that no shop sells: a family has a brand, a layout and fonts; its variants are near-twins.

A variant has another flavour word and, by its family's habit, another colour, motif or photo, as in a shop. All is
drawn from syllables, shapes and the fonts of this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from engine.records import Picture
from engine.training.package_canvas import Box, Canvas, Palette, hsv, mixed
from engine.training.package_decor import LAYOUTS, add_motif, add_pattern, add_star
from engine.training.package_fonts import Face
from engine.training.package_print import add_barcode, add_small_print, add_table
from engine.training.package_words import FLASHES, FLAVOURS, KINDS, MEASURES, word

Rng = np.random.Generator

#: The longer side of a label's front.
SIDE_PX = 272
#: The side of a pack, as a part of its front's width.
DEPTH = 0.5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Where the words and the motif stand; `upright` turns the brand, `left` starts the words at the left of boxes."""

    brand: Box
    kind: Box
    flavour: Box
    motif: tuple[float, float]
    print_at: tuple[float, float]
    upright: bool = False
    left: bool = False
    plate: bool = False


_ARRANGEMENTS = (
    Arrangement((0.5, 0.14, 0.86, 0.17), (0.5, 0.29, 0.7, 0.09), (0.5, 0.87, 0.7, 0.1), (0.5, 0.58), (0.07, 0.36)),
    Arrangement((0.5, 0.28, 0.86, 0.19), (0.5, 0.42, 0.6, 0.08), (0.5, 0.53, 0.6, 0.1), (0.5, 0.76), (0.07, 0.05)),
    Arrangement((0.5, 0.62, 0.88, 0.17), (0.5, 0.76, 0.7, 0.09), (0.5, 0.89, 0.7, 0.1), (0.5, 0.3), (0.07, 0.04)),
    Arrangement(
        (0.47, 0.13, 0.8, 0.16), (0.4, 0.27, 0.66, 0.09), (0.34, 0.4, 0.54, 0.1), (0.66, 0.7), (0.07, 0.55), left=True
    ),
    Arrangement(
        (0.17, 0.5, 0.2, 0.88),
        (0.64, 0.14, 0.56, 0.09),
        (0.64, 0.86, 0.56, 0.1),
        (0.64, 0.5),
        (0.36, 0.22),
        upright=True,
    ),
    Arrangement(
        (0.5, 0.2, 0.7, 0.14), (0.5, 0.4, 0.7, 0.09), (0.5, 0.9, 0.74, 0.1), (0.5, 0.66), (0.07, 0.46), plate=True
    ),
    Arrangement(
        (0.5, 0.5, 0.76, 0.15), (0.5, 0.1, 0.7, 0.08), (0.5, 0.68, 0.6, 0.09), (0.5, 0.84), (0.07, 0.17), plate=True
    ),
)


class Family:
    """What the variants of one product share, drawn from a seed; `faces` are the fonts to choose from."""

    def __init__(self, seed: Sequence[int], variants: int, faces: Sequence[Face]) -> None:
        self._seed = tuple(seed)
        rng = np.random.default_rng(self._seed)
        aspect = float(np.exp(rng.uniform(np.log(0.42), np.log(1.5))))
        self.width, self.height = round(SIDE_PX * min(aspect, 1)), round(SIDE_PX / max(aspect, 1))
        self._brand, self._kind = word(rng), str(rng.choice(KINDS))
        self._brand_face, self._face = (faces[int(rng.integers(len(faces)))] for _ in range(2))
        self._flavours = [str(flavour) for flavour in rng.permutation(FLAVOURS)]
        self._hues = rng.permutation(np.linspace(0, 1, variants, endpoint=False) + rng.random() / variants)
        self._ground = _ground(rng)
        self._second = hsv(self._ground[0] + float(rng.choice([0.08, 0.33, 0.5, 0.6])), 0.65, rng.uniform(0.45, 0.9))
        self._strength = (rng.uniform(0.6, 0.92), rng.uniform(0.55, 0.92))
        self._habit = str(rng.choice(["ground", "accent", "motif", "word"], p=[0.3, 0.27, 0.3, 0.13]))
        self._arrangement = _ARRANGEMENTS[int(rng.integers(len(_ARRANGEMENTS)))]
        self._layout = LAYOUTS[int(rng.integers(len(LAYOUTS)))]
        self._columns = int(rng.choice([0, 1, 1, 2, 2]))
        self._lines = int(rng.integers(2, 7))
        self._flash = str(rng.choice(FLASHES)) if rng.random() < 0.2 else ""
        self._measure = str(rng.choice(MEASURES)) if rng.random() < 0.5 else ""
        self._shows = rng.random(3)  # a pattern, a table, a barcode on the front

    def palette(self, variant: int) -> Palette:
        """The colours of a variant."""
        hue = float(self._hues[0 if self._habit == "word" else variant])
        around, saturation, value = self._ground
        if self._habit == "ground":
            around, saturation, value = hue, max(saturation, 0.4), max(value, 0.3)
        other = hue + 0.45 if self._habit in ("ground", "motif") else hue
        return Palette(hsv(around, saturation, value), hsv(hue, *self._strength), self._second, hsv(other, 0.8, 0.88))

    def front(self, variant: int, photo: Picture | None) -> Picture:
        """The front of a variant, RGB uint8 (height, width, 3); `photo` may be shown on it."""
        colours, place, shared = self.palette(variant), self._arrangement, np.random.default_rng([*self._seed, 1])
        canvas = Canvas(self.width, self.height, colours.ground)
        if self._shows[0] < 0.35:
            add_pattern(canvas, mixed(colours.ground, colours.second, shared.uniform(0.2, 0.7)), shared)
        self._layout(canvas, colours, shared)
        self._fine_print(canvas, shared)
        own = [variant] if self._habit != "accent" else []
        add_motif(canvas, colours, place.motif, np.random.default_rng([*self._seed, 2, *own]), photo)
        self._words(canvas, colours, variant)
        if self._flash and not self._arrangement.upright:
            add_star(canvas, self._flash, self._face, place.motif[1], shared)
        return canvas.picture()

    def side(self, variant: int) -> Picture:
        """The side of a variant, RGB uint8 (height, DEPTH x width, 3): small print, a table, a barcode."""
        colours, rng = self.palette(variant), np.random.default_rng([*self._seed, 3])
        canvas = Canvas(max(24, round(self.width * DEPTH)), self.height, mixed(colours.ground, (0, 0, 0), 0.12))
        canvas.box(0, 0, 1, 0.07, colours.accent)
        canvas.write(self._brand, self._brand_face, (0.5, 0.16, 0.9, 0.1))
        canvas.write(self._flavours[variant % len(self._flavours)], self._face, (0.5, 0.27, 0.8, 0.07))
        add_small_print(canvas, self._face, (0.08, 0.34), 4, rng)
        if rng.random() < 0.8:
            add_table(canvas, self._face, (0.08, 0.52, 0.92, 0.76), rng)
        add_barcode(canvas, (0.15, 0.81, 0.85, 0.95), rng)
        return canvas.picture()

    def _words(self, canvas: Canvas, colours: Palette, variant: int) -> None:
        place = self._arrangement
        if place.upright:
            turned = Canvas(self.height, self.width, colours.ground)
            turned.image = canvas.image.rotate(-90, expand=True)
            turned.draw = ImageDraw.Draw(turned.image)
            x, y, width, height = place.brand
            turned.write(self._brand, self._brand_face, (1 - y, x, height, width))
            canvas.image = turned.image.rotate(90, expand=True)
            canvas.draw = ImageDraw.Draw(canvas.image)
        else:
            if place.plate:
                x, y, width, height = place.brand
                corners = canvas.points((0.5 - width * 0.6, y - height * 0.7), (0.5 + width * 0.6, y + height * 0.7))
                radius = 0 if self._lines < 4 else height * self.height * 0.6
                canvas.draw.rounded_rectangle([*corners[0], *corners[1]], radius, colours.accent, (250, 250, 250), 2)
            canvas.write(self._brand, self._brand_face, place.brand, left=place.left)
        canvas.write(self._kind, self._face, place.kind, left=place.left)
        flavour = self._flavours[variant % len(self._flavours)]
        x, y, width, height = canvas.write(flavour, self._face, place.flavour, left=place.left)
        plate = colours.second if place.plate else colours.accent
        canvas.box(x - width / 2 - 0.03, y - height * 0.62, x + width / 2 + 0.03, y + height * 0.62, plate)
        canvas.write(flavour, self._face, (x, y, width * 1.02, height))

    def _fine_print(self, canvas: Canvas, rng: Rng) -> None:
        x, y = self._arrangement.print_at
        for column in range(self._columns):
            add_small_print(canvas, self._face, (x + column * 0.46, y), self._lines, rng)
        if self._shows[1] < 0.12:
            add_table(canvas, self._face, (0.62, 0.72, 0.95, 0.95), rng)
        if self._shows[2] < 0.08:
            add_barcode(canvas, (0.05, 0.86, 0.36, 0.96), rng)
        if self._measure:
            canvas.write(self._measure, self._face, (0.84, 0.96, 0.26, 0.05))


def _ground(rng: Rng) -> tuple[float, float, float]:
    """Hue, saturation and value as packs have them: white, coloured, dark, pale or brown paper."""
    hue = float(rng.random())
    kind = int(rng.choice(5, p=[0.26, 0.36, 0.14, 0.16, 0.08]))
    low, high = (
        ((0, 0.92), (0.07, 1)),
        ((0.5, 0.4), (0.95, 0.95)),
        ((0, 0.08), (0.6, 0.28)),
        ((0.15, 0.85), (0.35, 0.97)),
        ((0.3, 0.55), (0.45, 0.8)),
    )[kind]
    saturation, value = (float(part) for part in rng.uniform(low, high))
    return (rng.uniform(0.07, 0.11) if kind == 4 else hue), saturation, value
