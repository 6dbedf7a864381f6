"""The bundled demo catalog: built from its source on first use, once, in seconds."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.config import ProviderWish, data_folder, demo_source, encoder_folder
from engine.encoder_info import read_info
from engine.errors import CatalogBusy
from engine.records import ProgressCallback, no_progress
from engine.storage import write_whole

log = logging.getLogger(__name__)

#: Says from which source and for which encoder the generation beside it was built.
STAMP = "demo.json"
#: How long to wait for another process that builds the demo at the same time.
PATIENCE_S = 180.0
#: Less than the age from which stock is called old, so that the demo does not begin with a warning on every card.
FRESH = timedelta(hours=3)


def demo_folder() -> Path:
    """Where the demo's generations live: beside its source in a checkout, else in this user's data folder."""
    source = demo_source()
    checkout = source.parent.parent
    if (checkout / "pyproject.toml").is_file() and os.access(source, os.W_OK):
        return source
    return data_folder() / "catalogs" / "demo"


def ensure_demo(
    progress: ProgressCallback = no_progress, provider: ProviderWish = "auto", folder: Path | None = None
) -> Path:
    """The folder of a demo catalog that fits the encoder and the source at hand; built now if there is none.

    Several processes may call this at once: one builds, the others wait for it. Raises what `build_catalog` raises, and
    CatalogBusy if the other one takes more than a few minutes.
    """
    folder = folder or demo_folder()
    deadline = time.monotonic() + PATIENCE_S
    wanted = _stamp()
    while not _fits(folder, wanted):
        try:
            _build(folder, wanted, progress, provider)
        except CatalogBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    return folder


def _build(folder: Path, wanted: bytes, progress: ProgressCallback, provider: ProviderWish) -> None:
    from engine.encoder import Encoder
    from engine.ingest.build import build_catalog

    log.info("building the demo catalog in %s", folder)
    encoder = Encoder.load(encoder_folder(), provider, threads=1)  # the workers of a build are themselves one a core
    try:
        build_catalog(demo_source(), folder, encoder, progress, name="demo")
    finally:
        encoder.close()
    _count_stock_now(folder)
    write_whole(folder / STAMP, wanted)


def _count_stock_now(folder: Path) -> None:
    """Move the times of the demo's stock so that the newest is now and the oldest within `FRESH`.

    The shop is invented; a first look should show one that works, not one that forgot its stock file for a year. From
    then on its stock ages like any other.
    """
    from dataclasses import replace

    from engine.generation import Generation
    from engine.stock import StockReader, write_stock

    with Generation.open_current(folder) as generation, closing(StockReader(folder)) as reader:
        catalog = generation.catalog
        levels = reader.levels([product.sku for product in catalog.products(0, catalog.product_count)])
    times = [level.updated_at for row in levels.values() for level in row if level.updated_at is not None]
    if times:
        now, newest = datetime.now(UTC), max(times)
        shrink = min(1.0, FRESH / max(newest - min(times), timedelta(seconds=1)))
        write_stock(
            folder,
            (
                (sku, replace(one, updated_at=now - (newest - one.updated_at) * shrink) if one.updated_at else one)
                for sku, row in levels.items()
                for one in row
            ),
        )


def _fits(folder: Path, wanted: bytes) -> bool:
    try:
        return (folder / "CURRENT").is_file() and (folder / STAMP).read_bytes() == wanted
    except OSError:
        return False


def _stamp() -> bytes:
    """The encoder's id and a digest of the source: the tables' bytes, the photos' names and sizes."""
    source = demo_source()
    digest = hashlib.sha256()
    for table in (source / "products.csv", source / "stock.csv"):  # a build writes its own rejected.csv beside them
        digest.update(table.name.encode() + b"\0" + hashlib.sha256(table.read_bytes()).digest())
    photos = source / "images"
    for folder, folders, names in os.walk(photos):
        folders.sort()
        for name in sorted(names):
            photo = Path(folder, name)
            digest.update(f"{photo.relative_to(photos).as_posix()}\0{photo.stat().st_size}\0".encode())
    stamp = {"encoder": read_info(encoder_folder()).id, "source": digest.hexdigest()}
    return json.dumps(stamp, indent=1).encode() + b"\n"


if __name__ == "__main__":
    print(ensure_demo())
