"""A network of a few channels and shops of a few drawn products: small enough to train in a test."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from tests.source_fixtures import write_csv

#: Side of the tiny network's input.
SIZE_PX = 32


def tiny_weights(seed: int = 11, scale: int = 1) -> dict[str, np.ndarray]:
    """An EfficientNet-Lite with unfolded norms, eight blocks of a few channels; scaled so that activations live."""
    rng = np.random.default_rng(seed)
    state: dict[str, np.ndarray] = {}

    def conv(name: str, norm: str, out: int, into: int, taps: int) -> None:
        fan_in = into * taps * taps
        state[f"{name}.weight"] = rng.normal(0, (2 / fan_in) ** 0.5, (out, into, taps, taps)).astype(np.float32)
        state[f"{norm}.weight"] = rng.uniform(0.8, 1.4, out).astype(np.float32)
        state[f"{norm}.bias"] = rng.normal(0.1, 0.2, out).astype(np.float32)
        state[f"{norm}.running_mean"] = rng.normal(0, 0.1, out).astype(np.float32)
        state[f"{norm}.running_var"] = rng.uniform(0.6, 1.2, out).astype(np.float32)

    width = 4 * scale
    conv("_conv_stem", "_bn0", width, 3, 3)
    for block, (out, taps) in enumerate([(4, 3), (6, 3), (6, 3), (8, 5), (10, 3), (12, 5), (14, 5), (16, 3)]):
        at, out = f"_blocks.{block}", out * scale
        inner = width * 2 if block else width
        if block:
            conv(f"{at}._expand_conv", f"{at}._bn0", inner, width, 1)
        conv(f"{at}._depthwise_conv", f"{at}._bn1", inner, 1, taps)
        conv(f"{at}._project_conv", f"{at}._bn2", out, inner, 1)
        width = out
    conv("_conv_head", "_bn1", 24 * scale, width, 1)
    return state


def product_picture(product: int, view: int, studio: bool = False, side_px: int = 72) -> np.ndarray:
    """A package that looks the same in each view; on a cluttered shelf, or on white."""
    look, pose = np.random.default_rng([product, 1]), np.random.default_rng([product, view, 2])
    label = cv2.resize(look.integers(0, 220, (3, 3, 3), dtype=np.uint8), (40, 40), interpolation=cv2.INTER_NEAREST)
    cv2.circle(label, (20, 20), 9, look.integers(0, 220, 3).tolist(), -1)
    if studio:
        canvas = np.full((side_px, side_px, 3), 255, np.uint8)
        left, top = (side_px - 40) // 2, (side_px - 40) // 2
    else:
        clutter = pose.integers(0, 255, (6, 6, 3), dtype=np.uint8)
        canvas = np.asarray(cv2.resize(clutter, (side_px, side_px), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        left, top = (int(value) for value in pose.integers(2, side_px - 42, 2))
    canvas[top : top + 40, left : left + 40] = label
    return canvas


def save(path: Path, picture: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture[..., ::-1])
    return path


def training_shop(folder: Path, products: int = 6, photos: int = 6, studio: bool = True, first: int = 0) -> Path:
    """A source of `products` products in two categories, `photos` natural pictures each, and one on white."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for number in range(first, first + products):
        sku = f"T{number:02d}"
        rows.append({"sku": sku, "name": f"Thing {number}", "category": "even" if number % 2 == 0 else "odd"})
        for view in range(photos):
            save(folder / "images" / sku / f"n{view}.png", product_picture(number, view))
        if studio:
            save(folder / "images" / sku / "s.png", product_picture(number, 0, studio=True))
    write_csv(folder / "products.csv", rows)
    return folder
