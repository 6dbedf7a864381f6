"""Packages as bodies: a box with a front, sides and a top, or a can, cup or bottle with its label around it.

Lengths are pixels of the label; the camera looks along +z, y points down, and the middle of the front is the origin.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.records import Picture
from engine.training.package_canvas import Colour, mixed

Rng = np.random.Generator
Floats = NDArray[np.float64]

#: The front's half width around a round body, in radians.
FRONT_ANGLE = 1.2
#: Rows of a profile.
_ROWS = 64


@dataclass(frozen=True, slots=True)
class Attitude:
    """How a package is turned towards the camera.

    Angles in radians: `yaw` to its side, `pitch` above 0 if seen from above, `roll` in the picture. `scale` is pixels
    of the view per pixel of the label, `middle` (x, y) in pixels of the view, `distance` the camera's in pixels of the
    label.
    """

    yaw: float
    pitch: float
    roll: float
    scale: float
    middle: tuple[float, float]
    distance: float

    @classmethod
    def drawn(cls, height: int, width: int, size_px: int, rng: Rng) -> Attitude:
        """One as a hand or a shelf gives it, for a package of that many pixels in a view of `size_px`."""
        x, y = (0.5 + rng.uniform(-0.15, 0.15, 2)) * size_px
        return cls(
            yaw=rng.uniform(-0.75, 0.75),
            pitch=rng.uniform(-0.35, 0.35),
            roll=float(np.deg2rad(rng.normal(0, 8))),
            scale=rng.uniform(0.5, 1.15) * size_px / max(height, width),
            middle=(x, y),
            distance=rng.uniform(2.2, 5) * max(height, width),
        )

    def projected(self, points: Floats, turned: bool = True) -> NDArray[np.float32]:
        """Points (N, 3) of the body in pixels of the view (N, 2); a round body's silhouette is not `turned` by yaw."""
        yaw = self.yaw if turned else 0.0
        (cr, sr), (cp, sp), (cy, sy) = ((np.cos(angle), np.sin(angle)) for angle in (self.roll, self.pitch, yaw))
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        turn = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        seen = points @ (roll @ pitch @ turn).T
        nearness = 1 / (1 + seen[:, 2:] / self.distance)
        return np.asarray(seen[:, :2] * nearness * self.scale + self.middle, dtype=np.float32)


class Scene:
    """A view (S, S, 3) in which bodies are painted; `covered` float32 (S, S) is 1 where one stands."""

    def __init__(self, ground: Picture) -> None:
        self.picture = ground
        self.covered = np.zeros(ground.shape[:2], np.float32)

    def paint(self, face: Picture, corners: NDArray[np.float32], shape: NDArray[np.float32] | None = None) -> None:
        """A face (H, W, 3) at its corners (4, 2), clockwise from its top left; `shape` (H, W) is 1 where it is."""
        size = self.picture.shape[0]
        low = np.clip(np.floor(corners.min(axis=0)) - 1, 0, size).astype(int)
        high = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, size).astype(int)
        wide, high_px = (high - low).tolist()
        if wide <= 0 or high_px <= 0:
            return
        height, width = face.shape[:2]
        edges = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        place = (corners - low).astype(np.float32)
        homography = cv2.getPerspectiveTransform(edges, place)
        seen = cv2.warpPerspective(face, homography, (wide, high_px), borderMode=cv2.BORDER_REPLICATE)
        if shape is None:
            mask = np.zeros((high_px, wide), np.uint8)
            cv2.fillConvexPoly(mask, np.rint(place * 16).astype(np.int32), [255], cv2.LINE_AA, 4)
            share = mask.astype(np.float32) / np.float32(255)
        else:
            share = np.asarray(cv2.warpPerspective(shape, homography, (wide, high_px)), dtype=np.float32)
        part = (slice(low[1], high[1]), slice(low[0], high[0]))
        self.picture[part] = cv2.blendLinear(seen, np.ascontiguousarray(self.picture[part]), share, 1 - share)
        self.covered[part] = np.maximum(self.covered[part], share)


