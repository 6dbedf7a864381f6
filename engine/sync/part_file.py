"""A download that is not done yet, on disk: `<name>.part`, and beside it what is known of it, `<name>.part.json`.

Both outlive the process, so that the next one asks only for the rest. The bytes are hashed again before they are used,
and the whole is believed only when its SHA-256 is the one that was signed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from engine import storage
from engine.errors import DiskFull

_NOTE_BYTES = 4_096
_BLOCK_BYTES = 1 << 20


class PartFile:
    """The bytes of one download that are at hand. One process at a time may use it; close it after use.

    Raises, in all methods:
        DiskFull, NotWritable: see `engine.storage.translating`. A full disk takes the part with it: the application
        needs the space more than the next renewal needs the bytes.
    """

    def __init__(self, destination: Path, sha256: str) -> None:
        self._destination, self._sha256 = destination, sha256
        self._path, self._note_path = _paths(destination)
        self._file: IO[bytes] | None = None
        self._server = self._validator = ""
        self.digest = hashlib.sha256()
        self.size = 0
        with storage.translating(destination.parent):
            self._open()

    def _open(self) -> None:
        note = _read_note(self._note_path)
        if note.get("sha256") == self._sha256 and self._path.is_file():
            self._file = self._path.open("r+b")
            while block := self._file.read(_BLOCK_BYTES):
                self.digest.update(block)
                self.size += len(block)
            self._server, self._validator = note.get("server", ""), note.get("validator", "")
        else:
            self._path.unlink(missing_ok=True)

    def validator(self, server: str) -> str:
        """What marked the bytes that are at hand, where `server` sent them; else ""."""
        return self._validator if server == self._server and self.size else ""

    def begin(self, start: int, server: str, validator: str) -> None:
        """Make ready for bytes from `start` on, which is the size, or 0 to begin anew."""
        if start not in (0, self.size):
            raise ValueError(f"bytes from {start} do not follow {self.size}")
        with self._writing():
            if self._file is None:
                self._file = self._path.open("w+b")
            if start == 0:
                self._file.truncate(0)
                self._file.seek(0)
                self.size, self.digest = 0, hashlib.sha256()
            if (server, validator) != (self._server, self._validator) or start == 0:
                note = {"sha256": self._sha256, "server": server, "validator": validator}
                storage.write_whole(self._note_path, json.dumps(note).encode())
                self._server, self._validator = server, validator

    def write(self, data: bytes) -> None:
        """Add bytes; they are the system's when this returns, and outlive a kill."""
        assert self._file is not None
        with self._writing():
            self._file.write(data)
            self._file.flush()
        self.digest.update(data)
        self.size += len(data)

    def finish(self) -> None:
        """Put the file in its place, durable and in one step."""
        self.close()
        with self._writing():
            storage.sync_file(self._path)
            storage.replace(self._path, self._destination)
            storage.sync_folder(self._destination.parent)
            self._note_path.unlink(missing_ok=True)

    def discard(self) -> None:
        """Forget the bytes."""
        self.close()
        with storage.translating(self._destination.parent):
            _remove(self._destination)
        self.size, self.digest = 0, hashlib.sha256()

    def close(self) -> None:
        """Close the file; the bytes stay for another time."""
        if self._file is not None:
            # All was flushed as it was written; what a full disk did not take fails once more here.
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with storage.translating(self._destination.parent):
                yield
        except DiskFull:
            with contextlib.suppress(OSError):
                self.discard()
            raise


def partial_bytes(destination: Path, sha256: str) -> int:
    """How many bytes of an unfinished download of this content lie beside `destination`; they are not verified."""
    path, note_path = _paths(destination)
    if _read_note(note_path).get("sha256") != sha256:
        return 0
    try:
        return path.stat().st_size
    except OSError:
        return 0


def has_sha256(path: Path, sha256: str) -> bool:
    """Whether this is a file with this content."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _paths(destination: Path) -> tuple[Path, Path]:
    part = destination.with_name(destination.name + storage.PART_SUFFIX)
    return part, part.with_name(part.name + ".json")


def _remove(destination: Path) -> None:
    for path in _paths(destination):
        path.unlink(missing_ok=True)


def _read_note(path: Path) -> dict[str, str]:
    try:
        with path.open("rb") as file:
            fields = json.loads(file.read(_NOTE_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    return {name: value for name, value in fields.items() if isinstance(value, str)}
