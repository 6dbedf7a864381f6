"""Small real catalogs for the storage tests: real SQLite, real hnswlib, made-up products and vectors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from engine.generation import activate
from engine.generation_build import NewGeneration, new_generation
from engine.records import Product, Vectors

DIMENSION = 32
ENCODER_ID = "0123456789abcdef0123456789abcdef"


def unit_vectors(count: int, dimension: int = DIMENSION, seed: int = 5) -> Vectors:
    """Clustered like photos of products: four around each centre."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(count // 4 + 1, dimension)), 4, axis=0)[:count]
    rows = (centres + 0.5 * rng.normal(size=(count, dimension))).astype(np.float32)
    unit: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit


def make_encoder(folder: Path, encoder_id: str = ENCODER_ID) -> Path:
    """An encoder folder as far as storage looks at one: a valid encoder.json."""
    folder.mkdir(parents=True, exist_ok=True)
    info = {
        "id": encoder_id,
        "name": "for storage tests",
        "dimension": DIMENSION,
        "trunk_dimension": 64,
        "size_px": 32,
        "mean": [0.5, 0.5, 0.5],
        "scale": [0.5, 0.5, 0.5],
        "crop_fraction": 1.0,
        "pooling": "mean",
        "parts": [],
        "variants": {},
        "probe": "",
        "licence": "",
        "terms": "",
    }
    (folder / "encoder.json").write_text(json.dumps(info))
    return folder


def fill(new: NewGeneration, products: int = 6, seed: int = 5) -> None:
    """Write products with two photos and two views each; names in three languages."""
    vectors = iter(unit_vectors(products * 4, seed=seed))
    with new.catalog_writer() as writer:
        for number in range(products):
            product_id = writer.add_product(
                Product(
                    sku=f"SKU-{number:03d}",
                    name=f"Oat drink {number}",
                    brand="Haferhof",
                    category="Drinks",
                    price_minor=199 + number,
                    currency="EUR",
                    gtin=f"400000000{number:04d}",
                    aisle="7",
                    description="Creamy, without sugar",
                    attributes={"size": "1 l", "organic": "yes"},
                    names={"zh": f"燕麦奶 {number}", "de": f"Haferdrink groß {number}"},
                    descriptions={"zh": "无糖有机牛奶替代品"},
                )
            )
            for photo in range(2):
                path = f"images/SKU-{number:03d}/{photo}.jpg"
                jpeg = b"\xff\xd8 not looked at here " + bytes([number % 256, photo]) * 50
                reference_id = writer.add_reference(product_id, path, f"{number:063x}{photo}", 640, 480, jpeg)
                for view in ("whole", "region"):
                    writer.add_vector(reference_id, view, next(vectors))


def seal(new: NewGeneration, threads: int = 1) -> None:
    new.build_index(threads=threads)
    new.seal(name="Test shop", encoder_id=ENCODER_ID, dimension=DIMENSION, calibration={"threshold": 0.5})


def make_generation(folder: Path, products: int = 6, seed: int = 5) -> str:
    """Build and activate one generation; return its version."""
    with new_generation(folder) as new:
        fill(new, products, seed)
        seal(new)
        activate(folder, new.version)
    return new.version
