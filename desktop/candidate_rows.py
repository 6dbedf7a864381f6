"""Candidates as rows to press: number key, photo, name, price and probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from desktop import wording
from desktop.theme import ROW_PX, Theme
from desktop.tiles import ElidedLabel, PictureTile, column, label
from engine.records import Candidate, Product


class CandidateRow(QPushButton):
    """One candidate; pressing it chooses it."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("look", "row")
        self.setAccessibleName(self.tr("Candidate"))
        self.setAutoDefault(False)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._photo = PictureTile(self.tr("Catalog photo"), radius=8)
        self._photo.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._key = label("", "key")
        self._name = ElidedLabel("", "strong")
        self._remark = ElidedLabel("", "small")
        self._share = label("", "strong")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(6, 4, 12, 4)
        self._line.setSpacing(10)
        self._line.addWidget(self._photo)
        self._line.addLayout(column(1, self._name, self._remark, 1, spacing=0), 1)
        self._line.addWidget(self._share)
        self._line.addWidget(self._key)
        for part in (self._photo, self._key, self._name, self._remark, self._share):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._side = ROW_PX

    def sizeHint(self) -> QSize:
        """High enough for a thumb in a glove."""
        return QSize(240, self._side)

    def minimumSizeHint(self) -> QSize:
        """As wide as it may get narrow."""
        return QSize(140, self._side)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        self._side = theme.px(ROW_PX)
        self.setFixedHeight(self._side)
        self._photo.setFixedSize(self._side - 10, self._side - 10)

    def show_product(self, product: Product, photo: QImage | None, *, key: str, share: str, remark: str) -> None:
        """Show a product; `key` is the number that chooses it, "" for none."""
        name = wording.name_of(product)
        self._photo.show_image(photo)
        self._key.setText(key)
        self._key.setVisible(bool(key))
        self._name.setText(name)
        self._remark.setText(remark)
        self._share.setText(share)
        self._share.setVisible(bool(share))
        self.setAccessibleName(" ".join(part for part in (key, name, remark, share) if part))


class CandidateGrid(QWidget):
    """Up to four candidates in two columns."""

    #: int: index of the candidate in the result.
    chosen = Signal(int)

    def __init__(self, rows: int = 4, columns: int = 2) -> None:
        super().__init__()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.rows = [CandidateRow() for _ in range(rows)]
        self._indexes = [0] * rows
        self._count, self._limit = 0, rows
        for place, made in enumerate(self.rows):
            layout.addWidget(made, place // columns, place % columns)
            made.clicked.connect(lambda _=False, place=place: self.chosen.emit(self._indexes[place]))
        for index in range(columns):
            layout.setColumnStretch(index, 1)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's scale."""
        for made in self.rows:
            made.restyle(theme)

    def limit(self, most: int) -> None:
        """Show no more than this many, where there is little room."""
        self._limit = most
        for place, made in enumerate(self.rows):
            made.setVisible(place < min(self._count, most))

    def show_candidates(
        self, candidates: Sequence[tuple[int, Candidate]], photos: Mapping[int, QImage], location: str
    ) -> None:
        """Show candidates with their index in the result; the key of index 0 is 1."""
        self._count = len(candidates)
        self.limit(self._limit)
        for place, made in enumerate(self.rows):
            if place < len(candidates):
                index, candidate = candidates[place]
                self._indexes[place] = index
                made.show_product(
                    candidate.product,
                    photos.get(candidate.reference_id),
                    key=str(index + 1) if index < 9 else "",
                    share=wording.percent(candidate.probability),
                    remark=short_remark(candidate, location),
                )


def short_remark(candidate: Candidate, location: str) -> str:
    """Price and stock in one line."""
    return "  ·  ".join(
        part for part in (wording.price(candidate.product), wording.in_stock(candidate.stock, location)) if part
    )
