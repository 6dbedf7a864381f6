"""What the window consists of, which part of it is on show, and how it looks. `window.py` gives it something to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QWidget

from desktop.banner import Banner
from desktop.key_help import KeyHelp
from desktop.open_catalog import OpenCatalog
from desktop.scan_page import ScanPage
from desktop.status_line import StatusLine
from desktop.tasks import Lane
from desktop.theme import Theme, window_scale
from desktop.tiles import column
from desktop.top_bar import TopBar

if TYPE_CHECKING:
    from desktop.warehouse import WarehouseView

_HINT_MS: Final = 4000


class Screen(QMainWindow):
    """A bar, trouble, one of two pages (scan and warehouse), a status line, and the sheet of keys over them."""

    #: Theme: sizes or colours changed, for what is not a part of the window itself.
    restyled = Signal(object)

    def __init__(self, reads: Lane, catalog: Callable[[], OpenCatalog | None]) -> None:
        """`reads` is where the search reads; `catalog` is asked by the warehouse whenever it looks something up."""
        super().__init__()
        self.setWindowTitle("Skulens")
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 680)
        self.resize(1280, 800)
        self._catalog = catalog
        self.theme: Theme | None = None
        self._warehouse: WarehouseView | None = None
        self.bar, self.banner, self.status = TopBar(), Banner(), StatusLine()
        self.scan = ScanPage(reads)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.scan)
        body = QWidget()
        body.setLayout(column(self.bar, self.banner, self.pages, self.status, spacing=0))
        self.setCentralWidget(body)
        self.help = KeyHelp(body)
        self._unhint = QTimer(self)
        self._unhint.setSingleShot(True)
        self._unhint.setInterval(_HINT_MS)
        self._unhint.timeout.connect(lambda: self.scan.viewfinder.show_hint(""))
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self._restyle())

    # -- what is on show ---------------------------------------------------------------------------------------------

    def show_scan(self) -> None:
        """Show the scan page."""
        self.pages.setCurrentWidget(self.scan)
        self.bar.warehouse.setChecked(False)

    def show_warehouse(self) -> None:
        """Show the warehouse, which is made when it is first wanted."""
        if self._warehouse is None:
            from desktop.warehouse import WarehouseView

            self._warehouse = WarehouseView(self._catalog)
            self.pages.addWidget(self._warehouse)
        self.pages.setCurrentWidget(self._warehouse)
        self.bar.warehouse.setChecked(True)

    def toggle_warehouse(self) -> None:
        """Warehouse, or back."""
        if self.pages.currentWidget() is self._warehouse and self._warehouse is not None:
            self.show_scan()
        else:
            self.show_warehouse()

    def show_answer(self) -> None:
        """Show the answer card."""
        self.scan.show_panel(self.scan.card)
        self.bar.search.clear()
        self.scan.viewfinder.setFocus()

    def show_catalog(self) -> None:
        """Show what the catalog is."""
        self.show_scan()
        self.scan.show_panel(self.scan.catalog)

    def search(self) -> None:
        """Put the cursor into the search box."""
        self.show_scan()
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()

    def close_top(self) -> bool:
        """Close what lies over the answer card; whether there was anything."""
        if self.help.isVisible():
            self.help.close_sheet()
        elif self.pages.currentWidget() is not self.scan:
            self.show_scan()
        elif self.scan.panel is not self.scan.card:
            self.show_answer()
        else:
            return False
        return True

    def hint(self, text: str) -> None:
        """Say something for a moment, over the view."""
        self.scan.viewfinder.show_hint(text)
        self._unhint.start()

    # -- looks -------------------------------------------------------------------------------------------------------

    def toggle_full_screen(self) -> None:
        """Full screen, or back."""
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _restyle(self) -> None:
        theme = Theme.of(QGuiApplication.palette(), window_scale(self.width(), self.height()))
        if theme == self.theme:
            return
        self.theme = theme
        self.setStyleSheet(theme.style_sheet())
        for part in (self.bar, self.banner, self.status, self.scan, self.help):
            part.restyle(theme)
        self.restyled.emit(theme)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the platform's palette while the window is open."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ThemeChange) and hasattr(self, "help"):
            # Not in the middle of Qt's own walk over the widgets.
            QTimer.singleShot(0, self._restyle)
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A larger window gets larger letters."""
        super().resizeEvent(event)
        self._restyle()

    def sizeHint(self) -> QSize:
        """The smallest screen that is supported."""
        return QSize(1280, 800)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on nothing gives the keys back to the view."""
        self.scan.viewfinder.setFocus()
        super().mousePressEvent(event)
