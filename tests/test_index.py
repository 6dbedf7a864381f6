"""The index against brute force, its file against lies. hnswlib is real everywhere."""

from __future__ import annotations

import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engine import errors
from engine.index import EXACT_UP_TO, Index, narrow_name
from engine.index_file import read_graph
from engine.records import Labels, Vectors
from tests.storage_fixtures import unit_vectors
from tests.test_storage import file_size_limit

ROOT = Path(__file__).parent.parent
DIMENSION, COUNT = 24, 300


def brute_force(stored: Vectors, labels: Labels, queries: Vectors, k: int) -> tuple[Labels, Vectors]:
    cosines = queries @ stored.T
    best = np.argsort(-cosines, axis=1, kind="stable")[:, :k]
    return labels[best], np.take_along_axis(cosines, best, axis=1)


@pytest.fixture(scope="module")
def stored() -> tuple[Vectors, Labels]:
    return unit_vectors(COUNT, DIMENSION), np.arange(COUNT, dtype=np.int64) * 7 + 3


@pytest.fixture(scope="module")
def path(stored: tuple[Vectors, Labels], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("index") / "index.hnsw"
    Index.build(*stored, threads=1).save(path)
    return path


@pytest.mark.parametrize("exact_up_to", [0, EXACT_UP_TO])
@pytest.mark.parametrize("k", [1, 10, COUNT, 5 * COUNT])
def test_search_agrees_with_brute_force(path: Path, stored: tuple[Vectors, Labels], exact_up_to: int, k: int) -> None:
    index = Index.load(path, DIMENSION, COUNT, exact_up_to)
    queries = unit_vectors(20, DIMENSION, seed=9)
    labels, cosines = index.search(queries, k)
    expected_labels, expected = brute_force(*stored, queries, min(k, COUNT))
    assert labels.dtype == np.int64
    assert cosines.dtype == np.float32
    assert labels.shape == cosines.shape == expected.shape
    np.testing.assert_allclose(cosines, expected, atol=2e-6)
    assert np.mean(labels == expected_labels) > 0.99  # equal but for ties
    assert np.all(np.diff(cosines, axis=1) <= 0)
    assert all(len(set(row)) == len(row) for row in labels.tolist())


def test_recall_at_ten_of_ten_thousand_against_brute_force() -> None:
    stored = unit_vectors(10_000, 64)
    labels = np.arange(10_000, dtype=np.int64)
    index = Index.build(stored, labels, threads=2)
    queries = stored[::100] + 0.05 * unit_vectors(100, 64, seed=3)
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    found, cosines = index.search(queries, 10)
    expected, _ = brute_force(stored, labels, queries, 10)
    recall = np.mean([len(set(one) & set(other)) / 10 for one, other in zip(found, expected, strict=True)])
    assert recall >= 0.98
    np.testing.assert_allclose(cosines, np.einsum("nd,nkd->nk", queries, stored[found]), atol=2e-6)


@pytest.mark.parametrize("exact_up_to", [0, EXACT_UP_TO])
def test_stored_vectors_come_back_by_label(path: Path, stored: tuple[Vectors, Labels], exact_up_to: int) -> None:
    index = Index.load(path, DIMENSION, COUNT, exact_up_to)
    vectors, labels = stored
    assert (index.count, index.dimension) == (COUNT, DIMENSION)
    assert np.array_equal(index.labels, labels)
    assert np.array_equal(index.vectors(labels[[5, 0, 5, 299]]), vectors[[5, 0, 5, 299]])
    for unknown in (0, 10**9):
        with pytest.raises(KeyError):
            index.vectors(np.array([unknown]))


def test_one_thread_builds_the_same_file_twice(path: Path, stored: tuple[Vectors, Labels], tmp_path: Path) -> None:
    Index.build(*stored, threads=1).save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_building_can_be_stopped() -> None:
    answers = iter([False, False, True])
    with pytest.raises(errors.Interrupted):
        Index.build(unit_vectors(5_000, 8), np.arange(5_000), threads=2, cancelled=lambda: next(answers))
    assert next(answers, None) is None


def test_one_vector_is_an_index(tmp_path: Path) -> None:
    one = unit_vectors(1, 4)
    Index.build(one, np.array([42])).save(tmp_path / "index.hnsw")
    for exact_up_to in (0, 1):
        labels, cosines = Index.load(tmp_path / "index.hnsw", 4, 1, exact_up_to).search(one, 5)
        assert labels.tolist() == [[42]]
        assert cosines[0, 0] == pytest.approx(1.0)


def test_thousands_of_equal_photos_are_all_found(tmp_path: Path) -> None:
    """HNSW cannot reach them all by its links; the search falls back to looking at all."""
    same = np.repeat(unit_vectors(1, 8), 3_000, axis=0)
    index = Index.build(same, np.arange(3_000), threads=2)
    labels, cosines = index.search(same[:1], 2_500)
    assert len(set(labels[0].tolist())) == 2_500
    np.testing.assert_allclose(cosines, 1.0, atol=1e-6)


def test_several_threads_may_search_at_once(path: Path, stored: tuple[Vectors, Labels]) -> None:
    index = Index.load(path, DIMENSION, COUNT, exact_up_to=0)
    expected = index.search(stored[0][:5], 10)[0]
    wrong: list[int] = []

    def search() -> None:
        for _ in range(100):
            if not np.array_equal(index.search(stored[0][:5], 10)[0], expected):
                wrong.append(1)

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_wrong_use_is_a_bug(path: Path, stored: tuple[Vectors, Labels], tmp_path: Path) -> None:
    vectors, labels = stored
    for wrong_vectors, wrong_labels in (
        (vectors, labels[:-1]),
        (vectors[0], labels[:1]),
        (vectors[:0], labels[:0]),
        (vectors[:2], np.array([1, 1])),
        (vectors[:1] * np.float32(np.nan), labels[:1]),
    ):
        with pytest.raises(ValueError, match="labels"):
            Index.build(wrong_vectors, wrong_labels)
    index = Index.load(path, DIMENSION, COUNT)
    for queries, k in ((vectors[0], 1), (vectors[:, :5], 1), (vectors[:1], 0)):
        with pytest.raises(ValueError, match="dimension"):
            index.search(queries, k)
    with pytest.raises(ValueError, match="built"):
        index.save(tmp_path / "again")


def test_a_full_disk_while_saving_leaves_the_old_index(
    path: Path, stored: tuple[Vectors, Labels], tmp_path: Path
) -> None:
    """hnswlib itself says nothing when its writes fail."""
    target = tmp_path / "index.hnsw"
    target.write_bytes(b"old")
    built = Index.build(*stored)
    with file_size_limit(10_000), pytest.raises(errors.DiskFull):
        built.save(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_chinese_folder_on_windows_is_reached_by_a_narrow_name(tmp_path: Path) -> None:
    folder = tmp_path / "张三"
    folder.mkdir()
    (folder / "index.hnsw").write_bytes(b"here")
    with narrow_name(folder / "index.hnsw", narrow=True) as name:
        assert name.isascii()
        assert Path(name).read_bytes() == b"here"
    with narrow_name(folder / "index.hnsw", narrow=False) as name:
        assert name == str(folder / "index.hnsw")
    assert Path.cwd() != folder


#: Kind and place of each field of the header.
HEADER = (
    *(("<Q", at) for at in (0, 8, 16, 24, 32, 40, 56, 64, 72, 88)),
    ("<i", 48),
    ("<I", 52),
    ("<d", 80),
)
LIES: tuple[float, ...] = (0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1)


@pytest.mark.parametrize(("kind", "at"), HEADER)
def test_a_header_that_lies_never_reaches_hnswlib(path: Path, tmp_path: Path, kind: str, at: int) -> None:
    data = bytearray(path.read_bytes())
    honest = bytes(data[at : at + struct.calcsize(kind)])
    refused = 0
    for lie in (*LIES, *(struct.unpack(kind, honest)[0] + step for step in (-1, 1))):
        try:
            packed = struct.pack(kind, float("nan") if kind == "<d" and lie == 0 else lie)
        except struct.error:
            continue
        if packed == honest:
            continue
        data[at : at + len(packed)] = packed
        (tmp_path / "index.hnsw").write_bytes(data)
        try:
            index = Index.load(tmp_path / "index.hnsw", DIMENSION, COUNT, exact_up_to=0)
        except errors.CatalogDamaged:
            refused += 1
        else:
            # A factor, an effort or a greater capacity that could be true does no harm.
            assert at in (8, 80, 88)
            assert index.search(unit_vectors(2, DIMENSION), 5)[0].shape == (2, 5)
    assert refused >= 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: b"", "has only 0 bytes"),
        (lambda data: data[:95], "has only 95 bytes"),
        (lambda data: data[:96], "ends too early"),
        (lambda data: data[:-1], "end"),
        (lambda data: data[:-400], "too early"),
        (lambda data: data + b"\0", "follows its end"),
        (lambda data: data + b"\0" * 4, "follows its end"),
        (lambda data: data[:96] + b"\xff\xff" + data[98:], "too many links"),
        (lambda data: data[:98] + b"\x01" + data[99:], "deleted"),
        (lambda data: data[:100] + b"\xff\xff\xff\x7f" + data[104:], "leads nowhere"),
    ],
)
def test_a_damaged_file_is_refused(path: Path, tmp_path: Path, change: Callable[[bytes], bytes], reason: str) -> None:
    (tmp_path / "index.hnsw").write_bytes(change(path.read_bytes()))
    with pytest.raises(errors.CatalogDamaged, match=reason):
        Index.load(tmp_path / "index.hnsw", DIMENSION, COUNT)


