"""Bodies with flat faces: boxes, bars, butter, fish tins, milk cartons."""

from __future__ import annotations

import numpy as np

from catalogs.studio import labels, materials
from catalogs.studio.meshes import grid, lathe, rotation, rounded_box, softened
from catalogs.studio.paint import dark, light
from catalogs.studio.shapes import Part, carton, dimensions, shape
from catalogs.studio.table import Product


@shape("box")
def _box(p: Product) -> list[Part]:
    return carton(p, *dimensions(p), 0.018, materials.board)


@shape("bar")
def _bar(p: Product) -> list[Part]:
    return carton(p, *dimensions(p), 0.03, materials.paper)


@shape("butter")
def _butter(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    faces = rounded_box(w, d, h, 0.06)
    art = {
        "front": labels.front(p, w, h),
        "back": labels.back(p, w, h),
        "top": labels.front(p, w, d),
        "bottom": labels.lid(p, w, d),
    }
    art["left"] = art["right"] = labels.side(p, d, h)
    return [Part(faces[name], materials.matte_film(art[name])) for name in faces]


@shape("fish_tin")
def _fish_tin(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    tin, sleeve = rounded_box(w, d, h, 0.1), rounded_box(w * 0.985, d * 0.97, h * 0.8, 0.09)
    parts = [Part(mesh, materials.metal("#cfcac0")) for mesh in tin.values()]
    top = labels.front(p, w, d)
    parts.append(Part(sleeve["top"].moved(z=h * 0.21), materials.printed_metal(top)))
    parts.append(Part(tin["front"].moved(y=-0.003), materials.printed_metal(labels.side(p, w, h))))
    parts.append(Part(tin["back"].moved(y=0.003), materials.printed_metal(labels.side(p, w, h))))
    return parts


@shape("gable")
def _gable(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    body, fin = h * 0.78, h * 0.93
    parts = list(carton(p, w, d, body, 0.012, materials.board))
    ground = p.palette[0]
    roof = materials.board(ground)
    plain = materials.board(dark(ground, 0.06))
    for side in (-1.0, 1.0):
        a, b = np.array([-w / 2 * -side, d / 2 * side, body]), np.array([w / 2 * -side, d / 2 * side, body])
        top_a, top_b = np.array([a[0], 0.012 * side, fin]), np.array([b[0], 0.012 * side, fin])
        quad = np.linspace(0, 1, 8)[:, None, None]
        low, high = np.linspace(a, b, 8)[None], np.linspace(top_a, top_b, 8)[None]
        if side < 0:
            low, high = np.linspace(a, b, 8)[None], np.linspace(top_a, top_b, 8)[None]
        parts.append(Part(grid((1 - quad) * low + quad * high), roof))
        lip = np.stack([np.linspace(top_a, top_b, 4), np.linspace(top_a, top_b, 4) + np.array([0, 0, h - fin])])
        parts.append(Part(grid(lip), materials.board(light(ground, 0.1))))
        gable_low = np.linspace(
            np.array([w / 2 * side, -d / 2 * side, body]), np.array([w / 2 * side, d / 2 * side, body]), 6
        )
        tip = np.broadcast_to(np.array([w * 0.36 * side, 0.0, fin]), gable_low.shape)
        parts.append(
            Part(grid(np.stack([gable_low, 0.5 * gable_low + 0.5 * tip, tip * 0.999 + gable_low * 0.001])), plain)
        )
    slope = float(np.degrees(np.arctan2(fin - body, d / 2)))
    cap = lathe(softened([(0.15, 0.0), (0.15, 0.09), (0.14, 0.11), (0.0005, 0.11)], 2))
    flange = lathe([(0.19, 0.0), (0.19, 0.015), (0.0005, 0.015)])
    lean = rotation("x", slope)
    for mesh, colour in ((flange, "#f6f6f4"), (cap, p.body.get("cap", "#ffffff"))):
        parts.append(
            Part(mesh.turned(lean).moved(y=-d * 0.26, z=body + (fin - body) * 0.48), materials.plastic(colour))
        )
    return parts
