"""A real window over a real catalog, for the tests of the screen; and ways to wait for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from desktop.app import make_application
from desktop.camera import Camera
from desktop.window import Lanes, Window
from engine.config import Settings

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
