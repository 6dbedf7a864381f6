from __future__ import annotations

import itertools
import json
import logging
import random
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from engine.cli.publish_command import app
from engine.records import StockLevel
from engine.storage import exclusive
from engine.sync.errors import (
    DownloadDamaged,
    KeyMissing,
    KeyWrongPassphrase,
    NotARepository,
    RepositoryExists,
    RoleUnknown,
    SyncBusy,
)
from engine.sync.keys import KeyFolder
from engine.sync.layout import ROLES, document_target, is_channel, stock_target
from engine.sync.passphrases import Passphrases
from engine.sync.repository import Repository, beside
from engine.sync.stock_file import parse, to_bytes
from tests.sync_repositories import (
    NOW,
    PASSPHRASE,
    FolderFetcher,
    Office,
    Store,
    forge,
    limited,
    make_office,
    make_store,
    memory,
)

ROOT = Path(__file__).parent.parent
DAY = timedelta(days=1)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """In memory: each file here is made durable, and on a busy disk that takes minutes."""
    with memory(tmp_path) as folder:
        yield folder


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return make_office(tmp_path)


def metadata_names(office: Office) -> set[str]:
    return {path.name for path in (office.folder / "metadata").iterdir()}


def test_init_makes_what_a_store_needs_and_keeps_what_it_must_not_see(office: Office) -> None:
    assert metadata_names(office) >= {"1.root.json", "1.targets.json", "1.stock.json", "1.snapshot.json"}
    assert (office.folder / "root.json").read_bytes() == (office.folder / "metadata" / "1.root.json").read_bytes()
    served = {path.suffix for path in office.folder.rglob("*") if path.is_file()}
    assert ".pem" not in served
    held = {path.name.split("-")[0] for path in beside(office.folder, "keys").glob("*.pem")}
    assert held == set(ROLES)
    if sys.platform != "win32":
        files = [path for path in beside(office.folder, "keys").rglob("*") if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_roles_live_as_long_as_the_issue_says(office: Office) -> None:
    office.repository().stock("stable", b"levels", NOW)
    office.repository().refresh(("root", "targets", "stock"), NOW)
    found = {one.role: one.expires - NOW for one in office.repository().expiries()}
    assert found == {"root": 365 * DAY, "targets": 90 * DAY, "snapshot": 7 * DAY, "timestamp": 7 * DAY, "stock": DAY}


def test_lifetimes_are_kept_by_who_signs_next(tmp_path: Path) -> None:
    office = Office(tmp_path / "repo")
    office.repository(lifetimes=dict.fromkeys(ROLES, 3 * DAY)).init(now=NOW)
    office.repository().stock("stable", b"levels", NOW)
    office.repository().add("stable", b"one", NOW)
    office.repository().rotate(["root"], NOW)
    assert {one.expires - NOW for one in office.repository().expiries()} == {3 * DAY}
    office.repository(lifetimes={"timestamp": DAY}).refresh(now=NOW)
    found = {one.role: one.expires - NOW for one in office.repository().expiries()}
    assert found["timestamp"] == DAY and found["snapshot"] == 3 * DAY


def test_a_second_init_changes_nothing(office: Office) -> None:
    before = {path: path.read_bytes() for path in office.folder.rglob("*") if path.is_file()}
    with pytest.raises(RepositoryExists):
        office.repository().init()
    (office.folder / "metadata" / "timestamp.json").unlink()  # lost, but there was one: its stores know its keys
    with pytest.raises(RepositoryExists):
        office.repository().init()
    before.pop(office.folder / "metadata" / "timestamp.json")
    assert before == {path: path.read_bytes() for path in office.folder.rglob("*") if path.is_file()}
    office.repository().refresh()
    assert make_store(office).pull() == b"one"


def test_a_document_is_published_under_its_hash_and_read_back(office: Office) -> None:
    office.repository().add("beta", b"other")
    office.repository().add("stable", b"two")
    assert [office.repository().document(name) for name in ("stable", "beta", "none")] == [b"two", b"other", None]
    store = make_store(office)
    assert (store.pull("stable"), store.pull("beta")) == (b"two", b"other")


def test_a_published_document_that_was_changed_is_not_taken_for_the_last_version(office: Office) -> None:
    (path,) = (office.folder / "targets" / "channels").iterdir()
    path.write_bytes(b"0ne")
    with pytest.raises(NotARepository, match="damaged"):
        office.repository().document("stable")
    path.unlink()
    with pytest.raises(NotARepository):
        office.repository().document("stable")


@pytest.mark.parametrize("name", ["", "A", "a/b", "../a", "a.b", "a b", "-a", "a" * 65, "ä", "a\n"])
def test_only_plain_names_are_channels(office: Office, name: str) -> None:
    assert not is_channel(name)
    with pytest.raises(ValueError, match="no name"):
        office.repository().add(name, b"x")
    with pytest.raises(ValueError, match="no name"):
        office.repository().stock(name, b"x")
    assert (document_target("a-1_b"), stock_target("a")) == ("channels/a-1_b.json", "stock/a.zst")


def test_stock_needs_neither_root_nor_targets_key(office: Office) -> None:
    for path in beside(office.folder, "keys").glob("*.pem"):
        if path.name.startswith(("root-", "targets-")):
            path.unlink()
    office.repository().stock("stable", b"levels")
    office.repository().refresh(("stock",))
    store = make_store(office)
    with store.trust() as trust:
        trust.refresh()
        found = trust.stock("stable")
    assert found is not None and found.data == b"levels"
    for refused in (lambda: office.repository().add("stable", b"two"), lambda: office.repository().refresh(("root",))):
        with pytest.raises(KeyMissing):
            refused()
    assert store.pull() == b"one"


def test_the_wrong_passphrase_publishes_nothing(office: Office) -> None:
    before = metadata_names(office), (office.folder / "metadata" / "timestamp.json").read_bytes()
    stranger = Office(office.folder, {"SKULENS_KEY_PASSPHRASE": "wrong"})
    for refused in (
        lambda: stranger.repository().add("stable", b"two"),
        lambda: stranger.repository().rotate(["root"]),
        lambda: stranger.repository().refresh(),
    ):
        with pytest.raises(KeyWrongPassphrase):
            refused()
    assert before == (metadata_names(office), (office.folder / "metadata" / "timestamp.json").read_bytes())
    assert not (beside(office.folder, "keys") / "retired").exists()


def test_the_publisher_signs_nothing_that_its_keys_have_not_signed(office: Office, tmp_path: Path) -> None:
    thief = make_office(tmp_path / "thief")
    name = office.newest("targets")
    genuine = (office.folder / "metadata" / name).read_bytes()
    forge(office, name, [thief.signer("targets")], lambda signed: None)
    for refused in (lambda: office.repository().add("stable", b"two"), lambda: office.repository().refresh()):
        with pytest.raises(NotARepository):
            refused()
    (office.folder / "metadata" / name).write_bytes(genuine)
    office.repository().add("stable", b"two")
    assert make_store(office).pull() == b"two"


def test_the_publisher_follows_only_roots_that_its_own_root_leads_to(office: Office, tmp_path: Path) -> None:
    thief = make_office(tmp_path / "thief")
    thief.repository().rotate(["timestamp"])
    shutil.copytree(thief.folder / "metadata", office.folder / "metadata", dirs_exist_ok=True)
    with pytest.raises(NotARepository):
        office.repository().refresh()


def test_without_the_publishers_root_nothing_is_signed(office: Office) -> None:
    with pytest.raises(NotARepository, match="no metadata"):
        Repository(office.folder.with_name("empty"), office.keys()).refresh()
    (beside(office.folder, "keys") / "root.json").unlink()
    with pytest.raises(NotARepository, match=r"root\.json is missing"):
        office.repository().add("stable", b"two")


@pytest.mark.parametrize("roles", [[role] for role in ROLES] + [["snapshot", "timestamp"], list(ROLES)])
def test_rotation_is_followed_by_old_and_new_stores_and_the_old_key_is_put_aside(
    office: Office, roles: list[str]
) -> None:
    office.repository().stock("stable", b"levels")
    known = make_store(office, "known")
    assert known.pull() == b"one"
    old = {role: office.signer(role).public_key.keyid for role in roles}
    new = office.repository().rotate(roles)
    assert len(new) == len(roles) and not set(new) & set(old.values())
    retired = {path.name for path in (beside(office.folder, "keys") / "retired").iterdir()}
    assert retired == {f"{role}-{keyid[:16]}.pem" for role, keyid in old.items()}
    assert known.pull() == make_store(office, "fresh").pull() == b"one"
    office.repository().add("stable", b"two")
    office.repository().stock("stable", b"fewer")
    assert known.pull() == make_store(office, "late").pull() == b"two"
    with known.trust() as trust:
        trust.refresh()
        found = trust.stock("stable")
    assert found is not None and found.data == b"fewer"


def test_an_unknown_role_names_those_that_there_are(office: Office) -> None:
    with pytest.raises(RoleUnknown, match="root, targets, snapshot, timestamp, stock"):
        office.repository().rotate(["timestamps"])
    with pytest.raises(RoleUnknown):
        office.repository().refresh(["mirrors"])


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp", "stock"])
def test_a_lost_key_is_replaced(office: Office, role: str) -> None:
    office.repository().stock("stable", b"levels")
    known = make_store(office)
    known.pull()
    for path in beside(office.folder, "keys").glob(f"{role}-*.pem"):
        path.unlink()
    office.repository().rotate([role])
    office.repository().add("stable", b"two")
    assert known.pull() == b"two"


def test_a_lost_root_key_cannot_be_replaced(office: Office) -> None:
    for path in beside(office.folder, "keys").glob("root-*.pem"):
        path.unlink()
    for roles in (["root"], ["timestamp"]):
        with pytest.raises(KeyMissing):
            office.repository().rotate(roles)
    assert make_store(office).pull() == b"one"


def test_two_of_three_root_keys_rotate_and_one_does_not(tmp_path: Path) -> None:
    office = make_office(tmp_path, root_keys=3, root_threshold=2)
    first, second, third = sorted(beside(office.folder, "keys").glob("root-*.pem"))
    known = make_store(office)
    known.pull()
    third.unlink()
    assert len(office.repository().rotate(["root", "timestamp"])) == 4
    assert known.pull() == b"one"
    left = sorted(beside(office.folder, "keys").glob("root-*.pem"))
    assert len(left) == 3 and not {first, second} & set(left)
    for path in left[:2]:
        path.unlink()
    with pytest.raises(KeyMissing):
        office.repository().rotate(["root"])


def test_numbers_go_on_after_an_older_copy_was_put_back(office: Office) -> None:
    backup = office.folder.with_name("backup")
    shutil.copytree(office.folder, backup)
    for number in range(5):
        office.repository().add("stable", f"document {number}".encode())
    store = make_store(office)
    assert store.pull() == b"document 4"
    shutil.rmtree(office.folder)
    shutil.copytree(backup, office.folder)
    office.repository().add("stable", b"after the loss")
    assert store.pull() == b"after the loss"


def test_what_was_replaced_long_ago_is_removed_and_nothing_that_a_reader_may_need(office: Office) -> None:
    repository = office.repository(keep_replaced_s=0.0)
    for number in range(6):
        repository.add("stable", f"document {number}".encode())
        repository.stock("stable", f"levels {number}".encode())
    repository.rotate(["root"])
    repository.refresh()
    names = metadata_names(office)
    assert {"1.root.json", "2.root.json"} <= names
    assert len([name for name in names if name.endswith(".snapshot.json")]) <= 2
    assert len([name for name in names if name.endswith((".targets.json", ".stock.json"))]) <= 4
    assert make_store(office).pull() == b"document 5"
    assert len(list((office.folder / "targets").rglob("*.json"))) <= 2
    office.repository(keep_replaced_s=3600.0).add("stable", b"kept")
    before = metadata_names(office)
    for number in range(3):
        office.repository(keep_replaced_s=3600.0).add("stable", f"more {number}".encode())
    assert before <= metadata_names(office)


def test_only_one_publishes_at_a_time(office: Office) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with exclusive(beside(office.folder, "work")):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    entered.wait(10)
    try:
        with pytest.raises(SyncBusy):
            office.repository().add("stable", b"two")
    finally:
        leave.set()
        holder.join()
    with office.repository().exclusive():
        office.repository().add("stable", b"two")  # the thread that has it may go on


def test_readers_during_publishes_see_one_version_or_another(office: Office) -> None:
    """Old stores, new stores and stores that follow, while everything that is published changes beneath them."""
    allowed, seen, wrong = {b"one"}, [], []
    done = threading.Event()
    stores = [make_store(office, f"store-{number}") for number in range(2)]

    def read(number: int) -> None:
        fresh = 0
        while not done.is_set() or len(seen) < 20:
            fresh += 1
            store = stores[number] if number == 0 else make_store(office, f"fresh-{fresh}")
            try:
                found = store.pull()
            except Exception as error:
                wrong.append(repr(error))
                return
            if found not in allowed:
                wrong.append(repr(found))
            seen.append(found)

    readers = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for reader in readers:
        reader.start()
    repository = office.repository(keep_replaced_s=60.0)
    for number in range(12):
        document = f"document {number}".encode() * 1000
        allowed.add(document)
        repository.add("stable", document)
        repository.stock("stable", document)
        if number % 3 == 0:
            repository.rotate([ROLES[number // 3], "timestamp"])
    done.set()
    for reader in readers:
        reader.join(60)
    assert not wrong, wrong[:3]
    assert len(set(seen)) >= 3
    assert stores[0].pull() == document


def test_expiry_is_due_in_its_last_quarter_and_looking_needs_no_key(office: Office) -> None:
    blind = Repository(office.folder, KeyFolder(office.folder.with_name("no-keys"), Passphrases(environment={})))
    found = {one.role: one for one in blind.expiries()}
    assert set(found) == {"root", "targets", "snapshot", "timestamp"}  # stock has said nothing yet
    now = found["timestamp"].expires
    assert not found["timestamp"].due(now - timedelta(days=2))
    assert found["timestamp"].due(now - timedelta(days=1))
    assert found["timestamp"].due(now - timedelta(days=2), within=timedelta(days=3))
    assert not found["targets"].due(now)
    assert found["timestamp"].left_s(now + DAY) == -86_400


def test_nothing_secret_is_published_logged_or_kept_beside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office = make_office(tmp_path)
    office.repository().stock("stable", b"levels")
    office.repository().rotate(list(ROLES))
    make_store(office).pull()
    with pytest.raises(KeyWrongPassphrase) as caught:
        Office(office.folder, {"SKULENS_KEY_PASSPHRASE": f"{PASSPHRASE}!"}).repository().refresh()
    assert "published" in caplog.text
    for text in (caplog.text, repr(office.repository()), str(caught.value)):
        assert PASSPHRASE not in text and "PRIVATE KEY" not in text
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert PASSPHRASE.encode() not in data, path
            assert (b"PRIVATE KEY" in data) == (path.suffix == ".pem"), path
            assert b"BEGIN PRIVATE KEY" not in data, path


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("operation", ["add", "stock", "rotate", "lost", "init"])
def test_a_publish_killed_anywhere_shows_the_old_or_the_new_and_the_next_one_completes(
    tmp_path: Path, operation: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync_publish_points", operation, str(tmp_path), "20261125", "14", "4"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(one["killed"] for one in found) >= 14
    for one in found:
        assert one["reader"] in one["allowed"], one
        assert one["next"] == one["follower"] == "next", one
        assert one["rubbish"] == [], one
    if operation in ("add", "stock"):
        assert {one["reader"] for one in found} == {"one", "two"}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_publishes_nothing_and_is_named(office: Office) -> None:
    timestamp = (office.folder / "metadata" / "timestamp.json").read_bytes()
    works = ("add('stable', b'two' * 1000)", "add('stable', b'two')", "stock('stable', b'two')", "refresh()")
    # Bytes that a file may have: the document, targets, stock, snapshot or the numbers do not fit.
    for work, limit in itertools.product(works, (4, 60, 400)):
        assert "DiskFull" in limited(f"Office(Path({str(office.folder)!r})).repository().{work}", limit)
        assert (office.folder / "metadata" / "timestamp.json").read_bytes() == timestamp
    office.repository().add("stable", b"two")
    assert make_store(office).pull() == b"two"


def run(*arguments: str, passphrase: str | None = PASSPHRASE) -> tuple[int, str]:
    environment = {"SKULENS_KEY_PASSPHRASE": passphrase}
    done = CliRunner(env=environment).invoke(app, list(arguments), catch_exceptions=True)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_commands_publish_stock_and_say_what_is_due(tmp_path: Path) -> None:
    repo, table = str(tmp_path / "repo"), tmp_path / "stock.csv"
    table.write_text("sku,location,quantity,updated_at\nA,North,3,2026-01-31T08:30:00+01:00\nB,,x,\nB,,2,\n")
    code, out = run("init", repo, "--valid", "stock=0.5", "--json")
    assert code == 0 and json.loads(out)["root"] == str(tmp_path / "repo" / "root.json")
    code, out = run("stock", repo, str(table))
    assert code == 0 and "line 3" in out and "levels       2" in out
    office = Office(tmp_path / "repo")
    with make_store(office).trust() as trust:
        trust.refresh()
        found = trust.stock("stable")
    assert found is not None
    assert [(sku, level.location, level.quantity) for sku, level in parse(found.data, "it")] == [
        ("A", "North", 3),
        ("B", "", 2),
    ]
    code, out = run("expire-check", repo, "--json", passphrase=None)
    assert code == 0 and not any(one["due"] for one in json.loads(out)["roles"])
    code, out = run("expire-check", repo, "--within", "1", passphrase=None)
    assert code == 1 and "DUE      stock" in out and "ok       root" in out
    code, out = run("rotate", repo, "timestamp", "stock")
    assert code == 0 and "new keys" in out
    code, out = run("refresh", repo, "--also", "targets", "--valid", "timestamp=14")
    assert code == 0 and "timestamp" in out and PASSPHRASE not in out
    assert run("refresh", repo, "--valid", "timestamp=never")[0] == 2
    assert run("stock", repo, str(table), "--channel", "../x")[0] == 2
    assert run("init", repo + "2", "--root-threshold", "2")[0] == 2
    with pytest.raises(KeyWrongPassphrase):
        run("refresh", repo, passphrase="other")


def test_secrets_are_no_option_of_any_command() -> None:
    group = typer.main.get_command(app)
    names = {name for command in group.commands.values() for part in command.params for name in part.opts}  # type: ignore[attr-defined]
    assert {"--keys", "--root-keys"} <= names
    assert not {name for name in names if any(word in name for word in ("pass", "secret", "private"))}


def test_stock_of_a_hundred_thousand_rows_is_small_and_comes_back(tmp_path: Path) -> None:
    chance = random.Random(4)
    at = [NOW - timedelta(seconds=chance.randrange(86_400)) for _ in range(100_000)]
    rows = [(f"SKU-{n:07}", StockLevel("North", chance.randrange(40), at[n])) for n in range(100_000)]
    data = to_bytes(chance.sample(rows, len(rows)))
    assert len(data) < 1_000_000
    assert parse(data, "it") == rows
    assert to_bytes(rows) == data


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-1],
        lambda data: data + b"x",
        lambda data: b"",
        lambda data: b"sku,location",
        lambda data: data[:20] + bytes([data[20] ^ 1]) + data[21:],
    ],
)
def test_damaged_stock_is_a_typed_error(damage: object) -> None:
    data = to_bytes([("A", StockLevel("North", 1, None)), ("B", StockLevel('a "b",\n', 2, NOW))])
    assert len(parse(data, "it")) == 2
    with pytest.raises(DownloadDamaged):
        parse(damage(data), "it")  # type: ignore[operator]


def test_stock_that_unpacks_to_too_much_is_refused_early() -> None:
    import zstandard

    bomb = zstandard.ZstdCompressor(level=19).compress(b"a" * 200_000_000)
    assert len(bomb) < 30_000
    started = time.perf_counter()
    with pytest.raises(DownloadDamaged, match="more than 1 MB"):
        parse(bomb, "it", most_bytes=1_000_000)
    assert time.perf_counter() - started < 5
    for text in ("sku,location,quantity,updated_at\nA,,1,\n", to_bytes([]).hex()):
        with pytest.raises(DownloadDamaged):
            parse(zstandard.ZstdCompressor().compress(text.encode()), "it")


def test_the_store_of_these_tests_asks_for_little(office: Office) -> None:
    store = make_store(office)
    store.pull()
    fetcher = FolderFetcher(office.folder)
    Store(store.state, fetcher).pull()
    assert fetcher.asked == ["metadata/2.root.json", "metadata/timestamp.json"]
