"""Cloth bodies: folded towels with a paper band, T-shirts laid flat, pairs of socks."""

from __future__ import annotations

import random

import cv2
import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath

from catalogs.studio import labels, materials, motifs
from catalogs.studio.meshes import Floats, Mesh, height_field, rounded_box
from catalogs.studio.paint import Canvas, Pixels, dark, light, smooth
from catalogs.studio.shapes import CM, Part, shape
from catalogs.studio.table import Product


def woven(colour: str, seed: str, pixels: int = 700, grain: float = 0.16) -> Pixels:
    """A terry-like texture: uint8 RGBA of `colour` with loops and shadows between them."""
    c = Canvas(pixels, pixels, colour)
    flat = c.pixels().astype(np.float32)
    noise = np.random.default_rng(list(seed.encode())).normal(0, 1, (pixels, pixels)).astype(np.float32)
    loops = cv2.GaussianBlur(noise, (0, 0), 1.6) * 3.6 + cv2.GaussianBlur(noise, (0, 0), 14) * 3
    flat[..., :3] *= np.clip(1 + grain * 0.55 * loops, 0.6, 1.3)[..., None]
    return np.clip(flat, 0, 255).astype(np.uint8)


def _rumpled(mesh: Mesh, seed: int, strength: float) -> Mesh:
    dice = np.random.default_rng(seed)
    moved = np.zeros(len(mesh.vertices))
    for _ in range(6):
        wave, phase = dice.uniform(-5, 5, 3), dice.uniform(0, 6.3)
        moved += dice.uniform(0.3, 1) * np.sin(mesh.vertices @ wave + phase)
    return Mesh(mesh.vertices + strength * moved[:, None] * mesh.normals, mesh.normals, mesh.uv, mesh.faces)


@shape("towel")
def _towel(p: Product) -> list[Part]:
    w, d, h = (p.size[name] * CM for name in ("width", "depth", "height"))
    cloth = materials.cloth(woven(p.body["cloth"], p.sku))
    border = materials.cloth(woven(dark(p.body["cloth"], 0.14), p.sku, 300, 0.08))
    parts = []
    layers = 3
    thick = h / layers
    for layer in range(layers):
        faces = rounded_box(w * (1 - 0.012 * layer), d * (1 - 0.01 * ((layer * 7) % 3)), thick * 1.03, thick * 0.48)
        for mesh in faces.values():
            parts.append(Part(_rumpled(mesh, 17 + layer, 0.0045).moved(x=0.008 * (layer % 2), z=layer * thick), cloth))
    stripe = rounded_box(w * 0.05, d + 0.03, thick * 1.03 + 0.03, thick * 0.5)
    for name in ("front", "top", "back"):
        parts.append(Part(stripe[name].moved(x=w * 0.36, z=(layers - 1) * thick - 0.015), border))
    band = rounded_box(w * 0.38, d + 0.07, h + 0.06, thick * 0.4)
    for name, art in (
        ("front", labels.front(p, w * 0.38, h)),
        ("top", labels.lid(p, w * 0.38, d)),
        ("back", labels.back(p, w * 0.38, h * 1.4)),
    ):
        parts.append(Part(band[name].moved(x=-w * 0.06), materials.paper(art)))
    return parts


