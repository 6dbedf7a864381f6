"""English and Simplified Chinese are complete, up to date, and say the same values."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop import i18n, messages, wording
from desktop.i18n import update
from engine import errors
from engine.records import Degraded, Product, Verdict
from tests.window_fixtures import window_over


@pytest.fixture
def chinese(qapp: QCoreApplication) -> Iterator[None]:
    before = QLocale()
    assert i18n.speak("zh_CN") == "zh_CN"
    yield
    i18n.speak("en")
    QLocale.setDefault(before)


def test_every_text_is_collected_translated_and_compiled() -> None:
    assert update.check() == [], "run: python -m desktop.i18n.update, and translate what is unfinished"


def test_a_translation_has_the_placeholders_of_its_text() -> None:
    entries = update.entries(update.SOURCE)
    assert len(entries) > 300
    fields = string.Formatter().parse
    for (context, text), translation in entries.items():
        wanted = sorted(name for _, name, _, _ in fields(text) if name)
        assert sorted(name for _, name, _, _ in fields(translation) if name) == wanted, f"{context}: {text}"


def test_what_is_chinese_is_chinese() -> None:
    own_words = {"SKU", "GTIN", ", "}
    for (_, text), translation in update.entries(update.SOURCE).items():
        assert text in own_words or re.search(r"[\u4e00-\u9fff]", translation), text


def test_no_text_on_the_screen_escapes_the_translation() -> None:
    """A literal in a call that shows text must be inside `tr` or `translate`."""
    shown = re.compile(r"\b(?:label|button|FactTile|ElidedLabel|setText|setToolTip|setWindowTitle)\(\s*\"([^\"]+)\"")
    allowed = {"Skulens"}
    for path in sorted(Path(i18n.__file__).parent.parent.glob("*.py")):
        for text in shown.findall(path.read_text("utf-8")):
            assert text in allowed or not re.search(r"[A-Za-z]{2}", text), f"{path.name}: {text}"


def test_engine_errors_are_said_in_chinese_with_their_values(chinese: None) -> None:
    said = messages.message(errors.ImageTooSmall(name="一.png", width=1, height=2, minimum=8))
    assert said.sentence == "一.png 只有 1 x 2 像素；每个方向至少需要 8 像素。"
    assert said.advice == "请靠近后重新拍摄。"
    known = messages.message(errors.ImageUnreadable(name="a.jpg", reason="the file is damaged"))
    assert "文件已损坏" in known.sentence
    for found in Degraded:
        assert re.search(r"[\u4e00-\u9fff]", messages.degradation(found))
    assert wording.verdict_word(Verdict.MATCH) == "匹配"


def test_a_product_is_named_in_the_language_of_the_window(chinese: None) -> None:
    assert wording.name_of(Product("1", "Tea", names={"zh": "茶", "de": "Tee"})) == "茶"
    assert wording.name_of(Product("1", "Tea", names={"zh_CN": "绿茶", "zh": "茶"})) == "绿茶"
    assert wording.name_of(Product("1", "Tea", names={"de": "Tee"})) == "Tea"


@pytest.mark.parametrize(
    ("wish", "platform", "expected"),
    [
        ("", "en_US", "en"),
        ("", "zh_TW", "zh_CN"),
        ("", "de_DE", "en"),
        ("", "zh_CN", "zh_CN"),
        ("en", "zh_CN", "en"),
        ("zh_CN", "de_DE", "zh_CN"),
        ("fr", "zh_CN", "zh_CN"),
        ("", "C", "en"),
    ],
)
def test_the_language_is_the_wish_else_the_platforms(wish: str, platform: str, expected: str) -> None:
    assert i18n.chosen_language(wish, platform) == expected


def test_the_window_speaks_chinese(qtbot: QtBot, chinese: None) -> None:
    with window_over(None, qtbot) as window:
        texts = [label.text() for label in window.findChildren(QLabel)]
        assert "请出示商品" in texts
        names = re.compile(r"Skulens|(Ctrl|Shift|Esc|Enter|Delete|[+,]|[A-Z])*")
        words = [text for text in texts if re.search(r"[a-z]{3}", text) and not names.fullmatch(text)]
        assert [text for text in words if not re.search(r"[\u4e00-\u9fff]", text)] == []
