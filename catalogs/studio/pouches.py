"""Bodies of film: tubes, pillow bags, stand-up pouches."""

from __future__ import annotations

import numpy as np

from catalogs.studio import bags, labels, materials
from catalogs.studio.meshes import Floats, grid, sheet
from catalogs.studio.shapes import Part, dimensions, roundness, shape, turned
from catalogs.studio.table import Product


@shape("tube")
def _tube(p: Product) -> list[Part]:
    r, h = roundness(p)
    low = h * 0.14
    turn = np.linspace(0, 2 * np.pi, 145)
    t = np.linspace(0, 1, 90)[:, None]
    body_t = np.clip(t / 0.95, 0, 1)
    flat = np.sqrt(np.clip(1 - body_t**1.7, 0, 1))
    depth = r * np.maximum(flat, 0.018)
    width = r * (1 + 0.5 * (1 - flat) ** 1.2)
    x, y = -width * np.sin(turn)[None, :], depth * np.cos(turn)[None, :]
    z = np.broadcast_to(low + t * (h - low), x.shape)
    body = grid(np.stack([x, y, z], -1))
    cap = [(r * 0.9, 0.0), (r * 0.97, 0.01), (r * 0.97, low - 0.03), (r * 0.9, low), (r * 0.8, low)]
    neck = [(r * 0.75, low - 0.02), (r * 0.97, low - 0.005), (r, low + 0.02)]
    art = labels.wrap(p, 2 * np.pi * r, h - low, 0.37)
    return [
        Part(body, materials.plastic(art)),
        turned(p, cap, materials.plastic(p.body["cap"]), passes=2),
        turned(p, neck, materials.plastic(p.body["plastic"]), passes=1),
    ]


@shape("pillow")
def _pillow(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    bulge = bags.pillow(d, p.brand)

    def narrow(t: Floats) -> Floats:
        return 1 - 0.07 * np.sin(np.pi * t) ** 0.8

    front, back = sheet(w, h, bulge, outline=narrow), sheet(w, h, bulge, back=True, outline=narrow)
    return [
        Part(front, materials.film(labels.front(p, w, h, 1300, 0.05, 0.05))),
        Part(back, materials.film(labels.back(p, w, h))),
    ]


@shape("pouch")
def _pouch(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    bulge = bags.stand_up(d, p.brand)
    return [
        Part(sheet(w, h, bulge), materials.matte_film(labels.front(p, w, h, 1300, 0.13, 0.03))),
        Part(sheet(w, h, bulge, back=True), materials.matte_film(labels.back(p, w, h, head=0.12))),
    ]


@shape("spout_pouch")
def _spout_pouch(p: Product) -> list[Part]:
    w, d, h = dimensions(p)
    bulge = bags.stand_up(d, p.brand)

    def shoulders(t: Floats) -> Floats:
        return 1 - 0.62 * np.clip((t - 0.82) / 0.18, 0, 1) ** 1.6

    cap = [(0.1, h + 0.04), (0.17, h + 0.05), (0.17, h + 0.22), (0.15, h + 0.25), (0.0005, h + 0.25)]
    neck = [(0.09, h - 0.08), (0.09, h + 0.05)]
    return [
        Part(sheet(w, h, bulge, outline=shoulders), materials.film(labels.front(p, w, h, head=0.1))),
        Part(sheet(w, h, bulge, back=True, outline=shoulders), materials.film(labels.back(p, w, h, head=0.1))),
        turned(p, cap, materials.plastic(p.body["cap"]), passes=2),
        turned(p, neck, materials.plastic("#f4f4f2"), passes=1),
    ]