@dataclass(frozen=True, slots=True)
class Box:
    """`front` (H, W, 3) and `side` (H, D, 3); `depth_px` is how far the sides reach back."""

    front: Picture
    side: Picture
    depth_px: float
    colour: Colour

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the front."""
        return self.front.shape[0], self.front.shape[1]

    def paint(self, scene: Scene, attitude: Attitude, rng: Rng) -> None:
        """The front and whatever else is turned to the camera, each in its own light."""
        (height, width), depth = self.size, self.depth_px
        corners = np.array(
            [[x, y, z] for z in (0, depth) for y in (-height / 2, height / 2) for x in (-width / 2, width / 2)]
        )
        at = attitude.projected(corners)
        flat = np.full((8, 8, 3), self.colour, np.uint8)
        faces = (
            (self.side, (4, 0, 2, 6), rng.uniform(0.5, 0.95)),
            (self.side, (1, 5, 7, 3), rng.uniform(0.5, 0.95)),
            (flat, (4, 5, 1, 0), rng.uniform(0.8, 1.1)),
            (flat, (2, 3, 7, 6), rng.uniform(0.35, 0.6)),
            (self.front, (0, 1, 3, 2), 1 - 0.2 * abs(attitude.yaw)),
        )
        for face, order, light in faces:
            quad = at[list(order)]
            if _turned_here(quad):
                scene.paint(_lit(reduced(face, attitude.scale), light), quad)


def _turned_here(quad: NDArray[np.float32]) -> bool:
    """Whether corners that go round a face clockwise do so in the view, too; a face seen from its edge is not shown."""
    x, y = quad.T
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2 > 4


def _lit(face: Picture, light: float) -> Picture:
    return np.asarray(cv2.convertScaleAbs(face, alpha=light), dtype=np.uint8)


def reduced(face: Picture, scale: float) -> Picture:
    """The face at about the scale at which it will be seen: a warp looks at four pixels only and would alias."""
    if scale > 0.75:
        return face
    size = (max(4, round(face.shape[1] * scale * 1.1)), max(4, round(face.shape[0] * scale * 1.1)))
    return np.asarray(cv2.resize(face, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Round:
    """`around` (H, A, 3) is the surface unrolled, its middle the front's; `width` the body's diameter.

    `profile` float32 (ROWS,) is the radius from top to bottom, 1 at its widest; `lid` the colour of its top.
    """

    around: Picture
    width: int
    profile: NDArray[np.float32]
    lid: Colour

    @property
    def size(self) -> tuple[int, int]:
        """Height and diameter."""
        return self.around.shape[0], self.width

    def paint(self, scene: Scene, attitude: Attitude, rng: Rng) -> None:
        """The body as a silhouette that bulges where it is seen from above or below; darker towards its edges."""
        height, width = self.size
        scale = min(1.0, attitude.scale)
        rows, columns = max(8, round(height * scale)), max(8, round(width * scale))
        radius = columns / 2
        bulge = float(np.sin(attitude.pitch)) * radius
        reach = int(np.ceil(abs(bulge))) + 1
        down = np.arange(-reach, rows + reach, dtype=np.float32)[:, None]
        across = ((np.arange(-1, columns + 1, dtype=np.float32) + np.float32(0.5)) / np.float32(radius) - 1)[None, :]
        girth = np.interp(down[:, 0] / rows, np.linspace(0, 1, _ROWS), self.profile).astype(np.float32)[:, None]
        beside = across / girth
        depth = np.sqrt(np.clip(1 - beside * beside, 0, 1))
        row = down - np.float32(bulge) * depth * girth
        angle = np.arcsin(np.clip(beside, -1, 1)) - np.float32(attitude.yaw)
        surface_rows, around = self.around.shape[:2]
        column = angle * np.float32(width / (2 * FRONT_ANGLE)) + np.float32(around / 2)
        places = column, row * np.float32(surface_rows / rows)
        turned = cv2.remap(self.around, *places, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        light = np.float32(0.5) + np.float32(0.5) * depth
        seen = np.asarray(cv2.multiply(turned, cv2.merge([light] * 3), dtype=cv2.CV_8U), dtype=np.uint8)
        inside = (np.abs(beside) <= 1) & (row >= 0) & (row < rows)
        shape = inside.astype(np.float32)
        top, bottom = (float(self.profile[end]) * radius for end in (0, -1))
        if bulge > 1:
            self._end(seen, shape, reach, top, bulge * top / radius, self.lid)
        elif bulge < -1:
            self._end(seen, shape, reach + rows, bottom, -bulge * bottom / radius, mixed(self.lid, (0, 0, 0), 0.6))
        margin = width / columns
        left, upper = -width / 2 - margin, -height / 2 - reach * height / rows
        plane = np.array([[left, upper, 0], [-left, upper, 0], [-left, -upper, 0], [left, -upper, 0]])
        scene.paint(seen, attitude.projected(plane, turned=False), shape)

    @staticmethod
    def _end(seen: Picture, shape: NDArray[np.float32], row: int, radius: float, bulge: float, colour: Colour) -> None:
        """The top or bottom, an ellipse."""
        middle, axes = (seen.shape[1] // 2, row), (max(1, round(radius)), max(1, round(bulge)))
        cv2.ellipse(seen, middle, axes, 0, 0, 360, [int(part) for part in colour], -1)
        rim = [int(part) for part in mixed(colour, (255, 255, 255), 0.4)]
        cv2.ellipse(seen, middle, axes, 0, 0, 360, rim, 1)
        cv2.ellipse(shape, middle, axes, 0, 0, 360, [1.0], -1)


Body = Box | Round


def drawn_body(front: Picture, side: Picture, colour: Colour, rng: Rng) -> Body:
    """A body for a label (H, W, 3) and its side (H, D, 3); the same `rng` draws the same shape for all variants."""
    width = front.shape[1]
    kind = rng.choice(4, p=[0.6, 0.16, 0.1, 0.14])
    if kind == 0:
        return Box(front, side, rng.uniform(0.35, 0.9) * width, mixed(colour, (0, 0, 0), 0.1))
    around = np.hstack([side, front, side])
    if kind == 1:
        return Round(around, width, np.ones(_ROWS, np.float32), (185, 188, 192))
    if kind == 2:
        narrow = rng.uniform(0.72, 0.92)
        ends = (1.0, narrow) if rng.random() < 0.7 else (narrow, 1.0)
        return Round(around, width, np.linspace(*ends, _ROWS, dtype=np.float32), mixed(colour, (255, 255, 255), 0.5))
    return _bottle(around, width, rng)


def _bottle(label: Picture, width: int, rng: Rng) -> Round:
    """A bottle or jar with the label around its body, under a neck and a cap."""
    neck, neck_end = rng.uniform(0.3, 0.75), rng.uniform(0.12, 0.3)
    shoulder = neck_end + rng.uniform(0.08, 0.2)
    glass = ((40, 60, 40), (70, 40, 22), (225, 228, 226), (30, 30, 36), (190, 60, 50))[int(rng.integers(5))]
    cap = ((200, 40, 40), (240, 240, 240), (40, 70, 150), (205, 170, 60), (30, 30, 30))[int(rng.integers(5))]
    rows = np.linspace(0, 1, _ROWS)
    rise = np.clip((rows - neck_end) / (shoulder - neck_end), 0, 1)
    profile = (neck + (1 - neck) * rise * rise * (3 - 2 * rise)).astype(np.float32)
    height = round(label.shape[0] / (0.94 - shoulder))
    surface = np.empty((height, label.shape[1], 3), np.uint8)
    surface[:] = glass
    surface[: round(0.1 * height)] = cap
    top = round(shoulder * height)
    surface[top : top + label.shape[0]] = label[: height - top]
    shrunk = min(1.0, 340 / height)
    size = (round(surface.shape[1] * shrunk), round(height * shrunk))
    small = np.asarray(cv2.resize(surface, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return Round(small, round(width * shrunk), profile, cap)
