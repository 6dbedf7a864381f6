"""A file or folder appears whole or not at all; leftovers, locks, full and write-protected disks."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine import errors, storage

ROOT = Path(__file__).parent.parent


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Writes beyond `size_bytes` of any file fail, as on a full disk."""
    old_limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    old_handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, old_limit[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old_limit)
        signal.signal(signal.SIGXFSZ, old_handler)


def run_python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    target = tmp_path / "a file 文件.json"
    storage.write_whole(target, b"old")
    storage.write_whole(target, b"new")
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_block_that_raises_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), storage.whole_file(target) as part:
        part.write_bytes(b"half")
        assert target.read_bytes() == b"old"
        raise ZeroDivisionError
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_symbolic_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"precious")
    link = tmp_path / "link"
    link.symlink_to(elsewhere)
    storage.write_whole(link, b"new")
    assert elsewhere.read_bytes() == b"precious"
    assert link.read_bytes() == b"new"
    assert not link.is_symlink()


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_bytes(b"old")
    with file_size_limit(1_000), pytest.raises(errors.DiskFull) as caught:
        storage.write_whole(target, b"x" * 5_000)
    assert caught.value.fields["folder"] == tmp_path
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_the_devices_own_full_disk_is_disk_full(tmp_path: Path) -> None:
    with (
        pytest.raises(errors.DiskFull),
        storage.translating(tmp_path),
        Path("/dev/full").open("wb", buffering=0) as file,
    ):
        file.write(b"x")


