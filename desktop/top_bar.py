"""The head of the window: search, camera, warehouse, catalog, settings, help."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QSizePolicy

from desktop.theme import Theme
from desktop.tiles import IconLabel, button, dress, label, plain_button_text, row


class SearchBox(QLineEdit):
    """The arrow keys and Enter go on to what was found."""

    stepped = Signal(int)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "search")
        self._sign = IconLabel("search", 22, "muted")
        self._sign.setParent(self)
        self._sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the sign in the middle of the left edge."""
        super().resizeEvent(event)
        side = self._sign.sizeHint().height()
        self._sign.setGeometry(14, (self.height() - side) // 2, side, side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down and up walk the rows, Esc leaves."""
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class TopBar(QFrame):
    """Every button has a word or a spoken name, and its key in the tool tip."""

    #: str: '' is the first camera, else a name, a file or an address.
    cameraChosen = Signal(str)  # noqa: N815
    videoFileWanted = Signal()  # noqa: N815
    streamWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "bar")
        self.search = SearchBox()
        self.search.setPlaceholderText(self.tr("Search: name, brand, SKU, GTIN"))
        self.search.setAccessibleName(self.tr("Search the catalog by text"))
        self.search.setToolTip(self.tr("Search the catalog by text (Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaxLength(200)
        self.camera = button(self.tr("Camera"), "camera", "bare", self.tr("Choose a camera (Ctrl+K)"))
        self.warehouse = button(self.tr("Warehouse"), "warehouse", "bare", self.tr("Many pictures at once (Ctrl+W)"))
        self.warehouse.setCheckable(True)
        self.catalog = button(self.tr("Catalog"), "catalog", "bare", self.tr("Open, build, information (Ctrl+L)"))
        self.settings = button("", "settings", "icon", self.tr("Settings (Ctrl+,)"))
        self.help = button("", "help", "icon", self.tr("Keys (F1)"))
        self._menu = QMenu(self)
        self._menu.setAccessibleName(self.tr("Cameras"))
        self.camera.setMenu(self._menu)
        self._devices: tuple[str, ...] = ()
        self._chosen = ""
        brand = label("Skulens", "brand")
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        line = row(
            IconLabel("region", 28, "accent"),
            brand,
            self.search,
            self.camera,
            self.warehouse,
            self.catalog,
            self.settings,
            self.help,
            spacing=8,
            margins=(18, 9, 12, 9),
        )
        line.insertSpacing(2, 16)
        line.setStretch(3, 1)
        self.setLayout(line)
        self.show_cameras((), "")

    def restyle(self, theme: Theme) -> None:
        """Draw the icons."""
        dress(self, theme)

    def show_cameras(self, devices: Sequence[str], chosen: str) -> None:
        """Fill the menu: the connected cameras by name, a video file, a stream."""
        self._devices, self._chosen = tuple(devices), chosen
        self._menu.clear()
        group = QActionGroup(self._menu)
        self._choice(group, self.tr("First camera found"), "")
        for name in devices:
            self._choice(group, name, name)
        if chosen and chosen not in devices:
            self._choice(group, chosen, chosen)
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Video file…"), self.videoFileWanted.emit)
        self._menu.addAction(self.tr("Network camera…"), self.streamWanted.emit)

    def _choice(self, group: QActionGroup, text: str, source: str) -> None:
        action = self._menu.addAction(plain_button_text(text))
        action.setCheckable(True)
        action.setChecked(source == self._chosen)
        action.setActionGroup(group)
        action.triggered.connect(lambda _=False: self.cameraChosen.emit(source))
