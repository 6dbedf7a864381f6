"""Every engine error and every degradation has a sentence and an advice for the window."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale

from desktop import i18n, messages, refusals
from engine import errors
from engine.errors import EngineError
from engine.ingest.rejected import write_rejected
from engine.records import Degraded, Rejected

FIELDS = {
    name: name
    for name in (
        *("name", "folder", "reason", "width", "height", "limit_megapixels", "minimum", "encoder_id", "provider"),
        *("found", "supported", "needed", "sku", "where", "missing", "size_mb", "limit_mb", "refused"),
        *("command", "extra", "package", "number", "step", "photos"),
    )
}


def _all(base: type[EngineError] = EngineError) -> Iterator[type[EngineError]]:
    yield base
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from _all(kind)


@pytest.mark.parametrize("kind", list(_all()), ids=lambda kind: kind.__name__)
def test_an_error_keeps_its_sentence_and_values_in_english(kind: type[EngineError]) -> None:
    error = kind(**FIELDS)
    assert messages.message(error) == (error.message, error.advice)
    assert error.message and error.advice and "{" not in error.message


def test_an_error_with_a_sentence_of_its_own_is_still_said() -> None:
    class Odd(EngineError):
        sentence = "{thing} is odd."

        def __init__(self) -> None:
            super().__init__(thing="It")
            self.fields = {}

    assert messages.message(Odd()).sentence == "It is odd."


@pytest.mark.parametrize("found", list(Degraded))
def test_a_degradation_says_what_and_what_to_do(found: Degraded) -> None:
    assert messages.degradation(found).count(".") >= 2


def test_what_is_about_the_machine_goes_to_the_status_bar() -> None:
    everything = list(Degraded)
    card = messages.on_the_card(everything)
    assert set(card) | messages.IN_THE_STATUS_BAR == set(everything)
    assert not set(card) & messages.IN_THE_STATUS_BAR


def _codes_of_refusals() -> set[str]:
    """From the engine's own calls, the table in docs/source-format.md, and the errors of pictures."""
    found = {kind.code for kind in errors.ImageError.__subclasses__() if kind.__module__ == errors.__name__}
    for path in (Path(errors.__file__).parent / "ingest").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"Refusal": 0, "Rejected": 3}.get(node.func.id)
            given = ast.walk(node.args[place]) if place is not None and place < len(node.args) else ()
            texts = [part.value for part in given if isinstance(part, ast.Constant)]
            found |= {text for text in texts if isinstance(text, str) and text == text.lower() and "_" in text}
    page = (
        (Path(__file__).parent.parent / "docs" / "source-format.md").read_text("utf-8").partition("## rejected.csv")[2]
    )
    for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        found |= set(re.findall(r"`(\w+)`", row))
    return found


def test_every_code_of_a_refusal_has_its_meaning() -> None:
    codes = _codes_of_refusals()
    assert len(codes) > 45 and codes <= refusals.MEANING.keys(), codes - refusals.MEANING.keys()


def test_a_refusal_keeps_its_reason_and_says_in_chinese_what_it_means(qapp: QCoreApplication) -> None:
    refused = Rejected("products.csv", 3, "A", "sku_duplicate", "the SKU is already in line 2; that row is kept")
    unknown = Rejected("products.csv", 3, "A", "code_of_a_later_engine", "something else")
    before = QLocale()
    assert refusals.reason_of(refused) == refused.reason
    try:
        i18n.speak("zh_CN")
        assert re.fullmatch(r"[\u4e00-\u9fff].*SKU.*\(the SKU is already in line 2.*\)", refusals.reason_of(refused))
        assert refusals.reason_of(unknown) == "something else"
    finally:
        i18n.speak("en")
        QLocale.setDefault(before)


def test_the_list_that_a_build_left_is_read_back(tmp_path: Path) -> None:
    entries = (Rejected("产品.csv", 3, "A,b", "sku_duplicate", 'in "line" 2'), Rejected("a/1.jpg", None, "", "x", "y"))
    assert refusals.read_rejected(write_rejected(tmp_path, entries)) == entries
    assert refusals.read_rejected(tmp_path / "none.csv") == ()
    for damaged in (b"file,line\n1", b"\xff\xfe\x00", b"file,line,sku,code,reason\na,not a number,b,c,d\n"):
        (tmp_path / "bad.csv").write_bytes(damaged)
        assert refusals.read_rejected(tmp_path / "bad.csv") == ()
