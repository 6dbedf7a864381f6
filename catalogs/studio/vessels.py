"""Turned bodies: cans, tins, bottles, jars, cups, pumps."""

from __future__ import annotations

import numpy as np

from catalogs.studio import labels, materials
from catalogs.studio.meshes import Mesh, lathe, rotation, rounded_box, softened
from catalogs.studio.shapes import Part, disc, round_label, roundness, shape, turned
from catalogs.studio.table import Product


@shape("can")
def _can(p: Product) -> list[Part]:
    r, h = roundness(p)
    body = round_label(p, r, 0.09, h - 0.13, surface=materials.printed_metal)
    foot = [(r * 0.72, 0.0), (r * 0.8, 0.0), (r * 0.93, 0.05), (r, 0.09), (r + 0.003, 0.1)]
    neck = [
        (r + 0.003, h - 0.135),
        (r, h - 0.125),
        (r * 0.9, h - 0.05),
        (r * 0.86, h - 0.03),
        (r * 0.86, h - 0.012),
        (r * 0.88, h),
        (r * 0.84, h),
        (r * 0.82, h - 0.04),
        (r * 0.4, h - 0.035),
        (0.0005, h - 0.035),
    ]
    tab = rounded_box(0.1, 0.2, 0.014, 0.006)
    return [
        body,
        turned(p, foot, materials.metal(), passes=2),
        turned(p, neck, materials.metal(), passes=2),
        *(Part(mesh.moved(y=-0.02, z=h - 0.03), materials.metal("#e2e2e0")) for mesh in tab.values()),
    ]


@shape("tin")
def _tin(p: Product) -> list[Part]:
    r, h = roundness(p)
    rim = 0.035
    steel = materials.metal("#c9c7c2")
    foot = [(r * 0.92, 0.0), (r + 0.012, 0.0), (r + 0.014, rim * 0.6), (r, rim), (r, rim * 1.4)]
    head = [
        (r, h - rim * 1.4),
        (r, h - rim),
        (r + 0.014, h - rim * 0.6),
        (r + 0.012, h),
        (r * 0.95, h),
        (r * 0.94, h - 0.03),
        (r * 0.8, h - 0.03),
        (r * 0.78, h - 0.022),
        (r * 0.7, h - 0.022),
        (r * 0.68, h - 0.03),
        (0.0005, h - 0.03),
    ]
    ribs = [
        (r + 0.001 + 0.004 * float(np.sin(k * 1.35)) * (0.3 < k / 48 < 0.7), rim + (h - 2 * rim) * k / 48)
        for k in range(49)
    ]
    art = labels.wrap(p, 2 * np.pi * r, h - 2 * rim)
    return [
        Part(lathe(ribs), materials.board(art)),
        turned(p, foot, steel, passes=2),
        turned(p, head, steel, passes=2),
    ]


@shape("glass_bottle")
def _glass_bottle(p: Product) -> list[Part]:
    r, h = roundness(p)
    cap_low = h - 0.22
    line = [
        (0.0005, 0.02),
        (r * 0.8, 0.0),
        (r, 0.02),
        (r, 0.1),
        (r, h * 0.56),
        (r, h * 0.62),
        (r * 0.86, h * 0.7),
        (r * 0.45, h * 0.79),
        (0.145, h * 0.87),
        (0.14, cap_low),
        (0.14, h - 0.06),
        (0.0005, h - 0.06),
    ]
    cap = [(0.155, cap_low), (0.16, cap_low + 0.02), (0.16, h - 0.02), (0.15, h), (0.0005, h)]
    return [
        turned(p, line, materials.clear_glass(p.body["glass"])),
        turned(p, cap, materials.metal(p.body["cap"]), passes=2),
        round_label(p, r, h * 0.12, h * 0.52),
    ]


