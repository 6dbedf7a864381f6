"""Generations: opened by cheap checks, activated in one step, rolled back at once, pruned but never under a reader."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine import errors, storage
from engine.generation import (
    CURRENT,
    Generation,
    activate,
    check_files,
    current_version,
    new_version,
    prune,
    rollback,
    versions,
)
from engine.generation_build import new_generation, record_files
from engine.index import Index
from engine.manifest import (
    FORMAT,
    MANIFEST_NAME,
    RECORD_NAME,
    Counts,
    Digests,
    Manifest,
    is_version,
    read_manifest,
    read_record,
)
from tests.storage_fixtures import DIMENSION, ENCODER_ID, fill, make_encoder, make_generation, seal, unit_vectors

ROOT = Path(__file__).parent.parent


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return make_encoder(tmp_path / "assets" / "encoder")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return tmp_path / "Laden 商店"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One generation to copy and to damage."""
    folder = tmp_path_factory.mktemp("built")
    make_generation(folder)
    return folder


@pytest.fixture
def copy(built: Path, shop: Path) -> Path:
    shutil.copytree(built, shop)
    return shop


def rewrite_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change the manifest as somebody would who also mends the record."""
    path = folder / "000001"
    fields = json.loads((path / MANIFEST_NAME).read_bytes())
    change(fields)
    (path / MANIFEST_NAME).write_text(json.dumps(fields))
    (path / RECORD_NAME).unlink()
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())


def test_what_was_built_is_opened(shop: Path, encoder: Path) -> None:
    before = datetime.now(UTC)
    assert make_generation(shop) == "000001"
    with Generation.open_current(shop, [encoder]) as generation:
        manifest = generation.manifest
        assert generation.version == manifest.version == "000001"
        assert generation.path == shop / "000001"
        assert generation.encoder_folder == encoder
        assert (manifest.name, manifest.encoder_id, manifest.dimension) == ("Test shop", ENCODER_ID, DIMENSION)
        assert manifest.counts == Counts(products=6, references=12, vectors=24)
        assert abs((manifest.created_at - before).total_seconds()) < 60
        assert manifest.calibration == {"threshold": 0.5}
        labels, _ = generation.index.search(unit_vectors(24)[:1], 1)
        owners, products, _ = generation.catalog.owners()
        (owner,) = products[owners == labels[0, 0]]
        assert generation.catalog.products_by_id([int(owner)])[0].sku == "SKU-000"
    assert read_manifest(shop / "000001") == manifest
    generation.close()


def test_the_index_can_be_made_again_from_the_stored_vectors(copy: Path, tmp_path: Path, encoder: Path) -> None:
    with Generation.open_current(copy, [encoder]) as generation:
        labels, vectors = generation.catalog.vectors()
        again = Index.build(vectors, labels, threads=1)
        again.save(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == (generation.path / "index.hnsw").read_bytes()
        assert np.array_equal(again.search(vectors, 3)[0], generation.index.search(vectors, 3)[0])


def test_versions_count_up_and_no_number_comes_twice(shop: Path) -> None:
    assert new_version(shop) == "000001"
    for number in range(1, 5):
        assert make_generation(shop, seed=number) == f"{number:06d}"
    assert prune(shop) == ["000001", "000002"]
    assert versions(shop) == ["000003", "000004"]
    assert current_version(shop) == "000004"
    assert rollback(shop) == "000003"
    assert prune(shop, keep=1) == []  # the newest stays, so that its number is not given again
    assert make_generation(shop) == "000005"
    assert rollback(shop) == "000003"  # and not to 4, which somebody went back from


def test_rollback_goes_back_step_by_step(shop: Path, encoder: Path) -> None:
    for seed in range(3):
        make_generation(shop, products=3 + seed, seed=seed)
    assert rollback(shop) == "000002"
    with Generation.open_current(shop, [encoder]) as generation:
        assert generation.catalog.product_count == 4
    assert rollback(shop) == "000001"
    with pytest.raises(errors.NoPreviousGeneration):
        rollback(shop)
    assert current_version(shop) == "000001"


def test_rollback_passes_over_a_damaged_version(shop: Path) -> None:
    for seed in range(3):
        make_generation(shop, seed=seed)
    (shop / "000002" / "index.hnsw").write_bytes(b"")
    assert rollback(shop) == "000001"


def test_rollback_mends_an_unreadable_current(shop: Path) -> None:
    make_generation(shop)
    make_generation(shop, seed=1)
    (shop / CURRENT).write_bytes(b"\0" * 20)
    with pytest.raises(errors.CatalogDamaged, match="rollback"):
        current_version(shop)
    assert rollback(shop) == "000002"
    assert current_version(shop) == "000002"


def test_activating_again_keeps_the_way_back(shop: Path) -> None:
    make_generation(shop)
    make_generation(shop, seed=1)
    activate(shop, "000002")
    activate(shop, "000002")
    assert rollback(shop) == "000001"


def test_a_version_that_does_not_open_is_not_activated(shop: Path) -> None:
    make_generation(shop)
    make_generation(shop, seed=1)
    activate(shop, "000001")
    (shop / "000002" / "catalog.sqlite").write_bytes(b"half")
    with pytest.raises(errors.CatalogDamaged):
        activate(shop, "000002")
    with pytest.raises(errors.CatalogDamaged):
        activate(shop, "000009")
    assert current_version(shop) == "000001"


@pytest.mark.parametrize("failing", [True, False])
def test_an_unfinished_build_leaves_nothing(shop: Path, failing: bool) -> None:
    make_generation(shop)
    before = sorted(one.name for one in shop.iterdir())
    try:
        with new_generation(shop) as new:
            fill(new)
            new.build_index(threads=1)
            if failing:
                raise errors.Interrupted
    except errors.Interrupted:
        assert failing
    assert sorted(one.name for one in shop.iterdir()) == before
    assert current_version(shop) == "000001"


def test_a_sealed_build_that_fails_to_be_activated_leaves_nothing(shop: Path) -> None:
    with pytest.raises(errors.DiskFull), new_generation(shop) as new:
        fill(new)
        seal(new)
        raise errors.DiskFull(folder=shop)
    assert versions(shop) == []


def test_what_a_killed_build_left_is_removed_by_the_next(shop: Path) -> None:
    shop.mkdir()
    left = shop / ".000001.somewhere-99999999.abcd.part"
    left.mkdir()
    (left / "catalog.sqlite").write_bytes(b"half")
    make_generation(shop)
    assert sorted(one.name for one in shop.iterdir()) == [".lock", "000001", "CURRENT"]


def test_two_builds_at_once_are_told_apart(shop: Path) -> None:
    code = "import sys; from pathlib import Path; from tests.storage_fixtures import make_generation;"
    code += "make_generation(Path(sys.argv[1]))"
    with new_generation(shop) as new:
        fill(new)
        other = subprocess.run([sys.executable, "-c", code, shop], cwd=ROOT, capture_output=True, text=True)
        assert "CatalogBusy" in other.stderr
        seal(new)
        activate(shop, new.version)
    assert versions(shop) == ["000001"]


HOLD = """
import sys
from pathlib import Path
from engine.generation import Generation
with Generation.open_current(Path(sys.argv[1]), [Path(sys.argv[2])]) as generation:
    print(generation.version, flush=True)
    sys.stdin.readline()
    vectors = generation.catalog.vectors()[1]
    print(generation.catalog.product("SKU-001").name, generation.index.search(vectors, 1)[0][0, 0])
