"""The answer card and the pure decisions behind it: what differs, how prices and ages read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop import icons, wording
from desktop.history import Scan, remember, scan_of
from desktop.open_catalog import Answer, Source
from desktop.results import AnswerCard
from desktop.theme import BLACK, WHITE, Rgb, Theme, contrast, legible, window_scale
from engine.differences import Difference, contenders, differences
from engine.records import WHOLE, Candidate, Degraded, LookupResult, Product, StockLevel, Verdict

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english() -> None:
    QLocale.setDefault(QLocale(QLocale.Language.English, QLocale.Country.UnitedStates))


def product(sku: str, name: str = "", **attributes: str) -> Product:
    return Product(sku, name or sku, "Nordhof", "drinks", 249, "EUR", aisle="4", attributes=attributes)


def result(verdict: Verdict, products: Sequence[Product], shares: Sequence[float], *degraded: Degraded) -> LookupResult:
    stock = (StockLevel("Shop", 3, NOW), StockLevel("Hill Street", 40, None))
    found = tuple(
        Candidate(one, share, 0.9 - 0.05 * place, place + 1, stock)
        for place, (one, share) in enumerate(zip(products, shares, strict=True))
    )
    return LookupResult(verdict, 0.9, found, WHOLE, {"total": 12.0}, degraded)


def answer(found: LookupResult, ticket: int = 1, source: Source = Source.FILE) -> Answer:
    picture = np.full((64, 64, 3), 127, np.uint8)
    image = QImage(64, 64, QImage.Format.Format_RGB888)
    image.fill(Qt.GlobalColor.red)
    return Answer(ticket, source, "a.jpg", found, picture, image, {1: image, 2: image}, NOW)


TWINS = [product("A", "Oat Drink 1 l", size="1 l"), product("B", "Oat Drink 500 ml", size="500 ml")]
FIVE = [*TWINS, product("C"), product("D"), product("E")]


# -- what differs ----------------------------------------------------------------------------------------------------


def test_attributes_tell_twins_apart_and_the_name_is_not_repeated() -> None:
    assert differences(TWINS, wording.price) == (Difference("attr:size", ("1 l", "500 ml")),)


def test_without_attributes_the_words_that_only_one_name_has_are_told() -> None:
    found = differences([product("A", "Oat Drink Vanilla 1 l"), product("B", "Oat Drink Cocoa 1 l")], wording.price)
    assert found == (Difference("name", ("Vanilla", "Cocoa")),)


def test_chinese_names_are_compared_by_characters() -> None:
    found = differences([product("A", "燕麦奶香草味"), product("B", "燕麦奶可可味")], wording.price)
    assert found == (Difference("name", ("香草", "可可")),)


def test_price_and_aisle_differ_too_and_the_sku_is_the_last_resort() -> None:
    one, two = Product("A", "Tea", price_minor=100, currency="EUR", aisle="1"), Product("B", "Tea", aisle="2")
    assert [found.field for found in differences([one, two], wording.price)] == ["price", "aisle"]
    same = [Product("A", "Tea"), Product("B", "Tea")]
    assert differences(same, wording.price) == (Difference("sku", ("A", "B")),)
    assert differences(same[:1], wording.price) == ()


def test_a_missing_attribute_is_a_difference_and_common_attributes_come_first() -> None:
    found = differences([product("A", "x", vegan="yes", size="1"), product("B", "x", size="2")], wording.price)
    assert [one.field for one in found] == ["attr:size", "attr:vegan"]
    assert found[1].values == ("yes", "")


words = st.text("abc ", min_size=1, max_size=12)


@given(st.lists(st.tuples(words, words), min_size=2, max_size=3))
def test_every_difference_differs_and_has_a_value_for_each(made: list[tuple[str, str]]) -> None:
    products = [product(str(place), name, flavour=flavour) for place, (name, flavour) in enumerate(made)]
    found = differences(products, wording.price)
    assert found
    for one in found:
        assert len(one.values) == len(products) and len(set(one.values)) > 1


def test_contenders_are_two_or_three() -> None:
    assert len(contenders(result(Verdict.AMBIGUOUS, FIVE, (0.5, 0.3, 0.1, 0.05, 0.01)).candidates)) == 3
    assert len(contenders(result(Verdict.AMBIGUOUS, FIVE, (0.5, 0.4, 0.02, 0.01, 0.01)).candidates)) == 2
    assert len(contenders(result(Verdict.AMBIGUOUS, FIVE[:2], (0.5, 0.4)).candidates)) == 2


# -- the card --------------------------------------------------------------------------------------------------------


@pytest.fixture
def card(qtbot: QtBot) -> AnswerCard:
    made = AnswerCard()
    made.location = "shop"
    qtbot.addWidget(made)
    made.restyle(Theme.mixed(Rgb(239, 239, 239), WHITE, BLACK, Rgb(48, 140, 198)))
    made.resize(740, 680)
    made.show()
    return made


def visible(card: AnswerCard) -> list[str]:
    return [label.text() for label in card.findChildren(QLabel) if label.isVisible() and label.text()]


def test_a_match_shows_all_that_the_store_needs(card: AnswerCard) -> None:
    found = result(Verdict.MATCH, FIVE, (0.94, 0.02, 0.01, 0.01, 0.005), Degraded.BLURRED)
    card.show_answer(answer(found))
    texts = visible(card)
    for wanted in ("MATCH", "94\u00a0%", "Oat Drink 1 l", "€2.49", "4", "3", "Hill Street", "40", "no date"):
        assert wanted in texts, wanted
    assert any("blurred" in text for text in texts)
    assert "A" in next(text for text in texts if "Nordhof" in text)
    assert card.candidate is found.candidates[0]
    assert [row.isVisible() for row in card.product._others.rows] == [True] * 4
    assert card.accessibleName() == "MATCH: Oat Drink 1 l, €2.49"
    assert not card.product._photo.image.isNull() and not card.product._query.image.isNull()


def test_the_name_is_the_largest_text_on_the_card(card: AnswerCard) -> None:
    card.show_answer(answer(result(Verdict.MATCH, FIVE, (0.94, 0.02, 0.01, 0.01, 0.005))))
    name = card.product._name
    assert name.height() > 0.9 * max(label.fontMetrics().height() for label in card.findChildren(QLabel))
    long = product("L", "Extraordinarily long product name " * 6)
    card.show_answer(answer(result(Verdict.MATCH, [long, *FIVE[1:]], (0.94, 0.02, 0.01, 0.01, 0.005))))
    assert len(name._choose(name.width())[1]) == 2 and name._choose(name.width())[1][-1].endswith("…")


def test_a_look_alike_is_not_chosen_by_itself(card: AnswerCard) -> None:
    confirmed: list[Candidate] = []
    hints: list[str] = []
    card.confirmed.connect(lambda _, candidate: confirmed.append(candidate))
    card.hint.connect(hints.append)
    found = result(Verdict.AMBIGUOUS, FIVE, (0.5, 0.4, 0.02, 0.01, 0.01))
    card.show_answer(answer(found))
    assert card.page is card.ambiguous and card.candidate is None
    assert [twin.isVisible() for twin in card.ambiguous.twins] == [True, True, False]
    texts = visible(card)
    assert {"AMBIGUOUS", "1 l", "500 ml", "Size"} <= set(texts)
    card.confirm()
    assert not confirmed and hints and not card.ambiguous.confirm.isEnabled()
    card.choose(1)
    assert card.page is card.ambiguous and card.ambiguous.twins[1].isChecked() and card.ambiguous.confirm.isEnabled()
    card.ambiguous.confirm.click()
    assert confirmed == [found.candidates[1]]


def test_a_choice_beyond_the_look_alikes_is_marked_as_the_users(card: AnswerCard) -> None:
    card.show_answer(answer(result(Verdict.AMBIGUOUS, FIVE, (0.5, 0.4, 0.02, 0.01, 0.01))))
    card.choose(3)
    texts = visible(card)
    assert card.page is card.product and "YOUR CHOICE" in texts and "AMBIGUOUS" not in texts
    card.choose(99)
    assert card.candidate is not None and card.candidate.product.sku == "D"


def test_refreshing_never_takes_a_choice_back(card: AnswerCard) -> None:
    card.show_answer(answer(result(Verdict.MATCH, FIVE, (0.94, 0.02, 0.01, 0.01, 0.005))))
    card.refresh(answer(result(Verdict.MATCH, FIVE, (0.97, 0.02, 0.01, 0, 0)), 2))
    assert "97\u00a0%" in visible(card)
    card.choose(2)
    card.refresh(answer(result(Verdict.MATCH, FIVE, (0.99, 0.01, 0, 0, 0)), 3))
    assert card.candidate is not None and card.candidate.product.sku == "C" and "99\u00a0%" not in visible(card)


def test_unknown_offers_what_to_do_as_buttons(card: AnswerCard) -> None:
    card.show_answer(answer(replace(result(Verdict.UNKNOWN, FIVE, (0.05, 0.02, 0.01, 0.01, 0.005)), known=0.1)))
    texts = visible(card)
    assert {"UNKNOWN", "Not in this catalog", "Closer", "More light", "Draw the region", "Search by text"} <= set(texts)
    assert card.candidate is None
    card.show_answer(answer(result(Verdict.UNKNOWN, FIVE, (0.05, 0.02, 0.01, 0.01, 0.005)), 2, Source.LIVE))
    assert "Nothing recognised yet" in visible(card), "an empty view is no missing product"
    likely = replace(result(Verdict.UNKNOWN, FIVE, (0.3, 0.2, 0.1, 0.03, 0.01)), known=0.64)
    card.show_answer(answer(likely, 3))
    assert "Not recognised" in visible(card) and "Not in this catalog" not in visible(card)


def test_an_answer_from_an_empty_shelf_of_fields_is_shown(card: AnswerCard) -> None:
    bare = Candidate(Product("X", "X"), 0.95, 0.8, 0)
    card.show_answer(answer(LookupResult(Verdict.MATCH, 0.95, (bare,), WHOLE, {})))
    assert visible(card).count("–") >= 3
    card.clear()
    assert card.page is card.idle and card.candidate is None


# -- history ---------------------------------------------------------------------------------------------------------


def test_the_history_keeps_one_scan_for_one_item_and_no_picture() -> None:
    match = result(Verdict.MATCH, FIVE, (0.94, 0.02, 0.01, 0.01, 0.005))
    first = scan_of(answer(match, 1), None, confirmed=False, keep_picture=False)
    assert first.picture is None and first.sku == "A"
    again = scan_of(answer(match, 2), None, confirmed=False, keep_picture=False)
    scans = remember(remember((), first), again)
    assert len(scans) == 1
    done = scan_of(answer(match, 2), match.candidates[1], confirmed=True, keep_picture=True)
    scans = remember(scans, done)
    assert [(scan.sku, scan.confirmed) for scan in scans] == [("B", True)] and scans[0].picture is not None
    third = scan_of(answer(match, 3), None, confirmed=False, keep_picture=False)
    assert len(remember(scans, third)) == 2, "the next item of the same kind is another scan after a confirmation"


def test_an_unknown_item_is_noted_without_a_name_and_old_scans_are_forgotten() -> None:
    stranger = scan_of(answer(result(Verdict.UNKNOWN, FIVE, (0.1,) * 5)), None, confirmed=False, keep_picture=False)
    assert (stranger.sku, stranger.name) == ("", "")
    scans: tuple[Scan, ...] = ()
    for ticket in range(300):
        scans = remember(scans, Scan(NOW, Verdict.UNKNOWN, "", "", 0.1, False, ticket + 10))
    assert len(scans) == 200 and scans[0].ticket == 309


# -- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (249, "EUR", "€2.49"),
        (5, "EUR", "€0.05"),
        (123456789, "USD", "$1,234,567.89"),
        (500, "JPY", "¥500"),
        (1234, "KWD", "KWD\u00a01.234"),
        (-150, "EUR", "-€1.50"),
        (99, "", "0.99"),
        (None, "EUR", ""),
    ],
)
def test_a_price_reads_as_in_the_shop(minor: int | None, currency: str, expected: str) -> None:
    assert wording.price(Product("1", "x", price_minor=minor, currency=currency)) == expected


@pytest.mark.parametrize(("share", "expected"), [(1.0, "100"), (0.999, "99"), (0.001, "1"), (0.0, "0"), (0.504, "50")])
def test_a_probability_is_never_more_certain_than_it_is(share: float, expected: str) -> None:
    assert wording.percent(share) == f"{expected}\u00a0%"


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=7), "7 min ago"),
        (timedelta(hours=2, minutes=50), "2 h ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(seconds=-30), "just now"),
    ],
)
def test_ages(ago: timedelta, expected: str) -> None:
    assert wording.age(NOW - ago, NOW) == expected


def test_a_time_in_the_future_is_shown_as_a_date() -> None:
    assert "26" in wording.age(NOW + timedelta(days=9), NOW) and "ago" not in wording.age(NOW + timedelta(days=9), NOW)


def test_stock_of_this_store_comes_first() -> None:
    levels = (StockLevel("North", 5, NOW), StockLevel("Shop", 0, NOW), StockLevel("South", 9, None))
    view = wording.stock_view(levels, "shop")
    assert (view.quantity, [level.location for level in view.others]) == (0, ["South", "North"])
    assert wording.stock_view(levels, "").quantity == 14
    assert wording.stock_view(levels, "elsewhere").quantity is None, "the other stores' stock is not this store's"
    assert wording.stock_view((), "").quantity is None


# -- looks -----------------------------------------------------------------------------------------------------------

colours = st.builds(Rgb, *(st.integers(0, 255),) * 3)


@given(colours, colours)
def test_text_is_made_legible_on_any_ground(colour: Rgb, ground: Rgb) -> None:
    assert contrast(legible(colour, ground, 4.5), ground) >= 4.4


@given(st.sampled_from(["light", "dark"]), colours)
def test_every_theme_keeps_its_contrast_whatever_the_accent(kind: str, accent: Rgb) -> None:
    if kind == "light":
        theme = Theme.mixed(Rgb(240, 240, 240), WHITE, BLACK, accent)
    else:
        theme = Theme.mixed(Rgb(45, 45, 48), Rgb(30, 30, 32), Rgb(240, 240, 240), accent)
    for ground in (theme.surface, theme.raised):
        assert contrast(theme.text, ground) >= 7
        assert contrast(theme.muted, ground) >= 4.4
    assert contrast(theme.on_accent, theme.accent_fill) >= 4.4
    for verdict in (*Verdict, "danger"):
        assert contrast(theme.tone(verdict), theme.tint(verdict)) >= 4.4


def test_touch_targets_never_shrink_and_the_style_sheet_is_complete() -> None:
    theme = Theme.mixed(Rgb(240, 240, 240), WHITE, BLACK, Rgb(48, 140, 198), window_scale(1280, 800))
    assert theme.touch() == 44 and theme.scale == 1.0
    assert "$" not in theme.style_sheet()
    assert window_scale(1024, 680) == 1.0 and window_scale(3840, 2160) == 1.6


def test_every_icon_draws_something() -> None:
    for name in icons.names():
        picture = icons.icon_image(name, "#000000", 48)
        drawn = sum(picture.pixelColor(x, y).alpha() > 0 for x in range(48) for y in range(48))
        assert drawn > 40, name
