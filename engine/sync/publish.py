"""A generation becomes the next version of a channel: what is published, and what the publisher keeps for the next one.

    REPO.work/<channel>/<version>/catalog.sqlite   the publisher's copies of the last versions, whose ids stay
    REPO.work/<channel>/<version>/document.json    what was signed for each
    REPO.work/<channel>/ids.json                   the highest ids that were ever given

A store sees a new version only when the signed document names it; blobs that no document names yet hurt nobody. Whoever
is killed here publishes again: blobs that are there already cost no second writing.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from engine.digests import label_digest, row_digest, vector_digest
from engine.generation import CATALOG_NAME, ENCODER_NAME, INDEX_NAME, Generation
from engine.manifest import Digests, Manifest, is_version, now
from engine.records import Progress, ProgressCallback, no_progress
from engine.storage import replace, sync_folder, temporary_sibling, translating, write_whole
from engine.sync.delta import make_delta
from engine.sync.errors import VersionNotNewer, VersionNotUsable
from engine.sync.golden import make_golden
from engine.sync.graph_edit import relabel
from engine.sync.pack import pack
from engine.sync.published import BLOBS, Blob, DeltaParts, SnapshotParts, VersionDocument, parse_document
from engine.sync.renumber import HighestIds, renumber
from engine.sync.repository import Repository

_log = logging.getLogger(__name__)

#: Versions from which a store gets a delta. One that missed more takes the snapshot.
DELTAS = 7
#: Versions whose blobs stay: the newest, and those that stores may still be fetching.
KEPT_DOCUMENTS = 3
DOCUMENT_NAME, IDS_NAME, GOLDEN_NAME = "document.json", "ids.json", "golden.json"


@dataclass(frozen=True, slots=True)
class Added:
    """What was published: the document, and the bytes of a snapshot and of the newest delta (0 where there is none)."""

    document: VersionDocument
    snapshot_bytes: int
    delta_bytes: int


def add_version(
    repository: Repository,
    catalog: Path,
    channel: str,
    *,
    deltas: int = DELTAS,
    encoders: Sequence[Path] | None = None,
    progress: ProgressCallback = no_progress,
) -> Added:
    """Publish the active generation of a catalog folder as the next version of a channel.

    Args:
        repository: where to; its keys of targets, snapshot and timestamp are needed.
        catalog: the folder that holds CURRENT.
        channel: lower-case letters, digits, - and _.
        deltas: from how many of the last versions a delta is made.
        encoders: as `Generation.open`.
        progress: called with the steps number, delta, pack and sign; may raise Interrupted.

    Raises:
        VersionNotNewer: its content is what is published already.
        CatalogMissing, CatalogDamaged, CatalogNewer, EncoderMissing: of the catalog.
        NotARepository, KeyMissing, KeyWrongPassphrase, SyncBusy, DiskFull, NotWritable, Interrupted
        What is published stays as it was then.
    """
    with repository.exclusive(), Generation.open_current(catalog, encoders) as generation:
        work = _Work(repository.work / channel)
        published = repository.document(channel)
        last = None if published is None else parse_document(published, channel)
        with work.staging() as staging:
            progress(Progress("number", 0, 0))
            manifest = _renumbered(generation, work, last, channel, staging)
            document = _packed(repository, generation, work, manifest, channel, deltas, staging, progress)
            progress(Progress("sign", 0, 0))
            write_whole(staging / DOCUMENT_NAME, document.to_bytes())
            work.keep(staging, manifest.version)
            repository.add(channel, document.to_bytes())
        work.forget_old(deltas + 1)
        _remove_blobs(repository)
    newest = document.deltas[-1].rows.packed_bytes if document.deltas else 0
    parts = document.snapshot
    packed = sum(blob.packed_bytes for blob in (parts.catalog, parts.index, *parts.encoder.values()))
    return Added(document, packed, newest)


def _renumbered(
    generation: Generation, work: _Work, last: VersionDocument | None, channel: str, staging: Path
) -> Manifest:
    """catalog.sqlite and index.hnsw of the publisher's copy in `staging`, and the manifest that will be signed."""
    target = staging / CATALOG_NAME
    before = work.catalog(last.version) if last is not None else None
    done = renumber(generation.path / CATALOG_NAME, before, target, work.highest())
    digests = Digests(rows=row_digest(target), vectors=vector_digest(target), labels=label_digest(target))
    version = f"{int(last.version) + 1:06d}" if last is not None else "000001"
    manifest = generation.manifest.model_copy(
        update={"version": version, "digests": digests, "origin": "signed", "created_at": now()}
    )
    if last is not None and _same(manifest, last.manifest):
        raise VersionNotNewer(channel=channel, version=generation.version, published=last.version)
    work.note_highest(done.highest)
    relabel(
        generation.path / INDEX_NAME, manifest.dimension, done.built_labels, done.labels, staging / INDEX_NAME
    )
    return manifest


def _same(one: Manifest, other: Manifest) -> bool:
    """Whether a store would notice any difference."""
    fields = {"version", "created_at"}
    return one.model_dump(exclude=fields) == other.model_dump(exclude=fields)