"""


@pytest.mark.parametrize("killed", [False, True])
def test_prune_never_removes_what_another_process_has_open(shop: Path, encoder: Path, killed: bool) -> None:
    make_generation(shop)
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, shop, encoder], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "000001\n"
    for seed in range(1, 4):
        make_generation(shop, seed=seed)
    assert prune(shop) == ["000002"]
    assert versions(shop) == ["000001", "000003", "000004"]
    if killed:
        child.kill()
        child.communicate()
    else:
        assert child.communicate("\n")[0] == "Oat drink 1 1\n"
    assert prune(shop) == ["000001"]


def test_a_read_only_folder_is_opened_and_held(shop: Path, encoder: Path) -> None:
    """As on a kiosk's read-only disk: the shared lock needs no right to write. (Root may write anyway.)"""
    make_generation(shop)
    make_generation(shop, seed=1)
    activate(shop, "000001")
    folders = [shop, shop / "000001", shop / "000002"]
    for folder in folders:
        for path in folder.iterdir():
            if path.is_file():
                path.chmod(0o444)
        folder.chmod(0o555)
    try:
        lock = shop / "000002" / MANIFEST_NAME
        with Generation.open(shop, "000002", [encoder]), storage.unshared(lock) as free:
            assert not free
    finally:
        for folder in folders:
            folder.chmod(0o755)


