"""The published folder as The Update Framework sees it: who may sign what, and what is signed now.

Only version documents and stock are targets of TUF; all else is reached by the hashes in a version document. Readers
never see a mixture: targets and numbered metadata are written first, under names that nobody asks for yet, and
`timestamp.json`, which leads to them, is replaced last, by one rename. A publish that is killed before that rename has
changed nothing; the next one takes fresh numbers and removes what was left.

A rotation signs the metadata with the old and the new key before the new root appears, so that readers of either root
can follow it: TUF 1.0, section 6.1 (https://theupdateframework.github.io/specification/latest/#key-management-and-migration).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    T,
    Targets,
    Timestamp,
)

from engine.errors import CatalogBusy, NotWritable
from engine.storage import exclusive, write_whole
from engine.sync.errors import KeyMissing, NotARepository, RepositoryExists, RoleUnknown, SyncBusy
from engine.sync.expiry import LIFETIMES, UNUSED_STOCK_LIFETIME, Expiry, stamp
from engine.sync.keys import ROOT_NAME, KeyFolder
from engine.sync.layout import ROLES, STOCK, STOCK_PATHS, TOP_ROLES, document_target, stock_target
from engine.sync.repository_files import Piece, Published, RepositoryFiles, is_this, piece, target_of

if TYPE_CHECKING:
    from securesystemslib.signer import CryptoSigner

_log = logging.getLogger(__name__)

#: How long what was replaced is still there for who reads just now.
KEEP_REPLACED_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class _Staged:
    """Numbered metadata that is written, and the timestamp that will lead to it."""

    timestamp: bytes
    versions: dict[str, int]


class Repository:
    """A published folder and the keys to sign it with. One publisher at a time: each call takes the folder's lock."""

    def __init__(
        self,
        folder: Path,
        keys: KeyFolder,
        *,
        work: Path | None = None,
        lifetimes: Mapping[str, timedelta] | None = None,
        keep_replaced_s: float = KEEP_REPLACED_S,
    ) -> None:
        """Nothing is read yet. `work` is by default beside the folder; `lifetimes` change those of the roles named."""
        self.folder, self.keys = folder, keys
        self._work = work or beside(folder, "work")
        self._lifetimes = dict(lifetimes or {})
        self._keep_replaced_s = keep_replaced_s
        self._files = RepositoryFiles(folder, self._work)

    @property
    def work(self) -> Path:
        """The publisher's own folder."""
        return self._work

    def init(self, root_keys: int = 1, root_threshold: int = 1, now: datetime | None = None) -> Path:
        """Make the keys and an empty repository; the root metadata that stores are given.

        An `init` that was killed may be called again; it uses the keys that are there.

        Args:
            root_keys: how many root keys there are.
            root_threshold: how many of them must sign; 1 to `root_keys`.

        Raises:
            RepositoryExists, KeyWrongPassphrase, SyncBusy, DiskFull, NotWritable
        """
        if not 1 <= root_threshold <= root_keys:
            raise ValueError(f"{root_threshold} of {root_keys} root keys cannot sign")
        now = _now(now)
        with self.exclusive():
            if self._files.exists:
                raise RepositoryExists(folder=self.folder)
            self._files.prepare()
            signers = {role: self._made(role, root_keys if role == "root" else 1) for role in ROLES}
            root = Root(version=1, consistent_snapshot=True)
            for role in TOP_ROLES:
                for signer in signers[role]:
                    root.add_key(signer.public_key, role)
            root.roles["root"].threshold = root_threshold
            stamp(root, 1, self._lifetime("root"), now)
            stock_key = signers[STOCK][0].public_key
            delegation = DelegatedRole(STOCK, [stock_key.keyid], 1, terminating=True, paths=[STOCK_PATHS])
            targets = Targets(delegations=Delegations({stock_key.keyid: stock_key}, {STOCK: delegation}))
            root_piece = piece(_signed(root, signers["root"]), Root)
            empty = Published(root_piece, _blank(targets), _blank(Targets()), {}, {}, ())
            staged = self._stage(empty, signers, now, targets=targets, stock=Targets())
            self._publish_root(root_piece)
            self._flip(empty, staged)
        return self.folder / ROOT_NAME

    def add(self, channel: str, document: bytes, now: datetime | None = None) -> None:
        """Publish a channel's version document; what it lists must lie there already.

        Needs the keys of targets, snapshot and timestamp.

        Raises:
            NotARepository, KeyMissing, KeyWrongPassphrase, SyncBusy, DiskFull, NotWritable
        """
        path = document_target(channel)
        with self.exclusive():
            published = self._open()
            signers = self._signers(published, "targets", "snapshot", "timestamp")
            target, targets = target_of(path, document), published.targets.copy()
            targets.targets[path] = target
            self._files.write_target(target, document)
            self._flip(published, self._stage(published, signers, _now(now), targets=targets))

    def stock(self, channel: str, data: bytes, now: datetime | None = None) -> None:
        """Publish a channel's stock. Needs the keys of stock, snapshot and timestamp. Raises as `add` does."""
        path = stock_target(channel)
        with self.exclusive():
            published = self._open()
            signers = self._signers(published, STOCK, "snapshot", "timestamp")
            target, stock = target_of(path, data), published.stock.copy()
            stock.targets[path] = target
            self._files.write_target(target, data)
            self._flip(published, self._stage(published, signers, _now(now), stock=stock))

    def refresh(self, roles: Sequence[str] = (), now: datetime | None = None) -> None:
        """Sign snapshot and timestamp again, and those of root, targets and stock that `roles` names.

        Raises as `add` does, and RoleUnknown.
        """
        _check_roles(roles)
        now = _now(now)
        with self.exclusive():
            published = self._open()
            signers = self._signers(published, "snapshot", "timestamp", *roles)
            targets = published.targets.copy() if "targets" in roles else None
            stock = published.stock.copy() if STOCK in roles else None
            if "root" in roles:
                self._publish_root(self._next_root(published, published.root.copy(), signers["root"], now))
                published = self._open()
            self._flip(published, self._stage(published, signers, now, targets=targets, stock=stock))

    def rotate(self, roles: Sequence[str], now: datetime | None = None) -> list[str]:
        """Make new keys for these roles and take the old ones out; the ids of the new keys.

        Top-level roles need the root keys, old and new; stock needs the key of targets. Snapshot and timestamp are
        signed in any case. An old key that is lost (not of root) does not hinder it; readers then see an error for the
        moment between two renames. After an attack on snapshot, rotate timestamp as well: both carry numbers that only
        go up. Old keys are moved to `retired/`.

        Raises as `add` does, and RoleUnknown.
        """
        _check_roles(roles)
        roles, now = [role for role in ROLES if role in roles], _now(now)
        if not roles:
            raise ValueError("no role to rotate")
        with self.exclusive():
            published = self._open()
            root, targets = published.root.copy(), published.targets.copy()
            above = [role for role in roles if role != STOCK]
            needed = {*({"root"} if above else ()), *({"targets"} if STOCK in roles else ()), "snapshot", "timestamp"}
            signers = self._signers(published, *(needed - (set(roles) - {"root"})))
            old = {role: self._at_hand(published, role) for role in roles}
            new = {role: self._exchange(targets if role == STOCK else root, role) for role in roles}
            signers |= {role: [*new[role], *old[role]] for role in roles}
            staged = self._stage(
                published,
                signers,
                now,
                targets=targets if {"targets", STOCK} & set(roles) else None,
                stock=published.stock.copy() if STOCK in roles else None,
            )
            can_follow = all(old[role] for role in above)
            if can_follow:
                self._flip(published, staged)
            else:
                self._files.remember(staged.versions, staged.timestamp)
            if above:
                self._publish_root(self._next_root(published, root, signers["root"], now))
            if not can_follow:
                self._flip(published, staged)
            for role in roles:
                self.keys.retire(role, [signer.public_key.keyid for signer in new[role]])
            return [signer.public_key.keyid for role in roles for signer in new[role]]

    def document(self, channel: str) -> bytes | None:
        """The version document that is published in a channel, verified; None if there is none.

        Raises:
            NotARepository: nothing is published here, or the document is not the one that was signed.
        """
        published = self._open(mend=False)
        target = published.targets.signed.targets.get(document_target(channel))
        if target is None:
            return None
        path = self._files.target_path(target)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise NotARepository(folder=self.folder, reason=f"{path.name}: {error.strerror}") from error
        if not is_this(target, data):
            raise NotARepository(folder=self.folder, reason=f"{path.name} is damaged")
        return data

    def expiries(self) -> tuple[Expiry, ...]:
        """Until when each role's metadata is valid; a stock role without stock is left out. Needs no keys.

        Raises:
            NotARepository
        """
        return self._files.read(self.keys.read_root()).expiries

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only publisher; the thread that is may enter again. Raises SyncBusy, NotWritable."""
        with ExitStack() as locks:
            try:
                locks.enter_context(exclusive(self._work))
                try:
                    locks.enter_context(exclusive(self.folder))
                except NotWritable as error:
                    if "no file locks" not in str(error):
                        raise
                    _log.warning("%s has no file locks: only publishers of this machine are kept apart", self.folder)
            except CatalogBusy as error:
                raise SyncBusy(folder=self.folder) from error
            yield

    def _open(self, mend: bool = True) -> Published:
        """What is published, verified. With `mend`, finish what a rotation that was killed left to be done."""
        trusted = self.keys.read_root()
        if trusted is None:
            raise NotARepository(folder=self.folder, reason=f"{ROOT_NAME} is missing in {self.keys.folder}")
        published = self._files.read(trusted)
        if mend:
            self._files.prepare()
            self.keys.tidy()
            if published.root.data != trusted:
                self._publish_root(published.root)
        return published

    def _publish_root(self, root: Piece[Root]) -> None:
        """Write a root that is signed, note it as known, and put aside the keys that it does not name."""
        self._files.write("root", root.data, root.signed.version)
        write_whole(self.folder / ROOT_NAME, root.data)
        for role in TOP_ROLES if root.signed.version > 1 else ():
            self.keys.retire(role, root.signed.roles[role].keyids)
        self.keys.write_root(root.data)

    def _next_root(
        self, published: Published, root: Root, signers: Sequence[CryptoSigner], now: datetime
    ) -> Piece[Root]:
        stamp(root, published.root.signed.version + 1, self._lifetime("root", published), now)
        data = _signed(root, signers)
        found = piece(data, Root)
        for delegator in (published.root.signed, found.signed):
            delegator.verify_delegate("root", found.metadata.signed_bytes, found.metadata.signatures)
        return found

    def _stage(
        self,
        published: Published,
        signers: Mapping[str, Sequence[CryptoSigner]],
        now: datetime,
        *,
        targets: Targets | None = None,
        stock: Targets | None = None,
    ) -> _Staged:
        """Sign and write numbered metadata: what changed, and the snapshot. The timestamp is signed, not written."""
        versions = dict(published.versions)
        listed: dict[str, MetaFile] = {
            "targets.json": published.targets.meta(),
            f"{STOCK}.json": published.stock.meta(),
        }

        def number(role: str, signed: Signed) -> None:
            versions[role] = self._files.next_version(role, versions.get(role, 0))
            stamp(signed, versions[role], self._lifetime(role, published), now)

        def write(role: str, signed: T) -> bytes:
            data = _signed(signed, signers[role])
            self._files.write(role, data, versions[role])
            return data

        for role, changed in ((STOCK, stock), ("targets", targets)):
            if changed is not None:
                number(role, changed)
                if role == STOCK and not changed.targets:
                    changed.expires = now + UNUSED_STOCK_LIFETIME
                listed[f"{role}.json"] = piece(write(role, changed), Targets).meta()
        snapshot = Snapshot(meta=listed)
        number("snapshot", snapshot)
        timestamp = Timestamp(snapshot_meta=piece(write("snapshot", snapshot), Snapshot).meta())
        number("timestamp", timestamp)
        return _Staged(_signed(timestamp, signers["timestamp"]), versions)

    def _flip(self, published: Published, staged: _Staged) -> None:
        """Let readers see what was staged, in one rename, and remove what is old."""
        self._files.remember(staged.versions, staged.timestamp)
        self._files.write("timestamp", staged.timestamp)
        _log.info("published %s", staged.versions)
        self._files.prune(published.versions, staged.versions, self._keep_replaced_s)

    def _lifetime(self, role: str, published: Published | None = None) -> timedelta:
        known = published.lifetimes.get(role) if published is not None else None
        return self._lifetimes.get(role) or known or LIFETIMES[role]

    def _signers(self, published: Published, *roles: str) -> dict[str, list[CryptoSigner]]:
        found = {}
        for role in roles:
            about = _delegator(published, role).get_delegated_role(role)
            found[role] = self.keys.signers(role, about.keyids, about.threshold)
        return found

    def _at_hand(self, published: Published, role: str) -> list[CryptoSigner]:
        """The keys of a role that is rotated, if enough are there; those of root must be."""
        about = _delegator(published, role).get_delegated_role(role)
        try:
            return self.keys.signers(role, about.keyids, about.threshold)
        except KeyMissing:
            if role == "root":
                raise
            return []

    def _exchange(self, delegator: Root | Targets, role: str) -> list[CryptoSigner]:
        old = list(delegator.get_delegated_role(role).keyids)
        new = [self.keys.create(role) for _ in old]
        for signer in new:
            delegator.add_key(signer.public_key, role)
        for keyid in old:
            delegator.revoke_key(keyid, role)
        return new

    def _made(self, role: str, count: int) -> list[CryptoSigner]:
        found = self.keys.unused(role)[:count]
        return [*found, *(self.keys.create(role) for _ in range(count - len(found)))]


def beside(folder: Path, kind: str) -> Path:
    """REPO.keys and REPO.work: beside the published folder, never in it, because that is served."""
    folder = folder.absolute()
    return folder.with_name(f"{folder.name}.{kind}")


def _delegator(published: Published, role: str) -> Root | Targets:
    return published.targets.signed if role == STOCK else published.root.signed


def _check_roles(roles: Sequence[str]) -> None:
    for role in roles:
        if role not in ROLES:
            raise RoleUnknown(role=role, roles=", ".join(ROLES))


def _signed(signed: T, signers: Sequence[CryptoSigner]) -> bytes:
    metadata = Metadata(signed)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()


def _blank(signed: T) -> Piece[T]:
    """What there is before anything was signed."""
    metadata = Metadata(signed)
    return Piece(metadata.to_bytes(), metadata)


def _now(now: datetime | None) -> datetime:
    return (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
