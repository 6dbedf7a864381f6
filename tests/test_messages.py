"""Every engine error and every degradation has a sentence and an advice for the window."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from desktop import messages
from engine import errors
from engine.errors import EngineError
from engine.records import Degraded

FIELDS = {
    name: name
    for name in (
        *("name", "folder", "reason", "width", "height", "limit_megapixels", "minimum", "encoder_id", "provider"),
        *("found", "supported", "needed", "sku", "where", "missing", "size_mb", "limit_mb", "refused"),
        *("command", "extra", "package"),
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
