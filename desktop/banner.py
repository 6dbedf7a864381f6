"""Trouble, said without stopping anybody: a sentence and an advice above the view, with a button to take it away."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from desktop.messages import Message
from desktop.theme import Theme
from desktop.tiles import IconLabel, button, column, dress, frame, label, row


class Banner(QWidget):
    """One trouble at a time; a newer one takes its place."""

    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._said = Message("", "")
        self._kind = ""
        self._sentence = label("", "strong", wrap=True)
        self._advice = label("", "body", wrap=True)
        self.dismiss_button = button("", "close", "icon", self.tr("Dismiss this message (F2)"))
        self.dismiss_button.clicked.connect(self.dismiss)
        words = column(self._sentence, self._advice, spacing=2)
        line = row(IconLabel("warning", 28, "danger"), words, self.dismiss_button, spacing=14, margins=(16, 10, 8, 10))
        line.setStretch(1, 1)
        self.setLayout(column(frame("danger", line), margins=(16, 12, 16, 0)))
        self.hide()

    def restyle(self, theme: Theme) -> None:
        """Draw the icons."""
        dress(self, theme)

    @property
    def said(self) -> Message:
        """What is on show; two empty strings when nothing is."""
        return self._said

    def say(self, message: Message, kind: str = "") -> None:
        """Show a sentence and its advice; `kind` lets `settle` take it away when the trouble is over."""
        if message == self._said and not self.isHidden():
            return
        self._said, self._kind = message, kind
        self._sentence.setText(message.sentence)
        self._advice.setText(message.advice)
        self._advice.setVisible(bool(message.advice))
        self.setAccessibleName(" ".join(message))
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def settle(self, kind: str) -> None:
        """Take the message away if it is of this kind."""
        if self._kind == kind and kind:
            self.dismiss()

    def dismiss(self) -> None:
        """Take the message away."""
        self._said, self._kind = Message("", ""), ""
        self.hide()
        self.dismissed.emit()


