"""What stands round the item: lights, surroundings and the camera, as plain records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalogs.studio.meshes import Floats
from catalogs.studio.shapes import Part

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Light:
    """A soft box: a rectangle at `place` that faces `aim`; sizes in decimetres, `power` is radiance."""

    place: Place
    aim: Place
    width: float
    height: float
    power: float
    colour: Place = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Setting:
    """Surroundings: parts that are not the item, lights, the light from everywhere and the depth of light paths."""

    parts: tuple[Part, ...]
    lights: tuple[Light, ...]
    sky: Place
    depth: int = 5


@dataclass(frozen=True)
class Camera:
    """A camera: field of view in degrees over the longer side; an aperture above 0 defocuses what is not at `focus`."""

    place: Place
    aim: Place
    fov: float
    width: int
    height: int
    aperture: float = 0.0
    focus: float = 1.0
    up: Place = (0.0, 0.0, 1.0)


def all_vertices(parts: Sequence[Part]) -> Floats:
    """Every corner of the parts, (N, 3)."""
    return np.concatenate([part.mesh.vertices for part in parts])


def framed(
    points: Floats,
    azimuth: float,
    elevation: float,
    fov: float,
    width: int,
    height: int,
    fill: float,
    roll: float = 0.0,
) -> Camera:
    """A camera at the given angles (degrees; azimuth 0 looks at the front, positive from the right) that shows all
    points within `fill` of the picture."""
    a, e = np.radians(azimuth), np.radians(elevation)
    out = np.array([np.sin(a) * np.cos(e), -np.cos(a) * np.cos(e), np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    up = np.cross(out, right)
    aim = (points.min(0) + points.max(0)) / 2
    tan = np.tan(np.radians(fov) / 2)
    tan_x, tan_y = (tan, tan * height / width) if width >= height else (tan * width / height, tan)
    distance = 1.0
    for _ in range(6):
        rel = points - aim
        x, y, z = rel @ right, rel @ up, rel @ out
        distance = float(max((np.abs(x) / (tan_x * fill) + z).max(), (np.abs(y) / (tan_y * fill) + z).max()))
        sx, sy = x / (distance - z), y / (distance - z)
        aim = (
            aim + right * float((sx.min() + sx.max()) / 2 * distance) + up * float((sy.min() + sy.max()) / 2 * distance)
        )
    tilt = np.radians(roll)
    top = up * np.cos(tilt) + right * np.sin(tilt)
    place = aim + out * distance
    return Camera(_place(place), _place(aim), fov, width, height, focus=distance, up=_place(top))


def _place(vector: Floats) -> Place:
    return float(vector[0]), float(vector[1]), float(vector[2])
