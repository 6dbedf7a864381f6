"""SIGKILL and a full disk at every step of a change: the old or the new catalog opens and verifies, never neither."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage_fixtures import make_generation

ROOT = Path(__file__).parent.parent


def crash_everywhere(operation: str, folder: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash_points", operation, str(folder), "7"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=500,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_whole(found: list[dict[str, object]]) -> None:
    for one in found:
        assert one["verified"], one
        assert one["next_fits"], one
        assert one["rubbish"] == [], one


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: hundreds of fsyncs take minutes on a busy disk, and SIGKILL needs none."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


def test_a_build_that_is_killed_leaves_the_old_or_the_new_catalog(place: Path) -> None:
    found = crash_everywhere("build", place)
    assert_whole(found)
    assert {(one["version"], one["products"]) for one in found} == {("000002", 6), ("000003", 8)}
    steps = [one for one in found if not one["timed"]]
    assert len(steps) > 40
    assert {"open", "os.rename", "os.mkdir", "sqlite3.connect"} <= {one["before"] for one in steps}
    assert not steps[-1]["killed"]
    assert steps[-1]["version"] == "000003"
    assert sum(bool(one["killed"]) for one in found if one["timed"]) > 5
    # Once the new one is there it stays: no later step goes back.
    order = [one["version"] for one in steps]
    assert order == sorted(order, key=str)


def test_a_rollback_that_is_killed_leaves_one_of_both(place: Path) -> None:
    found = crash_everywhere("rollback", place)
    assert_whole(found)
    assert {one["version"] for one in found} == {"000001", "000002"}


def test_a_prune_that_is_killed_leaves_the_active_catalog(place: Path) -> None:
    found = crash_everywhere("prune", place)
    assert_whole(found)
    assert {one["version"] for one in found} == {"000002"}
    assert {tuple(one["versions"]) for one in found} == {("000001", "000002"), ("000002",)}  # type: ignore[arg-type]


def test_a_stock_that_is_killed_while_it_is_replaced_is_the_old_or_the_new(place: Path) -> None:
    found = crash_everywhere("stock", place)
    assert_whole(found)
    assert {one["quantity"] for one in found} == {1, 2}


def test_everything_is_durable_before_it_gets_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut forgets what was not synced: every file of a renamed folder, then the folder that holds the name."""
    synced: set[int] = set()
    story: list[tuple[str, int]] = []
    real_sync, real_rename, real_replace = os.fsync, Path.rename, Path.replace

    def fsync(descriptor: int) -> None:
        real_sync(descriptor)
        synced.add(os.fstat(descriptor).st_ino)
        story.append(("sync", os.fstat(descriptor).st_ino))

    def rename(self: Path, target: Path) -> Path:
        for path in (self, *self.rglob("*")):
            assert path.stat().st_ino in synced, f"{path.name} was not synced before its folder was renamed"
        story.append(("name", target.parent.stat().st_ino))
        return real_rename(self, target)

    def replace(self: Path, target: Path) -> Path:
        assert self.stat().st_ino in synced, f"{self.name} was not synced before it was renamed"
        story.append(("name", target.parent.stat().st_ino))
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "rename", rename)
    monkeypatch.setattr(Path, "replace", replace)
    make_generation(tmp_path)
    names = [(at, folder) for at, (what, folder) in enumerate(story) if what == "name"]
    assert len(names) == 5  # index, manifest, record, the version, CURRENT
    for at, folder in names:
        assert ("sync", folder) in story[at + 1 :]


FULL = """
import sys
from pathlib import Path
from engine import errors
from engine.generation import activate
from tests.storage_fixtures import make_generation
folder, size_kb = Path(sys.argv[1]), int(sys.argv[2])
make_generation(folder, seed=0)
# Take away what is left but for some kilobytes.
ballast = folder / "ballast"
import os, shutil
with ballast.open("wb", buffering=0) as file:
    left = shutil.disk_usage(folder).free - size_kb * 1024
    file.write(b"x" * max(0, left))
try:
    make_generation(folder, products=8, seed=1)
except errors.DiskFull as error:
    print("DiskFull", error.fields["folder"] == folder, flush=True)
else:
    print("done", flush=True)
from engine.verify import verify
from tests.storage_fixtures import make_encoder
encoder = make_encoder(Path(sys.argv[3]))
report = verify(folder, encoders=[encoder])
print(report.version, report.ok, sorted(one.name for one in folder.iterdir()))
ballast.unlink()
print(make_generation(folder, products=8, seed=1))
"""


def can_mount() -> bool:
    try:
        done = subprocess.run(["unshare", "-rm", "true"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs a user namespace with its own mounts")
@pytest.mark.parametrize("size_kb", [0, 4, 24, 64, 96, 100, 104, 108, 112, 400])
def test_a_disk_that_is_full_leaves_the_old_catalog(tmp_path: Path, size_kb: int) -> None:
    """A real file system that runs out at different steps: SQLite, hnswlib, manifest, record, CURRENT."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = (
        f"mount -t tmpfs -o size=1m none '{disk}' && exec '{sys.executable}' -c \"$0\" '{disk}' {size_kb} '{tmp_path}'"
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, FULL], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-3000:]
    outcome, state, later = done.stdout.splitlines()
    if outcome == "done":
        assert size_kb >= 100
        assert state.startswith("000002 True")
    else:
        assert outcome == "DiskFull True"
        assert state == "000001 True ['.lock', '000001', 'CURRENT', 'ballast']"
    assert later in ("000002", "000003")


READ_ONLY = """
import sys
from pathlib import Path
from engine import errors, storage
from engine.generation import Generation, prune, rollback
from engine.stock import StockReader, write_stock
from engine.verify import verify
from tests.storage_fixtures import make_encoder, make_generation
folder, encoder = Path(sys.argv[1]), make_encoder(Path(sys.argv[2]))
if sys.argv[3] == "prepare":
    make_generation(folder)
    make_generation(folder, seed=1)
    write_stock(folder, [])
    raise SystemExit
with Generation.open_current(folder, [encoder]) as generation:
    print(generation.catalog.product("SKU-001").sku, generation.index.count)
    with storage.unshared(generation.path / "manifest.json") as free:
        print("held", not free)
    print("verified", verify(folder, encoders=[encoder]).ok)
    reader = StockReader(folder)
    print("stock", reader.levels(["SKU-001"]), reader.present)
    reader.close()
for change in (rollback, prune, make_generation, lambda folder: write_stock(folder, [])):
    try:
        change(folder)
    except errors.NotWritable as error:
        print("NotWritable", error.fields["reason"])
"""


@pytest.mark.skipif(not can_mount(), reason="needs a user namespace with its own mounts")
def test_a_read_only_disk_is_read_and_held_and_says_why_it_cannot_be_changed(tmp_path: Path) -> None:
    """As on a kiosk, also for root."""
    disk = tmp_path / "disk"
    disk.mkdir()
    run = f"'{sys.executable}' -c \"$0\" '{disk}' '{tmp_path / 'encoder'}'"
    steps = (
        f"mount -t tmpfs -o size=2m none '{disk}'",
        f"{run} prepare",
        f"mount -o remount,ro '{disk}'",
        f"{run} read",
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", " && ".join(steps), READ_ONLY],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == [
        "SKU-001 24",
        "held True",
        "verified True",
        "stock {} True",
        *["NotWritable Read-only file system"] * 4,
    ]
