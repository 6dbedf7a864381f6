"""The network of The Update Framework's client, over our own fetching: the same bounds, retries and sources.

The framework composes URLs; those here lead nowhere (RFC 2606, `.invalid`) and are turned into names of published
files, so that a folder works like a server and no address with a password gets into the framework's logs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from tuf.api.exceptions import DownloadError, DownloadHTTPError, DownloadLengthMismatchError, SlowRetrievalError
from tuf.ngclient.fetcher import FetcherInterface

from engine.sync.errors import SyncError
from engine.sync.fetch import FetchRules, Means, stream_into
from engine.sync.retry import RetryRules
from engine.sync.source import Source

#: The published folder, as the framework is told.
BASE_URL = "https://published.invalid/"
METADATA_URL = f"{BASE_URL}metadata/"
TARGETS_URL = f"{BASE_URL}targets/"
#: Metadata is small: a minute for a file, and few attempts, because a kiosk may simply be offline.
METADATA_RULES = FetchRules(deadline_s=60.0, silence_s=15.0, window_s=15.0, retry=RetryRules(attempts=3))
#: Where the framework names no bound.
_MOST_BYTES = 64_000_000
_BLOCK_BYTES = 65_536


class SourceFetcher(FetcherInterface):
    """Fetches what `METADATA_URL` and `TARGETS_URL` stand for from a source.

    Its errors are the framework's; the cause (`__cause__`) of each is one of `engine.sync.errors`.
    """

    def __init__(self, source: Source, rules: FetchRules = METADATA_RULES, means: Means | None = None) -> None:
        self._source, self._rules, self._means = source, rules, means

    @contextmanager
    def download_file(self, url: str, max_length: int) -> Iterator[IO[bytes]]:
        """Give a temporary file with the content, at most `max_length` bytes.

        Raises:
            DownloadHTTPError: the source answers with an error; a missing file is 404 also in a folder.
            DownloadLengthMismatchError: more than `max_length` bytes.
            SlowRetrievalError: too slow.
            DownloadError: any other trouble.
        """
        with tempfile.TemporaryFile() as file:
            name = url.removeprefix(BASE_URL)
            try:
                stream_into(self._source, name, _FileSink(file), max_length, self._rules, self._means)
            except SyncError as error:
                raise _theirs(error) from error
            file.seek(0)
            yield file

    def _fetch(self, url: str) -> Iterator[bytes]:
        with self.download_file(url, _MOST_BYTES) as file:
            while block := file.read(_BLOCK_BYTES):
                yield block


def _theirs(error: SyncError) -> DownloadError:
    status, kind = error.fields.get("status"), error.fields.get("kind")
    if isinstance(status, int):
        return DownloadHTTPError(error.message, status)
    if kind == "too large":
        return DownloadLengthMismatchError(error.message)
    return SlowRetrievalError(error.message) if kind == "too slow" else DownloadError(error.message)


class _FileSink:
    """A temporary file as a sink. See `engine.sync.fetch.Sink`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._server, self._validator = file, "", ""
        self.size = 0

    def validator(self, server: str) -> str:
        return self._validator if server == self._server and self.size else ""

    def begin(self, start: int, server: str, validator: str) -> None:
        if start == 0:
            self.discard()
        self._server, self._validator = server, validator

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)

    def discard(self) -> None:
        self._file.seek(0)
        self._file.truncate(0)
        self.size = 0
