"""index.hnsw of a new version: that of the old one without what went and with what came, or built anew.

The old file is only read. Vectors stream from catalog.sqlite, so that there is never more in memory than one graph and
a piece of the vectors.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from engine import errors
from engine.index import EF_CONSTRUCTION, LINKS, Index, narrow_name
from engine.records import Labels, Vectors
from engine.storage import temporary_sibling, translating
from engine.sync.catalog_rows import stored_vectors
from engine.sync.delta import ChangedVectors
from engine.sync.graph_edit import remove

_log = logging.getLogger(__name__)

#: If more than this share of the vectors goes, mending would leave a worse graph than a build, and take as long.
MOST_REMOVED = 0.2
#: Vectors between two looks at the cancel button.
_CHUNK = 1_000
_SEED = 20


def must_rebuild(count: int, changed: ChangedVectors) -> bool:
    """Whether an index of `count` vectors is built anew instead of changed. Pure."""
    kept = count - len(changed.gone)
    return len(changed.gone) > MOST_REMOVED * count or len(changed.put) > max(kept, 0)


def change_index(
    old: Path,
    count: int,
    changed: ChangedVectors,
    catalog: Path,
    dimension: int,
    target: Path,
    threads: int = 0,
    added: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the index of a new catalog from that of the old one.

    Args:
        old: index.hnsw of the old version, with `count` vectors of `dimension`.
        changed: of `engine.sync.delta.apply_delta`.
        catalog: the new catalog.sqlite, whose vectors are put in.
        target: the file to write.
        threads: 0 is one a core.
        added: called with the vectors added since the last call; may raise Interrupted.

    Raises:
        CatalogDamaged: of the old index or the new catalog.
        DiskFull, NotWritable
    """
    if not changed.gone.size and not changed.put.size:
        with translating(target.parent):
            shutil.copyfile(old, target)
        return
    with translating(target.parent):
        kept = temporary_sibling(target)
        try:
            again = remove(old, dimension, count, changed.gone, kept)
            left = count - len(changed.gone) - len(again)
            put = np.concatenate([changed.put, again])
            graph = _graph(dimension)
            with narrow_name(kept) as name:
                graph.load_index(name, max_elements=left + len(put))
        except RuntimeError as error:
            raise errors.CatalogDamaged(folder=old.parent, reason=f"{old.name}: {error}") from error
        finally:
            kept.unlink(missing_ok=True)
    _log.info("index: %d vectors out, %d in, %d of them again", len(changed.gone), len(put), len(again))
    labels = _add(graph, stored_vectors(catalog, put, _CHUNK), threads, added)
    if len(labels) != len(put):
        raise errors.CatalogDamaged(folder=catalog.parent, reason="a vector that came is not there")
    _save(graph, left + len(put), target)


def build_index(
    catalog: Path,
    count: int,
    dimension: int,
    target: Path,
    threads: int = 0,
    added: Callable[[int], None] = lambda done: None,
) -> None:
    """Write an index over all `count` vectors of a catalog, as `Index.build` does but from a stream of them.

    Raises as `change_index`.
    """
    graph = _graph(dimension)
    graph.init_index(max_elements=count, M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=_SEED)
    try:
        labels = _add(graph, stored_vectors(catalog, None, _CHUNK), threads, added)
    except RuntimeError as error:
        raise errors.CatalogDamaged(folder=catalog.parent, reason=f"not {count} vectors: {error}") from error
    if len(labels) != count:
        raise errors.CatalogDamaged(folder=catalog.parent, reason=f"{len(labels)} vectors instead of {count}")
    _save(graph, count, target)


def _graph(dimension: int) -> Any:
    import hnswlib  # late: small catalogs are searched without it

    return hnswlib.Index(space="ip", dim=dimension)


def _add(
    graph: Any, pieces: Iterable[tuple[Labels, Vectors]], threads: int, added: Callable[[int], None]
) -> Labels:
    workers = threads or os.cpu_count() or 1
    done = [np.zeros(0, dtype=np.int64)]
    for labels, vectors in pieces:
        if vectors.shape[1] != graph.dim:
            raise errors.CatalogDamaged(folder=Path(), reason=f"a vector has {vectors.shape[1]} dimensions")
        graph.add_items(vectors, labels, num_threads=workers)
        done.append(labels)
        added(len(labels))
    return np.concatenate(done)


def _save(graph: Any, count: int, target: Path) -> None:
    Index(np.zeros(count, dtype=np.int64), None, graph).save(target)
