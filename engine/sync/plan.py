"""What to fetch for a renewal: pure decisions, made before a byte of it is asked for.

There are two ways to a new version: its snapshot, or a delta from exactly the content that is here. The one with the
fewest bytes to fetch is taken, among those for which the disk has room. A delta is always one step: a publisher makes
one from each of the last versions, and a store that missed more of them takes the snapshot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from engine.manifest import Manifest
from engine.sync.errors import NoSpaceForSync, VersionNotUsable
from engine.sync.published import Blob, DeltaParts, VersionDocument

#: Stays free for history, stock and the log.
RESERVE_BYTES = 64_000_000
#: SQLite's journal while a delta is put in: whole pages for the rows that change, but never more than the catalog has.
JOURNAL_FACTOR = 4


class Kind(StrEnum):
    """The way to the new version."""

    UNCHANGED = "unchanged"
    DELTA = "delta"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a renewal does.

    `blobs` are to be fetched, in this order; what lies here whole is not among them. `fetch_bytes` come over the line,
    `disk_bytes` are needed at the worst moment, on top of what is at hand. `delta` is the one that is put in, and
    `encoder` the files of the encoder that comes along. `why` is a sentence for a log.
    """

    kind: Kind
    why: str
    blobs: tuple[Blob, ...] = ()
    fetch_bytes: int = 0
    disk_bytes: int = 0
    delta: DeltaParts | None = None
    encoder: Mapping[str, Blob] | None = None


def plan(
    local: Manifest | None,
    remote: VersionDocument,
    *,
    at_hand: Collection[str],
    partial: Mapping[str, int],
    encoders: Collection[str],
    free_bytes: int,
    folder: Path,
    deltas: bool = True,
    allow_older: bool = False,
) -> Plan:
    """The cheapest way from what is here to a published version.

    Args:
        local: the active generation, or None where there is none.
        remote: the version, as head office signed it.
        at_hand: the blobs (SHA-256 of the packed bytes) that lie here whole and verified.
        partial: how many bytes of which others lie here (engine.sync.part_file.partial_bytes).
        encoders: ids of the encoders that this machine has.
        free_bytes: free on the disk of `folder`, which is only named in errors.
        deltas: whether a delta may be taken; not after one led to other content than was signed.
        allow_older: whether a person or a new root said that an older version is right.

    Raises:
        VersionNotUsable: older than what is here, other content under the same version, or without an encoder.
        NoSpaceForSync: the disk is too small for every way.
    """
    if local is not None and local.origin == "signed":
        if (local.version, local.digests, local.encoder_id) == (
            remote.version, remote.manifest.digests, remote.manifest.encoder_id,
        ):  # fmt: skip
            return Plan(Kind.UNCHANGED, f"version {local.version} is here")
        _check_order(local.version, remote.version, allow_older)
    sums = _Sums(frozenset(at_hand), partial)
    ways = sorted(_ways(local if deltas else None, remote, encoders, sums), key=_cost)
    for way in ways:
        if way.disk_bytes + RESERVE_BYTES <= free_bytes:
            return replace(way, why=_why(way, ways, local is not None, deltas))
    needed_bytes = min(way.disk_bytes for way in ways) + RESERVE_BYTES
    raise NoSpaceForSync(folder=folder, needed_mb=-(-needed_bytes // 1_000_000), free_mb=free_bytes // 1_000_000)


def _check_order(here: str, published: str, allow_older: bool) -> None:
    if published == here:
        raise VersionNotUsable(version=published, reason="another catalog has this version here")
    if published < here and not allow_older:
        raise VersionNotUsable(version=published, reason=f"it is older than {here}, which is here")


def _cost(way: Plan) -> tuple[int, bool, int]:
    """Bytes to fetch; where they are equal, a delta is put in faster than a snapshot is unpacked."""
    return way.fetch_bytes, way.kind is Kind.SNAPSHOT, way.disk_bytes


@dataclass(frozen=True, slots=True)
class _Sums:
    """What a way costs, seen from what lies here."""

    at_hand: frozenset[str]
    partial: Mapping[str, int]

    def left_bytes(self, blob: Blob) -> int:
        if blob.sha256 in self.at_hand:
            return 0
        here = self.partial.get(blob.sha256, 0)
        # More than the whole is something else, which a fetch throws away.
        return blob.packed_bytes - here if here <= blob.packed_bytes else blob.packed_bytes

    def way(self, kind: Kind, needed: Sequence[Blob], more_bytes: int, delta: DeltaParts | None = None) -> Plan:
        """Parts with the same content are one file; each is unpacked while its packed bytes still lie there."""
        unique = {blob.sha256: blob for blob in needed}.values()
        fetch_bytes = sum(map(self.left_bytes, unique))
        disk_bytes = fetch_bytes + sum(blob.unpacked_bytes for blob in needed) + more_bytes
        blobs = tuple(blob for blob in unique if blob.sha256 not in self.at_hand)
        return Plan(kind, "", blobs, fetch_bytes, disk_bytes, delta)


def _ways(local: Manifest | None, remote: VersionDocument, encoders: Collection[str], sums: _Sums) -> Iterator[Plan]:
    """All ways from the content of `local` (None: from nothing) to a version. Small parts are fetched first."""
    snapshot = remote.snapshot
    with_encoder = remote.manifest.encoder_id not in encoders
    if with_encoder and not snapshot.encoder:
        reason = f"it needs the encoder {remote.manifest.encoder_id}, which is not here and does not come with it"
        raise VersionNotUsable(version=remote.version, reason=reason)
    encoder = snapshot.encoder if with_encoder else {}
    needed = [remote.golden, *_by_name(encoder), snapshot.catalog, snapshot.index]
    yield replace(sums.way(Kind.SNAPSHOT, needed, 0), encoder=encoder)
    generation_bytes = snapshot.catalog.unpacked_bytes + snapshot.index.unpacked_bytes
    for delta in remote.deltas:
        if local is None or delta.from_digests != local.digests:
            continue
        encoder = (delta.encoder or snapshot.encoder) if with_encoder else {}
        journal_bytes = min(JOURNAL_FACTOR * delta.rows.unpacked_bytes, snapshot.catalog.unpacked_bytes)
        needed = [remote.golden, *_by_name(encoder), delta.rows]
        yield replace(sums.way(Kind.DELTA, needed, generation_bytes + journal_bytes, delta), encoder=encoder)


def _why(chosen: Plan, ways: Sequence[Plan], has_local: bool, deltas: bool) -> str:
    if chosen.delta is not None:
        return f"a delta from version {chosen.delta.from_version}, whose content is here"
    if not has_local:
        return "the snapshot: there is no catalog here"
    if not deltas:
        return "the snapshot: a delta led to other content than was signed"
    if len(ways) == 1:
        return "the snapshot: there is no delta from what is here"
    cheapest = chosen is ways[0]
    return "the snapshot: fewer bytes than a delta" if cheapest else "the snapshot: a delta needs more room on the disk"


def _by_name(files: Mapping[str, Blob]) -> list[Blob]:
    return [files[name] for name in sorted(files)]
