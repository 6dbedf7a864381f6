"""What a label shows besides its words: how its ground is divided, patterns, motifs and flashes."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image

from engine.records import Picture
from engine.training.package_canvas import Canvas, Colour, Palette, mixed
from engine.training.package_fonts import Face
from engine.training.studio_views import cut_out

Rng = np.random.Generator
#: Divides the ground of a label.
Layout = Callable[[Canvas, Palette, Rng], None]


def _band(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    top = 1 - rng.uniform(0.1, 0.35)
    canvas.box(0, top, 1, 1, colours.accent)
    canvas.box(0, top - 0.03, 1, top - 0.015, colours.second)


def _slant(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    left, right = rng.uniform(0.2, 0.6, 2)
    canvas.draw.polygon(canvas.points((0, left), (1, right), (1, 1), (0, 1)), fill=colours.second)
    canvas.box(0, 0, 1, 0.07, colours.accent)


def _hill(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    top = rng.uniform(0.3, 0.6)
    canvas.oval(-0.25, top - 0.04, 1.25, top + 1, colours.second)
    canvas.oval(-0.2, top, 1.2, top + 1, colours.accent)


def _frame(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    count = int(rng.integers(8, 16))
    for stripe in range(count):
        canvas.box(stripe / count, 0, (stripe + 0.45) / count, 1, colours.second)
    inside = canvas.points((0.07, 0.05), (0.93, 0.95))
    canvas.draw.rectangle(inside, fill=colours.ground, outline=colours.accent, width=4)


def _column(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    canvas.box(0, 0, rng.uniform(0.2, 0.36), 1, colours.accent)


def _fade(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    angle = rng.uniform(0, 2 * np.pi)
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, canvas.width), np.linspace(-0.5, 0.5, canvas.height))
    share = np.clip(0.5 + x * np.cos(angle) + y * np.sin(angle), 0, 1)[..., None]
    canvas.image.paste(Image.fromarray((colours.accent * share + np.asarray(canvas.image) * (1 - share)).astype("u1")))


def _halves(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    middle = rng.uniform(0.3, 0.6)
    canvas.box(0, 0, 1, middle, colours.accent)
    canvas.box(0, middle, 1, middle + 0.02, (250, 250, 250))


def _waves(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    x = np.linspace(0, 1, 40)
    for colour, top in ((colours.second, 0.5), (colours.accent, 0.6)):
        crest = top + rng.uniform(0.03, 0.08) * np.sin(x * rng.uniform(4, 11) + rng.uniform(0, 6))
        line = list(zip(x.tolist(), crest.tolist(), strict=True))
        canvas.draw.polygon(canvas.points(*line, (1, 1), (0, 1)), fill=colour)


def _medallion(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    canvas.oval(0.01, 0.03, 0.99, 0.97, colours.accent)
    canvas.oval(0.05, 0.06, 0.95, 0.94, mixed(colours.ground, (255, 255, 250), rng.uniform(0.5, 0.95)))


def _rays(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    centre, count = (0.5, rng.uniform(0.4, 0.8)), int(rng.integers(8, 15))
    for ray in range(count):
        ends = [2 * np.pi * (ray + part) / count for part in (0, 0.5)]
        points = [(centre[0] + 2 * float(np.cos(end)), centre[1] + 2 * float(np.sin(end))) for end in ends]
        canvas.draw.polygon(canvas.points(centre, *points), fill=mixed(colours.ground, colours.accent, 0.6))


def _blocks(canvas: Canvas, colours: Palette, rng: Rng) -> None:
    for colour in (colours.second, colours.accent, mixed(colours.accent, colours.ground, 0.5)):
        left, top = rng.uniform(0, 0.6, 2)
        wide, high = rng.uniform(0.25, 0.6, 2)
        canvas.box(left, top, left + wide, top + high, colour)


LAYOUTS: tuple[Layout, ...] = (
    _band,
    _slant,
    _hill,
    _frame,
    _column,
    _fade,
    _halves,
    _waves,
    _medallion,
    _rays,
    _blocks,
)


def add_pattern(canvas: Canvas, colour: Colour, rng: Rng) -> None:
    """Dots, stripes or checks over the whole label."""
    step = canvas.width * rng.uniform(0.08, 0.18)
    kind = int(rng.integers(4))
    reach = (canvas.width + canvas.height) if kind == 1 else canvas.width
    for column, x in enumerate(np.arange(0, reach, step).tolist()):
        if kind == 1:
            canvas.draw.line([(x, 0), (x - canvas.height, canvas.height)], fill=colour, width=round(step * 0.35))
            continue
        if kind == 2:
            canvas.draw.rectangle([x, 0, x + step * 0.3, canvas.height], fill=colour)
            continue
        for row, y in enumerate(np.arange(0, canvas.height, step).tolist()):
            if kind == 0:
                canvas.draw.circle((x + step * 0.5 * (row % 2), y), step * 0.25, fill=colour)
            elif (row + column) % 2:
                canvas.draw.rectangle([x, y, x + step, y + step], fill=colour)


def add_motif(canvas: Canvas, colours: Palette, middle: tuple[float, float], rng: Rng, photo: Picture | None) -> None:
    """What the label pictures, round about a place: a photo, or shapes; the same `rng` draws the same."""
    x = (middle[0] + rng.uniform(-0.08, 0.08)) * canvas.width
    y = (middle[1] + rng.uniform(-0.04, 0.04)) * canvas.height
    radius = min(canvas.width, canvas.height) * rng.uniform(0.17, 0.28)
    shape = int(rng.integers(len(_SHAPES) + 3))
    if photo is not None and shape >= len(_SHAPES):
        _photo(canvas, photo, (x, y), radius * 1.15, round_off=rng.random() < 0.4)
        return
    draw, count = _SHAPES[shape % len(_SHAPES)], int(rng.integers(1, 7))
    turn = rng.uniform(0, 2 * np.pi)
    for each in range(count):
        size = radius * rng.uniform(0.35, 0.8) if count > 1 else radius
        angle, far = turn + each * 2.4, 0.0 if count == 1 else radius * rng.uniform(0.3, 0.8)
        draw(canvas, (x + far * float(np.cos(angle)), y + far * float(np.sin(angle))), size, colours.motif, rng)


def _photo(canvas: Canvas, photo: Picture, middle: tuple[float, float], radius: float, round_off: bool) -> None:
    """A photo in a circle, or the thing on it without its white ground."""
    side = max(8, round(2 * radius))
    height, width = photo.shape[:2]
    scale = side / (min(height, width) if round_off else max(height, width))
    size = max(side if round_off else 1, round(width * scale)), max(side if round_off else 1, round(height * scale))
    small = np.asarray(cv2.resize(photo, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    mask = None if round_off else cut_out(small)
    if mask is None:
        top, left = max(0, size[1] - side) // 2, max(0, size[0] - side) // 2
        small = np.ascontiguousarray(small[top : top + side, left : left + side])
        mask = np.zeros(small.shape[:2], np.uint8)
        centre = (small.shape[1] // 2, small.shape[0] // 2)
        cv2.ellipse(mask, centre, centre, 0, 0, 360, [255], -1, cv2.LINE_AA)
    canvas.paste(small, mask, round(middle[0] - small.shape[1] / 2), round(middle[1] - small.shape[0] / 2))


Shape = Callable[[Canvas, tuple[float, float], float, Colour, Rng], None]


def _fruit(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    x, y = middle
    canvas.draw.ellipse([x - size, y - size * 0.9, x + size, y + size * 0.9], colour, mixed(colour, (0, 0, 0), 0.3))
    canvas.draw.ellipse([x - size * 0.6, y - size * 0.6, x - size * 0.2, y - size * 0.2], mixed(colour, _WHITE, 0.6))
    canvas.draw.pieslice([x - size * 0.2, y - size * 1.3, x + size * 0.7, y - size * 0.5], 120, 300, (60, 130, 50))


def _polygon(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    sides, turn = int(rng.integers(3, 8)), int(rng.integers(360))
    canvas.draw.regular_polygon((*middle, size), sides, turn, colour, mixed(colour, _WHITE, 0.5))


def _slice(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    x, y = middle
    start = int(rng.integers(360))
    box = [x - size, y - size, x + size, y + size]
    canvas.draw.pieslice(box, start, start + int(rng.integers(60, 300)), colour, _WHITE)


def _stroke(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    x, y = middle
    ends = [(x - size, y + rng.normal(0, size / 2)), (x + size, y + rng.normal(0, size / 2))]
    canvas.draw.line(ends, colour, round(3 + size / 4))


def _rings(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    for ring in range(int(rng.integers(2, 5))):
        canvas.draw.circle(middle, size * (1 - ring * 0.22), _WHITE if ring % 2 else colour)


def _leaf(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    along, turn = np.linspace(0, np.pi, 12), rng.uniform(0, 2 * np.pi)
    outline = np.concatenate([np.stack([np.cos(along), 0.35 * np.sin(along)], 1) * sign for sign in (1, -1)])
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    leaf = (outline @ rotation * size + middle).tolist()
    canvas.draw.polygon([(x, y) for x, y in leaf], colour, mixed(colour, (0, 0, 0), 0.4))
    canvas.draw.line([tuple(leaf[0]), tuple(leaf[12])], mixed(colour, _WHITE, 0.5), 2)


def _flower(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    petals = int(rng.integers(5, 9))
    for angle in (2 * np.pi * np.arange(petals) / petals).tolist():
        place = (middle[0] + 0.6 * size * float(np.cos(angle)), middle[1] + 0.6 * size * float(np.sin(angle)))
        canvas.draw.circle(place, size * 0.38, colour, mixed(colour, (0, 0, 0), 0.25))
    canvas.draw.circle(middle, size * 0.3, _WHITE)


def _drop(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    x, y = middle
    canvas.draw.circle((x, y + size * 0.3), size * 0.65, colour)
    canvas.draw.polygon([(x - size * 0.6, y + size * 0.1), (x + size * 0.6, y + size * 0.1), (x, y - size)], colour)


def _starred(canvas: Canvas, middle: tuple[float, float], size: float, colour: Colour, rng: Rng) -> None:
    points = _star_points(middle, size, int(rng.integers(5, 14)), rng.uniform(0.4, 0.75))
    canvas.draw.polygon(points, colour, _WHITE)


_WHITE = (255, 255, 255)
_SHAPES: tuple[Shape, ...] = (_fruit, _polygon, _slice, _stroke, _rings, _leaf, _flower, _drop, _starred)


def _star_points(middle: tuple[float, float], size: float, points: int, inner: float) -> list[tuple[float, float]]:
    angles = np.pi * np.arange(2 * points) / points
    radii = np.where(np.arange(2 * points) % 2, inner * size, size)
    place = np.stack([np.cos(angles), np.sin(angles)], 1) * radii[:, None] + middle
    return [(x, y) for x, y in place.tolist()]


def add_star(canvas: Canvas, text: str, face: Face, height: float, rng: Rng) -> None:
    """A flash with a promise at the left or right edge, at a height where no word stands."""
    size = min(canvas.width, canvas.height) * rng.uniform(0.13, 0.19)
    x = size * 1.15 if rng.random() < 0.5 else canvas.width - size * 1.15
    y = canvas.height * height
    colour = ((235, 40, 40), (250, 215, 30), (20, 120, 60))[int(rng.integers(3))]
    canvas.draw.polygon(_star_points((x, y), size, 12, 0.8), colour)
    canvas.write(text, face, (x / canvas.width, height, 1.3 * size / canvas.width, 0.7 * size / canvas.height))
