"""Quiet labels of food and drink: tea, oil, jam, spice, dairy."""

from __future__ import annotations

import math
import random

from catalogs.studio import motifs
from catalogs.studio.layout_kit import Panel, hills, layout, readable
from catalogs.studio.paint import Canvas, dark, light, mix, smooth
from catalogs.studio.table import Product


def _frame(c: Canvas, b: Panel, inset: float, colour: str, width: float) -> None:
    c.rect(b.x + inset, b.y + inset, b.w - 2 * inset, b.h - 2 * inset, None, 0, colour, width)


@layout("deco")
def deco(c: Canvas, b: Panel, p: Product) -> None:
    """Tea: gold frames, fans in the corners, an oval with the plant."""
    gold, u = p.palette[2], b.unit
    _frame(c, b, u * 0.04, gold, u * 0.012)
    _frame(c, b, u * 0.065, gold, u * 0.004)
    for corner_x, corner_y, start in ((0, 0, 0), (1, 0, 90), (1, 1, 180), (0, 1, 270)):
        x, y = (
            b.x + b.w * corner_x + u * 0.08 * (1 - 2 * corner_x),
            b.y + b.h * corner_y + u * 0.08 * (1 - 2 * corner_y),
        )
        for k in range(7):
            turn = math.radians(start + k * 15)
            c.line([(x, y), (x + u * 0.16 * math.cos(turn), y + u * 0.16 * math.sin(turn))], gold, u * 0.006)
    x = b.x + b.w / 2
    wide = b.w > b.h
    cy, ry = b.y + b.h * (0.52 if wide else 0.55), b.h * (0.17 if wide else 0.185)
    c.ellipse(x, cy, ry * 1.12, ry * 1.12, gold)
    c.ellipse(x, cy, ry * 1.05, ry * 1.05, p.palette[1])
    motifs.draw(c, p.motif, x, cy, ry * 0.74, p.palette[0], p.palette[3])
    c.text(p.brand, *b.part(0.14, 0.11, 0.72, 0.14), p.display_font, p.palette[1], lines=1)
    c.text(p.net, *b.part(0.25, 0.255, 0.5, 0.045), p.text_font, gold)
    c.text(p.title, *b.part(0.12, 0.75, 0.76, 0.11), p.display_font, gold, bold=True)
    c.text(p.sub, *b.part(0.18, 0.855, 0.64, 0.055), p.text_font, p.palette[1])


def _landscape_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.gradient(*b, p.palette[3], p.palette[0])
    dice = random.Random(p.brand)
    with c.clipped(b.path()):
        for row, share in ((0.62, 0.35), (0.72, 0.65), (0.82, 1.0)):
            points = [(b.x - b.w * 0.05, b.y + b.h * 1.1)]
            for k in range(17):
                lift = 0.15 if k % 2 else 0.0
                points.append((b.x + b.w * (k / 16), b.y + b.h * (row - lift * dice.uniform(0.5, 1.1))))
            points.append((b.x + b.w * 1.05, b.y + b.h * 1.1))
            c.polygon(points, mix(p.palette[0], p.palette[2], share))


@layout("landscape", _landscape_ground)
def landscape(c: Canvas, b: Panel, p: Product) -> None:
    """Water: a fjord in paper cuts."""
    c.text(p.brand.upper(), *b.part(0.06, 0.1, 0.88, 0.16), p.display_font, p.palette[1], tracking=12)
    c.text(p.title, *b.part(0.1, 0.27, 0.8, 0.1), p.text_font, p.palette[2], bold=True)
    motifs.draw(c, p.motif, b.x + b.w / 2, b.y + b.h * 0.52, b.unit * 0.16, p.palette[2], p.palette[1])
    c.text(f"{p.sub} · {p.net}", *b.part(0.1, 0.86, 0.8, 0.06), p.text_font, "#ffffff", bold=True)