def _packed(
    repository: Repository,
    generation: Generation,
    work: _Work,
    manifest: Manifest,
    channel: str,
    deltas: int,
    staging: Path,
    progress: ProgressCallback,
) -> VersionDocument:
    blobs = repository.folder / BLOBS
    catalog = staging / CATALOG_NAME

    def packed(path: Path) -> Blob:
        progress(Progress("pack", 0, 0))
        return pack(path, blobs)

    write_whole(staging / GOLDEN_NAME, make_golden(catalog).to_bytes())
    encoder_folder = generation.path / ENCODER_NAME
    encoder = {path.name: packed(path) for path in sorted(encoder_folder.iterdir())} if encoder_folder.is_dir() else {}
    parts = SnapshotParts(catalog=packed(catalog), index=packed(staging / INDEX_NAME), encoder=encoder)
    whole = parts.catalog.packed_bytes + parts.index.packed_bytes
    found = []
    # One that is not older was staged by a publisher that was killed before it signed.
    earlier = [one for one in work.documents(channel) if one.version < manifest.version]
    for old in earlier[-deltas:] if deltas else ():
        progress(Progress("delta", 0, 0))
        rows = staging / f"{old.version}.delta"
        make_delta(work.catalog_of(old.version), catalog, rows, old.manifest.digests, manifest.digests)
        blob = packed(rows)
        rows.unlink()
        if blob.packed_bytes < whole:
            changed = encoder if old.manifest.encoder_id != manifest.encoder_id else {}
            found.append(
                DeltaParts(
                    from_version=old.version, from_digests=old.manifest.digests, rows=blob, encoder=changed
                )
            )
    return VersionDocument(
        channel=channel,
        manifest=manifest,
        snapshot=parts,
        deltas=tuple(found),
        golden=packed(staging / GOLDEN_NAME),
    )


def _remove_blobs(repository: Repository) -> None:
    """Remove blobs that no channel's last documents name. A failure costs only disk."""
    named: set[str] = set()
    for folder in repository.work.iterdir():
        if not folder.is_dir():
            continue
        for document in _Work(folder).documents(folder.name)[-KEPT_DOCUMENTS:]:
            parts = document.snapshot
            blobs = [document.golden, parts.catalog, parts.index, *parts.encoder.values()]
            for delta in document.deltas:
                blobs += [delta.rows, *delta.encoder.values()]
            named.update(blob.sha256 for blob in blobs)
    for path in (repository.folder / BLOBS).glob("??/*"):
        if path.name not in named:
            try:
                path.unlink()
            except OSError as error:
                _log.warning("an old part stays: %s", error.strerror)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a publisher keeps of one channel."""

    folder: Path

    def catalog(self, version: str) -> Path | None:
        """The copy of a version; None if it is gone: then all ids begin anew, and stores take a snapshot."""
        path = self.catalog_of(version)
        if path.is_file():
            return path
        _log.warning("the copy of version %s is not in %s; stores will fetch a snapshot", version, path.parent)
        return None

    def catalog_of(self, version: str) -> Path:
        """Where the copy of a version lies."""
        return self.folder / version / CATALOG_NAME

    def highest(self) -> HighestIds:
        """The highest ids that were ever given."""
        try:
            return HighestIds(**json.loads((self.folder / IDS_NAME).read_bytes()))
        except (FileNotFoundError, ValueError, TypeError):
            return HighestIds()

    def note_highest(self, highest: HighestIds) -> None:
        """Keep the highest ids, before anything that has them can be seen."""
        with translating(self.folder):
            write_whole(self.folder / IDS_NAME, json.dumps(asdict(highest)).encode())

    def documents(self, channel: str) -> list[VersionDocument]:
        """What was signed and has its copy here, oldest first."""
        found = []
        for version in self._versions():
            try:
                document = parse_document((self.folder / version / DOCUMENT_NAME).read_bytes(), channel)
            except (OSError, VersionNotUsable):
                continue
            if self.catalog_of(version).is_file():
                found.append(document)
        return found

    def keep(self, staging: Path, version: str) -> None:
        """Give the staged version its name. One that was not signed the last time gives way."""
        target = self.folder / version
        with translating(self.folder):
            (staging / INDEX_NAME).unlink()
            (staging / GOLDEN_NAME).unlink()
            if target.exists():
                shutil.rmtree(target)
            replace(staging, target)
            sync_folder(self.folder)

    def forget_old(self, count: int) -> None:
        """Keep only the newest versions."""
        for version in self._versions()[:-count]:
            shutil.rmtree(self.folder / version, ignore_errors=True)

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to work in, which leaves nothing unless `keep` takes it."""
        with translating(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            for old in self.folder.glob(".*"):  # of a publisher that was killed: there is only one at a time
                shutil.rmtree(old, ignore_errors=True)
            folder = temporary_sibling(self.folder / "version")
            folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _versions(self) -> list[str]:
        try:
            return sorted(one.name for one in self.folder.iterdir() if is_version(one.name))
        except FileNotFoundError:
            return []
