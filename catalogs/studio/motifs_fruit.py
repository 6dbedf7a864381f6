"""Illustrations of fruit, each drawn in the square -1..1 with y downwards."""

from __future__ import annotations

from catalogs.studio.motif_shapes import ball, leaf, motif, slice_of, star
from catalogs.studio.paint import Canvas, dark, light, smooth


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
    outline = [
        (0, -0.52),
        (0.4, -0.66),
        (0.8, -0.35),
        (0.82, 0.15),
        (0.5, 0.75),
        (0.2, 0.9),
        (0, 0.82),
        (-0.2, 0.9),
        (-0.5, 0.75),
        (-0.82, 0.15),
        (-0.8, -0.35),
        (-0.4, -0.66),
    ]
    c.blob(outline, skin)
    with c.clipped(smooth(outline)):
        c.ellipse(0.75, 0.35, 0.5, 1.0, dark(skin, 0.2))
        c.ellipse(-0.45, -0.3, 0.13, 0.26, light(skin, 0.5))


@motif("pear")
def _pear(c: Canvas, tint: str, second: str) -> None:
    with c.at(0.38, 0.3, 1.0, 22):
        curve = [
            (0.42, -0.75),
            (0.5, -0.1),
            (0.3, 0.45),
            (-0.25, 0.62),
            (-0.5, 0.5),
            (-0.2, 0.4),
            (0.1, 0.1),
            (0.22, -0.4),
        ]
        c.blob(curve, "#f6cf3d")
        c.line([(0.42, -0.55), (0.36, 0.1), (0.1, 0.42)], "#d9a81c", 0.05, curved=True)
        c.circle(0.43, -0.75, 0.07, "#6b4423")
    c.line([(-0.25, -0.7), (-0.2, -0.98)], "#6b4423", 0.08)
    leaf(c, -0.22, -0.85, 0.5, 0.15, -10, "#4f9a3f")
    outline = [
        (-0.25, -0.78),
        (-0.02, -0.6),
        (0.02, -0.2),
        (0.32, 0.3),
        (0.2, 0.78),
        (-0.25, 0.92),
        (-0.7, 0.78),
        (-0.82, 0.3),
        (-0.52, -0.2),
        (-0.48, -0.6),
    ]
    c.blob(outline, "#a9c53f")
    with c.clipped(smooth(outline)):
        c.ellipse(0.28, 0.4, 0.32, 0.75, "#8fae2f")
        c.ellipse(-0.52, 0.2, 0.1, 0.25, "#d4e486")


@motif("strawberry")
def _strawberry(c: Canvas, tint: str, second: str) -> None:
    outline = [
        (0, -0.55),
        (0.45, -0.66),
        (0.78, -0.3),
        (0.62, 0.3),
        (0.25, 0.82),
        (0, 0.95),
        (-0.25, 0.82),
        (-0.62, 0.3),
        (-0.78, -0.3),
        (-0.45, -0.66),
    ]
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
        outline = [
            (0.05, -0.8),
            (0.5, -0.62),
            (0.62, -0.1),
            (0.5, 0.5),
            (0.1, 0.85),
            (-0.4, 0.6),
            (-0.6, 0.0),
            (-0.4, -0.6),
        ]
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


@motif("olive")
def _olive(c: Canvas, tint: str, second: str) -> None:
    c.line([(-0.95, 0.5), (-0.2, 0.1), (0.9, -0.6)], "#7a6236", 0.06, curved=True)
    for x, y, turn in (
        (-0.7, 0.36, -110),
        (-0.35, 0.18, -80),
        (0.05, -0.05, -95),
        (0.45, -0.3, -70),
        (-0.5, 0.28, 60),
        (0.3, -0.2, 40),
        (0.7, -0.48, 20),
        (0.85, -0.58, -45),
    ):
        leaf(c, x, y, 0.62, 0.13, turn, "#7f8f4a")
    for x, y in ((-0.1, 0.42), (0.32, 0.22)):
        c.line([(x, y - 0.2), (x - 0.05, y - 0.45)], "#7a6236", 0.04)
        ball(c, x, y, 0.2, 0.27, "#5c6b22")


@motif("fig")
def _fig(c: Canvas, tint: str, second: str) -> None:
    outline = [(0, -0.9), (0.16, -0.55), (0.6, 0.1), (0.5, 0.65), (0, 0.85), (-0.5, 0.65), (-0.6, 0.1), (-0.16, -0.55)]
    c.blob(outline, "#5d4a63")
    with c.clipped(smooth(outline)):
        c.ellipse(0.55, 0.3, 0.42, 0.9, "#453549")
        for x in (-0.35, -0.15, 0.08):
            c.line([(0, -0.7), (x, 0.0), (x * 0.8, 0.75)], "#7f6a86", 0.03, curved=True)
