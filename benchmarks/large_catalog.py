"""A catalog of 10,000 references, made through the real writers; its vectors are drawn at random."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from engine.config import encoder_folder
from engine.encoder import EncoderInfo
from engine.encoder_info import read_info
from engine.generation import activate, current_version
from engine.generation_build import new_generation
from engine.records import Product, StockLevel
from engine.stock import write_stock
from engine.verdict import Calibration

PHOTOS_PER_PRODUCT = 4
VIEWS = ("whole", "region")
#: How far photos of a product, and views of a photo, lie apart; cosines of about 0.75 and 0.9.
_SCATTER = {"photo": 0.55, "view": 0.33}


def large_catalog(folder: Path, references: int = 10_000, seed: int = 0) -> Path:
    """Make the catalog in `folder` unless it is there for this encoder; returns `folder`."""
    info = read_info(encoder_folder())
    name = f"bench {references} {info.id}"
    if not _there(folder, name):
        _write(folder, name, info, references, np.random.default_rng(seed))
    return folder


def _there(folder: Path, name: str) -> bool:
    from engine.errors import CatalogError
    from engine.manifest import read_manifest

    try:
        return read_manifest(folder / current_version(folder)).name == name
    except CatalogError:
        return False


def _write(folder: Path, name: str, info: EncoderInfo, references: int, rng: np.random.Generator) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    dimension = info.dimension
    # Real embeddings lie near a subspace: graph search in it costs what it costs with a retailer's photos.
    subspace = rng.normal(size=(48, dimension)) / np.sqrt(48)
    products = references // PHOTOS_PER_PRODUCT
    with new_generation(folder) as new:
        with new.catalog_writer() as writer:
            for number in range(products):
                product = Product(
                    f"SKU-{number:05d}", f"Product {number}", "Brand", "category", 100 + number, "EUR", "", "A1",
                    "A description of the usual length, so that a row is as long as a row is.",
                    {"size": "500 g"}, {"zh_CN": f"商品 {number}"},
                )  # fmt: skip
                product_id = writer.add_product(product)
                centre = rng.normal(size=48)
                for photo in range(PHOTOS_PER_PRODUCT):
                    reference = writer.add_reference(product_id, f"{number}/{photo}.jpg", "0" * 64, 800, 800, b"jpeg")
                    pose = centre + _SCATTER["photo"] * rng.normal(size=48)
                    for view in VIEWS:
                        vector = (pose + _SCATTER["view"] * rng.normal(size=48)) @ subspace
                        writer.add_vector(reference, view, (vector / np.linalg.norm(vector)).astype(np.float32))
        new.build_index()
        manifest = new.seal(
            name=name, encoder_id=info.id, dimension=dimension, calibration=Calibration().to_dict(), created_by="bench"
        )
    activate(folder, manifest.version)
    moment = datetime.now(UTC)
    write_stock(folder, ((f"SKU-{number:05d}", StockLevel("shop", 7, moment)) for number in range(products)))
