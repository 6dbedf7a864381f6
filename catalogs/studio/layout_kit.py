"""What every label layout uses: the panel it fills, the registry, and the pieces they share."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from catalogs.studio.paint import Canvas, luminance, smooth
from catalogs.studio.table import Product


class Panel(NamedTuple):
    """A rectangle of the label, in pixels."""

    x: float
    y: float
    w: float
    h: float

    def part(self, x: float, y: float, w: float, h: float) -> Panel:
        """A rectangle inside this one, in fractions of it."""
        return Panel(self.x + self.w * x, self.y + self.h * y, self.w * w, self.h * h)

    def path(self) -> QPainterPath:
        """The rectangle as a path, for clipping."""
        path = QPainterPath()
        path.addRect(QRectF(*self))
        return path

    @property
    def unit(self) -> float:
        """A length that keeps strokes and margins in proportion on wide and tall panels."""
        return min(self.w, self.h * 0.75)

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre."""
        return self.x + self.w / 2, self.y + self.h / 2


Painter = Callable[[Canvas, Panel, Product], None]


@dataclass(frozen=True)
class Layout:
    """How a brand draws: the ground runs round the whole package, the front stands on it."""

    ground: Painter
    front: Painter


LAYOUTS: dict[str, Layout] = {}


def plain(c: Canvas, b: Panel, p: Product) -> None:
    """A ground of one colour."""
    c.rect(*b, p.palette[0])


def layout(name: str, ground: Painter = plain) -> Callable[[Painter], Painter]:
    """Register the decorated front under `name`, with the ground it stands on."""

    def keep(front: Painter) -> Painter:
        LAYOUTS[name] = Layout(ground, front)
        return front

    return keep


def readable(ground: str, *inks: str) -> str:
    """The ink that stands out most from the ground."""
    return max(inks, key=lambda ink: abs(luminance(ink) - luminance(ground)))


def pill(c: Canvas, b: Panel, words: str, fill: str, ink: str, family: str) -> None:
    """Words in a capsule."""
    c.rect(*b, fill, b.h / 2)
    c.text(words, *b.part(0.08, 0.16, 0.84, 0.68), family, ink, bold=True)


def stamp(c: Canvas, x: float, y: float, r: float, words: str, fill: str, ink: str, family: str) -> None:
    """A round seal with a claim in it."""
    c.polygon(
        [
            (
                x + (r if k % 2 else r * 0.9) * math.cos(k * math.pi / 18),
                y + (r if k % 2 else r * 0.9) * math.sin(k * math.pi / 18),
            )
            for k in range(36)
        ],
        fill,
    )
    c.circle(x, y, r * 0.78, None, ink, r * 0.03)
    c.text(words, x - r * 0.62, y - r * 0.5, r * 1.24, r, family, ink, bold=True, lines=3)


def rays(c: Canvas, b: Panel, x: float, y: float, colour: str, count: int = 22) -> None:
    """A sunburst from (x, y) over the panel."""
    reach = b.w + b.h
    with c.clipped(b.path()):
        for k in range(count):
            a, z = math.tau * k / count, math.tau * (k + 0.5) / count
            c.polygon(
                [
                    (x, y),
                    (x + reach * math.cos(a), y + reach * math.sin(a)),
                    (x + reach * math.cos(z), y + reach * math.sin(z)),
                ],
                colour,
            )


def hills(c: Canvas, b: Panel, level: float, swing: float, colour: str, phase: float, periods: int = 2) -> None:
    """A rolling edge at `level` (fraction from the top), filled down to the bottom; closes round a cylinder."""
    steps = 12 * periods
    points = [
        (b.x + b.w * k / steps, b.y + b.h * (level + swing * math.sin(math.tau * periods * k / steps + phase)))
        for k in range(-2, steps + 3)
    ]
    path = smooth(points, closed=False)
    path.lineTo(QPointF(b.x + b.w * 1.2, b.y + b.h * 1.05))
    path.lineTo(QPointF(b.x - b.w * 0.2, b.y + b.h * 1.05))
    with c.clipped(b.path()):
        c.path(path, colour)
