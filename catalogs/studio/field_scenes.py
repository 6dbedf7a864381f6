"""The places of the samples: a shop shelf, a wooden counter, a hand in an aisle; none of them is the light tent."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np

from catalogs.studio import hands, surroundings
from catalogs.studio.materials import Material, metal, paper, plastic
from catalogs.studio.meshes import Floats, Mesh, grid, lathe, rotation, rounded_box
from catalogs.studio.samples_plan import Sample
from catalogs.studio.setting import Camera, Light, Place, Setting, all_vertices, framed
from catalogs.studio.shapes import Part

# Colour of the main light, of the sky, their powers.
MOODS: dict[str, tuple[Place, Place, float, float]] = {
    "store": ((0.95, 1.0, 1.0), (0.9, 0.95, 1.0), 3.2, 0.3),
    "warm": ((1.0, 0.78, 0.5), (1.0, 0.82, 0.62), 4.4, 0.16),
    "cold": ((0.72, 0.86, 1.0), (0.75, 0.87, 1.0), 3.6, 0.22),
    "dim": ((1.0, 0.9, 0.74), (0.7, 0.78, 1.0), 1.6, 0.07),
}
WALLS = ("#8fa7a3", "#c9b79c", "#5d6d7e", "#a3b18a", "#b08968")


def plane(width: float, height: float, at: Place, upright: bool, material: Material) -> Part:
    """A flat sheet on the floor or, upright, standing on its lower edge."""
    s = np.linspace(-0.5, 0.5, 3)
    rows = [[(x * width, 0.0, (z + 0.5) * height) if upright else (x * width, z * height, 0.0) for x in s] for z in s]
    return Part(grid(np.array(rows)).moved(*at), material)


def _box(width: float, depth: float, height: float, at: Place, material: Material, r: float = 0.03) -> list[Part]:
    return [Part(mesh.moved(*at), material) for mesh in rounded_box(width, depth, height, r).values()]


def _blank(dice: random.Random, height: float) -> list[tuple[Mesh, Material]]:
    """A neighbour without any print: what else stands about is never an item of the catalog."""
    hue = dice.choice(
        ("#b23a48", "#e0a458", "#3d6b7d", "#6a8d55", "#e8dcc4", "#44355b", "#d98c5f", "#f0efeb", "#2f4858")
    )
    tall = height * dice.uniform(0.55, 1.1)
    kind = dice.randrange(3)
    if kind == 0:
        return [
            (mesh, Material(hue, roughness=0.4))
            for mesh in rounded_box(tall * dice.uniform(0.4, 0.7), tall * 0.3, tall, 0.03).values()
        ]
    r = tall * dice.uniform(0.16, 0.26)
    if kind == 1:
        return [
            (lathe([(r, 0.0), (r, tall * 0.94), (r * 0.95, tall), (0.001, tall)]), metal("#c8c8c6")),
            (lathe([(r + 0.01, tall * 0.08), (r + 0.01, tall * 0.9)]), paper(hue)),
        ]
    return [
        (lathe([(r * 0.9, 0.0), (r, 0.05), (r, tall * 0.6), (r * 0.4, tall * 0.8), (r * 0.35, tall)]), plastic(hue)),
        (lathe([(r * 0.42, tall * 0.88), (r * 0.42, tall), (0.001, tall)]), plastic("#f2f2f0")),
    ]


def neighbours(dice: random.Random, points: np.ndarray, row_y: float, near: float) -> list[Part]:
    """Blank things on both sides of the item, in a row at depth `row_y`, the first one `near` away from it."""
    parts = []
    height = float(points[:, 2].max())
    for side in (-1, 1):
        x = side * (float(np.abs(points[:, 0]).max()) + near)
        for _ in range(3):
            group = _blank(dice, max(height, 1.0))
            half = max(float(np.abs(mesh.vertices[:, 0]).max()) for mesh, _ in group)
            x += side * half
            turn = rotation("z", dice.uniform(-18, 18))
            parts += [
                Part(mesh.turned(turn).moved(x, row_y + dice.uniform(-0.1, 0.2), 0.0), material)
                for mesh, material in group
            ]
            x += side * (half + dice.uniform(0.05, 0.3))
    return parts


def _shelf(sample: Sample, points: np.ndarray, dice: random.Random) -> tuple[list[Part], list[Light]]:
    height, depth = float(points[:, 2].max()), float(points[:, 1].max())
    white = Material("#dcdcd8", roughness=0.35)
    front = float(points[:, 1].min()) - 0.25
    parts = [
        plane(30, 6, (0, front + 3, 0), False, white),
        plane(30, 14, (0, depth + 1.6, -4), True, Material("#b9bcbc", roughness=0.6)),
    ]
    parts += _box(30, 0.12, 0.42, (0, front - 0.02, -0.45), Material("#eeeeea", roughness=0.3))
    tag_colour = dice.choice(("#ffd400", "#ffffff", "#e63946"))
    for k in (-2, 0, 2):
        parts += _box(0.7, 0.02, 0.3, (k * 1.3 + 0.3, front - 0.1, -0.39), paper(tag_colour), 0.008)
    above = height + dice.uniform(0.5, 1.1)
    parts += _box(30, 5.0, 0.14, (0, front + 3.0, above), white)
    parts += neighbours(dice, points, 0.15, 0.12)
    lamp = Light((dice.uniform(-3, 3), front - 5.0, above + 4.0), (0, 0, height * 0.5), 8.0, 1.6, 4.0)
    return parts, [lamp, Light((dice.choice((-7.0, 7.0)), front - 3.0, 3.0), (0, 0, height / 2), 2.5, 4.0, 0.8)]


def _counter(sample: Sample, points: np.ndarray, dice: random.Random) -> tuple[list[Part], list[Light]]:
    height, depth = float(points[:, 2].max()), float(points[:, 1].max())
    top = Material(
        surroundings.wood(sample.seed % 9999, dice.choice(("#a9754a", "#7b4f2e", "#c8a477"))), roughness=0.35, coat=0.2
    )
    wall = (
        surroundings.tiles(sample.seed % 777, dice.choice(WALLS))
        if dice.random() < 0.4
        else surroundings.plaster(sample.seed % 777, dice.choice(WALLS))
    )
    # A garment is seen from above, through lenses that would look past the edge of a small table.
    laid_flat = height < 0.5 and float(np.ptp(points[:, 0])) > 1.2
    size = 26.0 if laid_flat else max(9.0, 4 * height)
    parts = [
        plane(size * 1.6, size * 1.2, (0, depth, 0), False, top),
        plane(size * 3, size * 2, (0, depth + size * 0.45, -0.5), True, Material(wall, roughness=0.5)),
    ]
    behind = neighbours(dice, points * np.array([0.3, 1, 1]), depth + size * 0.22, 0.4)
    lamp = Light((dice.choice((-4.5, 4.5)), -2.0, 4.5 + height), (0, 0, height * 0.4), 1.6, 1.6, 9.0)
    return [*parts, *behind], [lamp, Light((0, -5.0, 6.0), (0, 0, 0.5), 4.0, 2.0, 0.7)]


def _held(sample: Sample, points: np.ndarray, dice: random.Random) -> tuple[list[Part], list[Light]]:
    height, depth = float(points[:, 2].max()), float(points[:, 1].max())
    back = Material(surroundings.aisle(sample.seed % 9999), roughness=0.9, specular=0.0)
    parts = [
        plane(46, 34, (0, depth + 14, -15 + height / 2), True, back),
        plane(60, 40, (0, 10, -9), False, Material("#8c8881", roughness=0.4)),
    ]
    wide = float(points[:, 0].max())
    parts += hands.holding(points, sample.grip, min(0.75, wide * 1.3), sample.skin)
    lamps = [
        Light((dice.uniform(-4, 4), -4.0, 6.0 + height), (0, 0, height / 2), 5.0, 2.0, 5.0),
        Light((0, 8.0, 12.0), (0, 13, 0), 12.0, 3.0, 3.0),
    ]
    return parts, lamps


_PLACES = {"shelf": _shelf, "counter": _counter, "hand": _held}


def _unit(vector: Floats) -> Floats:
    return vector / np.linalg.norm(vector)


def _seen(light: Light, camera: Camera) -> bool:
    """Whether any part of the lamp is in the picture."""
    facing = _unit(np.array(light.aim) - np.array(light.place))
    across = _unit(np.cross([0.0, 0.01, 1.0], facing))
    u, v = np.meshgrid(np.linspace(-0.5, 0.5, 41), np.linspace(-0.5, 0.5, 41))
    spots = (
        np.array(light.place)
        + u[..., None] * light.width * across
        + v[..., None] * light.height * np.cross(facing, across)
    )
    out = _unit(np.array(camera.aim) - np.array(camera.place))
    right = _unit(np.cross(out, camera.up))
    rel = spots - np.array(camera.place)
    ahead = rel @ out
    tan = np.tan(np.radians(camera.fov) / 2) / max(camera.width, camera.height)
    inside = (np.abs(rel @ right) < ahead * tan * camera.width) & (
        np.abs(rel @ np.cross(right, out)) < ahead * tan * camera.height
    )
    return bool((inside & (ahead > 0)).any())


def _out_of_sight(light: Light, camera: Camera) -> Light:
    """The lamp, moved up and aside until the camera cannot see it; its power grows with the distance."""
    if not _seen(light, camera):
        return light
    aim = np.array(light.aim)
    rel = np.array(light.place) - aim
    for step in range(1, 30):
        moved = rel * (1 + 0.08 * step) + np.array([0.6 * step * (-1.0 if rel[0] < 0 else 1.0), 0.0, 0.3 * step])
        x, y, z = (float(v) for v in aim + moved)
        power = light.power * float((moved @ moved) / (rel @ rel))
        candidate = replace(light, place=(x, y, z), power=power)
        if not _seen(candidate, camera):
            return candidate
    return light


def scene(sample: Sample, item: list[Part]) -> tuple[list[Part], Setting, Camera]:
    """The item as it stands there, what is round it and the camera of this sample."""
    dice = random.Random(sample.seed)
    turn = rotation("z", sample.yaw)
    turned = [Part(part.mesh.turned(turn), part.material) for part in item]
    points = all_vertices(turned)
    around, lamps = _PLACES[sample.scene](sample, points, dice)
    colour, sky, power, ambient = MOODS[sample.mood]
    scale = power / 3.2
    lights = tuple(replace(lamp, power=lamp.power * scale, colour=colour) for lamp in lamps)
    elevation = min(sample.elevation, 16.0) if sample.scene == "shelf" else sample.elevation
    camera = framed(points, 0.0, elevation, sample.fov, sample.width, sample.height, sample.fill, sample.roll)
    camera = replace(camera, aperture=sample.aperture, focus=camera.focus * (1 + sample.focus_error))
    lights = tuple(_out_of_sight(light, camera) for light in lights)
    depth = 8 if any(part.material.glass for part in item) else 5
    return turned, Setting(tuple(around), lights, (sky[0] * ambient, sky[1] * ambient, sky[2] * ambient), depth), camera
