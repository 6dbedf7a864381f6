"""A renewal from end to end: a real publisher, a real server on loopback, a real catalog with a real encoder."""

from __future__ import annotations

import functools
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import SKUS, Drawn

from engine.cli import main
from engine.config import Settings
from engine.encoder import Encoder
from engine.errors import CatalogMissing, Interrupted
from engine.generation import Generation, current_version, rollback
from engine.image import thumbnail
from engine.ingest.build import build_catalog
from engine.lookup import Lookup
from engine.manifest import read_manifest
from engine.records import Progress, StockLevel
from engine.stock import StockReader
from engine.sync.client import Around, renew
from engine.sync.errors import SyncNotSetUp, VersionNotNewer
from engine.sync.fetch import FetchRules
from engine.sync.keys import KeyFolder
from engine.sync.passphrases import Passphrases
from engine.sync.publish import Added, add_version
from engine.sync.repository import Repository
from engine.sync.retry import RetryRules
from engine.sync.settings import SyncSettings, set_up, state_folder
from engine.sync.status import EXIT_CODES, Outcome, read_history, read_status
from engine.sync.stock_file import to_bytes
from engine.verify import verify

QUICK = FetchRules(deadline_s=20.0, silence_s=2.0, retry=RetryRules(attempts=1))


@dataclass
class HeadOffice:
    """A source folder, the catalog that is built from it, and where it is published."""

    source: Path
    catalog: Path
    repository: Repository
    encoder: Encoder

    def publish(self) -> Added:
        build_catalog(self.source, self.catalog, self.encoder)
        return add_version(self.repository, self.catalog, "stable", encoders=[self.encoder.folder])

    @property
    def root(self) -> bytes:
        return (self.repository.folder / "root.json").read_bytes()


@pytest.fixture
def office(tiny_source: Path, tmp_path: Path, encoder: Encoder) -> HeadOffice:
    source = Path(shutil.copytree(tiny_source, tmp_path / "source"))
    passphrases = Passphrases(environment={"SKULENS_KEY_PASSPHRASE": "correct horse"})
    repository = Repository(tmp_path / "repo", KeyFolder(tmp_path / "repo.keys", passphrases))
    repository.init()
    return HeadOffice(source, tmp_path / "built", repository, encoder)