def test_a_folder_where_nothing_can_be_made_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "gone", tmp_path / "file", Path("/proc/sys")):
        with pytest.raises(errors.NotWritable) as caught:
            storage.write_whole(folder / "CURRENT", b"x")
        assert str(folder) in caught.value.message


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, errors.DiskFull),
        (errno.EDQUOT, errors.DiskFull),
        (errno.EFBIG, errors.DiskFull),
        (errno.EACCES, errors.NotWritable),
        (errno.EROFS, errors.NotWritable),
        (errno.EIO, errors.NotWritable),
        (errno.EBADF, OSError),
    ],
)
def test_the_systems_words_become_ours(tmp_path: Path, number: int, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught, storage.translating(tmp_path):
        raise OSError(number, os.strerror(number))
    if expected is not OSError:
        assert isinstance(caught.value.__cause__, OSError)


def test_sqlite_that_runs_out_of_space_is_disk_full(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "db", isolation_level=None)
    try:
        connection.execute("PRAGMA max_page_count=4")
        connection.execute("CREATE TABLE t (x)")
        with pytest.raises(errors.DiskFull), storage.translating(tmp_path):
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
        connection.execute("PRAGMA query_only=ON")
        with pytest.raises(errors.NotWritable), storage.translating(tmp_path):
            connection.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(sqlite3.OperationalError), storage.translating(tmp_path):
            connection.execute("SELECT * FROM missing")
    finally:
        connection.close()
    with pytest.raises(errors.NotWritable), storage.translating(tmp_path):
        sqlite3.connect(tmp_path / "no such folder" / "db")


NAME = """
import sys
from pathlib import Path
from engine import storage
print(storage.temporary_sibling(Path(sys.argv[1])))
"""


def test_only_what_dead_processes_of_this_machine_left_is_removed(tmp_path: Path) -> None:
    dead_file, dead_folder = (
        Path(run_python(NAME, tmp_path / name).communicate()[0].strip()) for name in ("stock.sqlite", "000002")
    )
    dead_file.write_bytes(b"half")
    dead_folder.mkdir()
    (dead_folder / "catalog.sqlite").write_bytes(b"half")
    mine = storage.temporary_sibling(tmp_path / "mine")
    mine.write_bytes(b"in work")
    host = mine.name.split(".")[2].partition("-")[0]
    other_machine = tmp_path / dead_file.name.replace(host, "00000000")
    other_machine.write_bytes(b"somebody's")
    stranger = tmp_path / ".unknown.part"
    stranger.write_bytes(b"not ours")
    assert sorted(storage.remove_leftovers(tmp_path)) == sorted([dead_file, dead_folder])
    assert sorted(tmp_path.iterdir()) == sorted([mine, other_machine, stranger])


def test_processes_are_told_alive_from_dead() -> None:
    assert storage.process_alive(os.getpid())
    assert storage.process_alive(1)
    child = run_python("")
    child.communicate()
    assert not storage.process_alive(child.pid)
    assert storage.process_alive(2**70)


HOLD = """
import sys
from pathlib import Path
from engine import storage
with storage.exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_process_is_told_at_once_that_the_folder_is_busy(tmp_path: Path) -> None:
    child = run_python(HOLD, tmp_path / "shop")
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    with pytest.raises(errors.CatalogBusy), storage.exclusive(tmp_path / "shop"):
        pass
    child.communicate("\n")
    with storage.exclusive(tmp_path / "shop"):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    child = run_python(HOLD, tmp_path)
    assert child.stdout is not None
    child.stdout.readline()
    child.kill()
    child.communicate()
    with storage.exclusive(tmp_path):
        pass


def test_the_holding_thread_may_take_the_lock_again_and_another_may_not(tmp_path: Path) -> None:
    outcomes: list[str] = []

    def attempt() -> None:
        try:
            with storage.exclusive(tmp_path):
                outcomes.append("taken")
        except errors.CatalogBusy:
            outcomes.append("busy")

    with storage.exclusive(tmp_path):
        with storage.exclusive(tmp_path):
            pass
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    attempt()
    assert outcomes == ["busy", "taken"]


def test_an_error_inside_the_lock_is_not_taken_for_the_folders(tmp_path: Path) -> None:
    with pytest.raises(PermissionError), storage.exclusive(tmp_path):
        raise PermissionError(errno.EACCES, "of another file")


def test_a_folder_that_cannot_be_locked_is_not_writable() -> None:
    with pytest.raises(errors.NotWritable), storage.exclusive(Path("/proc/sys")):
        pass


def test_where_there_is_no_folder_for_temporary_files_a_lock_says_so(tmp_path: Path) -> None:
    """As where every disk is full: the library of the locks asks for such a folder while it is imported."""
    code = (
        "import sys, tempfile; from pathlib import Path; from engine import errors, storage\n"
        "tempfile._candidate_tempdir_list = lambda: ['/nowhere']; tempfile.tempdir = None\n"
        "for take in (storage.exclusive, storage.unshared):\n"
        "    try:\n"
        "        with take(Path(sys.argv[1])): raise SystemExit('taken')\n"
        "    except errors.NotWritable as error: print(error.message)\n"
    )
    process = run_python(code, tmp_path)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert told.count("no folder for temporary files has room") == 2


def test_a_file_in_the_place_of_the_folder_is_not_writable(tmp_path: Path) -> None:
    (tmp_path / "catalog").write_bytes(b"")
    for place in (tmp_path / "catalog", tmp_path / "catalog" / "inner"):
        with pytest.raises(errors.NotWritable, match="Not a directory"), storage.exclusive(place):
            pass


def test_a_shared_lock_keeps_others_from_taking_the_file_away(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b"{}")
    path.chmod(0o444)
    first, second = storage.SharedLock(path), storage.SharedLock(path)
    first.close()
    with storage.unshared(path) as free:
        assert not free
    second.close()
    with storage.unshared(path) as free:
        assert free
        with pytest.raises(BlockingIOError):
            storage.SharedLock(path)


def test_a_shared_lock_on_a_file_that_is_gone_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.SharedLock(tmp_path / "gone")


def test_a_shared_lock_notices_that_the_file_was_replaced_while_it_was_opened(tmp_path: Path) -> None:
    class Swapped(type(tmp_path)):  # type: ignore[misc]
        """A path whose file is another one when it is looked at again."""

        def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:
            other = tmp_path / "other"
            other.write_bytes(b"")
            return other.stat()

    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileNotFoundError):
        storage.SharedLock(Swapped(tmp_path / "file"))


def test_a_file_system_without_locks_is_no_reason_not_to_read(caplog: pytest.LogCaptureFixture) -> None:
    # Linux locks no descriptor that was opened with O_PATH; that stands for a drive without locks.
    with os.fdopen(os.open(__file__, os.O_PATH), "rb", buffering=0) as file:
        storage._share(file)
    assert "no locks" in caplog.text


def test_replacing_gives_up_on_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"")
    (tmp_path / "new").write_bytes(b"")
    with pytest.raises(OSError, match="directory"):
        storage.replace(tmp_path / "new", tmp_path / "folder")
