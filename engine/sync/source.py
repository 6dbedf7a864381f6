"""What fetching needs of a place where published files lie; a server and a folder are the two that there are."""

from __future__ import annotations

from typing import Protocol

from engine.sync.errors import SyncError


class Stream(Protocol):
    """One answer of a source."""

    @property
    def start(self) -> int:
        """Which byte of the file comes first: the one that was asked for, or 0."""

    @property
    def total_bytes(self) -> int | None:
        """The size of the whole file, where it is said."""

    @property
    def validator(self) -> str:
        """What marks these bytes among those that the file may have had before and later; "" if nothing does."""

    def read(self, most_bytes: int, within_s: float) -> bytes:
        """The next bytes, as soon as there are any; b"" at the end. Raises Setback and SyncError."""

    def close(self, finished: bool) -> None:
        """Let go of it; `finished` says that it was read to its end."""


class Source(Protocol):
    """Where published files lie. One thread at a time may use it."""

    @property
    def server(self) -> str:
        """How errors name it; without credentials."""

    def open(self, name: str, start: int = 0, validator: str = "", *, within_s: float, fresh: bool = False) -> Stream:
        """Ask for a file from `start` on, or for the whole where it is no longer that of `validator`.

        Raises:
            Setback: what may go better another time.
            SourceUnreachable, SourceMisbehaved: what will not. A missing file has the field `status` 404.
        """

    def close(self) -> None:
        """Let go of connections."""


class Setback(Exception):
    """An attempt failed and may be made again; `error` is what the user is told when it is not.

    `asked_wait_s` is what the server asked for, in seconds. `restart` says that what is at hand is of no use.
    """

    def __init__(self, error: SyncError, *, asked_wait_s: float | None = None, restart: bool = False) -> None:
        super().__init__(error.message)
        self.error, self.asked_wait_s, self.restart = error, asked_wait_s, restart
