"""Loud labels: snacks, drinks, cleaning, pets and children."""

from __future__ import annotations

import math
import random

from PySide6.QtGui import QPainterPath

from catalogs.studio import motifs
from catalogs.studio.layout_kit import Panel, hills, layout, pill, rays, readable, stamp
from catalogs.studio.paint import Canvas, dark, light, mix
from catalogs.studio.table import Product


def _burst_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.gradient(*b, light(p.palette[0], 0.12), dark(p.palette[0], 0.12))
    dice = random.Random(p.sku)
    for _ in range(70):
        x, y, r = b.x + dice.random() * b.w, b.y + dice.random() * b.h, b.h * dice.uniform(0.006, 0.026)
        with c.faded(0.35):
            c.circle(x, y, r, None, p.palette[1], b.h * 0.003)
    hills(c, b, 0.86, 0.02, p.palette[3], 0.4, 3)


@layout("burst", _burst_ground)
def burst(c: Canvas, b: Panel, p: Product) -> None:
    """Soda: a slanting script over fruit."""
    x, _ = b.middle
    motifs.draw(c, p.motif, x, b.y + b.h * 0.665, b.unit * 0.36, p.palette[2], p.palette[3])
    with c.at(x, b.y + b.h * 0.25, 1.0, -9):
        c.text(
            p.brand,
            -b.w * 0.5,
            -b.h * 0.14,
            b.w,
            b.h * 0.28,
            "Lobster Two",
            p.palette[1],
            bold=True,
            italic=True,
            outline=p.palette[3],
            outline_width=b.unit * 0.035,
        )
    c.text(p.title, *b.part(0.02, 0.36, 0.96, 0.09), p.text_font, p.palette[1], bold=True)
    c.text(p.sub, *b.part(0.1, 0.885, 0.8, 0.045), p.text_font, p.palette[1])
    c.text(p.net, *b.part(0.3, 0.935, 0.4, 0.04), p.text_font, p.palette[2], bold=True)


def _shout_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    with c.clipped(b.path()):
        for k in range(-8, 30):
            left = b.x + k * b.w * 0.09
            c.polygon(
                [
                    (left, b.y),
                    (left + b.w * 0.045, b.y),
                    (left - b.w * 0.25, b.y + b.h),
                    (left - b.w * 0.295, b.y + b.h),
                ],
                mix(p.palette[0], p.palette[3], 0.22),
            )


@layout("shout", _shout_ground)
def shout(c: Canvas, b: Panel, p: Product) -> None:
    """Crisps: the brand as large as the bag allows, the flavour in a hot circle."""
    x = b.x + b.w / 2
    c.circle(x, b.y + b.h * 0.6, b.unit * 0.47, p.palette[2])
    c.circle(x, b.y + b.h * 0.6, b.unit * 0.41, None, p.palette[3], b.unit * 0.012)
    motifs.draw(c, p.motif, x, b.y + b.h * 0.66, b.unit * 0.32, p.palette[0], p.palette[3])
    with c.at(x, b.y + b.h * 0.21, 1.0, -5):
        c.text(
            p.brand.upper(),
            -b.w * 0.47,
            -b.h * 0.13,
            b.w * 0.94,
            b.h * 0.26,
            p.display_font,
            p.palette[1],
            outline=p.palette[3],
            outline_width=b.unit * 0.05,
            tracking=-3,
        )
    c.text(p.title, *b.part(0.2, 0.405, 0.6, 0.085), p.display_font, p.palette[3])
    c.text(p.sub, *b.part(0.2, 0.86, 0.6, 0.05), p.text_font, p.palette[1], bold=True)
    pill(c, b.part(0.66, 0.915, 0.26, 0.052), p.net, p.palette[3], p.palette[1], p.text_font)
    stamp(c, b.x + b.w * 0.15, b.y + b.h * 0.42, b.unit * 0.12, p.claims[0], p.palette[1], p.palette[3], p.text_font)


