"""Attacks on The Update Framework, damage and wrong clocks, through our client. Keys, signatures and files are real."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import TargetFile

from engine.sync.errors import (
    MetadataExpired,
    NotTrusted,
    SourceMisbehaved,
    SourceUnreachable,
    SyncError,
    SyncNotSetUp,
)
from engine.sync.layout import TOP_ROLES
from engine.sync.repository import beside
from engine.sync.trust import Trust, TrustPolicy
from engine.sync.trust_state import TrustState
from tests.sync_repositories import (
    NOW,
    FolderFetcher,
    HttpFetcher,
    Office,
    Store,
    forge,
    limited,
    make_office,
    make_store,
    memory,
    relist,
    serving,
)

ROOT = Path(__file__).parent.parent
DAY, YEAR = timedelta(days=1), timedelta(days=365)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """In memory: each file here is made durable, and on a busy disk that takes minutes."""
    with memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


@pytest.fixture
def store(office: Office) -> Store:
    """A store that has fetched the document `one`."""
    store = make_store(office)
    assert store.pull() == b"one"
    return store


@pytest.fixture
def thief(tmp_path: Path) -> Office:
    """Somebody with keys of his own."""
    office = Office(tmp_path / "thief" / "repo")
    office.repository().init()
    office.repository().add("stable", b"stolen")
    return office


def refused(store: Store, match: str | None = None) -> NotTrusted:
    """Pull and be refused, with the last document still there and the file and the server in the error."""
    with pytest.raises(NotTrusted, match=match) as caught:
        store.pull()
    assert "the test's source" in caught.value.message
    assert store.kept() == b"one"
    return caught.value


def metadata(office: Office, name: str) -> Path:
    return office.folder / "metadata" / name


def document_file(office: Office) -> Path:
    (path,) = (office.folder / "targets" / "channels").iterdir()
    return path


# Arbitrary package: what was never signed is not taken.


@pytest.mark.parametrize("content", [b"two", b"on", b"one and more", b""])
def test_a_document_that_was_not_signed_is_refused(office: Office, content: bytes) -> None:
    document_file(office).write_bytes(content)
    store = make_store(office)
    with pytest.raises((NotTrusted, SourceMisbehaved)) as caught:
        store.pull()
    assert "stable.json" in caught.value.message
    assert store.kept() is None


def test_metadata_that_names_another_document_is_refused(office: Office, store: Store) -> None:
    office.repository().add("stable", b"two")
    name = office.newest("targets")
    text = metadata(office, name).read_text()
    length = '"length":3'
    assert length in text
    metadata(office, name).write_text(text.replace(length, '"length":4'))
    assert name in refused(store, "hash").message


def test_another_repository_with_valid_signatures_is_refused(store: Store, thief: Office) -> None:
    refused(store.at(thief), "signed by 0/1")
    thief.repository().rotate(["root"])  # also one that offers a newer root
    refused(store.at(thief), "root was signed by 0/1")


# Wrong key, revoked key, threshold.


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_the_key_of_another_role_signs_nothing(office: Office, store: Store, role: str) -> None:
    office.repository().add("stable", b"two")
    wrong = office.signer("stock")
    if role == "timestamp":
        forge(office, "timestamp.json", [wrong], lambda signed: None)
    else:
        forge(office, office.newest(role), [wrong], lambda signed: None)
        relink(office, {"snapshot": [wrong] if role == "snapshot" else [office.signer("snapshot")]})
    refused(store, f"{role} was signed by 0/1")


def relink(office: Office, signers: dict[str, list[object]]) -> None:
    """Make snapshot and timestamp list what lies there now, so that only signatures can tell."""
    forge(
        office,
        office.newest("snapshot"),
        signers["snapshot"],  # type: ignore[arg-type]
        lambda signed: signed.meta.update({"targets.json": relist(office, "targets")}),
    )
    forge(
        office,
        "timestamp.json",
        [office.signer("timestamp")],
        lambda signed: setattr(signed, "snapshot_meta", relist(office, "snapshot")),
    )


def test_a_forged_signature_with_the_right_key_id_is_refused(office: Office, store: Store) -> None:
    office.repository().refresh()
    found = json.loads(metadata(office, "timestamp.json").read_bytes())
    signature = found["signatures"][0]["sig"]
    found["signatures"][0]["sig"] = signature[:-1] + ("0" if signature[-1] != "0" else "1")
    metadata(office, "timestamp.json").write_text(json.dumps(found))
    refused(store, "timestamp was signed by 0/1")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_revoked_key_is_worth_nothing_to_who_knows_the_new_root(office: Office, store: Store, role: str) -> None:
    stolen = office.signer(role)
    office.repository().rotate([role])
    assert store.pull() == b"one"
    office.repository().add("stable", b"two")
    if role == "timestamp":
        forge(office, "timestamp.json", [stolen], lambda signed: None)
    else:
        forge(office, office.newest(role), [stolen], lambda signed: None)
        relink(office, {"snapshot": [stolen] if role == "snapshot" else [office.signer("snapshot")]})
    refused(store, f"{role} was signed by 0/1")


def test_a_store_that_slept_through_ten_rotations_still_follows_and_the_first_keys_are_worth_nothing(
    office: Office, store: Store
) -> None:
    stolen = [office.signer(role) for role in ("timestamp", "root")]
    for _ in range(10):
        office.repository().rotate(["root", "timestamp"])
    assert store.pull() == b"one"
    forge(office, "timestamp.json", stolen, lambda signed: setattr(signed, "version", signed.version + 1))
    refused(store, "signed by 0/1")


def test_one_of_two_root_keys_makes_no_root(tmp_path: Path) -> None:
    office = make_office(tmp_path, root_keys=3, root_threshold=2)
    store = make_store(office)
    assert store.pull() == b"one"
    one, two, _ = office.keys().unused("root")
    forge(office, "1.root.json", [one], lambda signed: setattr(signed, "version", 2))
    assert "2.root.json" in refused(store, "root was signed by 1/2").message
    forge(office, "1.root.json", [one, one], lambda signed: setattr(signed, "version", 2))
    refused(store, "1/2")
    forge(office, "2.root.json", [one, two], lambda signed: None)
    assert store.pull() == b"one"


def test_an_installed_root_without_enough_signatures_is_not_installed(tmp_path: Path) -> None:
    office = make_office(tmp_path, root_keys=2, root_threshold=2)
    forge(office, "1.root.json", office.keys().unused("root")[:1], lambda signed: None)
    with pytest.raises(NotTrusted, match="1/2"):
        make_store(office)
    with pytest.raises(SyncNotSetUp), Store(tmp_path / "store", FolderFetcher(office.folder)).trust():
        pass


def test_the_stock_key_says_nothing_about_catalogs(office: Office, store: Store) -> None:
    """Whoever steals the key that is online can send stock, and no document."""
    office.repository().stock("stable", b"levels")
    target = TargetFile.from_data("channels/evil.json", b"evil", ["sha256"])
    forge(
        office,
        office.newest("stock"),
        [office.signer("stock")],
        lambda signed: signed.targets.update({"channels/evil.json": target}),
    )
    forge(
        office,
        office.newest("snapshot"),
        [office.signer("snapshot")],
        lambda signed: signed.meta.update({"stock.json": relist(office, "stock")}),
    )
    relink(office, {"snapshot": [office.signer("snapshot")]})
    path = office.folder / "targets" / target.get_prefixed_paths()[0]
    path.write_bytes(b"evil")
    with store.trust() as trust:
        trust.refresh()
        found = trust.stock("stable")
        assert found is not None and found.data == b"levels"
        assert trust.document("evil") is None
    assert store.kept("evil") is None


# Rollback and mix-and-match.


def test_an_older_state_is_refused_by_who_has_seen_a_newer_one(office: Office, store: Store) -> None:
    mirror = office.copy("mirror")
    office.repository().add("stable", b"two")
    assert make_store(office, "new").at(mirror).pull() == b"one"  # it cannot know better until it has expired
    assert store.pull() == b"two"
    with pytest.raises(NotTrusted, match="version"):
        store.at(mirror).pull()
    assert store.kept() == b"two"
    assert store.pull() == b"two"


def test_older_targets_in_newer_snapshots_are_refused(office: Office, store: Store) -> None:
    """A thief with the online keys, snapshot and timestamp, brings last month's targets back."""
    old = office.newest("targets")
    office.repository().add("stable", b"two")
    assert store.pull() == b"two"
    entry = relist(office, "targets")
    entry_old = type(entry).from_data(int(old.split(".")[0]), metadata(office, old).read_bytes(), ["sha256"])

    def back(signed: object) -> None:
        signed.version += 1  # type: ignore[attr-defined]
        signed.meta["targets.json"] = entry_old  # type: ignore[attr-defined]

    def forward(signed: object) -> None:
        signed.version += 1  # type: ignore[attr-defined]
        signed.snapshot_meta = relist(office, "snapshot")  # type: ignore[attr-defined]

    forge(office, office.newest("snapshot"), [office.signer("snapshot")], back)
    forge(office, "timestamp.json", [office.signer("timestamp")], forward)
    with pytest.raises(NotTrusted, match=r"targets\.json version"):
        store.pull()
    assert store.kept() == b"two"


