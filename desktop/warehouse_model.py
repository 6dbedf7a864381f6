"""The warehouse's rows as a Qt table model: sorted while they stream in, decided with undo, pictures only when seen."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import total_ordering
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QImage

from desktop import pictures, wording
from desktop.messages import message
from desktop.tasks import Lane
from desktop.warehouse_rows import Decision, Row, doubt, probability
from engine.config import Limits
from engine.errors import EngineError
from engine.image import read_picture
from engine.records import Verdict

AnyIndex = QModelIndex | QPersistentModelIndex

THUMBNAIL_PX: Final = 112
_THUMBNAILS_KEPT: Final = 400
_THUMBNAILS_WAITING: Final = 40
_THUMBNAILS_AT_ONCE: Final = 4


class Column(IntEnum):
    """The columns of the table."""

    PICTURE = 0
    PRODUCT = 1
    VERDICT = 2
    PROBABILITY = 3
    DECISION = 4
    FILE = 5


@total_ordering
class _Reversed:
    """A key that sorts the other way round."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def __lt__(self, other: _Reversed) -> bool:
        return bool(other.key < self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Reversed) and bool(self.key == other.key)


_DECIDED: Final = {Decision.OPEN: 0, Decision.UNKNOWN: 1, Decision.CONFIRMED: 2}
_KEYS: Final[dict[Column, Callable[[Row], Any]]] = {
    Column.PICTURE: lambda row: row.path.name.casefold(),
    Column.FILE: lambda row: (row.path.name.casefold(), str(row.path)),
    Column.PRODUCT: lambda row: wording.name_of(row.candidate.product).casefold() if row.candidate else "",
    Column.VERDICT: doubt,
    Column.PROBABILITY: probability,
    Column.DECISION: lambda row: (_DECIDED[row.decision], doubt(row)),
}


class Thumbnails(QObject):
    """Small pictures of files, read on a lane for those that are painted, newest wish first."""

    #: set[Path]: whose pictures are there now.
    arrived = Signal(object)

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._lane = lane
        self._kept: OrderedDict[Path, QImage] = OrderedDict()
        self._waiting: OrderedDict[Path, None] = OrderedDict()
        self._reading = False
        self.limits = Limits()

    def of(self, path: Path) -> QImage | None:
        """The thumbnail if it is there, else None and it comes later; a null image for a file that cannot be read."""
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        self._waiting[path] = None
        self._waiting.move_to_end(path)
        while len(self._waiting) > _THUMBNAILS_WAITING:
            self._waiting.popitem(last=False)
        self._read_next()
        return None

    def clear(self) -> None:
        """Forget all."""
        self._lane.cancel()
        self._kept.clear()
        self._waiting.clear()
        self._reading = False

    def _read_next(self) -> None:
        if self._reading or not self._waiting:
            return
        self._reading = True
        paths = [self._waiting.popitem()[0] for _ in range(min(_THUMBNAILS_AT_ONCE, len(self._waiting)))]
        limits = self.limits
        self._lane.submit(lambda: [(path, thumbnail(path, limits)) for path in paths], self._keep, self._failed)

    def _keep(self, found: list[tuple[Path, QImage]]) -> None:
        self._reading = False
        for path, image in found:
            self._kept[path] = image
        while len(self._kept) > _THUMBNAILS_KEPT:
            self._kept.popitem(last=False)
        self.arrived.emit({path for path, _ in found})
        self._read_next()

    def _failed(self, _: Exception) -> None:
        self._reading = False


def thumbnail(path: Path, limits: Limits, side_px: int = THUMBNAIL_PX) -> QImage:
    """A file's picture made small; a null image if it cannot be read. For a lane."""
    try:
        return pictures.to_image(read_picture(path, limits), side_px)
    except EngineError:
        return QImage()


