"""DIR/overlay.sqlite: what it keeps, what it survives, and what it refuses."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import CatalogBusy, NotWritable, OverlayDamaged, UnknownFeedback
from engine.overlay_file import FILE_NAME, FORMAT, Feedback, Kind, OverlayFile, packed, unpacked

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
OURS, OTHER = "a" * 32, "b" * 32
PICTURE = b"\xff\xd8 a picture that can be found in the bytes of a file " * 40


def unit(seed: int, dimension: int = 8) -> NDArray[np.float32]:
    vector = np.random.default_rng(seed).normal(size=dimension).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector))


def add(file: OverlayFile, seed: int, sku: str = "TEA", kind: Kind = Kind.CONFIRMED, crop: bytes = b"") -> int:
    return file.add(sku, kind, "Ada", NOW + timedelta(minutes=seed), OURS, unit(seed), crop)


def numbers(said: tuple[Feedback, ...]) -> list[int]:
    return [one.id for one in said]


def test_what_was_said_is_read_as_it_was_said(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    assert file.read(OURS) == () and file.crop(1) == b"" and file.stamp() is None
    assert not file.path.exists(), "looking makes no file"
    first = add(file, 1, "茶", crop=PICTURE)
    second = add(file, 2, kind=Kind.REFUSED)
    one, two = file.read(OURS)
    assert (one.id, one.sku, one.kind, one.who) == (first, "茶", Kind.CONFIRMED, "Ada")
    assert (one.at, two.at) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=2))
    assert (one.has_crop, one.undone_at, file.crop(first)) == (True, None, PICTURE)
    assert (two.id, two.kind, two.has_crop, file.crop(second)) == (second, Kind.REFUSED, False, b"")
    assert one.vector is not None and two.vector is not None
    assert one.vector == pytest.approx(unit(1), abs=1e-3) and np.linalg.norm(one.vector) == pytest.approx(1, abs=1e-6)
    assert [found.vector for found in file.read(OTHER)] == [None, None]


def test_the_same_said_twice_is_kept_once(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    first = add(file, 1)
    stamp = file.stamp()
    assert add(file, 1) == first and file.stamp() == stamp
    assert add(file, 1, "COFFEE") != first and add(file, 1, kind=Kind.REFUSED) != first
    file.undo(first, NOW)
    assert add(file, 1) not in (first, 2, 3), "a number is never given again"


def test_who_said_it_is_storable_and_short(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    file.add("TEA", Kind.CONFIRMED, "a\udce9b" + "x" * 500, NOW, OURS, unit(1))
    assert file.read(OURS)[0].who == ("a?b" + "x" * 500)[:128]


def test_undoing_erases_the_picture_and_the_vectors_but_not_that_it_was_said(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    number = add(file, 1, crop=PICTURE)
    file.undo(number, NOW)
    [one] = file.read(OURS)
    assert (one.undone_at, one.vector, one.has_crop, one.who) == (NOW, None, False, "Ada")
    assert PICTURE[:40] not in file.path.read_bytes()
    for gone in (number, 77):
        with pytest.raises(UnknownFeedback) as caught:
            file.undo(gone, NOW)
        assert caught.value.fields == {"number": gone, "folder": tmp_path}
    with pytest.raises(UnknownFeedback):
        OverlayFile(tmp_path / "nothing here").undo(1, NOW)


def test_crops_whose_time_is_over_are_overwritten_and_vectors_stay(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    assert file.erase_crops(NOW) == 0
    old, new = add(file, 1, crop=PICTURE), add(file, 9, crop=b"the other" * 30)
    stamp = file.stamp()
    assert file.erase_crops(NOW) == 0 and file.stamp() == stamp, "nothing due, nothing written"
    assert file.erase_crops(NOW + timedelta(minutes=5)) == 1
    assert file.crop(old) == b"" and file.crop(new) == b"the other" * 30
    assert PICTURE[:40] not in file.path.read_bytes()
    assert all(one.vector is not None for one in file.read(OURS))


def test_vectors_of_several_encoders_lie_beside_each_other(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    first, second = add(file, 1), add(file, 2)
    file.undo(second, NOW)
    file.add_vectors(OTHER, {first: unit(5, 12), second: unit(6, 12), 99: unit(7, 12)})
    assert [one.vector is not None for one in file.read(OTHER)] == [True, False]
    kept = file.read(OURS)[0].vector
    assert kept == pytest.approx(unit(1), abs=1e-3)


def test_the_stamp_changes_with_every_write_of_anybody(tmp_path: Path) -> None:
    file, other = OverlayFile(tmp_path), OverlayFile(tmp_path)
    stamps = [file.stamp()]
    for seed in range(4):
        number = add(other, seed)
        stamps.append(file.stamp())
    other.undo(number, NOW)
    stamps.append(file.stamp())
    assert len(set(stamps)) == 6
    file.path.unlink()
    assert file.stamp() is None


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, "tests")
from test_overlay_file import OverlayFile, add
file = OverlayFile(Path(sys.argv[1]), busy_s=60)
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    print(add(file, seed, crop=b"c" * 9000), flush=True)
"""


