"""The binary layout of index.hnsw (hnswlib 0.8, little endian), read without hnswlib.

hnswlib believes what a file says: one wrong link or size lets it read foreign memory. So every number that it would
follow is checked here first. The layout is that of `HierarchicalNSW::saveIndex`; docs/catalog-format.md repeats it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import errors
from engine.records import Labels, Vectors

_HEADER = struct.Struct("<6QiI3QdQ")
#: Bounds that no index of ours comes near; they keep a lying header from asking for the whole memory.
_MAX_ELEMENTS, _MAX_LEVEL, _MAX_M = 100_000_000, 64, 256


@dataclass(frozen=True, slots=True)
class GraphHeader:
    """The fixed part of the file, field by field in its order."""

    level0_offset: int
    capacity: int
    count: int
    element_bytes: int
    label_offset: int
    vector_offset: int
    top_level: int
    entry_point: int
    max_links: int
    max_links_level0: int
    links_wanted: int
    level_factor: float
    ef_construction: int

    def reason_against(self, dimension: int, count: int) -> str:
        """Why this header cannot belong to `count` vectors of `dimension` float32 values; '' when it can."""
        links_bytes = 4 + 4 * self.max_links_level0
        checks = (
            (self.count == count, f"it holds {self.count} vectors instead of {count}"),
            (0 < self.count <= min(self.capacity, _MAX_ELEMENTS), f"{self.count} of {self.capacity} places are taken"),
            (self.capacity <= _MAX_ELEMENTS, f"it asks for {self.capacity} places"),
            (1 < self.links_wanted <= _MAX_M, f"M is {self.links_wanted}"),
            (self.max_links == self.links_wanted, "the number of links does not fit M"),
            (self.max_links_level0 == 2 * self.links_wanted, "the number of links at the bottom does not fit M"),
            (self.level0_offset == 0, "the bottom level does not start at 0"),
            (self.vector_offset == links_bytes, "the vectors do not follow the links"),
            (self.label_offset == links_bytes + 4 * dimension, f"the vectors have not {dimension} dimensions"),
            (self.element_bytes == links_bytes + 4 * dimension + 8, "an element has a wrong size"),
            (0 <= self.top_level <= _MAX_LEVEL, f"it has {self.top_level} levels"),
            (0 <= self.entry_point < self.count, f"it starts at vector {self.entry_point}"),
            (0.0 < self.level_factor < 10.0, f"the level factor is {self.level_factor}"),
            (0 < self.ef_construction <= 1_000_000, f"ef_construction is {self.ef_construction}"),
        )
        return next((reason for fits, reason in checks if not fits), "")


@dataclass(frozen=True, slots=True)
class GraphFile:
    """A checked file: `labels` int64 (N,) and `vectors` float32 (N, D), both views into what was read."""

    header: GraphHeader
    labels: Labels
    vectors: Vectors


def read_graph(path: Path, dimension: int, count: int) -> GraphFile:
    """Check a file completely, except for the values of its vectors.

    Raises:
        CatalogDamaged: no file, a header or size that does not fit `count` vectors of `dimension`, a link that leads
            nowhere, or a label that occurs twice.
    """
    try:
        # Read, not mapped: a mapped file that shrinks ends the process, and Windows cannot remove it.
        content = np.fromfile(path, dtype=np.uint8)
    except OSError as error:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name}: {error.strerror}") from error
    if content.size < _HEADER.size:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name} has only {content.size} bytes")
    header = GraphHeader(*_HEADER.unpack(content[: _HEADER.size].tobytes()))
    reason = header.reason_against(dimension, count)
    if not reason and _HEADER.size + header.count * (header.element_bytes + 4) > content.size:
        reason = "it ends too early"
    if not reason:
        end = _HEADER.size + header.count * header.element_bytes
        elements = content[_HEADER.size : end].reshape(header.count, header.element_bytes)
        labels = elements[:, header.label_offset :].view("<i8")[:, 0]
        reason = _bottom_damage(elements, header) or _upper_damage(content[end:].tobytes(), header)
        if not reason and np.any(np.diff(np.sort(labels)) == 0):
            reason = "a label occurs twice"
    if reason:
        raise errors.CatalogDamaged(folder=path.parent, reason=f"{path.name}: {reason}")
    return GraphFile(header, labels, elements[:, header.vector_offset : header.label_offset].view("<f4"))


def _bottom_damage(elements: NDArray[np.uint8], header: GraphHeader) -> str:
    """Links of the bottom level: how many (16 bits), a mark for deleted ones (we delete none), and where they lead."""
    words = elements[:, : header.vector_offset].view("<u4")
    taken = words[:, 0]
    if int(taken.max()) > header.max_links_level0:
        return "a vector has too many links, or is marked as deleted"
    links = words[:, 1:]
    in_use = np.arange(header.max_links_level0) < taken[:, None]
    if np.any((links >= header.count) & in_use):
        return "a link leads nowhere"
    return ""


def _upper_damage(lists: bytes, header: GraphHeader) -> str:
    """Links of the upper levels: for each vector a size in bytes, then for each of its levels a count and places."""
    level_words = 1 + header.max_links
    words = np.frombuffer(lists[: len(lists) // 4 * 4], dtype="<u4")
    sizes = words.tolist()  # a list is walked five times as fast
    levels = np.zeros(header.count, dtype=np.int64)
    starts: list[tuple[int, int]] = []
    at = 0
    for element in range(header.count):
        if at >= len(sizes):
            return "the upper levels end too early"
        size = sizes[at]
        at += 1
        if size:
            if size % (4 * level_words) or size // (4 * level_words) > header.top_level:
                return "an upper level has a wrong size"
            levels[element] = size // (4 * level_words)
            starts += [(place, level) for level, place in enumerate(range(at, at + size // 4, level_words), 1)]
            at += size // 4
    if at * 4 != len(lists):
        return "something follows its end" if at * 4 < len(lists) else "the upper levels end too early"
    if levels[header.entry_point] != header.top_level:
        return "the entry point is not on the top level"
    if starts:
        places, on_level = np.array(starts).T
        rows = words[places[:, None] + np.arange(level_words)]
        if int(rows[:, 0].max()) > header.max_links:
            return "a vector has too many links on an upper level"
        in_use = np.arange(header.max_links) < rows[:, :1]
        links = np.where(in_use, rows[:, 1:], header.entry_point)
        if np.any(links >= header.count) or np.any(levels[links] < on_level[:, None]):
            return "a link of an upper level leads nowhere"
    return ""
