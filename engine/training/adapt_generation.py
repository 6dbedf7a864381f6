"""An adapted encoder becomes a generation: the same products and photos with other vectors, calibrated anew, active."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.calibrate import calibrate
from engine.catalog import Catalog, Reference
from engine.catalog_writer import CatalogWriter
from engine.config import ProviderWish
from engine.encoder import Encoder
from engine.generation import ENCODER_NAME, activate
from engine.generation_build import NewGeneration, program
from engine.ingest.pace import Pace
from engine.manifest import Manifest
from engine.records import Progress, ProgressCallback

_PAGE = 500

#: The views of a photo that are stored: name and embedding (D,) of each.
ViewsOf = Callable[[Reference], Iterable[tuple[str, NDArray[np.float32]]]]


def finish_generation(
    folder: Path,
    new: NewGeneration,
    before: Manifest,
    catalog: Catalog,
    views_of: ViewsOf,
    variant: str,
    provider: ProviderWish,
    threads: int,
    progress: ProgressCallback,
) -> Manifest:
    """Write, index, calibrate, seal and activate; the new encoder is in `new.folder`/encoder already.

    `before` and `catalog` are those of the generation that it follows; `variant` of the encoder made the vectors.
    `progress` is called from the steps write, index and calibrate. Raises EncoderDamaged, EncoderOutput, CatalogBusy,
    DiskFull, NotWritable.
    """
    with new.catalog_writer() as writer:
        _copy(catalog, writer, views_of, progress)

    def interrupted() -> bool:
        progress(Progress("index", 0, 0))  # it raises to stop
        return False

    new.build_index(cancelled=interrupted)
    with (
        new.open_catalog() as written,
        Encoder.load(new.folder / ENCODER_NAME, provider, threads) as encoder,
    ):
        calibration = calibrate(written, encoder, progress=progress)
    sealed = new.seal(
        name=before.name,
        store=before.store,
        encoder_id=encoder.info.id,
        encoder_variant=variant,
        dimension=encoder.info.dimension,
        calibration=calibration.to_dict(),
        created_by=program(),
    )
    activate(folder, sealed.version)
    return sealed


def _copy(catalog: Catalog, writer: CatalogWriter, views_of: ViewsOf, progress: ProgressCallback) -> None:
    """Write all of a catalog with other vectors, in the same order."""
    pace = Pace("write", catalog.product_count, progress)
    for offset in range(0, catalog.product_count, _PAGE):
        for product in catalog.products(offset, _PAGE):
            product_id = writer.add_product(product)
            for photo in catalog.references(product.sku):
                thumbnail = catalog.thumbnail(photo.id)
                reference_id = writer.add_reference(
                    product_id, photo.path, photo.sha256, photo.width, photo.height, thumbnail
                )
                for name, vector in views_of(photo):
                    writer.add_vector(reference_id, name, vector)
            pace.advance()