@layout("wave")
def wave(c: Canvas, b: Panel, p: Product) -> None:
    """Dish soap: fruit riding on a wave."""
    motifs.draw(c, p.motif, b.x + b.w * 0.5, b.y + b.h * 0.63, b.unit * 0.4, p.palette[2], p.palette[3])
    hills(c, b, 0.77, 0.03, p.palette[3], 0.5, 1)
    hills(c, b, 0.82, 0.025, p.palette[1], 2.2, 1)
    c.text(p.brand, *b.part(0.06, 0.06, 0.88, 0.17), p.display_font, p.palette[1], bold=True)
    c.text(p.title, *b.part(0.06, 0.23, 0.88, 0.12), p.text_font, dark(p.palette[2], 0.3), bold=True)
    c.text(p.sub, *b.part(0.2, 0.35, 0.6, 0.05), p.text_font, p.palette[1])
    c.text(p.net, *b.part(0.3, 0.9, 0.4, 0.06), p.text_font, readable(p.palette[1], "#ffffff", p.palette[0]), bold=True)


def _swoosh_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    for level, colour in ((0.55, p.palette[2]), (0.64, p.palette[3]), (0.72, p.palette[1])):
        hills(c, b, level, 0.1, colour, level * 4, 1)


@layout("swoosh", _swoosh_ground)
def swoosh(c: Canvas, b: Panel, p: Product) -> None:
    """Cleaners and toothpaste: clean type over swooshes."""
    c.text(p.brand, *b.part(0.06, 0.09, 0.88, 0.19), p.display_font, p.palette[1], bold=True, tracking=-1)
    c.text(p.title, *b.part(0.1, 0.29, 0.8, 0.12), p.text_font, dark(p.palette[2], 0.15), bold=True)
    motifs.draw(c, p.motif, b.x + b.w * 0.5, b.y + b.h * 0.56, b.unit * 0.2, p.palette[1], p.palette[3])
    c.text(p.sub, *b.part(0.1, 0.82, 0.8, 0.06), p.text_font, "#ffffff", bold=True)
    c.text(p.net, *b.part(0.3, 0.89, 0.4, 0.055), p.text_font, p.palette[2], bold=True)


def _kids_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    dice = random.Random(p.brand)
    for k in range(26):
        x, y = b.x + b.w * ((k * 0.618) % 1), b.y + b.h * ((k * 0.381 + 0.07) % 1)
        c.circle(x, y, b.unit * dice.uniform(0.015, 0.05), light(p.palette[0], 0.35))
    hills(c, b, 0.8, 0.02, p.palette[3], 0, 3)


@layout("kids", _kids_ground)
def kids(c: Canvas, b: Panel, p: Product) -> None:
    """Baby food: a smiling cloud, round letters."""
    x = b.x + b.w / 2
    for dx, dy, r in (
        (-0.26, 0.03, 0.17),
        (0.26, 0.03, 0.17),
        (-0.09, -0.02, 0.22),
        (0.12, -0.01, 0.2),
        (0.0, 0.06, 0.2),
    ):
        c.circle(x + dx * b.w, b.y + b.h * 0.2 + dy * b.w, r * b.w, "#ffffff")
    c.text(p.brand, *b.part(0.12, 0.115, 0.76, 0.17), p.display_font, p.palette[1])
    motifs.draw(c, p.motif, x, b.y + b.h * 0.57, b.unit * 0.36, p.palette[2], p.palette[3])
    if p.motif in {"apple", "pear", "carrot"}:
        for side in (-1, 1):
            c.circle(
                x + side * b.unit * 0.08 - b.unit * (0.06 if p.motif == "pear" else 0),
                b.y + b.h * 0.59,
                b.unit * 0.022,
                "#2b1a10",
            )
    c.text(p.title, *b.part(0.08, 0.78, 0.84, 0.1), p.display_font, p.palette[1])
    c.text(f"{p.sub} · {p.net}", *b.part(0.14, 0.885, 0.72, 0.05), p.text_font, p.palette[1], bold=True)


