"""The sentence about a crash report: what happened, where the report is, what to do. It never blocks the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget


class CrashNotice(QDialog):
    """Says that a report was written, now (`earlier` False) or by the last run (`earlier` True)."""

    def __init__(self, report: Path, parent: QWidget | None = None, *, earlier: bool = False) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Something went wrong"))
        self.setMinimumWidth(520)
        if earlier:
            said = self.tr("Skulens ended unexpectedly last time. It works again now, and nothing has to be done.")
        else:
            said = self.tr("Skulens met an error it did not expect. It goes on; start it again if something is odd.")
        headline = _text(said, "large")
        headline.setAccessibleName(said)
        asked = _text(self.tr("A report without pictures was saved. Send it to your store IT:"), "body")
        where = QLineEdit(str(report))
        where.setReadOnly(True)
        where.setMinimumHeight(44)
        where.setAccessibleName(self.tr("Path of the report"))
        where.setCursorPosition(0)
        asked.setBuddy(where)
        show = self._button(self.tr("Show in folder"))
        show.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(report.parent))))
        close = self._button(self.tr("Go on"))
        close.setProperty("look", "primary")
        close.setDefault(True)
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(show)
        buttons.addWidget(close)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(24, 24, 24, 24)
        rows.setSpacing(12)
        for widget in (headline, asked, where):
            rows.addWidget(widget)
        rows.addLayout(buttons)
        close.setFocus()

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setMinimumHeight(44)
        button.setAccessibleName(text)
        return button


def _text(words: str, role: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setProperty("role", role)
    return label