@layout("swiss")
def swiss(c: Canvas, b: Panel, p: Product) -> None:
    """Coffee: a grid, one huge word, one block of colour."""
    c.rect(*b.part(0.0, 0.50, 1.0, 0.34), p.palette[2])
    with c.clipped(b.part(0, 0.5, 1, 0.34).path()):
        for k in range(5):
            c.circle(
                b.x + b.w * 0.98, b.y + b.h * 0.84, b.w * (0.2 + k * 0.16), None, dark(p.palette[2], 0.2), b.w * 0.012
            )
    motifs.draw(c, p.motif, b.x + b.w * 0.74, b.y + b.h * 0.68, b.unit * 0.19, p.palette[0], p.palette[1])
    rows = p.brand.upper().split()
    for number, row in enumerate(rows):
        c.text(row, *b.part(0.08, 0.13 + number * 0.085, 0.8, 0.08), p.display_font, p.palette[1], align="left")
    c.line([(b.x + b.w * 0.08, b.y + b.h * 0.325), (b.x + b.w * 0.92, b.y + b.h * 0.325)], p.palette[1], b.w * 0.006)
    c.text(p.title.upper(), *b.part(0.08, 0.345, 0.84, 0.13), p.display_font, p.palette[2], align="left")
    c.text(p.sub, *b.part(0.08, 0.865, 0.84, 0.035), p.text_font, p.palette[1], align="left")
    c.text(p.net, *b.part(0.08, 0.91, 0.4, 0.035), p.text_font, p.palette[2], align="left", bold=True)
    c.text(p.claims[0], *b.part(0.08, 0.54, 0.36, 0.04), p.text_font, p.palette[0], align="left", bold=True)


@layout("apothecary")
def apothecary(c: Canvas, b: Panel, p: Product) -> None:
    """Jam: handwriting on cream with a wreath of the fruit."""
    u = b.unit
    _frame(c, b, u * 0.04, p.palette[2], u * 0.014)
    x = b.x + b.w / 2
    for side in (-1, 1):
        for k in range(2):
            motifs.draw(
                c,
                p.motif,
                x + side * b.w * (0.36 - 0.02 * k),
                b.y + b.h * (0.4 + 0.3 * k),
                u * (0.13 - 0.02 * k),
                p.palette[2],
                p.palette[3],
                side * 16,
            )
    motifs.draw(c, p.motif, x, b.y + b.h * 0.72, u * 0.18, p.palette[2], p.palette[3])
    c.text(p.title, *b.part(0.2, 0.32, 0.6, 0.24), p.display_font, p.palette[1], bold=True)
    c.text(p.brand.upper(), *b.part(0.14, 0.1, 0.72, 0.1), p.text_font, p.palette[1], tracking=14)
    c.text(f"{p.sub} · {p.net}", *b.part(0.2, 0.885, 0.6, 0.055), p.text_font, p.palette[1])


def _comb_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    r = b.h * 0.075
    with c.clipped(b.path()):
        for row in range(12):
            for column in range(int(b.w / (r * 1.732)) + 2):
                x, y = b.x + (column + 0.5 * (row % 2)) * r * 1.732, b.y + row * r * 1.5
                corners = [
                    (x + r * 0.93 * math.sin(math.tau * k / 6), y + r * 0.93 * math.cos(math.tau * k / 6))
                    for k in range(6)
                ]
                c.polygon(corners, mix(p.palette[0], p.palette[2], 0.16 + 0.12 * ((row * 7 + column * 3) % 4)))


@layout("comb", _comb_ground)
def comb(c: Canvas, b: Panel, p: Product) -> None:
    """Honey: a hexagon plaque on the comb."""
    x, y = b.middle
    r = b.unit * 0.62
    for grow, colour in ((1.0, p.palette[2]), (0.95, p.palette[0])):
        c.polygon(
            [
                (x + r * grow * math.cos(math.tau * k / 6), y + r * grow * 0.9 * math.sin(math.tau * k / 6))
                for k in range(6)
            ],
            colour,
        )
    ink = p.palette[1]
    motifs.draw(c, p.motif, x, y - r * 0.5, r * 0.24, p.palette[2], p.palette[3])
    c.text(
        p.brand,
        x - r * 0.72,
        y - r * 0.24,
        r * 1.44,
        r * 0.34,
        p.display_font,
        readable(p.palette[0], p.palette[2], p.palette[3]),
    )
    c.text(p.title, x - r * 0.6, y + r * 0.12, r * 1.2, r * 0.22, p.display_font, ink)
    c.text(f"{p.sub} · {p.net}", x - r * 0.5, y + r * 0.37, r, r * 0.14, p.text_font, ink)


def _kraft_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    dice = random.Random(11)
    for _ in range(900):
        x, y = b.x + dice.random() * b.w, b.y + dice.random() * b.h
        turn, reach = dice.uniform(0, math.tau), b.unit * dice.uniform(0.004, 0.016)
        colour = mix(p.palette[0], dice.choice(("#6b4a24", "#fff4dd")), 0.35)
        c.line([(x, y), (x + reach * math.cos(turn), y + reach * math.sin(turn))], colour, b.unit * 0.0022)