@pytest.mark.parametrize(("role", "other"), [("snapshot", "older"), ("targets", "older"), ("targets", "thief")])
def test_metadata_of_two_versions_is_not_put_together(
    office: Office, store: Store, thief: Office, role: str, other: str
) -> None:
    source = thief if other == "thief" else office
    old = metadata(source, source.newest(role)).read_bytes()
    office.repository().add("stable", b"two")
    metadata(office, office.newest(role)).write_bytes(old)
    assert office.newest(role) in refused(store).message


def test_the_stock_of_another_moment_is_not_put_together_with_this_one(office: Office, store: Store) -> None:
    office.repository().stock("stable", b"many")
    old = metadata(office, office.newest("stock")).read_bytes()
    office.repository().stock("stable", b"none")
    metadata(office, office.newest("stock")).write_bytes(old)
    with store.trust() as trust:
        trust.refresh()
        with pytest.raises(NotTrusted, match=r"stock\.json"):
            trust.stock("stable")
        assert trust.document("stable") is not None


# Fast-forward recovery.


@pytest.mark.parametrize(
    ("stolen", "rotated"),
    [
        (["timestamp"], ["timestamp"]),
        (["snapshot", "timestamp"], ["snapshot", "timestamp"]),
        (["snapshot", "timestamp"], ["timestamp"]),
        (["snapshot", "timestamp"], ["snapshot"]),
    ],
)
def test_numbers_that_a_thief_has_driven_up_bind_nobody_after_a_rotation(
    office: Office, store: Store, stolen: list[str], rotated: list[str]
) -> None:
    mirror, largest = office.copy("mirror"), 2**31
    if "snapshot" in stolen:

        def drive(signed: object) -> None:
            signed.version = largest  # type: ignore[attr-defined]
            signed.meta["targets.json"].version = 1  # type: ignore[attr-defined]
            signed.meta["targets.json"] = relist(mirror, "targets")  # type: ignore[attr-defined]

        forge(mirror, mirror.newest("snapshot"), [mirror.signer("snapshot")], drive)

    def ahead(signed: object) -> None:
        signed.version = largest  # type: ignore[attr-defined]
        signed.snapshot_meta = relist(mirror, "snapshot")  # type: ignore[attr-defined]

    forge(mirror, "timestamp.json", [mirror.signer("timestamp")], ahead)
    assert store.at(mirror).pull() == b"one"
    office.repository().add("stable", b"two")
    refused(store, "version")
    office.repository().rotate(rotated)
    assert store.pull() == b"two"
    with pytest.raises(NotTrusted):
        store.at(mirror).pull()