@shape("oil_bottle")
def _oil_bottle(p: Product) -> list[Part]:
    r, h = roundness(p)
    cap_low = h * 0.87
    line = [
        (0.0005, 0.02),
        (r * 0.85, 0.0),
        (r, 0.02),
        (r, 0.12),
        (r, h * 0.56),
        (r, h * 0.62),
        (r * 0.9, h * 0.68),
        (r * 0.5, h * 0.74),
        (0.135, h * 0.8),
        (0.13, h * 0.84),
        (0.13, cap_low),
    ]
    cap = [(0.15, cap_low), (0.155, cap_low + 0.02), (0.155, h - 0.03), (0.14, h), (0.0005, h)]
    return [
        turned(p, line, materials.glazed(p.body["glass"])),
        turned(
            p,
            cap,
            materials.metal(p.body["cap"]) if p.body["cap"] == "#c21f1f" else materials.plastic(p.body["cap"]),
            passes=2,
        ),
        round_label(p, r, h * 0.1, h * 0.56),
    ]


def _lid(r: float, low: float, high: float, material: materials.Material) -> Part:
    line = [
        (r * 0.97, low),
        (r, low + 0.01),
        (r, high - 0.03),
        (r * 0.985, high - 0.008),
        (r * 0.9, high),
        (r * 0.82, high - 0.012),
        (0.0005, high - 0.012),
    ]
    return Part(lathe(softened(line, 2)), material)


@shape("jar")
def _jar(p: Product) -> list[Part]:
    r, h = roundness(p)
    low = h * 0.83
    body = [
        (0.0005, 0.02),
        (r * 0.85, 0.0),
        (r * 0.98, 0.03),
        (r, 0.1),
        (r, h * 0.66),
        (r * 0.98, h * 0.73),
        (r * 0.86, h * 0.79),
        (r * 0.84, h * 0.8),
        (r * 0.84, low),
    ]
    return [
        turned(p, body, materials.glazed(p.body["content"])),
        _lid(r * 0.92, low - 0.02, h, materials.Material(p.body["lid"], roughness=0.3, metallic=0.5, coat=0.4)),
        round_label(p, r, h * 0.14, h * 0.6, share=0.38),
    ]


@shape("hex_jar")
def _hex_jar(p: Product) -> list[Part]:
    r, h = roundness(p)
    low = h * 0.8
    line = softened(
        [
            (r * 0.2, 0.0),
            (r * 0.94, 0.0),
            (r, 0.05),
            (r, h * 0.64),
            (r * 0.97, h * 0.7),
            (r * 0.76, h * 0.77),
            (r * 0.74, low),
        ]
    )
    art = labels.wrap(p, 2 * np.pi * r, h * 0.46, 0.34)
    skin = lathe([(r + 0.004, h * 0.14), (r + 0.004, h * 0.37), (r + 0.004, h * 0.6)], sides=6, around=288)
    return [
        Part(lathe(line, sides=6, around=288), materials.glazed(p.body["content"])),
        Part(skin, materials.paper(art)),
        _lid(r * 0.86, low - 0.02, h, materials.metal(p.body["lid"])),
    ]


@shape("spice_jar")
def _spice_jar(p: Product) -> list[Part]:
    r, h = roundness(p)
    low = h * 0.76
    body = [
        (0.0005, 0.01),
        (r * 0.9, 0.0),
        (r, 0.03),
        (r, 0.1),
        (r, h * 0.64),
        (r, h * 0.68),
        (r * 0.88, h * 0.74),
        (r * 0.86, low),
    ]
    cap = [(r * 0.95, low), (r * 0.98, low + 0.01), (r * 0.98, h - 0.03), (r * 0.93, h), (0.0005, h)]
    return [
        turned(p, body, materials.glazed(p.body["content"])),
        turned(p, cap, materials.plastic(p.body["lid"])),
        round_label(p, r, h * 0.1, h * 0.58, share=0.4),
    ]


