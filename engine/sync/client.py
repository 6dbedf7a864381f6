"""One renewal, from asking head office to the new active generation; each step is somebody else's, this is their order.

    refresh (trust) -> stock -> plan -> fetch -> apply -> clean up

Whatever goes wrong, the active generation stays, what was fetched stays for the next time, and the status says what it
was. Lookups go on meanwhile: they hold the generation that they opened.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from engine import config, errors
from engine.encoder_info import read_info
from engine.generation import ENCODER_NAME, current_version
from engine.generation_build import prune_old
from engine.manifest import Manifest, read_manifest
from engine.records import Progress, ProgressCallback, no_progress
from engine.stock import FILE_NAME as STOCK_FILE
from engine.stock import write_stock
from engine.storage import exclusive, translating, write_whole
from engine.sync.apply import apply_version
from engine.sync.bandwidth import Bandwidth
from engine.sync.errors import (
    DownloadDamaged,
    MetadataExpired,
    NoSpaceForSync,
    NotTrusted,
    SourceUnreachable,
    SyncBusy,
    SyncError,
    VersionNotUsable,
)
from engine.sync.fetch import FetchRules, Means, fetch, open_source
from engine.sync.part_file import has_sha256, partial_bytes
from engine.sync.plan import Kind, Plan, plan
from engine.sync.published import Blob, VersionDocument, parse_document
from engine.sync.settings import SyncSettings, read_settings, state_folder
from engine.sync.source import Source
from engine.sync.status import Outcome, Renewal, Status, Trouble, add_to_history, read_status, write_status
from engine.sync.stock_file import parse as parse_stock
from engine.sync.trust import Trust, TrustPolicy
from engine.sync.tuf_fetcher import BASE_URL, SourceFetcher

_log = logging.getLogger(__name__)

BLOBS_NAME = "blobs"
#: SHA-256 of the stock file that was taken over last.
STOCK_NAME = "stock.sha256"
_DAY_S = 86_400.0
#: What an error says about a renewal; the first that fits.
_OUTCOMES: tuple[tuple[type[errors.EngineError], Outcome], ...] = (
    (SyncBusy, Outcome.BUSY),
    (errors.CatalogBusy, Outcome.BUSY),
    (SourceUnreachable, Outcome.OFFLINE),
    (NotTrusted, Outcome.UNTRUSTED),
    (MetadataExpired, Outcome.UNTRUSTED),
    (NoSpaceForSync, Outcome.NO_SPACE),
    (errors.DiskFull, Outcome.NO_SPACE),
)


@dataclass(frozen=True, slots=True)
class Around:
    """What a renewal finds outside: encoders that are at hand, how patient it is, clocks. A test brings its own."""

    encoders: Sequence[Path] | None = None
    rules: FetchRules = field(default_factory=FetchRules)
    means: Means | None = None
    threads: int = 0
    now: Callable[[], datetime] = lambda: datetime.now(UTC)


def renew(catalog: Path, around: Around = Around(), progress: ProgressCallback = no_progress) -> Renewal:
    """Renew a catalog folder once, and say in its status what that came to.

    Args:
        catalog: the folder that holds CURRENT, or will.
        around: see `Around`.
        progress: called with the steps ask, fetch, and those of `engine.sync.apply.STEPS`; may raise Interrupted.

    Returns:
        What it came to; an error of the renewal is in `trouble`.

    Raises:
        SyncNotSetUp: no source was set for this catalog.
        Interrupted: `progress` raised it. The active generation is as it was.
    """
    settings = read_settings(catalog)
    started = around.now()
    one = _Renewing(catalog, settings, around, progress)
    trouble: errors.EngineError | None = None
    try:
        outcome = one.run()
    except errors.Interrupted:
        raise
    except errors.EngineError as error:
        _log.warning("the renewal of %s: %s", catalog, error)
        outcome = next((outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)), Outcome.FAILED)
        trouble = error
    renewal = Renewal(
        started_at=started,
        ended_at=around.now(),
        outcome=outcome,
        version=_version(catalog),
        kind=one.kind,
        fetched_bytes=one.fetched_bytes,
        trouble=None
        if trouble is None
        else Trouble(code=trouble.code, message=trouble.message, advice=trouble.advice),
    )
    if outcome is not Outcome.BUSY:  # whoever renews it says so itself
        one.tell(renewal)
    return renewal


class _Renewing:
    """One renewal, and what is known of it when it fails."""

    def __init__(self, catalog: Path, settings: SyncSettings, around: Around, progress: ProgressCallback) -> None:
        self.catalog, self.settings, self.around, self.progress = catalog, settings, around, progress
        self.folder = state_folder(catalog)
        self.kind, self.fetched_bytes = "", 0
        self.server = ""
        self.signed_until: datetime | None = None
        self.stock_at: datetime | None = None
        self.means = around.means or Means(bandwidth=Bandwidth(settings.bytes_per_s))

    def run(self) -> Outcome:
        with self._alone(), closing(open_source(self.settings.source, self.settings.http)) as source:
            self.server = source.server
            self.progress(Progress("ask", 0, 0))
            document = self._document(source)
            local = self._local()
            for deltas in (True, False):
                chosen = self._plan(local, document, deltas)
                if chosen.kind is Kind.UNCHANGED:
                    self._clean(set())
                    return Outcome.UNCHANGED
                self.kind = chosen.kind.value
                _log.info("version %s by %s: %d bytes to fetch", document.version, chosen.why, chosen.fetch_bytes)
                self._fetch(source, chosen, _needed(document, chosen))
                try:
                    self._apply(document, chosen)
                    break
                except (VersionNotUsable, DownloadDamaged, errors.CatalogDamaged) as error:
                    if chosen.delta is None:
                        raise
                    _log.warning("the delta is of no use, the snapshot is fetched: %s", error)
            self._clean(set())
            return Outcome.UPDATED

    def tell(self, renewal: Renewal) -> None:
        """Status and history. A disk that is too full for them is logged; the renewal has ended as it has."""
        before = read_status(self.folder)
        source = self.server or (before.source if before is not None else "")
        status = Status(
            source=source,
            channel=self.settings.channel,
            last_well_at=None if before is None else before.last_well_at,
            signed_until=self.signed_until or (None if before is None else before.signed_until),
            stock_at=self.stock_at or (None if before is None else before.stock_at),
        ).after(renewal)
        try:
            write_status(self.folder, status, renewal.ended_at)
            add_to_history(self.folder, renewal)
        except errors.EngineError as error:
            _log.warning("the status of the renewal is not written: %s", error)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One renewal of a catalog at a time; the catalog itself is only locked while it is changed."""
        try:
            with exclusive(self.folder):
                yield
        except errors.CatalogBusy as error:
            raise SyncBusy(folder=self.catalog) from error

    def _document(self, source: Source) -> VersionDocument:
        days = self.settings.block_after_days
        policy = TrustPolicy(block_after_s=None if days is None else days * _DAY_S)
        now = self.around.now()
        fetcher = SourceFetcher(source, means=self.around.means)
        with Trust.open(self.folder, fetcher, BASE_URL, source.server, policy) as trust:
            trust.refresh(now)
            self._stock(trust, now)
            found = trust.document(self.settings.channel, now)
        if found is None:
            reason = f"nothing is published in the channel {self.settings.channel}"
            raise VersionNotUsable(version="?", reason=reason)
        self.signed_until = found.expires
        return parse_document(found.data, self.settings.channel)

    def _stock(self, trust: Trust, now: datetime) -> None:
        """Take the newest stock over. What is wrong with it is logged, and no reason not to renew the catalog."""
        try:
            found = trust.stock(self.settings.channel, now)
            if found is None or self._has_stock(found.data):
                return
            write_stock(self.catalog, parse_stock(found.data, found.path))
            write_whole(self.folder / STOCK_NAME, hashlib.sha256(found.data).hexdigest().encode())
            self.stock_at = found.signed_at
        except (SyncError, errors.StorageError) as error:
            _log.warning("the stock of %s: %s", self.catalog, error)

    def _has_stock(self, data: bytes) -> bool:
        """Whether this stock was taken over last, and nothing else has taken its place since."""
        try:
            known = (self.folder / STOCK_NAME).read_text()
            newer = (self.catalog / STOCK_FILE).stat().st_mtime_ns > (self.folder / STOCK_NAME).stat().st_mtime_ns
        except (OSError, UnicodeDecodeError):
            return False
        return known == hashlib.sha256(data).hexdigest() and not newer

    def _local(self) -> Manifest | None:
        """The active generation's manifest; None where there is none that could be the start of a delta."""
        try:
            return read_manifest(self.catalog / current_version(self.catalog))
        except errors.CatalogError:
            return None

    def _plan(self, local: Manifest | None, document: VersionDocument, deltas: bool) -> Plan:
        blobs = [document.golden, document.snapshot.catalog, document.snapshot.index]
        blobs += document.snapshot.encoder.values()
        for delta in document.deltas:
            blobs += [delta.rows, *delta.encoder.values()]
        paths = {blob.sha256: self._path(blob) for blob in blobs}
        with translating(self.catalog):
            free_bytes = shutil.disk_usage(self.catalog).free
        return plan(
            local,
            document,
            at_hand={sha256 for sha256, path in paths.items() if path.is_file() and has_sha256(path, sha256)},
            partial={sha256: partial_bytes(path, sha256) for sha256, path in paths.items()},
            encoders=self._encoders(),
            free_bytes=free_bytes,
            folder=self.catalog,
            deltas=deltas,
        )

    def _encoders(self) -> set[str]:
        """Ids of the encoders of this machine: the application's, and what the active generation carries."""
        folders = [config.encoder_folder()] if self.around.encoders is None else list(self.around.encoders)
        with contextlib.suppress(errors.CatalogError):
            folders.append(self.catalog / current_version(self.catalog) / ENCODER_NAME)
        found = set()
        for folder in folders:
            try:
                found.add(read_info(folder).id)
            except errors.EngineError:
                continue
        return found

    def _fetch(self, source: Source, chosen: Plan, needed: set[str]) -> None:
        self._clean(needed)
        total = sum(blob.packed_bytes for blob in chosen.blobs)
        done = 0
        for blob in chosen.blobs:
            before = done

            def told(at_hand: int, before: int = before) -> None:
                self.progress(Progress("fetch", before + at_hand, total))

            path = self._path(blob)
            fetched = fetch(
                source,
                blob.name,
                path,
                blob.sha256,
                blob.packed_bytes,
                exact=True,
                rules=self.around.rules,
                means=self.means,
                progress=told,
            )
            self.fetched_bytes += fetched.received_bytes
            done += blob.packed_bytes

    def _apply(self, document: VersionDocument, chosen: Plan) -> None:
        apply_version(
            self.catalog,
            document,
            self._path,
            from_version=None if chosen.delta is None else chosen.delta.from_version,
            with_encoder=bool(chosen.encoder),
            encoders=self.around.encoders,
            threads=self.around.threads,
            progress=self.progress,
        )
        prune_old(self.catalog)

    def _path(self, blob: Blob) -> Path:
        return self.folder / BLOBS_NAME / blob.sha256

    def _clean(self, needed: set[str]) -> None:
        """Remove what was fetched and is not needed any more."""
        for path in (self.folder / BLOBS_NAME).glob("*"):
            if path.name[:64] not in needed:
                path.unlink(missing_ok=True)


def _needed(document: VersionDocument, chosen: Plan) -> set[str]:
    """The blobs that a plan unpacks, also those that are at hand already."""
    snapshot = [document.snapshot.catalog, document.snapshot.index]
    parts = snapshot if chosen.delta is None else [chosen.delta.rows]
    return {blob.sha256 for blob in [document.golden, *parts, *(chosen.encoder or {}).values()]}


def _version(catalog: Path) -> str:
    try:
        return current_version(catalog)
    except errors.CatalogError:
        return ""
