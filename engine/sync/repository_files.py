"""The metadata files of a published folder: read and verified by the publisher, written whole, old ones removed.

The publisher believes its own repository as little as a store does, because it lies on a server: it goes from the root
metadata in its folder of keys to the newest one, and takes only what that one's keys have signed.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import logging
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Generic

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Signed, Snapshot, T, TargetFile, Targets, Timestamp

from engine.storage import remove_leftovers, translating, write_whole
from engine.sync.errors import NotARepository
from engine.sync.expiry import LIFETIMES, Expiry, lifetime_of
from engine.sync.layout import METADATA, ROLES, STOCK, TARGETS

_log = logging.getLogger(__name__)

_HASHES = ["sha256"]
_NUMBERED = re.compile(r"([1-9][0-9]{0,17})\.([a-z]+)\.json", re.ASCII)
#: In the publisher's own folder: the highest numbers, and the timestamp that was published or was about to be.
_VERSIONS_NAME, _TIMESTAMP_NAME = "versions.json", "timestamp.json"
#: What a file that is missing, damaged or not signed as it should be leads to.
_UNFIT = (RepositoryError, ValueError, KeyError, OSError)


@dataclass(frozen=True, slots=True)
class Piece(Generic[T]):
    """One metadata file: its bytes, and what they say."""

    data: bytes
    metadata: Metadata[T]

    @property
    def signed(self) -> T:
        """What is signed. Do not change it; `copy` gives one to change."""
        return self.metadata.signed

    def copy(self) -> T:
        """A copy of what is signed, to be changed and signed anew."""
        return Metadata[T].from_bytes(self.data).signed

    def meta(self) -> MetaFile:
        """Version, length and hash, for the metadata file that lists this one."""
        return MetaFile.from_data(self.signed.version, self.data, _HASHES)


@dataclass(frozen=True, slots=True)
class Published:
    """What readers see now, verified; `versions` and `lifetimes` by role, as far as they are known."""

    root: Piece[Root]
    targets: Piece[Targets]
    stock: Piece[Targets]
    versions: Mapping[str, int]
    lifetimes: Mapping[str, timedelta]
    expiries: tuple[Expiry, ...]


def piece(data: bytes, kind: type[T]) -> Piece[T]:
    """Parse a metadata file. Raises RepositoryError."""
    metadata = Metadata[T].from_bytes(data)
    if not isinstance(metadata.signed, kind):
        raise RepositoryError(f"{kind.type} expected, not {metadata.signed.type}")
    return Piece(data, metadata)


def verified(data: bytes, kind: type[T], delegator: Root | Targets, role: str) -> Piece[T]:
    """Parse a metadata file and verify its signatures. Raises RepositoryError."""
    found = piece(data, kind)
    delegator.verify_delegate(role, found.metadata.signed_bytes, found.metadata.signatures)
    return found


class RepositoryFiles:
    """The files of one published folder, and the numbers that were used in it. The caller holds the lock."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder, self._work = folder, work

    @property
    def exists(self) -> bool:
        """Whether an `init` came to its end here: it writes the timestamp last, and all else comes after it."""
        later = max([0, *self._on_disk("root")]) > 1 or any((self.folder / TARGETS).glob("channels/*.json"))
        return later or self.path("timestamp").is_file()

    def path(self, role: str, version: int | None = None) -> Path:
        """Where a metadata file lies."""
        return self.folder / METADATA / (f"{role}.json" if version is None else f"{version}.{role}.json")

    def target_path(self, target: TargetFile) -> Path:
        """Where a target file lies: its name begins with its hash."""
        return self.folder / TARGETS / target.get_prefixed_paths()[0]

    def prepare(self) -> None:
        """Make the folders, and remove what a publisher that died left half written. Raises NotWritable."""
        with translating(self.folder):
            for name in (".", METADATA, f"{TARGETS}/channels", f"{TARGETS}/{STOCK}"):
                (self.folder / name).mkdir(parents=True, exist_ok=True)
                remove_leftovers(self.folder / name)

    def read(self, trusted_root: bytes | None) -> Published:
        """What is published, verified from `trusted_root` on; None takes the newest root as it is, only to look at it.

        Raises:
            NotARepository: nothing is published here, or it is not what the keys of this root have signed.
        """
        if not self.exists:
            raise NotARepository(folder=self.folder, reason="it has no metadata")
        try:
            root = self._newest_root(trusted_root)
            try:
                return self._chain(root, self.path("timestamp"))
            except _UNFIT:
                # A rotation without the old keys was killed between two renames, or the file was lost.
                with contextlib.suppress(*_UNFIT):
                    found = self._chain(root, self._work / _TIMESTAMP_NAME)
                    _log.warning("%s is mended from the publisher's own timestamp", self.folder)
                    return found
                raise
        except _UNFIT as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise NotARepository(folder=self.folder, reason=reason) from error

    def next_version(self, role: str, published: int) -> int:
        """A number that no file has and that no reader has ever seen, also after an older copy was put back."""
        return max([published, self._versions().get(role, 0), *self._on_disk(role)]) + 1

    def remember(self, versions: Mapping[str, int], timestamp: bytes) -> None:
        """Keep the numbers that are about to be published, and the timestamp. Raises DiskFull, NotWritable."""
        with translating(self._work):
            self._work.mkdir(parents=True, exist_ok=True)
            remove_leftovers(self._work)
        write_whole(self._work / _VERSIONS_NAME, json.dumps({**self._versions(), **versions}).encode())
        write_whole(self._work / _TIMESTAMP_NAME, timestamp)

    def write(self, role: str, data: bytes, version: int | None = None) -> None:
        """Write a metadata file whole. Raises DiskFull, NotWritable."""
        write_whole(self.path(role, version), data)

    def write_target(self, target: TargetFile, data: bytes) -> None:
        """Write a target file whole, if it is not there. Raises DiskFull, NotWritable."""
        path = self.target_path(target)
        if not path.is_file() or path.read_bytes() != data:
            write_whole(path, data)

    def prune(self, before: Mapping[str, int], now: Mapping[str, int], keep_s: float) -> None:
        """Remove versions that were replaced more than `keep_s` ago, and targets that no version names any more.

        A reader that has begun a moment ago still finds all that its timestamp leads to. Numbers between `before` and
        `now` belong to publishes that were killed: no timestamp ever named them. Roots stay for ever.
        """
        for role in ("snapshot", "targets", STOCK):
            for version in self._on_disk(role):
                if before.get(role, 0) < version < now[role]:
                    self.path(role, version).unlink(missing_ok=True)
            numbers = self._on_disk(role)
            for version, successor in itertools.pairwise(numbers):
                if version < now[role] and self._age_s(self.path(role, successor)) > keep_s:
                    self.path(role, version).unlink(missing_ok=True)
        wanted = set(self._targets_named())
        for path in (self.folder / TARGETS).glob("*/*"):
            if path not in wanted and not path.name.startswith(".") and self._age_s(path) > keep_s:
                path.unlink(missing_ok=True)

    def _newest_root(self, trusted_root: bytes | None) -> Piece[Root]:
        numbers = self._on_disk("root")
        if trusted_root is None:
            return piece(self.path("root", numbers[-1]).read_bytes(), Root) if numbers else self._no_root()
        root = verified(trusted_root, Root, piece(trusted_root, Root).signed, "root")
        while (path := self.path("root", root.signed.version + 1)).is_file():
            following = verified(path.read_bytes(), Root, root.signed, "root")
            following.signed.verify_delegate("root", following.metadata.signed_bytes, following.metadata.signatures)
            if following.signed.version != root.signed.version + 1:
                raise RepositoryError(f"{path.name} is another version")
            root = following
        return root

    def _no_root(self) -> Piece[Root]:
        raise RepositoryError("it has no root metadata")

    def _chain(self, root: Piece[Root], path: Path) -> Published:
        """From a timestamp to the targets. Raises one of _UNFIT where a link does not verify."""
        timestamp = verified(path.read_bytes(), Timestamp, root.signed, "timestamp")
        snapshot = self._listed(timestamp.signed.snapshot_meta, Snapshot, root.signed, "snapshot")
        listed = snapshot.signed.meta
        targets = self._listed(listed["targets.json"], Targets, root.signed, "targets")
        stock = self._listed(listed[f"{STOCK}.json"], Targets, targets.signed, STOCK)
        above = {"root": root.signed, "snapshot": snapshot.signed, "timestamp": timestamp.signed}
        return _published(root, targets, stock, above)

    def _listed(self, about: MetaFile, kind: type[T], delegator: Root | Targets, role: str) -> Piece[T]:
        data = self.path(role, about.version).read_bytes()
        about.verify_length_and_hashes(data)
        found = verified(data, kind, delegator, role)
        if found.signed.version != about.version:
            raise RepositoryError(f"{about.version}.{role}.json is another version")
        return found

    def _on_disk(self, role: str) -> list[int]:
        found = (_NUMBERED.fullmatch(path.name) for path in (self.folder / METADATA).glob(f"*.{role}.json"))
        return sorted(int(match[1]) for match in found if match is not None and match[2] == role)

    def _versions(self) -> dict[str, int]:
        try:
            found = json.loads((self._work / _VERSIONS_NAME).read_bytes())
        except (OSError, ValueError):
            return {}
        return {role: number for role, number in found.items() if isinstance(number, int)}

    def _targets_named(self) -> Iterable[Path]:
        for role in ("targets", STOCK):
            for version in self._on_disk(role):
                with contextlib.suppress(RepositoryError, OSError):
                    named = piece(self.path(role, version).read_bytes(), Targets).signed.targets
                    yield from (self.target_path(target) for target in named.values())

    @staticmethod
    def _age_s(path: Path) -> float:
        return time.time() - path.stat().st_mtime


def target_of(path: str, data: bytes) -> TargetFile:
    """A target's entry. One hash is enough, and the file's name begins with it."""
    return TargetFile.from_data(path, data, _HASHES)


def is_this(target: TargetFile, data: bytes) -> bool:
    """Whether these are the bytes of a target."""
    return len(data) == target.length and hashlib.sha256(data).hexdigest() == target.hashes["sha256"]


def _published(
    root: Piece[Root], targets: Piece[Targets], stock: Piece[Targets], above: Mapping[str, Signed]
) -> Published:
    every: dict[str, Signed] = {**above, "targets": targets.signed, STOCK: stock.signed}
    lifetimes = {role: lifetime_of(signed, LIFETIMES[role]) for role, signed in every.items()}
    expiries = tuple(
        Expiry(role, every[role].version, every[role].expires, lifetimes[role])
        for role in ROLES
        if role in every and (role != STOCK or stock.signed.targets)
    )
    return Published(root, targets, stock, {role: one.version for role, one in every.items()}, lifetimes, expiries)
