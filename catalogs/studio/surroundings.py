"""Textures of the places where samples are taken: wood, plaster, tiles, a blurred aisle."""

from __future__ import annotations

import cv2
import numpy as np

from catalogs.studio.paint import Pixels


def _hex(colour: str) -> np.ndarray:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.float32)


def _opaque(rgb: np.ndarray) -> Pixels:
    flat = np.clip(rgb, 0, 255).astype(np.uint8)
    return np.dstack([flat, np.full(flat.shape[:2], 255, np.uint8)])


def wood(seed: int, colour: str = "#a9754a") -> Pixels:
    """Planks with grain, 1024 x 1024."""
    dice = np.random.default_rng(seed)
    size, planks = 1024, 6
    picture = np.zeros((size, size, 3), np.float32)
    tall = size // planks
    x = np.arange(size)
    for plank in range(planks):
        rows = slice(plank * tall, size if plank == planks - 1 else (plank + 1) * tall)
        count = len(range(*rows.indices(size)))
        noise = cv2.GaussianBlur(dice.normal(0, 1, (count, size)).astype(np.float32), (0, 0), sigmaX=60, sigmaY=1.2)
        rings = np.sin(np.arange(count)[:, None] * 0.22 + noise * 26 + 3 * np.sin(x / 170 + plank)[None])
        shade = 1 + 0.12 * rings + 1.2 * noise + dice.uniform(-0.12, 0.12)
        picture[rows] = _hex(colour) * shade[..., None]
        picture[rows.start : rows.start + 3] *= 0.45
    return _opaque(picture)


def plaster(seed: int, colour: str) -> Pixels:
    """A painted wall, 512 x 512."""
    dice = np.random.default_rng(seed)
    noise = cv2.GaussianBlur(dice.normal(0, 1, (512, 512)).astype(np.float32), (0, 0), 14) * 14
    return _opaque(_hex(colour) * (1 + 0.035 * noise)[..., None])


def tiles(seed: int, colour: str) -> Pixels:
    """Glazed tiles with joints, 768 x 768."""
    dice = np.random.default_rng(seed)
    picture = np.zeros((768, 768, 3), np.float32)
    step = 96
    for row in range(8):
        for column in range(-1, 8):
            left = column * step + (step // 2 if row % 2 else 0)
            area = (slice(row * step, row * step + step), slice(max(left, 0), max(left + step, 0)))
            picture[area] = _hex(colour) * dice.uniform(0.9, 1.08)
            picture[row * step : row * step + 4, area[1]] = 150
            picture[area[0], max(left, 0) : max(left + 4, 0)] = 150
    return _opaque(picture)


def aisle(seed: int) -> Pixels:
    """A shop aisle out of focus, 960 x 720: rows of coloured goods under bright lights."""
    dice = np.random.default_rng(seed)
    picture = np.full((720, 960, 3), 96, np.float32)
    picture[:170] = (214, 216, 212)
    for row in range(4):
        top = 170 + row * 120
        x = 0
        while x < 960:
            wide = int(dice.integers(18, 62))
            colour = np.array(
                cv2.cvtColor(
                    np.array([[[dice.integers(0, 180), dice.integers(30, 150), dice.integers(80, 225)]]], np.uint8),
                    cv2.COLOR_HSV2RGB,
                )[0, 0],
                np.float32,
            )
            picture[top + int(dice.integers(4, 34)) : top + 104, x : x + wide] = colour
            x += wide + int(dice.integers(0, 7))
        picture[top + 104 : top + 120] = (226, 224, 220)
    picture[650:] = (150, 146, 140)
    for _ in range(9):
        cv2.ellipse(
            picture, (int(dice.integers(0, 960)), int(dice.integers(20, 140))), (70, 9), 0, 0, 360, (255, 255, 250), -1
        )
    return _opaque(cv2.GaussianBlur(picture, (0, 0), 13))