@shape("candle")
def _candle(p: Product) -> list[Part]:
    r, h = roundness(p)
    cup = [
        (0.0005, 0.01),
        (r * 0.9, 0.0),
        (r, 0.04),
        (r, 0.15),
        (r, h - 0.05),
        (r, h),
        (r * 0.94, h),
        (r * 0.94, h * 0.86),
    ]
    wick = lathe([(0.012, h * 0.84), (0.012, h * 0.93), (0.0005, h * 0.94)])
    return [
        turned(p, cup, materials.glazed(p.body["glass"]), passes=2),
        disc(r * 0.945, h * 0.85, materials.Material(p.body["content"], roughness=0.5)),
        Part(wick, materials.paper("#3a3028")),
        round_label(p, r, h * 0.16, h * 0.72, share=0.36),
    ]


@shape("cup")
def _cup(p: Product) -> list[Part]:
    r, h = roundness(p)
    small = r * 0.8
    wall = [(0.0005, 0.0), (small * 0.92, 0.0), (small, 0.03), (small, 0.04)]
    art = labels.wrap(p, 2 * np.pi * r, h, 0.38)
    body = lathe([(small, 0.035), ((small + r) / 2, h / 2), (r, h - 0.05)])
    rim = [(r, h - 0.055), (r + 0.045, h - 0.045), (r + 0.05, h - 0.02), (r + 0.045, h)]
    top = lathe([(r + 0.045, h), (r * 0.9, h + 0.004), (0.0005, h + 0.002)])
    flat = Mesh(top.vertices, top.normals, top.vertices[:, :2] / (2 * (r + 0.045)) + 0.5, top.faces)
    return [
        turned(p, wall, materials.plastic("#fafafa"), passes=1),
        Part(body, materials.plastic(art)),
        turned(p, rim, materials.plastic("#fafafa"), passes=2),
        Part(flat, materials.printed_metal(labels.lid(p, 1, 1))),
    ]


@shape("bottle")
def _bottle(p: Product) -> list[Part]:
    r, h = roundness(p)
    cap_low = h * 0.86
    squash = 0.72
    body = [
        (0.0005, 0.01),
        (r * 0.85, 0.0),
        (r * 0.98, 0.03),
        (r, 0.12),
        (r, h * 0.7),
        (r * 0.95, h * 0.77),
        (r * 0.6, h * 0.83),
        (r * 0.5, h * 0.845),
        (r * 0.5, cap_low),
    ]
    cap = [(r * 0.62, cap_low), (r * 0.63, cap_low + 0.02), (r * 0.63, h - 0.03), (r * 0.58, h), (0.0005, h)]
    return [
        turned(p, body, materials.plastic(p.body["plastic"]), squash),
        turned(p, cap, materials.plastic(p.body["cap"])),
        round_label(p, r, h * 0.06, h * 0.7, squash, surface=materials.plastic),
    ]


@shape("squeeze")
def _squeeze(p: Product) -> list[Part]:
    r, h = roundness(p)
    squash = 0.62
    body = [
        (0.0005, 0.01),
        (r * 0.85, 0.0),
        (r * 0.97, 0.04),
        (r, 0.15),
        (r * 0.98, h * 0.5),
        (r * 0.9, h * 0.66),
        (r * 0.7, h * 0.76),
        (r * 0.36, h * 0.82),
        (r * 0.33, h * 0.85),
    ]
    cap = [
        (r * 0.4, h * 0.845),
        (r * 0.42, h * 0.855),
        (r * 0.42, h * 0.92),
        (r * 0.3, h * 0.94),
        (r * 0.16, h * 0.955),
        (r * 0.14, h),
        (0.0005, h),
    ]
    return [
        turned(p, body, materials.Material(p.body["plastic"], roughness=0.12, coat=0.9), squash),
        turned(p, cap, materials.plastic(p.body["cap"])),
        round_label(p, r * 0.998, h * 0.1, h * 0.55, squash, top_radius=r * 0.975, surface=materials.plastic),
    ]


