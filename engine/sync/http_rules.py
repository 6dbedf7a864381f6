"""What a server's answer to a request for a file, or for the rest of it, means: pure decisions (RFC 9110)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19}|\*)", re.ASCII)
_LENGTH = re.compile(r"\d{1,19}", re.ASCII)


class NotTheFile(Exception):
    """An answer that is of no use. `restart`: what is at hand is thrown away and the whole file asked for."""

    def __init__(self, reason: str, restart: bool) -> None:
        super().__init__(reason)
        self.reason, self.restart = reason, restart


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer brings: bytes from `start` of a file of `total_bytes` (None: unknown), marked by `validator`."""

    start: int
    total_bytes: int | None
    validator: str


def request_headers(start: int, validator: str, fresh: bool) -> dict[str, str]:
    """Headers that ask for a file from `start` on; the whole where it is another one than that of `validator`.

    `fresh` asks caches on the way not to answer by themselves.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
        if validator:
            headers["If-Range"] = validator
    if fresh:
        headers["Cache-Control"] = "no-cache"
    return headers


def body_of(status: int, headers: Mapping[str, str], start: int, validator: str) -> Body:
    """What a 2xx or 416 answer brings to a request made with `request_headers(start, validator, ...)`.

    Names of headers are looked up as they are written in RFC 9110; `headers` should not mind case.

    Raises:
        NotTheFile: another range than asked for, a changed file, an encoding that nobody asked for.
    """
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity"):
        raise NotTheFile("it was packed by the server, which nobody asked for", restart=False)
    found = strong_validator(headers.get("ETag", ""))
    if status == 200:
        return Body(0, _length(headers.get("Content-Length")), found)
    if status == 416 and start:
        raise NotTheFile("it no longer has as many bytes as before", restart=True)
    if status != 206 or not start:
        raise NotTheFile(f"it answered {status}", restart=False)
    if validator and found and found != validator:
        raise NotTheFile("the file changed while it was fetched", restart=True)
    parts = _CONTENT_RANGE.fullmatch(headers.get("Content-Range", "").strip())
    if parts is None:
        raise NotTheFile("a part of the file without saying which", restart=True)
    first, last, total = int(parts[1]), int(parts[2]), None if parts[3] == "*" else int(parts[3])
    if first != start or last < first or (total is not None and last >= total):
        raise NotTheFile(f"it sent another part of the file than bytes {start} to the end", restart=True)
    return Body(first, total, found or validator)


def strong_validator(etag: str) -> str:
    """An entity tag that If-Range may carry, or "": weak ones may stand for other bytes."""
    return etag if re.fullmatch(r'"[\x21\x23-\x7e]{0,200}"', etag) else ""


def _length(value: str | None) -> int | None:
    if value is None or _LENGTH.fullmatch(value.strip()) is None:
        return None
    return int(value)