@layout("paws")
def paws(c: Canvas, b: Panel, p: Product) -> None:
    """Dog food: a portrait in a round window, paw prints around."""
    dice = random.Random(p.brand)
    for k in range(12):
        x, y = b.x + b.w * ((k * 0.39 + 0.1) % 1.0), b.y + b.h * ((k * 0.27 + 0.08) % 1)
        with c.at(x, y, b.unit * 0.05, dice.uniform(-40, 40)), c.faded(0.5):
            c.ellipse(0, 0.25, 0.6, 0.48, p.palette[3])
            for dx, dy in ((-0.62, -0.3), (-0.22, -0.62), (0.22, -0.62), (0.62, -0.3)):
                c.ellipse(dx, dy, 0.2, 0.28, p.palette[3])
    x = b.x + b.w / 2
    c.circle(x, b.y + b.h * 0.62, b.unit * 0.4, p.palette[2])
    c.circle(x, b.y + b.h * 0.62, b.unit * 0.44, None, p.palette[1], b.unit * 0.02)
    motifs.draw(c, p.motif, x, b.y + b.h * 0.62, b.unit * 0.31, p.palette[0], p.palette[3])
    c.text(p.brand.lower(), *b.part(0.04, 0.04, 0.92, 0.22), p.display_font, p.palette[1], bold=True)
    pill(c, b.part(0.2, 0.86, 0.6, 0.11), p.title, p.palette[1], p.palette[0], p.text_font)
    c.text(p.net, *b.part(0.83, 0.9, 0.15, 0.06), p.text_font, p.palette[1], bold=True)


def _whisker_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    with c.clipped(b.path()):
        for row in range(14):
            for column in range(12):
                x, y = b.x + (column + (row % 2) * 0.5) * b.w * 0.1, b.y + row * b.h * 0.08
                c.circle(x, y, b.w * 0.016, light(p.palette[0], 0.3))
    hills(c, b, 0.7, 0.02, p.palette[3], 1.0, 2)


@layout("whiskers", _whisker_ground)
def whiskers(c: Canvas, b: Panel, p: Product) -> None:
    """Cat food: the cat looks over the hill."""
    x = b.x + b.w / 2
    motifs.draw(c, p.motif, x, b.y + b.h * 0.5, b.unit * 0.34, p.palette[1], p.palette[3])
    hills(c, b, 0.68, 0.02, p.palette[3], 1.0, 2)
    c.text(p.brand, *b.part(0.06, 0.08, 0.88, 0.17), p.display_font, p.palette[1])
    c.text(p.title, *b.part(0.1, 0.72, 0.8, 0.1), p.display_font, p.palette[2])
    c.text(p.sub, *b.part(0.15, 0.82, 0.7, 0.05), p.text_font, p.palette[2], bold=True)
    pill(c, b.part(0.36, 0.89, 0.28, 0.055), p.net, p.palette[1], p.palette[2], p.text_font)


def _retro_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    for k in range(3):
        rays(
            c,
            Panel(b.x + b.w * k / 3, b.y, b.w / 3, b.h) if b.w > b.h * 1.8 else b,
            *((b.x + b.w * (k + 0.5) / 3, b.y + b.h / 2) if b.w > b.h * 1.8 else b.middle),
            mix(p.palette[0], p.palette[3], 0.16),
        )
        if b.w <= b.h * 1.8:
            break