def test_a_reader_always_opens_one_while_others_activate_and_prune(shop: Path, encoder: Path) -> None:
    make_generation(shop)
    ended, failures, seen = threading.Event(), [], set()

    def read() -> None:
        while not ended.is_set():
            try:
                with Generation.open_current(shop, [encoder]) as generation:
                    assert generation.catalog.product("SKU-001").sku == "SKU-001"
                    seen.add(generation.version)
            except Exception as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for thread in readers:
        thread.start()
    for seed in range(8):
        make_generation(shop, seed=seed)
        prune(shop, keep=1)
    ended.set()
    for thread in readers:
        thread.join()
    assert failures == []
    assert len(seen) > 1


def test_a_generation_may_bring_its_encoder(shop: Path, encoder: Path, tmp_path: Path) -> None:
    own = make_encoder(tmp_path / "newer encoder")
    (own / "encoder.json").chmod(0o444)
    with new_generation(shop) as new:
        fill(new)
        new.carry_encoder(own)
        seal(new)
        activate(shop, new.version)
    with Generation.open_current(shop, [encoder]) as generation:
        assert generation.encoder_folder == shop / "000001" / "encoder"
    assert "encoder/encoder.json" in read_record(shop / "000001").files
    shutil.rmtree(shop / "000001" / "encoder")
    with pytest.raises(errors.CatalogDamaged, match=r"encoder/encoder\.json"):
        Generation.open_current(shop, [encoder])


def test_a_catalog_made_with_another_encoder_says_which_is_missing(copy: Path, tmp_path: Path) -> None:
    other = make_encoder(tmp_path / "other", "f" * 32)
    for places in ([other], [], [tmp_path / "nothing here"]):
        with pytest.raises(errors.EncoderMissing, match=ENCODER_ID) as caught:
            Generation.open_current(copy, places)
        assert "build the catalog again" in caught.value.advice
    shared = storage.SharedLock(copy / "000001" / MANIFEST_NAME)
    shared.close()
    with storage.unshared(copy / "000001" / MANIFEST_NAME) as free:
        assert free, "a failed opening must let go"


def test_without_a_catalog_there_is_a_sentence(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "missing"):
        for ask in (current_version, rollback, prune, Generation.open_current):
            with pytest.raises(errors.CatalogMissing, match="no catalog"):
                ask(folder)
        assert versions(folder) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"1",
        b"0000001",
        b"../../etc",
        b"000001/..",
        b"000001\r\n",
        b"000001\n\n000002",
        b"000001 \n",
        "００００００".encode(),
        b"000001\n000001\n000001\n",
        b"000001" + b"\n" * 100,
        b"\xff" * 6,
    ],
)
def test_a_current_that_names_no_version_is_damage(copy: Path, content: bytes) -> None:
    (copy / CURRENT).write_bytes(content)
    with pytest.raises(errors.CatalogDamaged, match="CURRENT"):
        Generation.open_current(copy)
    with pytest.raises(errors.CatalogDamaged):
        prune(copy)
    assert versions(copy) == ["000001"]


