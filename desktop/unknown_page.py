"""The cards without a product: nothing shown yet, and an item that is not in the catalog."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop import wording
from desktop.candidate_rows import CandidateGrid
from desktop.fit_label import FitLabel
from desktop.open_catalog import Answer, Source
from desktop.product_page import NoteList
from desktop.theme import Theme
from desktop.tiles import Badge, IconLabel, PictureTile, column, dress, label, row
from engine.records import Verdict


class AdviceButton(QPushButton):
    """One thing to do: an icon, what, why, and its key."""

    def __init__(self, icon_name: str, what: str, why: str, key: str) -> None:
        super().__init__()
        self.setProperty("look", "row")
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        words = column(label(what, "large"), label(why, "small", wrap=True), spacing=0)
        layout = row(IconLabel(icon_name, 28, "accent"), words, label(key, "key"), spacing=14, margins=(16, 8, 14, 8))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(f"{what} ({key})")
        self.setAccessibleDescription(why)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        self.setFixedHeight(theme.px(72))


class UnknownPage(QWidget):
    """Says that the item is not in this catalog, and what to do about it."""

    chosen = Signal(int)
    closerWanted = Signal()  # noqa: N815
    lightWanted = Signal()  # noqa: N815
    regionWanted = Signal()  # noqa: N815
    searchWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self._title = FitLabel(("display", "headline", "title"), lines=2)
        self._sentence = label("", "quiet-large", wrap=True)
        self._query = PictureTile(self.tr("What was looked at"), white=False)
        self._notes = NoteList()
        self.closer = AdviceButton("closer", self.tr("Closer"), self.tr("Let the item fill the view."), "Esc")
        self.light = AdviceButton("light", self.tr("More light"), self.tr("Turn it until no glare is left."), "L")
        self.region = AdviceButton("region", self.tr("Draw the region"), self.tr("Frame the item in the view."), "R")
        self.search = AdviceButton("search", self.tr("Search by text"), self.tr("A word from the label."), "Ctrl+F")
        self._nearest_caption = label(self.tr("Nearest in the catalog"), "small")
        self._nearest = CandidateGrid()
        self.closer.clicked.connect(self.closerWanted)
        self.light.clicked.connect(self.lightWanted)
        self.region.clicked.connect(self.regionWanted)
        self.search.clicked.connect(self.searchWanted)
        self._nearest.chosen.connect(self.chosen)
        say = column(row(Badge(Verdict.UNKNOWN), 1), self._title, self._sentence, self._notes, 1, spacing=8)
        top = row(self._query, say, spacing=18)
        top.setStretch(1, 1)
        advice = QGridLayout()
        advice.setSpacing(10)
        for place, made in enumerate((self.closer, self.light, self.region, self.search)):
            advice.addWidget(made, place // 2, place % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addLayout(top)
        layout.addWidget(label(self.tr("What you can do"), "small"))
        layout.addLayout(advice)
        layout.addStretch(1)
        layout.addLayout(column(self._nearest_caption, self._nearest, spacing=6))

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes and draw the icons."""
        for part in (self._title, self.closer, self.light, self.region, self.search, self._nearest):
            part.restyle(theme)
        self._query.setFixedSize(theme.px(210), theme.px(210))
        dress(self, theme)

    def show_answer(self, answer: Answer, location: str) -> None:
        """Show an answer without a match."""
        if answer.source is Source.LIVE:
            # Between two items the view is empty: no reason to say that something is missing in the catalog.
            self._title.setText(self.tr("Nothing recognised yet"))
            self._sentence.setText(self.tr("Hold an item up; Space looks at it with more care."))
        else:
            known = wording.percent(answer.result.known)
            if answer.result.known < 0.5:
                title = self.tr("Not in this catalog")
                said = self.tr("Nothing in it looks enough like this item (chance that it is there: {share}).")
            else:
                # "Not in this catalog" beside a chance of 60 % that it is would contradict itself.
                title = self.tr("Not recognised")
                said = self.tr("It may be in the catalog (chance: {share}), but nothing there looks enough like it.")
            self._title.setText(title)
            self._sentence.setText(said.format(share=known))
        self._query.show_image(answer.query)
        self._notes.show_notes(answer)
        nearest = list(enumerate(answer.result.candidates))[:4]
        self._nearest.show_candidates(nearest, answer.photos, location)
        self._nearest_caption.setVisible(bool(nearest))


class IdlePage(QWidget):
    """What to do first."""

    openWanted = Signal()  # noqa: N815
    sampleWanted = Signal()  # noqa: N815
    searchWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        title = FitLabel(("display", "headline"), lines=2)
        title.setText(self.tr("Show an item"))
        self._title = title
        self._text = label(
            self.tr("Hold it in front of the camera, or drop a photo anywhere on this window."),
            "quiet-large",
            wrap=True,
        )
        self.open = AdviceButton("open", self.tr("Open a picture"), self.tr("From this machine."), "Ctrl+O")
        self.sample = AdviceButton("item", self.tr("Try a sample"), self.tr("A photo that comes with Skulens."), "T")
        self.search = AdviceButton("search", self.tr("Search by text"), self.tr("Name, brand, SKU or GTIN."), "Ctrl+F")
        self.open.clicked.connect(self.openWanted)
        self.sample.clicked.connect(self.sampleWanted)
        self.search.clicked.connect(self.searchWanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(14)
        layout.addStretch(2)
        layout.addLayout(row(IconLabel("item", 72, "accent"), 1))
        layout.addWidget(title)
        layout.addWidget(self._text)
        layout.addSpacing(16)
        for made in (self.open, self.sample, self.search):
            layout.addWidget(made)
        layout.addStretch(3)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes and draw the icons."""
        for part in (self._title, self.open, self.sample, self.search):
            part.restyle(theme)
        dress(self, theme)
