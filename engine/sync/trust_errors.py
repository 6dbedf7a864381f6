"""What python-tuf says when something may not be believed, in our words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    ExpiredMetadataError,
    RepositoryError,
    SlowRetrievalError,
)

from engine.sync.errors import MetadataExpired, NotTrusted, SourceMisbehaved, SourceUnreachable, SyncError
from engine.sync.layout import TIME_FORMAT

_MOST_CHARS = 200
_EXPIRED = re.compile(r"(?:New |Final )?(\w+)(?:\.json)? is expired")


def translated(
    error: DownloadError | RepositoryError,
    server: str,
    file: str,
    expires_of: Callable[[str], datetime | None] = lambda role: None,
) -> SyncError:
    """The error that the user is told.

    Args:
        error: what python-tuf raised.
        server: how errors name the source; without credentials.
        file: the file that was asked for last.
        expires_of: until when the metadata of a role is valid, or None if it is not known.
    """
    if isinstance(error, DownloadError):
        return _download(error, server, file)
    if isinstance(error, ExpiredMetadataError):
        match = _EXPIRED.search(str(error))
        role = match[1] if match else ""
        expires = expires_of(role)
        name = f"{role}.json" if role else file
        return MetadataExpired(server=server, file=name, expired=expires.strftime(TIME_FORMAT) if expires else "?")
    return NotTrusted(server=server, file=file, reason=_one_line(error))


def _download(error: DownloadError, server: str, file: str) -> SyncError:
    if isinstance(error.__cause__, SyncError):
        return error.__cause__  # a fetcher that raised one of ours at once; python-tuf has wrapped it
    if isinstance(error, DownloadHTTPError):
        return SourceUnreachable(server=server, file=file, reason=f"HTTP {error.status_code}", status=error.status_code)
    if isinstance(error, DownloadLengthMismatchError):
        return SourceMisbehaved(server=server, file=file, reason="it is longer than it may be")
    if isinstance(error, SlowRetrievalError):
        return SourceMisbehaved(server=server, file=file, reason="it comes too slowly")
    cause = error.__cause__
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else "the connection was lost"
    return SourceUnreachable(server=server, file=file, reason=reason)


def _one_line(error: Exception) -> str:
    """The first line, bounded: a stranger's metadata may be quoted in it."""
    text = "".join(char if char.isprintable() else " " for char in str(error))
    return text[:_MOST_CHARS].strip() or type(error).__name__
