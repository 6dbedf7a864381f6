from __future__ import annotations

import logging
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import NotWritable
from engine.ingest.features import FEATURES_NAME, FeatureStore, PhotoFeatures, View
from engine.records import WHOLE, Region

DIMENSION, TRUNK = 16, 24


def features(seed: int, views: int = 2) -> PhotoFeatures:
    rng = np.random.default_rng(seed)
    seen = tuple(
        View(
            ("whole", "region")[place],
            (WHOLE, Region(0.25, 0.125, 0.5, 0.5))[place],
            rng.standard_normal(DIMENSION).astype(np.float16),
            rng.standard_normal(TRUNK).astype(np.float16),
        )
        for place in range(views)
    )
    return PhotoFeatures(rng.bytes(32), 640, 480, rng.bytes(50), seen)


def same(one: PhotoFeatures | None, other: PhotoFeatures) -> bool:
    return (
        one is not None
        and (one.sha256, one.width, one.height, one.thumbnail)
        == (
            other.sha256,
            other.width,
            other.height,
            other.thumbnail,
        )
        and all(
            a.name == b.name
            and a.region == b.region
            and a.embedding.tobytes() == b.embedding.tobytes()
            and a.trunk.tobytes() == b.trunk.tobytes()
            for a, b in zip(one.views, other.views, strict=True)
        )
    )


@pytest.fixture
def filled(tmp_path: Path) -> list[PhotoFeatures]:
    stored = [features(seed, 1 + seed % 2) for seed in range(40)]
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    for one in stored:
        store.add(one)
    store.commit()
    store.close()
    return stored


def test_what_was_committed_is_read_back_bit_for_bit(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert len(store) == 40
    assert all(same(store.get(one.sha256), one) for one in filled)
    assert store.get(b"\0" * 32) is None
    trunk = store.trunk([one.sha256 for one in filled[:3]])
    assert trunk.shape == (3, TRUNK) and trunk.dtype == np.float16
    with pytest.raises(KeyError):
        store.trunk([b"\0" * 32])
    store.close()


def test_features_belong_to_one_encoder(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    store = FeatureStore(tmp_path, "encoder-b", DIMENSION)
    assert filled[0].sha256 not in store
    store.add(filled[0])
    store.commit()
    store.close()
    first = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert same(first.get(filled[0].sha256), filled[0])
    first.close()


def test_what_was_not_committed_is_lost_and_nothing_else(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    store.add(features(99))
    store.close()
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert features(99).sha256 not in store and len(store) == 40
    store.close()


def test_adding_again_replaces(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    store.add(filled[1])
    store.commit()
    assert same(store.get(filled[1].sha256), filled[1]) and len(store) == 40
    store.close()
    count = sqlite3.connect(tmp_path / FEATURES_NAME)
    assert count.execute("SELECT count(*) FROM view").fetchone() == (sum(len(one.views) for one in filled),)
    count.close()


@pytest.mark.parametrize("damage", ["text", "zeros", "cut", "foreign", "newer"])
def test_a_damaged_file_is_set_aside_and_begun_again(
    tmp_path: Path, filled: list[PhotoFeatures], damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FEATURES_NAME
    data = path.read_bytes()
    if damage == "text":
        path.write_bytes(b"not a database at all, but long enough to be taken for one" * 20)
    elif damage == "zeros":
        path.write_bytes(data[:4096] + bytes(8192) + data[12288:])
    elif damage == "cut":
        path.write_bytes(data[: len(data) // 2])
    elif damage == "foreign":
        path.write_bytes(data[:68] + b"\0\0\0\1" + data[72:])
    else:
        path.write_bytes(data[:60] + b"\0\0\0\x63" + data[64:])
    with caplog.at_level(logging.WARNING):
        store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert len(store) == 0
    store.add(filled[0])
    store.commit()
    assert same(store.get(filled[0].sha256), filled[0])
    store.close()
    assert (tmp_path / "features.damaged.sqlite").exists()
    assert "damaged" in caplog.text


def test_a_flipped_bit_in_a_vector_costs_one_photo(
    tmp_path: Path, filled: list[PhotoFeatures], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / FEATURES_NAME
    data = path.read_bytes()
    vector = filled[7].views[0].embedding.tobytes()
    assert data.count(vector) == 1
    place = data.index(vector) + 3
    path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    with caplog.at_level(logging.WARNING):
        assert store.get(filled[7].sha256) is None
    assert filled[7].sha256 not in store
    assert sum(same(store.get(one.sha256), one) for one in filled if one.sha256 in store) == 39
    store.close()


def test_vectors_of_another_dimension_are_not_believed(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION * 2)
    assert store.get(filled[0].sha256) is None
    store.close()


def test_a_photo_without_views_is_forgotten(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    edit = sqlite3.connect(tmp_path / FEATURES_NAME)
    edit.execute("DELETE FROM view")
    edit.commit()
    edit.close()
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert store.get(filled[0].sha256) is None
    store.close()


def test_damage_that_shows_only_when_reading_begins_the_file_again(
    tmp_path: Path, filled: list[PhotoFeatures], caplog: pytest.LogCaptureFixture
) -> None:
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    path = tmp_path / FEATURES_NAME
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\x5a" * (len(data) - 4096))
    store._connection.execute("PRAGMA shrink_memory")
    with caplog.at_level(logging.WARNING):
        found = [store.get(one.sha256) for one in filled]
    assert not any(found)
    assert len(store) == 0
    store.close()


_FILL = """
import resource, sys
from pathlib import Path
from engine.errors import DiskFull, NotWritable
from engine.ingest.features import FeatureStore
from tests.test_features import DIMENSION, features
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
store = FeatureStore(Path(sys.argv[1]), "encoder-a", DIMENSION)
try:
    for seed in range(1000, 3000):
        store.add(features(seed))
        store.commit()
except (DiskFull, NotWritable) as error:
    print(error.code)
"""


def test_a_full_disk_is_told_and_what_was_there_stays(tmp_path: Path, filled: list[PhotoFeatures]) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run([sys.executable, "-c", _FILL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("disk_full", "not_writable")
    store = FeatureStore(tmp_path, "encoder-a", DIMENSION)
    assert len(store) > 40
    assert all(same(store.get(one.sha256), one) for one in filled)
    store.close()


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(NotWritable):
        FeatureStore(tmp_path / "missing", "encoder-a", DIMENSION)
