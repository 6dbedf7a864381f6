"""A catalog of a few products of the demo, two flavours of one brand among them."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.config import demo_source
from engine.encoder import Encoder
from engine.ingest.build import build_catalog

#: Two flavours of one brand, and things that are nothing like them.
SKUS = ("BR-2021", "BR-2023", "DA-5002", "PC-7001", "HO-6022")


def build_twins(folder: Path, encoder: Encoder) -> Path:
    """Build it under `folder`; returns the catalog's folder."""
    source = folder / "source"
    for sku in SKUS:
        shutil.copytree(demo_source() / "images" / sku, source / "images" / sku)
    (source / "products.csv").write_text("sku,name\n" + "".join(f"{sku},{sku}\n" for sku in SKUS), encoding="utf-8")
    build_catalog(source, folder / "catalog", encoder, name="twins")
    return folder / "catalog"


def a_photo_of(sku: str) -> Path:
    """The first photo of a product."""
    return min((demo_source() / "images" / sku).iterdir())