def test_the_recovery_needs_no_luck_with_the_network(office: Office, store: Store) -> None:
    """The new root arrives and then the line breaks: the next refresh must not be bound by the old numbers."""
    mirror = office.copy("mirror")

    def ahead(signed: object) -> None:
        signed.version = 2**31  # type: ignore[attr-defined]
        signed.snapshot_meta.version = 2**31  # type: ignore[attr-defined]

    forge(mirror, "timestamp.json", [mirror.signer("timestamp")], ahead)
    with pytest.raises(SourceUnreachable):
        store.at(mirror).pull()  # its snapshot does not exist, and its numbers are trusted
    office.repository().rotate(["snapshot"])

    def broken() -> Iterator[bytes]:
        raise ConnectionResetError("reset")
        yield b""

    assert isinstance(store.fetcher, FolderFetcher)
    store.fetcher.instead["metadata/timestamp.json"] = broken
    with pytest.raises(SourceUnreachable):
        store.pull()
    store.fetcher.instead.clear()
    assert store.pull() == b"one"


# Indefinite freeze, and clocks.


def test_a_frozen_source_is_noticed_and_the_last_document_kept_with_its_age(office: Office, store: Store) -> None:
    now = datetime.now(UTC)
    later = now + 30 * DAY
    with store.trust() as trust:
        with pytest.raises(MetadataExpired) as caught:
            trust.refresh(later)
        assert "timestamp.json" in caught.value.message and "publish refresh" in caught.value.advice
        assert (now + 7 * DAY).strftime("%Y-%m-%d") in caught.value.message
        found = trust.document("stable", later)
    assert found is not None and found.data == b"one"
    assert found.expired_s(later) == pytest.approx(23 * 86_400, abs=60)
    assert found.age_s(later) == pytest.approx(30 * 86_400, abs=60)
    assert found.expired_s(now) == 0
    office.repository().refresh(now=later)
    assert store.pull(now=later) == b"one"


