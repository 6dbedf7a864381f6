"""Published files in a folder: a USB stick, a share, or a copy. The same checks as for a server."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

from engine.sync.address import Refused, check_name
from engine.sync.errors import SourceMisbehaved, SourceUnreachable
from engine.sync.source import Setback, Stream


class FolderSource:
    """Where published files lie in a folder. See `engine.sync.source.Source`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def server(self) -> str:
        """The folder's path."""
        return str(self._folder)

    def open(self, name: str, start: int = 0, validator: str = "", *, within_s: float, fresh: bool = False) -> Stream:
        """Open a file; see `Source.open`. Neither `within_s` nor `fresh` changes anything: a disk answers or fails."""
        try:
            check_name(name)
        except Refused as error:
            raise self._misbehaved(name, str(error)) from error
        if not self._folder.is_dir():
            raise self._unreachable(name, "there is no such folder; is the stick in, the share connected?")
        path = self._folder / name
        try:
            # A link on a stick could lead to any file of this machine.
            if not path.resolve(strict=True).is_relative_to(self._folder.resolve(strict=True)):
                raise self._misbehaved(name, "it is a link that leads out of the folder")
            # Without O_NONBLOCK a named pipe would be waited for.
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        except (FileNotFoundError, NotADirectoryError) as error:
            raise self._unreachable(name, "no such file", status=404) from error
        except PermissionError as error:
            raise self._unreachable(name, "it may not be read", status=403) from error
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links
            raise self._unreachable(name, _words(error)) from error
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            os.close(descriptor)
            raise self._misbehaved(name, "it is not a file")
        found = f'"{about.st_size}-{about.st_mtime_ns}"'
        if start > about.st_size or (validator and validator != found):
            start = 0
        file = os.fdopen(descriptor, "rb", buffering=0)
        file.seek(start)
        return FolderStream(self, name, file, start, about.st_size, found)

    def close(self) -> None:
        """Nothing is held."""

    def lost(self, name: str, error: OSError) -> Setback:
        """What an error while reading means."""
        return Setback(self._unreachable(name, _words(error)))

    def _unreachable(self, name: str, reason: str, **more: object) -> SourceUnreachable:
        return SourceUnreachable(server=self.server, file=name, reason=reason, **more)

    def _misbehaved(self, name: str, reason: str) -> SourceMisbehaved:
        return SourceMisbehaved(server=self.server, file=name, reason=reason)


class FolderStream:
    """One open file. See `engine.sync.source.Stream`."""

    def __init__(
        self, source: FolderSource, name: str, file: IO[bytes], start: int, total_bytes: int, validator: str
    ) -> None:
        self.start, self.total_bytes, self.validator = start, total_bytes, validator
        self._source, self._name, self._file = source, name, file

    def read(self, most_bytes: int, within_s: float) -> bytes:
        """What there is next; see `Stream.read`."""
        try:
            return self._file.read(most_bytes)
        except OSError as error:
            raise self._source.lost(self._name, error) from error

    def close(self, finished: bool) -> None:
        """Close the file."""
        self._file.close()


def _words(error: OSError | RuntimeError) -> str:
    return (isinstance(error, OSError) and error.strerror) or "it cannot be read"
