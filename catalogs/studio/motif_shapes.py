"""The registry of illustrations and the parts they share: leaves, petals, slices, highlights; in units of -1..1."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtGui import QPainterPath

from catalogs.studio.paint import Canvas, dark, light, smooth

Motif = Callable[[Canvas, str, str], None]
MOTIFS: dict[str, Motif] = {}


def motif(*names: str) -> Callable[[Motif], Motif]:
    """Register an illustration under its names."""

    def keep(draw: Motif) -> Motif:
        MOTIFS.update(dict.fromkeys(names, draw))
        return draw

    return keep


def leaf(c: Canvas, x: float, y: float, length: float, width: float, angle: float, colour: str) -> None:
    """A pointed leaf from its stalk at (x, y); 0 degrees points right."""
    with c.at(x, y, 1.0, angle):
        path = QPainterPath()
        path.cubicTo(length * 0.3, -width, length * 0.75, -width * 0.8, length, 0)
        path.cubicTo(length * 0.75, width * 0.8, length * 0.3, width, 0, 0)
        c.path(path, colour)
        half = QPainterPath()
        half.cubicTo(length * 0.3, width, length * 0.75, width * 0.8, length, 0)
        half.closeSubpath()
        c.path(half, dark(colour, 0.18))
        c.line([(0, 0), (length * 0.85, 0)], light(colour, 0.35), width * 0.08)


def ball(c: Canvas, x: float, y: float, rx: float, ry: float, colour: str) -> None:
    """A round fruit: a body, its shaded side and a highlight."""
    c.ellipse(x, y, rx, ry, colour)
    body, cut = QPainterPath(), QPainterPath()
    body.addEllipse(100 * (x - rx), 100 * (y - ry), 200 * rx, 200 * ry)
    cut.addEllipse(100 * (x - rx * 1.18), 100 * (y - ry * 1.2), 200 * rx, 200 * ry)
    # Path arithmetic flattens curves to a fixed tolerance, so it is done large.
    with c.at(0, 0, 0.01):
        c.path(body.subtracted(cut), dark(colour, 0.2))
    with c.at(x - rx * 0.38, y - ry * 0.42, 1.0, -35):
        c.ellipse(0, 0, rx * 0.24, ry * 0.12, light(colour, 0.6))


def slice_of(c: Canvas, rind: str, flesh: str, parts: int = 9) -> None:
    """A citrus slice that fills the unit circle."""
    c.circle(0, 0, 1, rind)
    c.circle(0, 0, 0.9, light(flesh, 0.82))
    for number in range(parts):
        with c.at(0, 0, 1.0, 360 * number / parts):
            wide = math.pi / parts * 0.82
            outer = 0.8
            points = [
                (0.1, 0.0),
                (outer * math.cos(wide), -outer * math.sin(wide)),
                (outer + 0.02, 0.0),
                (outer * math.cos(wide), outer * math.sin(wide)),
            ]
            c.path(_wedge(points), flesh)
            c.line([(0.3, 0.04), (0.6, 0.07)], light(flesh, 0.35), 0.035)


def _wedge(points: list[tuple[float, float]]) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(*points[0])
    path.lineTo(*points[1])
    path.quadTo(points[2][0] + 0.05, 0, *points[3])
    path.closeSubpath()
    return path


def flower(c: Canvas, petals: int, petal: str, heart: str, wide: float = 0.24) -> None:
    """A flower seen from above that fills the unit circle."""
    for number in range(petals):
        with c.at(0, 0, 1.0, 360 * number / petals):
            c.ellipse(0.62, 0, 0.38, wide, petal if number % 2 else dark(petal, 0.06))
    c.circle(0, 0, 0.32, heart)
    c.circle(0.05, 0.06, 0.2, dark(heart, 0.15))


def tear(c: Canvas, x: float, y: float, r: float, colour: str, stretch: float = 1.6) -> None:
    """A drop whose round part is centred on (x, y)."""
    path = QPainterPath()
    path.moveTo(x, y - r * stretch)
    path.cubicTo(x + r * 0.35, y - r * 0.8, x + r, y - r * 0.5, x + r, y + r * 0.1)
    path.cubicTo(x + r, y + r * 0.7, x + r * 0.5, y + r, x, y + r)
    path.cubicTo(x - r * 0.5, y + r, x - r, y + r * 0.7, x - r, y + r * 0.1)
    path.cubicTo(x - r, y - r * 0.5, x - r * 0.35, y - r * 0.8, x, y - r * stretch)
    c.path(path, colour)
    c.path(
        smooth([(x - r * 0.6, y), (x - r * 0.45, y + r * 0.5), (x - r * 0.1, y + r * 0.72)], closed=False),
        None,
        light(colour, 0.55),
        r * 0.13,
    )


def star(points: int, outer: float, inner: float) -> list[tuple[float, float]]:
    """Corners of a star around the origin."""
    corners = []
    for number in range(points * 2):
        reach = inner if number % 2 else outer
        turn = math.pi * number / points - math.pi / 2
        corners.append((reach * math.cos(turn), reach * math.sin(turn)))
    return corners
