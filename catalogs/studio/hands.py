"""A hand that holds an item: capsules joined smoothly into one skin, nails, and a sleeve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from catalogs.studio.materials import Material, cloth
from catalogs.studio.meshes import Floats, Mesh
from catalogs.studio.shapes import Part

SKINS = ("#e7b896", "#c98d65", "#8d5a3a", "#5b3825")
SLEEVES = ("#3d5a80", "#7a3b3b", "#4a4e4d", "#c9c2b2")
FINGER = 0.088
Capsule = tuple[Floats, Floats, float, float]


def _capsule_distance(points: Floats, capsule: Capsule) -> Floats:
    a, b, ra, rb = capsule
    along = b - a
    share = np.clip(((points - a) @ along) / max(float(along @ along), 1e-9), 0, 1)
    distance: Floats = np.linalg.norm(points - a - share[..., None] * along, axis=-1) - (ra + (rb - ra) * share)
    return distance


def skin(capsules: Sequence[Capsule], cell: float = 0.033, blend: float = 0.05) -> Mesh:
    """The smooth union of capsules as a mesh (naive surface nets after Gibson 1998)."""
    ends = np.array([end for capsule in capsules for end in capsule[:2]])
    margin = max(capsule[k] for capsule in capsules for k in (2, 3)) + 3 * cell
    low, high = ends.min(0) - margin, ends.max(0) + margin
    axes = [np.arange(low[k], high[k], cell) for k in range(3)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    total = np.zeros(points.shape[:3])
    for capsule in capsules:
        total += np.exp(-np.clip(_capsule_distance(points, capsule) / blend, -30, 30))
    field = -blend * np.log(np.maximum(total, 1e-30))
    return _surface_nets(field, low, cell)


def _surface_nets(field: Floats, low: Floats, cell: float) -> Mesh:
    inside = field < 0
    corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    shape = tuple(n - 1 for n in field.shape)

    def corner(array: np.ndarray, c: tuple[int, int, int]) -> np.ndarray:
        return array[c[0] : c[0] + shape[0], c[1] : c[1] + shape[1], c[2] : c[2] + shape[2]]

    count = sum(corner(inside, c).astype(np.int8) for c in corners)
    active = (count > 0) & (count < 8)
    total, weight = np.zeros((*shape, 3)), np.zeros(shape)
    for a in corners:
        for axis in range(3):
            if a[axis]:
                continue
            b = tuple(1 if k == axis else a[k] for k in range(3))
            fa, fb = corner(field, a), corner(field, (b[0], b[1], b[2]))
            crossing = (fa < 0) != (fb < 0)
            t = np.where(crossing, fa / np.where(crossing, fa - fb, 1), 0)
            step = np.zeros(3)
            step[axis] = 1
            total += np.where(crossing[..., None], np.array(a) + t[..., None] * step, 0)
            weight += crossing
    cells = np.argwhere(active)
    index = -np.ones(shape, dtype=np.int64)
    index[active] = np.arange(len(cells))
    vertices = low + cell * (cells + total[active] / np.maximum(weight[active], 1)[:, None])
    faces = []
    for axis in range(3):
        second, third = (axis + 1) % 3, (axis + 2) % 3
        start = [slice(0, n - 1) for n in field.shape]
        start[second] = slice(1, field.shape[second] - 1)
        start[third] = slice(1, field.shape[third] - 1)
        ahead = list(start)
        ahead[axis] = slice(1, field.shape[axis])
        fa, fb = inside[tuple(start)], inside[tuple(ahead)]
        places = np.argwhere(fa != fb)
        places[:, second] += 1
        places[:, third] += 1
        flip = fb[fa != fb]
        around = []
        for db, dc in ((-1, -1), (0, -1), (0, 0), (-1, 0)):
            moved = places.copy()
            moved[:, second] += db
            moved[:, third] += dc
            around.append(index[moved[:, 0], moved[:, 1], moved[:, 2]])
        quad = np.stack(around, -1)
        quad[flip] = quad[flip][:, ::-1]
        faces += [quad[:, [0, 1, 2]], quad[:, [0, 2, 3]]]
    triangles = np.concatenate(faces).astype(np.int32)
    edges = np.cross(
        vertices[triangles[:, 1]] - vertices[triangles[:, 0]], vertices[triangles[:, 2]] - vertices[triangles[:, 0]]
    )
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, triangles[:, k], edges)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    return Mesh(vertices, normals, np.zeros((len(vertices), 2)), triangles)


def _front_depth(points: Floats, x: float, z: float) -> float:
    near = points[(np.abs(points[:, 0] - x) < 0.12) & (np.abs(points[:, 2] - z) < 0.25)]
    return float(-near[:, 1].min()) if len(near) else 0.1


def holding(points: Floats, grip: float, reach: float, tone: int) -> list[Part]:
    """A right hand round an item with these corners: `grip` is its height as a share of the item's, `reach` how far the
    fingers cover the front (decimetres)."""
    top = float(points[:, 2].max())
    z = max(0.34, top * grip)
    belt = points[np.abs(points[:, 2] - z) < 0.35]
    edge = float(belt[:, 0].max())
    back = float(belt[:, 1].max())
    capsules: list[Capsule] = []
    nails = []
    for number in range(4):
        level = z + 0.3 - number * 0.2
        length = reach * (0.86, 1.0, 0.95, 0.72)[number]
        knots = [
            np.array([edge + 0.2, min(back, 0.25), level - 0.03]),
            np.array([edge + 0.1, -_front_depth(points, edge - 0.05, level) * 0.75, level + 0.01]),
        ]
        for share in (0.34, 0.68, 1.0):
            x = edge + 0.06 - length * share
            knots.append(np.array([x, -_front_depth(points, x, level) - FINGER * 0.9, level + 0.03 * (1 - share)]))
        radii = (FINGER * 1.15, FINGER * 1.08, FINGER * 1.0, FINGER * 0.93, FINGER * 0.8)
        capsules += [(knots[k], knots[k + 1], radii[k], radii[k + 1]) for k in range(4)]
        tip, before = knots[-1], knots[-2]
        nails.append(
            (
                tip + (tip - before) / np.linalg.norm(tip - before) * 0.01 + np.array([0, -FINGER * 0.68, 0.0]),
                tip - before,
            )
        )
    palm_x = edge + 0.3
    for number in range(4):
        capsules.append(
            (
                np.array([palm_x - 0.08, min(back, 0.25), z + 0.26 - number * 0.19]),
                np.array([palm_x + 0.3, min(back, 0.25) + 0.34, z + 0.02 - number * 0.12]),
                0.13,
                0.17,
            )
        )
    thumb = [
        np.array([palm_x, min(back, 0.25) + 0.25, z + 0.3]),
        np.array([edge + 0.05, back + 0.02, z + 0.5]),
        np.array([edge - 0.35, back + 0.1, z + 0.62]),
    ]
    capsules += [(thumb[0], thumb[1], 0.15, 0.11), (thumb[1], thumb[2], 0.11, 0.08)]
    wrist, elbow = (
        np.array([palm_x + 0.42, min(back, 0.25) + 0.45, z - 0.25]),
        np.array([palm_x + 1.1, min(back, 0.25) + 1.0, z - 1.3]),
    )
    capsules.append((np.array([palm_x + 0.2, min(back, 0.25) + 0.3, z - 0.1]), wrist, 0.24, 0.21))
    capsules.append((wrist, wrist + (elbow - wrist) * 0.3, 0.21, 0.22))
    flesh = Material(SKINS[tone], roughness=0.5, specular=0.35, sheen=0.15)
    nail = Material("#f0c9b6" if tone < 2 else "#c99a86", roughness=0.25, specular=0.5)
    sleeve = skin([(wrist + (elbow - wrist) * 0.22, elbow + (elbow - wrist), 0.31, 0.4)], 0.07)
    parts = [Part(skin(capsules), flesh), Part(sleeve, cloth(SLEEVES[tone]))]
    for place, along in nails:
        side = along / np.linalg.norm(along) * 0.045
        parts.append(Part(skin([(place - side, place + side * 0.3, 0.044, 0.047)], 0.018), nail))
    return parts
