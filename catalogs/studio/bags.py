"""How film bags swell and crease."""

from __future__ import annotations

import random
from collections.abc import Callable

import numpy as np

from catalogs.studio.meshes import Floats

Bulge = Callable[[Floats, Floats], Floats]


def _creases(u: Floats, t: Floats, seed: str, near: tuple[float, ...], reach: float, strength: float) -> Floats:
    """Radial folds that fade away from the seals at heights `near`."""
    dice = random.Random(seed)
    total = np.zeros_like(u)
    for seal in near:
        fade = np.exp(-np.abs(t - seal) / reach)
        for _ in range(5):
            waves, phase, drift = dice.uniform(5, 15), dice.uniform(0, 6.3), dice.uniform(-6, 6)
            total += fade * dice.uniform(0.3, 1.0) * np.sin(waves * u + phase + drift * (t - seal))
    for _ in range(7):
        cu, ct, size = dice.uniform(-0.8, 0.8), dice.uniform(0.2, 0.85), dice.uniform(0.08, 0.25)
        turn = dice.uniform(0, 3.1)
        along = (u - cu) * np.cos(turn) + (t - ct) * 2 * np.sin(turn)
        across = -(u - cu) * np.sin(turn) + (t - ct) * 2 * np.cos(turn)
        total += dice.uniform(-1.1, 0.7) * np.exp(-((along / (size * 2)) ** 2) - (across / (size * 0.5)) ** 2)
    return strength * total


def pillow(depth: float, seed: str) -> Bulge:
    """Sealed flat at the foot and at the head, full in between."""

    def bulge(u: Floats, t: Floats) -> Floats:
        inside = np.clip((t - 0.05) / 0.9, 0, 1)
        up = np.sin(np.pi * inside) ** 0.62
        across = np.clip(1 - np.abs(u) ** 2.6, 0, 1) ** 0.6
        seam = 0.006 * np.sin(t * 520) * ((t < 0.05) | (t > 0.95))
        return (
            depth / 2 * up * across
            + _creases(u, t, seed, (0.05, 0.95), 0.09, 0.018 * depth / 0.7) * across * (up > 0)
            + seam
        )

    return bulge


def stand_up(depth: float, seed: str) -> Bulge:
    """Stands on an oval gusset and closes to a flat seal at the head."""

    def bulge(u: Floats, t: Floats) -> Floats:
        up = 1 - np.clip(t / 0.88, 0, 1) ** 1.7
        across = np.clip(1 - np.abs(u) ** 2.4, 0, 1) ** (0.5 + 0.25 * t)
        open_part = np.clip((0.88 - t) / 0.06, 0, 1)
        seal = 0.004 * np.sin(t * 700) * (t > 0.9)
        return (
            depth / 2 * up * across
            + _creases(u, t, seed, (0.88,), 0.12, 0.011 * depth / 0.6) * across * open_part
            + seal
        )

    return bulge
