"""All that the catalog knows about one product: every field, every photo, and how the lookup saw it."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from desktop import wording
from desktop.fit_label import FitLabel
from desktop.open_catalog import Detail
from desktop.theme import Theme
from desktop.tiles import FactTile, PictureTile, button, clear, column, dress, label, row
from engine.records import Candidate, LookupResult, StockLevel

#: Photos shown; a catalog with more for one product shows the first ones.
_PHOTOS = 8


class DetailPanel(QFrame):
    """Slides over the answer card; Esc goes back."""

    closeWanted = Signal()  # noqa: N815

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.sku = ""
        self._theme: Theme | None = None
        self.back = button(self.tr("Back"), "back", "", self.tr("Back to the answer (Esc)"))
        self.back.clicked.connect(self.closeWanted)
        self._name = FitLabel(("headline", "title"), lines=2)
        self._price, self._aisle = FactTile(self.tr("Price")), FactTile(self.tr("Aisle"))
        self._stock = FactTile(self.tr("In stock"))
        self._large = PictureTile(self.tr("Catalog photo"))
        self._strip = row(spacing=8)
        self._fields = QGridLayout()
        self._fields.setHorizontalSpacing(20)
        self._fields.setVerticalSpacing(8)
        self._fields.setColumnStretch(1, 1)
        inner = QWidget()
        inner.setProperty("look", "scrolled")
        inner.setLayout(column(self._fields, 1, margins=(0, 0, 12, 0)))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        scroll.setAccessibleName(self.tr("All fields"))
        scroll.viewport().setAutoFillBackground(False)
        facts = column(self._price, self._aisle, self._stock, spacing=8)
        pictures = row(column(self._large, self._strip, spacing=8), facts, spacing=12)
        pictures.setStretch(0, 3)
        pictures.setStretch(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(row(self.back, 1))
        layout.addWidget(self._name)
        layout.addLayout(pictures, 3)
        layout.addWidget(scroll, 4)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self._theme = theme
        for part in (self._name, self._price, self._aisle, self._stock):
            part.restyle(theme)
        self._large.setMinimumHeight(theme.px(170))
        dress(self, theme)

    def show_detail(
        self, detail: Detail, location: str, candidate: Candidate | None = None, result: LookupResult | None = None
    ) -> None:
        """Show a product; with the candidate and the result of a lookup also how sure and how near it was."""
        product = detail.product
        self.sku = product.sku
        name = wording.name_of(product)
        self._name.setText(name)
        self.setAccessibleName(self.tr("Details of {name}").format(name=name))
        self._price.show_fact(wording.price(product))
        self._aisle.show_fact(product.aisle)
        view = wording.stock_view(detail.stock, location)
        if view.here is not None:
            remark = wording.age(view.here.updated_at)
        else:
            remark = self.tr("all locations") if view.quantity is not None else ""
        self._stock.show_fact("" if view.quantity is None else wording.number(view.quantity), remark)
        self._show_photos(detail)
        fields = [
            (self.tr("SKU"), product.sku),
            (self.tr("GTIN"), product.gtin),
            (self.tr("Brand"), product.brand),
            (self.tr("Category"), product.category),
            *((wording.field_name(f"attr:{key}"), value) for key, value in product.attributes.items()),
            (self.tr("Description"), wording.description_of(product)),
            *((self.tr("Name ({language})").format(language=code), text) for code, text in product.names.items()),
            *((level.location, self._stock_line(level)) for level in detail.stock),
            *self._seen(candidate, result),
        ]
        clear(self._fields)
        for line, (caption, value) in enumerate((caption, value) for caption, value in fields if value):
            told = label(value, "body", wrap=True, name=f"{caption}: {value}")
            told.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            self._fields.addWidget(label(caption, "muted"), line, 0, Qt.AlignmentFlag.AlignTop)
            self._fields.addWidget(told, line, 1)
        self.back.setFocus()

    def _stock_line(self, level: StockLevel) -> str:
        count, age = wording.number(level.quantity), wording.age(level.updated_at)
        return self.tr("{count} in stock, {age}").format(count=count, age=age)

    def _seen(self, candidate: Candidate | None, result: LookupResult | None) -> list[tuple[str, str]]:
        """How the lookup saw it, for who wants to know why."""
        lines: list[tuple[str, str]] = []
        locale = QLocale()
        if candidate is not None:
            lines.append((self.tr("Probability"), wording.percent(candidate.probability)))
            lines.append((self.tr("Cosine similarity"), locale.toString(candidate.similarity, "f", 3)))
            lines.append((self.tr("Euclidean distance"), locale.toString(candidate.distance, "f", 3)))
        if result is not None:
            steps = [f"{step} {locale.toString(value, 'f', 1)}" for step, value in result.timings_ms.items()]
            lines.append((self.tr("Steps in milliseconds"), "  ·  ".join(steps)))
        return lines

    def _show_photos(self, detail: Detail) -> None:
        self._large.show_image(detail.photos[0] if detail.photos else None)
        clear(self._strip)
        for number, photo in enumerate(detail.photos[:_PHOTOS] if len(detail.photos) > 1 else ()):
            pick = PhotoButton(self.tr("Photo {number}").format(number=number + 1))
            pick.tile.show_image(photo)
            pick.clicked.connect(lambda _=False, photo=photo: self._large.show_image(photo))
            self._strip.addWidget(pick)
        self._strip.addStretch(1)


class PhotoButton(QWidget):
    """A small photo to press."""

    clicked = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.tile = PictureTile(name, radius=8)
        self._press = button("", "", "photo", name)
        self._press.clicked.connect(self.clicked)
        self._press.setLayout(row(self.tile, margins=(2, 2, 2, 2)))
        self._press.setFixedSize(64, 64)
        self.tile.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setLayout(row(self._press))
