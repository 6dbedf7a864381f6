"""F1: all keys on one sheet over the window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QGridLayout, QWidget
from shiboken6 import isValid

from desktop.theme import Theme
from desktop.tiles import button, column, dress, label, row


class KeyHelp(QWidget):
    """Covers its parent; Esc and F1 (keys of the window) and a click outside take it away."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._before: QWidget | None = None
        self._sheet = QFrame(self)
        self._sheet.setProperty("look", "overlay")
        close = button(self.tr("Close"), "close", "", self.tr("Close this sheet (Esc)"))
        close.clicked.connect(self.close_sheet)
        self._close = close
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(10)
        keys = self.keys()
        half = (len(keys) + 1) // 2
        for place, (key, meaning) in enumerate(keys):
            side = 0 if place < half else 2
            grid.addWidget(label(key, "key"), place % half, side, Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label(meaning, "body"), place % half, side + 1)
        title = row(label(self.tr("Keys"), "headline"), 1, close)
        self._sheet.setLayout(column(title, grid, spacing=20, margins=(32, 24, 32, 32)))
        self.setAccessibleName(self.tr("Keys"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def keys(self) -> list[tuple[str, str]]:
        """Every key and what it does."""
        space, up_down = self.tr("Space"), "↑ ↓"
        return [
            (space, self.tr("Freeze the view and look up")),
            ("Esc", self.tr("Back, or go on with the live view")),
            ("Enter", self.tr("Confirm the product")),
            ("N", self.tr("Not this one")),
            ("Ctrl+Z", self.tr("Take the last confirmation back")),
            ("1 – 9", self.tr("Choose a candidate")),
            ("Ctrl+I", self.tr("Details: all fields and photos")),
            ("R", self.tr("Draw the region; arrows move it, Shift resizes")),
            ("Delete", self.tr("Take the region away")),
            ("L", self.tr("Hint: more light")),
            ("T", self.tr("Try a sample")),
            ("Ctrl+O", self.tr("Open a picture")),
            ("Ctrl+V", self.tr("Paste a picture")),
            ("Ctrl+F", self.tr("Search the catalog by text")),
            (up_down, self.tr("Go through the products found")),
            ("Ctrl+W", self.tr("Warehouse")),
            ("Ctrl+K", self.tr("Choose a camera")),
            ("Ctrl+L", self.tr("Catalog: open, build, information")),
            ("Ctrl+,", self.tr("Settings")),
            ("F2", self.tr("Dismiss a message")),
            ("F1", self.tr("This sheet")),
            ("F11", self.tr("Full screen")),
            ("Ctrl+Q", self.tr("Quit")),
        ]

    def restyle(self, theme: Theme) -> None:
        """Draw the icons."""
        dress(self, theme)

    def open_sheet(self) -> None:
        """Cover the parent."""
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._place()
        self.show()
        self.raise_()
        self._before = QApplication.focusWidget()
        self._close.setFocus()

    def close_sheet(self) -> None:
        """Uncover the parent."""
        # Before it is hidden: Qt would give the keys to the search box, where letters are text.
        if self._before is not None and isValid(self._before):
            self._before.setFocus()
        self.hide()
        self.closed.emit()

    def _place(self) -> None:
        size = self._sheet.sizeHint().boundedTo(self.size())
        self._sheet.resize(size)
        self._sheet.move((self.width() - size.width()) // 2, (self.height() - size.height()) // 2)

    def toggle(self) -> None:
        """Cover the parent, or uncover it."""
        if self.isVisible():
            self.close_sheet()
        else:
            self.open_sheet()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet closes it."""
        if not self._sheet.geometry().contains(event.position().toPoint()):
            self.close_sheet()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Darken what is below."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 120))
        painter.end()
