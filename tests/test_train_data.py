"""From sources to batches: galleries, what is left out of them, hold-outs, leaks, memory, sampling."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from engine.errors import ImageNotFound, SourceMissing, TrainingData, UnknownSku
from engine.image import InputSpec
from engine.records import Progress, Rejected
from engine.training.batches import BatchMaker
from engine.training.fingerprint import fingerprint, nearly_same
from engine.training.gallery import Gallery, read_gallery
from engine.training.listed import listed_photos
from engine.training.picture_store import PictureStore
from engine.training.recipe import Recipe, differences
from engine.training.sampler import Sampler
from engine.training.split import held_out_products, split_by_list, split_by_share
from engine.training.validation import Recall, Validation
from tests.source_fixtures import write_csv
from tests.train_fixtures import SIZE_PX, product_picture, save, training_shop

SPEC = InputSpec(SIZE_PX, (127.0,) * 3, (128.0,) * 3, 1.0)


def store(limit_bytes: int = 10**9) -> PictureStore:
    return PictureStore(2 * SIZE_PX, limit_bytes)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return training_shop(tmp_path / "shop")


def codes(problems: tuple[Rejected, ...]) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.sku, problem.file) for problem in problems]


# The gallery.


def test_a_source_becomes_products_with_natural_and_studio_photos(shop: Path) -> None:
    told: list[Progress] = []
    kept = store()
    gallery = read_gallery([shop], kept, told.append)
    assert [product.sku for product in gallery.products] == [f"T{number:02d}" for number in range(6)]
    assert {product.category for product in gallery.products} == {"even", "odd"}
    assert Counter((photo.product, photo.studio) for photo in gallery.photos) == {
        **{(number, False): 6 for number in range(6)},
        **{(number, True): 1 for number in range(6)},
    }
    assert gallery.problems == () and len(kept) == 42
    assert (told[-1].step, told[-1].done, told[-1].total) == ("photos", 42, 42)
    assert gallery.digest() == read_gallery([shop], store()).digest()


def test_of_two_sources_a_sku_with_one_name_is_one_product(shop: Path, tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    rows = [{"sku": "T00", "name": "Thing 0", "category": "x"}, {"sku": "T01", "name": "Something else"}]
    for row in rows:
        save(studio / "images" / row["sku"] / "other.png", product_picture(90 + int(row["sku"][1:]), 0, studio=True))
    write_csv(studio / "products.csv", rows)
    gallery = read_gallery([shop, studio], store())
    assert [product.sku for product in gallery.products].count("T01") == 2
    first = [photo for photo in gallery.photos if photo.product == 0]
    assert len(first) == 8 and gallery.products[0].category == "even"
    assert ("sku_of_two_products", "T01", "studio") in codes(gallery.problems)


def test_bad_photos_are_left_out_and_named(shop: Path) -> None:
    images = shop / "images"
    (images / "T00" / "broken.jpg").write_bytes(b"\xff\xd8\xff no picture")
    (images / "T00" / "empty.png").write_bytes(b"")
    shutil.copyfile(images / "T01" / "n0.png", images / "T02" / "stolen.png")
    shutil.copyfile(images / "T03" / "n1.png", images / "T03" / "twice.png")
    for photo in (images / "T04").glob("[n]*"):
        photo.unlink()
    gallery = read_gallery([shop], store())
    found = set(codes(gallery.problems))
    assert ("image_empty", "T00", "images/T00/empty.png") in found
    assert {code for code, sku, name in found if name == "images/T00/broken.jpg"} <= {
        "image_truncated",
        "image_unreadable",
    }
    assert ("photo_of_two_products", "T01", "images/T01/n0.png") in found
    assert ("photo_of_two_products", "T02", "images/T02/stolen.png") in found
    assert ("photo_twice", "T03", "images/T03/twice.png") in found
    assert ("product_with_one_photo", "T04", "images/T04/s.png") in found  # and used
    assert len(found) == 6
    names = {photo.name for photo in gallery.photos}
    assert "images/T04/s.png" in names and not names & {"images/T01/n0.png", "images/T02/stolen.png"}
    assert len(gallery.photos) == 42 - 6 - 1


def test_photos_that_go_away_while_they_are_read(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes

    def gone(path: Path) -> bytes:
        if path.name == "n3.png":
            raise FileNotFoundError(2, "No such file or directory", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", gone)
    gallery = read_gallery([shop], store())
    assert len(gallery.photos) == 36 and {code for code, _, _ in codes(gallery.problems)} == {"image_unreadable"}


def test_no_product_with_photos(tmp_path: Path) -> None:
    write_csv(tmp_path / "products.csv", [{"sku": "A", "name": "Nothing to see"}])
    with pytest.raises(TrainingData, match="no product has a photo"):
        read_gallery([tmp_path], store())
    with pytest.raises(SourceMissing):
        read_gallery([tmp_path / "nowhere"], store())


# Memory.


def test_pictures_stay_in_memory_up_to_the_limit_and_are_read_again_beyond(shop: Path) -> None:
    plenty, little = store(), store(limit_bytes=5 * 64 * 64 * 3)
    gallery = read_gallery([shop], plenty)
    read_gallery([shop], little)
    assert (len(plenty), len(little)) == (42, 5)
    assert little.used_bytes <= little.limit_bytes
    for photo in gallery.photos:
        picture = little.picture(photo.path)
        assert min(picture.shape[:2]) == 2 * SIZE_PX
        np.testing.assert_array_equal(picture, plenty.picture(photo.path))
    gone = gallery.photos[-1].path
    gone.unlink()
    with pytest.raises(ImageNotFound):
        little.picture(gone)
    small = product_picture(0, 0, side_px=50)
    plenty.offer(Path("small"), small)
    np.testing.assert_array_equal(plenty.picture(Path("small")), small)  # never enlarged


# Fingerprints.


def test_near_duplicates_are_found_and_other_photos_are_not() -> None:
    pictures = [cv2.resize(product_picture(number, 0), (300, 300)) for number in range(30)]
    marks = [fingerprint(picture) for picture in pictures]
    for number, picture in enumerate(pictures):
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 50])
        smaller = cv2.resize(picture, (150, 150), interpolation=cv2.INTER_AREA)
        lighter = np.clip(picture * 1.05, 0, 255).astype(np.uint8)
        changed = [fingerprint(np.asarray(each)) for each in (cv2.imdecode(data, 1), smaller, picture[3:-3], lighter)]
        assert nearly_same(changed, marks).tolist() == [number] * 4
        others = marks[:number] + marks[number + 1 :]
        assert nearly_same([marks[number]], others).tolist() == [-1]
    assert nearly_same(marks[:2], []).tolist() == [-1, -1]


def test_a_variant_in_another_colour_is_another_picture() -> None:
    """Red and green of the same lightness: a detector of edges sees no difference."""
    apple, pear = (np.full((90, 90, 3), 255, np.uint8) for _ in range(2))
    for picture, colour in ((apple, (220, 60, 60)), (pear, (20, 160, 60))):
        cv2.rectangle(picture, (20, 15), (70, 80), colour, -1)
        cv2.circle(picture, (45, 40), 12, (240, 240, 240), -1)
    assert nearly_same([fingerprint(pear)], [fingerprint(apple)]).tolist() == [-1]


# Hold-outs, validation, leaks.


def test_held_out_products_are_drawn_by_seed_and_from_each_category() -> None:
    categories = ["fruit"] * 41 + ["packages"] * 30 + ["vegetables"] * 10
    drawn = held_out_products(categories, 16, seed=7)
    assert drawn == held_out_products(categories, 16, seed=7) != held_out_products(categories, 16, seed=8)
    assert len(set(drawn)) == 16
    assert Counter(categories[index] for index in drawn) == {"fruit": 8, "packages": 6, "vegetables": 2}
    assert held_out_products(categories, 0, 1) == ()
    assert len(held_out_products(["a", "b", "c"], 2, 0)) == 2
    for count in (-1, 3):
        with pytest.raises(ValueError, match="held out"):
            held_out_products(["a", "b", "c"], count, 0)


def split_names(gallery: Gallery, **fields: object) -> tuple[set[str], set[str], set[str]]:
    split = split_by_share(gallery, **{"hold_out": 0, "share": 0.3, "seed": 1, **fields})  # type: ignore[arg-type]
    return tuple({photo.name for photo in part} for part in (split.train, split.validation, split.unseen))  # type: ignore[return-value]


def test_a_share_of_each_product_validates_and_nothing_is_on_two_sides(shop: Path) -> None:
    gallery = read_gallery([shop], store())
    train, validation, unseen = split_names(gallery, hold_out=2)
    assert len(train) + len(validation) + len(unseen) == 42
    assert len(unseen) == 14 and len(validation) == 4 * 2
    assert not train & validation and not (train | validation) & unseen
    assert not [name for name in validation if name.endswith("s.png")]  # studio pictures always train
    assert split_names(gallery, hold_out=2) == (train, validation, unseen)
    assert split_names(gallery, hold_out=2, seed=5) != (train, validation, unseen)
    assert split_by_share(gallery, 2, 0.3, 1).classes == tuple(
        product for product in range(6) if product not in split_by_share(gallery, 2, 0.3, 1).held_out
    )


def test_every_product_keeps_a_photo_to_train_with(tmp_path: Path) -> None:
    gallery = read_gallery([training_shop(tmp_path, 3, 1, studio=False)], store())
    split = split_by_share(gallery, 0, 1.0, 0)
    assert split.classes == (0, 1, 2) and split.validation == ()
    assert [problem.code for problem in gallery.problems] == ["product_with_one_photo"] * 3


def test_a_leak_is_reported_and_does_not_validate(shop: Path) -> None:
    """Each photo gets a twin of another quality: whichever side a twin is drawn to, the pair must not be split."""
    for photo in sorted((shop / "images").glob("T0[01]/n*.png")):
        picture = cv2.imread(str(photo))
        assert cv2.imwrite(str(photo.with_suffix(".jpg")), picture, [cv2.IMWRITE_JPEG_QUALITY, 80])
    gallery = read_gallery([shop], store())
    split = split_by_share(gallery, 0, 0.4, 3)
    train = {photo.name.rpartition(".")[0] for photo in split.train}
    assert not [photo.name for photo in split.validation if photo.name.rpartition(".")[0] in train]
    leaked = [problem for problem in split.problems if problem.code == "validation_leak"]
    assert leaked and all("nearly the same as images/" in problem.reason for problem in leaked)
    assert {problem.sku for problem in leaked} <= {"T00", "T01"}
    assert len(split.train) + len(split.validation) == len(gallery.photos)


def test_listed_photos_validate_without_their_leaks(shop: Path, tmp_path: Path) -> None:
    gallery = read_gallery([shop], store())
    fresh = save(tmp_path / "fresh.png", product_picture(2, 50))
    leak = save(tmp_path / "leak.jpg", product_picture(2, 1))
    held = save(tmp_path / "held.png", product_picture(4, 51))
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"nothing")
    rows = [(fresh, "T02"), (leak, "T02"), (held, "T04"), (broken, "T02"), (fresh, "")]
    listed, unreadable = listed_photos(gallery, rows, store())
    assert [photo.name for photo in listed] == ["fresh.png", "leak.jpg", "held.png"]
    assert codes(tuple(unreadable)) == [("image_unreadable", "T02", "broken.png")]
    seed = next(seed for seed in range(99) if held_out_products(["even", "odd"] * 3, 1, seed) == (4,))
    split = split_by_list(gallery, 1, listed, seed)
    assert [photo.name for photo in split.validation] == ["fresh.png"]
    assert codes(split.problems) == [("validation_leak", "T02", "leak.jpg")]
    assert len(split.train) == 35 and "held.png" in {photo.name for photo in split.unseen}
    with pytest.raises(UnknownSku):
        listed_photos(gallery, [(fresh, "NOT-THERE")], store())


# Sampling and batches.


def sampler(seed: int = 0, classes: int = 4) -> Sampler:
    natural = {label: range(10 * label, 10 * label + 5 + label) for label in range(6)}
    studio = {label: [100 + label] for label in range(5)} | {6: [106, 107]}
    return Sampler(natural, studio, classes, 2, 1, seed)


def test_rows_are_decided_by_seed_and_step_alone() -> None:
    once, again = sampler(), sampler()
    steps = [once.rows(step) for step in range(30)]
    assert [again.rows(step) for step in reversed(range(30))] == steps[::-1]
    assert [sampler(seed=1).rows(step) for step in range(30)] != steps
    assert len({row.seed for rows in steps for row in rows}) == 30 * 12


def test_classes_come_once_an_epoch_and_photos_once_a_round() -> None:
    drawn = sampler()
    rows = [row for step in range(7 * 20) for row in drawn.rows(step)]
    assert {len(drawn.rows(step)) for step in range(9)} == {12}
    counts = Counter(row.label for row in rows)
    assert set(counts) == set(range(7)) and set(counts.values()) == {80 * 3}
    for label in range(5):
        own = [row.photo for row in rows if row.label == label and row.photo < 100]
        size = 5 + label
        for start in range(0, len(own) - size, size):
            assert len(set(own[start : start + size])) == size
    assert {row.photo for row in rows if row.label == 5} == set(range(50, 60))  # no studio picture: natural ones
    assert {row.photo for row in rows if row.label == 6} == {106, 107}  # only studio pictures


def test_processes_share_the_rows_of_one_batch() -> None:
    drawn = sampler()
    for step in range(5):
        shares = [drawn.rows(step, process, 2) for process in range(2)]
        assert shares[0] + shares[1] == drawn.rows(step)
    with pytest.raises(ValueError, match="cannot share"):
        drawn.rows(0, 0, 3)
    with pytest.raises(ValueError, match="no photo"):
        Sampler({0: []}, {}, 1, 1, 1, 0)


def test_a_step_gives_the_same_batch_whatever_the_threads_do(shop: Path) -> None:
    pictures = store()
    gallery = read_gallery([shop], pictures)
    split = split_by_share(gallery, 0, 0.0, 0)
    natural = {product: [i for i, photo in enumerate(split.train) if photo.product == product] for product in range(6)}
    maker = BatchMaker(split.train, Sampler(natural, {}, 4, 2, 1, 5), pictures, SPEC, [split.train[0].path])
    several = list(maker.ahead(3, 9, threads=3))
    assert [batch.step for batch in several] == list(range(3, 9))
    for batch in several:
        alone = maker.batch(batch.step)
        np.testing.assert_array_equal(batch.pictures, alone.pictures)
        assert batch.names == alone.names and (batch.labels == alone.labels).all()
        assert batch.pictures.shape == (12, 3, SIZE_PX, SIZE_PX) and batch.pictures.dtype == np.float32
        assert -1 <= batch.pictures.min() < batch.pictures.max() <= 1 and batch.labels.dtype == np.int64
    halves = [maker.batch(4, process, 2) for process in range(2)]
    np.testing.assert_array_equal(np.concatenate([half.pictures for half in halves]), several[1].pictures)
    stopped = maker.ahead(0, 1000)
    next(stopped)
    stopped.close()  # and no thread stays behind, which pytest would show as a leak of the pool
    assert list(maker.ahead(5, 5)) == []


def test_a_shop_of_studio_pictures_only(tmp_path: Path) -> None:
    pictures = store()
    gallery = read_gallery([training_shop(tmp_path, 4, 0)], pictures)
    studio = {photo.product: [index] for index, photo in enumerate(gallery.photos)}
    batch = BatchMaker(gallery.photos, Sampler({}, studio, 4, 2, 1, 0), pictures, SPEC).batch(0)
    assert batch.pictures.shape[0] == 12 and batch.pictures.std() > 0.1


# Validation.


def test_recall_is_that_of_the_nearest_photo(shop: Path) -> None:
    gallery = read_gallery([shop], store())
    split = split_by_share(gallery, 2, 0.3, 1)
    validation = Validation(split, 0)
    product_of = {photo.path: photo.product for photo in gallery.photos}
    asked: list[int] = []

    def perfect(paths) -> np.ndarray:  # type: ignore[no-untyped-def]
        asked.append(len(paths))
        return np.eye(6, dtype=np.float32)[[product_of[path] for path in paths]]

    assert validation.measure(perfect) == Recall(1.0, 1.0, 1.0) and asked == [len(set(validation.photos))]
    wrong = dict(zip(range(6), [1, 2, 3, 4, 5, 0], strict=True))
    queries = {photo.path for photo in split.validation}

    def mixed_up(paths) -> np.ndarray:  # type: ignore[no-untyped-def]
        rows = [wrong[product_of[path]] if path in queries else product_of[path] for path in paths]
        return np.eye(6, dtype=np.float32)[rows]

    found = validation.measure(mixed_up)
    assert (found.natural, found.studio, found.unseen) == (0.0, 0.0, 1.0)
    assert found.score == pytest.approx(1 / 3)


def test_nothing_to_ask(tmp_path: Path) -> None:
    gallery = read_gallery([training_shop(tmp_path, 3, 0)], store())
    validation = Validation(split_by_share(gallery, 0, 0.5, 0), 0)
    assert validation.photos == () and validation.measure(lambda _: pytest.fail("not asked")) == Recall()
    assert Recall().score is None and Recall(natural=0.5, unseen=1.0).score == 0.75


# The recipe.


def test_rates_warm_up_and_fall_and_averages_remember_longer() -> None:
    recipe = Recipe(steps=200, warm_up_steps=20)
    rates = [recipe.rate_at(step) for step in range(200)]
    assert rates[0] < 0.1 and max(rates) > 0.95 and rates[-1] == pytest.approx(0.02, abs=1e-3)
    assert rates[:20] == sorted(rates[:20]) and rates[20:] == sorted(rates[20:], reverse=True)
    assert Recipe(steps=10, warm_up_steps=0).rate_at(0) == 1.0
    assert recipe.average_at(0) < 0.2 and recipe.average_at(10**6) == recipe.average
    assert recipe.batch_rows == 24 * 3 + 24 + 16


def test_what_differs_between_recipes_is_named() -> None:
    one, other = Recipe(steps=5).as_fields(), Recipe(steps=6, margin=0.2).as_fields()
    assert differences(one, other) == ["margin None instead of 0.2", "steps 5 instead of 6"]
    assert differences(one, one) == []
    assert differences({"old": 1}, {}) == ["old 1 instead of None"]
