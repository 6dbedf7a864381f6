"""Quiet labels of the house: butter, laundry, care, candles, textiles."""

from __future__ import annotations

import random

from catalogs.studio import motifs
from catalogs.studio.layout_kit import Panel, layout, pill
from catalogs.studio.paint import Canvas, mix
from catalogs.studio.table import Product


def _stripes_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    step = b.h * 0.05
    with c.clipped(b.path()):
        for k in range(int((b.w + b.h) / step) + 1):
            if k % 2:
                left = b.x + k * step - b.h
                c.polygon(
                    [(left, b.y + b.h), (left + step, b.y + b.h), (left + step + b.h, b.y), (left + b.h, b.y)],
                    mix(p.palette[0], p.palette[3], 0.7),
                )


@layout("stripes", _stripes_ground)
def stripes(c: Canvas, b: Panel, p: Product) -> None:
    """Butter: candy stripes behind a plaque."""
    wide = b.w > b.h * 1.3
    spot = b.part(0.1, 0.14, 0.8, 0.72) if wide else b.part(0.08, 0.1, 0.84, 0.8)
    c.rect(*spot, p.palette[1], b.unit * 0.03)
    c.rect(
        spot.x + b.unit * 0.025,
        spot.y + b.unit * 0.025,
        spot.w - b.unit * 0.05,
        spot.h - b.unit * 0.05,
        None,
        b.unit * 0.02,
        p.palette[0],
        b.unit * 0.008,
    )
    if wide:
        motifs.draw(
            c, p.motif, spot.x + spot.w * 0.16, spot.y + spot.h * 0.5, spot.h * 0.34, p.palette[0], p.palette[2]
        )
        text = spot.part(0.3, 0.1, 0.64, 0.8)
    else:
        motifs.draw(c, p.motif, spot.x + spot.w * 0.5, spot.y + spot.h * 0.7, spot.w * 0.26, p.palette[2], p.palette[0])
        text = spot.part(0.08, 0.06, 0.84, 0.44)
    c.text(p.brand, *text.part(0, 0.02, 1, 0.4), p.display_font, p.palette[0])
    pill(c, text.part(0.14, 0.46, 0.72, 0.26), p.title, p.palette[2], "#ffffff", p.text_font)
    c.text(f"{p.sub} · {p.net}", *text.part(0.05, 0.78, 0.9, 0.16), p.text_font, p.palette[0])


def _botanical_ground(c: Canvas, b: Panel, p: Product) -> None:
    c.rect(*b, p.palette[0])
    dice = random.Random(p.brand)
    r = b.unit * 0.15
    with c.clipped(b.path()), c.faded(0.8):
        for row in range(int(b.h / (r * 1.7)) + 2):
            for column in range(int(b.w / (r * 2.0)) + 2):
                x, y = b.x + (column + 0.5 * (row % 2)) * r * 2.0, b.y + row * r * 1.7
                motifs.draw(c, p.motif, x, y, r * 0.8, p.palette[2], p.palette[3], dice.uniform(-50, 50))


@layout("botanical", _botanical_ground)
def botanical(c: Canvas, b: Panel, p: Product) -> None:
    """Laundry and hand cream: flowers all over, one clear plate."""
    spot = b.part(0.1, 0.24, 0.8, 0.5)
    c.rect(*spot, "#fffdfa", b.unit * 0.06)
    c.rect(
        spot.x + b.unit * 0.025,
        spot.y + b.unit * 0.025,
        spot.w - b.unit * 0.05,
        spot.h - b.unit * 0.05,
        None,
        b.unit * 0.045,
        p.palette[2],
        b.unit * 0.008,
    )
    c.text(p.brand, *spot.part(0.08, 0.1, 0.84, 0.34), p.display_font, p.palette[1], bold=True)
    c.text(p.title.upper(), *spot.part(0.1, 0.48, 0.8, 0.16), p.text_font, p.palette[2], tracking=10, bold=True)
    c.text(p.sub, *spot.part(0.15, 0.67, 0.7, 0.1), p.text_font, p.palette[1])
    c.text(p.net, *spot.part(0.2, 0.8, 0.6, 0.09), p.text_font, p.palette[1], bold=True)


