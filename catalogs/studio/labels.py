"""Whole labels: the front, the side and the back panel of a package, or a wrap that runs round it."""

from __future__ import annotations

from catalogs.studio import layouts_bold, layouts_home, layouts_table
from catalogs.studio.barcode import modules
from catalogs.studio.layout_kit import LAYOUTS, Panel, readable
from catalogs.studio.paint import Canvas, Pixels, light, mix
from catalogs.studio.table import Product

# Importing these registers their layouts.
REGISTERED = (layouts_bold, layouts_home, layouts_table)
_TABLE = ("Energy", "Fat", "Carbohydrate", "of which sugars", "Fibre", "Protein", "Salt")


def _pixels(width: float, height: float, longest: int) -> tuple[int, int]:
    scale = longest / max(width, height)
    return max(16, round(width * scale)), max(16, round(height * scale))


def front(p: Product, width: float, height: float, longest: int = 1100, head: float = 0.0, foot: float = 0.0) -> Pixels:
    """The front panel, uint8 RGBA, its longer side `longest` pixels; seals take the shares `head` and `foot`."""
    w, h = _pixels(width, height, longest)
    c = Canvas(w, h, p.palette[0])
    LAYOUTS[p.layout].ground(c, Panel(0, 0, w, h), p)
    inner = Panel(0, 0, w, h).part(head / 2, head, 1 - head, 1 - head - foot)
    LAYOUTS[p.layout].front(c, inner, p)
    return c.pixels()


def back(p: Product, width: float, height: float, longest: int = 1100, head: float = 0.0) -> Pixels:
    """The back panel with text, table and barcode."""
    w, h = _pixels(width, height, longest)
    c = Canvas(w, h, p.palette[0])
    LAYOUTS[p.layout].ground(c, Panel(0, 0, w, h), p)
    _paint_back(c, Panel(0, 0, w, h).part(0.09, 0.06 + head, 0.82, 0.86 - head), p)
    return c.pixels()


def side(p: Product, width: float, height: float, longest: int = 1100) -> Pixels:
    """A narrow side: the brand running upwards on the ground."""
    w, h = _pixels(width, height, longest)
    c = Canvas(w, h, p.palette[0])
    LAYOUTS[p.layout].ground(c, Panel(0, 0, w, h), p)
    ink = readable(p.palette[0], p.palette[1], p.palette[2])
    if h > w * 1.4:
        with c.at(w / 2, h / 2, 1.0, -90):
            c.text(p.brand, -h * 0.42, -w * 0.32, h * 0.6, w * 0.5, p.display_font, ink)
            c.text(p.title, h * 0.2, -w * 0.2, h * 0.24, w * 0.34, p.text_font, ink)
    else:
        c.text(p.brand, w * 0.1, h * 0.2, w * 0.8, h * 0.35, p.display_font, ink)
        c.text(p.title, w * 0.15, h * 0.56, w * 0.7, h * 0.2, p.text_font, ink)
    return c.pixels()


def lid(p: Product, width: float, height: float, longest: int = 700) -> Pixels:
    """A lid or end flap: the brand on the ground colour."""
    w, h = _pixels(width, height, longest)
    c = Canvas(w, h, p.palette[0])
    ink = readable(p.palette[0], p.palette[1], p.palette[2])
    c.text(p.brand, w * 0.14, h * 0.26, w * 0.72, h * 0.34, p.display_font, ink)
    c.text(p.title, w * 0.2, h * 0.58, w * 0.6, h * 0.16, p.text_font, ink)
    return c.pixels()


def wrap(p: Product, circumference: float, height: float, front_share: float = 0.36, longest: int = 1500) -> Pixels:
    """A label that runs round: the front in the middle, the back split over the seam opposite."""
    w, h = _pixels(circumference, height, longest)
    c = Canvas(w, h, p.palette[0])
    LAYOUTS[p.layout].ground(c, Panel(0, 0, w, h), p)
    wide = w * front_share
    # The ground already runs round the whole label, so only the front's own drawing goes on top of it.
    LAYOUTS[p.layout].front(c, Panel((w - wide) / 2, 0, wide, h), p)
    for left in (-w * 0.2, w * 0.8):
        _paint_back(c, Panel(left, h * 0.05, w * 0.4, h * 0.9).part(0.1, 0.04, 0.8, 0.92), p)
    return c.pixels()


def _paint_back(c: Canvas, b: Panel, p: Product) -> None:
    paper = light(p.palette[0], 0.86)
    ink = mix(readable(paper, p.palette[1], p.palette[0], "#222222"), "#222222", 0.4)
    u = b.unit
    c.rect(*b, paper, u * 0.04)
    c.text(p.brand, *b.part(0.08, 0.04, 0.84, 0.1), p.display_font, ink)
    words = p.text or "Drawn for a shop that does not exist."
    c.text(words, *b.part(0.08, 0.15, 0.84, 0.17), p.text_font, ink, lines=5)
    for number, claim in enumerate(p.claims[:3]):
        y = b.y + b.h * (0.355 + 0.045 * number)
        c.circle(b.x + b.w * 0.11, y, u * 0.016, readable(paper, p.palette[2], p.palette[0]))
        c.text(claim, b.x + b.w * 0.16, y - b.h * 0.02, b.w * 0.7, b.h * 0.04, p.text_font, ink, align="left")
    top = 0.5
    if p.category in {"Beverages", "Breakfast", "Snacks", "Pantry", "Dairy & chilled", "Pet", "Baby"}:
        for number, row in enumerate(_TABLE):
            y = b.y + b.h * (top + number * 0.032)
            c.line([(b.x + b.w * 0.08, y), (b.x + b.w * 0.92, y)], ink, u * 0.002)
            c.text(row, b.x + b.w * 0.09, y, b.w * 0.5, b.h * 0.03, p.text_font, ink, align="left")
            c.text(
                f"{(int(p.gtin[-4:]) * (number + 3) * 37 % 420) / 10:.1f} g",
                b.x + b.w * 0.6,
                y,
                b.w * 0.31,
                b.h * 0.03,
                p.text_font,
                ink,
                align="right",
            )
    else:
        c.text("Use as directed. Keep in a cool, dry place.", *b.part(0.08, top, 0.84, 0.14), p.text_font, ink, lines=3)
        for number in range(3):
            c.circle(b.x + b.w * (0.3 + 0.2 * number), b.y + b.h * 0.69, u * 0.05, None, ink, u * 0.008)
    plate = b.part(0.16, 0.76, 0.68, 0.2)
    c.rect(*plate, "#ffffff", u * 0.015)
    bars = modules(p.gtin)
    step = plate.w * 0.84 / len(bars)
    for number, bar in enumerate(bars):
        if bar == "1":
            c.rect(plate.x + plate.w * 0.08 + number * step, plate.y + plate.h * 0.1, step, plate.h * 0.62, "#111111")
    c.text(p.gtin, *plate.part(0.1, 0.74, 0.8, 0.2), "DejaVu Sans Mono", "#111111")
