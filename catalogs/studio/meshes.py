"""Surfaces as plain arrays: boxes with soft edges, turned bodies, sheets. Decimetres, z upwards, the front faces -y."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FACES = ("front", "right", "back", "left", "top", "bottom")


@dataclass(frozen=True)
class Mesh:
    """Triangles: vertices (N, 3), normals (N, 3), texture coordinates (N, 2) with v upwards, faces (M, 3)."""

    vertices: Floats
    normals: Floats
    uv: Floats
    faces: NDArray[np.int32]

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """The same surface somewhere else."""
        return Mesh(self.vertices + np.array([x, y, z]), self.normals, self.uv, self.faces)

    def turned(self, matrix: Floats) -> Mesh:
        """The same surface under a rotation (3, 3)."""
        return Mesh(self.vertices @ matrix.T, self.normals @ matrix.T, self.uv, self.faces)


def rotation(axis: str, degrees: float) -> Floats:
    """A rotation matrix (3, 3) about x, y or z."""
    angle = np.radians(degrees)
    c, s = float(np.cos(angle)), float(np.sin(angle))
    first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = c
    matrix[first, second], matrix[second, first] = -s, s
    return matrix


def grid(points: Floats, normals: Floats | None = None, uv: Floats | None = None) -> Mesh:
    """A sheet from a grid of points (rows, columns, 3); columns run to the right seen from outside, rows upwards."""
    rows, columns, _ = points.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack([a, b, c], -1).reshape(-1, 3), np.stack([a, c, d], -1).reshape(-1, 3)]).astype(
        np.int32
    )
    if normals is None:
        across, up = np.gradient(points, axis=1), np.gradient(points, axis=0)
        normals = np.cross(across, up)
        normals /= np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    if uv is None:
        u, v = np.meshgrid(np.linspace(0, 1, columns), np.linspace(0, 1, rows))
        uv = np.stack([u, v], -1)
    return Mesh(points.reshape(-1, 3), normals.reshape(-1, 3), uv.reshape(-1, 2), faces)


def _edge_samples(half: float, r: float) -> Floats:
    arc = np.linspace(half - r, half, 7)
    return np.concatenate([-arc[::-1], np.linspace(-(half - r), half - r, 12)[1:-1], arc])


def rounded_box(width: float, depth: float, height: float, r: float) -> dict[str, Mesh]:
    """The six faces of a box on the floor, its edges rounded by `r`; each face carries its own texture."""
    half = np.array([width, depth, height]) / 2
    r = min(r, float(half.min()) * 0.98)
    frames = {
        "front": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
        "back": ((-1, 0, 0), (0, 0, 1), (0, 1, 0)),
        "right": ((0, 1, 0), (0, 0, 1), (1, 0, 0)),
        "left": ((0, -1, 0), (0, 0, 1), (-1, 0, 0)),
        "top": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
        "bottom": ((1, 0, 0), (0, -1, 0), (0, 0, -1)),
    }
    meshes = {}
    for name, axes in frames.items():
        across, up, out = (np.array(axis, dtype=float) for axis in axes)
        s, t = _edge_samples(float(np.abs(across) @ half), r), _edge_samples(float(np.abs(up) @ half), r)
        u, v = np.meshgrid(s, t)
        flat = u[..., None] * across + v[..., None] * up + out * float(np.abs(out) @ half)
        inner = np.clip(flat, -(half - r), half - r)
        normals = flat - inner
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        uv = np.stack([(u - s[0]) / (s[-1] - s[0]), (v - t[0]) / (t[-1] - t[0])], -1)
        meshes[name] = grid(inner + r * normals + np.array([0, 0, half[2]]), normals, uv)
    return meshes


def softened(profile: Sequence[tuple[float, float]], passes: int = 3) -> Floats:
    """A profile with its corners cut (Chaikin's scheme); the ends stay."""
    points = np.array(profile, dtype=float)
    for _ in range(passes):
        first, second = points[:-1], points[1:]
        cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], 1).reshape(-1, 2)
        points = np.concatenate([points[:1], cut[1:-1], points[-1:]])
    return points


def lathe(
    profile: Floats | Sequence[tuple[float, float]], squash: float = 1.0, around: int = 144, sides: int = 0
) -> Mesh:
    """A turned body from a profile of (radius, z) upwards along its outside; `squash` flattens it from front to back,
    `sides` makes it a prism with soft corners."""
    line = np.array(profile, dtype=float)
    turn = np.linspace(0, 2 * np.pi, around + 1)
    direction = np.stack([-np.sin(turn), np.cos(turn)], -1)  # starts behind, so that the front is at u = 0.5
    direction = direction * np.array([-1.0, 1.0])
    slope = np.gradient(line, axis=0)
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    shape = np.ones_like(turn)
    if sides:
        shape = _prism(turn, sides)
    radii = line[:, 0][:, None] * shape[None, :]
    x = radii * -direction[None, :, 0]
    y = radii * direction[None, :, 1] * squash
    z = np.broadcast_to(line[:, 1][:, None], x.shape)
    u = np.broadcast_to((turn / (2 * np.pi))[None, :], x.shape)
    v = np.broadcast_to((length / max(length[-1], 1e-9))[:, None], x.shape)
    points = np.stack([x, y, z], -1)
    if sides:
        normals = None
    else:
        radial, axial = slope[:, 1], -slope[:, 0]
        nx = radial[:, None] * -direction[None, :, 0]
        ny = radial[:, None] * direction[None, :, 1] / squash
        normals = np.stack([nx, ny, np.broadcast_to(axial[:, None], nx.shape)], -1)
        normals = normals / np.maximum(np.linalg.norm(normals, axis=-1, keepdims=True), 1e-12)
    return grid(points, normals, np.stack([u, v], -1))


def _prism(turn: Floats, sides: int) -> Floats:
    step = 2 * np.pi / sides
    off = np.abs((turn + step / 2) % step - step / 2)
    sharp = np.cos(step / 2) / np.cos(step / 2 - off)
    shape: Floats = 0.25 + 0.75 * sharp / sharp.max()
    return shape


def sheet(
    width: float,
    height: float,
    bulge: Callable[[Floats, Floats], Floats],
    back: bool = False,
    outline: Callable[[Floats], Floats] | None = None,
    columns: int = 120,
    rows: int = 140,
) -> Mesh:
    """One side of a bag.

    `bulge(u, t)` is its half thickness for u in -1..1 across and t in 0..1 up; `outline(t)` scales the width.
    """
    u, t = np.meshgrid(np.linspace(-1, 1, columns), np.linspace(0, 1, rows))
    wide = outline(t) if outline else np.ones_like(t)
    y = bulge(u, t)
    x = u * wide * width / 2
    points = np.stack([-x if back else x, y if back else -y, t * height], -1)
    return grid(points)


def height_field(heights: Floats, width: float, depth: float) -> Mesh:
    """A cloth lying on the floor: heights (rows, columns), the first row at the back."""
    rows, columns = heights.shape
    x, y = np.meshgrid(np.linspace(-width / 2, width / 2, columns), np.linspace(-depth / 2, depth / 2, rows))
    return grid(np.stack([x, y, heights[::-1]], -1))