@shape("detergent")
def _detergent(p: Product) -> list[Part]:
    r, h = roundness(p)
    squash = 0.55
    body = [
        (0.0005, 0.01),
        (r * 0.88, 0.0),
        (r * 0.98, 0.05),
        (r, 0.18),
        (r, h * 0.55),
        (r * 0.94, h * 0.68),
        (r * 0.6, h * 0.79),
        (r * 0.38, h * 0.82),
        (r * 0.36, h * 0.85),
    ]
    cap = [(r * 0.4, h * 0.845), (r * 0.44, h * 0.855), (r * 0.43, h * 0.98), (r * 0.4, h), (0.0005, h)]
    return [
        turned(p, body, materials.plastic(p.body["plastic"]), squash),
        turned(p, cap, materials.plastic(p.body["cap"])),
        round_label(p, r, h * 0.1, h * 0.56, squash, share=0.4, surface=materials.plastic),
    ]


@shape("pump")
def _pump(p: Product) -> list[Part]:
    r, h = roundness(p)
    low = h * 0.74
    body = [
        (0.0005, 0.01),
        (r * 0.9, 0.0),
        (r, 0.03),
        (r, 0.12),
        (r, h * 0.6),
        (r * 0.97, h * 0.65),
        (r * 0.6, h * 0.7),
        (r * 0.4, h * 0.715),
        (r * 0.4, low),
    ]
    collar = [
        (r * 0.46, low - 0.03),
        (r * 0.48, low - 0.02),
        (r * 0.48, low + 0.08),
        (r * 0.4, low + 0.1),
        (0.05, low + 0.11),
        (0.05, h - 0.1),
    ]
    head = rounded_box(0.17, 0.17, 0.1, 0.03)
    spout = rounded_box(0.075, 0.34, 0.06, 0.028)
    cap = materials.plastic(p.body["cap"])
    return [
        turned(p, body, materials.plastic(p.body["plastic"])),
        turned(p, collar, cap, passes=2),
        *(Part(mesh.moved(z=h - 0.12), cap) for mesh in head.values()),
        *(Part(mesh.moved(y=-0.17, z=h - 0.09), cap) for mesh in spout.values()),
        round_label(p, r, h * 0.08, h * 0.56, share=0.38, surface=materials.plastic),
    ]


@shape("spray")
def _spray(p: Product) -> list[Part]:
    r, h = roundness(p)
    squash = 0.72
    low = h * 0.76
    body = [
        (0.0005, 0.01),
        (r * 0.88, 0.0),
        (r * 0.98, 0.04),
        (r, 0.15),
        (r, h * 0.48),
        (r * 0.92, h * 0.58),
        (r * 0.5, h * 0.68),
        (r * 0.34, h * 0.72),
        (r * 0.34, low),
    ]
    collar = [
        (r * 0.42, low - 0.05),
        (r * 0.44, low - 0.04),
        (r * 0.44, low + 0.08),
        (r * 0.3, low + 0.1),
        (0.0005, low + 0.1),
    ]
    head, nozzle, trigger = (
        rounded_box(0.19, 0.52, 0.24, 0.07),
        rounded_box(0.12, 0.12, 0.12, 0.03),
        rounded_box(0.09, 0.07, 0.4, 0.03),
    )
    cap = materials.plastic(p.body["cap"])
    accent = materials.plastic(p.palette[2])
    lean = rotation("x", -22)
    return [
        turned(p, body, materials.Material(p.body["plastic"], roughness=0.12, coat=0.9), squash),
        turned(p, collar, cap, passes=2),
        *(Part(mesh.moved(y=-0.08, z=h - 0.24), cap) for mesh in head.values()),
        *(Part(mesh.moved(y=-0.36, z=h - 0.17), accent) for mesh in nozzle.values()),
        *(Part(mesh.moved(z=-0.4).turned(lean).moved(y=-0.17, z=h - 0.2), accent) for mesh in trigger.values()),
        round_label(p, r, h * 0.07, h * 0.5, squash, surface=materials.plastic),
    ]
