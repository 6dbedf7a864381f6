"""Illustrations of animals, dishes, water, sky and patterns, each drawn in the square -1..1 with y downwards."""

from __future__ import annotations

import math

from PySide6.QtGui import QPainterPath

from catalogs.studio.motif_shapes import flower, motif, star, tear
from catalogs.studio.paint import Canvas, dark, light, smooth


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


@motif("chip")
def _chip(c: Canvas, tint: str, second: str) -> None:
    for x, y, turn, r in ((-0.42, 0.2, -25, 0.62), (0.42, 0.28, 30, 0.6), (0.0, -0.35, 6, 0.66)):
        with c.at(x, y, r, turn):
            c.blob(
                [(-1, -0.1), (-0.5, -0.68), (0.3, -0.75), (0.95, -0.2), (0.8, 0.5), (0.1, 0.75), (-0.7, 0.55)],
                "#dc9d2c",
            )
            c.blob(
                [(-0.9, -0.12), (-0.45, -0.6), (0.3, -0.66), (0.85, -0.2), (0.68, 0.35), (0.1, 0.55), (-0.62, 0.42)],
                "#f6c95a",
            )
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
                c.blob(
                    [
                        (-0.32, py + 0.18),
                        (0.0, py - 0.06),
                        (0.32, py - 0.1),
                        (0.34, py + 0.1),
                        (0.0, py + 0.24),
                        (-0.3, py + 0.34),
                    ],
                    "#f4c95d" if step % 2 else "#e6b244",
                )


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
    c.blob(
        [(0, -0.85), (0.5, -0.7), (0.66, -0.1), (0.5, 0.6), (0, 0.92), (-0.5, 0.6), (-0.66, -0.1), (-0.5, -0.7)], fur
    )
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
