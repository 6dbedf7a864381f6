"""Planning a renewal, against a naive oracle that tries every set of published files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, combinations
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.manifest import Counts, Digests, Manifest
from engine.sync.errors import NoSpaceForSync, VersionNotUsable
from engine.sync.plan import JOURNAL_FACTOR, RESERVE_BYTES, Kind, Plan, plan
from engine.sync.published import Blob, DeltaParts, SnapshotParts, VersionDocument

FOLDER = Path("/catalogs/shop")
PLENTY = 10**15


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def digests(content: str) -> Digests:
    return Digests(rows=sha256(content), vectors=sha256(content + "v"), labels=sha256(content + "l"))


def manifest(
    version: str, content: str = "", encoder: str = "lite", origin: Literal["built", "signed"] = "signed"
) -> Manifest:
    return Manifest(
        name="Shop",
        version=version,
        created_at=datetime(2026, 1, 31, tzinfo=UTC),
        encoder_id=encoder,
        dimension=128,
        counts=Counts(products=1, references=1, vectors=1),
        digests=digests(content or version),
        origin=origin,
    )


def part(name: str, packed: int, unpacked: int | None = None) -> Blob:
    return Blob(
        sha256=sha256(name),
        packed_bytes=packed,
        unpacked_sha256=sha256(f"unpacked {name}"),
        unpacked_bytes=3 * packed if unpacked is None else unpacked,
    )


def snapshot(catalog: Blob, index: Blob, encoder: Mapping[str, Blob] | None = None) -> SnapshotParts:
    return SnapshotParts(catalog=catalog, index=index, encoder=dict(encoder or {}))


def delta(version: str, content: Digests, rows: Blob, encoder: Mapping[str, Blob] | None = None) -> DeltaParts:
    return DeltaParts(from_version=version, from_digests=content, rows=rows, encoder=dict(encoder or {}))


def document(version: str = "000009", **changes: Any) -> VersionDocument:
    """A version of 30 MB and two deltas of 1 and 2 MB."""
    usual = VersionDocument(
        channel="stable",
        manifest=manifest(version),
        snapshot=snapshot(part("catalog", 20_000_000), part("index", 10_000_000), {"model": part("model", 4_000_000)}),
        deltas=(
            delta("000008", digests("000008"), part("8 to 9", 1_000_000)),
            delta("000007", digests("000007"), part("7 to 9", 2_000_000)),
        ),
        golden=part("golden", 1_000),
    )
    return usual.model_copy(update=changes)


def planned(local: Manifest | None, remote: VersionDocument, **more: Any) -> Plan:
    usual: dict[str, Any] = {
        "at_hand": (), "partial": {}, "encoders": {"lite"}, "free_bytes": PLENTY, "folder": FOLDER,
    }  # fmt: skip
    return plan(local, remote, **usual | more)


def names(found: Plan) -> list[str]:
    known = ("golden", "model", "8 to 9", "7 to 9", "catalog", "index", "model of the delta")
    return [name for blob in found.blobs for name in known if sha256(name) == blob.sha256]


def test_nothing_changed_costs_nothing() -> None:
    found = planned(manifest("000009"), document(), free_bytes=0)
    assert (found.kind, found.blobs, found.fetch_bytes, found.disk_bytes) == (Kind.UNCHANGED, (), 0, 0)


def test_a_store_without_a_catalog_takes_the_snapshot() -> None:
    found = planned(None, document())
    assert found.kind is Kind.SNAPSHOT and names(found) == ["golden", "catalog", "index"]
    assert found.fetch_bytes == 30_001_000 and found.disk_bytes == 4 * 30_001_000
    assert found.delta is None and not found.encoder and "no catalog" in found.why


@pytest.mark.parametrize(("version", "size"), [("000008", 1_000_000), ("000007", 2_000_000)])
def test_a_store_that_missed_a_night_or_two_takes_a_delta(version: str, size: int) -> None:
    rows = f"{int(version)} to 9"
    remote = document()
    found = planned(manifest(version), remote)
    assert found.kind is Kind.DELTA and names(found) == ["golden", rows] and found.fetch_bytes == size + 1_000
    assert found.delta is not None and found.delta.from_version == version and version in found.why
    # the copy of the catalog and the new index, the rows unpacked, and what SQLite needs to take it all back
    room = 90_000_000 + 3 * size + 3_000 + JOURNAL_FACTOR * 3 * size
    assert found.disk_bytes == size + 1_000 + room


def test_a_store_that_missed_more_takes_the_snapshot() -> None:
    found = planned(manifest("000006"), document())
    assert found.kind is Kind.SNAPSHOT and "no delta" in found.why


def test_a_version_is_not_enough_for_a_delta_its_content_must_be_here() -> None:
    assert planned(manifest("000008", "something else"), document()).kind is Kind.SNAPSHOT


def test_after_a_delta_that_failed_comes_the_snapshot() -> None:
    found = planned(manifest("000008"), document(), deltas=False)
    assert found.kind is Kind.SNAPSHOT and "other content" in found.why


def test_a_delta_that_is_larger_than_the_snapshot_is_not_taken() -> None:
    remote = document(deltas=(delta("000008", digests("000008"), part("8 to 9", 40_000_000)),))
    found = planned(manifest("000008"), remote)
    assert found.kind is Kind.SNAPSHOT and "fewer bytes" in found.why


def test_what_is_at_hand_counts() -> None:
    remote = document()
    catalog, index = (sha256(name) for name in ("catalog", "index"))
    # the snapshot was almost done when a new delta would cost more than the rest
    found = planned(manifest("000008"), remote, at_hand={catalog}, partial={index: 9_999_000})
    assert found.kind is Kind.SNAPSHOT and names(found) == ["golden", "index"] and found.fetch_bytes == 2_000
    found = planned(manifest("000008"), remote, at_hand={sha256("8 to 9")})
    assert names(found) == ["golden"] and found.fetch_bytes == 1_000
    # a part that has all its bytes is fetched all the same: to be verified and put in its place
    found = planned(manifest("000008"), remote, partial={sha256("8 to 9"): 1_000_000, sha256("golden"): 1_001})
    assert names(found) == ["golden", "8 to 9"] and found.fetch_bytes == 1_000


def test_where_both_cost_the_same_the_delta_is_taken() -> None:
    at_hand = {sha256(name) for name in ("catalog", "index", "8 to 9")}
    assert planned(manifest("000008"), document(), at_hand=at_hand).kind is Kind.DELTA


def test_an_encoder_comes_along_where_it_is_not_here() -> None:
    deltas = (delta("000008", digests("000008"), part("8 to 9", 1), {"model": part("model of the delta", 3_000_000)}),)
    for remote, model in ((document(), "model"), (document(deltas=deltas), "model of the delta")):
        found = planned(manifest("000008", encoder="older"), remote, encoders={"older"})
        assert found.kind is Kind.DELTA and names(found) == ["golden", model, "8 to 9"]
        assert found.encoder and set(found.encoder) == {"model"}
        found = planned(manifest("000008", encoder="older"), remote, encoders={"older", "lite"})
        assert found.kind is Kind.DELTA and names(found) == ["golden", "8 to 9"] and not found.encoder
    assert names(planned(None, document(), encoders=())) == ["golden", "model", "catalog", "index"]


def test_a_version_whose_encoder_is_nowhere_is_refused() -> None:
    remote = document(snapshot=snapshot(part("catalog", 1), part("index", 1)))
    with pytest.raises(VersionNotUsable, match="needs the encoder lite"):
        planned(manifest("000008"), remote, encoders={"older"})


def test_never_to_an_older_version() -> None:
    with pytest.raises(VersionNotUsable, match="older than 000010"):
        planned(manifest("000010"), document())
    assert planned(manifest("000010"), document(), allow_older=True).kind is Kind.SNAPSHOT
    # what was built here has numbers of its own
    assert planned(manifest("000010", origin="built"), document()).kind is Kind.SNAPSHOT
    assert planned(manifest("000009", origin="built"), document()).kind is Kind.SNAPSHOT


@pytest.mark.parametrize("allow_older", [False, True])
def test_two_catalogs_with_one_version_are_refused(allow_older: bool) -> None:
    for local in (manifest("000009", "other content"), manifest("000009", encoder="other")):
        with pytest.raises(VersionNotUsable, match="another catalog has this version"):
            planned(local, document(), allow_older=allow_older)


def test_room_on_the_disk() -> None:
    remote = document()
    local = manifest("000008")
    needed = planned(local, remote).disk_bytes + RESERVE_BYTES
    assert planned(local, remote, free_bytes=needed).kind is Kind.DELTA
    with pytest.raises(NoSpaceForSync) as caught:
        planned(local, remote, free_bytes=needed - 1)
    assert caught.value.fields == {"folder": FOLDER, "needed_mb": -(-needed // 10**6), "free_mb": (needed - 1) // 10**6}
    assert "170 MB" in caught.value.message


def test_where_a_delta_has_no_room_the_snapshot_is_tried() -> None:
    rows = part("8 to 9", 1_000_000, 100_000_000)
    remote = document(deltas=(delta("000008", digests("000008"), rows),))
    local = manifest("000008")
    enough = planned(local, remote, deltas=False).disk_bytes + RESERVE_BYTES
    found = planned(local, remote, free_bytes=enough)
    assert found.kind is Kind.SNAPSHOT and "more room" in found.why


# The oracle: any set of the published files that leads to the version; the cheapest is what a plan must cost.

CONTENTS = ("a", "b", "c")
blobs = st.builds(
    lambda number, packed, factor: part(f"blob {number} {packed}", packed, packed * factor),
    st.integers(0, 5),
    st.integers(0, 30),
    st.integers(1, 4),
)
encoders_of = st.dictionaries(st.sampled_from(["model", "info"]), blobs, max_size=2)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Manifest | None, VersionDocument, dict[str, Any]]:
    remote = VersionDocument(
        channel="stable",
        manifest=manifest("000009", "new", draw(st.sampled_from(["lite", "deep"]))),
        snapshot=snapshot(draw(blobs), draw(blobs), draw(encoders_of)),
        deltas=tuple(
            delta(f"00000{number}", digests(draw(st.sampled_from(CONTENTS))), draw(blobs), draw(encoders_of))
            for number in range(1, 1 + draw(st.integers(0, 2)))
        ),
        golden=draw(blobs),
    )
    origins = st.sampled_from(["built", "signed"])
    local = draw(st.none() | st.builds(manifest, st.just("000003"), st.sampled_from(CONTENTS), origin=origins))
    every = sorted({blob.sha256 for blob in all_blobs(remote)})
    return local, remote, {
        "at_hand": draw(st.sets(st.sampled_from(every))),
        "partial": draw(st.dictionaries(st.sampled_from(every), st.integers(0, 40))),
        "encoders": draw(st.sampled_from([(), ("lite",), ("lite", "deep")])),
        "free_bytes": RESERVE_BYTES + draw(st.integers(0, 400)),
        "deltas": draw(st.booleans()),
    }  # fmt: skip


def all_blobs(remote: VersionDocument) -> list[Blob]:
    snapshot = remote.snapshot
    found = [remote.golden, snapshot.catalog, snapshot.index, *snapshot.encoder.values()]
    for delta in remote.deltas:
        found += [delta.rows, *delta.encoder.values()]
    return found


def has(files: set[str], wanted: Mapping[str, Blob]) -> bool:
    return bool(wanted) and all(blob.sha256 in files for blob in wanted.values())


def room(parts: list[Blob], copies_bytes: int) -> int:
    return sum(blob.unpacked_bytes for blob in parts) + copies_bytes


def leads_there(
    files: set[str], local: Manifest | None, remote: VersionDocument, deltas: bool, encoder: bool
) -> Iterator[int]:
    """With these files at hand: the disk that each way to the version needs, besides what is fetched."""
    snapshot = remote.snapshot
    if remote.golden.sha256 not in files:
        return
    if {snapshot.catalog.sha256, snapshot.index.sha256} <= files and (not encoder or has(files, snapshot.encoder)):
        files_of_encoder = list(snapshot.encoder.values()) if encoder else []
        yield room([remote.golden, snapshot.catalog, snapshot.index, *files_of_encoder], 0)
    for delta in remote.deltas:
        if not deltas or local is None or local.digests != delta.from_digests or delta.rows.sha256 not in files:
            continue
        own = delta.encoder if delta.encoder else snapshot.encoder
        if not encoder or has(files, own):
            generation = snapshot.catalog.unpacked_bytes + snapshot.index.unpacked_bytes
            journal = min(JOURNAL_FACTOR * delta.rows.unpacked_bytes, snapshot.catalog.unpacked_bytes)
            yield room([remote.golden, delta.rows, *(own.values() if encoder else ())], generation + journal)


def cheapest(local: Manifest | None, remote: VersionDocument, given_: dict[str, Any]) -> tuple[int | None, int | None]:
    """Bytes to fetch by the cheapest set that leads there and has room; and the least room of any that leads there."""
    sizes = {blob.sha256: blob.packed_bytes for blob in all_blobs(remote)}
    encoder = remote.manifest.encoder_id not in given_["encoders"]
    best: int | None = None
    least: int | None = None
    for files in chain.from_iterable(combinations(sizes, count) for count in range(len(sizes) + 1)):
        bytes_left = 0
        for name in files:
            if name not in given_["at_hand"]:
                here = given_["partial"].get(name, 0)
                bytes_left += sizes[name] if here > sizes[name] else sizes[name] - here
        for more in leads_there(set(files), local, remote, given_["deltas"], encoder):
            needed = bytes_left + more + RESERVE_BYTES
            least = needed if least is None else min(least, needed)
            if needed <= given_["free_bytes"]:
                best = bytes_left if best is None else min(best, bytes_left)
    return best, least


@settings(deadline=None)
@given(situations())
def test_a_plan_is_as_cheap_as_any_set_of_files_that_leads_there(
    situation: tuple[Manifest | None, VersionDocument, dict[str, Any]],
) -> None:
    local, remote, given_ = situation
    best, least = cheapest(local, remote, given_)
    encoder = remote.manifest.encoder_id not in given_["encoders"]
    try:
        found = planned(local, remote, **given_)
    except VersionNotUsable:
        assert encoder and not remote.snapshot.encoder
        return
    except NoSpaceForSync as error:
        assert best is None and least is not None
        assert error.fields["needed_mb"] == -(-least // 1_000_000)
        return
    assert found.fetch_bytes == best
    assert found.disk_bytes + RESERVE_BYTES <= given_["free_bytes"]
    fetched = [blob.sha256 for blob in found.blobs]
    assert len(fetched) == len(set(fetched)) and not set(fetched) & given_["at_hand"]
    ways = leads_there({*fetched, *given_["at_hand"]}, local, remote, given_["deltas"], encoder)
    assert found.disk_bytes - found.fetch_bytes in set(ways)
    assert (found.kind is Kind.DELTA) == (found.delta is not None) and found.why
    assert bool(found.encoder) == encoder


@settings(deadline=None)
@given(situations(), st.integers(0, 400))
def test_more_at_hand_or_more_room_never_costs_more(
    situation: tuple[Manifest | None, VersionDocument, dict[str, Any]], more: int
) -> None:
    local, remote, given_ = situation
    try:
        before = planned(local, remote, **given_)
    except (VersionNotUsable, NoSpaceForSync):
        return
    every = {blob.sha256 for blob in all_blobs(remote)}
    roomier = given_ | {"free_bytes": given_["free_bytes"] + more}
    assert planned(local, remote, **roomier).fetch_bytes <= before.fetch_bytes
    assert planned(local, remote, **given_ | {"at_hand": every}).fetch_bytes == 0
    # and a plan that was carried out costs nothing the next time
    done = given_["at_hand"] | {blob.sha256 for blob in before.blobs}
    assert planned(local, remote, **given_ | {"at_hand": done}).fetch_bytes == 0
