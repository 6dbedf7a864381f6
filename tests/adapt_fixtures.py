"""Encoders and shops in which there is something to gain, or nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from engine.encoder_info import EncoderInfo
from engine.image import InputSpec
from engine.training.export import build_model, trunk_features, write_encoder
from engine.training.head import fit_part
from engine.training.photos import find_photos
from engine.training.trunk import TrunkWeights
from tests.source_fixtures import write_csv
from tests.train_fixtures import SIZE_PX, save, tiny_weights

SPEC = InputSpec(SIZE_PX, (127.0,) * 3, (128.0,) * 3, 1.0)
PRODUCTS, PHOTOS = 10, 8


def lit_picture(product: int, view: int) -> np.ndarray:
    """A pattern in its own colours, under another light in each view."""
    look, pose = np.random.default_rng([product, 1]), np.random.default_rng([product, view, 2])
    pattern = cv2.resize(look.integers(0, 255, (3, 3, 3), dtype=np.uint8), (72, 72), interpolation=cv2.INTER_CUBIC)
    lit = pattern * pose.uniform(0.7, 1.0, 3) + pose.normal(0, 6, pattern.shape)
    return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)


def lit_shop(folder: Path, products: int = PRODUCTS, photos: int = PHOTOS) -> Path:
    """A source with SKUs L00, L01, ... of `photos` photos each."""
    folder.mkdir(parents=True)
    skus = [f"L{number:02d}" for number in range(products)]
    write_csv(folder / "products.csv", [{"sku": sku, "name": f"Lamp {sku}"} for sku in skus])
    for number, sku in enumerate(skus):
        for view in range(photos):
            save(folder / "images" / sku / f"{view}.png", lit_picture(number, view))
    return folder


def poor_encoder(folder: Path, photos: Path, seed: int = 11) -> EncoderInfo:
    """An encoder whose two parts keep next to nothing of what is in its trunk: a head can gain."""
    weights = TrunkWeights(tiny_weights(seed, scale=4))
    trunk = trunk_features(build_model(weights, SPEC, ()), find_photos(photos, 3), SPEC, lambda progress: None)
    first, second = fit_part("first", trunk, 0, 40, 2), fit_part("second", trunk, 30, trunk.shape[1], 1)
    return write_encoder(folder, weights, SPEC, (first, replace(second, weight=0.5)), trunk.shape[1], "tiny")