@pytest.fixture
def address(office: HeadOffice) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(office.repository.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def around(office: HeadOffice) -> Around:
    return Around(encoders=[office.encoder.folder], rules=QUICK, threads=1)


def first_sku(store: Path, encoder: Encoder, drawn: Drawn, sku: str) -> str:
    with Generation.open_current(store, [encoder.folder]) as generation:
        lookup = Lookup(generation, encoder, Settings(provider="cpu", threads=1))
        found = lookup.look_up(drawn.picture(sku, 5)).candidates[0].product.sku
        lookup.stock.close()
    return found


def rename(source: Path, old: str, new: str) -> None:
    table = source / "products.csv"
    text = table.read_text("utf-8")
    assert old in text
    table.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("kind", ["server", "folder"])
def test_a_store_gets_the_catalog_and_then_only_what_changed(
    office: HeadOffice, address: str, store: Path, encoder: Encoder, drawn: Drawn, kind: str
) -> None:
    place = address if kind == "server" else str(office.repository.folder)
    first = office.publish()
    set_up(store, SyncSettings(source=place), office.root)
    renewal = renew(store, around(office))
    assert (renewal.outcome, renewal.kind, renewal.version) == (Outcome.UPDATED, "snapshot", "000001")
    assert renewal.trouble is None
    assert renewal.fetched_bytes >= first.snapshot_bytes > 0
    assert read_manifest(store / "000001").origin == "signed"
    assert verify(store, encoders=[encoder.folder]).ok
    assert first_sku(store, encoder, drawn, "LARCH") == "LARCH"

    again = renew(store, around(office))
    assert (again.outcome, again.fetched_bytes, again.kind) == (Outcome.UNCHANGED, 0, "")

    rename(office.source, "LARCH,", "LARCH-2,")
    shutil.move(office.source / "images" / "LARCH", office.source / "images" / "LARCH-2")
    second = office.publish()
    assert second.document.version == "000002" and 0 < second.delta_bytes < second.snapshot_bytes / 2
    renewal = renew(store, around(office))
    assert (renewal.outcome, renewal.kind, renewal.version) == (Outcome.UPDATED, "delta", "000002")
    assert renewal.fetched_bytes < second.snapshot_bytes / 2
    assert read_manifest(store / "000002") == second.document.manifest
    assert verify(store, encoders=[encoder.folder]).ok
    assert first_sku(store, encoder, drawn, "LARCH") == "LARCH-2"
    assert not list((state_folder(store) / "blobs").iterdir())
    assert [one.outcome for one in read_history(state_folder(store))] == ["updated", "unchanged", "updated"]
    status = read_status(state_folder(store))
    assert status is not None and status.last == renewal and status.last_well_at == renewal.ended_at
    assert status.signed_until is not None and status.signed_until > renewal.ended_at
    assert rollback(store) == "000001"
    assert first_sku(store, encoder, drawn, "LARCH") == "LARCH"


def test_nothing_new_is_not_published_twice(office: HeadOffice) -> None:
    office.publish()
    with pytest.raises(VersionNotNewer):
        add_version(office.repository, office.catalog, "stable", encoders=[office.encoder.folder])


def test_a_store_that_missed_versions_takes_one_delta(
    office: HeadOffice, store: Path, encoder: Encoder, drawn: Drawn
) -> None:
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    renew(store, around(office))
    for number in range(3):
        more = office.source / "images" / "ACORN" / f"more-{number}.jpg"
        more.write_bytes(thumbnail(drawn.picture("ACORN", 20 + number)))
        office.publish()
    renewal = renew(store, around(office))
    assert (renewal.kind, renewal.version) == ("delta", "000004")
    assert verify(store, encoders=[encoder.folder]).ok


def test_what_is_offline_or_forged_leaves_the_catalog_as_it_is(office: HeadOffice, store: Path, tmp_path: Path) -> None:
    with pytest.raises(SyncNotSetUp):
        renew(store, around(office))
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    renew(store, around(office))
    set_up(store, SyncSettings(source="http://127.0.0.1:9/shop"), None)
    renewal = renew(store, around(office))
    assert renewal.outcome is Outcome.OFFLINE and renewal.trouble is not None and renewal.version == "000001"
    assert "127.0.0.1:9" in renewal.trouble.message

    thief = Repository(tmp_path / "thief", KeyFolder(tmp_path / "thief.keys", office.repository.keys._passphrases))
    thief.init()
    add_version(thief, office.catalog, "stable", encoders=[office.encoder.folder])
    set_up(store, SyncSettings(source=str(thief.folder)), None)
    renewal = renew(store, around(office))
    assert renewal.outcome is Outcome.UNTRUSTED and renewal.version == "000001"
    assert current_version(store) == "000001"
    status = read_status(state_folder(store))
    assert status is not None and status.last_well_at is not None and status.last_well_at < renewal.ended_at


def test_a_damaged_delta_is_made_up_for_by_the_snapshot(office: HeadOffice, store: Path, encoder: Encoder) -> None:
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    renew(store, around(office))
    rename(office.source, "LARCH,", "LARCH-2,")
    shutil.move(office.source / "images" / "LARCH", office.source / "images" / "LARCH-2")
    added = office.publish()
    wrong = added.document.deltas[0].model_copy(update={"rows": added.document.golden})
    document = added.document.model_copy(update={"deltas": (wrong,)})
    office.repository.add("stable", document.to_bytes())
    renewal = renew(store, around(office))
    assert (renewal.outcome, renewal.kind, renewal.version) == (Outcome.UPDATED, "snapshot", "000002")
    assert verify(store, encoders=[encoder.folder]).ok


def test_a_version_may_bring_its_encoder(office: HeadOffice, store: Path, encoder: Encoder, drawn: Drawn) -> None:
    build_catalog(office.source, office.catalog, encoder, carry_encoder=True)
    added = add_version(office.repository, office.catalog, "stable", encoders=[])
    assert added.document.snapshot.encoder
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    renewal = renew(store, Around(encoders=[], rules=QUICK, threads=1))
    assert renewal.outcome is Outcome.UPDATED
    with Generation.open_current(store, []) as generation:
        assert generation.encoder_folder == store / "000001" / "encoder"
    assert len(SKUS) > 3 and first_sku(store, encoder, drawn, "LARCH") == "LARCH"


def test_stock_comes_without_a_new_version_and_only_once(office: HeadOffice, store: Path) -> None:
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    renew(store, around(office))
    at = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
    levels = [("LARCH", StockLevel("shop", 41, at)), ("GONE", StockLevel("shop", 2, at))]
    office.repository.stock("stable", to_bytes(levels))
    renewal = renew(store, around(office))
    assert (renewal.outcome, renewal.version) == (Outcome.UNCHANGED, "000001")
    reader = StockReader(store)
    assert [level.quantity for level in reader.levels(["LARCH"])["LARCH"]] == [41]
    reader.close()
    before = (store / "stock.sqlite").stat().st_mtime_ns
    renew(store, around(office))
    assert (store / "stock.sqlite").stat().st_mtime_ns == before
    status = read_status(state_folder(store))
    assert status is not None and status.stock_at is not None


def test_two_renewals_at_once_one_is_told_that_it_is_busy(office: HeadOffice, store: Path) -> None:
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)
    met: list[Outcome] = []

    def meanwhile(progress: Progress, /) -> None:
        if progress.step == "fetch" and not met:
            other = threading.Thread(target=lambda: met.append(renew(store, around(office)).outcome))
            other.start()
            other.join()

    assert renew(store, around(office), meanwhile).outcome is Outcome.UPDATED
    assert met == [Outcome.BUSY]
    assert [one.outcome for one in read_history(state_folder(store))] == ["updated"]


