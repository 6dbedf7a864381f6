"""What a catalog can be adapted from: the stored features of its photos, and what people confirmed. Refusals too.

No photo of the catalog is encoded again: features.sqlite has the trunk features of every view that the build encoded.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Catalog
from engine.encoder import Encoder
from engine.encoder_info import EncoderInfo, Part
from engine.errors import AdapterMismatch, EngineError, FeaturesMissing
from engine.generation import Generation
from engine.image import decode_picture, prepare
from engine.ingest.features import FEATURES_NAME, FeatureStore, View
from engine.overlay import Overlay
from engine.records import Labels
from engine.training.adapt_head import unit
from engine.training.adapt_validation import ShopViews

_log = logging.getLogger(__name__)

#: The name of the part that adaptation adds to an encoder.
SHOP = "shop"
_PAGE = 500
_BATCH = 8


@dataclass(frozen=True, slots=True, eq=False)
class ShopFeatures:
    """All that is learnt from: `views` of the photos, in the order of the catalog's products, and the base encoder.

    `base_id` is the id of the encoder without its shop part. `confirmed` counts the pictures that people confirmed.
    """

    base_id: str
    views: ShopViews
    confirmed: int


def base_parts(info: EncoderInfo) -> tuple[Part, ...]:
    """The parts of an encoder without the one that an earlier adaptation added."""
    return tuple(part for part in info.parts if part.name != SHOP)


def adapted_id(base_id: str, start: int, stop: int, weight: float, sha256: str) -> str:
    """The id of a base encoder with a shop part: 32 hexadecimal digits of SHA-256 over both."""
    described = {"base": base_id, "start": start, "stop": stop, "weight": weight, "sha256": sha256}
    return hashlib.sha256(json.dumps(described, sort_keys=True, separators=(",", ":")).encode()).hexdigest()[:32]


def base_id_of(folder: Path, info: EncoderInfo) -> str:
    """The id of the encoder that an encoder with a shop's part was made from; its own if it has none.

    Raises FeaturesMissing if the catalog folder has no features at all, AdapterMismatch if it has them of neither.
    """
    base_id = info.adapted_from or info.id if any(part.name == SHOP for part in info.parts) else info.id
    if base_id != info.id:
        stored = stored_encoders(folder)
        if not stored:
            raise FeaturesMissing(folder=folder, found=0, needed="all")
        if not {base_id, info.id}.intersection(stored):
            raise AdapterMismatch(folder=folder, encoder_id=info.id, found=", ".join(stored))
    return base_id


def stored_encoders(folder: Path) -> list[str]:
    """The ids of all encoders that have features in a catalog folder; none if there is no such file."""
    path = folder / FEATURES_NAME
    if not path.is_file():
        return []
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT DISTINCT encoder_id FROM photo").fetchall()
    except sqlite3.DatabaseError as error:
        _log.warning("%s cannot be read: %s", path, error)
        return []
    return sorted({str(row[0]).partition("/")[0] for row in rows})


def read_features(folder: Path, generation: Generation, encoder: Encoder) -> ShopFeatures:
    """Read the features of an open generation's photos, and encode what people confirmed on this machine.

    `encoder` is the generation's own. Raises FeaturesMissing, AdapterMismatch, CatalogDamaged, DiskFull, NotWritable.
    """
    info, catalog = encoder.info, generation.catalog
    base_id = base_id_of(folder, info)
    if not (folder / FEATURES_NAME).is_file():
        raise FeaturesMissing(folder=folder, found=0, needed=catalog.reference_count)
    stored = _stored(folder, generation, info, base_id)
    places = dict[str, int]()
    for sku in stored.skus:
        places.setdefault(sku, len(places))
    extra_trunk, extra_products = _confirmed(generation, encoder, places)
    everything = ShopViews(
        embeddings=stored.embeddings,
        trunk=np.stack([view.trunk for view in stored.views]),
        photos=np.repeat(np.arange(len(stored.counts)), stored.counts),
        products=np.array([places[sku] for sku in stored.skus], dtype=np.int64),
        extra_trunk=extra_trunk,
        extra_products=extra_products,
        edges=tuple(sorted({edge for part in base_parts(info) for edge in (part.start, part.stop)})),
    )
    return ShopFeatures(base_id, everything, len(extra_products))


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """What is stored of a catalog's photos: the SKU and the number of views of each, and embeddings of the base."""

    skus: list[str]
    counts: list[int]
    views: list[View]  # without the thumbnails: those of a large catalog are gigabytes
    embeddings: NDArray[np.float16]


