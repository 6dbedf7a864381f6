"""Random packages: the same numbers give the same pixels, variants are near-twins, and it works without any font."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from engine.records import Picture
from engine.training import package_fonts
from engine.training.package_art import Family
from engine.training.package_canvas import Canvas
from engine.training.package_fonts import find_fonts, font, font_folders
from engine.training.package_shape import Attitude, Body, Box, Round, Scene, drawn_body, reduced
from engine.training.package_words import word
from engine.training.packages import PackageSet

pytestmark = pytest.mark.train

SIZE = 96


def shelf() -> Picture:
    """A photo of something else."""
    drops = np.random.default_rng(1).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(drops, (160, 120), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def views(packages: PackageSet, numbers: range, seed: int = 0) -> list[Picture]:
    return [packages.view(number, SIZE, np.random.default_rng([seed, number]), shelf) for number in numbers]


def fronts(seed: int, family: int, variants: int = 5) -> list[Picture]:
    design = Family((seed, family), variants, (None,))
    return [design.front(variant, None) for variant in range(variants)]


def plain(height: int, width: int, colour: tuple[int, int, int]) -> Picture:
    return np.full((height, width, 3), colour, np.uint8)


def scene() -> Scene:
    return Scene(plain(SIZE, SIZE, (0, 0, 0)))


def attitude(yaw: float = 0.0, pitch: float = 0.0, scale: float = 0.5) -> Attitude:
    return Attitude(yaw, pitch, 0.0, scale, (SIZE / 2, SIZE / 2), 500.0)


def box() -> Box:
    return Box(plain(80, 60, (200, 0, 0)), plain(80, 30, (0, 200, 0)), 40.0, (0, 0, 200))


def body_of(kind: type[Body], rows: range = range(60)) -> Body:
    """The first body of a kind that some seed draws."""
    front, side = plain(80, 60, (200, 0, 0)), plain(80, 30, (0, 200, 0))
    drawn = (drawn_body(front, side, (9, 9, 9), np.random.default_rng(seed)) for seed in rows)
    return next(body for body in drawn if isinstance(body, kind))


def test_numbers_and_families() -> None:
    packages = PackageSet(0, families=3, variants=4, fonts=())
    assert (len(packages), packages.variants) == (12, 4)
    assert [packages.family(number) for number in range(12)] == [0] * 4 + [1] * 4 + [2] * 4
    assert len(PackageSet(0, fonts=())) == 1300


@pytest.mark.parametrize("number", [-1, 12])
def test_a_number_that_is_none(number: int) -> None:
    packages = PackageSet(0, families=3, variants=4, fonts=())
    with pytest.raises(IndexError):
        packages.view(number, SIZE, np.random.default_rng(0), shelf)


@pytest.mark.parametrize(("families", "variants"), [(0, 5), (5, 0)])
def test_a_set_of_nothing_is_refused(families: int, variants: int) -> None:
    with pytest.raises(ValueError, match="no package"):
        PackageSet(0, families, variants)


def test_same_seed_same_pixels() -> None:
    pictures = [plain(60, 40, (200, 30, 30)), shelf()]
    one, other = (PackageSet(7, families=8, variants=3, pictures=pictures, fonts=()) for _ in range(2))
    numbers = range(len(one))
    backwards = {number: views(other, range(number, number + 1))[0] for number in reversed(numbers)}
    for number, picture in zip(numbers, views(one, numbers), strict=True):
        assert np.array_equal(picture, backwards[number])


def test_views_have_shape_and_type() -> None:
    packages = PackageSet(1, families=20, variants=1, fonts=())
    for size in (64, 97):
        for number in range(len(packages)):
            picture = packages.view(number, size, np.random.default_rng(number), shelf)
            assert picture.shape == (size, size, 3)
            assert picture.dtype == np.uint8
            assert picture.std() > 1


def test_views_of_one_package_differ_and_so_do_seeds() -> None:
    packages = PackageSet(1, families=4, variants=2, fonts=())
    for one, other in zip(views(packages, range(8)), views(packages, range(8), seed=1), strict=True):
        assert not np.array_equal(one, other)
    assert not np.array_equal(fronts(1, 0)[0], fronts(2, 0)[0])


def test_variants_differ_less_than_families() -> None:
    within, between = [], []
    for family in range(12):
        mine, theirs = fronts(5, family), fronts(5, family + 1)
        for number, one in enumerate(mine):
            for twin in mine[:number]:
                assert one.shape == twin.shape
                assert not np.array_equal(one, twin)
                within.append(float(np.mean(cv2.absdiff(one, twin))))
            stranger = cv2.resize(theirs[number], one.shape[1::-1])
            between.append(float(np.mean(cv2.absdiff(one, stranger))))
    assert min(within) > 0.5
    assert np.median(within) < 0.75 * np.median(between)


def test_the_photo_of_a_label_is_shown() -> None:
    studio, natural = plain(120, 90, (255, 255, 255)), shelf()
    cv2.circle(studio, (45, 60), 30, (10, 200, 250), -1)
    for photo in (studio, natural):
        shown = 0
        for number in range(25):
            design = Family((2, number), 1, (None,))
            shown += not np.array_equal(design.front(0, photo), design.front(0, None))
        assert 2 <= shown < 25


def test_no_font_at_all(tmp_path: Path) -> None:
    assert find_fonts([tmp_path, tmp_path / "none"]) == (None,)
    assert font(None, 20).getlength("Aa") > 0
    assert views(PackageSet(0, families=2, variants=2, fonts=()), range(4))[3].shape == (SIZE, SIZE, 3)


def text_font() -> Path:
    """A font of this machine; there is one wherever a window can be shown."""
    for file in find_fonts(font_folders()):
        if file is not None and file.suffix.lower() != ".ttc":
            return file
    pytest.skip("this machine has no font")


def test_fonts_of_signs_and_broken_ones_are_left_out(tmp_path: Path) -> None:
    file = text_font()
    good, signs = tmp_path / f"deep/plain{file.suffix}", tmp_path / f"WebSymbols{file.suffix}"
    good.parent.mkdir()
    shutil.copy(file, good)
    shutil.copy(file, signs)
    (tmp_path / "broken.ttf").write_bytes(b"no font" * 40)
    (tmp_path / "readme.txt").write_text("no font either")
    assert find_fonts([tmp_path]) == (good,)
    assert isinstance(font(good, 12), ImageFont.FreeTypeFont)
    with_font, without = (PackageSet(0, 1, 1, fonts=fonts) for fonts in ([good], ()))
    assert not np.array_equal(views(with_font, range(1))[0], views(without, range(1))[0])


def test_of_very_many_fonts_some_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_fonts, "_MOST", 3)
    file = text_font()
    for number in range(7):
        shutil.copy(file, tmp_path / f"{number}{file.suffix}")
    assert [each.stem for each in find_fonts([tmp_path]) if each] == ["0", "3", "6"]


@pytest.mark.parametrize(("platform", "name"), [("win32", "Fonts"), ("darwin", "Library"), ("linux", "fonts")])
def test_font_folders_of_each_system(platform: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert any(name in folder.parts for folder in font_folders())
    assert not any("~" in str(folder) for folder in font_folders())


def test_two_threads_draw_what_one_draws() -> None:
    numbers = range(24)
    alone = views(PackageSet(3, families=8, variants=3, fonts=()), numbers)
    shared = PackageSet(3, families=8, variants=3, fonts=())
    with ThreadPoolExecutor(2) as pool:
        for drawn in pool.map(lambda _: views(shared, numbers), range(2)):
            assert all(np.array_equal(one, other) for one, other in zip(drawn, alone, strict=True))


def test_words_fit_their_place_and_can_be_read() -> None:
    for ground, brighter in (((10, 10, 40), True), ((250, 240, 200), False)):
        canvas = Canvas(120, 80, ground)
        *_, width, height = canvas.write("A very long brand", None, (0.5, 0.5, 0.6, 0.5))
        assert 0.3 < width <= 0.72
        assert height < 0.3
        inked = np.flatnonzero((canvas.picture() != ground).any(axis=(0, 2)))
        assert inked[0] > 0.1 * 120
        assert inked[-1] < 0.9 * 120
        assert (canvas.picture().mean() > np.mean(ground)) == brighter


def test_words_on_a_restless_ground_get_an_outline() -> None:
    canvas = Canvas(120, 80, (255, 255, 255))
    for left in range(0, 120, 8):
        canvas.draw.rectangle([left, 0, left + 3, 80], fill=(0, 0, 0))
    assert canvas.ink((0.5, 0.5, 0.5, 0.5))[2]
    assert not Canvas(120, 80, (255, 255, 255)).ink((0.5, 0.5, 0.5, 0.5))[2]


def test_brands_are_long_and_many() -> None:
    brands = {word(np.random.default_rng(seed)).lower() for seed in range(300)}
    assert min(map(len, brands)) >= 7
    assert len(brands) > 280


def test_a_box_shows_the_sides_that_are_turned_to_the_camera() -> None:
    shown = {}
    for name, yaw, pitch in (("front", 0.0, 0.0), ("right", 0.6, 0.0), ("left", -0.6, 0.0), ("top", 0.0, 0.35)):
        seen = scene()
        box().paint(seen, attitude(yaw, pitch), np.random.default_rng(0))
        red, green, blue = (seen.picture[..., channel] > 60 for channel in range(3))
        assert red.any()
        shown[name] = (green, blue)
        assert seen.covered.max() == 1
        assert seen.covered[0, 0] == 0
    columns = {name: np.flatnonzero(green.any(axis=0)) for name, (green, _) in shown.items()}
    assert not len(columns["front"])
    assert columns["right"].min() > SIZE / 2 > columns["left"].max()
    assert np.flatnonzero(shown["top"][1].any(axis=1)).max() < SIZE / 2
    assert not shown["front"][1].any()


def test_a_round_body_is_darker_at_its_edges_and_bulges_towards_the_camera() -> None:
    body = Round(plain(80, 120, (200, 200, 200)), 60, np.ones(64, np.float32), (0, 250, 0))
    level, above, below = scene(), scene(), scene()
    for seen, pitch in ((level, 0.0), (above, 0.3), (below, -0.3)):
        body.paint(seen, attitude(pitch=pitch, scale=1.0), np.random.default_rng(0))
    middle = level.picture[SIZE // 2, :, 0]
    assert middle[SIZE // 2] > 180
    assert 80 < middle[SIZE // 2 - 28] < 170
    assert middle[10] == 0
    lid = (above.picture[..., 1] > 200) & (above.picture[..., 0] < 50)
    assert 0 < np.flatnonzero(lid.any(axis=1)).max() < SIZE / 2
    lowest = [int(np.flatnonzero(above.covered[:, column] > 0.5).max()) for column in (SIZE // 2 - 26, SIZE // 2)]
    assert lowest[1] > lowest[0] + 3
    dark = (below.picture[..., 1] > 60) & (below.picture[..., 0] < 50)
    assert np.flatnonzero(dark.any(axis=1)).min() > SIZE / 2


def test_turning_a_round_body_brings_its_side_to_the_front() -> None:
    around = np.hstack([plain(80, 30, (0, 200, 0)), plain(80, 60, (200, 0, 0)), plain(80, 30, (0, 200, 0))])
    body = Round(around, 60, np.ones(64, np.float32), (9, 9, 9))
    for yaw, greener in ((0.7, "left"), (-0.7, "right")):
        seen = scene()
        body.paint(seen, attitude(yaw), np.random.default_rng(0))
        green = seen.picture[..., 1].astype(int).sum(axis=0)
        halves = {"left": green[: SIZE // 2].sum(), "right": green[SIZE // 2 :].sum()}
        assert max(halves, key=lambda half: int(halves[half])) == greener


def test_each_kind_of_body_is_drawn_and_a_bottle_keeps_its_label() -> None:
    assert isinstance(body_of(Box), Box)
    rounds = [
        drawn_body(plain(80, 60, (200, 0, 0)), plain(80, 30, (0, 200, 0)), (9, 9, 9), np.random.default_rng(seed))
        for seed in range(60)
    ]
    profiles = [body.profile for body in rounds if isinstance(body, Round)]
    assert any(profile.min() == 1 for profile in profiles)
    assert any(profile[0] < profile[-1] for profile in profiles)
    assert any(profile[0] > profile[-1] for profile in profiles)
    bottle = next(body for body in rounds if isinstance(body, Round) and body.size[0] > 82)
    middle = bottle.around[:, bottle.around.shape[1] // 2]
    assert int((np.abs(middle.astype(int) - (200, 0, 0)).sum(axis=1) < 20).sum()) >= 75
    assert bottle.profile[0] < 0.8
    assert bottle.profile[-1] == 1


def test_what_lies_outside_the_view_is_not_painted() -> None:
    seen = scene()
    seen.paint(plain(8, 8, (255, 255, 255)), np.array([[200, 5], [210, 5], [210, 15], [200, 15]], np.float32))
    assert not seen.picture.any()
    assert not seen.covered.any()


def test_a_face_that_is_seen_small_is_averaged() -> None:
    stripes = np.zeros((80, 80, 3), np.uint8)
    stripes[:, ::2] = 200
    assert reduced(stripes, 1.0) is stripes
    small = reduced(stripes, 0.25)
    assert small.shape == (22, 22, 3)
    assert 60 < small.min() <= small.max() < 140


def test_packages_are_drawn_without_torch() -> None:
    code = "import sys, engine.training.packages; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    root = Path(__file__).parent.parent
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
