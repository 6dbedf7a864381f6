"""A real window over a real catalog, for the tests of the screen; and ways to wait for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLabel, QLineEdit

from desktop.app import make_application
from desktop.banner import Banner
from desktop.camera import Camera
from desktop.messages import Message
from desktop.open_catalog import Answer
from desktop.window import Lanes, Window
from engine.config import Settings
from engine.errors import EngineError

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@contextmanager
def window_over(folder: Path | None, qtbot: object, **settings: object) -> Iterator[Window]:
    """An open window; over `folder`'s catalog if one is given. Nothing in it is a stand-in."""
    make_application(["skulens"])
    wish = Settings(provider="cpu", threads=1).model_copy(update={"catalog": folder, **settings})
    window = Window(wish, Lanes.make(), Camera(), lambda wanted, _: wanted)
    window.resize(1280, 800)
    window.show()
    window.activateWindow()
    # Without an active window no widget has the focus; an earlier test's window may still be on its way out.
    wait(qtbot, window.isActiveWindow)
    try:
        if folder is not None:
            window.switch.open(folder)
            wait(qtbot, lambda: window.switch.current is not None)
        yield window
    finally:
        window.close()
        window.deleteLater()


def wait(qtbot: object, until: Callable[[], bool], within_ms: int = 30_000) -> None:
    """Let the window run until something is true."""
    qtbot.waitUntil(until, timeout=within_ms)  # type: ignore[attr-defined]


def answered(qtbot: object, window: Window, do: Callable[[], object]) -> Answer:
    """Do something that looks a picture up, and wait for its card."""
    before = window.scan.card.answer
    do()
    wait(qtbot, lambda: window.scan.card.answer is not None and window.scan.card.answer is not before)
    answer = window.scan.card.answer
    assert answer is not None
    return answer


def best_sku(answer: Answer) -> str:
    return answer.result.candidates[0].product.sku


def drop(window: Window, mime: QMimeData) -> None:
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(10, 10), actions, mime, buttons, keys))


def files(*paths: Path | str) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) if isinstance(path, Path) else QUrl(path) for path in paths])
    return mime


def shown(banner: Banner) -> Message:
    """What can be read on a banner: its visible texts, which must be a sentence and an advice."""
    texts = [told.text() for told in banner.findChildren(QLabel) if told.isVisible() and told.text()]
    assert len(texts) == 2, f"no sentence and advice: {texts}"
    return Message(*texts)


def in_english(error: EngineError) -> Message:
    """What has to be on show for an error, in the language of the tests."""
    return Message(error.message, error.advice)


def type_into_the_file_dialog(path: Path, pressed: Callable[[QFileDialog], object] = lambda _: None) -> None:
    """When the next file dialog is open, type a path and press its button, as a person would; then leave it.

    `pressed` is called in between. Call this first: the dialog has a loop of its own until it is left.
    """

    def look(tries_left: int = 1500) -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            if tries_left:
                QTimer.singleShot(20, lambda: look(tries_left - 1))
            return
        try:
            box, buttons = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
            assert isinstance(box, QLineEdit) and isinstance(buttons, QDialogButtonBox)
            box.setText(str(path))
            buttons.button(QDialogButtonBox.StandardButton.Open).click()
            pressed(dialog)
        finally:
            if dialog.isVisible():
                dialog.reject()

    QTimer.singleShot(0, look)
