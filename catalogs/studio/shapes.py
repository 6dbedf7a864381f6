"""What every body is made with: parts, the registry of bodies, and the pieces they share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catalogs.studio import labels, materials
from catalogs.studio.materials import Material
from catalogs.studio.meshes import Mesh, lathe, rounded_box, softened
from catalogs.studio.paint import Pixels
from catalogs.studio.table import Product

CM = 0.1


@dataclass(frozen=True)
class Part:
    """One surface and its material."""

    mesh: Mesh
    material: Material


Builder = Callable[[Product], list[Part]]
SHAPES: dict[str, Builder] = {}
FLAT = frozenset({"shirt", "socks"})


def shape(name: str) -> Callable[[Builder], Builder]:
    """Register a body under its name."""

    def keep(build: Builder) -> Builder:
        SHAPES[name] = build
        return build

    return keep


def disc(radius: float, z: float, material: Material, squash: float = 1.0) -> Part:
    """A flat circle that faces upwards."""
    return Part(lathe([(radius, z), (radius * 0.5, z), (0.0005, z)], squash), material)


def turned(
    p: Product, profile: list[tuple[float, float]], material: Material, squash: float = 1.0, passes: int = 3
) -> Part:
    """A turned part from a profile whose corners are softened."""
    return Part(lathe(softened(profile, passes), squash), material)


def round_label(
    p: Product,
    radius: float,
    low: float,
    high: float,
    squash: float = 1.0,
    top_radius: float | None = None,
    share: float = 0.36,
    surface: Callable[[Pixels], Material] = materials.paper,
) -> Part:
    """A label round a turned body between two heights; its front takes `share` of the way round."""
    art = labels.wrap(p, 2 * np.pi * radius * (1 + squash) / 2, high - low, share)
    line = [
        (radius + 0.004, low),
        ((radius + (top_radius or radius)) / 2 + 0.004, (low + high) / 2),
        ((top_radius or radius) + 0.004, high),
    ]
    return Part(lathe(line, squash), surface(art))


def carton(p: Product, w: float, d: float, h: float, r: float, surface: Callable[[Pixels], Material]) -> list[Part]:
    """A box on the floor with a drawing for each face."""
    faces = rounded_box(w, d, h, r)
    art = {
        "front": labels.front(p, w, h),
        "back": labels.back(p, w, h),
        "top": labels.lid(p, w, d),
        "bottom": labels.lid(p, w, d),
    }
    art["left"] = art["right"] = labels.side(p, d, h)
    return [Part(faces[name], surface(art[name])) for name in faces]


def dimensions(p: Product) -> tuple[float, float, float]:
    """Width, depth and height in decimetres."""
    return p.size["width"] * CM, p.size["depth"] * CM, p.size["height"] * CM


def roundness(p: Product) -> tuple[float, float]:
    """Radius and height in decimetres."""
    return p.size["radius"] * CM, p.size["height"] * CM
