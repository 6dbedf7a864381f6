"""From pictures to answers: the newest frame goes to the lookup lane, and no answer older than the card is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop import pictures
from desktop.open_catalog import Answer, OpenCatalog, Source
from desktop.steadiness import Change, Steadiness
from desktop.tasks import Lane
from engine.config import Limits
from engine.pooling import FramePool
from engine.records import Picture, Region

#: Live lookups start at most this often on average: 25 a second leaves a small machine's cores some rest.
LIVE_EVERY_S: Final = 0.04


class Scanner(QObject):
    """Live view, freeze and stills. Signals arrive on the GUI thread, where all methods are called."""

    #: Answer: show this card.
    answered = Signal(object)
    #: Answer: the same subject as on the card; only figures changed.
    refreshed = Signal(object)
    #: EngineError.
    failed = Signal(object)
    #: bool: whether the view stands still.
    frozenChanged = Signal(bool)  # noqa: N815
    #: Picture: a still that the view should show.
    still = Signal(object)
    #: Region | None: where the newest live answer looked.
    looked = Signal(object)
    #: bool: a still is being looked up.
    working = Signal(bool)

    def __init__(self, lane: Lane, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._lane, self._clock = lane, clock
        self._catalog: OpenCatalog | None = None
        self._tickets = count(1)
        self._newest_shown = 0
        self._barrier = 0
        self._steadiness = Steadiness()
        #: Of the present stream. It is never emptied, another one takes its place: the lane may be using it.
        self._pool = FramePool()
        self._frame: Picture | None = None
        self._still: tuple[Source, str, Picture] | None = None
        self._drawn: Region | None = None
        self._followed: Region | None = None
        self._next_live_s = float("-inf")
        self.frozen = False
        self.paused = False
        self.candidates = 5
        self.limits = Limits()

    @property
    def drawn(self) -> Region | None:
        """The region that the user drew."""
        return self._drawn

    def use(self, catalog: OpenCatalog | None) -> None:
        """Look things up in another catalog from now on; answers of the old one are dropped."""
        self._catalog = catalog
        self._start_over()
        if self.frozen and catalog is not None:
            self._look_up_still()

    def offer(self, frame: Picture) -> None:
        """Take the newest camera frame."""
        self._frame = frame
        now = self._clock()
        if self.frozen or self.paused or self._catalog is None or now < self._next_live_s:
            return
        # On average, not from one to the next: a camera of 30 frames a second would else lose every second frame.
        self._next_live_s = max(self._next_live_s, now - LIVE_EVERY_S) + LIVE_EVERY_S
        catalog, ticket, top = self._catalog, next(self._tickets), self.candidates
        followed, drawn, pool = self._followed, self._drawn, self._pool
        self._lane.submit(
            lambda: catalog.answer_live(ticket, frame, followed, drawn, top, pool, now),
            self._live_answer,
            self._live_failed(ticket),
        )

    def freeze(self) -> bool:
        """Stop the view and look its newest frame up with care, or the still again; whether there was one."""
        if self._catalog is None:
            return False
        if self.frozen and self._still is not None:
            self._look_up_still()
            return True
        if self._frame is None:
            return False
        self._hold(Source.FROZEN, "", self._frame)
        return True

    def hold(self, answer: Answer) -> None:
        """Stop the view at an answer that somebody is deciding on, so that no newer one takes its place."""
        if not self.frozen:
            self._start_over()
            self._still = (answer.source, answer.name, answer.picture)
            self.frozen = True
            self.frozenChanged.emit(True)
            self.still.emit(answer.picture)
            self.looked.emit(answer.result.region)

    def resume(self) -> None:
        """Go on with the live view."""
        self._still, self._drawn = None, None
        self._start_over()
        self.working.emit(False)
        if self.frozen:
            self.frozen = False
            self.frozenChanged.emit(False)

    def look_up_file(self, path: Path) -> None:
        """Look a picture file up."""
        limits = self.limits

        def read() -> Picture:
            from engine.image import read_picture

            return read_picture(path, limits)

        self._read(Source.FILE, path.name, read)

    def look_up_bytes(self, data: bytes) -> None:
        """Look up an encoded picture from the clipboard."""
        limits, name = self.limits, self.tr("The pasted picture")

        def decode() -> Picture:
            from engine.image import decode_picture

            return decode_picture(data, name, limits)

        self._read(Source.PASTED, "", decode)

    def look_up_pixels(self, pixels: QImage) -> None:
        """Look up a decoded picture from the clipboard."""
        self._read(Source.PASTED, "", lambda: pictures.to_picture(pixels))

    def draw_region(self, region: Region | None) -> None:
        """Look at this part only, which wins over what the encoder finds; None: the encoder looks again."""
        self._drawn = region
        # A live answer that is under way looked elsewhere; as the first one it would be shown at once.
        self._newest_shown = next(self._tickets)
        self._forget()
        if self.frozen and self._still is not None:
            self._look_up_still()

    def _read(self, source: Source, name: str, read: Callable[[], Picture]) -> None:
        self._start_over()
        self._drawn = None
        barrier = self._barrier
        self.working.emit(True)

        def show(picture: Picture) -> None:
            if barrier == self._barrier:
                self._hold(source, name, picture)

        self._lane.submit(read, show, self._still_failed(barrier))

    def _hold(self, source: Source, name: str, picture: Picture) -> None:
        self._still = (source, name, picture)
        if not self.frozen:
            self.frozen = True
            self.frozenChanged.emit(True)
        self.still.emit(picture)
        self._look_up_still()

    def _look_up_still(self) -> None:
        if self._still is None or self._catalog is None:
            self.working.emit(False)
            return
        self._start_over()
        catalog, ticket, top, region = self._catalog, next(self._tickets), self.candidates, self._drawn
        source, name, picture = self._still
        self.working.emit(True)
        self._lane.submit(
            lambda: catalog.answer(ticket, source, name, picture, region, top),
            self._still_answer,
            self._still_failed(self._barrier),
        )

    def _start_over(self) -> None:
        """What was asked before this is no longer wanted."""
        self._barrier = next(self._tickets)
        self._forget()

    def _forget(self) -> None:
        """What was seen until now says nothing about the next frame."""
        self._followed = None
        self._steadiness.forget()
        self._pool = FramePool()

    def _is_old(self, ticket: int) -> bool:
        return ticket < self._barrier or ticket <= self._newest_shown

    def _live_answer(self, answer: Answer) -> None:
        if self._is_old(answer.ticket) or self.frozen:
            return
        self._newest_shown = answer.ticket
        self._followed = answer.result.region
        self.looked.emit(answer.result.region)
        change = self._steadiness.take(answer.result, self._clock())
        if change is Change.REPLACE:
            self.answered.emit(answer)
        elif change is Change.REFRESH:
            self.refreshed.emit(answer)

    def _still_answer(self, answer: Answer) -> None:
        if self._is_old(answer.ticket):
            return
        self._newest_shown = answer.ticket
        self.working.emit(False)
        self.looked.emit(answer.result.region)
        self.answered.emit(answer)

    def _live_failed(self, ticket: int) -> Callable[[Exception], None]:
        def say(error: Exception) -> None:
            if not self._is_old(ticket):
                self.failed.emit(error)

        return say

    def _still_failed(self, barrier: int) -> Callable[[Exception], None]:
        def say(error: Exception) -> None:
            if barrier == self._barrier:
                self.working.emit(False)
                self.failed.emit(error)

        return say
