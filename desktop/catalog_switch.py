"""Opening catalogs while the window goes on: the demo at the first start, another folder, a newer version of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.open_catalog import OpenCatalog
from desktop.tasks import Lane
from engine.config import Settings
from engine.errors import EngineError
from engine.records import Progress

_log = logging.getLogger(__name__)

#: How often CURRENT is read again. Polling works on network shares too, and costs one small read on a lane.
WATCH_EVERY_MS: Final = 3000


class CatalogSwitch(QObject):
    """Holds the open catalog; a new one takes its place only when it is open and sound."""

    #: OpenCatalog.
    opened = Signal(object)
    #: EngineError: the old catalog, if any, is still in use.
    failed = Signal(object)
    #: bool: a catalog is being opened.
    busy = Signal(bool)
    #: Progress of preparing the demo.
    progressed = Signal(object)

    def __init__(self, lane: Lane, settings: Settings, watch_every_ms: int = WATCH_EVERY_MS) -> None:
        super().__init__()
        self._lane = lane
        self.settings = settings
        self.current: OpenCatalog | None = None
        self._looking = False
        self._refused = ""
        self._watch = QTimer(self)
        self._watch.setInterval(watch_every_ms)
        self._watch.timeout.connect(self._look)

    def open(self, folder: Path) -> None:
        """Open the catalog in a folder."""
        settings = self.settings
        self._start(lambda: _open(folder, settings))

    def open_demo(self) -> None:
        """Open the bundled demo, which is built first if it must be."""
        settings, lane = self.settings, self._lane

        def told(progress: Progress) -> None:
            lane.post(lambda: self.progressed.emit(progress))

        def prepare() -> OpenCatalog:
            from engine.demo import ensure_demo

            return _open(ensure_demo(told, settings.provider), settings)

        self._start(prepare)

    def close(self) -> None:
        """Stop watching and let the catalog go; the lane must be stopped before."""
        self._watch.stop()
        if self.current is not None:
            self.current.retire()
            self.current = None

    def _start(self, job: Callable[[], OpenCatalog]) -> None:
        self.busy.emit(True)
        self._lane.submit(job, self._take, self._refuse, replace=False)

    def _take(self, catalog: OpenCatalog) -> None:
        old, self.current = self.current, catalog
        self._refused = ""
        self.busy.emit(False)
        self.opened.emit(catalog)
        self._watch.start()
        if old is not None:
            self._lane.submit(old.retire, lambda _: None, self._log, replace=False)

    def _refuse(self, error: Exception) -> None:
        self.busy.emit(False)
        self.failed.emit(error)

    def _log(self, error: Exception) -> None:
        _log.warning("%s", error)

    def _look(self) -> None:
        """See whether somebody activated another version of this catalog."""
        if self.current is None or self._looking:
            return
        self._looking = True
        folder = self.current.facts.folder
        self._lane.submit(lambda: _version(folder), self._compare, lambda _: self._compare(""), replace=False)

    def _compare(self, version: str) -> None:
        self._looking = False
        if self.current is None or version in ("", self.current.facts.version, self._refused):
            return
        # A version that cannot be opened is said once, not every few seconds.
        self._refused = version
        self.open(self.current.facts.folder)


def _open(folder: Path, settings: Settings) -> OpenCatalog:
    from engine.lookup import open_lookup

    lookup = open_lookup(folder, settings)
    try:
        return OpenCatalog(folder, lookup)
    except BaseException:
        lookup.close()
        raise


def _version(folder: Path) -> str:
    from engine.generation import current_version

    try:
        return current_version(folder)
    except EngineError:
        # In the middle of a copy, or the share is gone for a moment: the open catalog goes on.
        return ""
