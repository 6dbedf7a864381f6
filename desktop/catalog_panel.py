"""What the open catalog is, and the ways to another one."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout

from desktop import wording
from desktop.fit_label import FitLabel
from desktop.open_catalog import CatalogFacts
from desktop.theme import Theme
from desktop.tiles import button, clear, column, dress, label, row
from desktop.unknown_page import AdviceButton


class CatalogPanel(QFrame):
    """Takes the place of the answer card; Esc goes back."""

    openWanted = Signal()  # noqa: N815
    buildWanted = Signal()  # noqa: N815
    demoWanted = Signal()  # noqa: N815
    closeWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setAccessibleName(self.tr("Catalog"))
        self.back = button(self.tr("Back"), "back", "", self.tr("Back to the answer (Esc)"))
        self._name = FitLabel(("display", "headline", "title"), lines=2)
        self._fields = QGridLayout()
        self._fields.setHorizontalSpacing(20)
        self._fields.setVerticalSpacing(10)
        self._fields.setColumnStretch(1, 1)
        self.open = AdviceButton(
            "open", self.tr("Open a catalog"), self.tr("The folder that holds the file CURRENT."), "Ctrl+Shift+O"
        )
        self.build = AdviceButton(
            "build", self.tr("Build from a folder"), self.tr("A products file and photos of yours."), "Ctrl+B"
        )
        self.demo = AdviceButton(
            "item", self.tr("Demo catalog"), self.tr("Invented products that come with Skulens."), "Ctrl+D"
        )
        self.back.clicked.connect(self.closeWanted)
        self.open.clicked.connect(self.openWanted)
        self.build.clicked.connect(self.buildWanted)
        self.demo.clicked.connect(self.demoWanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 20)
        layout.setSpacing(14)
        layout.addLayout(row(self.back, 1))
        layout.addWidget(self._name)
        layout.addLayout(self._fields)
        layout.addStretch(1)
        layout.addLayout(column(self.open, self.build, self.demo, spacing=10))
        self.show_facts(None)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        for part in (self._name, self.open, self.build, self.demo):
            part.restyle(theme)
        dress(self, theme)

    def show_facts(self, facts: CatalogFacts | None) -> None:
        """Show what is open."""
        clear(self._fields)
        if facts is None:
            self._name.setText(self.tr("No catalog is open"))
            return
        self._name.setText(facts.name or facts.folder.name)
        made = wording.moment(facts.created_at)
        lines = [
            (self.tr("Store"), facts.store),
            (self.tr("Version"), f"{facts.version}  ·  {made}  ·  {wording.age(facts.created_at)}"),
            (self.tr("Products"), wording.number(facts.products)),
            (self.tr("Photos"), wording.number(facts.references)),
            (self.tr("Encoder"), facts.encoder_id),
            (self.tr("Runs on"), f"{facts.provider}  ·  {facts.variant}"),
            (self.tr("Why not better"), "\n".join(facts.reasons)),
            (self.tr("Folder"), str(facts.folder)),
        ]
        for place, (caption, value) in enumerate((caption, value) for caption, value in lines if value):
            self._fields.addWidget(label(caption, "muted"), place, 0, Qt.AlignmentFlag.AlignTop)
            told = label(value, "body", wrap=True, name=f"{caption}: {value}")
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._fields.addWidget(told, place, 1)
