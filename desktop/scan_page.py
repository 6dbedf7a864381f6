"""The scan screen: the view and its buttons on the left, the answer (or a panel over it) on the right."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop.catalog_panel import CatalogPanel
from desktop.detail import DetailPanel
from desktop.history import HistoryList
from desktop.results import AnswerCard
from desktop.search_panel import SearchPanel
from desktop.tasks import Lane
from desktop.theme import Theme
from desktop.tiles import button, dress, row
from desktop.viewfinder import Viewfinder


class ScanPage(QWidget):
    """Places the parts; the window connects them."""

    def __init__(self, reads: Lane) -> None:
        super().__init__()
        self.viewfinder, self.history, self.card = Viewfinder(), HistoryList(), AnswerCard()
        self.detail, self.search, self.catalog = DetailPanel(), SearchPanel(reads), CatalogPanel()
        self.freeze = button(self.tr("Look up"), "search", "primary", self.tr("Freeze the view and look up (Space)"))
        self.resume = button(self.tr("Go on"), "live", "primary", self.tr("Go on with the live view (Esc)"))
        self.region = button(self.tr("Region"), "region", "", self.tr("Look at a part only (R)"))
        self.open = button(self.tr("Open"), "open", "", self.tr("Open a picture (Ctrl+O)"))
        self.paste = button(self.tr("Paste"), "paste", "", self.tr("Paste a picture (Ctrl+V)"))
        self.right = QStackedWidget()
        # What is shown on the right must not push the view about.
        self.right.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        for panel in (self.card, self.detail, self.search, self.catalog):
            self.right.addWidget(panel)
        press = row(self.freeze, self.resume, self.region, self.open, self.paste, spacing=8)
        for place, stretch in enumerate((3, 3, 2, 2, 2)):
            press.setStretch(place, stretch)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self.viewfinder, 5)
        left.addLayout(press)
        left.addWidget(self.history, 2)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(left, 41)
        layout.addWidget(self.right, 59)
        self.show_frozen(False)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes and colours."""
        for part in (self.viewfinder, self.history, self.card, self.detail, self.search, self.catalog):
            part.restyle(theme)
        dress(self, theme)

    def show_frozen(self, frozen: bool) -> None:
        """One large button: look up, or go on."""
        self.freeze.setVisible(not frozen)
        self.resume.setVisible(frozen)
        self.viewfinder.show_frozen(frozen)

    def show_panel(self, panel: QFrame) -> None:
        """Show the card or a panel over it."""
        self.right.setCurrentWidget(panel)

    @property
    def panel(self) -> QWidget:
        """What is on the right."""
        shown = self.right.currentWidget()
        assert shown is not None
        return shown


