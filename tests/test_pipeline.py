from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.config import Limits
from engine.encoder import Encoder, Encoding
from engine.errors import Interrupted
from engine.image import crop, prepare, read_picture
from engine.ingest.encoding import encode_source
from engine.ingest.features import FEATURES_NAME, FeatureStore
from engine.ingest.pace import Pace
from engine.ingest.photos import SourcePhoto
from engine.ingest.pipeline import THUMBNAIL_PX, Outcome, encode_photos, shrunk, upright_size, worker_count
from engine.records import WHOLE, Progress, Tensor, no_progress
from engine.region import salient_region
from tests.source_fixtures import jpeg, picture


def photo(folder: Path, name: str, data: bytes) -> SourcePhoto:
    path = folder / name
    path.write_bytes(data)
    return SourcePhoto("A1", path, name)


def photos(folder: Path, count: int) -> list[SourcePhoto]:
    return [photo(folder, f"{number}.jpg", jpeg(number)) for number in range(count)]


def by_position(found: list[Outcome]) -> list[Outcome]:
    return sorted(found, key=lambda outcome: outcome.position)


def test_each_photo_gets_what_encoding_it_alone_would_give(tmp_path: Path, encoder: Encoder) -> None:
    given = photos(tmp_path, 21)
    found = by_position(list(encode_photos(given, encoder, workers=3)))
    assert [outcome.position for outcome in found] == list(range(21))
    for one, outcome in zip(given, found, strict=True):
        seen = read_picture(one.path)
        whole = encoder.encode(prepare([seen], encoder.info.input))
        region = salient_region(whole.saliency[0], (seen.shape[0], seen.shape[1]), encoder.info.input)
        assert outcome.error is None and outcome.features is not None
        views = {view.name: view for view in outcome.features.views}
        assert list(views) == (["whole"] if region == WHOLE else ["whole", "region"])
        assert views["whole"].region == WHOLE
        expected = [whole]
        if region != WHOLE:
            corners = [(one.x, one.y, one.width, one.height) for one in (region, views["region"].region)]
            assert corners[0] == pytest.approx(corners[1], abs=1e-3)
            expected.append(encoder.encode(prepare([crop(seen, region)], encoder.info.input)))
        for view, alone in zip(outcome.features.views, expected, strict=True):
            assert view.embedding.dtype == view.trunk.dtype == np.float16
            assert float(view.embedding.astype(np.float32) @ alone.embeddings[0]) > 0.999
            assert np.allclose(view.trunk, alone.trunk[0], atol=0.02 * float(np.abs(alone.trunk).max()))
        shown = cv2.imdecode(np.frombuffer(outcome.features.thumbnail, np.uint8), cv2.IMREAD_COLOR)
        assert shown is not None and shown.shape == seen.shape


def test_equal_photos_are_encoded_once_and_known_ones_not_at_all(tmp_path: Path, encoder: Encoder) -> None:
    given = [
        photo(tmp_path, "a.jpg", jpeg(1)),
        photo(tmp_path, "b.jpg", jpeg(1)),
        photo(tmp_path, "c.jpg", jpeg(2)),
        photo(tmp_path, "d.jpg", jpeg(3)),
    ]
    first = by_position(list(encode_photos(given[2:3], encoder)))
    known = first[0].sha256
    found = by_position(list(encode_photos(given, encoder, lambda sha256: sha256 == known)))
    assert found[0].sha256 == found[1].sha256
    assert sorted(outcome.features is not None for outcome in found[:2]) == [False, True]
    assert found[2] == Outcome(2, known)
    assert found[3].features is not None