@pytest.mark.parametrize(("after_days", "blocks"), [(None, False), (24, False), (22, True), (0, True)])
def test_the_policy_decides_when_old_is_too_old(
    office: Office, store: Store, after_days: int | None, blocks: bool
) -> None:
    later = NOW + 30 * DAY
    policy = TrustPolicy(block_after_s=None if after_days is None else after_days * 86_400.0)
    strict = Store(store.state, store.fetcher, policy=policy)
    assert strict.kept(now=NOW + DAY) == b"one"
    if blocks:
        with pytest.raises(MetadataExpired):
            strict.kept(now=later)
    else:
        assert strict.kept(now=later) == b"one"
    office.repository().refresh(now=later)
    assert strict.pull(now=later) == b"one"


@pytest.mark.parametrize("role", ["root", "targets", "snapshot"])
def test_whichever_role_expires_the_news_are_refused(tmp_path: Path, role: str) -> None:
    office = Office(tmp_path / "repo")
    lifetimes = dict.fromkeys(TOP_ROLES, 300 * DAY) | {role: 10 * DAY}
    office.repository(lifetimes=lifetimes).init(now=NOW)
    office.repository().add("stable", b"one", NOW)
    store, later = make_store(office), NOW + 11 * DAY
    assert store.pull(now=NOW) == b"one"
    for each in (store, make_store(office, "new")):
        with pytest.raises(MetadataExpired, match=role):
            each.pull(now=later)
    assert store.kept(now=later) == b"one"
    assert store.pull(now=NOW + 9 * DAY) == b"one"


def test_old_stock_is_kept_and_said_to_be_old(office: Office, store: Store) -> None:
    office.repository().stock("stable", b"levels", NOW)
    later = NOW + 2 * DAY
    with store.trust() as trust:
        trust.refresh(NOW)
        assert trust.stock("stable", NOW) is not None
    with store.trust() as trust:
        trust.refresh(later)  # the catalog's own metadata is valid
        found = trust.stock("stable", later)
        document = trust.document("stable", later)
    assert found is not None and found.data == b"levels"
    assert found.expired_s(later) == found.age_s(later) - 86_400 == 86_400  # type: ignore[operator]
    assert document is not None and document.expired_s(later) == 0
    with make_store(office, "new").trust() as trust:
        trust.refresh(later)
        with pytest.raises(MetadataExpired, match="stock"):
            trust.stock("stable", later)


def test_no_stock_is_no_error(store: Store) -> None:
    with store.trust() as trust:
        trust.refresh(NOW + 6 * DAY)
        assert trust.stock("stable") is None


def test_a_clock_that_is_a_year_behind_still_renews_and_shows(office: Office, store: Store) -> None:
    now = datetime.now(UTC)
    office.repository().add("stable", b"two")
    back = now - YEAR
    with store.trust() as trust:
        found = trust.refresh(back)
        document = trust.document("stable", back)
    assert found.changed and found.clock_behind_s == pytest.approx(365 * 86_400, abs=60)
    assert document is not None and document.data == b"two"
    assert (document.expired_s(back), document.age_s(back)) == (0, 0)
    office.repository().add("stable", b"three")
    assert store.pull() == b"three"
    mirror = office.copy("mirror")
    office.repository().add("stable", b"four")
    assert store.pull(now=back) == b"four"
    with pytest.raises(NotTrusted):
        store.at(mirror).pull(now=back)  # numbers need no clock


