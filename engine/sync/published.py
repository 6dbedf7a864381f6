"""What one published version is: the document that head office signs for a channel.

It names every part by its SHA-256, so that whoever trusts the document needs to trust no server. Parts lie under
`blobs/` by the hash of the bytes as they are stored; what is unchanged keeps its name and is never sent twice.
"""

from __future__ import annotations

import json
import re
from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.manifest import Digests, Manifest, Sha256, Version
from engine.sync.errors import VersionNotUsable

#: Grows when an older reader could no longer use a version.
FORMAT = 1
BLOBS = "blobs"
#: What one part may unpack to: no catalog comes near, and a lying document cannot ask for the whole disk.
MOST_BYTES = 1 << 40
_ENCODER_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Blob(_Frozen):
    """A published file. `sha256` is of the bytes as they are stored, `unpacked_sha256` of what comes out of them."""

    sha256: Sha256
    packed_bytes: int = Field(ge=0, le=MOST_BYTES)
    unpacked_sha256: Sha256
    unpacked_bytes: int = Field(ge=0, le=MOST_BYTES)
    compression: Literal["zstd", "none"] = "zstd"

    @property
    def name(self) -> str:
        """Where it lies in a published folder."""
        return str(PurePosixPath(BLOBS, self.sha256[:2], self.sha256))


class SnapshotParts(_Frozen):
    """A version from nothing. `encoder` has the encoder's files by name; none where it comes with the application."""

    catalog: Blob
    index: Blob
    encoder: dict[str, Blob] = Field(default_factory=dict)


class DeltaParts(_Frozen):
    """A version from the content of an earlier one: the rows that change; `encoder` where that changes."""

    from_version: Version
    from_digests: Digests
    rows: Blob
    encoder: dict[str, Blob] = Field(default_factory=dict)


class VersionDocument(_Frozen):
    """What a channel offers. `manifest.origin` is "signed"; `golden` are queries with their answers, to try it with."""

    format: int = FORMAT
    channel: str
    manifest: Manifest
    snapshot: SnapshotParts
    deltas: tuple[DeltaParts, ...] = ()
    golden: Blob

    @property
    def version(self) -> str:
        """Six digits, the same on every machine."""
        return self.manifest.version

    def to_bytes(self) -> bytes:
        """What is signed: JSON, UTF-8, sorted, one final newline."""
        fields = self.model_dump(mode="json")
        return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def parse_document(data: bytes, channel: str) -> VersionDocument:
    """Read a document that is trusted already.

    Raises:
        VersionNotUsable: a newer format, not JSON, a field that is missing or wrong, or another channel's.
    """
    try:
        fields: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise VersionNotUsable(version="?", reason="its document is not readable as JSON") from error
    version, found = _told_version(fields), fields.get("format") if isinstance(fields, dict) else None
    if isinstance(found, int) and found > FORMAT:
        raise VersionNotUsable(version=version, reason=f"its format {found} needs a newer Skulens")
    try:
        document = VersionDocument.model_validate_json(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "document"
        raise VersionNotUsable(version=version, reason=f"{place}: {first['msg']}") from error
    _check(document, channel)
    return document


def _check(document: VersionDocument, channel: str) -> None:
    reasons = {
        f"it is of the channel {document.channel}": document.channel != channel,
        "its manifest does not say that it is signed": document.manifest.origin != "signed",
        "an encoder's file has an unsafe name": any(map(_unsafe, _encoder_names(document))),
    }
    for reason, applies in reasons.items():
        if applies:
            raise VersionNotUsable(version=document.version, reason=reason)


def _encoder_names(document: VersionDocument) -> list[str]:
    return [*document.snapshot.encoder, *(name for delta in document.deltas for name in delta.encoder)]


def _unsafe(name: str) -> bool:
    return _ENCODER_FILE.fullmatch(name) is None or ".." in name


def _told_version(fields: object) -> str:
    manifest = fields.get("manifest") if isinstance(fields, dict) else None
    version = manifest.get("version") if isinstance(manifest, dict) else None
    return version if isinstance(version, str) else "?"
