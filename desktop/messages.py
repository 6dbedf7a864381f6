"""Engine errors and degradations as sentences in the language of the window.

The engine speaks English templates; `i18n/update.py` collects them from the engine itself, under the contexts
`Engine`, `EngineReason` and `EngineRemark`, so that a new error cannot be forgotten in the translation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication

from engine.errors import EngineError
from engine.records import Degraded
from engine.remarks import REMARKS


class Message(NamedTuple):
    """What happened, and what to do about it."""

    sentence: str
    advice: str


#: Shown in the status bar, because they are about the machine and not about this picture.
IN_THE_STATUS_BAR: Final = frozenset({Degraded.GPU_NOT_USED, Degraded.CATALOG_OLD})


def degradation(found: Degraded) -> str:
    """What made an answer less good, and the remedy."""
    return QCoreApplication.translate("EngineRemark", REMARKS[found])


def on_the_card(degraded: Iterable[Degraded]) -> list[Degraded]:
    """Those that belong beside the answer."""
    return [found for found in degraded if found not in IN_THE_STATUS_BAR]


def message(error: EngineError) -> Message:
    """An engine error in the user's language; its fields keep what the engine put in, known reasons are translated."""
    fields = {
        name: QCoreApplication.translate("EngineReason", value) if isinstance(value, str) and value else value
        for name, value in error.fields.items()
    }

    def said(template: str, english: str) -> str:
        translated = QCoreApplication.translate("Engine", template)
        # An error may make its own sentence; then its template does not fit its fields and the English one stays.
        try:
            return translated.format(**fields)
        except (KeyError, IndexError, ValueError):
            return english

    return Message(said(type(error).sentence, error.message), said(type(error).remedy, error.advice))
