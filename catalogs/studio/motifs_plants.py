"""Illustrations of herbs, flowers, nuts and seeds, each drawn in the square -1..1 with y downwards."""

from __future__ import annotations

from PySide6.QtGui import QPainterPath

from catalogs.studio.motif_shapes import ball, flower, leaf, motif
from catalogs.studio.paint import Canvas, dark, light, smooth


@motif("carrot")
def _carrot(c: Canvas, tint: str, second: str) -> None:
    for turn in (-120, -95, -70, -45):
        leaf(c, 0.42, -0.42, 0.75, 0.13, turn + 20, "#57a04a")
    with c.at(0.42, -0.42, 1.0, 135):
        c.blob(
            [(-0.1, 0), (0.05, -0.32), (0.5, -0.28), (1.1, -0.12), (1.6, 0), (1.1, 0.12), (0.5, 0.28), (0.05, 0.32)],
            "#f07d24",
        )
        c.blob([(0.0, 0.12), (0.5, 0.12), (1.5, 0.0), (1.1, 0.12), (0.5, 0.28), (0.05, 0.3)], "#d9620f")
        for reach in (0.25, 0.55, 0.85):
            c.line([(reach, -0.24 + reach * 0.1), (reach + 0.03, -0.06)], "#c4560a", 0.035)


@motif("chilli")
def _chilli(c: Canvas, tint: str, second: str) -> None:
    for shift, turn, colour in ((0.0, -18, "#c8281a"), (0.28, 12, "#e0432c")):
        with c.at(shift - 0.2, 0.0, 1.0, turn):
            c.blob(
                [(-0.05, -0.55), (0.2, -0.5), (0.3, -0.1), (0.2, 0.45), (-0.2, 0.95), (-0.02, 0.4), (-0.15, -0.2)],
                colour,
            )
            c.line([(0.1, -0.35), (0.16, 0.05), (0.08, 0.4)], light(colour, 0.5), 0.05, curved=True)
            c.blob([(-0.1, -0.55), (0.08, -0.7), (0.26, -0.5), (0.08, -0.45)], "#3f8a3f")
            c.line([(0.08, -0.62), (0.12, -0.95)], "#3f8a3f", 0.08)


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
            c.blob(
                [
                    (-0.6, -0.6),
                    (0.1, -0.9),
                    (0.75, -0.35),
                    (0.8, 0.4),
                    (0.35, 0.85),
                    (0.1, 0.6),
                    (0.3, 0.2),
                    (0.1, -0.25),
                    (-0.45, -0.2),
                ],
                colour,
            )
            c.line([(-0.3, -0.55), (0.2, -0.62), (0.55, -0.15), (0.55, 0.4)], light(colour, 0.5), 0.09, curved=True)


@motif("chickpea")
def _chickpea(c: Canvas, tint: str, second: str) -> None:
    for x, y in ((-0.55, 0.4), (0.0, 0.5), (0.55, 0.4), (-0.28, -0.02), (0.3, -0.02), (0.0, -0.45)):
        ball(c, x, y, 0.32, 0.3, "#e2b765")
        c.line([(x + 0.02, y - 0.26), (x + 0.05, y - 0.06)], "#bb8c3c", 0.035)


@motif("root")
def _root(c: Canvas, tint: str, second: str) -> None:
    c.blob(
        [
            (-0.9, 0.2),
            (-0.5, -0.15),
            (-0.2, -0.1),
            (-0.1, -0.6),
            (0.15, -0.65),
            (0.15, -0.1),
            (0.6, -0.3),
            (0.9, 0.0),
            (0.6, 0.25),
            (0.3, 0.3),
            (0.35, 0.7),
            (0.1, 0.75),
            (-0.05, 0.35),
            (-0.5, 0.45),
        ],
        "#c98a2c",
    )
    for x in (-0.55, -0.25, 0.3, 0.55):
        c.line([(x, -0.08), (x + 0.06, 0.25)], "#9c6516", 0.035)
    c.ellipse(0.78, 0.0, 0.14, 0.17, "#f0a21c")
