"""What the window does about catalogs: opening, building, showing what is open, and offering a way out of trouble."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.building import Building
from desktop.catalog_switch import CatalogSwitch
from desktop.open_catalog import OpenCatalog
from desktop.scan_page import ScanPage
from desktop.status_line import StatusLine
from desktop.theme import Theme
from engine.records import Progress

if TYPE_CHECKING:
    from desktop.build_dialog import BuildDialog


class CatalogDesk(QObject):
    """Stands between the catalog switch and the screen."""

    #: Path | None: the folder to open at the next start; None is the demo.
    chosen = Signal(object)
    #: str: something to say for a moment.
    hint = Signal(str)

    def __init__(self, switch: CatalogSwitch, building: Building, scan: ScanPage, status: StatusLine) -> None:
        super().__init__()
        self._switch, self._building, self._scan, self._status = switch, building, scan, status
        self._theme: Theme | None = None
        self.dialog: BuildDialog | None = None
        scan.catalog.openWanted.connect(self.choose)
        scan.catalog.buildWanted.connect(self.build)
        scan.catalog.demoWanted.connect(switch.open_demo)
        switch.opened.connect(self._opened)
        switch.busy.connect(self._busy)
        switch.failed.connect(self._failed)
        switch.progressed.connect(self._progressed)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        if self.dialog is not None:
            self.dialog.restyle(theme)

    def choose(self) -> None:
        """Ask for a catalog folder and open it."""
        title = self.tr("Open the folder that holds the file CURRENT")
        chosen = QFileDialog.getExistingDirectory(self._scan.window(), title)
        if chosen:
            self._switch.open(Path(chosen))

    def build(self) -> None:
        """Show the window in which a catalog is built."""
        if self.dialog is None:
            from desktop.build_dialog import BuildDialog

            self.dialog = BuildDialog(self._building, self._scan.window())
            self.dialog.openWanted.connect(self._switch.open)
        if self._theme is not None:
            self.dialog.restyle(self._theme)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _opened(self, catalog: OpenCatalog) -> None:
        from engine.demo import demo_folder

        facts = catalog.facts
        same = self._status.folder == facts.folder
        self._scan.search.use(catalog)
        self._scan.catalog.show_facts(facts)
        self._status.show_catalog(facts, self._switch.settings.catalog_old_after_s)
        if not same:
            self._scan.card.clear()
            self._scan.show_panel(self._scan.card)
            self.chosen.emit(None if facts.folder == demo_folder() else facts.folder)
        self.hint.emit(self.tr("{name} is open.").format(name=facts.name or facts.folder.name))

    def _busy(self, busy: bool) -> None:
        if self._switch.current is None:
            self._scan.viewfinder.show_hint(self.tr("Opening the catalog…") if busy else "")

    def _failed(self, _: Exception) -> None:
        if self._switch.current is None:
            # Nothing can be looked up now; here are the ways to a catalog.
            self._scan.show_panel(self._scan.catalog)

    def _progressed(self, progress: Progress) -> None:
        from desktop.build_dialog import progress_line

        prepared = self.tr("Preparing the demo catalog")
        self._scan.viewfinder.show_hint(f"{prepared}: {progress_line(progress)}")