def test_a_clock_that_is_ten_years_ahead_does_no_lasting_harm(office: Office, store: Store) -> None:
    now = datetime.now(UTC)
    ahead = now + 10 * YEAR
    office.repository().add("stable", b"two")
    with pytest.raises(MetadataExpired, match="root") as caught:
        store.pull(now=ahead)
    assert "clock" in caught.value.advice
    assert store.kept(now=ahead) == b"one"
    with store.trust() as trust:
        found = trust.refresh(now + timedelta(minutes=1))
    assert found.clock_behind_s == 0
    assert store.pull() == b"two"
    fresh = make_store(office, "fresh")
    with pytest.raises(MetadataExpired):
        fresh.pull(now=ahead)
    assert fresh.pull() == b"two"


# Endless data, over a real server.


@pytest.mark.parametrize(
    "name", ["timestamp.json", "2.root.json", ".snapshot.json", ".targets.json", "stable.json", "stable.zst"]
)
def test_endless_data_ends(office: Office, name: str) -> None:
    office.repository().stock("stable", b"levels")
    state = make_store(office).state
    with serving(office.folder, endless=[name]) as address:
        started = time.perf_counter()
        with pytest.raises(SourceMisbehaved) as caught, Store(state, HttpFetcher(), address).trust() as trust:
            trust.refresh()
            trust.document("stable")
            trust.stock("stable")
        assert time.perf_counter() - started < 10
    assert name.lstrip(".") in caught.value.message
    with serving(office.folder) as address:
        assert Store(state, HttpFetcher(), address).pull() == b"one"


@pytest.mark.parametrize(("field", "size"), [("document_bytes", 2), ("stock_bytes", 5)])
def test_even_what_is_signed_may_not_be_larger_than_the_policy_allows(office: Office, field: str, size: int) -> None:
    office.repository().stock("stable", b"levels")
    store = make_store(office, policy=TrustPolicy(**{field: size}))
    with store.trust() as trust:
        trust.refresh()
        with pytest.raises(NotTrusted, match=f"at most {size}"):
            (trust.stock if field == "stock_bytes" else trust.document)("stable")


# The source, and what it is asked.


def test_a_server_is_asked_little_and_its_troubles_are_named(office: Office) -> None:
    state = make_store(office).state
    with serving(office.folder) as address:
        store = Store(state, HttpFetcher(), address)
        assert store.pull() == b"one"
        office.repository().add("stable", b"two")
        assert store.pull() == b"two"
        metadata(office, "timestamp.json").rename(metadata(office, "away.json"))
        with pytest.raises(SourceUnreachable, match=r"metadata/timestamp\.json \(HTTP 404\)"):
            store.pull()
    with pytest.raises(SourceUnreachable):
        store.pull()
    assert store.kept() == b"two"


def test_a_refresh_says_whether_something_is_new(office: Office, store: Store) -> None:
    assert isinstance(store.fetcher, FolderFetcher)
    store.fetcher.asked.clear()
    with store.trust() as trust:
        assert not trust.refresh().changed
        assert trust.document("stable") is not None
    assert store.fetcher.asked == ["metadata/2.root.json", "metadata/timestamp.json"]
    office.repository().stock("stable", b"levels")
    with store.trust() as trust:
        assert not trust.refresh().changed
        store.fetcher.asked.clear()
        assert trust.stock("stable") is not None
        assert len(store.fetcher.asked) == 2
    office.repository().add("stable", b"two")
    with store.trust() as trust:
        assert trust.refresh().changed


def test_errors_of_ours_come_through_as_they_are(store: Store) -> None:
    told = SourceUnreachable(server="s", file="f", reason="no route")

    def at_once() -> Iterator[bytes]:
        raise told

    def midway() -> Iterator[bytes]:
        yield b"{"
        raise told

    assert isinstance(store.fetcher, FolderFetcher)
    for how in (at_once, midway):
        store.fetcher.instead["metadata/timestamp.json"] = how
        with pytest.raises(SourceUnreachable) as caught:
            store.pull()
        assert caught.value is told
    gone = SourceUnreachable(server="s", file="f", reason="no such file", status=404)

    def not_there() -> Iterator[bytes]:
        raise gone
        yield b""

    store.fetcher.instead = {"metadata/2.root.json": not_there}
    assert store.pull() == b"one"


