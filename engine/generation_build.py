"""Building a generation: a staging folder that becomes a version in one rename, or leaves no trace."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from engine.catalog import Catalog
from engine.catalog_writer import CatalogWriter
from engine.digests import label_digest, row_digest, vector_digest
from engine.errors import EngineError
from engine.generation import (
    CATALOG_NAME,
    ENCODER_NAME,
    INDEX_NAME,
    is_active,
    new_version,
    prune,
    remove_staging,
)
from engine.index import Index
from engine.manifest import MANIFEST_NAME, RECORD_NAME, Counts, Digests, FileRecord, Manifest, Record, now
from engine.storage import exclusive, sync_file, sync_folder, temporary_sibling, translating, write_whole

_log = logging.getLogger(__name__)

#: Generations that stay: the new one, and the one that a rollback returns to.
_KEEP = 2


class NewGeneration:
    """A generation that is being built. In this order: `catalog_writer`, `build_index`, `seal`."""

    def __init__(self, home: Path, version: str, folder: Path) -> None:
        """Use `new_generation`."""
        self._home = home
        self.version = version
        self.folder = folder
        self.sealed = False

    def catalog_writer(self) -> CatalogWriter:
        """The writer of catalog.sqlite; use it as a context manager."""
        return CatalogWriter(self.folder / CATALOG_NAME)

    def open_catalog(self) -> Catalog:
        """What was written, for reading."""
        return Catalog.open(self.folder / CATALOG_NAME)

    def build_index(self, threads: int = 0, cancelled: Callable[[], bool] = lambda: False) -> Index:
        """Build and save the index from the vectors as they are stored. Raises as `Index.build` and `Index.save`."""
        with self.open_catalog() as catalog:
            labels, vectors = catalog.vectors()
        index = Index.build(vectors, labels, threads, cancelled)
        index.save(self.folder / INDEX_NAME)
        return index

    def carry_encoder(self, source: Path) -> None:
        """Let the generation bring its own encoder. Raises DiskFull, NotWritable."""
        with translating(self._home):
            # Content only: a read-only mode of the source could not be made durable here.
            shutil.copytree(source, self.folder / ENCODER_NAME, copy_function=shutil.copyfile)

    def seal(
        self,
        *,
        name: str,
        encoder_id: str,
        dimension: int,
        calibration: Mapping[str, Any],
        store: str = "",
        encoder_variant: str = "",
        created_by: str = "",
        created_at: datetime | None = None,
        origin: Literal["built", "signed"] = "built",
    ) -> Manifest:
        """Write manifest and record, make everything durable and rename the folder to its version.

        The fields are those of `engine.manifest.Manifest`. The version is complete then, but not active yet.

        Raises DiskFull, NotWritable.
        """
        path = self.folder / CATALOG_NAME
        with self.open_catalog() as catalog:
            counts = Counts(
                products=catalog.product_count, references=catalog.reference_count, vectors=catalog.vector_count
            )
        manifest = Manifest(
            name=name,
            store=store,
            version=self.version,
            created_at=created_at or now(),
            created_by=created_by,
            encoder_id=encoder_id,
            encoder_variant=encoder_variant,
            dimension=dimension,
            counts=counts,
            calibration=dict(calibration),
            digests=Digests(rows=row_digest(path), vectors=vector_digest(path), labels=label_digest(path)),
            origin=origin,
        )
        with translating(self._home):
            write_whole(self.folder / MANIFEST_NAME, manifest.to_bytes())
            write_whole(self.folder / RECORD_NAME, record_files(self.folder).to_bytes())
            self.folder.rename(self._home / self.version)
            sync_folder(self._home)
        self.sealed = True
        return manifest


@contextmanager
def new_generation(folder: Path) -> Iterator[NewGeneration]:
    """Begin a generation in a catalog folder that is locked for others.

    A block that does not seal it leaves nothing, and one that seals it and then fails to activate it neither: on a full
    disk its files would be in the way of the next attempt.

    Raises CatalogBusy, DiskFull, NotWritable.
    """
    with exclusive(folder):
        remove_staging(folder)
        version = new_version(folder)
        staging = temporary_sibling(folder / version)
        with translating(folder):
            staging.mkdir()
        new = NewGeneration(folder, version, staging)
        try:
            yield new
        except BaseException:
            if new.sealed and not is_active(folder, version):
                (folder / version).rename(staging)
            raise
        finally:
            shutil.rmtree(staging, ignore_errors=True)


def record_files(folder: Path) -> Record:
    """Make every file of a generation durable and take its size and SHA-256."""
    files = {}
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            path = Path(parent, name)
            sync_file(path)
            files[path.relative_to(folder).as_posix()] = FileRecord(
                size_bytes=path.stat().st_size, sha256=file_sha256(path)
            )
        sync_folder(Path(parent))
    return Record(files=files)


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def prune_old(folder: Path) -> None:
    """Old versions go; that one cannot be removed is no reason to call what made a good new one a failure."""
    try:
        gone = prune(folder, keep=_KEEP)
    except EngineError as error:
        _log.warning("Old versions stay in %s: %s", folder, error.message)
    else:
        _log.info("removed old versions: %s", ", ".join(gone) or "none")


def program() -> str:
    """Name and version of this program, for `created_by`."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"skulens {version('skulens')}"
    except PackageNotFoundError:
        return "skulens"
