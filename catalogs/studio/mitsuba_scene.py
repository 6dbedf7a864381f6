"""From parts, lights and a camera to a picture: the only file that names Mitsuba and the denoiser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalogs.studio.materials import Material
from catalogs.studio.meshes import Mesh
from catalogs.studio.setting import Camera, Light, Setting
from catalogs.studio.shapes import Part

Linear = NDArray[np.float32]


@cache
def mitsuba() -> ModuleType:
    """Mitsuba with its fastest usable variant: LLVM from 17 on (older ones fail on AVX-512 constants), else scalar."""
    libraries = sorted(
        (
            path
            for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib")
            for path in Path(folder).glob("libLLVM*.so*")
        ),
        key=_llvm_version,
    )
    usable = [path for path in libraries if _llvm_version(path) >= 17]
    if usable and "DRJIT_LIBLLVM_PATH" not in os.environ:
        os.environ["DRJIT_LIBLLVM_PATH"] = str(usable[-1])
    import mitsuba as mi  # only now: the library path must be set before

    wanted = os.environ.get("STUDIO_VARIANT", "llvm_ad_rgb" if "DRJIT_LIBLLVM_PATH" in os.environ else "scalar_rgb")
    mi.set_variant(wanted)
    if "STUDIO_THREADS" in os.environ:
        import drjit

        drjit.set_thread_count(int(os.environ["STUDIO_THREADS"]))
    return mi


def _llvm_version(path: Path) -> int:
    digits = "".join(char if char.isdigit() else " " for char in path.name).split()
    return int(digits[0]) if digits else 0


def _srgb_to_linear(colour: str) -> list[float]:
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _bsdf(material: Material) -> dict[str, Any]:
    mi = mitsuba()
    if isinstance(material.colour, str):
        base: dict[str, Any] = {"type": "rgb", "value": _srgb_to_linear(material.colour)}
    else:
        base = {
            "type": "bitmap",
            "bitmap": mi.Bitmap(np.ascontiguousarray(material.colour[..., :3])),
            "filter_type": "bilinear",
            "wrap_mode": "clamp",
        }
    if material.glass:
        return {"type": "dielectric", "int_ior": 1.36, "specular_transmittance": base}
    surface: dict[str, Any] = {
        "type": "principled",
        "base_color": base,
        "roughness": material.roughness,
        "metallic": material.metallic,
        "specular": material.specular,
        "clearcoat": material.coat,
        "clearcoat_gloss": 0.92,
        "sheen": material.sheen,
    }
    both = {"type": "twosided", "bsdf": surface}
    if material.cut and not isinstance(material.colour, str):
        alpha = mi.Bitmap(np.ascontiguousarray(material.colour[..., 3:]).astype(np.float32) / 255)
        return {
            "type": "mask",
            "opacity": {"type": "bitmap", "bitmap": alpha, "raw": True, "wrap_mode": "clamp"},
            "bsdf": both,
        }
    return both


def _shape(mesh: Mesh, bsdf: object) -> object:
    mi = mitsuba()
    props = mi.Properties()
    props["bsdf"] = bsdf
    shape = mi.Mesh(
        "part", len(mesh.vertices), len(mesh.faces), props=props, has_vertex_normals=True, has_vertex_texcoords=True
    )
    params = mi.traverse(shape)
    # Bitmaps have their first row at v = 0.
    uv = np.stack([mesh.uv[:, 0], 1 - mesh.uv[:, 1]], -1)
    for name, array in (
        ("vertex_positions", mesh.vertices),
        ("vertex_normals", mesh.normals),
        ("vertex_texcoords", uv),
    ):
        params[name] = array.astype(np.float32).ravel()
    params["faces"] = mesh.faces.astype(np.uint32).ravel()
    params.update()
    return shape


def _light(light: Light) -> dict[str, Any]:
    mi = mitsuba()
    transform = mi.ScalarTransform4f().look_at(list(light.place), list(light.aim), [0, 0.01, 1])
    transform = transform @ mi.ScalarTransform4f().scale([light.width / 2, light.height / 2, 1])
    radiance = [light.power * channel for channel in light.colour]
    return {
        "type": "rectangle",
        "to_world": transform,
        "emitter": {"type": "area", "radiance": {"type": "rgb", "value": radiance}},
    }


def _sensor(camera: Camera, spp: int, seed: int) -> dict[str, Any]:
    mi = mitsuba()
    lens: dict[str, Any] = {"type": "perspective"}
    if camera.aperture > 0:
        lens = {"type": "thinlens", "aperture_radius": camera.aperture, "focus_distance": camera.focus}
    return {
        **lens,
        "fov": camera.fov,
        "fov_axis": "larger",
        "near_clip": 0.05,
        "to_world": mi.ScalarTransform4f().look_at(list(camera.place), list(camera.aim), list(camera.up)),
        "film": {
            "type": "hdrfilm",
            "width": camera.width,
            "height": camera.height,
            "pixel_format": "rgb",
            "rfilter": {"type": "box"},
        },
        "sampler": {"type": "independent", "sample_count": spp, "seed": seed},
    }


def render(parts: Sequence[Part], setting: Setting, camera: Camera, spp: int, seed: int = 0) -> Linear:
    """The picture in linear light, float32 (height, width, 3), denoised when the denoiser is installed."""
    mi = mitsuba()
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {
            "type": "aov",
            "aovs": "albedo:albedo,normal:sh_normal",
            "inner": {"type": "path", "max_depth": setting.depth},
        },
        "sky": {"type": "constant", "radiance": {"type": "rgb", "value": list(setting.sky)}},
    }
    for number, light in enumerate(setting.lights):
        scene[f"light{number}"] = _light(light)
    bsdfs: dict[int, object] = {}
    for number, part in enumerate([*setting.parts, *parts]):
        key = id(part.material)
        if key not in bsdfs:
            bsdfs[key] = mi.load_dict(_bsdf(part.material))
        scene[f"part{number}"] = _shape(part.mesh, bsdfs[key])
    sensor = mi.load_dict(_sensor(camera, spp, seed))
    layers = np.array(mi.render(mi.load_dict(scene), sensor=sensor, spp=spp, seed=seed), dtype=np.float32)
    # A caustic that one path in a thousand finds is noise at these counts, not light.
    colour = np.minimum(np.nan_to_num(layers[..., :3]), 12.0)
    return _denoised(colour, layers[..., 3:6], layers[..., 6:9])


def _denoised(colour: Linear, albedo: Linear, normal: Linear) -> Linear:
    try:
        import pyoidn  # type: ignore[import-not-found, unused-ignore]  # optional: without it, more samples
    except ImportError:
        return colour
    guides = [np.ascontiguousarray(np.nan_to_num(layer)) for layer in (np.clip(albedo, 0, 1), normal)]
    cleaned: Linear = pyoidn.denoise(np.ascontiguousarray(colour), albedo=guides[0], normal=guides[1], hdr=True)
    return cleaned