def test_a_renewal_that_is_stopped_goes_on_where_it_was(office: HeadOffice, store: Path) -> None:
    office.publish()
    set_up(store, SyncSettings(source=str(office.repository.folder)), office.root)

    def stop(progress: Progress, /) -> None:
        if progress.step == "unpack":
            raise Interrupted

    with pytest.raises(Interrupted):
        renew(store, around(office), stop)
    with pytest.raises(CatalogMissing):
        current_version(store)
    renewal = renew(store, around(office))
    assert (renewal.outcome, renewal.fetched_bytes) == (Outcome.UPDATED, 0)


def test_the_commands_of_head_office_and_store(
    office: HeadOffice, tmp_path: Path, store: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKULENS_KEY_PASSPHRASE", "correct horse battery")
    repo = str(tmp_path / "published")
    build_catalog(office.source, office.catalog, office.encoder)
    where = ["--catalog", str(store)]
    assert main(["publish", "init", repo]) == 0
    assert main(["publish", "add", repo, "--catalog", str(office.catalog), "--json"]) == 0
    assert main(["sync", "--once", *where]) == 2  # nobody has set it up
    assert main(["sync", "init", *where, "--source", repo]) == 2  # no root was brought
    assert main(["sync", "init", *where, "--source", repo, "--root", f"{repo}/root.json"]) == 0
    capsys.readouterr()
    assert main(["sync", "--once", *where, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["outcome"], told["version"], told["kind"], told["trouble"]) == ("updated", "000001", "snapshot", None)
    assert main(["sync", "--once", *where]) == 0
    assert capsys.readouterr().out == "unchanged: version 000001\n"
    assert main(["sync", "init", *where, "--source", "http://127.0.0.1:9/"]) == 0
    capsys.readouterr()
    assert main(["sync", "--once", *where]) == EXIT_CODES[Outcome.OFFLINE] == 11
    assert "cannot be reached" in capsys.readouterr().err
    assert main(["publish", "add", repo, "--catalog", str(office.catalog)]) == 2
    assert main(["sync"]) == 2
    assert "correct horse" not in capsys.readouterr().err
