"""Whether a staged version is what head office signed, and works on this machine: everything, before it is active.

The same questions as `skulens verify`, asked so that no more than one index is in memory at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import errors, sqlite_file
from engine.catalog import APPLICATION_ID, Catalog
from engine.digests import label_digest, row_digest, vector_digest
from engine.generation import CATALOG_NAME, INDEX_NAME
from engine.index import Index
from engine.index_file import GraphFile, read_graph
from engine.manifest import Manifest
from engine.records import Vectors
from engine.storage import translating
from engine.sync.catalog_rows import stored_vectors, writing
from engine.sync.errors import VersionNotUsable
from engine.sync.golden import Golden, difference

#: How many stored vectors are looked for in the index, and how many of their ten nearest it must find.
SAMPLE = 200
NEAREST = 10
RECALL_FLOOR = 0.8
#: An index that was changed and finds less is built anew.
RECALL_OF_CHANGED = 0.95
_COSINE_TOLERANCE = 1e-5
#: Vectors of the index that are compared with a sample at once.
_CHUNK = 8_192


def check_catalog(path: Path, manifest: Manifest) -> None:
    """Check catalog.sqlite in the folder `path`: integrity, counts, owners, and the digests that were signed.

    Raises:
        VersionNotUsable
    """
    file = path / CATALOG_NAME
    with _finding(manifest):
        reason = sqlite_file.damage(file, APPLICATION_ID) or _integrity(file)
        if not reason:
            with Catalog.open(file) as catalog:
                counts = manifest.counts
                found = (catalog.product_count, catalog.reference_count, catalog.vector_count)
                if found != (counts.products, counts.references, counts.vectors):
                    reason = "the counts are not those that were signed"
                elif not np.array_equal(np.stack(catalog.owners(), axis=1), catalog.owners_by_row()):
                    reason = "the packed owners are not those of the rows"
        if reason:
            raise VersionNotUsable(version=manifest.version, reason=reason)
        for name, digest in (("labels", label_digest), ("vectors", vector_digest), ("rows", row_digest)):
            if digest(file) != getattr(manifest.digests, name):
                reason = f"the digest over its {name} is not the one that was signed"
                raise VersionNotUsable(version=manifest.version, reason=reason)


def check_index(path: Path, manifest: Manifest) -> tuple[Index, float]:
    """Check that index.hnsw in the folder `path` has the labels and vectors of the catalog beside it.

    Returns:
        The index, searched by its graph, and its recall over a sample of stored vectors, 0..1, against brute force:
        the lesser of that at 1 and at 10.

    Raises:
        VersionNotUsable
    """
    with _finding(manifest):
        queries, thresholds = _sample(path, manifest)
        index = Index.load(path / INDEX_NAME, manifest.dimension, manifest.counts.vectors, exact_up_to=0)
        # At 1 too: a graph that falls apart cannot reach ten, and `search` then looks at all vectors instead.
        # By cosine and not by label: which of several equal photos comes back is nobody's mistake.
        found = (
            index.search(queries, k)[1] >= thresholds[:, k - 1 : k] for k in {1, min(NEAREST, index.count)}
        )
        return index, min(float(np.mean(one)) for one in found)


def check_answers(path: Path, manifest: Manifest, index: Index, golden: Golden) -> None:
    """Ask the golden queries. Raises VersionNotUsable."""
    with _finding(manifest), Catalog.open(path / CATALOG_NAME) as catalog:
        reason = difference(golden, catalog, index)
    if reason:
        raise VersionNotUsable(version=manifest.version, reason=reason)


@contextmanager
def _finding(manifest: Manifest) -> Iterator[None]:
    """What the engine says of a damaged generation is, of a staged one, a version that is not usable."""
    try:
        yield
    except (errors.CatalogDamaged, errors.CatalogNewer) as error:
        reason = str(error.fields.get("reason", error.message))
        raise VersionNotUsable(version=manifest.version, reason=reason) from error


def _integrity(file: Path) -> str:
    with sqlite_file.reading(file), closing(sqlite_file.open_readonly(file)) as connection:
        for row in connection.execute("PRAGMA integrity_check(1)"):
            if row[0] != "ok":
                return str(row[0])
        for row in connection.execute("PRAGMA foreign_key_check"):
            return f"row {row[1]} of {row[0]} has no parent"
        words = connection.execute("SELECT count(*) FROM product_search_docsize").fetchone()[0]
        products = connection.execute("SELECT count(*) FROM products").fetchone()[0]
    if words != products:
        return f"{words} of {products} products can be found by their words"
    # Only one who may write can ask for the integrity of the word index; nothing is written.
    try:
        with translating(file.parent), writing(file) as connection:
            connection.execute("BEGIN")
            connection.execute("INSERT INTO product_search (product_search) VALUES ('integrity-check')")
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        return f"the word index: {error}"
    return ""


def _sample(path: Path, manifest: Manifest) -> tuple[Vectors, Vectors]:
    """Queries (n, D), and the cosines of their nearest (n, 10), best first; the graph is dropped when this returns."""
    graph = read_graph(path / INDEX_NAME, manifest.dimension, manifest.counts.vectors)
    order = np.argsort(graph.labels)
    _compare(path, manifest, graph, order)
    rows = order[np.random.default_rng(0).permutation(len(order))[:SAMPLE]]
    queries = graph.vectors[rows]
    k = min(NEAREST, len(order))
    best = np.full((len(queries), k), -2.0, dtype=np.float32)
    for start in range(0, len(order), _CHUNK):
        cosines = queries @ graph.vectors[start : start + _CHUNK].T
        both = np.concatenate([best, cosines], axis=1)
        best = -np.partition(-both, k - 1, axis=1)[:, :k]
    return queries, -np.sort(-best, axis=1) - _COSINE_TOLERANCE


def _compare(path: Path, manifest: Manifest, graph: GraphFile, order: NDArray[np.intp]) -> None:
    start = 0
    for labels, vectors in stored_vectors(path / CATALOG_NAME):
        rows = order[start : start + len(labels)]
        if not np.array_equal(graph.labels[rows], labels):
            raise VersionNotUsable(version=manifest.version, reason="the index has other labels than the catalog")
        if vectors.shape[1] != manifest.dimension:
            raise VersionNotUsable(version=manifest.version, reason=f"vectors have {vectors.shape[1]} dimensions")
        if not np.allclose(graph.vectors[rows], vectors, rtol=0.0, atol=_COSINE_TOLERANCE):
            raise VersionNotUsable(version=manifest.version, reason="the index has other vectors than the catalog")
        start += len(labels)
    if start != len(order):
        raise VersionNotUsable(version=manifest.version, reason="the index has other labels than the catalog")
