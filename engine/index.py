"""The approximate nearest-neighbour index over reference embeddings: HNSW (Malkov and Yashunin, arXiv:1603.09320).

Read-only once it is built or loaded: hnswlib's `add_items` is not safe beside `knn_query`. Inner product of unit
vectors is their cosine, and hnswlib computes it exactly for what it returns; approximate is only which ones it finds.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from engine import errors
from engine.index_file import read_graph
from engine.records import Labels, Vectors
from engine.storage import whole_file

# Measured on one core: with these three, 5,019 vectors of real grocery photos (512 dimensions) and 10,000 made of them
# by mixing neighbours had recall@10 1.000 at 0.15 and 0.3 ms a query. 10,000 made-up vectors around random centres are
# harder: 0.994 (0.981 with EF_SEARCH 32), and without any centres 0.865.
#: Links a vector, twice this many at the bottom level. The paper's range is 5 to 48; 24 was no better and takes memory.
LINKS = 16
#: Candidates while building; half as many build twice as fast and were as good at this size.
EF_CONSTRUCTION = 200
#: Candidates while searching, at least k.
EF_SEARCH = 128
#: Up to this many vectors, one product with all of them takes less time than the graph (0.16 against 0.38 ms for two
#: queries of 512 dimensions at 2,000) and is exact; beyond 4,000 it takes longer.
EXACT_UP_TO = 2_000
_SEED = 20
#: Vectors between two looks at the cancel button: about half a second of work.
_CHUNK = 1_000
#: Up to this many queries (one lookup) no threads are started for the search.
_ALONE = 4


class Index:
    """Embeddings under labels, searched by cosine. `search` may run in several threads at once."""

    def __init__(self, labels: Labels, vectors: Vectors | None, graph: Any) -> None:
        """Use `Index.build` or `Index.load`. One of `vectors` (exact search) and `graph` (hnswlib.Index) is given."""
        self._labels = labels
        self._vectors = vectors
        self._graph = graph
        self.count = int(labels.size)
        self.dimension = int(vectors.shape[1] if vectors is not None else graph.dim)

    @classmethod
    def build(
        cls, vectors: Vectors, labels: Labels, threads: int = 0, cancelled: Callable[[], bool] = lambda: False
    ) -> Index:
        """Build the graph.

        Args:
            vectors: float32 (N, D), L2 norm 1, N at least 1.
            labels: int64 (N,), no two alike.
            threads: 0 is one a core. With 1 the same input gives the same file.
            cancelled: asked after each thousand vectors.

        Raises:
            Interrupted: `cancelled` said yes.
        """
        if vectors.ndim != 2 or labels.shape != (vectors.shape[0],) or not labels.size:
            raise ValueError(f"vectors {vectors.shape} and labels {labels.shape} do not belong together")
        if np.unique(labels).size != labels.size or not np.all(np.isfinite(vectors)):
            raise ValueError("labels that occur twice, or vectors that are not finite")
        graph = _new_graph(vectors.shape[1])
        graph.init_index(max_elements=labels.size, M=LINKS, ef_construction=EF_CONSTRUCTION, random_seed=_SEED)
        graph.set_ef(EF_SEARCH)
        workers = threads or os.cpu_count() or 1
        for start in range(0, labels.size, _CHUNK):
            if cancelled():
                raise errors.Interrupted
            chunk = slice(start, start + _CHUNK)
            graph.add_items(vectors[chunk], labels[chunk], num_threads=workers)
        return cls(labels.astype(np.int64), None, graph)

    @classmethod
    def load(cls, path: Path, dimension: int, count: int, exact_up_to: int = EXACT_UP_TO) -> Index:
        """Load a saved index of `count` vectors of `dimension`; up to `exact_up_to` are searched without the graph.

        Raises:
            CatalogDamaged: the header, size or a link of the file does not fit; hnswlib has not seen it then.
        """
        file = read_graph(path, dimension, count)
        if count <= exact_up_to:
            return cls(file.labels.copy(), file.vectors.copy(), None)
        return cls(file.labels.copy(), None, _load_graph(path, file.header.count, dimension))

    def save(self, path: Path) -> None:
        """Write the graph, whole or not at all.

        Raises:
            DiskFull, NotWritable: as `storage.translating`.
        """
        if self._graph is None:
            raise ValueError("only an index that was built is saved")
        with whole_file(path) as part:
            part.touch()
            with narrow_name(part) as name:
                self._graph.save_index(name)
            # hnswlib does not look whether its writes succeed.
            if part.stat().st_size != self._graph.index_file_size():
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(part))

    def search(self, queries: Vectors, k: int) -> tuple[Labels, Vectors]:
        """The k nearest of each query, best first.

        Args:
            queries: float32 (N, D), L2 norm 1.
            k: at least 1; more than there are vectors gives all of them.

        Returns:
            Labels int64 (N, min(k, count)) and cosines float32 (N, min(k, count)), -1..1.
        """
        if queries.ndim != 2 or queries.shape[1] != self.dimension or k < 1:
            raise ValueError(f"queries {queries.shape} in an index of dimension {self.dimension}, k {k}")
        k = min(k, self.count)
        if self._graph is None:
            return self._search_all(queries, k)
        try:
            threads = 1 if len(queries) <= _ALONE else -1
            labels, distances = self._graph.knn_query(queries, k=k, num_threads=threads)
        except RuntimeError:
            # Fewer than k vectors can be reached, as when thousands are the same: look at all of them.
            return self._search_all(queries, k)
        return labels.astype(np.int64), np.clip(1.0 - distances, -1.0, 1.0)

    def vectors(self, labels: Labels) -> Vectors:
        """Stored vectors float32 (n, D) of labels (n,). Raises KeyError for a label that is not there."""
        if self._graph is not None:
            try:
                return np.asarray(self._graph.get_items(labels), dtype=np.float32).reshape(-1, self.dimension)
            except RuntimeError as error:
                raise KeyError("no such label") from error
        assert self._vectors is not None
        places = np.searchsorted(self._labels, labels, sorter=self._order)
        rows = self._order[np.minimum(places, self.count - 1)]
        if np.any(self._labels[rows] != labels):
            raise KeyError("no such label")
        return self._vectors[rows]

    @cached_property
    def _order(self) -> Labels:
        """The rows by ascending label: every lookup asks for the vectors of its best photo."""
        return np.argsort(self._labels)

    @property
    def labels(self) -> Labels:
        """All labels, int64 (count,), in the order of the file."""
        return self._labels

    def _search_all(self, queries: Vectors, k: int) -> tuple[Labels, Vectors]:
        stored = self._vectors if self._vectors is not None else self.vectors(self._labels)
        # Rows first: for the one or two queries of a lookup a third of the time of `queries @ stored.T`.
        cosines = (stored @ queries.T).T
        nearest = np.argpartition(-cosines, k - 1, axis=1)[:, :k] if k < self.count else _all_columns(cosines)
        found = np.take_along_axis(cosines, nearest, axis=1)
        order = np.argsort(-found, axis=1, kind="stable")
        best = np.take_along_axis(nearest, order, axis=1)
        return self._labels[best], np.clip(np.take_along_axis(found, order, axis=1), -1.0, 1.0)


@contextlib.contextmanager
def narrow_name(path: Path, narrow: bool = os.name == "nt") -> Iterator[str]:
    """A name that hnswlib can open: on Windows it opens files by ANSI names, so that a folder 张三 is out of its reach.

    There the block runs in that folder, and the name is the file's own, which is ASCII.
    """
    if narrow and not str(path).isascii():
        with contextlib.chdir(path.parent):
            yield path.name
    else:
        yield str(path)


def _all_columns(matrix: Vectors) -> Labels:
    return np.broadcast_to(np.arange(matrix.shape[1]), matrix.shape)


def _new_graph(dimension: int) -> Any:
    import hnswlib  # late: small catalogs are searched without it

    return hnswlib.Index(space="ip", dim=dimension)


def _load_graph(path: Path, count: int, dimension: int) -> Any:
    graph = _new_graph(dimension)
    try:
        with narrow_name(path) as name:
            graph.load_index(name, max_elements=count)
    except RuntimeError as error:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name}: {error}") from error
    graph.set_ef(EF_SEARCH)
    return graph
