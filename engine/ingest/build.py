"""`skulens build`: a retailer's source becomes the active generation of a catalog folder, or nothing changes.

Encoded photos are kept as they come (features.sqlite), so an interrupted build goes on where it stopped. The generation
is made in a staging folder and activated by one rename; stock and the list of what was refused follow, each replaced
whole.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from engine.calibrate import calibrate
from engine.catalog_writer import CatalogWriter
from engine.config import Limits
from engine.digests import label_digest, row_digest, vector_digest
from engine.encoder import Encoder
from engine.encoder_info import read_info
from engine.errors import CatalogError, EngineError, SourceWithoutPhotos
from engine.generation import (
    CATALOG_NAME,
    ENCODER_NAME,
    Generation,
    activate,
    current_version,
)
from engine.generation_build import NewGeneration, file_sha256, new_generation, program, prune_old
from engine.ingest.encoding import EncodedPhotos, encode_source
from engine.ingest.features import FeatureStore
from engine.ingest.pace import Pace
from engine.ingest.photos import SourcePhoto
from engine.ingest.rejected import write_rejected
from engine.ingest.source import Source, products_table, read_source
from engine.manifest import Counts, Digests, read_manifest, read_record
from engine.records import Progress, ProgressCallback, Rejected, no_progress
from engine.stock import write_stock
from engine.storage import exclusive

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `version` is active now; `changed` is False if it already was, with the same content.

    `photos` are references in the catalog; `encoded` were encoded now and `reused` not again, counted by content.
    `stock_levels` is None if the source says nothing about stock. Rates are those of encoding alone.
    """

    version: str
    changed: bool
    products: int
    photos: int
    vectors: int
    encoded: int
    reused: int
    stock_levels: int | None
    rejected: tuple[Rejected, ...]
    rejected_file: Path
    seconds: float
    photos_per_s: float


def build_catalog(
    source: Path,
    folder: Path,
    encoder: Encoder,
    progress: ProgressCallback = no_progress,
    name: str = "",
    limits: Limits = Limits(),
    carry_encoder: bool = False,
) -> BuildReport:
    """Build a generation from `source` and activate it in `folder` (the one that holds CURRENT; made if missing).

    `progress` is called in this thread, from the steps read, encode, write, index and calibrate; it may raise
    Interrupted. `name` is the catalog's name, the source folder's if empty. With `carry_encoder` the generation brings
    its encoder.

    Raises SourceError (SourceWithoutPhotos and its other kinds), CatalogBusy, DiskFull, NotWritable, EncoderOutput and
    Interrupted; the old catalog is then as it was.
    """
    started = time.monotonic()
    products_table(source)
    with exclusive(folder):
        progress(Progress("read", 0, 0))
        read = read_source(source, limits)
        variant_id = f"{encoder.info.id}/{encoder.choice.variant}"
        with closing(FeatureStore(folder, variant_id, encoder.info.dimension)) as store:
            encoded = encode_source(read.photos, encoder, store, progress, limits)
            kept, repeated = _without_repeats(read.photos, encoded)
            rejected = (*read.rejected, *encoded.rejected, *repeated)
            if not kept:
                write_rejected(folder, rejected)
                raise SourceWithoutPhotos(
                    folder=source, refused=sum(entry.code.startswith(("photo_", "image_")) for entry in rejected)
                )
            shown_name = name or source.resolve().name
            version, changed, counts = _generation(
                folder, read, kept, store, encoder, progress, shown_name, carry_encoder
            )
        levels = None if read.levels is None else write_stock(folder, read.levels)
        rejected_file = write_rejected(folder, rejected)
        prune_old(folder)
    return BuildReport(
        version=version,
        changed=changed,
        products=counts.products,
        photos=counts.references,
        vectors=counts.vectors,
        encoded=encoded.encoded,
        reused=encoded.reused,
        stock_levels=levels,
        rejected=rejected,
        rejected_file=rejected_file,
        seconds=time.monotonic() - started,
        photos_per_s=encoded.encoded / encoded.seconds if encoded.seconds > 0 else 0.0,
    )


def adapted_encoder(folder: Path) -> Path | None:
    """The encoder that `skulens adapt` gave to the active generation, if it did; None where there is none.

    A build that took the application's encoder instead would throw away what was learnt, at worst each night; so who
    builds into a folder asks here first, and lets the new generation carry this one. A catalog that came by sync
    is no reason to keep anything.
    """
    try:
        path = folder / current_version(folder)
        manifest, info = read_manifest(path), read_info(path / ENCODER_NAME)
    except EngineError:
        return None
    kept = manifest.origin == "built" and info.adapted_from is not None and info.id == manifest.encoder_id
    return path / ENCODER_NAME if kept else None