@layout("retro", _retro_ground)
def retro(c: Canvas, b: Panel, p: Product) -> None:
    """Tins and biscuits: a ribbon over a sunburst."""
    x = b.x + b.w / 2
    wide = b.w > b.h * 1.2
    cy, r = b.y + b.h * (0.56 if wide else 0.6), b.unit * (0.36 if wide else 0.33)
    c.circle(x, cy, r * 1.18, p.palette[2] if p.motif == "cookie" else light(p.palette[0], 0.5))
    c.circle(x, cy, r * 1.1, None, p.palette[1], r * 0.03)
    motifs.draw(c, p.motif, x, cy, r * 0.9, p.palette[2], p.palette[3])
    top = b.y + b.h * 0.08
    tall = b.h * (0.24 if wide else 0.19)
    left, right = b.x + b.w * 0.04, b.x + b.w * 0.96
    c.polygon(
        [
            (left, top + tall * 0.25),
            (right, top + tall * 0.25),
            (right - b.w * 0.04, top + tall * 0.75),
            (right, top + tall * 1.2),
            (left, top + tall * 1.2),
            (left + b.w * 0.04, top + tall * 0.75),
        ],
        dark(p.palette[1], 0.35),
    )
    c.rect(b.x + b.w * 0.09, top, b.w * 0.82, tall, p.palette[1], tall * 0.08)
    c.text(p.brand, *b.part(0.13, 0.085, 0.74, tall / b.h * 0.95), p.display_font, "#fffaf0", bold=True)
    c.rect(*b.part(0.12, 0.85, 0.76, 0.12), p.palette[1])
    c.text(p.title, *b.part(0.15, 0.855, 0.7, 0.075), p.display_font, "#fffaf0")
    c.text(f"{p.sub} · {p.net}", *b.part(0.15, 0.925, 0.7, 0.04), p.text_font, p.palette[0])


