"""What a picture was made from, as one hash, so that an unchanged picture is never rendered twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from catalogs.studio.setting import Camera, Setting
from catalogs.studio.shapes import Part

CACHE = Path(__file__).with_name(".cache")


def parts_digest(parts: Sequence[Part]) -> str:
    """A hash over every surface, material and texture, in order."""
    total = hashlib.sha256()
    for part in parts:
        for array in (part.mesh.vertices, part.mesh.uv, part.mesh.faces):
            total.update(np.round(array, 6).tobytes())
        art = part.material.colour
        total.update(art.encode() if isinstance(art, str) else art.tobytes())
        total.update(repr(replace(part.material, colour="")).encode())
    return total.hexdigest()


def digest(parts: Sequence[Part], setting: Setting, camera: Camera, **rest: Any) -> str:
    """The hash of a whole picture: item, surroundings, camera and whatever else decides it."""
    described = {
        "parts": parts_digest(parts),
        "around": parts_digest(setting.parts),
        "lights": [asdict(light) for light in setting.lights],
        "sky": setting.sky,
        "depth": setting.depth,
        "camera": asdict(camera),
        **rest,
    }
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def is_fresh(target: Path, name: str, recipe: str) -> bool:
    """Whether `target` exists and was made from this recipe."""
    note = CACHE / f"{name}.sha256"
    return target.exists() and note.exists() and note.read_text(encoding="ascii") == recipe


def remember(name: str, recipe: str) -> None:
    """Note the recipe that the picture `name` was just made from."""
    note = CACHE / f"{name}.sha256"
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(recipe, encoding="ascii")