def test_bad_photos_cost_nothing_but_themselves(tmp_path: Path, encoder: Encoder) -> None:
    good = jpeg(1)
    given = [
        photo(tmp_path, "empty.jpg", b""),
        photo(tmp_path, "text.jpg", b"this is text, named as a photo"),
        photo(tmp_path, "good.jpg", good),
        photo(tmp_path, "truncated.jpg", good[: len(good) // 2]),
        SourcePhoto("A1", tmp_path / "gone.jpg", "gone.jpg"),
        SourcePhoto("A1", tmp_path, "folder.jpg"),
        photo(tmp_path, "small.png", cv2.imencode(".png", np.zeros((1, 1, 3), np.uint8))[1].tobytes()),
        photo(tmp_path, "large.jpg", jpeg(2, side_px=400)),
    ]
    found = by_position(list(encode_photos(given, encoder, limits=Limits(image_megapixels=0.1))))
    codes = [outcome.error.code if outcome.error else "" for outcome in found]
    assert codes == [
        "image_empty",
        "image_unreadable",
        "",
        "image_truncated",
        "image_not_found",
        "image_unreadable",
        "image_too_small",
        "image_too_large",
    ]
    assert [outcome.sha256 is None for outcome in found] == [
        name in ("gone.jpg", "folder.jpg") for name in (one.name for one in given)
    ]


def test_no_photos_at_all(encoder: Encoder) -> None:
    assert list(encode_photos([], encoder)) == []


def test_closing_stops_the_workers(tmp_path: Path, encoder: Encoder) -> None:
    before = threading.active_count()
    outcomes = encode_photos(photos(tmp_path, 120), encoder, workers=2)
    next(outcomes)
    assert threading.active_count() > before
    started = time.monotonic()
    outcomes.close()
    assert threading.active_count() == before
    assert time.monotonic() - started < 20


def test_a_failure_of_the_encoder_reaches_the_caller(tmp_path: Path) -> None:
    closed = Encoder.load(provider="cpu", threads=1)
    closed.close()
    before = threading.active_count()
    with pytest.raises(ValueError, match="closed"):
        list(encode_photos(photos(tmp_path, 4), closed))
    assert threading.active_count() == before


def test_large_pictures_do_not_pile_up(tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []
    encode = encoder.encode

    def counted(batch: Tensor) -> Encoding:
        runs.append(len(batch))
        return encode(batch)

    monkeypatch.setattr(encoder, "encode", counted)
    monkeypatch.setattr("engine.ingest.pipeline._PIXEL_BUDGET", 2 * 96 * 96)
    assert all(outcome.features for outcome in encode_photos(photos(tmp_path, 7), encoder, workers=1))
    assert runs[0] == max(runs) == 2 and sum(runs) >= 7


def test_the_size_in_the_catalog_is_that_of_the_upright_photo(tmp_path: Path, encoder: Encoder) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    large = np.kron(picture(1, 100), np.ones((16, 24, 1), np.uint8))
    Image.fromarray(large).save(path, exif=exif)
    assert read_picture(path).shape[0] < 2400
    found = next(encode_photos([SourcePhoto("A1", path, "turned.jpg")], encoder))
    assert found.features is not None
    assert (found.features.width, found.features.height) == (1600, 2400)
    bmp = cv2.imencode(".bmp", picture(1))[1].tobytes()
    assert upright_size(bmp, picture(1)) == (96, 96)


@pytest.mark.parametrize("shape", [(1000, 1500), (1537, 31), (9, 4000), (384, 384), (50, 20), (769, 768)])
def test_thumbnails_are_small_and_look_like_the_photo(shape: tuple[int, int]) -> None:
    drawn = cv2.resize(picture(5, 64), (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    small = shrunk(drawn)
    assert max(small.shape[:2]) == min(THUMBNAIL_PX, max(shape))
    by_area = cv2.resize(drawn, (small.shape[1], small.shape[0]), interpolation=cv2.INTER_AREA)
    assert min(shape) < 50 or np.abs(small.astype(int) - by_area).mean() < 2


def test_every_core_has_a_worker(encoder: Encoder) -> None:
    assert worker_count(encoder) >= 2


class TestEncodeSource:
    def store(self, folder: Path, encoder: Encoder) -> FeatureStore:
        return FeatureStore(folder, encoder.info.id, encoder.info.dimension)

    def test_an_interrupted_run_keeps_what_it_did(self, tmp_path: Path, encoder: Encoder) -> None:
        given = photos(tmp_path, 30)
        told: list[Progress] = []

        def stop(progress: Progress, /) -> None:
            told.append(progress)
            if progress.done >= 8:
                raise Interrupted

        with closing(self.store(tmp_path, encoder)) as store, pytest.raises(Interrupted):
            encode_source(given, encoder, store, stop)
        with closing(self.store(tmp_path, encoder)) as store:
            done = len(store)
            assert 8 <= done < 30
            result = encode_source(given, encoder, store, no_progress)
            assert (result.encoded, result.reused, result.rejected) == (30 - done, done, [])
            assert all(result.hashes)

    def test_damaged_features_are_encoded_again(self, tmp_path: Path, encoder: Encoder) -> None:
        given = photos(tmp_path, 5)
        with closing(self.store(tmp_path, encoder)) as store:
            first = encode_source(given, encoder, store, no_progress)
            assert first.hashes[2] is not None
            stored = store.get(first.hashes[2])
            assert stored is not None
        path = tmp_path / FEATURES_NAME
        data = path.read_bytes()
        place = data.index(stored.views[0].embedding.tobytes()[:200])
        path.write_bytes(data[:place] + b"\x11" + data[place + 1 :])
        with closing(self.store(tmp_path, encoder)) as store:
            again = encode_source(given, encoder, store, no_progress)
            assert (again.encoded, again.reused) == (1, 4)
            assert again.hashes == first.hashes
            assert store.get(first.hashes[2]) is not None

    def test_each_copy_of_a_bad_photo_is_named(self, tmp_path: Path, encoder: Encoder) -> None:
        given = [photo(tmp_path, name, b"no picture") for name in ("a.jpg", "b.jpg", "c.jpg")]
        with closing(self.store(tmp_path, encoder)) as store:
            result = encode_source([*given, *photos(tmp_path, 1)], encoder, store, no_progress)
        assert [entry.file for entry in result.rejected] == ["a.jpg", "b.jpg", "c.jpg"]
        assert result.hashes[:3] == [None] * 3 and result.hashes[3]
        assert (result.encoded, result.reused) == (1, 0)


class TestPace:
    def test_rate_and_time_left_are_those_of_the_last_seconds(self) -> None:
        now = [0.0]
        told: list[Progress] = []
        pace = Pace("encode", 1000, told.append, lambda: now[0])
        for _ in range(500):  # what was encoded before is passed over quickly
            now[0] += 0.01
            pace.advance()
        for _ in range(300):
            now[0] += 0.1
            pace.advance()
        last = told[-1]
        assert (last.step, last.done, last.total) == ("encode", 800, 1000)
        assert last.rate_per_s == pytest.approx(10, rel=0.02)
        assert last.left_s == pytest.approx(20, rel=0.02)

    def test_it_tells_the_first_and_the_last_and_not_too_often(self) -> None:
        now = [0.0]
        told: list[Progress] = []
        pace = Pace("write", 1000, told.append, lambda: now[0])
        for _ in range(1000):
            now[0] += 0.001
            pace.advance()
        assert told[0] == Progress("write", 0, 1000)
        assert (told[-1].done, told[-1].left_s) == (1000, 0)
        assert len(told) < 15
