"""Which key does what, everywhere in the window. `key_help.py` shows the same to the user."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut

if TYPE_CHECKING:
    from desktop.window import Window


def bind_keys(window: Window) -> list[QShortcut]:
    """Make the shortcuts of a window."""
    bound: list[tuple[str, Callable[[], object]]] = [
        ("Space", window.press_or_freeze),
        ("Esc", window.back),
        ("Return", window.press_or_confirm),
        ("Enter", window.press_or_confirm),
        ("Ctrl+I", window.scan.card.want_details),
        ("R", window.draw_region),
        ("L", partial(window.advise, "light")),
        ("T", window.intake.try_sample),
        ("Ctrl+O", window.intake.open_dialog),
        ("Ctrl+V", window.intake.paste),
        ("Ctrl+F", window.search),
        ("Ctrl+W", window.toggle_warehouse),
        ("Ctrl+K", window.bar.camera.showMenu),
        ("Ctrl+L", window.show_catalog),
        ("Ctrl+Shift+O", window.desk.choose),
        ("Ctrl+B", window.desk.build),
        ("Ctrl+D", window.switch.open_demo),
        ("Ctrl+,", window.open_settings),
        ("F1", window.help.toggle),
        ("F2", window.banner.dismiss),
        ("F11", window.toggle_full_screen),
        ("Ctrl+Q", window.close),
        *((str(number), partial(window.choose, number - 1)) for number in range(1, 10)),
    ]
    made = []
    for key, action in bound:
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.activated.connect(action)
        made.append(shortcut)
    return made
