"""The clip: a hand-held camera goes along a counter from one item to the next."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from catalogs.studio import surroundings
from catalogs.studio.field_scenes import MOODS, neighbours, plane
from catalogs.studio.materials import Material
from catalogs.studio.meshes import rotation
from catalogs.studio.samples_plan import SEED
from catalogs.studio.setting import Camera, Light, Setting, all_vertices, framed
from catalogs.studio.shapes import Part

FRAMES_PER_SECOND = 12
SECONDS_PER_ITEM = 2.0
SPACING = 4.2


@dataclass(frozen=True)
class Clip:
    """Everything that the clip shows: the items where they stand, what is round them, a camera for each frame."""

    items: list[Part]
    setting: Setting
    cameras: list[Camera]


def scene(items: Sequence[list[Part]], seed: int = SEED) -> Clip:
    """The counter with the items in a row, and a camera that rests on each for most of its two seconds."""
    dice = random.Random(seed + 2)
    placed: list[Part] = []
    views = []
    for number, item in enumerate(items):
        turn = rotation("z", dice.uniform(-18, 18))
        moved = [Part(part.mesh.turned(turn).moved(x=number * SPACING), part.material) for part in item]
        placed += moved
        views.append(framed(all_vertices(moved), dice.uniform(-8, 8), dice.uniform(9, 18), 44.0, 640, 480, 0.72))
    points = all_vertices(placed)
    middle = (len(items) - 1) * SPACING / 2
    wood = Material(surroundings.wood(31, "#8a5a36"), roughness=0.35, coat=0.2)
    wall = Material(surroundings.plaster(32, "#7f9a94"), roughness=0.6)
    around = [plane(60, 40, (middle, 0, 0), False, wood), plane(80, 40, (middle, 9, -2), True, wall)]
    crowd = neighbours(dice, points * np.array([0.02, 1, 0.7]), 3.2, 1.0)
    around += [Part(part.mesh.moved(x=middle), part.material) for part in crowd]
    colour, sky, power, ambient = MOODS["store"]
    lamps = (Light((middle - 5, -4, 8), (middle, 0, 1), 6, 3, 1.5 * power, colour), Light((middle + 8, -3, 5), (middle, 0, 1), 3, 3, 0.6 * power))
    setting = Setting(tuple(around), lamps, (sky[0] * ambient, sky[1] * ambient, sky[2] * ambient), 4)
    return Clip(placed, setting, _path(views, dice))


def _path(views: Sequence[Camera], dice: random.Random) -> list[Camera]:
    count = round(len(views) * SECONDS_PER_ITEM * FRAMES_PER_SECOND)
    waves = [(dice.uniform(0.5, 2.2), dice.uniform(0, 6.3), dice.uniform(0.3, 1.0)) for _ in range(18)]
    cameras = []
    for frame in range(count):
        position = (frame + 0.5) / count * len(views) - 0.5
        low = int(np.clip(np.floor(position), 0, len(views) - 2))
        share = float(np.clip((position - low - 0.32) / 0.36, 0, 1))
        share = share * share * (3 - 2 * share)
        a, b = views[low], views[low + 1]
        seconds = frame / FRAMES_PER_SECOND
        shake = [sum(w[2] * np.sin(6.3 * w[0] * seconds + w[1]) for w in waves[k * 3 : k * 3 + 3]) for k in range(6)]
        place = np.array(a.place) * (1 - share) + np.array(b.place) * share + 0.022 * np.array(shake[:3])
        aim = np.array(a.aim) * (1 - share) + np.array(b.aim) * share + 0.028 * np.array(shake[3:])
        cameras.append(Camera((float(place[0]), float(place[1]), float(place[2])), (float(aim[0]), float(aim[1]), float(aim[2])), 44.0, 640, 480,
                              up=(0.02 * float(shake[5]), 0.0, 1.0)))
    return cameras
