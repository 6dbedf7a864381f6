"""Bytes of a published file, from a server or a folder: resumed, bounded in every way, and checked as they come.

`fetch` brings a file whose SHA-256 is known to its place; `stream_into` is the loop beneath it, which the metadata of
The Update Framework goes through too (engine.sync.tuf_fetcher). A fetch ends with the right bytes, or within
`FetchRules.deadline_s` with a typed error; what has come stays beside the destination for the next one.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from engine import storage
from engine.sync.address import Refused, parse_source
from engine.sync.bandwidth import Bandwidth, LeastSpeed
from engine.sync.errors import NotTrusted, SourceMisbehaved, SourceUnreachable, SyncError
from engine.sync.folder_source import FolderSource
from engine.sync.http_source import HttpSettings, HttpSource
from engine.sync.part_file import PartFile, has_sha256
from engine.sync.retry import RetryRules, Tries, wait_s
from engine.sync.source import Setback, Source, Stream


@dataclass(frozen=True, slots=True)
class FetchRules:
    """How much patience one file gets."""

    deadline_s: float = 4 * 3600.0
    #: A server that sends nothing for so long, or less than the least speed over a window, is asked anew.
    silence_s: float = 30.0
    least_bytes_per_s: float = 500.0
    window_s: float = 30.0
    retry: RetryRules = field(default_factory=RetryRules)


@dataclass(frozen=True, slots=True)
class Means:
    """Clock, chance and bandwidth that fetches share; a test brings its own."""

    bandwidth: Bandwidth = field(default_factory=Bandwidth)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    uniform: Callable[[float, float], float] = random.uniform


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch did: `received_bytes` came over the line, `resumed_bytes` were at hand before."""

    path: Path
    received_bytes: int
    resumed_bytes: int


class Sink(Protocol):
    """Where bytes go; `size` are at hand."""

    size: int

    def validator(self, server: str) -> str:
        """What marked the bytes at hand, if this server sent them."""

    def begin(self, start: int, server: str, validator: str) -> None:
        """Bytes from `start` on follow: the size, or 0 to begin anew."""

    def write(self, data: bytes) -> None:
        """Add bytes."""

    def discard(self) -> None:
        """Forget the bytes."""


def open_source(text: str, settings: HttpSettings = HttpSettings()) -> Source:  # noqa: B008 - frozen
    """The source that a person named: an http(s):// or file:// address, or a folder.

    Raises:
        SourceUnreachable: not a source. What was written is not repeated: it may hold a password.
    """
    try:
        place = parse_source(text)
    except Refused as error:
        raise SourceUnreachable(server="The source", file="anything", reason=str(error)) from error
    return FolderSource(place) if isinstance(place, Path) else HttpSource(place, settings)


def fetch(
    source: Source,
    name: str,
    destination: Path,
    sha256: str,
    max_bytes: int,
    *,
    exact: bool = False,
    rules: FetchRules = FetchRules(),
    means: Means | None = None,
    progress: Callable[[int], None] = lambda done_bytes: None,
) -> Fetched:
    """Bring a published file to `destination`, whole, verified and durable, or not at all.

    `max_bytes` bounds its size; with `exact` it is the size. `progress` is told how many bytes are at hand, and may
    raise `engine.errors.Interrupted`; what has come is kept then. A destination that holds the right bytes costs
    nothing. One process at a time may fetch to a destination.

    Raises:
        SourceUnreachable: no connection, or the server says that it cannot; the field `status` is an HTTP status.
        SourceMisbehaved: too much, too slow, too late, other bytes than asked for, redirected elsewhere.
        NotTrusted: twice other bytes than were signed.
        DiskFull, NotWritable: see `engine.storage.translating`.
    """
    means = means or Means()
    if destination.is_file() and has_sha256(destination, sha256):
        return Fetched(destination, 0, destination.stat().st_size)
    with storage.translating(destination.parent):
        destination.parent.mkdir(parents=True, exist_ok=True)
    deadline = means.clock() + rules.deadline_s
    part = PartFile(destination, sha256)
    resumed, received = part.size, 0
    try:
        for fresh in (False, True):
            # A process that was killed after the last byte leaves a whole part.
            if not part.size or part.digest.hexdigest() != sha256:
                loop = _Loop(source, name, max_bytes, max_bytes if exact else None, rules, means, progress)
                received += loop.run(part, deadline, fresh)
            if part.digest.hexdigest() == sha256:
                part.finish()
                return Fetched(destination, received, resumed)
            part.discard()
        raise NotTrusted(server=source.server, file=name, reason="its SHA-256 is another one")
    finally:
        part.close()