def _laid_flat(art: Pixels, w: float, d: float, height: float, seed: str, folds: float) -> Mesh:
    """A height field that swells inside the outline of the art and carries soft folds."""
    small = cv2.resize(art[..., 3], (300, 300 * art.shape[0] // art.shape[1]), interpolation=cv2.INTER_AREA)
    inside = cv2.distanceTransform((small > 127).astype(np.uint8), cv2.DIST_L2, 5) / 300
    swell: Floats = height * (1 - np.exp(-inside / 0.018))
    dice = random.Random(seed)
    rows, columns = np.mgrid[0 : small.shape[0], 0 : small.shape[1]] / 300.0
    for _ in range(9):
        cx, cy, turn = dice.uniform(0.1, 0.9), dice.uniform(0.1, 1.0), dice.uniform(0, 3.1)
        along = (columns - cx) * np.cos(turn) + (rows - cy) * np.sin(turn)
        across = -(columns - cx) * np.sin(turn) + (rows - cy) * np.cos(turn)
        swell += (
            folds
            * dice.uniform(0.4, 1)
            * np.exp(-((along / 0.22) ** 2) - (across / 0.022) ** 2)
            * (1 - np.exp(-inside / 0.03))
        )
    swell += (
        folds
        * 0.7
        * cv2.GaussianBlur(np.asarray(np.random.default_rng(5).normal(0, 1, small.shape), np.float32), (0, 0), 9)
        * 9
        * (1 - np.exp(-inside / 0.03))
    )
    cloth = height_field(np.maximum(swell, 0.004), w, d)
    # Outside its outline the sheet is invisible, but the denoiser's guides would still see its triangles there.
    near = cv2.dilate(small, np.ones((5, 5), np.uint8))[::-1].reshape(-1) > 0
    kept = cloth.faces[near[cloth.faces].any(axis=1)]
    return Mesh(cloth.vertices, cloth.normals, cloth.uv, kept)


def _shirt_art(p: Product) -> Pixels:
    c = Canvas(1000, 1040, None)
    half = [
        (0.5, 0.035),
        (0.61, 0.014),
        (0.73, 0.05),
        (0.985, 0.31),
        (0.875, 0.43),
        (0.765, 0.35),
        (0.768, 0.66),
        (0.78, 0.98),
        (0.5, 0.988),
    ]
    outline = QPainterPath()
    points = [*half, *[(1 - x, y) for x, y in reversed(half[1:-1])]]
    outline.moveTo(QPointF(points[0][0] * 1000, 75))
    for x, y in points[1:]:
        outline.lineTo(QPointF(x * 1000, y * 1040))
    outline.closeSubpath()
    colour = p.body["cloth"]
    c.path(outline, colour, colour, 14)
    with c.clipped(outline):
        c.ellipse(500, 25, 118, 92, dark(colour, 0.45))
        c.ellipse(500, 8, 108, 70, dark(colour, 0.3))
        c.ellipse(500, 25, 118, 92, None, dark(colour, 0.12), 22)
        for side in (-1, 1):
            c.line([(500 + side * 270, 250), (500 + side * 275, 380)], dark(colour, 0.25), 4)
            c.line([(500 + side * 268, 385), (500 + side * 225, 60)], dark(colour, 0.16), 4, curved=False)
            c.line([(500 + side * 378, 452), (500 + side * 490, 320)], dark(colour, 0.14), 3)
        c.line([(225, 1002), (775, 1002)], dark(colour, 0.16), 3)
        motifs.draw(c, p.motif, 500, 420, 175, p.palette[1], p.palette[2])
        c.text(p.brand.upper(), 340, 620, 320, 58, p.display_font, p.palette[1], tracking=10)
        c.rect(470, 62, 60, 34, "#f6f1e6", 4)
    return c.pixels()


@shape("shirt")
def _shirt(p: Product) -> list[Part]:
    w, d = p.size["width"] * CM * 0.5, p.size["height"] * CM * 0.5
    art = _shirt_art(p)
    return [
        Part(
            _laid_flat(art, w, d, p.size["depth"] * CM * 0.5, p.brand, 0.028),
            materials.cloth(_knit(art, p.sku), cut=True),
        )
    ]


def _knit(art: Pixels, seed: str) -> Pixels:
    grain = woven("#808080", seed, 1220, 0.05)[: art.shape[0], : art.shape[1], :1].astype(np.float32) / 128
    knit = art.copy()
    knit[..., :3] = np.clip(art[..., :3] * grain, 0, 255).astype(np.uint8)
    return knit


def _sock_art(p: Product) -> Pixels:
    c = Canvas(900, 1215, None)
    colour, second = p.body["cloth"], p.palette[1]
    for shift, lean in ((250, 5), (0, 0)):
        with c.at(shift, 0 + lean * 3):
            outline = smooth(
                [
                    (150, 60),
                    (290, 55),
                    (395, 70),
                    (402, 300),
                    (405, 560),
                    (430, 720),
                    (560, 830),
                    (640, 930),
                    (620, 1060),
                    (500, 1110),
                    (360, 1060),
                    (220, 950),
                    (140, 830),
                    (120, 640),
                    (125, 300),
                    (128, 90),
                ]
            )
            c.path(outline, colour, dark(colour, 0.25), 5)
            with c.clipped(outline):
                if p.motif == "dots":
                    for row in range(15):
                        for column in range(8):
                            c.circle(
                                90 + column * 80 + (row % 2) * 40,
                                190 + row * 70,
                                17,
                                second if (row + column) % 3 else p.palette[2],
                            )
                else:
                    for row in range(9):
                        c.rect(0, 200 + row * 105, 900, 48, second if row % 2 else p.palette[2])
                c.rect(0, 0, 900, 145, dark(colour, 0.12))
                for rib in range(30):
                    c.line([(rib * 22, 0), (rib * 22, 140)], dark(colour, 0.28), 4)
                with c.at(205, 850, 1.0, 38):
                    c.ellipse(-20, 30, 130, 95, light(colour, 0.12))
                c.ellipse(640, 1040, 120, 125, light(colour, 0.12))
    return c.pixels()


@shape("socks")
def _socks(p: Product) -> list[Part]:
    w, d, h = p.size["width"] * CM, p.size["height"] * CM, p.size["depth"] * CM * 0.6
    art = _sock_art(p)
    socks = Part(_laid_flat(art, w, d, h, p.brand, 0.02), materials.cloth(_knit(art, p.sku), cut=True))
    sleeve_w, sleeve_d = w * 0.66, d * 0.26
    c = rounded_box(sleeve_w, sleeve_d, h * 0.32, 0.02)
    art_top = labels.front(p, sleeve_w, sleeve_d)
    parts = [socks]
    for name, mesh in c.items():
        parts.append(
            Part(
                mesh.moved(x=-w * 0.06, y=d * 0.17, z=h * 0.86),
                materials.paper(art_top if name == "top" else p.palette[0]),
            )
        )
    return parts
