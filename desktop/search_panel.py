"""What the text search found, as rows to press; it takes the place of the answer card while one types."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop import wording
from desktop.candidate_rows import CandidateRow
from desktop.open_catalog import Found, OpenCatalog
from desktop.tasks import Lane
from desktop.theme import Theme
from desktop.tiles import button, clear, column, dress, label, row

#: A search starts when no key was pressed for this long.
_PAUSE_MS = 120


class SearchPanel(QFrame):
    """Searches on a lane and shows what was found."""

    #: str: a SKU.
    skuWanted = Signal(str)  # noqa: N815
    closeWanted = Signal()  # noqa: N815
    #: EngineError.
    failed = Signal(object)

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.location = ""
        self._lane = lane
        self._catalog: OpenCatalog | None = None
        self._theme: Theme | None = None
        self._text = ""
        self.shown = ""
        self._rows: list[CandidateRow] = []
        self._title = label("", "title")
        self._empty = label("", "quiet-large", wrap=True)
        self.back = button(self.tr("Back"), "back", "", self.tr("Back to the answer (Esc)"))
        self.back.clicked.connect(self.closeWanted)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        inner = QWidget()
        inner.setProperty("look", "scrolled")
        inner.setLayout(column(self._list, 1, margins=(0, 0, 12, 0)))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setAccessibleName(self.tr("Products found"))
        scroll.viewport().setAutoFillBackground(False)
        top = row(self.back, self._title, 1, spacing=16)
        self.setLayout(column(top, self._empty, spacing=12, margins=(20, 16, 20, 16)))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addWidget(scroll, 1)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._start)

    def use(self, catalog: OpenCatalog | None) -> None:
        """Search in another catalog from now on."""
        self._catalog = catalog
        self._pause.stop()

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        for made in self._rows:
            made.restyle(theme)
        dress(self, theme)

    def search(self, text: str) -> None:
        """Search soon; another call within a moment takes its place."""
        self._text = text.strip()
        self._pause.start()

    def first(self) -> CandidateRow | None:
        """The best row, for Enter and the arrow key."""
        return self._rows[0] if self._rows else None

    def focus_next(self, step: int) -> None:
        """Move the focus up or down the rows."""
        focused = [place for place, made in enumerate(self._rows) if made.hasFocus()]
        place = focused[0] + step if focused else 0
        if self._rows:
            self._rows[min(max(place, 0), len(self._rows) - 1)].setFocus()

    def _start(self) -> None:
        catalog, text = self._catalog, self._text
        if catalog is None or not text:
            return
        self._lane.submit(
            lambda: catalog.search(text),
            lambda found: self._show(text, found) if catalog is self._catalog and text == self._text else None,
            self.failed.emit,
        )

    def _show(self, text: str, found: Sequence[Found]) -> None:
        walking = any(made.hasFocus() for made in self._rows)
        self.shown = text
        clear(self._list)
        self._rows = []
        self._title.setText(self.tr("Products found: {count}").format(count=len(found)))
        self._empty.setText(
            self.tr("No product has the words “{words}”. Try a shorter word, a brand or a number.").format(words=text)
        )
        self._empty.setVisible(not found)
        for one in found:
            made = CandidateRow()
            if self._theme is not None:
                made.restyle(self._theme)
            parts = (one.product.brand, one.product.sku, wording.in_aisle(one.product))
            stock = wording.in_stock(one.stock, self.location)
            made.show_product(
                one.product,
                one.photo,
                key="",
                share=wording.price(one.product),
                remark="  ·  ".join(part for part in (*parts, stock) if part),
            )
            made.clicked.connect(lambda _=False, sku=one.product.sku: self.skuWanted.emit(sku))
            self._list.addWidget(made)
            # Now, not with the next layout: the arrow key may come before it, and the focus goes to visible rows only.
            made.show()
            self._rows.append(made)
        if walking:
            self.focus_next(0)