def test_a_current_that_is_a_folder_is_damage(copy: Path) -> None:
    (copy / CURRENT).unlink()
    (copy / CURRENT).mkdir()
    with pytest.raises(errors.CatalogDamaged, match="CURRENT"):
        current_version(copy)


def test_a_version_that_is_being_removed_is_not_opened(copy: Path, encoder: Path) -> None:
    with storage.unshared(copy / "000001" / MANIFEST_NAME) as free:
        assert free
        with pytest.raises(errors.CatalogDamaged, match="being removed"):
            Generation.open(copy, "000001", [encoder])


def test_current_may_lack_its_last_newline(copy: Path) -> None:
    (copy / CURRENT).write_bytes(b"000001")
    assert current_version(copy) == "000001"


def test_a_current_that_names_a_missing_version_is_damage(copy: Path) -> None:
    (copy / CURRENT).write_bytes(b"000007\n")
    with pytest.raises(errors.CatalogDamaged):
        Generation.open_current(copy)
    assert new_version(copy) == "000008"


def test_paths_are_no_versions(copy: Path) -> None:
    for text in ("", "..", "../000001", "000001/", "1", "٠٠٠٠٠١", "000001\n"):
        assert not is_version(text)
        with pytest.raises(ValueError, match="not a version"):
            Generation.open(copy, text)
    with pytest.raises(ValueError, match="kept"):
        prune(copy, keep=0)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda path: (path / "index.hnsw").unlink(), "No such file"),
        (lambda path: (path / "manifest.json").unlink(), "No such file"),
        (lambda path: (path / "record.json").unlink(), "No such file"),
        (lambda path: (path / "index.hnsw").write_bytes(b"short"), "has 5 bytes instead of"),
        (lambda path: os.truncate(path / "catalog.sqlite", 4096), "has 4096 bytes instead of"),
        (lambda path: (path / "manifest.json").write_bytes(b"{"), "not readable as JSON"),
        (lambda path: (path / "manifest.json").write_bytes(b"[" * 100_000), "not readable as JSON"),
        (lambda path: (path / "manifest.json").write_bytes(b" " * 5_000_000), "not readable as JSON"),
        (lambda path: (path / "manifest.json").write_bytes(b"\xff\xfe{}"), "not readable as JSON"),
        (lambda path: (path / "manifest.json").write_bytes(b"[]"), "not a JSON object"),
        (lambda path: (path / "manifest.json").write_bytes(b"{}"), "Field required"),
        (lambda path: (path / "record.json").write_bytes(b'{"files": {"a": 1}}'), "record.json"),
        (lambda path: (path / "record.json").write_bytes(b'{"files": {}}'), "own SHA-256"),
    ],
)
def test_cheap_checks_find_what_is_missing_or_cut(
    copy: Path, encoder: Path, damage: Callable[[Path], object], reason: str
) -> None:
    damage(copy / "000001")
    with pytest.raises(errors.CatalogDamaged, match=reason):
        Generation.open_current(copy, [encoder])


def test_a_manifest_that_was_changed_by_hand_is_found(copy: Path, encoder: Path) -> None:
    path = copy / "000001" / MANIFEST_NAME
    path.write_bytes(path.read_bytes().replace(b"Test shop", b"Best shop"))
    with pytest.raises(errors.CatalogDamaged, match="SHA-256"):
        Generation.open_current(copy, [encoder])


def test_a_manifest_from_a_newer_version_asks_for_an_update(copy: Path, encoder: Path) -> None:
    rewrite_manifest(copy, lambda fields: fields.update(format=FORMAT + 1, counts="elsewhere now"))
    with pytest.raises(errors.CatalogNewer, match="Update Skulens") as caught:
        Generation.open_current(copy, [encoder])
    assert caught.value.fields["found"] == FORMAT + 1


