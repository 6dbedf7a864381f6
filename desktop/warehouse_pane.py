"""A pane that lays out what is in it without asking the window around it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Pane(QWidget):
    """Holds one widget and fills itself with it.

    A label that gets another text has Qt lay out everything from it up to the window, hidden pages too. Between
    layouts stands this pane, which has none: that ends here unless the room that the inside needs has changed.
    """

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self._inside = inside
        inside.setParent(self)
        self.setSizePolicy(inside.sizePolicy())
        self._needed = self._room()

    def sizeHint(self) -> QSize:
        """As the inside's."""
        return self._inside.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """The least room in which the inside can be laid out."""
        return self._room()

    def event(self, event: QEvent) -> bool:
        """Tell the layout outside only what concerns it."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Show):
            needed = self._room()
            if needed != self._needed:
                self._needed = needed
                self.updateGeometry()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The inside takes all of it."""
        super().resizeEvent(event)
        self._inside.setGeometry(self.rect())

    def _room(self) -> QSize:
        room = self._inside.minimumSizeHint().expandedTo(self._inside.minimumSize())
        if self.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Ignored:
            room.setWidth(0)
        return room
