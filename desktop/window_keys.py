"""Which key does what, everywhere in the window. `key_help.py` shows the same to the user."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication

if TYPE_CHECKING:
    from desktop.window import Window


def bind_keys(window: Window) -> list[QShortcut]:
    """Make the shortcuts of a window."""
    bound: list[tuple[str, Callable[[], object]]] = [
        ("Space", partial(_press_or_freeze, window)),
        ("Esc", partial(_back, window)),
        ("Return", partial(_press_or_confirm, window)),
        ("Enter", partial(_press_or_confirm, window)),
        ("N", partial(_refuse, window)),
        ("Ctrl+Z", window.answers.undo),
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
        *((str(number), partial(_choose, window, number - 1)) for number in range(1, 10)),
    ]
    made = []
    for key, action in bound:
        shortcut = QShortcut(QKeySequence(key), window)
        shortcut.activated.connect(action)
        made.append(shortcut)
    return made


def _press_or_freeze(window: Window) -> None:
    """Space: press the button that has the focus, else freeze and look up."""
    focused = QApplication.focusWidget()
    if isinstance(focused, QAbstractButton):
        focused.click()
    else:
        window.show_scan()
        window.freeze()


def _press_or_confirm(window: Window) -> None:
    """Enter: press the button that has the focus, else open the first product found, else confirm."""
    scan, focused = window.scan, QApplication.focusWidget()
    if isinstance(focused, QAbstractButton):
        focused.click()
    elif scan.history.open_focused():
        return
    elif scan.panel is scan.search:
        first = scan.search.first()
        if first is not None:
            first.click()
    elif scan.panel is scan.card:
        scan.card.confirm()


def _refuse(window: Window) -> None:
    """N: it is not what the card says."""
    scan = window.scan
    if window.pages.currentWidget() is scan and scan.panel is scan.card:
        scan.card.refuse()


def _choose(window: Window, index: int) -> None:
    """1 to 9: choose a candidate of the answer."""
    scan = window.scan
    if window.pages.currentWidget() is scan and scan.panel is scan.card:
        if scan.card.answer is not None:
            window.scanner.hold(scan.card.answer)
        scan.card.choose(index)


def _back(window: Window) -> None:
    """Esc: close what is on top, else go on with the live view."""
    if not window.close_top():
        window.resume()
