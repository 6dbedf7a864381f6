"""What of a source may be believed: python-tuf's Updater, behind our errors and a folder that survives a power cut.

The root comes from the installed root.json, never from the source. What cannot be verified is refused and what was
trusted before stays. What has expired is refused as news, and what was fetched before stays usable: `TrustedFile` says
how long it has expired, and `TrustPolicy` from when on that is too long.

    with Trust.open(folder, fetcher, base_url, server) as trust:
        trust.refresh()
        document = trust.document("stable")

Two things that the specification asks for (TUF 1.0, 5.3.11) and python-tuf leaves to its signatures: when the keys of
timestamp or snapshot were rotated, both are forgotten, so that numbers that a thief has driven up bind nobody. And a
root that appears between two requests of one refresh is met by one more refresh.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from tuf.api.exceptions import DownloadError, DownloadHTTPError, RepositoryError
from tuf.api.metadata import Metadata, TargetFile
from tuf.ngclient import Updater, UpdaterConfig
from tuf.ngclient.fetcher import FetcherInterface

from engine.storage import translating
from engine.sync.errors import MetadataExpired, NotTrusted, SourceUnreachable
from engine.sync.layout import METADATA, TARGETS, TIME_FORMAT, document_target, stock_target
from engine.sync.trust_errors import translated
from engine.sync.trust_state import TrustState
from engine.sync.trust_view import View, view

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """`block_after_s`: seconds after expiry from which nothing is handed out; None never blocks, 0 blocks at once.

    `document_bytes` and `stock_bytes` bound what even head office may make us read.
    """

    block_after_s: float | None = None
    document_bytes: int = 8_000_000
    stock_bytes: int = 32_000_000


@dataclass(frozen=True, slots=True)
class TrustedFile:
    """A file that head office signed.

    `signed_at` (UTC) is by the signer's clock; `expires` (UTC) is that of what expires first on the way to the file.
    """

    path: str
    data: bytes = field(repr=False)
    signed_at: datetime | None
    expires: datetime

    def expired_s(self, now: datetime) -> float:
        """For how many seconds it has expired; 0 while it is valid."""
        return max(0.0, (now - self.expires).total_seconds())

    def age_s(self, now: datetime) -> float | None:
        """Seconds since it was last signed, at least 0; None if the signer did not say."""
        return None if self.signed_at is None else max(0.0, (now - self.signed_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh found. `clock_behind_s`: this machine's clock is at least this far behind the signer's."""

    changed: bool
    signed_at: datetime | None
    clock_behind_s: float


