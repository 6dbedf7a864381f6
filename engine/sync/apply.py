"""A published version becomes the active generation, from what was fetched: a delta to the active one, or a snapshot.

All work is in a staging folder under the catalog's lock, as a build's. What is active is only read. The folder gets its
name when everything in it was verified and is durable, and it is activated last, by one rename of CURRENT.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine import errors
from engine.encoder_info import read_info
from engine.generation import (
    CATALOG_NAME,
    ENCODER_NAME,
    INDEX_NAME,
    activate,
    check_files,
    current_version,
    find_encoder_for,
    is_active,
    remove_staging,
)
from engine.generation_build import file_sha256, record_files
from engine.manifest import MANIFEST_NAME, RECORD_NAME, Manifest, read_manifest
from engine.records import Progress, ProgressCallback, no_progress
from engine.storage import exclusive, sync_folder, temporary_sibling, translating, write_whole
from engine.sync.apply_index import build_index, change_index, must_rebuild
from engine.sync.delta import apply_delta
from engine.sync.errors import VersionNotUsable
from engine.sync.golden import Golden, parse_golden
from engine.sync.pack import unpack
from engine.sync.published import Blob, DeltaParts, VersionDocument
from engine.sync.verify_version import RECALL_FLOOR, RECALL_OF_CHANGED, check_answers, check_catalog, check_index

_log = logging.getLogger(__name__)

#: Steps that `progress` is told of, in their order.
STEPS = ("unpack", "rows", "index", "verify", "activate")


def apply_version(
    folder: Path,
    document: VersionDocument,
    fetched: Callable[[Blob], Path],
    *,
    from_version: str | None = None,
    with_encoder: bool = False,
    encoders: Sequence[Path] | None = None,
    threads: int = 0,
    progress: ProgressCallback = no_progress,
) -> Manifest:
    """Make a published version the active generation of a catalog folder.

    A version that lies in the folder already, whole, as after a rollback, is only activated.

    Args:
        folder: the one that holds CURRENT; made if missing.
        document: the version, as it was signed.
        fetched: where the packed bytes of a blob lie, whose hash was checked when they were fetched.
        from_version: of the document's deltas the one that is put in; None is the snapshot.
        with_encoder: whether the encoder's files were fetched and come along.
        encoders: as `Generation.open`.
        threads: for the index; 0 is one a core.
        progress: called with the steps in `STEPS`; may raise Interrupted.

    Returns:
        The manifest of what is active now.

    Raises:
        VersionNotUsable: what came out is not what was signed, or does not work here. After a delta the snapshot is
            still worth a try.
        DownloadDamaged: a part does not unpack.
        EncoderMissing: the encoder is not here and did not come along.
        CatalogMissing, CatalogDamaged, CatalogNewer: a delta, and the active generation cannot be read.
        CatalogBusy, DiskFull, NotWritable, Interrupted
        In all of these cases what was active is active, and nothing else is left behind.
    """
    manifest = document.manifest
    with exclusive(folder), translating(folder):
        remove_staging(folder)
        made = not _stands(folder, manifest, encoders)
        if made:
            base = None if from_version is None else _Base.of(folder, document, from_version)
            with _staging(folder, manifest.version) as staging:
                making = _Making(staging, document, fetched, base, threads, progress)
                making.parts(with_encoder)
                making.verify(encoders)
                write_whole(staging / MANIFEST_NAME, manifest.to_bytes())
                write_whole(staging / RECORD_NAME, record_files(staging).to_bytes())
        with _removed_if_not_activated(folder, manifest.version, made):
            progress(Progress("activate", 0, 0))
            activate(folder, manifest.version)
    return manifest


@dataclass(frozen=True, slots=True)
class _Base:
    """The active generation, which a delta starts from."""

    path: Path
    manifest: Manifest
    delta: DeltaParts

    @classmethod
    def of(cls, folder: Path, document: VersionDocument, from_version: str) -> _Base:
        delta = next((one for one in document.deltas if one.from_version == from_version), None)
        if delta is None:
            raise ValueError(f"no delta from {from_version}")
        path = folder / current_version(folder)
        manifest, _ = check_files(path)
        if manifest.digests != delta.from_digests:
            raise VersionNotUsable(
                version=document.version, reason="the delta starts from other content than is active here"
            )
        return cls(path, manifest, delta)


@dataclass(frozen=True, slots=True)
class _Making:
    """The parts of a version in its staging folder, one after another."""

    staging: Path
    document: VersionDocument
    fetched: Callable[[Blob], Path]
    base: _Base | None
    threads: int
    progress: ProgressCallback

    def parts(self, with_encoder: bool) -> None:
        manifest, base = self.document.manifest, self.base
        self._encoder(with_encoder)
        if base is None:
            self._unpack(self.document.snapshot.catalog, self.staging / CATALOG_NAME, "the catalog")
            self._unpack(self.document.snapshot.index, self.staging / INDEX_NAME, "the index")
            check_catalog(self.staging, manifest)
            return
        rows = self.staging / "rows.delta"
        self._unpack(base.delta.rows, rows, "the delta")
        self.progress(Progress("rows", 0, 0))
        catalog = self.staging / CATALOG_NAME
        shutil.copyfile(base.path / CATALOG_NAME, catalog)
        changed = apply_delta(catalog, rows, base.manifest.digests, manifest.digests, manifest.version)
        rows.unlink()
        # Before the index: it is put together from what was verified.
        check_catalog(self.staging, manifest)
        if base.manifest.dimension != manifest.dimension or must_rebuild(base.manifest.counts.vectors, changed):
            self._build_index()
            return
        try:
            change_index(
                base.path / INDEX_NAME,
                base.manifest.counts.vectors,
                changed,
                catalog,
                manifest.dimension,
                self.staging / INDEX_NAME,
                self.threads,
                self._counter("index", len(changed.put)),
            )
        except errors.CatalogDamaged as error:
            _log.warning("The index is built anew: %s", error)
            self._build_index()

    def verify(self, encoders: Sequence[Path] | None) -> None:
        manifest = self.document.manifest
        self.progress(Progress("verify", 0, 0))
        index, recall = check_index(self.staging, manifest)
        if self.base is not None and recall < RECALL_OF_CHANGED:
            _log.warning("The changed index finds %.1f %% of the nearest and is built anew.", 100 * recall)
            del index  # so that there are never two
            self._build_index()
            index, recall = check_index(self.staging, manifest)
        if recall < RECALL_FLOOR:
            reason = f"its index finds only {recall:.1%} of the nearest vectors"
            raise VersionNotUsable(version=manifest.version, reason=reason)
        check_answers(self.staging, manifest, index, self._golden())
        find_encoder_for(self.staging, manifest, encoders)

    def _build_index(self) -> None:
        manifest = self.document.manifest
        total = manifest.counts.vectors
        counter = self._counter("index", total)
        catalog, target = self.staging / CATALOG_NAME, self.staging / INDEX_NAME
        try:
            build_index(catalog, total, manifest.dimension, target, self.threads, counter)
        except errors.CatalogDamaged as error:
            raise VersionNotUsable(version=manifest.version, reason=str(error.fields["reason"])) from error

    def _encoder(self, with_encoder: bool) -> None:
        """What came along, or what the active generation carries, so that pruning that one takes nothing away."""
        files: Mapping[str, Blob] = self.document.snapshot.encoder
        if self.base is not None:
            files = self.base.delta.encoder or files
        target = self.staging / ENCODER_NAME
        if with_encoder:
            target.mkdir()
            for name, blob in sorted(files.items()):
                self._unpack(blob, target / name, f"the encoder's {name}")
        elif carried := _carried_encoder(self.staging.parent, self.document.manifest.encoder_id):
            shutil.copytree(carried, target, copy_function=shutil.copyfile)

    def _golden(self) -> Golden:
        file = self.staging / "golden.json"
        self._unpack(self.document.golden, file, "the golden queries")
        golden = parse_golden(file.read_bytes(), self.document.manifest.dimension)
        file.unlink()
        return golden

    def _unpack(self, blob: Blob, target: Path, name: str) -> None:
        unpack(blob, self.fetched(blob), target, name, self._counter("unpack", blob.unpacked_bytes))

    def _counter(self, step: str, total: int) -> Callable[[int], None]:
        done = 0

        def count(more: int) -> None:
            nonlocal done
            done += more
            self.progress(Progress(step, done, total))

        return count


def _carried_encoder(folder: Path, encoder_id: str) -> Path | None:
    try:
        path = folder / current_version(folder) / ENCODER_NAME
        return path if read_info(path).id == encoder_id else None
    except errors.EngineError:
        return None


def _stands(folder: Path, manifest: Manifest, encoders: Sequence[Path] | None) -> bool:
    """Whether this version lies in the folder, every byte of it sound; a damaged one that nobody uses is taken away."""
    path = folder / manifest.version
    if not path.exists():
        return False
    try:
        if read_manifest(path) != manifest:
            raise errors.CatalogDamaged(folder=path, reason="another catalog has this version")
        _, record = check_files(path)
        if any(file_sha256(path / name) != entry.sha256 for name, entry in record.files.items()):
            raise errors.CatalogDamaged(folder=path, reason="a file does not match its SHA-256")
        find_encoder_for(path, manifest, encoders)
    except (errors.CatalogError, errors.EncoderError, OSError) as error:
        if is_active(folder, manifest.version):
            reason = f"the active catalog has this version: {error}"
            raise VersionNotUsable(version=manifest.version, reason=reason) from error
        _log.warning("Version %s is made again: %s", manifest.version, error)
        gone = temporary_sibling(path)
        path.rename(gone)
        sync_folder(folder)
        shutil.rmtree(gone, ignore_errors=True)
        return False
    return True


@contextmanager
def _staging(folder: Path, version: str) -> Iterator[Path]:
    """A folder that gets its final name when the block ends, and leaves nothing if it raises."""
    staging = temporary_sibling(folder / version)
    staging.mkdir()
    try:
        yield staging
        staging.rename(folder / version)
        sync_folder(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def _removed_if_not_activated(folder: Path, version: str, made: bool) -> Iterator[None]:
    """On a full disk the files of a version that cannot be activated would be in the way of the next attempt."""
    try:
        yield
    except BaseException:
        if made and not is_active(folder, version):
            gone = temporary_sibling(folder / version)
            (folder / version).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
        raise
