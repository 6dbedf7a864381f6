"""What separates look-alikes, on the card: found on a lane, outlined on the photos, and said in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot
from twin_fixtures import SKUS, a_photo_of, build_twins

from desktop.comparing import Comparing, Marks, marks_of
from desktop.open_catalog import Answer, OpenCatalog, Source
from desktop.results import AnswerCard
from desktop.tasks import Lane
from desktop.theme import BLACK, WHITE, Rgb, Theme
from engine.config import Settings
from engine.encoder import Encoder
from engine.lookup import open_lookup
from engine.records import Verdict

LIGHT = Theme.mixed(Rgb(239, 239, 239), WHITE, BLACK, Rgb(48, 140, 198))
DARK = Theme.mixed(Rgb(30, 30, 30), Rgb(42, 42, 42), WHITE, Rgb(78, 163, 230))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    return build_twins(tmp_path_factory.mktemp("twins"), encoder)


@pytest.fixture
def catalog(folder: Path) -> Iterator[OpenCatalog]:
    opened = OpenCatalog(folder, open_lookup(folder, Settings(provider="cpu", threads=1)))
    yield opened
    opened.retire()


def doubtful(catalog: OpenCatalog, skus: tuple[str, ...]) -> Answer:
    """An answer that finds these products equally likely."""
    with catalog.using() as lookup:
        result = lookup.look_up_file(a_photo_of(SKUS[0]))
    by_sku = {candidate.product.sku: candidate for candidate in result.candidates}
    chosen = tuple(replace(by_sku[sku], probability=0.9 / len(skus)) for sku in skus)
    photos = {one.reference_id: catalog.photo(one.reference_id) for one in chosen}
    result = replace(result, verdict=Verdict.AMBIGUOUS, candidates=chosen)
    return Answer(1, Source.FILE, "a.jpg", result, np.zeros((8, 8, 3), np.uint8), QImage(), photos)


@pytest.fixture
def card(qtbot: QtBot) -> AnswerCard:
    made = AnswerCard()
    qtbot.addWidget(made)
    made.restyle(LIGHT)
    made.resize(740, 680)
    made.show()
    return made


def test_the_photos_of_twins_are_marked_where_they_differ(catalog: OpenCatalog) -> None:
    marks = marks_of(catalog, doubtful(catalog, SKUS[:2]))
    assert marks is not None and marks.kind in ("print", "colour")
    for twin in marks.twins:
        assert twin is not None and not twin.photo.isNull() and twin.regions


def test_nothing_is_marked_on_things_that_are_nothing_alike(catalog: OpenCatalog) -> None:
    assert marks_of(catalog, doubtful(catalog, (SKUS[0], SKUS[3]))) is None
    assert marks_of(catalog, doubtful(catalog, SKUS[:1])) is None


def test_the_card_says_and_shows_it_once_it_is_found(card: AnswerCard, catalog: OpenCatalog, qtbot: QtBot) -> None:
    lane = Lane("compare")
    comparing = Comparing(lane, lambda: catalog)
    card.lookAlikesShown.connect(comparing.compare)
    comparing.found.connect(card.show_marks)
    card.show_answer(doubtful(catalog, SKUS[:2]))
    assert card.ambiguous.look_at == ""
    try:
        qtbot.waitUntil(lambda: card.ambiguous.look_at != "", timeout=20_000)
    finally:
        lane.stop()
    assert card.ambiguous.look_at in ("Look here: the print differs", "Compare the colour")
    for twin in card.ambiguous.twins[:2]:
        assert twin.accessibleName().endswith(card.ambiguous.look_at)
    plain = card.ambiguous.grab().toImage()
    card.show_answer(doubtful(catalog, (SKUS[0], SKUS[3])))
    assert card.ambiguous.look_at == "", "marks of the answer before are gone"
    assert card.ambiguous.grab().toImage() != plain


def test_marks_of_an_older_answer_are_not_shown(card: AnswerCard, catalog: OpenCatalog) -> None:
    older, newer = doubtful(catalog, SKUS[:2]), doubtful(catalog, SKUS[:2])
    marks = marks_of(catalog, older)
    assert marks is not None
    card.show_answer(newer)
    card.show_marks(older, marks)
    assert card.ambiguous.look_at == ""
    card.show_marks(newer, marks)
    assert card.ambiguous.look_at != ""


def test_a_third_look_alike_is_marked_beside_the_same_photo_or_not_at_all(catalog: OpenCatalog) -> None:
    three = doubtful(catalog, (SKUS[0], SKUS[1], SKUS[3]))
    marks = marks_of(catalog, three)
    assert marks is not None and len(marks.twins) == 3
    best, second, stranger = marks.twins
    assert best is not None and second is not None and stranger is None
    with catalog.using() as lookup:
        found = lookup.separate(three.result.candidates[0], three.result.candidates[1])
    assert found.first is not None and found.second is not None
    assert (best.reference_id, second.reference_id) == (found.first.id, found.second.id)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_an_outline_is_painted_in_both_themes(card: AnswerCard, catalog: OpenCatalog, theme: Theme) -> None:
    card.restyle(theme)
    answer = doubtful(catalog, SKUS[:2])
    card.show_answer(answer)
    before = card.ambiguous.twins[0].grab().toImage()
    marks = marks_of(catalog, answer)
    assert isinstance(marks, Marks)
    card.show_marks(answer, marks)
    assert card.ambiguous.twins[0].grab().toImage() != before
