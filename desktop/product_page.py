"""The card for one product: what it is in the largest letters, then price, aisle and stock, then the runners-up."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from desktop import messages, wording
from desktop.candidate_rows import CandidateGrid
from desktop.fit_label import FitLabel
from desktop.open_catalog import Answer
from desktop.theme import Theme
from desktop.tiles import (
    Badge,
    ElidedLabel,
    FactTile,
    IconLabel,
    PictureTile,
    ProbabilityBar,
    button,
    column,
    dress,
    frame,
    label,
    row,
)
from engine.records import Candidate, Verdict

#: A page at least this high has room for two rows of other candidates.
ROOMY_PX: Final = 575


class ProductPage(QWidget):
    """Shows one candidate of an answer: the match, or the one that the user chose."""

    chosen = Signal(int)
    confirmWanted = Signal()  # noqa: N815
    refuseWanted = Signal()  # noqa: N815
    undoWanted = Signal()  # noqa: N815
    detailWanted = Signal(object)  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self._candidate: Candidate | None = None
        self._badges = {verdict: Badge(verdict) for verdict in Verdict}
        self._own_choice = frame("tile")
        self._own_choice.setLayout(
            row(IconLabel("match", 24), label(self.tr("YOUR CHOICE"), "title"), margins=(14, 6, 18, 6))
        )
        self._confirmed = frame("tile")
        self._confirmed.setLayout(
            row(IconLabel("match", 24, "match"), label(self.tr("CONFIRMED"), "title"), margins=(14, 6, 18, 6))
        )
        self._share = label("", "headline", name=self.tr("Probability"))
        self._sure = label(self.tr("sure"), "quiet-large")
        self._bar = ProbabilityBar()
        self._notes = NoteList()
        self._photo = PictureTile(self.tr("Catalog photo"))
        self._query = PictureTile(self.tr("What was looked at"), white=False)
        self._name = FitLabel(("display", "headline", "title"), lines=2)
        self._line = ElidedLabel("", "quiet-large")
        self._price, self._aisle = FactTile(self.tr("Price"), "display"), FactTile(self.tr("Aisle"))
        self._stock, self._elsewhere = FactTile(self.tr("In stock here")), Elsewhere()
        self._others = CandidateGrid()
        self._others_caption = label(self.tr("Or is it one of these?"), "small")
        self.confirm = button(self.tr("Confirm"), "match", "primary", self.tr("Confirm this product (Enter)"))
        self.refuse = button(self.tr("Not this one"), "refuse", "", self.tr("Say that it is not this product (N)"))
        self.undo = button(self.tr("Undo"), "undo", "primary", self.tr("Take the confirmation back (Ctrl+Z)"))
        self.details = button(self.tr("Details"), "details", "", self.tr("All fields and photos (Ctrl+I)"))
        self.confirm.clicked.connect(self.confirmWanted)
        self.refuse.clicked.connect(self.refuseWanted)
        self.undo.clicked.connect(self.undoWanted)
        self.details.clicked.connect(lambda: self.detailWanted.emit(self._candidate))
        self._others.chosen.connect(self.chosen)
        self._roomy_px = ROOMY_PX
        self._arrange()

    def _arrange(self) -> None:
        badges = row(*self._badges.values(), self._own_choice, self._confirmed, 1)
        share = row(self._share, self._sure, 1, spacing=8)
        say = column(badges, share, self._bar, self._notes, 1, spacing=10)
        photo = column(self._photo, label(self.tr("In the catalog"), "small"), spacing=4)
        query = column(self._query, label(self.tr("Your item"), "small"), spacing=4)
        photo.setStretch(0, 1)
        query.setStretch(0, 1)
        top = row(photo, query, say, spacing=16)
        for place, stretch in enumerate((5, 5, 8)):
            top.setStretch(place, stretch)
        facts = row(self._price, self._aisle, self._stock, self._elsewhere, spacing=10)
        for place, stretch in enumerate((8, 5, 6, 12)):
            facts.setStretch(place, stretch)
        press = row(self.confirm, self.undo, self.refuse, self.details, spacing=10)
        for place, stretch in enumerate((5, 5, 3, 2)):
            press.setStretch(place, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addLayout(top, 1)
        layout.addLayout(column(self._name, self._line, spacing=2))
        layout.addLayout(facts)
        layout.addLayout(column(self._others_caption, self._others, spacing=6))
        layout.addLayout(press)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes and draw the icons."""
        for part in (self._price, self._aisle, self._stock, self._elsewhere, self._name, self._others):
            part.restyle(theme)
        for tile in (self._photo, self._query):
            tile.setMinimumHeight(theme.px(120))
        self._roomy_px = theme.px(ROOMY_PX)
        dress(self, theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where a message over the page takes room the last candidates give way, before anything is cut."""
        super().resizeEvent(event)
        self._others.limit(4 if self.height() >= self._roomy_px else 2)

    def show_candidate(self, answer: Answer, index: int, location: str, *, own_choice: bool) -> None:
        """Show candidate `index` of an answer; `own_choice` says that a person chose it, not the lookup."""
        candidate = answer.result.candidates[index]
        self._candidate = candidate
        for verdict, badge in self._badges.items():
            badge.setVisible(not own_choice and verdict is answer.result.verdict)
        self._own_choice.setVisible(own_choice)
        self._show_confirmed(False)
        self.refresh(answer, index)
        self._photo.show_image(answer.photos.get(candidate.reference_id))
        self._query.show_image(answer.query)
        product = candidate.product
        self._name.setText(wording.name_of(product))
        parts = (product.brand, product.sku, *product.attributes.values())
        self._line.setText("  ·  ".join(part for part in parts if part))
        self._price.show_fact(wording.price(product))
        self._aisle.show_fact(product.aisle)
        self._show_stock(candidate, location)
        others = [(place, other) for place, other in enumerate(answer.result.candidates) if place != index]
        self._others.show_candidates(others[:4], answer.photos, location)
        self._others_caption.setVisible(bool(others))

    def show_confirmed(self) -> None:
        """The candidate on show is confirmed: say so, and offer to take it back."""
        for badge in (*self._badges.values(), self._own_choice):
            badge.hide()
        self._show_confirmed(True)

    def _show_confirmed(self, confirmed: bool) -> None:
        self._confirmed.setVisible(confirmed)
        self.undo.setVisible(confirmed)
        self.confirm.setVisible(not confirmed)
        self.refuse.setVisible(not confirmed)

    def refresh(self, answer: Answer, index: int) -> None:
        """Only the figures of the same subject."""
        candidate = answer.result.candidates[index]
        self._share.setText(wording.percent(candidate.probability))
        self._bar.show_probability(candidate.probability)
        self._notes.show_notes(answer)

    def _show_stock(self, candidate: Candidate, location: str) -> None:
        view = wording.stock_view(candidate.stock, location)
        quantity = "" if view.quantity is None else wording.number(view.quantity)
        if view.here is not None:
            self._stock.show_fact(quantity, wording.age(view.here.updated_at), self.tr("In stock here"))
        else:
            remark = self.tr("all locations") if view.quantity is not None else ""
            self._stock.show_fact(quantity, remark, self.tr("In stock"))
        self._elsewhere.show_levels(view)


class Elsewhere(QFrame):
    """Stock in the other locations, each with its age."""

    def __init__(self, most: int = 3) -> None:
        super().__init__()
        self.setProperty("look", "tile")
        self._caption = ElidedLabel(self.tr("Elsewhere"), "small")
        self._lines = [(ElidedLabel("", "body"), label("", "strong"), label("", "small")) for _ in range(most)]
        layout = column(self._caption, spacing=3, margins=(14, 10, 14, 8))
        for where, quantity, age in self._lines:
            line = row(where, quantity, age, spacing=8)
            line.setStretch(0, 1)
            layout.addLayout(line)
        layout.addStretch(1)
        self.setLayout(layout)

    def restyle(self, theme: Theme) -> None:
        """Nothing of its own to scale."""

    def show_levels(self, view: wording.StockView) -> None:
        """Show the locations with the most first; how many more there are is said in the caption."""
        shown = view.others[: len(self._lines)]
        more = len(view.others) - len(shown)
        caption = self.tr("By location") if view.here is None else self.tr("Elsewhere")
        self._caption.setText(caption + (self.tr(" (and {count} more)").format(count=more) if more else ""))
        for place, (where, quantity, age) in enumerate(self._lines):
            level = shown[place] if place < len(shown) else None
            where.setText(level.location if level else ("–" if place == 0 and not shown else ""))
            quantity.setText(wording.number(level.quantity) if level else "")
            age.setText(wording.age(level.updated_at) if level else "")
        self.setAccessibleName(
            self._caption.text()
            + ": "
            + ", ".join(f"{lv.location} {wording.number(lv.quantity)} {wording.age(lv.updated_at)}" for lv in shown)
        )


class NoteList(QWidget):
    """What made this answer less good, each with what to do about it."""

    def __init__(self, most: int = 2) -> None:
        super().__init__()
        self._texts = [label("", "small", wrap=True) for _ in range(most)]
        self._frames = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for text in self._texts:
            note = frame("note")
            note.setLayout(row(IconLabel("warning", 20, "ambiguous"), text, spacing=8, margins=(10, 6, 10, 6)))
            self._frames.append(note)
            layout.addWidget(note)

    def show_notes(self, answer: Answer) -> None:
        """Show the first degradations that concern this picture or stock."""
        notes = [messages.degradation(found) for found in messages.on_the_card(answer.result.degraded)]
        for place, note in enumerate(self._frames):
            note.setVisible(place < len(notes))
            if place < len(notes):
                self._texts[place].setText(notes[place])
        self.setVisible(bool(notes))
