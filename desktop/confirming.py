"""What a person says about an answer goes to the catalog's overlay, on a lane, and can be taken back, newest first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop.open_catalog import Answer, OpenCatalog
from desktop.tasks import Lane
from engine.records import Candidate

if TYPE_CHECKING:
    from engine.overlay_rules import Standing

#: How many can be taken back with a key; older ones on the command line.
MOST: Final = 50


@dataclass(eq=False, slots=True)
class Said:
    """One thing that was said; `standing` is None until it is stored, which the lane does."""

    catalog: OpenCatalog
    answer: Answer
    candidate: Candidate
    refused: bool
    standing: Standing | None = None

    @property
    def held_back(self) -> bool:
        """Whether it is stored, and does not count alone."""
        return self.standing is not None and self.standing.status.value == "quarantined"


class Confirming(QObject):
    """Confirms, refuses and takes back. Signals arrive on the GUI thread, where all methods are called."""

    #: Said: it is stored, and lookups know it.
    stored = Signal(object)
    #: Said: it was taken back.
    undone = Signal(object)
    #: Said, EngineError: it is not stored.
    lost = Signal(object, object)
    #: EngineError: it could not be taken back.
    failed = Signal(object)

    def __init__(self, lane: Lane, catalog: Callable[[], OpenCatalog | None]) -> None:
        """`catalog` is asked at each call; `lane` does one thing after the other."""
        super().__init__()
        self._lane, self._catalog = lane, catalog
        self._said: list[Said] = []

    @property
    def newest(self) -> Said | None:
        """What `undo` would take back."""
        return self._said[-1] if self._said else None

    def say(self, answer: Answer, candidate: Candidate, *, refused: bool) -> None:
        """Keep that the picture of an answer shows this candidate, or (`refused`) does not."""
        catalog = self._catalog()
        if catalog is None:
            return
        said = Said(catalog, answer, candidate, refused)
        self._said = [*self._said, said][-MOST:]

        def store() -> None:
            said.standing = catalog.say(answer, candidate.product.sku, refused=refused)

        self._lane.submit(store, lambda _: self.stored.emit(said), lambda error: self._lose(said, error), replace=False)

    def undo(self) -> bool:
        """Take the newest one back; whether there is one. One that is still on its way is waited for on the lane."""
        if not self._said:
            return False
        said = self._said.pop()

        def take_back() -> None:
            if said.standing is not None:
                said.catalog.take_back(said.standing)

        self._lane.submit(take_back, lambda _: self.undone.emit(said), self.failed.emit, replace=False)
        return True

    def forget(self) -> None:
        """Another catalog is open: what was said in the one before is no longer taken back with a key."""
        self._said.clear()

    def _lose(self, said: Said, error: Exception) -> None:
        self._said = [one for one in self._said if one is not said]
        self.lost.emit(said, error)