@layout("minimal")
def minimal(c: Canvas, b: Panel, p: Product) -> None:
    """Candles and hand wash: almost nothing, well set."""
    x, u = b.x + b.w / 2, b.unit
    c.text(p.brand.upper(), *b.part(0.12, 0.14, 0.76, 0.09), p.text_font, p.palette[1], tracking=26)
    c.line([(x, b.y + b.h * 0.26), (x, b.y + b.h * 0.33)], p.palette[2], u * 0.006)
    motifs.draw(c, p.motif, x, b.y + b.h * 0.47, u * 0.17, p.palette[2], p.palette[1])
    c.text(p.title, *b.part(0.1, 0.62, 0.8, 0.13), p.display_font, p.palette[1])
    c.text(p.sub, *b.part(0.2, 0.765, 0.6, 0.05), p.text_font, p.palette[2])
    c.text(p.net, *b.part(0.28, 0.86, 0.44, 0.04), p.text_font, p.palette[1], tracking=8)


@layout("fern")
def fern(c: Canvas, b: Panel, p: Product) -> None:
    """Shampoo: fronds growing from the foot, light type."""
    with c.clipped(b.path()):
        for dx, lean, size, share in (
            (0.06, 14, 0.36, 0.55),
            (0.94, -14, 0.36, 0.55),
            (0.28, 6, 0.3, 0.2),
            (0.74, -8, 0.32, 0.2),
            (0.5, 0, 0.36, 0.0),
        ):
            motifs.draw(
                c,
                "fern",
                b.x + b.w * dx,
                b.y + b.h * 0.82,
                b.h * size,
                mix(p.palette[2], p.palette[0], share),
                p.palette[3],
                lean,
            )
    c.text(p.brand, *b.part(0.08, 0.1, 0.84, 0.13), p.display_font, p.palette[1])
    c.text(p.title.upper(), *b.part(0.12, 0.25, 0.76, 0.075), p.text_font, p.palette[1], tracking=16, bold=True)
    c.text(p.sub, *b.part(0.2, 0.335, 0.6, 0.05), p.text_font, p.palette[2], italic=True)
    c.text(p.net, *b.part(0.36, 0.92, 0.28, 0.035), p.text_font, p.palette[1], bold=True)


@layout("band")
def band(c: Canvas, b: Panel, p: Product) -> None:
    """The paper band round a towel."""
    motifs.draw(c, "loom", b.x + b.w * 0.5, b.y + b.h * 0.2, b.unit * 0.14, p.palette[2], p.palette[3])
    c.text(p.brand, *b.part(0.08, 0.34, 0.84, 0.22), p.display_font, p.palette[1], bold=True)
    c.text(p.title.upper(), *b.part(0.15, 0.57, 0.7, 0.11), p.text_font, p.palette[2], tracking=16, bold=True)
    c.text(f"{p.sub} · {p.net}", *b.part(0.08, 0.7, 0.84, 0.08), p.text_font, p.palette[1])
    c.text(p.claims[-1], *b.part(0.15, 0.82, 0.7, 0.07), p.text_font, p.palette[2])


@layout("garment")
def garment(c: Canvas, b: Panel, p: Product) -> None:
    """The cardboard sleeve round a pair of socks."""
    c.text(p.brand, *b.part(0.06, 0.14, 0.88, 0.36), p.display_font, p.palette[1])
    c.text(f"{p.sub} · {p.net}", *b.part(0.1, 0.56, 0.8, 0.16), p.text_font, p.palette[2], bold=True)
    c.text(p.claims[0], *b.part(0.15, 0.76, 0.7, 0.12), p.text_font, p.palette[1])