class WarehouseModel(QAbstractTableModel):
    """Rows, most doubtful first until a person sorts otherwise. A decided row stays where it is."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        thumbnails.arrived.connect(self._pictures_changed)
        self._rows: list[Row] = []
        self._keys: list[Any] = []
        self._column, self._descending = Column.VERDICT, False
        self._undo: list[tuple[Path, Row]] = []

    # -- rows --------------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Row]:
        """All rows in the order of the screen."""
        return self._rows

    def insert(self, rows: Sequence[Row]) -> None:
        """Add rows at their places."""
        for row in rows:
            key = self._key(row)
            place = bisect_right(self._keys, key)
            self.beginInsertRows(QModelIndex(), place, place)
            self._rows.insert(place, row)
            self._keys.insert(place, key)
            self.endInsertRows()

    def clear(self) -> None:
        """Remove all rows."""
        self.beginResetModel()
        self._rows, self._keys, self._undo = [], [], []
        self.endResetModel()
        self._thumbnails.clear()

    def change(self, place: int, row: Row) -> None:
        """Put a decided or chosen row in the place of another; `undo` takes it back."""
        before = self._rows[place]
        if row == before:
            return
        self._undo.append((before.path, before))
        self._put(place, row)

    def undo(self) -> int | None:
        """Take the last change back; its place, None if there is nothing to take back."""
        if not self._undo:
            return None
        path, before = self._undo.pop()
        place = next(place for place, row in enumerate(self._rows) if row.path == path)
        self._put(place, before)
        return place

    def _put(self, place: int, row: Row) -> None:
        self._rows[place] = row
        self.dataChanged.emit(self.index(place, 0), self.index(place, len(Column) - 1))

    # -- sorting -----------------------------------------------------------------------------------------------------

    def _key(self, row: Row) -> Any:
        key = _KEYS[self._column](row)
        return _Reversed(key) if self._descending else key

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; by the verdict is by doubt. Rows that come later go to their places."""
        self._column, self._descending = Column(column), order == Qt.SortOrder.DescendingOrder
        self.layoutAboutToBeChanged.emit()
        keyed = sorted(((self._key(row), place) for place, row in enumerate(self._rows)), key=lambda pair: pair[0])
        moved = {place: to for to, (_, place) in enumerate(keyed)}
        before = self.persistentIndexList()
        self._rows = [self._rows[place] for _, place in keyed]
        self._keys = [key for key, _ in keyed]
        self.changePersistentIndexList(before, [self.index(moved[one.row()], one.column()) for one in before])
        self.layoutChanged.emit()

    # -- Qt ----------------------------------------------------------------------------------------------------------

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        """Columns."""
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | None:
        """Titles of the columns."""
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return {
            Column.PICTURE: self.tr("Picture"),
            Column.PRODUCT: self.tr("Product"),
            Column.VERDICT: self.tr("Verdict"),
            Column.PROBABILITY: self.tr("Probability"),
            Column.DECISION: self.tr("Decision"),
            Column.FILE: self.tr("File"),
        }[Column(section)]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text for the eye and for a screen reader, and small pictures."""
        row = self._rows[index.row()]
        column = Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(row, column)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.headerData(column, Qt.Orientation.Horizontal)}: {self.text(row, column) or row.path.name}"
        if role == Qt.ItemDataRole.DecorationRole and column is Column.PICTURE:
            return self.picture(row)
        if role == Qt.ItemDataRole.ToolTipRole and column in (Column.FILE, Column.PRODUCT):
            # Words of a retailer must not become markup in a tool tip.
            return self.text(row, column).replace("&", "&amp;").replace("<", "&lt;")
        return None

    def text(self, row: Row, column: Column) -> str:
        """What a cell says."""
        if column is Column.PRODUCT:
            return self.product_line(row)
        if column is Column.VERDICT:
            return self.tr("UNREADABLE") if row.result is None else wording.verdict_word(row.result.verdict)
        if column is Column.PROBABILITY:
            return "" if row.result is None or not row.candidates else wording.percent(probability(row))
        if column is Column.DECISION:
            return self.decision_word(row)
        if column is Column.FILE:
            return row.path.name
        return ""

    def picture(self, row: Row) -> QImage | None:
        """The row's small picture if it is there, else None and it comes later; a null image if there cannot be one."""
        return self._thumbnails.of(row.path)

    def product_line(self, row: Row) -> str:
        """The chosen product in one line, or what stands for it."""
        if row.error is not None:
            return message(row.error).sentence
        if row.decision is Decision.UNKNOWN:
            return self.tr("Not in this catalog")
        if row.candidate is not None:
            return f"{wording.name_of(row.candidate.product)} · {row.candidate.product.sku}"
        if row.best is not None:
            return self.tr("Not in this catalog; nearest: {name}").format(name=wording.name_of(row.best.product))
        return self.tr("Not in this catalog")

    def decision_word(self, row: Row) -> str:
        """What a person said, with a sign that needs no colour."""
        if row.decision is Decision.CONFIRMED:
            return "✓ " + self.tr("confirmed")
        if row.decision is Decision.UNKNOWN:
            return "✗ " + self.tr("not in catalog")
        if row.error is not None:
            return "–"
        matched = row.result is not None and row.result.verdict is Verdict.MATCH
        return self.tr("open") if matched else "? " + self.tr("look at it")

    def _pictures_changed(self, paths: set[Path]) -> None:
        # Only these: a change of all of them would have all that is on screen painted again.
        for place, row in enumerate(self._rows):
            if row.path in paths:
                index = self.index(place, Column.PICTURE)
                self.dataChanged.emit(index, index, [Qt.ItemDataRole.DecorationRole])
