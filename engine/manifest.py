"""manifest.json and record.json of one generation: what it is, and which bytes of it lie on this machine.

The manifest is logical: it is the same on every machine that has this generation, whether it was built there, copied or
put together from a delta. The record is local: sizes and SHA-256 of the files as they were made durable here, written
just before activation. pydantic, because the settings need it at every start anyway; these models add 7 ms to it.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine import errors

#: Grows when an older reader could no longer use a generation.
FORMAT = 1
MANIFEST_NAME = "manifest.json"
RECORD_NAME = "record.json"
_MAX_BYTES = 4_000_000

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
_VERSION = re.compile(r"[0-9]{6}", re.ASCII)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Counts(_Frozen):
    """How many rows catalog.sqlite has, and vectors index.hnsw."""

    products: int = Field(ge=0)
    references: int = Field(ge=0)
    vectors: int = Field(ge=1)


class Digests(_Frozen):
    """Logical digests (engine.digests): independent of the bytes of the local files."""

    rows: Sha256
    vectors: Sha256
    labels: Sha256


class Manifest(_Frozen):
    """What one generation is."""

    format: int = FORMAT
    name: str = Field(description="the catalog's name as shown to people")
    store: str = Field(default="", description="the store it is for; '' is every store")
    version: Version
    created_at: AwareDatetime = Field(strict=False, description="UTC")
    created_by: str = Field(default="", description="program and version that built it")
    encoder_id: str = Field(min_length=1)
    encoder_variant: str = Field(default="", description="the variant that made the vectors, e.g. int8")
    dimension: int = Field(gt=0, le=65_536)
    counts: Counts
    calibration: dict[str, Any] = Field(default_factory=dict, description="engine.verdict.Calibration as a mapping")
    digests: Digests
    origin: Literal["built", "signed"] = "built"

    def to_bytes(self) -> bytes:
        """The file's content: JSON, UTF-8, sorted, one final newline."""
        return _canonical(self.model_dump(mode="json"))


class FileRecord(_Frozen):
    """One file of a generation as it lies here."""

    size_bytes: int = Field(ge=0)
    sha256: Sha256


class Record(_Frozen):
    """All files of a generation but the record itself; names are relative, with forward slashes."""

    files: dict[str, FileRecord]

    def to_bytes(self) -> bytes:
        """The file's content, with a SHA-256 over its own list, so that damage in the record itself shows."""
        files = self.model_dump(mode="json")["files"]
        return _canonical({"files": files, "sha256": hashlib.sha256(_canonical(files)).hexdigest()})


def is_version(text: str) -> bool:
    """Whether this is a version: six ASCII digits and nothing else, so that it can be a folder's name."""
    return _VERSION.fullmatch(text) is not None


def read_manifest(folder: Path) -> Manifest:
    """Read and check the manifest of a generation's own folder.

    Raises:
        CatalogDamaged: not there, not JSON, a field that is missing or wrong, or another version than the folder's.
        CatalogNewer: a format that this version of Skulens does not know; nothing else of it is looked at.
    """
    fields = _read_json(folder, MANIFEST_NAME)
    found = fields.get("format")
    if isinstance(found, int) and found > FORMAT:
        raise errors.CatalogNewer(folder=folder, found=found, supported=FORMAT)
    try:
        manifest = Manifest.model_validate(fields)
    except ValidationError as error:
        raise errors.CatalogDamaged(folder=folder, reason=f"{MANIFEST_NAME}: {_first(error)}") from error
    if manifest.format < 1:
        raise errors.CatalogDamaged(folder=folder, reason=f"{MANIFEST_NAME}: format {manifest.format}")
    return manifest


def read_record(folder: Path) -> Record:
    """Read the record of a generation's own folder. Raises CatalogDamaged, also for a single changed byte in it."""
    fields = _read_json(folder, RECORD_NAME)
    try:
        record = Record.model_validate(fields)
    except ValidationError as error:
        raise errors.CatalogDamaged(folder=folder, reason=f"{RECORD_NAME}: {_first(error)}") from error
    if record.to_bytes() != (folder / RECORD_NAME).read_bytes():
        raise errors.CatalogDamaged(folder=folder, reason=f"{RECORD_NAME} does not match its own SHA-256")
    return record


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        with (folder / name).open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise ValueError("too large")
        fields = json.loads(data)
    except OSError as error:
        raise errors.CatalogDamaged(folder=folder, reason=f"{name}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise errors.CatalogDamaged(folder=folder, reason=f"{name}: not readable as JSON") from error
    if not isinstance(fields, dict):
        raise errors.CatalogDamaged(folder=folder, reason=f"{name}: not a JSON object")
    return fields


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"


def now() -> datetime:
    """The time of a build in whole seconds, UTC."""
    from datetime import UTC

    return datetime.now(UTC).replace(microsecond=0)
