"""index.hnsw edited as a file: other labels, or fewer vectors. The layout is that of engine.index_file.

Every file that is read here was checked by `read_graph` first, and what is written passes the same check.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.index_file import GraphHeader, read_graph
from engine.records import Labels, Vectors
from engine.storage import whole_file
from engine.sync.graph_levels import NONE, Level, unreached, without

_HEADER = struct.Struct("<6QiI3QdQ")
#: Elements that are written at once.
_CHUNK = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class _Graph:
    """The whole file in memory: views into its bytes, and the upper levels as arrays."""

    header: GraphHeader
    elements: NDArray[np.uint8]
    upper: list[Level]

    @property
    def labels(self) -> Labels:
        return self.elements[:, self.header.label_offset :].view("<i8")[:, 0]

    @property
    def vectors(self) -> Vectors:
        return self.elements[:, self.header.vector_offset : self.header.label_offset].view("<f4")

    @property
    def words(self) -> NDArray[np.uint32]:
        """Number of links and links of the bottom level, (N, 1 + 2 M)."""
        return self.elements[:, : self.header.vector_offset].view("<u4")


def relabel(source: Path, dimension: int, old: Labels, new: Labels, target: Path) -> None:
    """Write an index with `new[i]` where `old[i]` was; both int64 (N,), in any order, with all labels of the index.

    Raises:
        CatalogDamaged: of `source`. ValueError: other labels than those of the index.
        DiskFull, NotWritable
    """
    graph = _read(source, dimension, len(old))
    order = np.argsort(old)
    places = np.minimum(np.searchsorted(old, graph.labels, sorter=order), len(old) - 1)
    if np.any(old[order[places]] != graph.labels):
        raise ValueError("a label of the index has no new one")
    graph.labels[:] = new[order[places]]
    everyone = np.arange(graph.header.count, dtype=np.int32)
    _write(graph, graph.header, everyone, _bottom(graph), graph.upper, target)


def remove(source: Path, dimension: int, count: int, gone: Labels, target: Path) -> Labels:
    """Write an index without some of its vectors, and mend the links of those that stay.

    Args:
        source: an index of `count` vectors of `dimension`.
        gone: labels, int64; at least one stays.
        target: the file to write.

    Returns:
        Labels that had to go too, because no way led to them any more: whoever calls puts them in again.

    Raises:
        CatalogDamaged: of `source`.
        DiskFull, NotWritable
    """
    graph = _read(source, dimension, count)
    removed = np.isin(graph.labels, gone)
    bottom = without(_bottom(graph), removed, graph.vectors)
    upper = [without(level, removed, graph.vectors) for level in graph.upper]
    upper = upper[: next((at for at, level in enumerate(upper) if not level.elements.size), len(upper))]
    top = upper[-1] if upper else bottom
    entry = graph.header.entry_point
    if removed[entry] or entry not in top.elements:
        entry = int(top.elements[0])
    islands = unreached(bottom, entry, count)
    labels = graph.labels[islands]
    if islands.size:
        # Nobody who can be reached links to them at the bottom; on a level above somebody might.
        cut = np.zeros(count, dtype=np.bool_)
        cut[islands] = True
        bottom = without(bottom, cut, graph.vectors)
        upper = [level for level in (without(level, cut, graph.vectors) for level in upper) if level.elements.size]
    header = replace(
        graph.header,
        capacity=len(bottom.elements),
        count=len(bottom.elements),
        top_level=len(upper),
        entry_point=int(np.searchsorted(bottom.elements, entry)),
    )
    _write(graph, header, bottom.elements, bottom, upper, target)
    return labels.astype(np.int64)


def _read(path: Path, dimension: int, count: int) -> _Graph:
    header = read_graph(path, dimension, count).header  # its copy of the file is dropped before the next is made
    content = np.fromfile(path, dtype=np.uint8)
    end = _HEADER.size + count * header.element_bytes
    elements = content[_HEADER.size : end].reshape(count, header.element_bytes)
    return _Graph(header, elements, _upper(content[end:].view("<u4"), header))


def _bottom(graph: _Graph) -> Level:
    words = graph.words
    links = words[:, 1:].astype(np.int32)
    links[np.arange(links.shape[1]) >= words[:, :1]] = NONE
    return Level(np.arange(len(words), dtype=np.int32), links)


def _upper(words: NDArray[np.uint32], header: GraphHeader) -> list[Level]:
    """The levels from 1 on. For each element: bytes that follow, then for each of its levels a count and links."""
    level_words = 1 + header.max_links
    sizes = words.tolist()
    owners: list[list[int]] = [[] for _ in range(header.top_level)]
    starts: list[list[int]] = [[] for _ in range(header.top_level)]
    at = 0
    for element in range(header.count):
        levels = sizes[at] // (4 * level_words)
        for level in range(levels):
            owners[level].append(element)
            starts[level].append(at + 1 + level * level_words)
        at += 1 + levels * level_words
    found = []
    for elements, places in zip(owners, starts, strict=True):
        rows = words[np.array(places, dtype=np.int64)[:, None] + np.arange(level_words)]
        links = rows[:, 1:].astype(np.int32)
        links[np.arange(header.max_links) >= rows[:, :1]] = NONE
        found.append(Level(np.array(elements, dtype=np.int32), links))
    return found


def _write(
    graph: _Graph, header: GraphHeader, kept: NDArray[np.int32], bottom: Level, upper: Sequence[Level], target: Path
) -> None:
    """Write the elements `kept` (ascending) under new numbers, in the order of the old ones."""
    number = np.full(len(graph.elements) + 1, 0, dtype=np.uint32)  # the last, for NONE, is a link that does not count
    number[kept] = np.arange(len(kept), dtype=np.uint32)
    links_end = graph.header.vector_offset
    with whole_file(target) as part, part.open("wb") as file:
        file.write(_HEADER.pack(*astuple(header)))
        for start in range(0, len(kept), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            rows = graph.elements[kept[chunk]]
            rows[:, :links_end] = _packed(bottom.links[chunk], number).view(np.uint8)
            file.write(rows.tobytes())
        lists: dict[int, list[bytes]] = {}
        for level in upper:
            packed = _packed(level.links, number)
            for element, row in zip(level.elements.tolist(), packed, strict=True):
                lists.setdefault(element, []).append(row.tobytes())
        for element in kept.tolist():
            own = b"".join(lists.get(element, ()))
            file.write(len(own).to_bytes(4, "little") + own)


def _packed(links: NDArray[np.int32], number: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Rows as the file has them: how many links, the links in front, zeros behind."""
    taken = links != NONE
    order = np.argsort(~taken, axis=1, kind="stable")
    counts = taken.sum(axis=1, dtype=np.uint32)
    places = np.where(np.arange(links.shape[1]) < counts[:, None], number[np.take_along_axis(links, order, 1)], 0)
    return np.ascontiguousarray(np.column_stack([counts, places]), dtype="<u4")