def test_another_catalogs_index_is_refused(path: Path, tmp_path: Path) -> None:
    for dimension, count in ((DIMENSION + 1, COUNT), (DIMENSION, COUNT + 1), (DIMENSION // 2, COUNT)):
        with pytest.raises(errors.CatalogDamaged):
            Index.load(path, dimension, count)
    with pytest.raises(errors.CatalogDamaged, match="No such file"):
        Index.load(tmp_path / "missing", DIMENSION, COUNT)


def test_a_label_that_occurs_twice_is_refused(path: Path, tmp_path: Path) -> None:
    data = bytearray(path.read_bytes())
    element_bytes, label_offset = struct.unpack_from("<QQ", data, 24)
    first, second = 96 + label_offset, 96 + element_bytes + label_offset
    data[second : second + 8] = data[first : first + 8]
    (tmp_path / "index.hnsw").write_bytes(data)
    with pytest.raises(errors.CatalogDamaged, match="twice"):
        read_graph(tmp_path / "index.hnsw", DIMENSION, COUNT)


FUZZ = """
import random, sys
from pathlib import Path
import numpy as np
from engine import errors
from engine.index import Index
source, target, dimension, count, seed, rounds = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])
honest = source.read_bytes()
element_bytes = int.from_bytes(honest[24:32], "little")
upper = 96 + count * element_bytes
links = [96 + at * element_bytes + offset for at in range(count) for offset in range(132)]
places = random.Random(seed)
query = np.random.default_rng(seed).normal(size=(4, dimension)).astype(np.float32)
refused = 0
for round in range(rounds):
    data = bytearray(honest)
    for _ in range(places.choice((1, 1, 3))):
        area = round % 3
        at = (places.randrange(96), places.choice(links), places.randrange(upper, len(data)))[area]
        data[at] ^= 1 << places.randrange(8)
    target.write_bytes(data)
    try:
        index = Index.load(target, dimension, count, exact_up_to=0)
    except errors.CatalogDamaged:
        refused += 1
    else:
        index.search(query, 50)
        index.search(query, count)
print(refused)
"""


def test_flipped_bits_in_header_and_links_never_crash(path: Path, tmp_path: Path) -> None:
    """In a process of its own: a crash of hnswlib would be a signal."""
    rounds = 900
    done = subprocess.run(
        [sys.executable, "-c", FUZZ, path, tmp_path / "index.hnsw", *map(str, (DIMENSION, COUNT, 11, rounds))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert rounds // 3 < int(done.stdout) < rounds