def _bauhaus_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    cell = b.h * 0.42 / 3
    columns = max(3, round(b.w / cell))
    cell_w = b.w / columns
    dice = random.Random(p.brand)
    with c.clipped(b.part(0, 0.58, 1, 0.42).path()):
        for row in range(3):
            for column in range(columns):
                x, y = b.x + column * cell_w, b.y + b.h * 0.58 + row * cell
                colours = [p.palette[2], p.palette[3], p.palette[1], light(p.palette[0], 0.25)]
                dice.shuffle(colours)
                c.rect(x, y, cell_w + 1, cell + 1, colours[0])
                kind = dice.randrange(4)
                corner_x, corner_y = x + cell_w * (kind % 2), y + cell * (kind // 2)
                with c.clipped(Panel(x, y, cell_w, cell).path()):
                    if dice.random() < 0.7:
                        c.ellipse(corner_x, corner_y, cell_w, cell, colours[1])
                    else:
                        c.circle(x + cell_w / 2, y + cell / 2, min(cell, cell_w) * 0.36, colours[1])


@layout("bauhaus", _bauhaus_ground)
def bauhaus(c: Canvas, b: Panel, p: Product) -> None:
    """Pasta and nuts: a geometric frieze below, plain type above."""
    ink = readable(p.palette[0], p.palette[1], "#1a1a1a")
    c.text(p.brand.lower(), *b.part(0.07, 0.06, 0.86, 0.13), p.display_font, ink, bold=True)
    c.text(p.title, *b.part(0.07, 0.19, 0.86, 0.09), p.text_font, p.palette[2], bold=True)
    motifs.draw(c, p.motif, b.x + b.w / 2, b.y + b.h * 0.43, b.unit * 0.2, p.palette[2], p.palette[3])
    c.rect(*b.part(0.0, 0.545, 1.0, 0.05), ink)
    c.text(f"{p.sub}   {p.net}", *b.part(0.06, 0.55, 0.88, 0.04), p.text_font, p.palette[0], bold=True)


def _grove_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    hills(c, b, 0.8, 0.03, light(p.palette[3], 0.25), 0.3, 2)
    hills(c, b, 0.88, 0.025, p.palette[3], 1.9, 2)


@layout("grove", _grove_ground)
def grove(c: Canvas, b: Panel, p: Product) -> None:
    """Juice: one huge fruit that a drop falls from."""
    x = b.x + b.w / 2
    c.circle(x, b.y + b.h * 0.6, b.unit * 0.5, p.palette[2])
    motifs.draw(c, p.motif, x, b.y + b.h * 0.6, b.unit * 0.44, p.palette[2], p.palette[3])
    c.text(p.brand, *b.part(0.05, 0.07, 0.9, 0.16), p.display_font, p.palette[1])
    c.text(p.title, *b.part(0.1, 0.23, 0.8, 0.1), p.text_font, p.palette[3], bold=True)
    c.text(p.sub, *b.part(0.1, 0.33, 0.8, 0.04), p.text_font, p.palette[1])
    pill(c, b.part(0.33, 0.9, 0.34, 0.06), p.net, p.palette[0], p.palette[3], p.text_font)


@layout("bowl", lambda c, b, p: c.gradient(*b, light(p.palette[0], 0.1), dark(p.palette[0], 0.08)))
def bowl(c: Canvas, b: Panel, p: Product) -> None:
    """Cereal: a bowl heaped with clusters, milk splashing."""
    x = b.x + b.w / 2
    rays(c, b, x, b.y + b.h * 0.66, light(p.palette[0], 0.16), 28)
    light_ink = readable(p.palette[0], p.palette[2], p.palette[1])
    c.text(p.brand.upper(), *b.part(0.06, 0.045, 0.88, 0.17), p.display_font, light_ink, tracking=-2)
    c.text(
        p.title,
        *b.part(0.06, 0.215, 0.88, 0.11),
        p.display_font,
        "#fffdf6",
        outline=dark(p.palette[3], 0.15),
        outline_width=b.unit * 0.02,
    )
    c.text(p.sub, *b.part(0.15, 0.33, 0.7, 0.045), p.text_font, light_ink, bold=True)
    dice = random.Random(p.sku)
    bowl_y, r = b.y + b.h * 0.68, b.w * 0.4
    c.ellipse(x, bowl_y, r, r * 0.36, "#e9e4da")
    c.ellipse(x, bowl_y, r * 0.93, r * 0.31, "#fffdf6")
    for _ in range(120):
        turn, reach = dice.uniform(0, math.tau), dice.random() ** 0.6
        px, py = (
            x + r * 0.84 * reach * math.cos(turn),
            bowl_y - r * 0.12 * (1 - reach) * 2.2 + r * 0.24 * reach * math.sin(turn),
        )
        grain = mix("#d89b45", "#6b3a1c" if p.motif == "cocoa" else "#b8742a", dice.random())
        c.ellipse(px, py, r * 0.075, r * 0.05, dark(grain, 0.25))
        c.ellipse(px - 2, py - 3, r * 0.068, r * 0.044, grain)
    for dx, dy, size, turn in ((-0.2, -0.04, 0.15, -15), (0.22, -0.03, 0.16, 18), (0.02, -0.13, 0.18, 5)):
        motifs.draw(c, p.motif, x + dx * b.w, bowl_y + dy * b.w, b.w * size, p.palette[2], p.palette[3], turn)
    cup = QPainterPath()
    cup.moveTo(x - r, bowl_y)
    cup.cubicTo(x - r * 0.95, bowl_y + r * 0.75, x + r * 0.95, bowl_y + r * 0.75, x + r, bowl_y)
    cup.cubicTo(x + r * 0.6, bowl_y + r * 0.46, x - r * 0.6, bowl_y + r * 0.46, x - r, bowl_y)
    c.path(cup, "#f7f3ea")
    with c.clipped(cup):
        c.ellipse(x + r * 0.7, bowl_y + r * 0.3, r * 0.5, r * 0.7, "#ddd5c6")
        c.rect(x - r, bowl_y + r * 0.34, r * 2, r * 0.06, p.palette[3])
    stamp(
        c,
        b.x + b.w * 0.84,
        b.y + b.h * 0.44,
        b.w * 0.11,
        p.claims[0],
        p.palette[2],
        p.palette[1] if p.motif != "cocoa" else p.palette[3],
        p.text_font,
    )
    c.text(p.net, *b.part(0.06, 0.925, 0.3, 0.04), p.text_font, light_ink, bold=True, align="left")
