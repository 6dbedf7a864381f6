"""Where two catalog photos differ: edits whose place is known, on the demo's own pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from twin_fixtures import SKUS, a_photo_of, build_twins

from engine.cli.find_command import answer_line
from engine.config import Settings, demo_source
from engine.encoder import Encoder
from engine.image import read_picture
from engine.look_alikes.cutout import cut_out
from engine.look_alikes.region import Kind, where_they_differ
from engine.lookup import open_lookup
from engine.records import Picture, Region, Verdict

#: Packs with print, of different shapes.
PHOTOS = sorted((demo_source() / "images").glob("*/*"))[::40]


def fractions(picture: Picture, left: int, top: int, width: int, height: int) -> Region:
    rows, columns = picture.shape[:2]
    return Region(left / columns, top / rows, width / columns, height / rows)


def overlap(one: Region, other: Region) -> float:
    """The part of `other` that `one` covers."""
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0.0, across) * max(0.0, down) / (other.width * other.height)


def item_box(picture: Picture) -> tuple[int, int, int, int]:
    found = cut_out(picture)
    assert found is not None
    left, top, width, height = cv2.boundingRect(found.mask)
    return left, top, width, height


def with_a_patch(picture: Picture) -> tuple[Picture, Region]:
    """Another print in the middle of the item, a quarter of it wide."""
    left, top, width, height = item_box(picture)
    across, down = width // 4, height // 6
    x, y = left + (width - across) // 2, top + (height - down) // 2
    changed = picture.copy()
    changed[y : y + down, x : x + across] = 255 - changed[y : y + down, x : x + across]
    return changed, fractions(picture, x, y, across, down)


@pytest.mark.parametrize("path", PHOTOS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_same_photo_differs_nowhere(path: Path) -> None:
    picture = read_picture(path)
    found = where_they_differ(picture, picture)
    assert (found.kind, found.places) == (Kind.NONE, ())
    assert found.fit > 0.9


def test_another_print_is_found_where_it_is() -> None:
    hits, marked = 0, 0
    for path in PHOTOS:
        picture = read_picture(path)
        changed, truth = with_a_patch(picture)
        found = where_they_differ(picture, changed)
        assert found.kind is not Kind.SIZE
        marked += bool(found.places)
        hits += any(overlap(place.first, truth) > 0.3 and overlap(place.second, truth) > 0.3 for place in found.places)
    assert marked >= 0.8 * len(PHOTOS)
    assert hits >= 0.8 * marked


def test_another_hue_is_a_colour_and_other_proportions_are_a_size() -> None:
    kinds = {Kind.COLOUR: 0, Kind.SIZE: 0}
    for path in PHOTOS:
        picture = read_picture(path)
        hsv = cv2.cvtColor(picture, cv2.COLOR_RGB2HSV)
        hsv[..., 0] = (hsv[..., 0].astype(int) + 60) % 180
        recoloured = np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB), np.uint8)
        kinds[Kind.COLOUR] += where_they_differ(picture, recoloured).kind is Kind.COLOUR
        rows, columns = picture.shape[:2]
        taller = np.asarray(cv2.resize(picture, (columns, round(rows * 1.5))), np.uint8)
        kinds[Kind.SIZE] += where_they_differ(picture, taller).kind is Kind.SIZE
    assert kinds[Kind.COLOUR] >= 0.5 * len(PHOTOS), kinds
    assert kinds[Kind.SIZE] >= 0.5 * len(PHOTOS), kinds


def test_nothing_is_said_of_things_that_are_nothing_alike() -> None:
    pictures = [read_picture(path) for path in PHOTOS]
    found = [where_they_differ(one, other) for one, other in pairwise(pictures)]
    assert sum(one.kind is Kind.NONE for one in found) >= len(found) - 1


@pytest.mark.parametrize("shape", [(1, 1, 3), (4, 300, 3), (64, 64, 3)])
def test_pictures_without_anything_on_them(shape: tuple[int, int, int]) -> None:
    flat = np.full(shape, 200, np.uint8)
    assert where_they_differ(flat, flat).kind is Kind.NONE
    assert where_they_differ(flat, read_picture(PHOTOS[0])).kind is Kind.NONE


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    return build_twins(tmp_path_factory.mktemp("twins"), encoder)


def test_find_says_what_separates_look_alikes(twins: Path) -> None:
    photo = a_photo_of(SKUS[0])
    with open_lookup(twins, Settings(provider="cpu")) as lookup:
        result = lookup.look_up_file(photo)
        first, second = result.candidates[:2]
        assert [first.product.sku, second.product.sku] == [SKUS[0], SKUS[1]]
        found = lookup.separate(first, second)
        assert found.kind in (Kind.PRINT, Kind.COLOUR) and found.places
        assert found.first is not None and found.first.path.startswith(f"images/{SKUS[0]}/")
        assert found.second is not None and found.second.path.startswith(f"images/{SKUS[1]}/")
        told = json.loads(answer_line("a.jpg", replace(result, verdict=Verdict.AMBIGUOUS), lookup))["separates"]
        assert (told["kind"], told["skus"]) == (found.kind.value, [SKUS[0], SKUS[1]])
        assert told["photos"] == [found.first.path, found.second.path]
        assert all(0 <= part <= 1 for pair in told["boxes"] for box in pair for part in box)
        assert "separates" not in json.loads(answer_line("a.jpg", replace(result, verdict=Verdict.MATCH), lookup))


def test_what_cannot_be_compared_is_not_compared(twins: Path) -> None:
    photo = a_photo_of(SKUS[0])
    with open_lookup(twins, Settings(provider="cpu")) as lookup:
        result = lookup.look_up_file(photo)
        far = next(one for one in result.candidates if one.product.sku == SKUS[-1])
        found = lookup.separate(result.candidates[0], far)
    assert (found.kind, found.first, found.second, found.places) == (Kind.NONE, None, None, ())
