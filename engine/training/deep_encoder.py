"""`skulens adapt --deep`: the tuned encoder's variants, and the features of a catalog's pictures by an encoder."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.catalog import Reference
from engine.encoder import Encoder, open_session
from engine.encoder_info import EncoderInfo, VariantName, read_info, read_model
from engine.image import prepare, prepare_into
from engine.ingest.features import FeatureStore, PhotoFeatures
from engine.ingest.pace import Pace
from engine.ingest.pipeline import encode_views
from engine.records import Labels, Progress, ProgressCallback, Vectors
from engine.training.agreement import with_agreements
from engine.training.deep_gallery import CatalogPictures, ShopPhotos
from engine.training.folder import write_info
from engine.training.quantize import CALIBRATION_PHOTOS, write_variants

#: Pictures that the variants are compared on.
COMPARED = 400
_BATCH = 8
_COMMIT_EVERY = 256
_Item = TypeVar("_Item")


def add_variants(folder: Path, shop: ShopPhotos, progress: ProgressCallback) -> EncoderInfo:
    """Write int8 and float16 beside float32 and measure how near they are, on pictures of the catalog.

    int8's ranges are measured on what trains; the figures are of pictures that did not, as far as they go.
    Raises DiskFull, NotWritable.
    """
    info = read_info(folder)
    train = _spread([photo.path for photo in shop.split.train], CALIBRATION_PHOTOS)
    rows = [prepare([shop.store.picture(path)], info.input) for path in train]
    info = write_variants(folder, info, rows, progress)
    photos = _spread(list(shop.split.validation), COMPARED)
    photos += _spread(list(shop.split.train), COMPARED - len(photos))
    products = np.array([photo.product for photo in photos], dtype=np.int64)

    def embed(name: VariantName) -> Vectors:
        return _embedded(folder, info, name, [photo.path for photo in photos], shop, progress)

    updated = with_agreements(info, embed("float32"), embed, products)
    write_info(folder, updated)
    return updated


def encode_catalog(folder: Path, encoder: Encoder, pictures: CatalogPictures, progress: ProgressCallback) -> None:
    """Encode all photos of a catalog that DIR/features.sqlite does not have yet; what is done is kept.

    Raises EncoderOutput, DiskFull, NotWritable, and what the callback raises.
    """
    spec = encoder.info.input
    with closing(open_features(folder, encoder)) as store:
        missing = {
            sha256: path
            for path, reference in pictures.references.items()
            if (sha256 := bytes.fromhex(reference.sha256)) not in store
        }
        paths = list(missing.values())
        pace = Pace("encode", len(paths), progress)
        batch = np.empty((_BATCH, 3, spec.size, spec.size), np.float32)
        try:
            for start in range(0, len(paths), _BATCH):
                some = paths[start : start + _BATCH]
                # Not from the store of training pictures: that one has made large photos smaller.
                read = [pictures.read(path) for path in some]
                for row, picture in zip(batch, read, strict=False):
                    prepare_into(row, picture, spec)
                for path, views in zip(some, encode_views(read, encoder, batch), strict=True):
                    photo = pictures.references[path]
                    thumbnail = pictures.catalog.thumbnail(photo.id)
                    sha256 = bytes.fromhex(photo.sha256)
                    store.add(PhotoFeatures(sha256, photo.width, photo.height, thumbnail, views))
                if start % _COMMIT_EVERY == 0:
                    store.commit()
                pace.advance(len(some))
        finally:
            store.commit()


def stored_features(store: FeatureStore, photo: Reference) -> PhotoFeatures:
    """The features of a catalog photo that was encoded."""
    found = store.get(bytes.fromhex(photo.sha256))
    if found is None:
        raise AssertionError(f"the features of {photo.path} were there a moment ago")
    return found


def read_vectors(folder: Path, encoder: Encoder, pictures: CatalogPictures) -> tuple[Vectors, Labels]:
    """Embeddings of all views, float32 (M, D), and which photo each view is of, int64 (M,) ascending."""
    rows: list[NDArray[np.float16]] = []
    counts: list[int] = []
    with closing(open_features(folder, encoder)) as store:
        for photo in pictures.references.values():
            views = stored_features(store, photo).views
            rows += [view.embedding for view in views]
            counts.append(len(views))
    return np.stack(rows).astype(np.float32), np.repeat(np.arange(len(counts)), counts)


def copy_features(
    mine: FeatureStore, folder: Path, encoder: Encoder, pictures: CatalogPictures, progress: ProgressCallback
) -> None:
    """Copy features to the catalog's own, so that the next build and adaptation have them."""
    pace = Pace("features", len(pictures.references), progress)
    with closing(open_features(folder, encoder)) as store:
        for photo in pictures.references.values():
            if bytes.fromhex(photo.sha256) not in store:
                store.add(stored_features(mine, photo))
            pace.advance()
        store.commit()


def open_features(folder: Path, encoder: Encoder) -> FeatureStore:
    """DIR/features.sqlite for an encoder as it is loaded. Raises DiskFull, NotWritable."""
    return FeatureStore(folder, f"{encoder.info.id}/{encoder.choice.variant}", encoder.info.dimension)


def _embedded(
    folder: Path,
    info: EncoderInfo,
    name: VariantName,
    paths: Sequence[Path],
    shop: ShopPhotos,
    progress: ProgressCallback,
) -> Vectors:
    session = open_session(read_model(folder, info.variants[name]), "cpu")
    found = []
    for start in range(0, len(paths), _BATCH):
        progress(Progress(f"agreement {name}", start, len(paths)))
        batch = prepare([shop.store.picture(path) for path in paths[start : start + _BATCH]], info.input)
        found.append(session.run(["embedding"], {"pictures": batch})[0])
    progress(Progress(f"agreement {name}", len(paths), len(paths)))
    return np.concatenate(found)


def _spread(items: list[_Item], most: int) -> list[_Item]:
    """All, or `most` of them evenly spread."""
    return items if len(items) <= most else [items[index * len(items) // most] for index in range(most)]
