"""The current row of the warehouse, large: its picture, and the candidates with their photos and keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from desktop import pictures, wording
from desktop.candidate_rows import CandidateGrid
from desktop.messages import message
from desktop.tasks import Lane
from desktop.theme import Theme
from desktop.tiles import ElidedLabel, PictureTile, button, column, dress, label, row
from desktop.warehouse_model import thumbnail
from desktop.warehouse_rows import CANDIDATES, Decision, Row
from engine.config import Limits
from engine.errors import CatalogError, EngineError
from engine.lookup import NO_REFERENCE
from engine.records import Verdict

if TYPE_CHECKING:
    from desktop.open_catalog import OpenCatalog

_PICTURE_PX = 480


@dataclass(frozen=True, slots=True)
class Photos:
    """What the inspector shows of a row, read on a lane."""

    path: Path
    picture: QImage
    by_reference: dict[int, QImage]


class Inspector(QFrame):
    """Shows a row and asks for decisions; it decides nothing."""

    confirmWanted = Signal()  # noqa: N815
    unknownWanted = Signal()  # noqa: N815
    undoWanted = Signal()  # noqa: N815
    chosen = Signal(int)

    def __init__(self, lane: Lane, catalog: Callable[[], OpenCatalog | None]) -> None:
        super().__init__()
        self.setProperty("look", "card")
        self.setAccessibleName(self.tr("The current picture and its candidates"))
        self._lane, self._catalog = lane, catalog
        self._row: Row | None = None
        self._photos: Photos | None = None
        self.picture = PictureTile(self.tr("The picture that was looked up"))
        self.file = ElidedLabel("", "small")
        self.word = label("", "strong", wrap=True)
        self.candidates = CandidateGrid(rows=CANDIDATES, columns=1)
        self.confirm = button(self.tr("Confirm (Enter)"), "match", "primary", self.tr("Confirm this row (Enter)"))
        self.unknown = button(
            self.tr("Not in catalog (Del)"), "unknown", "", self.tr("The item is not in the catalog (Delete)")
        )
        self.undo = button(self.tr("Undo"), "back", "", self.tr("Take the last decision back (Ctrl+Z)"))
        self.candidates.chosen.connect(self.chosen)
        self.confirm.clicked.connect(self.confirmWanted)
        self.unknown.clicked.connect(self.unknownWanted)
        self.undo.clicked.connect(self.undoWanted)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inner = QWidget()
        inner.setProperty("look", "scrolled")
        inner.setLayout(column(self.candidates, 1, spacing=0))
        scroll.setWidget(inner)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.picture)
        layout.addWidget(self.file)
        layout.addWidget(self.word)
        layout.addWidget(scroll, 1)
        layout.addWidget(self.confirm)
        layout.addLayout(row(self.unknown, self.undo, spacing=8))
        self.picture.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_row(None)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's sizes."""
        self.setFixedWidth(theme.px(372))
        self.picture.setFixedHeight(theme.px(220))
        self.candidates.restyle(theme)
        dress(self, theme)

    def show_row(self, shown: Row | None) -> None:
        """Show a row; its photos follow when they are read."""
        same = shown is not None and self._row is not None and shown.path == self._row.path
        self._row = shown
        for made in (self.confirm, self.unknown):
            made.setEnabled(shown is not None and shown.error is None)
        if shown is None:
            self._photos = None
            self._lane.cancel()
            self.picture.show_image(None)
            self.file.setText("")
            self.word.setText("")
            self.candidates.show_candidates([], {}, "")
            return
        self.file.setText(shown.path.name)
        self.word.setText(self.sentence(shown))
        if not same:
            self._photos = None
            self.picture.show_image(None)
            self._read(shown)
        self._show_candidates()

    def sentence(self, shown: Row) -> str:
        """What the row says, in words."""
        if shown.error is not None:
            said = message(shown.error)
            return f"{said.sentence} {said.advice}"
        if shown.decision is Decision.UNKNOWN:
            return self.tr("You said: not in this catalog.")
        if shown.candidate is None:
            return self.tr("Not in this catalog, as it seems. Enter confirms that; 1 to 9 choose a product.")
        name = wording.name_of(shown.candidate.product)
        if shown.decision is Decision.CONFIRMED:
            return self.tr("You confirmed: {name}").format(name=name)
        if shown.result is not None and shown.result.verdict is Verdict.AMBIGUOUS and shown.chosen == 0:
            return self.tr("One of these; most likely: {name}").format(name=name)
        return name

    def _show_candidates(self) -> None:
        shown = self._row
        if shown is None:
            return
        photos = self._photos.by_reference if self._photos is not None else {}
        listed = list(enumerate(shown.candidates[:CANDIDATES]))
        self.candidates.show_candidates(listed, photos, "")
        for place, made in enumerate(self.candidates.rows):
            made.setCheckable(True)
            made.setChecked(place == shown.chosen and shown.decision is not Decision.UNKNOWN)

    def _read(self, shown: Row) -> None:
        catalog = self._catalog()
        self._lane.submit(lambda: read_photos(shown, catalog), self._take, self._failed)

    def _take(self, photos: Photos) -> None:
        if self._row is not None and photos.path == self._row.path:
            self._photos = photos
            self.picture.show_image(photos.picture)
            self._show_candidates()

    def _failed(self, error: Exception) -> None:
        """Photos are only an aid; the row says what it has to say without them."""


def read_photos(shown: Row, catalog: OpenCatalog | None, limits: Limits = Limits()) -> Photos:
    """The picture of a row and the catalog photos of its candidates. For a lane; what cannot be read is left out."""
    photos: dict[int, QImage] = {}
    if catalog is not None:
        try:
            with catalog.using() as lookup:
                for candidate in shown.candidates[:CANDIDATES]:
                    number = candidate.reference_id
                    if number != NO_REFERENCE:
                        photos[number] = _photo(lookup.photo, number)
        except EngineError:
            # The catalog was closed meanwhile: the row stays without photos.
            photos = {}
    return Photos(shown.path, thumbnail(shown.path, limits, _PICTURE_PX), photos)


def _photo(read: Callable[[int], bytes], number: int) -> QImage:
    try:
        return pictures.read_jpeg(read(number), 128)
    except CatalogError:
        return QImage()