@layout("window", _kraft_ground)
def window(c: Canvas, b: Panel, p: Product) -> None:
    """Granola: handwriting on kraft paper, a window onto the oats."""
    c.text(p.brand, *b.part(0.08, 0.11, 0.84, 0.15), p.display_font, p.palette[1], lines=2)
    c.rect(*b.part(0.0, 0.3, 1.0, 0.1), p.palette[2])
    c.text(p.title, *b.part(0.08, 0.315, 0.84, 0.07), p.display_font, "#fffaf0")
    pane = b.part(0.14, 0.45, 0.72, 0.36)
    c.rect(*pane, "#8a5a2a", pane.h * 0.14)
    shape = Panel(pane.x + 4, pane.y + 4, pane.w - 8, pane.h - 8).path()
    dice = random.Random(p.sku)
    with c.clipped(shape):
        for _ in range(420):
            x, y = pane.x + dice.random() * pane.w, pane.y + dice.random() * pane.h
            r = b.unit * dice.uniform(0.016, 0.034)
            colour = mix("#e7bd78", "#9a6228", dice.random())
            c.ellipse(x + r * 0.2, y + r * 0.25, r * 1.1, r * 0.8, dark(colour, 0.4))
            c.ellipse(x, y, r, r * 0.7, colour)
        for _ in range(7):
            x, y = pane.x + dice.uniform(0.08, 0.92) * pane.w, pane.y + dice.uniform(0.1, 0.9) * pane.h
            motifs.draw(c, p.motif, x, y, b.unit * 0.085, p.palette[2], p.palette[1], dice.uniform(-60, 60))
    c.rect(*pane, None, pane.h * 0.06, p.palette[1], b.unit * 0.012)
    c.text(p.sub, *b.part(0.14, 0.835, 0.72, 0.04), p.text_font, p.palette[1], bold=True)
    c.text(p.net, *b.part(0.35, 0.885, 0.3, 0.045), p.text_font, p.palette[1], bold=True)


def _contour_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    x0, y0 = b.x + b.w * 0.62, b.y + b.h * 0.64
    with c.clipped(b.path()):
        for ring in range(1, 26):
            points = []
            for k in range(24):
                turn = math.tau * k / 24
                wobble = 1 + 0.16 * math.sin(3 * turn + ring * 0.12) + 0.1 * math.cos(5 * turn - ring * 0.2)
                reach = b.unit * 0.055 * ring * wobble
                points.append((x0 + reach * math.cos(turn), y0 + reach * 1.15 * math.sin(turn)))
            c.path(
                smooth(points),
                None,
                p.palette[3] if ring % 4 else p.palette[2],
                b.unit * (0.006 if ring % 4 else 0.009),
            )


@layout("contour", _contour_ground)
def contour(c: Canvas, b: Panel, p: Product) -> None:
    """Chocolate: contour lines of the place it comes from."""
    x = b.x + b.w / 2
    c.text(p.brand, *b.part(0.1, 0.08, 0.8, 0.11), p.display_font, p.palette[1], tracking=4)
    c.line([(x - b.w * 0.12, b.y + b.h * 0.205), (x + b.w * 0.12, b.y + b.h * 0.205)], p.palette[2], b.unit * 0.01)
    motifs.draw(c, p.motif, x, b.y + b.h * 0.5, b.unit * 0.27, p.palette[2], p.palette[3])
    c.rect(*b.part(0.1, 0.735, 0.8, 0.17), p.palette[0])
    c.text(p.title, *b.part(0.12, 0.74, 0.76, 0.1), p.display_font, p.palette[2], bold=True)
    c.text(f"{p.sub} · {p.net}", *b.part(0.12, 0.845, 0.76, 0.045), p.text_font, p.palette[1])


@layout("olive")
def olive(c: Canvas, b: Panel, p: Product) -> None:
    """Oil: a branch over classical type on paper."""
    u = b.unit
    _frame(c, b, u * 0.05, p.palette[3], u * 0.008)
    x = b.x + b.w / 2
    motifs.draw(c, p.motif, x, b.y + b.h * 0.27, u * 0.32, p.palette[2], p.palette[3])
    c.text(p.brand, *b.part(0.1, 0.46, 0.8, 0.13), p.display_font, p.palette[1], bold=True)
    c.rect(*b.part(0.0, 0.62, 1.0, 0.13), p.palette[1])
    c.text(p.title.upper(), *b.part(0.1, 0.63, 0.8, 0.11), p.text_font, p.palette[0], tracking=8)
    c.text(p.sub, *b.part(0.2, 0.77, 0.6, 0.07), p.display_font, p.palette[1], italic=True)
    c.text(p.net, *b.part(0.3, 0.86, 0.4, 0.055), p.text_font, p.palette[3], bold=True)