class Trust:
    """One source as seen through the installed root. One thread of one process at a time."""

    def __init__(self, state: TrustState, scratch: Path, fetcher: _Watched, server: str, policy: TrustPolicy) -> None:
        """See `open`."""
        self._state, self._scratch, self._policy, self._server = state, scratch, policy, server
        self._root, self._fetcher = state.installed_root(), fetcher
        self._updater: Updater | None = None

    @classmethod
    @contextmanager
    def open(
        cls,
        folder: Path,
        fetcher: FetcherInterface,
        base_url: str,
        server: str,
        policy: TrustPolicy = TrustPolicy(),
    ) -> Iterator[Self]:
        """Open what this machine trusts.

        Args:
            folder: where `TrustState.install` has put a root.
            fetcher: brings files; its `_fetch` gets `base_url` with `/metadata/...` or `/targets/...` behind it.
            base_url: the published folder, without user and password: python-tuf logs it.
            server: how errors name the source.
            policy: see `TrustPolicy`.

        Raises:
            SyncNotSetUp: no root is installed here.
            DiskFull, NotWritable
        """
        with ExitStack() as stack:
            state = TrustState(folder)
            state.installed_root()
            watched = _Watched(fetcher, base_url.rstrip("/") + "/")
            yield cls(state, stack.enter_context(state.scratch()), watched, server, policy)

    def refresh(self, now: datetime | None = None) -> Refreshed:
        """Ask the source for newer metadata. Costs two small requests when nothing has changed.

        Args:
            now: aware; the clock of this machine by default.

        Raises:
            SourceUnreachable, SourceMisbehaved: nothing changed.
            NotTrusted: a signature, number or hash does not fit. Nothing but new roots was taken over.
            MetadataExpired: what the source has, or the newest root, is too old. Nothing but new roots was taken over.
            DiskFull, NotWritable
        """
        now = (now or datetime.now(UTC)).astimezone(UTC)
        before = self._state.files().get("targets.json")
        self._updater = None
        try:
            updater = self._attempt(now)
        except NotTrusted as error:
            _log.info("refused, and once more in case the root has just changed: %s", error.message)
            updater = self._attempt(now)
        self._updater = updater
        signed_at = self._view().signed_at("timestamp")
        behind_s = 0.0 if signed_at is None else max(0.0, (signed_at - now).total_seconds())
        return Refreshed(self._state.files().get("targets.json") != before, signed_at, behind_s)

    def document(self, channel: str, now: datetime | None = None) -> TrustedFile | None:
        """A channel's version document. After a `refresh` that went well the source's, else the last that was trusted.

        None if nothing was fetched yet, or head office has no such channel.

        Raises:
            MetadataExpired: it has expired for longer than the policy allows.
            SourceUnreachable, SourceMisbehaved, NotTrusted, DiskFull, NotWritable: while fetching.
            ValueError: no name of a channel.
        """
        return self._file(document_target(channel), "timestamp", self._policy.document_bytes, now)

    def stock(self, channel: str, now: datetime | None = None) -> TrustedFile | None:
        """A channel's stock, as `document`; it is signed by a role of its own that expires sooner."""
        return self._file(stock_target(channel), "stock", self._policy.stock_bytes, now)

    def _attempt(self, now: datetime) -> Updater:
        """One refresh by python-tuf in the scratch folder; what it accepted is kept, however it ends."""
        before = self._view()
        try:
            with self._translating():
                updater = _Updater(
                    str(self._scratch),
                    f"{self._fetcher.base_url}{METADATA}/",
                    target_base_url=f"{self._fetcher.base_url}{TARGETS}/",
                    fetcher=self._fetcher,
                    config=UpdaterConfig(),
                    bootstrap=self._root,
                )
                self._fetcher.updater = updater
                updater.at(now)
                updater.refresh()
            return updater
        except Exception:
            after = view(self._root, self._state.scratch_files(self._scratch))
            if any(before.keys_of(role) != after.keys_of(role) for role in ("timestamp", "snapshot")):
                for name in ("timestamp.json", "snapshot.json"):
                    (self._scratch / name).unlink(missing_ok=True)
            raise
        finally:
            self._state.keep(self._scratch)

    def _file(self, path: str, role: str, most_bytes: int, now: datetime | None) -> TrustedFile | None:
        expired: MetadataExpired | None = None
        if self._updater is not None:
            try:
                self._fetch(self._updater, path, most_bytes)
            except MetadataExpired as error:  # stock: its role expires before those that a refresh looks at
                expired = error
        known = self._view()
        found, data = known.target(path), self._state.target(path, most_bytes)
        if found is None or data is None or not _fits(found[0], data):
            if expired is not None:
                raise expired
            return None
        expires = found[1]
        trusted = TrustedFile(path, data, known.signed_at(role), expires)
        expired_s = trusted.expired_s((now or datetime.now(UTC)).astimezone(UTC))
        if expired_s and self._policy.block_after_s is not None and expired_s >= self._policy.block_after_s:
            raise MetadataExpired(server=self._server, file=path, expired=expires.strftime(TIME_FORMAT))
        return trusted

    def _fetch(self, updater: Updater, path: str, most_bytes: int) -> None:
        """Bring a target here, unless it is here. A target that is not published is no error."""
        with self._translating():
            try:
                target = updater.get_targetinfo(path)
            finally:
                self._state.keep(self._scratch)  # a delegated role may have come with it
            if target is None:
                return
            if target.length > most_bytes:
                raise NotTrusted(server=self._server, file=path, reason=f"{target.length} bytes; at most {most_bytes}")
            have = self._state.target(path, most_bytes)
            if have is not None and _fits(target, have):
                return
            fetched = self._scratch / "target"
            updater.download_target(target, str(fetched))
            self._state.keep_target(path, fetched.read_bytes())

    def _view(self) -> View:
        return view(self._root, self._state.files())

    @contextmanager
    def _translating(self) -> Iterator[None]:
        try:
            with translating(self._scratch):
                yield
        except (DownloadError, RepositoryError) as error:
            raise translated(error, self._server, self._fetcher.file, self._fetcher.expires_of) from error


class _Updater(Updater):
    """python-tuf's, with the two things that it has no public door for; a test fails when they are no longer there."""

    def at(self, now: datetime) -> None:
        """What is expired is judged at this time."""
        self._trusted_set.reference_time = now

    def expires_of(self, role: str) -> datetime | None:
        """Until when a role is valid, of those that were accepted."""
        signed = self._trusted_set.get(role)
        return None if signed is None else signed.expires

    def _update_root_symlink(self) -> None:
        """No link to the newest root: it is for who starts from it, which we never do, and sticks have no links."""


class _Watched(FetcherInterface):
    """Passes on to a fetcher and notes what was asked for, for errors that say which file it was."""

    def __init__(self, inner: FetcherInterface, base_url: str) -> None:
        self.base_url, self.file = base_url, ""
        self.updater: _Updater | None = None
        self._inner = inner
        self._last = b""

    def download_bytes(self, url: str, max_length: int) -> bytes:
        self._last = super().download_bytes(url, max_length)
        return self._last

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        self.file = url.removeprefix(self.base_url)
        _log.debug("asking for %s", self.file)
        try:
            with self._inner.download_file(url, max_length) as file:
                yield file
        except SourceUnreachable as error:
            status = error.fields.get("status")
            if isinstance(status, int):  # that there is no newer root is no trouble, and python-tuf must hear of it
                raise DownloadHTTPError(error.message, status) from error
            raise
        except (ConnectionError, TimeoutError) as error:  # from a fetcher that streams: python-tuf does not wrap it
            raise DownloadError("the connection was lost") from error

    def _fetch(self, url: str) -> Iterator[bytes]:
        return self._inner.fetch(url)

    def expires_of(self, role: str) -> datetime | None:
        """Until when a role is valid: as accepted, else as in what was downloaded last."""
        known = self.updater.expires_of(role) if self.updater is not None else None
        if known is not None:
            return known
        try:
            return Metadata.from_bytes(self._last).signed.expires
        except RepositoryError:
            return None


def _fits(target: TargetFile, data: bytes) -> bool:
    try:
        target.verify_length_and_hashes(data)
    except RepositoryError:
        return False
    return True
