"""The clip: a hand-held camera turns from one item on a counter to the next.

The counter is rendered once, through a very wide lens; each frame is the view of a narrower camera that stands at the
same point, so it is an exact reprojection (a homography) and costs nothing to render.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from catalogs.studio import surroundings
from catalogs.studio.field_scenes import MOODS, neighbours, plane
from catalogs.studio.materials import Material
from catalogs.studio.meshes import Floats, rotation
from catalogs.studio.samples_plan import SEED
from catalogs.studio.setting import Camera, Light, Setting, all_vertices
from catalogs.studio.shapes import Part

FRAMES_PER_SECOND = 15
SECONDS_PER_ITEM = 2.0
SPACING = 3.0
DISTANCE = 6.4
EYE_HEIGHT = 2.6
WIDE = (1840, 720)
WIDE_FOV = 75.0
FRAME = (640, 480)

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """What the clip shows: the items where they stand, what is round them, the wide camera, the middle of each item."""

    items: list[Part]
    setting: Setting
    camera: Camera
    middles: list[Floats]
    radii: list[float]


def scene(items: Sequence[list[Part]], seed: int = SEED) -> Clip:
    """The counter with the items in a row, seen through the wide lens."""
    dice = random.Random(seed + 2)
    placed: list[Part] = []
    middles, radii = [], []
    for number, item in enumerate(items):
        turn = rotation("z", dice.uniform(-18, 18) - 22.0 * (number - 1))
        moved = [Part(part.mesh.turned(turn).moved(x=(number - 1) * SPACING), part.material) for part in item]
        placed += moved
        points = all_vertices(moved)
        middles.append((points.min(0) + points.max(0)) / 2)
        radii.append(float(np.ptp(points[:, 2])) / 2)
    points = all_vertices(placed)
    wood = Material(surroundings.wood(31, "#8a5a36"), roughness=0.35, coat=0.2)
    wall = Material(surroundings.plaster(32, "#7f9a94"), roughness=0.6)
    around = [plane(50, 30, (0, 0, 0), False, wood), plane(60, 30, (0, 8, -2), True, wall)]
    around += neighbours(dice, points * np.array([0.1, 1, 0.6]), 3.0, 0.6)
    colour, sky, power, ambient = MOODS["store"]
    lamps = (Light((-5, -4, 8), (0, 0, 1), 6, 3, 1.6 * power, colour), Light((8, -3, 5), (0, 0, 1), 3, 3, 0.6 * power))
    setting = Setting(tuple(around), lamps, (sky[0] * ambient, sky[1] * ambient, sky[2] * ambient), 4)
    camera = Camera((0.0, -DISTANCE, EYE_HEIGHT), (0.0, 0.0, 1.1), WIDE_FOV, *WIDE)
    return Clip(placed, setting, camera, middles, radii)


def _axes(out: Floats, roll: float) -> Floats:
    """Rows: right, down and forward of a camera that looks along `out`."""
    forward = out / np.linalg.norm(out)
    right = np.cross(forward, [np.sin(roll), 0.0, np.cos(roll)])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])


def _lens(fov_degrees: float, width: int, height: int) -> Floats:
    focal = width / 2 / np.tan(np.radians(fov_degrees) / 2)
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])


def frames(clip: Clip, wide: Image, seed: int = SEED) -> Iterator[Image]:
    """The frames in linear light, (480, 640, 3): a rest on each item, a quick turn to the next, and a shaking hand."""
    dice = random.Random(seed + 3)
    waves = [(dice.uniform(0.4, 2.4), dice.uniform(0, 6.3), dice.uniform(0.3, 1.0)) for _ in range(12)]
    eye = np.array(clip.camera.place)
    source = _lens(WIDE_FOV, *WIDE) @ _axes(np.array(clip.camera.aim) - eye, 0.0)
    count = round(len(clip.middles) * SECONDS_PER_ITEM * FRAMES_PER_SECOND)
    exposures = 9
    for frame in range(count):
        total = np.zeros((FRAME[1], FRAME[0], 3), np.float32)
        for part in range(exposures):
            # Light gathers over half of the frame's time: this is the blur of the turning camera.
            moment = frame + 0.5 * part / exposures
            position = (moment + 0.5) / count * len(clip.middles) - 0.5
            low = int(np.clip(np.floor(position), 0, len(clip.middles) - 2))
            share = float(np.clip((position - low - 0.3) / 0.4, 0, 1))
            share = share * share * (3 - 2 * share)
            seconds = moment / FRAMES_PER_SECOND
            shake = [
                sum(w[2] * np.sin(6.3 * w[0] * seconds + w[1]) for w in waves[3 * k : 3 * k + 3]) for k in range(4)
            ]
            aim = (
                clip.middles[low] * (1 - share)
                + clip.middles[low + 1] * share
                + 0.035 * np.array([shake[0], 0.0, shake[1]])
            )
            radius = clip.radii[low] * (1 - share) + clip.radii[low + 1] * share
            reach = float(np.linalg.norm(aim - eye))
            tall = 2 * np.degrees(np.arctan(radius * (1.55 + 0.05 * shake[2]) / reach))
            fov = float(np.clip(2 * np.degrees(np.arctan(np.tan(np.radians(tall) / 2) * FRAME[0] / FRAME[1])), 20, 40))
            target = _lens(fov, *FRAME) @ _axes(aim - eye, 0.03 * float(shake[3]))
            turn = target @ np.linalg.inv(source)
            total += cv2.warpPerspective(wide, turn, FRAME, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        yield np.asarray(total / exposures, dtype=np.float32)
