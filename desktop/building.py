"""A catalog build for the window: on its own lane, with its own encoder, to be stopped at any time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.refusals import read_rejected
from desktop.tasks import Lane
from engine.config import Settings
from engine.errors import Interrupted, SourceWithoutPhotos
from engine.records import Progress

if TYPE_CHECKING:
    from engine.ingest.build import BuildReport


class Building(QObject):
    """One build at a time."""

    #: Progress.
    progressed = Signal(object)
    #: BuildReport.
    finished = Signal(object)
    #: tuple[Rejected, ...]: nothing could be used, and why; `failed` follows.
    nothingUsable = Signal(object)  # noqa: N815
    #: EngineError; Interrupted when the user stopped it, and then the next build goes on where it stopped.
    failed = Signal(object)

    def __init__(self, lane: Lane, settings: Settings) -> None:
        super().__init__()
        self._lane = lane
        self.settings = settings
        self._stop: threading.Event | None = None

    @property
    def running(self) -> bool:
        """Whether a build runs."""
        return self._stop is not None

    def start(self, source: Path, folder: Path, name: str = "") -> None:
        """Build from `source` into `folder`; nothing happens while another build runs."""
        if self._stop is not None:
            return
        stop = self._stop = threading.Event()
        self._lane.submit(self._job(source, folder, name, stop), self._done, self._refused, replace=False)

    def stop(self) -> None:
        """Ask the build to stop; `failed` with Interrupted follows."""
        if self._stop is not None:
            self._stop.set()

    def _job(self, source: Path, folder: Path, name: str, stop: threading.Event) -> Callable[[], BuildReport]:
        settings, lane = self.settings, self._lane

        def told(progress: Progress) -> None:
            if stop.is_set() or lane.cancelled():
                raise Interrupted
            lane.post(lambda: self.progressed.emit(progress))

        def build() -> BuildReport:
            from engine.encoder import Encoder
            from engine.ingest.build import adapted_encoder, build_catalog
            from engine.ingest.rejected import REJECTED_NAME

            kept = adapted_encoder(folder)
            encoder = Encoder.load(kept, settings.provider, settings.threads)
            try:
                return build_catalog(source, folder, encoder, told, name, settings.limits, kept is not None)
            except SourceWithoutPhotos:
                refused = read_rejected(folder / REJECTED_NAME)
                lane.post(lambda: self.nothingUsable.emit(refused))
                raise
            finally:
                encoder.close()

        return build

    def _done(self, report: BuildReport) -> None:
        self._stop = None
        self.finished.emit(report)

    def _refused(self, error: Exception) -> None:
        self._stop = None
        self.failed.emit(error)


def folder_for(source: Path, catalogs: Path) -> Path:
    """Where a catalog that is built from `source` goes, by the folder's name. Pure but for reading the name."""
    name = source.resolve().name or "catalog"
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name).strip(".-") or "catalog"
    return catalogs / safe