def _without_repeats(
    photos: Sequence[SourcePhoto], encoded: EncodedPhotos
) -> tuple[dict[str, list[tuple[SourcePhoto, bytes]]], list[Rejected]]:
    """Usable photos by SKU. A picture that comes twice under one SKU is left out, under two SKUs kept and reported."""
    kept: dict[str, list[tuple[SourcePhoto, bytes]]] = {}
    first: dict[bytes, SourcePhoto] = {}
    seen: set[tuple[str, bytes]] = set()
    reports: list[Rejected] = []
    for photo, sha256 in zip(photos, encoded.hashes, strict=True):
        if sha256 is None:
            continue
        other = first.setdefault(sha256, photo)
        if (photo.sku, sha256) in seen:
            reason = f"the same picture as {other.name}; it is stored once"
            reports.append(Rejected(photo.name, None, photo.sku, "photo_twice", reason))
            continue
        if other.sku != photo.sku:
            reason = f"the same picture as {other.name} of {other.sku}; both keep it, no lookup can tell them apart"
            reports.append(Rejected(photo.name, None, photo.sku, "photo_shared", reason))
        seen.add((photo.sku, sha256))
        kept.setdefault(photo.sku, []).append((photo, sha256))
    return kept, reports


def _generation(
    folder: Path,
    read: Source,
    kept: Mapping[str, list[tuple[SourcePhoto, bytes]]],
    store: FeatureStore,
    encoder: Encoder,
    progress: ProgressCallback,
    name: str,
    carry_encoder: bool,
) -> tuple[str, bool, Counts]:
    """Write, index, calibrate and activate. Returns the active version, whether it is new, and its counts."""
    with new_generation(folder) as new:
        with new.catalog_writer() as writer:
            _write(writer, read, kept, store, progress)
        same = _unchanged(folder, new, encoder, name, carry_encoder)
        if same is not None:
            return same.version, False, same.counts

        def interrupted() -> bool:
            progress(Progress("index", 0, 0))  # it raises to stop
            return False

        new.build_index(cancelled=interrupted)
        with new.open_catalog() as catalog:
            calibration = calibrate(catalog, encoder, progress=progress)
        if carry_encoder:
            new.carry_encoder(encoder.folder)
        manifest = new.seal(
            name=name,
            encoder_id=encoder.info.id,
            encoder_variant=encoder.choice.variant,
            dimension=encoder.info.dimension,
            calibration=calibration.to_dict(),
            created_by=program(),
        )
    activate(folder, manifest.version)
    return manifest.version, True, manifest.counts


def _write(
    writer: CatalogWriter,
    read: Source,
    kept: Mapping[str, list[tuple[SourcePhoto, bytes]]],
    store: FeatureStore,
    progress: ProgressCallback,
) -> None:
    pace = Pace("write", len(read.products), progress)
    for item in read.products:
        product_id = writer.add_product(item.product)
        for photo, sha256 in kept.get(item.product.sku, ()):
            features = store.get(sha256)
            if features is None:
                raise AssertionError(f"the features of {photo.name} were there a moment ago")
            reference_id = writer.add_reference(
                product_id, photo.name, sha256.hex(), features.width, features.height, features.thumbnail
            )
            for view in features.views:
                writer.add_vector(reference_id, view.name, view.embedding.astype("float32"))
        pace.advance()


@dataclass(frozen=True, slots=True)
class _Same:
    version: str
    counts: Counts


def _unchanged(folder: Path, new: NewGeneration, encoder: Encoder, name: str, carry_encoder: bool) -> _Same | None:
    """The active version if it has the content of the new one and every byte of it is sound; else None.

    One that another version of Skulens built is not the same: its calibration may follow other rules.
    """
    try:
        with Generation.open(folder, current_version(folder), [encoder.folder]) as active:
            manifest = active.manifest
            path = new.folder / CATALOG_NAME
            digests = Digests(rows=row_digest(path), vectors=vector_digest(path), labels=label_digest(path))
            was = (manifest.digests, manifest.name, manifest.encoder_id, manifest.encoder_variant, manifest.created_by)
            if was != (digests, name, encoder.info.id, encoder.choice.variant, program()):
                return None
            if carry_encoder != (active.path / ENCODER_NAME).is_dir():
                return None
            record = read_record(active.path)
            if any(file_sha256(active.path / file) != entry.sha256 for file, entry in record.files.items()):
                return None
            return _Same(manifest.version, manifest.counts)
    except (EngineError, OSError) as error:
        if not isinstance(error, CatalogError):
            _log.info("the active version cannot be compared: %s", error)
        return None
