"""The catalog pictures: one light tent, three views of each product."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from catalogs.studio.materials import Material
from catalogs.studio.meshes import grid, rotation
from catalogs.studio.setting import Camera, Light, Setting, all_vertices, framed
from catalogs.studio.shapes import FLAT, Part

PIXELS = 480


@dataclass(frozen=True)
class View:
    """Where a catalog picture is taken from, in degrees."""

    azimuth: float
    elevation: float


STANDING = (View(-6, 9), View(33, 17), View(192, 11))
LYING = (View(0, 66), View(24, 44), View(-38, 50))
LOW = (View(-8, 34), View(34, 26), View(188, 24))


def views(shape: str) -> tuple[View, ...]:
    """The views of a product, by its body."""
    if shape in FLAT:
        return LYING
    return LOW if shape in {"fish_tin", "butter", "towel"} else STANDING


def light_tent(size: float) -> Setting:
    """A seamless sweep, a key soft box on the left, a fill on the right, a strip behind, for an item of this size."""
    s = size
    turn = np.linspace(0, np.pi / 2, 20)
    reach, bend = 7.0 * s, 3.0 * s
    curve = [
        (-9.0 * s, 0.0),
        *((reach + bend * float(np.sin(t)), bend * float(1 - np.cos(t))) for t in turn),
        (reach + bend, 14.0 * s),
    ]
    rows = np.array([[(x, y, z) for x in np.linspace(-12 * s, 12 * s, 4)] for y, z in curve])
    sweep = Part(grid(rows), Material("#eeedea", roughness=0.9, specular=0.1))
    aim = (0.0, 0.0, 0.4 * s)
    return Setting(
        parts=(sweep,),
        lights=(
            Light((-3.6 * s, -3.0 * s, 4.6 * s), aim, 3.4 * s, 3.4 * s, 5.6, (1.0, 0.985, 0.96)),
            Light((4.4 * s, -2.4 * s, 2.4 * s), aim, 2.2 * s, 4.0 * s, 2.6, (0.97, 0.985, 1.0)),
            Light((1.2 * s, 3.2 * s, 4.6 * s), aim, 3.6 * s, 1.0 * s, 5.0),
            Light((0.0, -0.5 * s, 7.0 * s), aim, 5.0 * s, 5.0 * s, 1.0),
            # Two floods for the sweep alone, out of sight above it, so that the ground fades to white.
            Light((-5.0 * s, 3.6 * s, 7.5 * s), (0.0, 9.0 * s, 2.0 * s), 4.0 * s, 2.0 * s, 8.0),
            Light((5.0 * s, 3.6 * s, 7.5 * s), (0.0, 9.0 * s, 2.0 * s), 4.0 * s, 2.0 * s, 8.0),
        ),
        sky=(0.3, 0.3, 0.305),
    )


def scene(parts: list[Part], view: View) -> tuple[list[Part], Setting, Camera]:
    """The item turned on its table, the tent and the camera, for one view."""
    table = rotation("z", -view.azimuth)
    turned = [Part(part.mesh.turned(table), part.material) for part in parts]
    points = all_vertices(turned)
    size = float(np.linalg.norm(points.max(0) - points.min(0))) / 2
    camera = framed(points, 0.0, view.elevation, 21.0, PIXELS, PIXELS, 0.84)
    # Light needs more bounces to get through glass and out again.
    depth = 10 if any(part.material.glass for part in parts) else 4
    return turned, replace(light_tent(size), depth=depth), camera