def test_fields_that_a_later_version_adds_are_no_reason_to_refuse(copy: Path, encoder: Path) -> None:
    rewrite_manifest(copy, lambda fields: fields.update(signature="later"))
    Generation.open_current(copy, [encoder]).close()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"format": 0}, "format 0"),
        ({"format": "1"}, "format"),
        ({"version": "000002"}, "says version 000002"),
        ({"version": "../1"}, "version"),
        ({"dimension": 0}, "dimension"),
        ({"dimension": DIMENSION * 2}, "dimensions"),
        ({"counts": {"products": 7, "references": 12, "vectors": 24}}, "counts"),
        ({"counts": {"products": 6, "references": 12, "vectors": 0}}, "vectors"),
        ({"created_at": "2026-01-01T00:00:00"}, "created_at"),
        ({"created_at": "yesterday"}, "created_at"),
        ({"encoder_id": ""}, "encoder_id"),
        ({"digests": {"rows": "0", "vectors": "0", "labels": "0"}}, "digests"),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(
    copy: Path, encoder: Path, fields: dict[str, object], reason: str
) -> None:
    rewrite_manifest(copy, lambda found: found.update(fields))
    with pytest.raises(errors.CatalogDamaged, match=reason):
        Generation.open_current(copy, [encoder])


def test_an_index_of_another_catalog_is_refused(copy: Path, encoder: Path) -> None:
    path = copy / "000001"
    Index.build(unit_vectors(24), np.arange(100, 124, dtype=np.int64)).save(path / "index.hnsw")
    (path / RECORD_NAME).unlink()
    (path / RECORD_NAME).write_bytes(record_files(path).to_bytes())
    with pytest.raises(errors.CatalogDamaged, match="other labels"):
        Generation.open_current(copy, [encoder])


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../b", "a/b/c", ".hidden", "C:x", "a\\b"])
def test_a_record_that_names_files_elsewhere_is_refused(copy: Path, name: str) -> None:
    path = copy / "000001"
    record = read_record(path)
    files = {**record.files, name: record.files[MANIFEST_NAME]}
    (path / RECORD_NAME).write_bytes(record.model_copy(update={"files": files}).to_bytes())
    with pytest.raises(errors.CatalogDamaged, match="outside"):
        check_files(path)


def test_a_record_without_the_index_is_refused(copy: Path) -> None:
    path = copy / "000001"
    record = read_record(path)
    files = {name: one for name, one in record.files.items() if name != "index.hnsw"}
    (path / RECORD_NAME).write_bytes(record.model_copy(update={"files": files}).to_bytes())
    with pytest.raises(errors.CatalogDamaged, match=r"index\.hnsw is not in the record"):
        check_files(path)


def test_a_link_in_place_of_a_file_is_refused(copy: Path, tmp_path: Path) -> None:
    path = copy / "000001" / "catalog.sqlite"
    shutil.move(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(errors.CatalogDamaged, match="not a file"):
        check_files(path.parent)


def test_prune_removes_a_version_without_manifest(shop: Path) -> None:
    make_generation(shop)
    make_generation(shop, seed=1)
    make_generation(shop, seed=2)
    (shop / "000001" / MANIFEST_NAME).unlink()
    assert prune(shop) == ["000001"]


def test_manifest_bytes_do_not_depend_on_the_machine() -> None:
    fields = {
        "name": "Läden",
        "version": "000003",
        "created_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        "encoder_id": "abc",
        "dimension": 4,
        "counts": Counts(products=1, references=1, vectors=1),
        "digests": Digests(rows="0" * 64, vectors="1" * 64, labels="2" * 64),
    }
    data = Manifest.model_validate(fields).to_bytes()
    assert data == Manifest.model_validate(dict(reversed(fields.items()))).to_bytes()
    assert '"name": "Läden"'.encode() in data
    assert b'"created_at": "2026-01-02T03:04:05Z"' in data
