"""Enter, N and Ctrl+Z on an answer: what the card, the history and the hints say about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop import wording
from desktop.confirming import Confirming, Said
from desktop.open_catalog import Answer, OpenCatalog
from desktop.scan_page import ScanPage
from desktop.scanning import Scanner
from desktop.tasks import Lane
from engine.records import Candidate


class ConfirmDesk(QObject):
    """Connects the answer card with what is kept; the window connects its signals."""

    #: str: something to say for a moment.
    hint = Signal(str)
    #: EngineError.
    failed = Signal(object)

    def __init__(self, lane: Lane, catalog: Callable[[], OpenCatalog | None], scan: ScanPage, scanner: Scanner) -> None:
        super().__init__()
        self._scan, self._scanner = scan, scanner
        self.confirming = Confirming(lane, catalog)
        self.confirming.stored.connect(self._stored)
        self.confirming.undone.connect(self._undone)
        self.confirming.lost.connect(self._lost)
        self.confirming.failed.connect(self.failed)
        scan.card.confirmed.connect(self._confirm)
        scan.card.refused.connect(self._refuse)
        scan.card.undoWanted.connect(self.undo)

    def undo(self) -> None:
        """Take the last confirmation or refusal back."""
        if not self.confirming.undo():
            self.hint.emit(self.tr("There is nothing to take back."))

    def _confirm(self, answer: Answer, candidate: Candidate) -> None:
        self.confirming.say(answer, candidate, refused=False)
        self._scan.history.add(answer, candidate, confirmed=True)
        self._scan.card.show_confirmed(answer, candidate)
        self.hint.emit(self.tr("Confirmed: {name}").format(name=wording.name_of(candidate.product)))

    def _refuse(self, answer: Answer, candidate: Candidate) -> None:
        self.confirming.say(answer, candidate, refused=True)

    def _stored(self, said: Said) -> None:
        name = wording.name_of(said.candidate.product)
        if said.refused:
            self._scan.history.correct(said.answer, refused=True)
            self.hint.emit(self.tr("Not this one: {name}. Ctrl+Z takes it back.").format(name=name))
            self._look_again(said)
        elif said.held_back:
            text = self.tr("Confirmed: {name}. It looks unlike its photos: alone it will not give a match.")
            self.hint.emit(text.format(name=name))

    def _undone(self, said: Said) -> None:
        self.hint.emit(self.tr("Taken back: {name}").format(name=wording.name_of(said.candidate.product)))
        if said.refused:
            self._look_again(said)
        else:
            self._unconfirm(said)

    def _lost(self, said: Said, error: Exception) -> None:
        if not said.refused:
            self._unconfirm(said)
        self.failed.emit(error)

    def _unconfirm(self, said: Said) -> None:
        self._scan.history.correct(said.answer, refused=False)
        if self._scan.card.answer is said.answer:
            self._scan.card.show_answer(said.answer)

    def _look_again(self, said: Said) -> None:
        """Answer the same still anew; the live view does so by itself."""
        shown = self._scan.card.answer
        if self._scanner.frozen and shown is not None and shown.picture is said.answer.picture:
            self._scanner.freeze()
