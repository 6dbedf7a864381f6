"""A file or folder appears whole or not at all; one changer at a time; the disk's troubles in our own words.

The order is always the same: write under a temporary name in the same folder, fsync the file, rename it over the final
name, fsync the folder. After a crash at any instant the old file or the new one is there, never a part.

Temporary names are `.<name>.<host>-<pid>.<random>.part`, so that the leftovers of a process that died can be told from
the work of one that lives, also when the folder is shared between machines.
"""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import socket
import sqlite3
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from engine import errors

_log = logging.getLogger(__name__)

PART_SUFFIX = ".part"
LOCK_NAME = ".lock"

#: EFBIG is a limit on one file's size (ulimit, FAT32): for the user it is the same trouble as a full disk.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
#: ENOENT: the folder went away, as with a stick that is pulled out.
_REFUSED = frozenset(
    {
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.EIO,
        errno.ENODEV,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.ENAMETOOLONG,
    }
)
#: SQLite's primary result codes (https://www.sqlite.org/rescode.html).
_SQLITE_FULL, _SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_CANTOPEN, _SQLITE_PERM = 13, 8, 10, 14, 3


@contextmanager
def translating(folder: Path) -> Iterator[None]:
    """Turn the system's and SQLite's words for a full or write-protected disk into ours.

    A temporary folder is named by the one that it stands in: nobody knows the other.

    Raises:
        DiskFull: no space, no quota or a limit on file sizes.
        NotWritable: no right to write, a read-only medium, or a disk that fails.
    """
    folder = folder.parent if folder.name.endswith(PART_SUFFIX) else folder
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise errors.DiskFull(folder=folder) from error
        if error.errno in _REFUSED:
            raise errors.NotWritable(folder=folder, reason=error.strerror) from error
        raise
    except sqlite3.OperationalError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == _SQLITE_FULL:
            raise errors.DiskFull(folder=folder) from error
        if code in (_SQLITE_READONLY, _SQLITE_IOERR, _SQLITE_CANTOPEN, _SQLITE_PERM):
            raise errors.NotWritable(folder=folder, reason=str(error)) from error
        raise


def sync_folder(path: Path) -> None:
    """Make the names in a folder durable. Windows has no such call; there a rename is durable by its journal."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of a file that somebody else wrote durable."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def replace(source: Path, target: Path) -> None:
    """Rename over `target`, also when a reader has it open for a moment (Windows refuses it then)."""
    patience_s = 2.0 if sys.platform == "win32" else 0.0
    deadline = time.monotonic() + patience_s
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        else:
            return


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder; when the block ends well, it becomes `path`, durable, in one step.

    The block must create the file. When the block raises, the temporary file is removed and `path` is as it was.
    A file that was read-only or belongs to a symbolic link's target is replaced, not followed.

    Raises:
        DiskFull, NotWritable: see `translating`.
    """
    part = temporary_sibling(path)
    with translating(path.parent):
        try:
            yield part
            sync_file(part)
            replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def write_whole(path: Path, data: bytes) -> None:
    """Write a small file whole or not at all.

    Raises:
        DiskFull, NotWritable: see `translating`; the old file is then still there.
    """
    with whole_file(path) as part:
        part.write_bytes(data)


def temporary_sibling(path: Path) -> Path:
    """A name beside `path` that nobody uses and that says who made it."""
    owner = f"{_host()}-{os.getpid()}"
    return path.with_name(f".{path.name}.{owner}.{secrets.token_hex(4)}{PART_SUFFIX}")


def remove_leftovers(folder: Path, alive: Callable[[int], bool] | None = None) -> list[Path]:
    """Remove temporary files and folders of processes of this machine that died; return what was removed.

    What another machine or a living process made is left alone. `alive` answers for a process id.
    """
    is_alive = alive or process_alive
    removed = []
    for path in folder.glob(f".*{PART_SUFFIX}"):
        host, _, pid = path.name.removesuffix(PART_SUFFIX).split(".")[-2].partition("-")
        if host != _host() or not pid.isdigit() or is_alive(int(pid)):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        removed.append(path)
    return removed


def process_alive(pid: int) -> bool:
    """Whether a process with this id runs on this machine."""
    if sys.platform == "win32":
        import ctypes

        synchronize, still_running = 0x00100000, 0x102
        handle = ctypes.windll.kernel32.OpenProcess(synchronize, False, pid)
        if not handle:
            return False
        try:
            return bool(ctypes.windll.kernel32.WaitForSingleObject(handle, 0) == still_running)
        finally:
            ctypes.windll.kernel32.CloseHandle(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _host() -> str:
    """This machine in eight hexadecimal digits: host names may hold dots and more than a file name bears."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


class _Held(threading.local):
    def __init__(self) -> None:
        self.folders: set[Path] = set()


_held = _Held()


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Be the only one who changes a catalog folder; the system frees the lock when the process dies.

    The thread that holds it may take it again (a build activates what it built). The folder is made if it is missing.

    Raises:
        CatalogBusy: another process or thread holds it; at once, without waiting.
        NotWritable: the folder cannot be changed at all.
    """
    portalocker = _locks(folder)
    with translating(folder):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise errors.NotWritable(folder=folder, reason=os.strerror(errno.ENOTDIR)) from error
        key = folder.resolve()
        file = None if key in _held.folders else (key / LOCK_NAME).open("ab")
    if file is None:
        yield
        return
    with file:
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.exceptions.AlreadyLocked as error:
            raise errors.CatalogBusy(folder=folder) from error
        except portalocker.exceptions.LockException as error:
            raise errors.NotWritable(folder=folder, reason=f"no file locks: {error}") from error
        _held.folders.add(key)
        try:
            yield
        finally:
            _held.folders.discard(key)
            portalocker.unlock(file)


def _locks(folder: Path) -> Any:
    """The module portalocker. Importing it asks for a folder for temporary files, and on full disks there is none."""
    try:
        import portalocker
    except FileNotFoundError as error:
        raise errors.NotWritable(folder=folder, reason="no folder for temporary files has room") from error
    return portalocker


class SharedLock:
    """A mark on a file that says "somebody reads here"; works on read-only media, and ends with the process."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError when the file is gone, BlockingIOError when somebody is about to remove it."""
        self._file = path.open("rb")
        try:
            _share(self._file)
            if os.fstat(self._file.fileno()).st_ino != path.stat().st_ino:
                raise FileNotFoundError(errno.ENOENT, "replaced while it was opened", str(path))
        except BaseException:
            self._file.close()
            raise

    def close(self) -> None:
        """Take the mark away."""
        self._file.close()


@contextmanager
def unshared(path: Path) -> Iterator[bool]:
    """Whether nobody reads here; while the block runs with True, nobody can begin to."""
    portalocker = _locks(path.parent)
    with path.open("rb") as file:
        try:
            portalocker.lock(file, portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING)
        except portalocker.exceptions.LockException:
            # Held, or a file system without locks: there nobody can say that it is free.
            yield False
            return
        yield True


def _share(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import portalocker

        portalocker.lock(file, portalocker.LockFlags.SHARED | portalocker.LockFlags.NON_BLOCKING)
        return
    # portalocker does the same call here, but importing it costs a cold start 15 ms.
    import fcntl

    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        _log.warning("This file system has no locks (%s); prune cannot see that the catalog is in use.", error)