def test_a_root_that_appears_between_two_requests_is_met(office: Office, store: Store) -> None:
    """The store has been told that there is no newer root; then the timestamp is signed by a key that only it names."""
    assert isinstance(store.fetcher, FolderFetcher)
    fetcher, path = store.fetcher, metadata(office, "timestamp.json")

    def rotated_meanwhile() -> Iterator[bytes]:
        fetcher.instead.clear()
        office.repository().rotate(["timestamp"])
        office.repository().add("stable", b"two")
        return iter([path.read_bytes()])

    fetcher.instead["metadata/timestamp.json"] = rotated_meanwhile
    assert store.pull() == b"two"


# No trust on first use.


def test_without_an_installed_root_nothing_is_asked(office: Office, tmp_path: Path) -> None:
    fetcher = FolderFetcher(office.folder)
    for content in (None, b"", b"{}", b"[" * 100_000, metadata(office, "timestamp.json").read_bytes()):
        state = tmp_path / "bare"
        state.mkdir(exist_ok=True)
        if content is not None:
            (state / "root.json").write_bytes(content)
            with pytest.raises(NotTrusted):
                TrustState(tmp_path / "other").install(content)
        with pytest.raises(SyncNotSetUp), Store(state, fetcher).trust():
            pass
    assert fetcher.asked == []


def test_nothing_in_the_kept_roots_can_replace_the_installed_one(store: Store, thief: Office) -> None:
    installed = (store.state / "root.json").read_bytes()
    thief.repository().rotate(["root"])
    for name in ("1.root.json", "2.root.json"):
        shutil.copy(metadata(thief, name), store.state / "metadata" / name)
    refused(store.at(thief), "signed by 0/1")
    assert store.pull() == b"one"
    assert (store.state / "root.json").read_bytes() == installed


def test_another_root_forgets_what_was_trusted_through_the_first(store: Store, thief: Office, office: Office) -> None:
    TrustState(store.state).install((office.folder / "root.json").read_bytes())
    assert store.kept() == b"one"  # the same again changes nothing
    TrustState(store.state).install((thief.folder / "root.json").read_bytes())
    assert store.kept() is None
    assert store.at(thief).pull() == b"stolen"


# Damage and kills.


