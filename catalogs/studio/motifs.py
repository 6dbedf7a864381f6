"""Illustrations of what is inside, each drawn in the square -1..1 with y downwards."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtGui import QPainterPath

from catalogs.studio.motif_shapes import ball, flower, leaf, slice_of, star, tear
from catalogs.studio.paint import Canvas, dark, light, smooth

Motif = Callable[[Canvas, str, str], None]
MOTIFS: dict[str, Motif] = {}


def motif(*names: str) -> Callable[[Motif], Motif]:
    """Register an illustration under its names."""

    def keep(draw: Motif) -> Motif:
        MOTIFS.update(dict.fromkeys(names, draw))
        return draw

    return keep


def draw(c: Canvas, name: str, x: float, y: float, radius: float, tint: str, second: str, angle: float = 0.0) -> None:
    """Draw the illustration `name` around (x, y); `tint` and `second` colour those without a colour of their own."""
    with c.at(x, y, radius, angle):
        MOTIFS[name](c, tint, second)


@motif("orange")
def _orange(c: Canvas, tint: str, second: str) -> None:
    leaf(c, -0.2, -0.85, 0.75, 0.24, -25, "#3f8f3a")
    with c.at(-0.28, 0.0, 0.78):
        ball(c, 0, 0, 1, 1, "#f28a1e")
    with c.at(0.36, 0.24, 0.66):
        slice_of(c, "#ee7b14", "#f9a13a")


@motif("lime")
def _lime(c: Canvas, tint: str, second: str) -> None:
    leaf(c, -0.1, -0.5, 0.8, 0.3, -65, "#2f8a4a")
    leaf(c, 0.0, -0.5, 0.75, 0.28, -20, "#46a35c")
    with c.at(-0.3, 0.1, 0.7):
        ball(c, 0, 0, 1, 0.95, "#6db52d")
    with c.at(0.38, 0.3, 0.6):
        slice_of(c, "#5aa32a", "#b9dc4e")


@motif("lemon")
def _lemon(c: Canvas, tint: str, second: str) -> None:
    leaf(c, -0.1, -0.6, 0.8, 0.26, -28, "#4d8f3a")
    with c.at(-0.2, -0.05, 0.8, -18):
        c.ellipse(0.95, 0, 0.2, 0.17, "#f0b90f")
        ball(c, 0, 0, 1, 0.78, "#f8cf2c")
    with c.at(0.42, 0.38, 0.55):
        slice_of(c, "#f3bd12", "#fbe06a")


@motif("apple", "greenapple")
def _apple(c: Canvas, tint: str, second: str) -> None:
    green = tint.lower() in {"#76b82a"}
    skin = "#86b82f" if green else "#cf3a30"
    c.line([(0, -0.5), (0.06, -0.75), (0.16, -0.95)], "#6b4423", 0.09, curved=True)
    leaf(c, 0.1, -0.72, 0.65, 0.2, -18, "#4f9a3f")
    outline = [(0, -0.52), (0.4, -0.66), (0.8, -0.35), (0.82, 0.15), (0.5, 0.75), (0.2, 0.9), (0, 0.82), (-0.2, 0.9),
               (-0.5, 0.75), (-0.82, 0.15), (-0.8, -0.35), (-0.4, -0.66)]
    c.blob(outline, skin)
    with c.clipped(smooth(outline)):
        c.ellipse(0.75, 0.35, 0.5, 1.0, dark(skin, 0.2))
        c.ellipse(-0.45, -0.3, 0.13, 0.26, light(skin, 0.5))


@motif("pear")
def _pear(c: Canvas, tint: str, second: str) -> None:
    with c.at(0.38, 0.3, 1.0, 22):
        curve = [(0.42, -0.75), (0.5, -0.1), (0.3, 0.45), (-0.25, 0.62), (-0.5, 0.5), (-0.2, 0.4), (0.1, 0.1), (0.22, -0.4)]
        c.blob(curve, "#f6cf3d")
        c.line([(0.42, -0.55), (0.36, 0.1), (0.1, 0.42)], "#d9a81c", 0.05, curved=True)
        c.circle(0.43, -0.75, 0.07, "#6b4423")
    c.line([(-0.25, -0.7), (-0.2, -0.98)], "#6b4423", 0.08)
    leaf(c, -0.22, -0.85, 0.5, 0.15, -10, "#4f9a3f")
    outline = [(-0.25, -0.78), (-0.02, -0.6), (0.02, -0.2), (0.32, 0.3), (0.2, 0.78), (-0.25, 0.92), (-0.7, 0.78),
               (-0.82, 0.3), (-0.52, -0.2), (-0.48, -0.6)]
    c.blob(outline, "#a9c53f")
    with c.clipped(smooth(outline)):
        c.ellipse(0.28, 0.4, 0.32, 0.75, "#8fae2f")
        c.ellipse(-0.52, 0.2, 0.1, 0.25, "#d4e486")


@motif("carrot")
def _carrot(c: Canvas, tint: str, second: str) -> None:
    for turn in (-120, -95, -70, -45):
        leaf(c, 0.42, -0.42, 0.75, 0.13, turn + 20, "#57a04a")
    with c.at(0.42, -0.42, 1.0, 135):
        c.blob([(-0.1, 0), (0.05, -0.32), (0.5, -0.28), (1.1, -0.12), (1.6, 0), (1.1, 0.12), (0.5, 0.28), (0.05, 0.32)],
               "#f07d24")
        c.blob([(0.0, 0.12), (0.5, 0.12), (1.5, 0.0), (1.1, 0.12), (0.5, 0.28), (0.05, 0.3)], "#d9620f")
        for reach in (0.25, 0.55, 0.85):
            c.line([(reach, -0.24 + reach * 0.1), (reach + 0.03, -0.06)], "#c4560a", 0.035)


@motif("strawberry")
def _strawberry(c: Canvas, tint: str, second: str) -> None:
    outline = [(0, -0.55), (0.45, -0.66), (0.78, -0.3), (0.62, 0.3), (0.25, 0.82), (0, 0.95), (-0.25, 0.82), (-0.62, 0.3),
               (-0.78, -0.3), (-0.45, -0.66)]
    c.blob(outline, "#d9263c")
    with c.clipped(smooth(outline)):
        c.ellipse(0.7, 0.3, 0.5, 1.0, "#b5162c")
        for row in range(5):
            for column in range(-2, 3):
                x = column * 0.32 + (row % 2) * 0.16
                c.ellipse(x, -0.38 + row * 0.28, 0.035, 0.06, "#ffe09a")
    for turn in (200, 235, 270, 305, 340):
        leaf(c, 0, -0.52, 0.5, 0.14, turn, "#4a9440")
    c.line([(0, -0.55), (0.05, -0.95)], "#4a9440", 0.08)


@motif("raspberry")
def _raspberry(c: Canvas, tint: str, second: str) -> None:
    rows = ((-0.3, 4), (-0.08, 5), (0.16, 5), (0.4, 4), (0.62, 3), (0.8, 1))
    for y, count in rows:
        for number in range(count):
            x = (number - (count - 1) / 2) * 0.33
            c.circle(x, y, 0.22, "#a5123f")
            c.circle(x - 0.02, y - 0.03, 0.19, "#dd3a66")
            c.circle(x - 0.07, y - 0.09, 0.05, "#ffb6c9")
    for turn in (195, 232, 270, 308, 345):
        leaf(c, 0, -0.4, 0.55, 0.15, turn, "#4f9a45")


@motif("blueberry")
def _blueberry(c: Canvas, tint: str, second: str) -> None:
    leaf(c, 0.0, -0.35, 0.9, 0.28, -150, "#4f8a45")
    leaf(c, 0.1, -0.4, 0.85, 0.26, -40, "#5f9a4f")
    for x, y, r in ((-0.42, 0.25, 0.5), (0.45, 0.3, 0.46), (0.02, -0.2, 0.5)):
        ball(c, x, y, r, r, "#3c4a94")
        with c.at(x + r * 0.15, y - r * 0.1, r * 0.36):
            c.polygon(star(5, 1, 0.5), "#232c63")


@motif("mango")
def _mango(c: Canvas, tint: str, second: str) -> None:
    leaf(c, 0.1, -0.75, 0.7, 0.2, -20, "#4f9a3f")
    with c.at(-0.12, 0.0, 1.0, -28):
        outline = [(0.05, -0.8), (0.5, -0.62), (0.62, -0.1), (0.5, 0.5), (0.1, 0.85), (-0.4, 0.6), (-0.6, 0.0), (-0.4, -0.6)]
        c.blob(outline, "#f6a821")
        with c.clipped(smooth(outline)):
            c.ellipse(-0.35, -0.5, 0.5, 0.55, "#e8663c")
            c.ellipse(-0.2, -0.35, 0.45, 0.5, "#f08a2c")
            c.ellipse(0.28, -0.35, 0.1, 0.2, "#fcd67a")
    c.polygon([(0.25, 0.35), (0.75, 0.15), (0.95, 0.5), (0.45, 0.75)], "#fcc23c")
    c.line([(0.42, 0.3), (0.62, 0.66)], "#e59a16", 0.03)
    c.line([(0.6, 0.22), (0.8, 0.58)], "#e59a16", 0.03)
    c.line([(0.35, 0.55), (0.85, 0.33)], "#e59a16", 0.03)


@motif("peach")
def _peach(c: Canvas, tint: str, second: str) -> None:
    leaf(c, 0.0, -0.65, 0.85, 0.25, -30, "#4f9a3f")
    ball(c, -0.22, 0.08, 0.72, 0.74, "#f0932b")
    c.line([(-0.1, -0.66), (-0.3, -0.1), (-0.18, 0.75)], "#d97a14", 0.05, curved=True)
    c.ellipse(0.42, 0.42, 0.52, 0.5, "#e27a17")
    c.ellipse(0.42, 0.42, 0.46, 0.44, "#fbbf55")
    c.ellipse(0.42, 0.42, 0.24, 0.27, "#8a4a18")
    c.ellipse(0.38, 0.36, 0.12, 0.14, "#a9652c")


@motif("tomato")
def _tomato(c: Canvas, tint: str, second: str) -> None:
    ball(c, 0.3, 0.05, 0.66, 0.6, "#d5301f")
    ball(c, -0.32, 0.22, 0.68, 0.62, "#e5432c")
    for x, y in ((0.32, -0.5), (-0.3, -0.36)):
        for turn in (160, 205, 270, 330, 20):
            leaf(c, x, y, 0.4, 0.09, turn, "#3c8a3c")
        c.line([(x, y), (x + 0.06, y - 0.3)], "#3c8a3c", 0.07)


@motif("chilli")
def _chilli(c: Canvas, tint: str, second: str) -> None:
    for shift, turn, colour in ((0.0, -18, "#c8281a"), (0.28, 12, "#e0432c")):
        with c.at(shift - 0.2, 0.0, 1.0, turn):
            c.blob([(-0.05, -0.55), (0.2, -0.5), (0.3, -0.1), (0.2, 0.45), (-0.2, 0.95), (-0.02, 0.4), (-0.15, -0.2)], colour)
            c.line([(0.1, -0.35), (0.16, 0.05), (0.08, 0.4)], light(colour, 0.5), 0.05, curved=True)
            c.blob([(-0.1, -0.55), (0.08, -0.7), (0.26, -0.5), (0.08, -0.45)], "#3f8a3f")
            c.line([(0.08, -0.62), (0.12, -0.95)], "#3f8a3f", 0.08)


@motif("olive")
def _olive(c: Canvas, tint: str, second: str) -> None:
    c.line([(-0.95, 0.5), (-0.2, 0.1), (0.9, -0.6)], "#7a6236", 0.06, curved=True)
    for x, y, turn in ((-0.7, 0.36, -110), (-0.35, 0.18, -80), (0.05, -0.05, -95), (0.45, -0.3, -70), (-0.5, 0.28, 60),
                       (0.3, -0.2, 40), (0.7, -0.48, 20), (0.85, -0.58, -45)):
        leaf(c, x, y, 0.62, 0.13, turn, "#7f8f4a")
    for x, y in ((-0.1, 0.42), (0.32, 0.22)):
        c.line([(x, y - 0.2), (x - 0.05, y - 0.45)], "#7a6236", 0.04)
        ball(c, x, y, 0.2, 0.27, "#5c6b22")


@motif("leaf", "tealeaf")
def _leaf(c: Canvas, tint: str, second: str) -> None:
    green = "#4f9a58"
    c.line([(0, 0.95), (0.0, 0.2)], "#3d7a45", 0.07)
    leaf(c, 0, 0.5, 0.95, 0.3, -150, dark(green, 0.1))
    leaf(c, 0, 0.5, 0.95, 0.3, -30, green)
    leaf(c, 0, 0.25, 1.2, 0.34, -90, light(green, 0.12))


@motif("fern")
def _fern(c: Canvas, tint: str, second: str) -> None:
    c.line([(-0.1, 1.0), (0.0, 0.0), (0.15, -0.95)], tint, 0.05, curved=True)
    for step in range(11):
        y = 0.75 - step * 0.155
        reach = 0.62 * (1 - step / 12)
        x = -0.08 + step * 0.02
        leaf(c, x, y, reach, 0.09, -28, tint)
        leaf(c, x, y, reach, 0.09, -152, tint)


@motif("pine")
def _pine(c: Canvas, tint: str, second: str) -> None:
    c.rect(-0.07, 0.6, 0.14, 0.38, "#7a5230")
    for y, wide in ((0.7, 0.68), (0.32, 0.56), (-0.05, 0.44), (-0.4, 0.3)):
        c.polygon([(-wide, y), (0, y - 0.62), (wide, y)], tint)
        c.polygon([(0, y), (0, y - 0.62), (wide, y)], dark(tint, 0.2))


@motif("fig")
def _fig(c: Canvas, tint: str, second: str) -> None:
    outline = [(0, -0.9), (0.16, -0.55), (0.6, 0.1), (0.5, 0.65), (0, 0.85), (-0.5, 0.65), (-0.6, 0.1), (-0.16, -0.55)]
    c.blob(outline, "#5d4a63")
    with c.clipped(smooth(outline)):
        c.ellipse(0.55, 0.3, 0.42, 0.9, "#453549")
        for x in (-0.35, -0.15, 0.08):
            c.line([(0, -0.7), (x, 0.0), (x * 0.8, 0.75)], "#7f6a86", 0.03, curved=True)


@motif("daisy")
def _daisy(c: Canvas, tint: str, second: str) -> None:
    for x, y, r in ((0.36, 0.42, 0.5), (-0.34, -0.12, 0.66), (0.5, -0.52, 0.4)):
        with c.at(x, y, r, x * 40):
            flower(c, 12, "#fffdf4", "#f4b92e", 0.15)


@motif("rose")
def _rose(c: Canvas, tint: str, second: str) -> None:
    leaf(c, 0, 0.3, 0.95, 0.28, 25, "#5f8f55")
    leaf(c, 0, 0.3, 0.95, 0.28, 155, "#5f8f55")
    for number in range(5):
        with c.at(0, 0, 1.0, 72 * number):
            c.ellipse(0.36, 0, 0.42, 0.42, light(tint, 0.1 * (number % 2)))
    for r, share in ((0.5, 0.12), (0.36, 0.0), (0.2, 0.18)):
        c.circle(0.02, 0, r, dark(tint, share))
    c.line([(-0.3, 0.1), (0.0, -0.3), (0.3, 0.05), (0.02, 0.2), (-0.1, 0.02)], light(tint, 0.45), 0.045, curved=True)


@motif("lavender")
def _lavender(c: Canvas, tint: str, second: str) -> None:
    for lean, top in ((-0.42, -0.7), (0.0, -0.95), (0.42, -0.65)):
        c.line([(0, 1.0), (lean * 0.5, 0.3), (lean, top + 0.3)], "#6f9462", 0.045, curved=True)
        for step in range(7):
            y = top + step * 0.125
            x = lean * (1 - step * 0.075)
            for side in (-0.09, 0.09):
                c.ellipse(x + side, y, 0.1, 0.075, light(tint, 0.1 * (step % 3)))
    leaf(c, 0, 0.9, 0.6, 0.08, -60, "#6f9462")
    leaf(c, 0, 0.9, 0.6, 0.08, -125, "#6f9462")


@motif("wheat")
def _wheat(c: Canvas, tint: str, second: str) -> None:
    for lean in (-0.4, 0.05, 0.5):
        c.line([(0, 1.0), (lean * 0.6, 0.2), (lean, -0.75)], "#c99a3a", 0.05, curved=True)
        for step in range(5):
            y = -0.8 + step * 0.2
            x = lean * (1 - step * 0.1)
            leaf(c, x, y + 0.15, 0.32, 0.1, -60, "#e0b04a")
            leaf(c, x, y + 0.15, 0.32, 0.1, -120, "#d19f38")


@motif("bean")
def _bean(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn, colour in ((-0.4, 0.32, -30, "#5a3620"), (0.42, 0.36, 40, "#4a2b18"), (0.02, -0.36, 8, "#6b4328")):
        with c.at(x, y, 0.52, turn):
            c.ellipse(0, 0, 0.72, 1.0, colour)
            c.ellipse(-0.25, -0.3, 0.22, 0.4, light(colour, 0.18))
            c.line([(0.05, -0.98), (-0.14, -0.3), (0.14, 0.3), (-0.04, 0.98)], dark(colour, 0.55), 0.11, curved=True)


@motif("cocoa")
def _cocoa(c: Canvas, tint: str, second: str) -> None:
    with c.at(0, 0, 1.0, 38):
        outline = [(0, -1), (0.36, -0.55), (0.44, 0.1), (0.28, 0.7), (0, 1), (-0.28, 0.7), (-0.44, 0.1), (-0.36, -0.55)]
        c.blob(outline, "#a5541f")
        with c.clipped(smooth(outline)):
            for x in (-0.3, -0.1, 0.12, 0.32):
                c.line([(x * 0.2, -1), (x, 0), (x * 0.2, 1)], "#7d3b12", 0.05, curved=True)
            c.ellipse(-0.22, -0.1, 0.05, 0.45, "#d08344")
    for x, y in ((-0.62, 0.55), (-0.38, 0.82), (-0.8, 0.85)):
        c.ellipse(x, y, 0.17, 0.12, "#5b2d14")
    leaf(c, 0.45, -0.7, 0.6, 0.18, 10, "#5d8a3f")


@motif("honey")
def _honey(c: Canvas, tint: str, second: str) -> None:
    tear(c, 0.0, 0.3, 0.6, "#ec9d14", 2.0)
    flower_x = -0.62
    with c.at(flower_x, -0.35, 0.36):
        flower(c, 9, "#fff6d8", "#e8841a", 0.2)


@motif("bee")
def _bee(c: Canvas, tint: str, second: str) -> None:
    for turn in (-125, -55):
        with c.at(0, -0.2, 1.0, turn), c.faded(0.75):
            c.ellipse(0.52, 0, 0.46, 0.25, "#fdf4dc", dark(second, 0.3), 0.03)
    body = [(0, -0.4), (0.42, -0.1), (0.4, 0.45), (0, 0.95), (-0.4, 0.45), (-0.42, -0.1)]
    c.blob(body, "#f2ab1d")
    with c.clipped(smooth(body)):
        for y in (-0.06, 0.28, 0.62):
            c.rect(-0.6, y, 1.2, 0.16, "#2b1c10")
    c.circle(0, -0.46, 0.24, "#2b1c10")
    c.line([(-0.08, -0.62), (-0.28, -0.92)], "#2b1c10", 0.05)
    c.line([(0.08, -0.62), (0.28, -0.92)], "#2b1c10", 0.05)


@motif("almond")
def _almond(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn, colour in ((-0.4, 0.25, -35, "#b5713a"), (0.42, 0.3, 30, "#a2602c"), (0.0, -0.3, 5, "#c48145")):
        with c.at(x, y, 0.6, turn):
            path = QPainterPath()
            path.moveTo(0, -1)
            path.cubicTo(0.5, -0.5, 0.75, 0.9, 0, 1)
            path.cubicTo(-0.75, 0.9, -0.5, -0.5, 0, -1)
            c.path(path, colour)
            for lean in (-0.2, 0.0, 0.22):
                c.line([(0, -0.75), (lean, 0.1), (lean * 0.7, 0.8)], dark(colour, 0.25), 0.05, curved=True)


@motif("cashew")
def _cashew(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn, colour in ((-0.36, -0.25, 10, "#eccf98"), (0.38, 0.3, 150, "#e3c182")):
        with c.at(x, y, 0.62, turn):
            c.blob([(-0.6, -0.6), (0.1, -0.9), (0.75, -0.35), (0.8, 0.4), (0.35, 0.85), (0.1, 0.6), (0.3, 0.2), (0.1, -0.25),
                    (-0.45, -0.2)], colour)
            c.line([(-0.3, -0.55), (0.2, -0.62), (0.55, -0.15), (0.55, 0.4)], light(colour, 0.5), 0.09, curved=True)


@motif("chickpea")
def _chickpea(c: Canvas, tint: str, second: str) -> None:
    for x, y in ((-0.55, 0.4), (0.0, 0.5), (0.55, 0.4), (-0.28, -0.02), (0.3, -0.02), (0.0, -0.45)):
        ball(c, x, y, 0.32, 0.3, "#e2b765")
        c.line([(x + 0.02, y - 0.26), (x + 0.05, y - 0.06)], "#bb8c3c", 0.035)


@motif("root")
def _root(c: Canvas, tint: str, second: str) -> None:
    c.blob([(-0.9, 0.2), (-0.5, -0.15), (-0.2, -0.1), (-0.1, -0.6), (0.15, -0.65), (0.15, -0.1), (0.6, -0.3), (0.9, 0.0),
            (0.6, 0.25), (0.3, 0.3), (0.35, 0.7), (0.1, 0.75), (-0.05, 0.35), (-0.5, 0.45)], "#c98a2c")
    for x in (-0.55, -0.25, 0.3, 0.55):
        c.line([(x, -0.08), (x + 0.06, 0.25)], "#9c6516", 0.035)
    c.ellipse(0.78, 0.0, 0.14, 0.17, "#f0a21c")


@motif("chip")
def _chip(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn, r in ((-0.42, 0.2, -25, 0.62), (0.42, 0.28, 30, 0.6), (0.0, -0.35, 6, 0.66)):
        with c.at(x, y, r, turn):
            c.blob([(-1, -0.1), (-0.5, -0.68), (0.3, -0.75), (0.95, -0.2), (0.8, 0.5), (0.1, 0.75), (-0.7, 0.55)], "#dc9d2c")
            c.blob([(-0.9, -0.12), (-0.45, -0.6), (0.3, -0.66), (0.85, -0.2), (0.68, 0.35), (0.1, 0.55), (-0.62, 0.42)], "#f6c95a")
            for px, py in ((-0.4, -0.2), (0.2, -0.3), (0.4, 0.1), (-0.1, 0.2), (-0.5, 0.15)):
                c.ellipse(px, py, 0.07, 0.05, "#e3a63a")


@motif("cookie")
def _cookie(c: Canvas, tint: str, second: str) -> None:
    for x, y, r in ((-0.35, -0.1, 0.64), (0.4, 0.3, 0.58)):
        with c.at(x, y, r):
            for number in range(16):
                turn = number * math.tau / 16
                c.circle(0.86 * math.cos(turn), 0.86 * math.sin(turn), 0.18, "#d89a45")
            c.circle(0, 0, 0.88, "#e8b35c")
            c.circle(0, 0, 0.62, None, "#cf8f3a", 0.05)
            for number in range(6):
                turn = number * math.tau / 6
                c.circle(0.34 * math.cos(turn), 0.34 * math.sin(turn), 0.07, "#bf7f2f")


@motif("penne")
def _penne(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn in ((-0.45, 0.2, -30), (0.1, -0.25, -12), (0.5, 0.3, 22), (-0.05, 0.6, -70)):
        with c.at(x, y, 0.5, turn):
            c.polygon([(-0.3, -0.7), (0.3, -1.0), (0.3, 0.7), (-0.3, 1.0)], "#f4c95d")
            for shift in (-0.18, -0.02, 0.14):
                c.line([(shift, -0.72 - shift * 0.4), (shift, 0.8 - shift * 0.4)], "#d9a233", 0.07)
            c.ellipse(0.0, -0.85, 0.3, 0.16, "#b47d1c")


@motif("fusilli")
def _fusilli(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn in ((-0.4, 0.1, -20), (0.12, -0.1, 8), (0.55, 0.2, 32)):
        with c.at(x, y, 0.75, turn):
            for step in range(6):
                py = -0.9 + step * 0.33
                c.blob([(-0.32, py + 0.18), (0.0, py - 0.06), (0.32, py - 0.1), (0.34, py + 0.1), (0.0, py + 0.24), (-0.3, py + 0.34)],
                       "#f4c95d" if step % 2 else "#e6b244")


@motif("fish")
def _fish(c: Canvas, tint: str, second: str) -> None:
    for y, colour in ((-0.3, tint), (0.32, second)):
        with c.at(0, y, 1.0, -6):
            c.polygon([(0.62, 0), (1.0, -0.26), (0.92, 0), (1.0, 0.26)], dark(colour, 0.15))
            path = QPainterPath()
            path.moveTo(-0.95, 0)
            path.cubicTo(-0.5, -0.36, 0.3, -0.3, 0.72, 0)
            path.cubicTo(0.3, 0.3, -0.5, 0.36, -0.95, 0)
            c.path(path, colour)
            with c.clipped(path):
                c.ellipse(-0.1, 0.32, 1.0, 0.24, light(colour, 0.65))
                for step in range(6):
                    c.circle(-0.3 + step * 0.16, -0.08, 0.03, light(colour, 0.4))
            c.circle(-0.72, -0.04, 0.05, "#ffffff")
            c.circle(-0.72, -0.04, 0.025, "#101010")


@motif("cow")
def _cow(c: Canvas, tint: str, second: str) -> None:
    spot = "#3b2f2f"
    c.rect(-0.62, 0.2, 0.16, 0.7, "#f7f3ee")
    c.rect(-0.3, 0.25, 0.16, 0.65, "#e6dfd6")
    c.rect(0.12, 0.25, 0.16, 0.65, "#e6dfd6")
    c.rect(0.4, 0.2, 0.16, 0.7, "#f7f3ee")
    c.rect(-0.75, -0.32, 1.35, 0.72, "#ffffff", 0.25)
    c.blob([(-0.5, -0.3), (-0.1, -0.32), (-0.12, 0.05), (-0.42, 0.1)], spot)
    c.blob([(0.15, 0.0), (0.45, -0.05), (0.4, 0.3), (0.2, 0.32)], spot)
    c.rect(0.42, -0.62, 0.46, 0.5, "#ffffff", 0.16)
    c.blob([(0.42, -0.55), (0.62, -0.62), (0.6, -0.3), (0.44, -0.3)], spot)
    c.rect(0.46, -0.3, 0.44, 0.24, "#f3b7ac", 0.1)
    c.circle(0.72, -0.44, 0.035, "#1d1d1d")
    c.line([(-0.74, -0.2), (-0.92, 0.1), (-0.86, 0.4)], spot, 0.05, curved=True)


@motif("dog")
def _dog(c: Canvas, tint: str, second: str) -> None:
    fur = "#c98a4b"
    c.blob([(-0.7, -0.5), (-0.9, 0.1), (-0.68, 0.5), (-0.48, 0.0)], dark(fur, 0.35))
    c.blob([(0.7, -0.5), (0.9, 0.1), (0.68, 0.5), (0.48, 0.0)], dark(fur, 0.35))
    c.blob([(0, -0.85), (0.5, -0.7), (0.66, -0.1), (0.5, 0.6), (0, 0.92), (-0.5, 0.6), (-0.66, -0.1), (-0.5, -0.7)], fur)
    c.blob([(0, -0.6), (0.12, 0.0), (0.38, 0.4), (0, 0.85), (-0.38, 0.4), (-0.12, 0.0)], light(fur, 0.72))
    for x in (-0.3, 0.3):
        c.circle(x, -0.16, 0.09, "#2b1a10")
        c.circle(x - 0.03, -0.19, 0.03, "#ffffff")
    c.ellipse(0, 0.26, 0.17, 0.12, "#2b1a10")
    c.line([(0, 0.36), (0, 0.5), (-0.16, 0.58)], "#2b1a10", 0.045, curved=True)
    c.line([(0, 0.5), (0.16, 0.58)], "#2b1a10", 0.045)


@motif("cat")
def _cat(c: Canvas, tint: str, second: str) -> None:
    fur = tint
    c.polygon([(-0.75, -0.2), (-0.72, -0.98), (-0.15, -0.6)], fur)
    c.polygon([(0.75, -0.2), (0.72, -0.98), (0.15, -0.6)], fur)
    c.polygon([(-0.62, -0.4), (-0.62, -0.78), (-0.34, -0.58)], "#f0a6a0")
    c.polygon([(0.62, -0.4), (0.62, -0.78), (0.34, -0.58)], "#f0a6a0")
    c.ellipse(0, 0.08, 0.82, 0.74, fur)
    for x in (-0.34, 0.34):
        c.ellipse(x, -0.02, 0.15, 0.19, "#f3e36a")
        c.ellipse(x, -0.02, 0.055, 0.17, "#151515")
    c.polygon([(-0.09, 0.26), (0.09, 0.26), (0, 0.36)], "#f0a6a0")
    c.line([(0, 0.36), (-0.13, 0.48)], light(fur, 0.7), 0.035)
    c.line([(0, 0.36), (0.13, 0.48)], light(fur, 0.7), 0.035)
    for side in (-1, 1):
        for lift in (-0.05, 0.06, 0.17):
            c.line([(side * 0.3, 0.36 + lift * 0.4), (side * 0.95, 0.25 + lift * 1.4)], light(fur, 0.75), 0.02)


@motif("drop")
def _drop(c: Canvas, tint: str, second: str) -> None:
    tear(c, 0, 0.3, 0.62, tint, 1.9)


@motif("bubbles")
def _bubbles(c: Canvas, tint: str, second: str) -> None:
    for x, y, r in ((-0.35, 0.35, 0.42), (0.38, 0.1, 0.32), (-0.2, -0.4, 0.26), (0.35, -0.58, 0.17), (0.3, 0.65, 0.18)):
        with c.faded(0.85):
            c.circle(x, y, r, light(tint, 0.55), tint, 0.05)
        c.ellipse(x - r * 0.35, y - r * 0.35, r * 0.22, r * 0.14, "#ffffff")


@motif("sparkle")
def _sparkle(c: Canvas, tint: str, second: str) -> None:
    for x, y, r in ((-0.1, 0.1, 0.85), (0.66, -0.6, 0.36), (-0.72, -0.6, 0.24)):
        with c.at(x, y, r):
            path = QPainterPath()
            path.moveTo(0, -1)
            for px, py in ((1, 0), (0, 1), (-1, 0), (0, -1)):
                path.quadTo(0, 0, px, py)
            c.path(path, tint)


@motif("spoon")
def _spoon(c: Canvas, tint: str, second: str) -> None:
    with c.at(0, 0, 1.0, 35):
        c.rect(-0.07, -0.1, 0.14, 1.1, tint, 0.07)
        c.ellipse(0, -0.45, 0.34, 0.48, tint)
        c.blob([(-0.24, -0.4), (-0.1, -0.85), (0.14, -0.7), (0.26, -0.4), (0, -0.1)], "#ffffff")


@motif("moon")
def _moon(c: Canvas, tint: str, second: str) -> None:
    full, cut = QPainterPath(), QPainterPath()
    full.addEllipse(-85, -85, 170, 170)
    cut.addEllipse(-35, -105, 160, 160)
    # Path arithmetic flattens curves to a fixed tolerance, so it is done large.
    with c.at(0, 0, 0.01):
        c.path(full.subtracted(cut), "#f7d774")
    for x, y, r in ((0.45, -0.45, 0.26), (0.72, 0.1, 0.15), (0.2, 0.0, 0.12)):
        with c.at(x, y, r):
            c.polygon(star(5, 1, 0.45), "#ffffff")


@motif("sun")
def _sun(c: Canvas, tint: str, second: str) -> None:
    for number in range(16):
        with c.at(0, 0, 1.0, number * 22.5):
            c.polygon([(0.62, -0.06), (1.0, 0), (0.62, 0.06)], tint)
    c.circle(0, 0, 0.52, second)
    with c.clipped(_disc(0.52)):
        for y in (0.0, 0.16, 0.32):
            c.rect(-0.6, y, 1.2, 0.08, tint)


@motif("wave")
def _wave(c: Canvas, tint: str, second: str) -> None:
    with c.clipped(_disc(0.95)):
        c.rect(-1, -1, 2, 2, second)
        c.circle(0.3, -0.35, 0.28, "#f4efe2")
        for row, colour in enumerate((tint, light(tint, 0.55), tint, light(tint, 0.8))):
            y = -0.05 + row * 0.25
            points = [(-1.2 + k * 0.2, y + 0.1 * math.sin(k * 1.6 + row)) for k in range(13)]
            path = smooth(points, closed=False)
            path.lineTo(1.3, 1.2)
            path.lineTo(-1.3, 1.2)
            c.path(path, colour)


@motif("peak")
def _peak(c: Canvas, tint: str, second: str) -> None:
    c.circle(0.35, -0.5, 0.3, second)
    c.polygon([(-1.0, 0.7), (-0.2, -0.75), (0.55, 0.7)], tint)
    c.polygon([(-0.2, -0.75), (0.55, 0.7), (0.0, 0.7), (-0.08, -0.1)], dark(tint, 0.25))
    c.polygon([(-0.38, -0.42), (-0.2, -0.75), (-0.04, -0.44), (-0.14, -0.32), (-0.22, -0.45), (-0.3, -0.3)], "#fbe9cf")
    c.polygon([(0.1, 0.7), (0.55, -0.1), (1.0, 0.7)], light(tint, 0.2))


@motif("loom")
def _loom(c: Canvas, tint: str, second: str) -> None:
    for row in range(-3, 4):
        for column in range(-3, 4):
            x, y = column * 0.28, row * 0.28
            wide, tall = (0.24, 0.1) if (row + column) % 2 else (0.1, 0.24)
            c.rect(x - wide / 2, y - tall / 2, wide, tall, tint, 0.04)


@motif("stripes", "dots")
def _plain(c: Canvas, tint: str, second: str) -> None:
    c.circle(0, 0, 0.8, None, tint, 0.12)


def _disc(radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(-radius, -radius, 2 * radius, 2 * radius)
    return path