@layout("plaque")
def plaque(c: Canvas, b: Panel, p: Product) -> None:
    """Spice: a white square, a stripe of the colour, small caps."""
    c.rect(*b.part(0, 0.0, 1, 0.1), p.palette[2])
    c.rect(*b.part(0, 0.9, 1, 0.1), p.palette[2])
    c.text(p.brand.upper(), *b.part(0.12, 0.15, 0.76, 0.11), p.text_font, p.palette[1], tracking=10)
    motifs.draw(c, p.motif, b.x + b.w / 2, b.y + b.h * 0.44, b.unit * 0.26, p.palette[2], p.palette[3])
    c.text(p.title, *b.part(0.1, 0.63, 0.8, 0.14), p.display_font, p.palette[2], bold=True)
    c.text(f"{p.sub} · {p.net}", *b.part(0.14, 0.79, 0.72, 0.07), p.text_font, p.palette[1])


def _scales_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    r = b.h * 0.1
    with c.clipped(b.path()):
        for row in range(12, -2, -1):
            for column in range(-1, int(b.w / (2 * r)) + 2):
                x, y = b.x + (column * 2 + row % 2) * r, b.y + row * r * 0.95
                c.circle(x, y, r, mix(p.palette[0], p.palette[3], 0.25), p.palette[0], r * 0.16)


@layout("scales", _scales_ground)
def scales(c: Canvas, b: Panel, p: Product) -> None:
    """Sardines: fish scales and a plaque."""
    spot = b.part(0.07, 0.12, 0.86, 0.76)
    c.rect(*spot, p.palette[1], spot.h * 0.2)
    c.rect(spot.x + 8, spot.y + 8, spot.w - 16, spot.h - 16, None, spot.h * 0.17, p.palette[0], b.unit * 0.012)
    c.text(p.brand, *spot.part(0.08, 0.1, 0.84, 0.3), p.display_font, p.palette[0])
    motifs.draw(c, p.motif, spot.x + spot.w / 2, spot.y + spot.h * 0.56, spot.h * 0.27, p.palette[2], p.palette[3])
    c.text(
        f"{p.title} {p.sub}",
        *spot.part(0.08, 0.76, 0.84, 0.13),
        p.text_font,
        readable(p.palette[1], "#ffffff", p.palette[2]),
        bold=True,
    )


def _meadow_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.gradient(*b, p.palette[0], "#ffffff")
    hills(c, b, 0.66, 0.025, light(p.palette[3], 0.35), 0.2, 2)
    hills(c, b, 0.74, 0.03, p.palette[3], 1.7, 2)
    hills(c, b, 0.88, 0.015, p.palette[1], 0.9, 2)


@layout("meadow", _meadow_ground)
def meadow(c: Canvas, b: Panel, p: Product) -> None:
    """Milk: a pasture under round letters."""
    x = b.x + b.w / 2
    c.circle(b.x + b.w * 0.78, b.y + b.h * 0.46, b.unit * 0.11, "#ffd95c")
    c.text(p.brand.lower(), *b.part(0.06, 0.07, 0.88, 0.13), p.display_font, p.palette[1], bold=True)
    c.text(p.title, *b.part(0.06, 0.2, 0.88, 0.11), p.display_font, p.palette[2], bold=True, lines=1)
    c.text(p.sub, *b.part(0.2, 0.315, 0.6, 0.05), p.text_font, p.palette[1])
    motifs.draw(c, p.motif, x - b.w * 0.05, b.y + b.h * 0.65, b.unit * 0.32, p.palette[2], p.palette[3])
    c.text(p.net, *b.part(0.3, 0.91, 0.4, 0.055), p.text_font, "#ffffff", bold=True)


def _split_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    hills(c, b, 0.6, 0.05, p.palette[3], 0.6, 2)
    hills(c, b, 0.78, 0.05, p.palette[2], 2.4, 2)


@layout("split", _split_ground)
def split(c: Canvas, b: Panel, p: Product) -> None:
    """Yoghurt: white above, the fruit's colour pooling below."""
    x = b.x + b.w / 2
    c.text(p.brand.lower(), *b.part(0.08, 0.07, 0.84, 0.25), p.display_font, p.palette[1], tracking=-2)
    c.text(p.title, *b.part(0.12, 0.31, 0.76, 0.13), p.text_font, dark(p.palette[2], 0.12), bold=True)
    motifs.draw(c, p.motif, x, b.y + b.h * 0.66, b.h * 0.2, p.palette[2], p.palette[3])
    c.text(f"{p.sub} · {p.net}", *b.part(0.12, 0.89, 0.76, 0.07), p.text_font, p.palette[1], bold=True)