def state_files(store: Store) -> list[Path]:
    return sorted(path for path in store.state.rglob("*") if path.is_file() and path.name != "root.json")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(b"\0" * path.stat().st_size),
    "cut": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "deep": lambda path: path.write_bytes(b"[" * 200_000),
    "huge": lambda path: path.write_bytes(b" " * 40_000_000),
    "folder": lambda path: (path.unlink(), path.mkdir(), (path / "x").write_bytes(b"x")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_of_the_store_are_fetched_anew(office: Office, damage: str) -> None:
    office.repository().rotate(["root", "targets"])
    office.repository().stock("stable", b"levels")
    whole = make_store(office, "whole")
    with whole.trust() as trust:
        trust.refresh()
        assert trust.document("stable") and trust.stock("stable")
    names = [path.relative_to(whole.state) for path in state_files(whole)]
    assert len(names) == 8
    for chosen in [*[(name,) for name in names], tuple(names), *itertools.combinations(names[:3], 2)]:
        store = Store(office.folder.with_name("damaged"), FolderFetcher(office.folder))
        shutil.copytree(whole.state, store.state)
        for name in chosen:
            DAMAGES[damage](store.state / name)
        assert store.kept() in (b"one", None)
        with store.trust() as trust:
            trust.refresh()
            found, stock = trust.document("stable"), trust.stock("stable")
        assert found is not None and stock is not None
        assert (found.data, stock.data) == (b"one", b"levels"), chosen
        assert store.kept() == b"one", chosen
        shutil.rmtree(store.state)


@pytest.mark.parametrize("place", ["metadata", "targets", "targets/channels"])
def test_files_where_folders_should_be_are_replaced(office: Office, store: Store, place: str) -> None:
    shutil.rmtree(store.state / place)
    (store.state / place).write_bytes(b"x")
    office.repository().add("stable", b"two")
    assert store.pull() == b"two"


def test_a_document_that_was_changed_on_this_machine_is_not_handed_out(store: Store) -> None:
    path = store.state / "targets" / "channels" / "stable.json"
    path.write_bytes(b"0ne")
    assert store.kept() is None
    assert store.pull() == b"one"


def test_the_state_has_no_links_and_no_rubbish(store: Store) -> None:
    kept = [path for path in store.state.rglob("*") if path.is_symlink() or path.name.startswith(".")]
    assert kept == []


def test_random_damage_of_what_is_served_ends_in_a_typed_error_or_the_right_document(
    office: Office, tmp_path: Path
) -> None:
    office.repository().rotate(["root"])
    office.repository().stock("stable", b"levels")
    chance, outcomes = random.Random(20261125), set()
    names = [path.relative_to(office.folder).as_posix() for path in office.folder.rglob("*.json")]
    served = [name for name in names if name.startswith("metadata/")]
    for number in range(150):
        store = make_store(office, f"store-{number % 3}")
        assert isinstance(store.fetcher, FolderFetcher)
        name = chance.choice(served)
        data = bytearray((office.folder / name).read_bytes())
        for _ in range(chance.choice([1, 1, 3, 30])):
            at = chance.randrange(len(data))
            how = chance.randrange(4)
            if how == 0:
                data[at] ^= 1 << chance.randrange(8)
            elif how == 1:
                del data[at : at + chance.randrange(1, 50)]
            elif how == 2:
                data[at:at] = chance.choice([b'"', b"{", b"9" * 5000, b"\xff", b"null", b"1e999", b"[[[["])
            else:
                data[at:at] = data[at : at + 40]
            data = data or bytearray(b"{")
        store.fetcher.instead[name] = lambda data=data: iter([bytes(data)])  # type: ignore[misc]
        try:
            with store.trust() as trust:
                trust.refresh()
                found, stock = trust.document("stable"), trust.stock("stable")
            assert found is not None and found.data == b"one"
            assert stock is not None and stock.data == b"levels"
            outcomes.add("right")
        except SyncError as error:
            outcomes.add(error.code)
        if number % 3 == 2:
            for each in range(3):
                shutil.rmtree(tmp_path / f"store-{each}")
    assert {"right", "not_trusted"} <= outcomes <= {"right", "not_trusted", "source_unreachable", "source_misbehaved"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_store_killed_anywhere_in_a_refresh_keeps_a_state_that_opens(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync_trust_points", str(tmp_path), "20261125", "30", "10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(one["killed"] for one in found) >= 30
    for one in found:
        assert one["kept"] in ("one", "two", ""), one
        assert one["rollback"] == "not_trusted" or one["root"] == 1, one
        assert one["next"] == "two" and one["rubbish"] == [], one
    assert {one["kept"] for one in found} >= {"one", "two"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_changes_nothing_and_is_named(office: Office, store: Store) -> None:
    office.repository().add("stable", b"two" * 2000)
    for limit in (0, 300, 700, 1000, 2000, 5000):
        work = f"Store(Path({str(store.state)!r}), FolderFetcher(Path({str(office.folder)!r}))).pull()"
        assert "DiskFull" in limited(work, limit), limit
        assert store.kept() in (b"one", None)
    assert store.pull() == b"two" * 2000


def test_two_threads_may_have_a_store_each(office: Office) -> None:
    stores = [make_store(office, f"store-{number}") for number in range(3)]
    found: list[bytes | None] = []
    threads = [threading.Thread(target=lambda each=each: found.append(each.pull())) for each in stores]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [b"one"] * 3


def test_channels_with_other_names_are_a_bug_of_the_caller(store: Store) -> None:
    with store.trust() as trust:
        assert isinstance(trust, Trust)
        for name in ("../stable", "Stable", ""):
            with pytest.raises(ValueError, match="no name"):
                trust.document(name)


def test_keys_of_the_office_are_nowhere_in_the_store(office: Office, store: Store) -> None:
    secret = [path.read_bytes()[40:80] for path in beside(office.folder, "keys").glob("*.pem")]
    assert len(secret) == 5
    for path in state_files(store):
        assert not any(part in path.read_bytes() for part in secret)