def writer(folder: Path, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_and_both_are_kept(tmp_path: Path) -> None:
    writers = [writer(tmp_path, 0, 25), writer(tmp_path, 100, 125)]
    told = [one.communicate()[0].split() for one in writers]
    assert [one.returncode for one in writers] == [0, 0]
    assert sorted(int(number) for one in told for number in one) == numbers(OverlayFile(tmp_path).read(OURS))
    assert len(OverlayFile(tmp_path).read(OURS)) == 50


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_writer_that_is_killed_leaves_a_file_with_all_that_it_had_said(tmp_path: Path) -> None:
    process = writer(tmp_path, 0, 100_000)
    assert process.stdout is not None
    told = [int(process.stdout.readline()) for _ in range(12)]
    process.send_signal(signal.SIGKILL)
    process.communicate()
    file = OverlayFile(tmp_path)
    said = file.read(OURS)
    assert numbers(said)[:12] == told and all(one.vector is not None and one.has_crop for one in said)
    assert add(file, 200_000) == len(said) + 1


TORN = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, "tests")
from test_overlay_file import OverlayFile
with OverlayFile(Path(sys.argv[1]))._writing() as database:
    database.execute("PRAGMA cache_size=1")
    database.execute("DELETE FROM crops")
    for number in range(2, 40):
        row = (number, "TEA", "refused", "", "2026-01-01T00:00:00Z")
        database.execute("INSERT INTO feedback VALUES (?, ?, ?, ?, ?, NULL)", row)
        database.execute("INSERT INTO crops VALUES (?, ?, 0)", (number, b"torn" * 5000))
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_transaction_that_is_torn_in_the_middle_never_happened(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    number = add(file, 1, crop=PICTURE)
    torn = subprocess.run([sys.executable, "-c", TORN, str(tmp_path)], cwd=ROOT, check=False)
    assert torn.returncode == -signal.SIGKILL
    assert (tmp_path / f"{FILE_NAME}-journal").exists() and b"torntorn" in file.path.read_bytes()
    assert numbers(file.read(OURS)) == [number] and file.crop(number) == PICTURE
    assert add(file, 2) == number + 1


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path, busy_s=0)
    add(file, 1)
    other = sqlite3.connect(file.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for write in (lambda: add(file, 2), lambda: file.undo(1, NOW), lambda: file.add_vectors(OTHER, {1: unit(1)})):
        with pytest.raises(CatalogBusy):
            write()
    assert len(file.read(OURS)) == 1, "reading goes on beside a writer that has not written yet"
    other.execute("COMMIT")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(CatalogBusy):
        file.read(OURS)
    other.close()
    assert add(file, 2) == 2


def test_a_write_that_fails_in_the_middle_changes_nothing(tmp_path: Path) -> None:
    file = OverlayFile(tmp_path)
    add(file, 1, crop=PICTURE)
    with pytest.raises(AssertionError, match="no unit vector"):
        file.add_vectors(OTHER, {1: unit(3), 2: 3 * unit(4)})
    assert file.read(OTHER)[0].vector is None and file.crop(1) == PICTURE


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        add(OverlayFile(tmp_path / "gone"), 1)


def sql(statements: str) -> Callable[[Path], object]:
    def run(path: Path) -> None:
        database = sqlite3.connect(path)
        database.executescript(statements)
        database.close()

    return run


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.write_bytes(b"no database at all, but long enough to be one" * 99), "not a database"),
        (cut, "malformed"),
        (sql("PRAGMA application_id=5"), "not written by Skulens"),
        (sql(f"PRAGMA user_version={FORMAT + 1}"), f"format {FORMAT + 1}"),
        (sql("DROP TABLE embeddings"), "no such table"),
        (sql("UPDATE feedback SET at = 'yesterday'"), "yesterday"),
        (sql("UPDATE feedback SET at = '2026-01-01T00:00:00'"), "without a zone"),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, damage: Callable[[Path], object], said: str) -> None:
    file = OverlayFile(tmp_path)
    add(file, 1, crop=PICTURE)
    damage(file.path)
    with pytest.raises(OverlayDamaged, match=said) as caught:
        file.read(OURS)
    assert caught.value.fields["folder"] == tmp_path


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(OverlayDamaged):
        OverlayFile(tmp_path).read(OURS)


def test_an_empty_file_is_an_empty_overlay(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    file = OverlayFile(tmp_path)
    assert file.read(OURS) == () and file.stamp() is None
    sqlite3.connect(file.path).execute("PRAGMA user_version=0").connection.execute("VACUUM").connection.close()
    assert file.read(OURS) == () and file.crop(1) == b"" and file.erase_crops(NOW) == 0
    assert add(file, 1) == 1


def test_a_flipped_bit_in_a_vector_is_seen() -> None:
    blob, crc32 = packed(unit(3))
    assert unpacked(blob, crc32) == pytest.approx(unit(3), abs=1e-3)
    assert unpacked(bytes([blob[0] ^ 1]) + blob[1:], crc32) is None
    twice = (2 * unit(3)).astype("<f2").tobytes()
    assert unpacked(twice, zlib.crc32(twice)) is None
    assert unpacked(None, None) is None and unpacked(b"", 0) is None
