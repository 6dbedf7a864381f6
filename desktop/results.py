"""The answer card: which page an answer gets, which candidate is chosen, and what Enter confirms."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QFrame, QStackedLayout, QVBoxLayout, QWidget

from desktop import wording
from desktop.ambiguous_page import AmbiguousPage
from desktop.comparing import Marks
from desktop.open_catalog import Answer
from desktop.product_page import ProductPage
from desktop.theme import Theme
from desktop.unknown_page import IdlePage, UnknownPage
from engine.differences import contenders
from engine.records import Candidate, Verdict


class AnswerCard(QFrame):
    """Shows one answer, and knows which candidate a person chose."""

    #: Answer, Candidate.
    confirmed = Signal(object, object)
    #: Answer, Candidate: it is not this one.
    refused = Signal(object, object)
    undoWanted = Signal()  # noqa: N815
    #: Candidate.
    detailWanted = Signal(object)  # noqa: N815
    #: Answer: look-alikes are on show, and nothing is marked on them yet.
    lookAlikesShown = Signal(object)  # noqa: N815
    #: str: a sentence about what is missing for Enter to do something.
    hint = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setObjectName("answer-card")
        self.location = ""
        self.answer: Answer | None = None
        self._chosen = -1
        #: Whether the candidate on show is confirmed; then Enter and N have nothing to do.
        self.is_confirmed = False
        self.idle, self.product = IdlePage(), ProductPage()
        self.ambiguous, self.unknown = AmbiguousPage(), UnknownPage()
        self._stack = QStackedLayout()
        for page in (self.idle, self.product, self.ambiguous, self.unknown):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 20, 20, 20)
        layout.addLayout(self._stack)
        for chooser in (self.product, self.ambiguous, self.unknown):
            chooser.chosen.connect(self.choose)
        self.product.confirmWanted.connect(self.confirm)
        self.product.refuseWanted.connect(self.refuse)
        self.product.undoWanted.connect(self.undoWanted)
        self.ambiguous.confirmWanted.connect(self.confirm)
        self.product.detailWanted.connect(self.detailWanted)
        self.clear()

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        margin = theme.px(20)
        layout = self.layout()
        if layout is not None:
            layout.setContentsMargins(margin, margin, margin, margin)
        for page in (self.idle, self.product, self.ambiguous, self.unknown):
            page.restyle(theme)

    @property
    def candidate(self) -> Candidate | None:
        """What Enter would confirm."""
        if self.answer is None or self._chosen < 0:
            return None
        return self.answer.result.candidates[self._chosen]

    def clear(self) -> None:
        """Nothing looked up yet."""
        self.answer, self._chosen, self.is_confirmed = None, -1, False
        self._show(self.idle, self.tr("Show an item"))

    def show_answer(self, answer: Answer) -> None:
        """Show an answer; a match is chosen already, one of several look-alikes is not."""
        self.answer, self.is_confirmed = answer, False
        verdict = answer.result.verdict
        word = wording.verdict_word(verdict)
        if verdict is Verdict.MATCH:
            self._chosen = 0
            self.product.show_candidate(answer, 0, self.location, own_choice=False)
            name = wording.name_of(answer.result.candidates[0].product)
            price = wording.price(answer.result.candidates[0].product)
            self._show(self.product, f"{word}: {name}, {price}")
        elif verdict is Verdict.AMBIGUOUS:
            self._chosen = -1
            self.ambiguous.show_answer(answer, self.location)
            names = [wording.name_of(candidate.product) for candidate in contenders(answer.result.candidates)]
            self._show(self.ambiguous, f"{word}: {', '.join(names)}")
            self.lookAlikesShown.emit(answer)
        else:
            self._chosen = -1
            self.unknown.show_answer(answer, self.location)
            self._show(self.unknown, f"{word}: {self.tr('Not in this catalog')}")

    def show_marks(self, answer: Answer, marks: Marks) -> None:
        """Mark what separates the look-alikes, if the card still shows this answer."""
        if self.answer is answer:
            self.ambiguous.show_marks(marks)

    def refresh(self, answer: Answer) -> None:
        """New figures of the same subject; a choice that a person made stays as it is."""
        if (
            self.answer is None
            or self._chosen > 0
            or self.is_confirmed
            or answer.result.verdict is not self.answer.result.verdict
        ):
            return
        if answer.result.verdict is Verdict.MATCH:
            self.answer = answer
            self.product.refresh(answer, 0)

    def choose(self, index: int) -> None:
        """Choose candidate `index` (0 is the best): a look-alike is marked, any other gets the product page."""
        if self.answer is None or not 0 <= index < len(self.answer.result.candidates):
            return
        self._chosen, self.is_confirmed = index, False
        among = len(contenders(self.answer.result.candidates))
        if self.answer.result.verdict is Verdict.AMBIGUOUS and index < among and self.page is self.ambiguous:
            self.ambiguous.choose(index)
            return
        matched = self.answer.result.verdict is Verdict.MATCH and index == 0
        self.product.show_candidate(self.answer, index, self.location, own_choice=not matched)
        self._show(self.product, wording.name_of(self.answer.result.candidates[index].product))

    def confirm(self) -> None:
        """Say that the chosen candidate is what the person holds."""
        candidate = self.candidate
        if self.is_confirmed:
            self.hint.emit(self.tr("It is confirmed already; Ctrl+Z takes it back."))
        elif self.answer is not None and candidate is not None:
            self.confirmed.emit(self.answer, candidate)
        elif self.answer is not None:
            self.hint.emit(self.tr("Choose a product first, with its number."))

    def refuse(self) -> None:
        """Say that the chosen candidate is not what the person holds."""
        candidate = self.candidate
        if self.is_confirmed:
            self.hint.emit(self.tr("It is confirmed already; Ctrl+Z takes it back."))
        elif self.answer is not None and candidate is not None:
            self.refused.emit(self.answer, candidate)
        elif self.answer is not None:
            self.hint.emit(self.tr("Choose a product first, with its number."))

    def show_confirmed(self, answer: Answer, candidate: Candidate) -> None:
        """The card says that a candidate is confirmed, if it still shows this answer."""
        if self.answer is not answer or candidate not in answer.result.candidates:
            return
        index = answer.result.candidates.index(candidate)
        if self.page is not self.product or self._chosen != index:
            self.product.show_candidate(answer, index, self.location, own_choice=True)
        self._chosen, self.is_confirmed = index, True
        self.product.show_confirmed()
        self._show(self.product, f"{self.tr('CONFIRMED')}: {wording.name_of(candidate.product)}")

    def want_details(self) -> None:
        """Ask for the details of what is chosen, or of the best candidate."""
        if self.answer is not None and self.answer.result.candidates:
            self.detailWanted.emit(self.candidate or self.answer.result.candidates[0])

    @property
    def page(self) -> QWidget | None:
        """The page on show."""
        return self._stack.currentWidget()

    def _show(self, page: QWidget, spoken: str) -> None:
        self._stack.setCurrentWidget(page)
        self.setAccessibleName(spoken)
        # A screen reader reads the answer without the focus leaving the view.
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