def _stored(folder: Path, generation: Generation, info: EncoderInfo, base_id: str) -> _Stored:
    """The features of all photos, by the base or, after a build that kept the shop's part, by the encoder itself.

    Raises FeaturesMissing.
    """
    dimension = sum(part.dimension for part in base_parts(info))
    if base_id != info.id:
        try:
            found = _stored_by(folder, generation, info, info.id, info.dimension)
        except FeaturesMissing:
            pass
        else:  # the shop's part is the last one; without it the others are what they were, but for their length
            return replace(found, embeddings=unit(found.embeddings[:, :dimension]).astype(np.float16))
    return _stored_by(folder, generation, info, base_id, dimension)


def _stored_by(folder: Path, generation: Generation, info: EncoderInfo, encoder_id: str, dimension: int) -> _Stored:
    catalog = generation.catalog
    skus: list[str] = []
    counts: list[int] = []
    views: list[View] = []
    with closing(FeatureStore(folder, f"{encoder_id}/{generation.manifest.encoder_variant}", dimension)) as store:
        for sku, sha256 in photos_of(catalog):
            features = store.get(bytes.fromhex(sha256))
            if features is None or any(len(view.trunk) != info.trunk_dimension for view in features.views):
                raise FeaturesMissing(folder=folder, found=len(skus), needed=catalog.reference_count)
            skus.append(sku)
            counts.append(len(features.views))
            views += features.views
    if [view.name for view in views] != catalog.views():
        raise FeaturesMissing(folder=folder, found=len(skus), needed=catalog.reference_count)
    return _Stored(skus, counts, views, np.stack([view.embedding for view in views]))


def photos_of(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """SKU and SHA-256 (hexadecimal) of each photo, in the order in which the catalog was written."""
    for offset in range(0, catalog.product_count, _PAGE):
        for product in catalog.products(offset, _PAGE):
            for reference in catalog.references(product.sku):
                yield product.sku, reference.sha256


def _confirmed(generation: Generation, encoder: Encoder, places: dict[str, int]) -> tuple[NDArray[np.float16], Labels]:
    """Trunk features (X, T) of what people confirmed, and the products (X,): nothing that is held back or gone.

    An overlay that cannot be read is logged: the catalog's own photos are enough.
    """
    nothing = np.zeros((0, encoder.info.trunk_dimension), np.float16)
    try:
        said = Overlay.of(generation).teachable()
    except EngineError as error:
        _log.warning("%s", error)
        return nothing, np.zeros(0, np.int64)
    pictures, products = [], []
    for feedback, jpeg in said:
        try:
            picture = decode_picture(jpeg, f"confirmation {feedback.id}")
        except EngineError as error:
            _log.warning("%s", error)
            continue
        if feedback.sku in places:
            pictures.append(picture)
            products.append(places[feedback.sku])
    return _trunks(encoder, pictures, nothing), np.array(products, dtype=np.int64)


def _trunks(
    encoder: Encoder, pictures: Sequence[NDArray[np.uint8]], nothing: NDArray[np.float16]
) -> NDArray[np.float16]:
    rows = [
        encoder.encode(prepare(pictures[start : start + _BATCH], encoder.info.input)).trunk.astype(np.float16)
        for start in range(0, len(pictures), _BATCH)
    ]
    return np.concatenate([nothing, *rows])
