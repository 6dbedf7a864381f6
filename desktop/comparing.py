"""What separates the look-alikes on the card is found on a lane while the card is on show already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop.open_catalog import Answer, OpenCatalog
from desktop.tasks import Lane
from engine.differences import contenders
from engine.errors import EngineError
from engine.records import Candidate, Region


@dataclass(frozen=True, slots=True)
class Marked:
    """A photo of one look-alike, by its reference id too, and where it differs from the best one's."""

    reference_id: int
    photo: QImage
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """`kind` is "colour", "size" or "print"; `twins` has a photo for each look-alike, None where nothing is said."""

    kind: str
    twins: tuple[Marked | None, ...]


class Comparing(QObject):
    """Compares the photos of look-alikes. Its signal arrives on the GUI thread, where `compare` is called."""

    #: Answer, Marks.
    found = Signal(object, object)

    def __init__(self, lane: Lane, catalog: Callable[[], OpenCatalog | None]) -> None:
        super().__init__()
        self._lane, self._catalog = lane, catalog

    def compare(self, answer: Answer) -> None:
        """Find out what separates the look-alikes of an answer; the newest one takes the place of one that waits."""
        catalog = self._catalog()
        if catalog is None:
            return

        def show(marks: Marks | None) -> None:
            if marks is not None:
                self.found.emit(answer, marks)

        # The card is complete without a mark: a photo that cannot be read is said where it is looked up.
        self._lane.submit(lambda: marks_of(catalog, answer), show, _nothing)


def _nothing(error: Exception) -> None:
    assert isinstance(error, EngineError)


def marks_of(catalog: OpenCatalog, answer: Answer) -> Marks | None:
    """The best look-alike against each of the others; a third is marked if it differs from the best's photo in
    the same way.

    Runs on a lane. None if nothing can be said about the best two.
    """
    twins = contenders(answer.result.candidates)
    if len(twins) < 2:
        return None
    first = _pair(catalog, twins[0], twins[1])
    if first is None:
        return None
    kind, best, second = first
    marked: list[Marked | None] = [best, second]
    for twin in twins[2:]:
        other = _pair(catalog, twins[0], twin)
        # The best one shows one photo: a mark that was found beside another of its photos would compare with nothing.
        fitting = other is not None and other[0] == kind and other[1].reference_id == best.reference_id
        marked.append(other[2] if other is not None and fitting else None)
    return Marks(kind, tuple(marked))


def _pair(catalog: OpenCatalog, one: Candidate, other: Candidate) -> tuple[str, Marked, Marked] | None:
    with catalog.using() as lookup:  # the photos too: another catalog may be opened meanwhile, which closes this one
        found = lookup.separate(one, other)
        if found.first is None or found.second is None:
            return None
        return (
            found.kind.value,
            Marked(found.first.id, catalog.photo(found.first.id), tuple(place.first for place in found.places)),
            Marked(found.second.id, catalog.photo(found.second.id), tuple(place.second for place in found.places)),
        )
