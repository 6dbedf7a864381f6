"""The whole truth about a generation: bytes against the record, rows against the manifest, the index against both."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine import errors, sqlite_file
from engine.catalog import Catalog
from engine.digests import label_digest, row_digest, vector_digest
from engine.generation import CATALOG_NAME, ENCODER_NAME, INDEX_NAME, current_version, find_encoder_for
from engine.generation_build import file_sha256
from engine.index import EXACT_UP_TO, Index
from engine.index_file import read_graph
from engine.manifest import RECORD_NAME, Manifest, is_version, read_manifest, read_record

#: How many stored vectors are looked for in the index, and how many of their ten nearest it must find. A sound index
#: over real photos finds all; the floor is below what it finds among vectors without any structure (see engine.index).
SAMPLE = 200
RECALL_FLOOR = 0.8
#: Stored vectors are float16, those in the index float32 of the same values.
_COSINE_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: `detail` says what was found, in a few words."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was found in one version."""

    version: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check passed."""
        return all(check.ok for check in self.checks)


def verify(folder: Path, version: str | None = None, encoders: Sequence[Path] | None = None) -> VerifyReport:
    """Check one version completely; damage is reported, not raised.

    Args:
        folder: the one that holds CURRENT.
        version: six digits; None is the active one.
        encoders: as `Generation.open`.

    Raises:
        CatalogMissing: there is no such version, or no CURRENT. CatalogDamaged: CURRENT names no version.
    """
    version = current_version(folder) if version is None else version
    path = folder / version
    if not is_version(version) or not path.is_dir():
        raise errors.CatalogMissing(folder=path)
    checks = [_checked("record", lambda: _record(path))]
    manifest: Manifest | None = None

    def _manifest() -> str:
        nonlocal manifest
        manifest = read_manifest(path)
        if manifest.version != version:
            raise _Finding(f"it says version {manifest.version}")
        return f"{manifest.name}, {manifest.created_at:%Y-%m-%d %H:%M} UTC, encoder {manifest.encoder_id[:12]}"

    checks.append(_checked("manifest", _manifest))
    checks.append(_checked("sqlite", lambda: _integrity(path / CATALOG_NAME)))
    if manifest is not None:
        whole = manifest
        checks.append(_checked("counts", lambda: _counts(path, whole)))
        checks.append(_checked("digests", lambda: _digests(path, whole)))
        checks.append(_checked("owners", lambda: _owners(path)))
        checks.append(_checked("index", lambda: _index(path, whole)))
        checks.append(_checked("recall", lambda: _recall(path, whole)))
        checks.append(_checked("encoder", lambda: _encoder(path, whole, encoders)))
    return VerifyReport(version, tuple(checks))


class _Finding(Exception):
    """What a check found wrong; becomes its detail."""


def _checked(name: str, check: Callable[[], str]) -> Check:
    try:
        return Check(name, True, check())
    except _Finding as finding:
        return Check(name, False, str(finding))
    except errors.EngineError as error:
        return Check(name, False, str(error.fields.get("reason", error.message)))
    except OSError as error:
        return Check(name, False, f"{Path(error.filename or '').name}: {error.strerror}")


def _record(path: Path) -> str:
    record = read_record(path)
    found = {Path(parent, name).relative_to(path).as_posix() for parent, _, names in os.walk(path) for name in names}
    strangers = sorted(found - record.files.keys() - {RECORD_NAME})
    if strangers:
        raise _Finding(f"{strangers[0]} does not belong here")
    for name, expected in record.files.items():
        if name not in found:
            raise _Finding(f"{name} is missing")
        if file_sha256(path / name) != expected.sha256:
            raise _Finding(f"{name} does not match its SHA-256")
    return f"{len(record.files)} files, {sum(one.size_bytes for one in record.files.values()):,} bytes"


def _integrity(path: Path) -> str:
    Catalog.open(path).close()
    with sqlite_file.reading(path), closing(sqlite_file.open_readonly(path)) as connection:
        problems = [row[0] for row in connection.execute("PRAGMA integrity_check(3)") if row[0] != "ok"]
        problems += [
            f"row {row[1]} of {row[0]} has no parent" for row in connection.execute("PRAGMA foreign_key_check")
        ]
        if problems:
            raise _Finding("; ".join(problems))
        # The integrity of the word index can only be asked where one may write: in a copy in memory.
        with closing(sqlite3.connect(":memory:")) as copy:
            connection.backup(copy)
            copy.execute("INSERT INTO product_search (product_search) VALUES ('integrity-check')")
            words = copy.execute("SELECT count(*) FROM product_search_docsize").fetchone()[0]
            products = copy.execute("SELECT count(*) FROM products").fetchone()[0]
    if words != products:
        raise _Finding(f"{words} of {products} products can be found by their words")
    return "integrity, foreign keys and word index"


def _counts(path: Path, manifest: Manifest) -> str:
    with Catalog.open(path / CATALOG_NAME) as catalog:
        for kind, found, expected in (
            ("products", catalog.product_count, manifest.counts.products),
            ("photos", catalog.reference_count, manifest.counts.references),
            ("vectors", catalog.vector_count, manifest.counts.vectors),
        ):
            if found != expected:
                raise _Finding(f"{found} {kind} instead of {expected}")
    counts = manifest.counts
    return f"{counts.products:,} products, {counts.references:,} photos, {counts.vectors:,} vectors"


def _digests(path: Path, manifest: Manifest) -> str:
    catalog = path / CATALOG_NAME
    for name, digest in (("rows", row_digest), ("vectors", vector_digest), ("labels", label_digest)):
        if digest(catalog) != getattr(manifest.digests, name):
            raise _Finding(f"the digest over {name} is another")
    return "rows, vectors, labels"


def _owners(path: Path) -> str:
    with Catalog.open(path / CATALOG_NAME) as catalog:
        packed = np.stack(catalog.owners(), axis=1)
        if not np.array_equal(packed, catalog.owners_by_row()):
            raise _Finding("the packed owners are not those of the rows")
    return f"{len(packed):,} vectors"


def _index(path: Path, manifest: Manifest) -> str:
    graph = read_graph(path / INDEX_NAME, manifest.dimension, manifest.counts.vectors)
    with Catalog.open(path / CATALOG_NAME) as catalog:
        labels, vectors = catalog.vectors()
    order = np.argsort(graph.labels)
    if not np.array_equal(graph.labels[order], labels):
        raise _Finding("it has other labels than the catalog")
    if vectors.shape[1] != manifest.dimension:
        raise _Finding(f"stored vectors have {vectors.shape[1]} dimensions")
    if not np.allclose(graph.vectors[order], vectors, rtol=0.0, atol=_COSINE_TOLERANCE):
        raise _Finding("it has other vectors than the catalog")
    return "labels and vectors are those of the catalog"


def _recall(path: Path, manifest: Manifest) -> str:
    index = Index.load(path / INDEX_NAME, manifest.dimension, manifest.counts.vectors, exact_up_to=0)
    with Catalog.open(path / CATALOG_NAME) as catalog:
        labels, vectors = catalog.vectors()
    rows = np.random.default_rng(0).permutation(len(labels))[:SAMPLE]
    k = min(10, len(labels))
    found, cosines = index.search(vectors[rows], k)
    # By cosine and not by label: which of several equal photos comes back is nobody's mistake.
    threshold = np.sort(vectors[rows] @ vectors.T, axis=1)[:, -k] - _COSINE_TOLERANCE
    recall = float(np.mean(cosines >= threshold[:, None]))
    detail = f"{recall:.1%} of the {k} nearest of {len(rows)} vectors"
    if recall < RECALL_FLOOR or found.shape[1] != k:
        raise _Finding(detail)
    return detail if len(labels) > EXACT_UP_TO else f"{detail}; searched exactly"


def _encoder(path: Path, manifest: Manifest, encoders: Sequence[Path] | None) -> str:
    place = find_encoder_for(path, manifest, encoders)
    return "carried by the generation" if place == path / ENCODER_NAME else "of the application"
