"""One immutable catalog generation DIR/<version>/, and which one of them is active.

    DIR/CURRENT                    two lines: the active version, and the one that was active before it
    DIR/<version>/manifest.json    what it is (engine.manifest); the same on every machine
    DIR/<version>/record.json      sizes and SHA-256 of the files as they lie here
    DIR/<version>/catalog.sqlite   products, photos, vectors (engine.catalog)
    DIR/<version>/index.hnsw       the graph over the vectors (engine.index)
    DIR/<version>/encoder/         only when it brings its own encoder

A generation is built in a temporary folder beside the others, made durable, renamed to its version and then activated
by one rename of CURRENT. Who has one open holds a shared lock on its manifest, so that prune leaves it alone; that
needs no right to write. Building is in engine.generation_build.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

from engine import config, errors
from engine.catalog import Catalog
from engine.index import Index
from engine.manifest import MANIFEST_NAME, Manifest, Record, is_version, read_manifest, read_record
from engine.storage import (
    PART_SUFFIX,
    SharedLock,
    exclusive,
    remove_leftovers,
    sync_folder,
    temporary_sibling,
    translating,
    unshared,
    write_whole,
)

CURRENT = "CURRENT"
CATALOG_NAME = "catalog.sqlite"
INDEX_NAME = "index.hnsw"
ENCODER_NAME = "encoder"

_CURRENT_CONTENT = re.compile(rb"([0-9]{6})(?:\n([0-9]{6}))?\n?")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?")
_OPEN_ATTEMPTS = 5


class Generation:
    """An open generation. Nothing in it changes; `close` lets prune have it."""

    def __init__(
        self, path: Path, manifest: Manifest, catalog: Catalog, index: Index, encoder: Path, lock: SharedLock
    ) -> None:
        """Use `Generation.open` or `Generation.open_current`."""
        self.path = path
        self.manifest = manifest
        self.catalog = catalog
        self.index = index
        self.encoder_folder = encoder
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, version: str, encoders: Sequence[Path] | None = None) -> Generation:
        """Open one version by cheap checks: formats, sizes, headers, counts, labels, and whether its encoder is here.

        Args:
            folder: the one that holds CURRENT.
            version: six digits.
            encoders: encoder folders to look in after the generation's own; None is the application's.

        Raises:
            CatalogDamaged, CatalogNewer: see `skulens verify` for the whole truth.
            EncoderMissing, EncoderDamaged: of `engine.encoder.find_encoder`.
        """
        path = _version_folder(folder, version)
        lock = _share(path)
        try:
            manifest, _ = check_files(path)
            encoder = find_encoder_for(path, manifest, encoders)
            catalog, index = open_parts(path, manifest)
        except BaseException:
            lock.close()
            raise
        return cls(path, manifest, catalog, index, encoder, lock)

    @classmethod
    def open_current(cls, folder: Path, encoders: Sequence[Path] | None = None) -> Generation:
        """Open the active version, also while another process activates and prunes.

        Raises:
            CatalogMissing: no CURRENT here; else as `open`.
        """
        for _ in range(_OPEN_ATTEMPTS):
            version = current_version(folder)
            try:
                return cls.open(folder, version, encoders)
            except errors.CatalogDamaged:
                if current_version(folder) == version:
                    raise
        raise errors.CatalogBusy(folder=folder)

    @property
    def version(self) -> str:
        """Six digits."""
        return self.manifest.version

    def close(self) -> None:
        """Close the files and let go of the lock; closing twice is no error."""
        self.catalog.close()
        self._lock.close()

    def __enter__(self) -> Generation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def check_files(path: Path) -> tuple[Manifest, Record]:
    """Check a generation's manifest, record, and kind and size of every recorded file, without reading the large ones.

    Raises CatalogDamaged, CatalogNewer.
    """
    manifest = read_manifest(path)
    if manifest.version != path.name:
        raise errors.CatalogDamaged(folder=path, reason=f"its manifest says version {manifest.version}")
    record = read_record(path)
    missing = {MANIFEST_NAME, CATALOG_NAME, INDEX_NAME} - record.files.keys()
    if missing:
        raise errors.CatalogDamaged(folder=path, reason=f"{min(missing)} is not in the record")
    for name, expected in record.files.items():
        if not _SAFE_NAME.fullmatch(name):
            raise errors.CatalogDamaged(folder=path, reason="the record names a file outside")
        try:
            found = (path / name).lstat()
        except OSError as error:
            raise errors.CatalogDamaged(folder=path, reason=f"{name}: {error.strerror}") from error
        if not stat.S_ISREG(found.st_mode):
            raise errors.CatalogDamaged(folder=path, reason=f"{name} is not a file")
        if found.st_size != expected.size_bytes:
            reason = f"{name} has {found.st_size} bytes instead of {expected.size_bytes}"
            raise errors.CatalogDamaged(folder=path, reason=reason)
    if hashlib.sha256((path / MANIFEST_NAME).read_bytes()).hexdigest() != record.files[MANIFEST_NAME].sha256:
        raise errors.CatalogDamaged(folder=path, reason=f"{MANIFEST_NAME} does not match its SHA-256")
    return manifest, record


def find_encoder_for(path: Path, manifest: Manifest, encoders: Sequence[Path] | None = None) -> Path:
    """The folder of the encoder that a generation needs: its own, else one of `encoders` (None: the application's).

    Raises EncoderMissing.
    """
    from engine.encoder import find_encoder  # late: rollback and prune need no ONNX Runtime

    return find_encoder(
        manifest.encoder_id, [path / ENCODER_NAME, *([config.encoder_folder()] if encoders is None else encoders)]
    )


def open_parts(path: Path, manifest: Manifest) -> tuple[Catalog, Index]:
    """Open both files of a generation and see that they belong together. Raises CatalogDamaged, CatalogNewer."""
    catalog = Catalog.open(path / CATALOG_NAME)
    try:
        counts = manifest.counts
        if (catalog.product_count, catalog.reference_count, catalog.vector_count) != (
            counts.products,
            counts.references,
            counts.vectors,
        ):
            raise errors.CatalogDamaged(folder=path, reason="the counts are not those of the manifest")
        index = Index.load(path / INDEX_NAME, manifest.dimension, counts.vectors)
        if not np.array_equal(np.sort(index.labels), catalog.owners()[0]):
            raise errors.CatalogDamaged(folder=path, reason="the index has other labels than the catalog")
    except BaseException:
        catalog.close()
        raise
    return catalog, index


def versions(folder: Path) -> list[str]:
    """All versions in a catalog folder, oldest first; empty when there is no such folder."""
    try:
        return sorted(one.name for one in folder.iterdir() if is_version(one.name) and one.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def current_version(folder: Path) -> str:
    """The active version. Raises CatalogMissing (no CURRENT here), CatalogDamaged (it does not hold a version)."""
    return _read_current(folder)[0]


def is_active(folder: Path, version: str) -> bool:
    """Whether this version is the active one."""
    try:
        return current_version(folder) == version
    except errors.CatalogError:
        return False


def new_version(folder: Path) -> str:
    """The next free version: a counter, so that a wrong clock cannot reorder them, and no number comes twice."""
    known = [*versions(folder)]
    with contextlib.suppress(errors.CatalogError):
        known += [one for one in _read_current(folder) if one]
    return f"{max(map(int, known), default=0) + 1:06d}"


def activate(folder: Path, version: str) -> None:
    """Make a version the active one, in one step, after the cheap checks of `Generation.open`.

    Raises:
        CatalogDamaged, CatalogNewer: that version cannot be opened; the active one stays.
        CatalogBusy, DiskFull, NotWritable: the active one stays.
    """
    with exclusive(folder):
        path = _version_folder(folder, version)
        manifest, _ = check_files(path)
        catalog, _ = open_parts(path, manifest)
        catalog.close()
        try:
            active, before = _read_current(folder)
        except errors.CatalogError:
            active, before = "", ""
        _write_current(folder, version, before if active == version else active)


def rollback(folder: Path) -> str:
    """Go back to the version that was active before, at once, and return it.

    One that cannot be opened is passed over for the next older one. With an unreadable CURRENT it is the newest.

    Raises:
        NoPreviousGeneration, CatalogMissing, CatalogBusy, DiskFull, NotWritable: the active one stays.
    """
    with exclusive(folder):
        try:
            active, before = _read_current(folder)
        except errors.CatalogDamaged:
            active, before = "999999", ""
        older = sorted((one for one in versions(folder) if one < active and one != before), reverse=True)
        candidates = [before, *older] if before in versions(folder) and before != active else older
        for version in candidates:
            path = folder / version
            try:
                manifest, _ = check_files(path)
                open_parts(path, manifest)[0].close()
            except errors.CatalogError:
                continue
            _write_current(folder, version, max((one for one in older if one < version), default=""))
            return version
        raise errors.NoPreviousGeneration(folder=folder)


def prune(folder: Path, keep: int = 2) -> list[str]:
    """Remove old versions, and what dead builds left; return the removed versions.

    The active one stays, the one that rollback returns to, and older ones up to `keep`; the newest stays always, so
    that its number is not given again; and whatever another process has open stays.

    Raises:
        CatalogBusy: a build is running.
        CatalogMissing, CatalogDamaged: nothing says what is active, so nothing is removed.
    """
    if keep < 1:
        raise ValueError("at least the active version is kept")
    with exclusive(folder), translating(folder):
        active, before = _read_current(folder)
        remove_staging(folder)
        remove_leftovers(folder)
        existing = versions(folder)
        preferred = [active, before, *sorted((one for one in existing if one < active), reverse=True)]
        kept = {*list(dict.fromkeys(one for one in preferred if one in existing))[:keep], active, *existing[-1:]}
        return [version for version in existing if version not in kept and _remove(folder / version)]


def remove_staging(folder: Path) -> None:
    """Remove the folders of builds that did not end. Call it under `storage.exclusive`: then they are all dead."""
    for path in folder.glob(f".[0-9][0-9][0-9][0-9][0-9][0-9].*{PART_SUFFIX}"):
        shutil.rmtree(path, ignore_errors=True)


def _remove(path: Path) -> bool:
    """Take a version away in one step, then delete it; False when somebody has it open."""
    gone = temporary_sibling(path)
    lock = path / MANIFEST_NAME
    try:
        if lock.exists():
            with unshared(lock) as free:
                if not free:
                    return False
                if os.name == "posix":
                    path.rename(gone)
        if path.exists():
            # Without a manifest nobody can open it. Windows renames no folder with an open file in it, and refuses when
            # somebody opened one since.
            path.rename(gone)
    except PermissionError:
        if os.name == "posix":
            raise
        return False
    sync_folder(path.parent)
    shutil.rmtree(gone, ignore_errors=True)
    return True


def _version_folder(folder: Path, version: str) -> Path:
    if not is_version(version):
        raise ValueError(f"not a version: {version!r}")
    return folder / version


def _share(path: Path) -> SharedLock:
    try:
        return SharedLock(path / MANIFEST_NAME)
    except BlockingIOError as error:
        raise errors.CatalogDamaged(folder=path, reason="it is being removed") from error
    except OSError as error:
        raise errors.CatalogDamaged(folder=path, reason=f"{MANIFEST_NAME}: {error.strerror}") from error


def _read_current(folder: Path) -> tuple[str, str]:
    """The active version and the one before, '' when there is none."""
    try:
        with (folder / CURRENT).open("rb") as file:
            content = file.read(64)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise errors.CatalogMissing(folder=folder) from error
    except OSError as error:
        raise errors.CatalogDamaged(folder=folder, reason=f"{CURRENT}: {error.strerror}") from error
    match = _CURRENT_CONTENT.fullmatch(content)
    if match is None:
        raise errors.CatalogDamaged(folder=folder, reason=f"{CURRENT} names no version")
    active, before = match.groups()
    return active.decode(), (before or b"").decode()


def _write_current(folder: Path, active: str, before: str) -> None:
    write_whole(folder / CURRENT, "".join(f"{one}\n" for one in (active, before) if one).encode())
