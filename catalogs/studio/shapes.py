"""Every body a product can have: its surfaces, what they are made of, and the label on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from catalogs.studio import bags, labels, materials
from catalogs.studio.materials import Material
from catalogs.studio.meshes import Mesh, lathe, rotation, rounded_box, sheet, softened
from catalogs.studio.paint import dark, light
from catalogs.studio.table import Product

CM = 0.1


@dataclass(frozen=True)
class Part:
    """One surface and its material."""

    mesh: Mesh
    material: Material


Builder = Callable[[Product], list[Part]]
SHAPES: dict[str, Builder] = {}
FLAT = frozenset({"shirt", "socks"})


def shape(name: str) -> Callable[[Builder], Builder]:
    """Register a body under its name."""

    def keep(build: Builder) -> Builder:
        SHAPES[name] = build
        return build

    return keep


def build(product: Product) -> list[Part]:
    """The parts of a product, standing (or lying) on z = 0 around the origin, its front towards -y; decimetres."""
    return SHAPES[product.shape](product)


def _disc(radius: float, z: float, material: Material, squash: float = 1.0) -> Part:
    return Part(lathe([(radius, z), (radius * 0.5, z), (0.0005, z)], squash), material)


def _turned(p: Product, profile: list[tuple[float, float]], material: Material, squash: float = 1.0, passes: int = 3) -> Part:
    return Part(lathe(softened(profile, passes), squash), material)


def _label(p: Product, radius: float, low: float, high: float, squash: float = 1.0, top_radius: float | None = None,
           share: float = 0.36, surface: Callable[[labels.Pixels], Material] = materials.paper) -> Part:
    art = labels.wrap(p, 2 * np.pi * radius * (1 + squash) / 2, high - low, share)
    line = [(radius + 0.004, low), ((radius + (top_radius or radius)) / 2 + 0.004, (low + high) / 2), ((top_radius or radius) + 0.004, high)]
    return Part(lathe(line, squash), surface(art))


def _carton(p: Product, w: float, d: float, h: float, r: float, surface: Callable[[labels.Pixels], Material]) -> list[Part]:
    faces = rounded_box(w, d, h, r)
    art = {"front": labels.front(p, w, h), "back": labels.back(p, w, h), "top": labels.lid(p, w, d), "bottom": labels.lid(p, w, d)}
    art["left"] = art["right"] = labels.side(p, d, h)
    return [Part(faces[name], surface(art[name])) for name in faces]


def _dims(p: Product) -> tuple[float, float, float]:
    return p.size["width"] * CM, p.size["depth"] * CM, p.size["height"] * CM


def _round(p: Product) -> tuple[float, float]:
    return p.size["radius"] * CM, p.size["height"] * CM


@shape("box")
def _box(p: Product) -> list[Part]:
    return _carton(p, *_dims(p), 0.018, materials.board)


@shape("bar")
def _bar(p: Product) -> list[Part]:
    return _carton(p, *_dims(p), 0.03, materials.paper)


@shape("butter")
def _butter(p: Product) -> list[Part]:
    w, d, h = _dims(p)
    faces = rounded_box(w, d, h, 0.06)
    art = {"front": labels.front(p, w, h), "back": labels.back(p, w, h), "top": labels.front(p, w, d), "bottom": labels.lid(p, w, d)}
    art["left"] = art["right"] = labels.side(p, d, h)
    return [Part(faces[name], materials.matte_film(art[name])) for name in faces]


@shape("fish_tin")
def _fish_tin(p: Product) -> list[Part]:
    w, d, h = _dims(p)
    tin, sleeve = rounded_box(w, d, h, 0.1), rounded_box(w * 0.985, d * 0.97, h * 0.8, 0.09)
    parts = [Part(mesh, materials.metal("#cfcac0")) for mesh in tin.values()]
    top = labels.front(p, w, d)
    parts.append(Part(sleeve["top"].moved(z=h * 0.21), materials.printed_metal(top)))
    parts.append(Part(tin["front"].moved(y=-0.003), materials.printed_metal(labels.side(p, w, h))))
    parts.append(Part(tin["back"].moved(y=0.003), materials.printed_metal(labels.side(p, w, h))))
    return parts


@shape("can")
def _can(p: Product) -> list[Part]:
    r, h = _round(p)
    body = _label(p, r, 0.09, h - 0.13, surface=materials.printed_metal)
    foot = [(r * 0.72, 0.0), (r * 0.8, 0.0), (r * 0.93, 0.05), (r, 0.09), (r + 0.003, 0.1)]
    neck = [(r + 0.003, h - 0.135), (r, h - 0.125), (r * 0.9, h - 0.05), (r * 0.86, h - 0.03), (r * 0.86, h - 0.012), (r * 0.88, h),
            (r * 0.84, h), (r * 0.82, h - 0.04), (r * 0.4, h - 0.035), (0.0005, h - 0.035)]
    tab = rounded_box(0.1, 0.2, 0.014, 0.006)
    return [body, _turned(p, foot, materials.metal(), passes=2), _turned(p, neck, materials.metal(), passes=2),
            *(Part(mesh.moved(y=-0.02, z=h - 0.03), materials.metal("#e2e2e0")) for mesh in tab.values())]


@shape("tin")
def _tin(p: Product) -> list[Part]:
    r, h = _round(p)
    rim = 0.035
    steel = materials.metal("#c9c7c2")
    foot = [(r * 0.92, 0.0), (r + 0.012, 0.0), (r + 0.014, rim * 0.6), (r, rim), (r, rim * 1.4)]
    head = [(r, h - rim * 1.4), (r, h - rim), (r + 0.014, h - rim * 0.6), (r + 0.012, h), (r * 0.95, h), (r * 0.94, h - 0.03), (r * 0.8, h - 0.03),
            (r * 0.78, h - 0.022), (r * 0.7, h - 0.022), (r * 0.68, h - 0.03), (0.0005, h - 0.03)]
    ribs = [(r + 0.001 + 0.004 * float(np.sin(k * 1.35)) * (0.3 < k / 48 < 0.7), rim + (h - 2 * rim) * k / 48) for k in range(49)]
    art = labels.wrap(p, 2 * np.pi * r, h - 2 * rim)
    return [Part(lathe(ribs), materials.board(art)), _turned(p, foot, steel, passes=2), _turned(p, head, steel, passes=2)]


@shape("glass_bottle")
def _glass_bottle(p: Product) -> list[Part]:
    r, h = _round(p)
    cap_low = h - 0.22
    line = [(0.0005, 0.02), (r * 0.8, 0.0), (r, 0.02), (r, 0.1), (r, h * 0.56), (r, h * 0.62), (r * 0.86, h * 0.7), (r * 0.45, h * 0.79), (0.145, h * 0.87),
            (0.14, cap_low), (0.14, h - 0.06), (0.0005, h - 0.06)]
    cap = [(0.155, cap_low), (0.16, cap_low + 0.02), (0.16, h - 0.02), (0.15, h), (0.0005, h)]
    return [_turned(p, line, materials.clear_glass(p.body["glass"])), _turned(p, cap, materials.metal(p.body["cap"]), passes=2),
            _label(p, r, h * 0.12, h * 0.52)]


@shape("oil_bottle")
def _oil_bottle(p: Product) -> list[Part]:
    r, h = _round(p)
    cap_low = h * 0.87
    line = [(0.0005, 0.02), (r * 0.85, 0.0), (r, 0.02), (r, 0.12), (r, h * 0.56), (r, h * 0.62), (r * 0.9, h * 0.68), (r * 0.5, h * 0.74),
            (0.135, h * 0.8), (0.13, h * 0.84), (0.13, cap_low)]
    cap = [(0.15, cap_low), (0.155, cap_low + 0.02), (0.155, h - 0.03), (0.14, h), (0.0005, h)]
    return [_turned(p, line, materials.glazed(p.body["glass"])), _turned(p, cap, materials.metal(p.body["cap"]) if p.body["cap"] == "#c21f1f" else
            materials.plastic(p.body["cap"]), passes=2), _label(p, r, h * 0.1, h * 0.56)]


def _lid(r: float, low: float, high: float, material: Material) -> Part:
    line = [(r * 0.97, low), (r, low + 0.01), (r, high - 0.03), (r * 0.985, high - 0.008), (r * 0.9, high), (r * 0.82, high - 0.012), (0.0005, high - 0.012)]
    return Part(lathe(softened(line, 2)), material)


@shape("jar")
def _jar(p: Product) -> list[Part]:
    r, h = _round(p)
    low = h * 0.83
    body = [(0.0005, 0.02), (r * 0.85, 0.0), (r * 0.98, 0.03), (r, 0.1), (r, h * 0.66), (r * 0.98, h * 0.73), (r * 0.86, h * 0.79), (r * 0.84, h * 0.8), (r * 0.84, low)]
    return [_turned(p, body, materials.glazed(p.body["content"])), _lid(r * 0.92, low - 0.02, h, materials.Material(p.body["lid"], roughness=0.3, metallic=0.5, coat=0.4)),
            _label(p, r, h * 0.14, h * 0.6, share=0.38)]


@shape("hex_jar")
def _hex_jar(p: Product) -> list[Part]:
    r, h = _round(p)
    low = h * 0.8
    line = softened([(r * 0.2, 0.0), (r * 0.94, 0.0), (r, 0.05), (r, h * 0.64), (r * 0.97, h * 0.7), (r * 0.76, h * 0.77), (r * 0.74, low)])
    art = labels.wrap(p, 2 * np.pi * r, h * 0.46, 0.34)
    skin = lathe([(r + 0.004, h * 0.14), (r + 0.004, h * 0.37), (r + 0.004, h * 0.6)], sides=6, around=288)
    return [Part(lathe(line, sides=6, around=288), materials.glazed(p.body["content"])), Part(skin, materials.paper(art)),
            _lid(r * 0.86, low - 0.02, h, materials.metal(p.body["lid"]))]


@shape("spice_jar")
def _spice_jar(p: Product) -> list[Part]:
    r, h = _round(p)
    low = h * 0.76
    body = [(0.0005, 0.01), (r * 0.9, 0.0), (r, 0.03), (r, 0.1), (r, h * 0.64), (r, h * 0.68), (r * 0.88, h * 0.74), (r * 0.86, low)]
    cap = [(r * 0.95, low), (r * 0.98, low + 0.01), (r * 0.98, h - 0.03), (r * 0.93, h), (0.0005, h)]
    return [_turned(p, body, materials.glazed(p.body["content"])), _turned(p, cap, materials.plastic(p.body["lid"])), _label(p, r, h * 0.1, h * 0.58, share=0.4)]


@shape("candle")
def _candle(p: Product) -> list[Part]:
    r, h = _round(p)
    cup = [(0.0005, 0.01), (r * 0.9, 0.0), (r, 0.04), (r, 0.15), (r, h - 0.05), (r, h), (r * 0.94, h), (r * 0.94, h * 0.86)]
    wick = lathe([(0.012, h * 0.84), (0.012, h * 0.93), (0.0005, h * 0.94)])
    return [_turned(p, cup, materials.glazed(p.body["glass"]), passes=2), _disc(r * 0.945, h * 0.85, materials.Material(p.body["content"], roughness=0.5)),
            Part(wick, materials.paper("#3a3028")), _label(p, r, h * 0.16, h * 0.72, share=0.36)]


@shape("cup")
def _cup(p: Product) -> list[Part]:
    r, h = _round(p)
    small = r * 0.8
    wall = [(0.0005, 0.0), (small * 0.92, 0.0), (small, 0.03), (small, 0.04)]
    art = labels.wrap(p, 2 * np.pi * r, h, 0.38)
    body = lathe([(small, 0.035), ((small + r) / 2, h / 2), (r, h - 0.05)])
    rim = [(r, h - 0.055), (r + 0.045, h - 0.045), (r + 0.05, h - 0.02), (r + 0.045, h)]
    top = lathe([(r + 0.045, h), (r * 0.9, h + 0.004), (0.0005, h + 0.002)])
    flat = Mesh(top.vertices, top.normals, top.vertices[:, :2] / (2 * (r + 0.045)) + 0.5, top.faces)
    return [_turned(p, wall, materials.plastic("#fafafa"), passes=1), Part(body, materials.plastic(art)), _turned(p, rim, materials.plastic("#fafafa"), passes=2),
            Part(flat, materials.printed_metal(labels.lid(p, 1, 1)))]


@shape("bottle")
def _bottle(p: Product) -> list[Part]:
    r, h = _round(p)
    cap_low = h * 0.86
    squash = 0.72
    body = [(0.0005, 0.01), (r * 0.85, 0.0), (r * 0.98, 0.03), (r, 0.12), (r, h * 0.7), (r * 0.95, h * 0.77), (r * 0.6, h * 0.83), (r * 0.5, h * 0.845), (r * 0.5, cap_low)]
    cap = [(r * 0.62, cap_low), (r * 0.63, cap_low + 0.02), (r * 0.63, h - 0.03), (r * 0.58, h), (0.0005, h)]
    return [_turned(p, body, materials.plastic(p.body["plastic"]), squash), _turned(p, cap, materials.plastic(p.body["cap"])),
            _label(p, r, h * 0.06, h * 0.7, squash, surface=materials.plastic)]


@shape("squeeze")
def _squeeze(p: Product) -> list[Part]:
    r, h = _round(p)
    squash = 0.62
    body = [(0.0005, 0.01), (r * 0.85, 0.0), (r * 0.97, 0.04), (r, 0.15), (r * 0.98, h * 0.5), (r * 0.9, h * 0.66), (r * 0.7, h * 0.76), (r * 0.36, h * 0.82), (r * 0.33, h * 0.85)]
    cap = [(r * 0.4, h * 0.845), (r * 0.42, h * 0.855), (r * 0.42, h * 0.92), (r * 0.3, h * 0.94), (r * 0.16, h * 0.955), (r * 0.14, h), (0.0005, h)]
    return [_turned(p, body, materials.Material(p.body["plastic"], roughness=0.12, coat=0.9), squash), _turned(p, cap, materials.plastic(p.body["cap"])),
            _label(p, r * 0.998, h * 0.1, h * 0.55, squash, top_radius=r * 0.975, surface=materials.plastic)]


@shape("detergent")
def _detergent(p: Product) -> list[Part]:
    r, h = _round(p)
    squash = 0.55
    body = [(0.0005, 0.01), (r * 0.88, 0.0), (r * 0.98, 0.05), (r, 0.18), (r, h * 0.55), (r * 0.94, h * 0.68), (r * 0.6, h * 0.79), (r * 0.38, h * 0.82), (r * 0.36, h * 0.85)]
    cap = [(r * 0.4, h * 0.845), (r * 0.44, h * 0.855), (r * 0.43, h * 0.98), (r * 0.4, h), (0.0005, h)]
    return [_turned(p, body, materials.plastic(p.body["plastic"]), squash), _turned(p, cap, materials.plastic(p.body["cap"])),
            _label(p, r, h * 0.1, h * 0.56, squash, share=0.4, surface=materials.plastic)]


@shape("pump")
def _pump(p: Product) -> list[Part]:
    r, h = _round(p)
    low = h * 0.74
    body = [(0.0005, 0.01), (r * 0.9, 0.0), (r, 0.03), (r, 0.12), (r, h * 0.6), (r * 0.97, h * 0.65), (r * 0.6, h * 0.7), (r * 0.4, h * 0.715), (r * 0.4, low)]
    collar = [(r * 0.46, low - 0.03), (r * 0.48, low - 0.02), (r * 0.48, low + 0.08), (r * 0.4, low + 0.1), (0.05, low + 0.11), (0.05, h - 0.1)]
    head = rounded_box(0.17, 0.17, 0.1, 0.03)
    spout = rounded_box(0.075, 0.34, 0.06, 0.028)
    cap = materials.plastic(p.body["cap"])
    return [_turned(p, body, materials.plastic(p.body["plastic"])), _turned(p, collar, cap, passes=2),
            *(Part(mesh.moved(z=h - 0.12), cap) for mesh in head.values()),
            *(Part(mesh.moved(y=-0.17, z=h - 0.09), cap) for mesh in spout.values()), _label(p, r, h * 0.08, h * 0.56, share=0.38, surface=materials.plastic)]


@shape("spray")
def _spray(p: Product) -> list[Part]:
    r, h = _round(p)
    squash = 0.72
    low = h * 0.76
    body = [(0.0005, 0.01), (r * 0.88, 0.0), (r * 0.98, 0.04), (r, 0.15), (r, h * 0.48), (r * 0.92, h * 0.58), (r * 0.5, h * 0.68), (r * 0.34, h * 0.72), (r * 0.34, low)]
    collar = [(r * 0.42, low - 0.05), (r * 0.44, low - 0.04), (r * 0.44, low + 0.08), (r * 0.3, low + 0.1), (0.0005, low + 0.1)]
    head, nozzle, trigger = rounded_box(0.19, 0.52, 0.24, 0.07), rounded_box(0.12, 0.12, 0.12, 0.03), rounded_box(0.09, 0.07, 0.4, 0.03)
    cap = materials.plastic(p.body["cap"])
    accent = materials.plastic(p.palette[2])
    lean = rotation("x", -22)
    return [_turned(p, body, materials.Material(p.body["plastic"], roughness=0.12, coat=0.9), squash), _turned(p, collar, cap, passes=2),
            *(Part(mesh.moved(y=-0.08, z=h - 0.24), cap) for mesh in head.values()),
            *(Part(mesh.moved(y=-0.36, z=h - 0.17), accent) for mesh in nozzle.values()),
            *(Part(mesh.moved(z=-0.4).turned(lean).moved(y=-0.17, z=h - 0.2), accent) for mesh in trigger.values()),
            _label(p, r, h * 0.07, h * 0.5, squash, surface=materials.plastic)]


@shape("tube")
def _tube(p: Product) -> list[Part]:
    r, h = _round(p)
    low = h * 0.14
    turn = np.linspace(0, 2 * np.pi, 145)
    t = np.linspace(0, 1, 90)[:, None]
    body_t = np.clip(t / 0.95, 0, 1)
    flat = np.sqrt(np.clip(1 - body_t**1.7, 0, 1))
    depth = r * np.maximum(flat, 0.018)
    width = r * (1 + 0.5 * (1 - flat) ** 1.2)
    x, y = -width * np.sin(turn)[None, :], depth * np.cos(turn)[None, :]
    z = np.broadcast_to(low + t * (h - low), x.shape)
    from catalogs.studio.meshes import grid  # noqa: PLC0415  (only this body needs a bare grid)

    body = grid(np.stack([x, y, z], -1))
    cap = [(r * 0.9, 0.0), (r * 0.97, 0.01), (r * 0.97, low - 0.03), (r * 0.9, low), (r * 0.8, low)]
    neck = [(r * 0.75, low - 0.02), (r * 0.97, low - 0.005), (r, low + 0.02)]
    art = labels.wrap(p, 2 * np.pi * r, h - low, 0.37)
    return [Part(body, materials.plastic(art)), _turned(p, cap, materials.plastic(p.body["cap"]), passes=2), _turned(p, neck, materials.plastic(p.body["plastic"]), passes=1)]


@shape("pillow")
def _pillow(p: Product) -> list[Part]:
    w, d, h = _dims(p)
    bulge = bags.pillow(d, p.brand)

    def narrow(t: np.ndarray) -> np.ndarray:
        return 1 - 0.07 * np.sin(np.pi * t) ** 0.8

    front, back = sheet(w, h, bulge, outline=narrow), sheet(w, h, bulge, back=True, outline=narrow)
    return [Part(front, materials.film(labels.front(p, w, h, 1300, 0.05, 0.05))), Part(back, materials.film(labels.back(p, w, h)))]


@shape("pouch")
def _pouch(p: Product) -> list[Part]:
    w, d, h = _dims(p)
    bulge = bags.stand_up(d, p.brand)
    return [Part(sheet(w, h, bulge), materials.matte_film(labels.front(p, w, h, 1300, 0.13, 0.03))), Part(sheet(w, h, bulge, back=True), materials.matte_film(labels.back(p, w, h, head=0.12)))]


@shape("spout_pouch")
def _spout_pouch(p: Product) -> list[Part]:
    w, d, h = _dims(p)
    bulge = bags.stand_up(d, p.brand)

    def shoulders(t: np.ndarray) -> np.ndarray:
        return 1 - 0.62 * np.clip((t - 0.82) / 0.18, 0, 1) ** 1.6

    cap = [(0.1, h + 0.04), (0.17, h + 0.05), (0.17, h + 0.22), (0.15, h + 0.25), (0.0005, h + 0.25)]
    neck = [(0.09, h - 0.08), (0.09, h + 0.05)]
    return [Part(sheet(w, h, bulge, outline=shoulders), materials.film(labels.front(p, w, h, head=0.1))), Part(sheet(w, h, bulge, back=True, outline=shoulders),
            materials.film(labels.back(p, w, h, head=0.1))), _turned(p, cap, materials.plastic(p.body["cap"]), passes=2), _turned(p, neck, materials.plastic("#f4f4f2"), passes=1)]


@shape("gable")
def _gable(p: Product) -> list[Part]:
    from catalogs.studio.meshes import grid  # noqa: PLC0415

    w, d, h = _dims(p)
    body, fin = h * 0.78, h * 0.93
    parts = [part for part in _carton(p, w, d, body, 0.012, materials.board)]
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
        gable_low = np.linspace(np.array([w / 2 * side, -d / 2 * side, body]), np.array([w / 2 * side, d / 2 * side, body]), 6)
        tip = np.broadcast_to(np.array([w * 0.36 * side, 0.0, fin]), gable_low.shape)
        parts.append(Part(grid(np.stack([gable_low, 0.5 * gable_low + 0.5 * tip, tip * 0.999 + gable_low * 0.001])), plain))
    slope = float(np.degrees(np.arctan2(fin - body, d / 2)))
    cap = lathe(softened([(0.15, 0.0), (0.15, 0.09), (0.14, 0.11), (0.0005, 0.11)], 2))
    flange = lathe([(0.19, 0.0), (0.19, 0.015), (0.0005, 0.015)])
    lean = rotation("x", slope)
    for mesh, colour in ((flange, "#f6f6f4"), (cap, p.body.get("cap", "#ffffff"))):
        parts.append(Part(mesh.turned(lean).moved(y=-d * 0.26, z=body + (fin - body) * 0.48), materials.plastic(colour)))
    return parts