def stream_into(
    source: Source, name: str, sink: Sink, max_bytes: int, rules: FetchRules, means: Means | None = None
) -> None:
    """Bring a published file whose content is judged elsewhere into a sink.

    Raises:
        SourceUnreachable, SourceMisbehaved: see `fetch`. The latter's field `kind` is "too large", "too slow" or "".
    """
    means = means or Means()
    loop = _Loop(source, name, max_bytes, None, rules, means, lambda done_bytes: None)
    loop.run(sink, means.clock() + rules.deadline_s, fresh=False)


@dataclass(slots=True)
class _Loop:
    """Attempts, until one comes to the end of the file or there is no sense in another."""

    source: Source
    name: str
    max_bytes: int
    size_bytes: int | None
    rules: FetchRules
    means: Means
    progress: Callable[[int], None]
    received_bytes: int = 0

    def run(self, sink: Sink, deadline: float, fresh: bool) -> int:
        tries = Tries(most_bytes=sink.size)
        while True:
            try:
                self._attempt(sink, deadline, fresh)
            except Setback as setback:
                tries = tries.after_failure(self.rules.retry, sink.size)
                left_s = deadline - self.means.clock()
                if left_s <= 0:
                    raise self._late() from setback
                wait = wait_s(self.rules.retry, tries, setback.asked_wait_s, left_s, self.means.uniform)
                if wait is None:
                    raise setback.error from setback
                if setback.restart:
                    sink.discard()
                    fresh = True
                self.means.sleep(wait)
            else:
                return self.received_bytes

    def _attempt(self, sink: Sink, deadline: float, fresh: bool) -> None:
        if sink.size > self.max_bytes:
            sink.discard()
        left_s = deadline - self.means.clock()
        if left_s <= 0:
            raise self._late()
        server = self.source.server
        stream = self.source.open(self.name, sink.size, sink.validator(server), within_s=left_s, fresh=fresh)
        finished = False
        try:
            if stream.start not in (0, sink.size):
                raise ValueError(f"bytes from {stream.start} do not follow {sink.size}")
            self._judge_size(stream.total_bytes)
            sink.begin(stream.start, server, stream.validator)
            self._pour(stream, sink, deadline)
            finished = True
        finally:
            stream.close(finished)
        expected = self.size_bytes if self.size_bytes is not None else stream.total_bytes
        if expected is not None and sink.size < expected:
            raise Setback(self._wrong(f"it ended after {sink.size:,} of {expected:,} bytes"))

    def _judge_size(self, total_bytes: int | None) -> None:
        if total_bytes is not None and total_bytes > self.max_bytes:
            raise self._wrong(f"{total_bytes:,} bytes, where {self.max_bytes:,} are the most", kind="too large")
        if None not in (total_bytes, self.size_bytes) and total_bytes != self.size_bytes:
            raise self._wrong(f"{total_bytes:,} bytes, where {self.size_bytes:,} are right")

    def _pour(self, stream: Stream, sink: Sink, deadline: float) -> None:
        clock, bandwidth = self.means.clock, self.means.bandwidth
        speed = LeastSpeed(self.rules.least_bytes_per_s, self.rules.window_s)
        while True:
            asked = clock()
            if asked >= deadline:
                raise self._late()
            data = stream.read(bandwidth.chunk_bytes, min(self.rules.silence_s, deadline - asked))
            if not data:
                return
            self.received_bytes += len(data)
            if sink.size + len(data) > self.max_bytes:
                sink.discard()
                raise self._wrong(f"more than {self.max_bytes:,} bytes", kind="too large")
            sink.write(data)
            self.progress(sink.size)
            if speed.too_slow(len(data), clock() - asked):
                raise Setback(self._wrong(f"less than {self.rules.least_bytes_per_s:,.0f} bytes/s", kind="too slow"))
            bandwidth.spend(len(data), max(0.0, deadline - clock()))

    def _late(self) -> SyncError:
        return self._wrong(f"it was not done after {self.rules.deadline_s:,.0f} s", kind="too slow")

    def _wrong(self, reason: str, kind: str = "") -> SourceMisbehaved:
        return SourceMisbehaved(server=self.source.server, file=self.name, reason=reason, kind=kind)
