"""The warehouse: many pictures at once, the doubtful first, decided by keyboard, exported and labelled."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QFileDialog, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from desktop import pictures, wording
from desktop.banner import Banner
from desktop.labels import Label
from desktop.messages import Message, message
from desktop.tasks import Lane
from desktop.theme import Theme, window_scale
from desktop.tiles import ElidedLabel, IconLabel, button, column, dress, frame, label, row
from desktop.warehouse_export import export
from desktop.warehouse_inspector import Inspector
from desktop.warehouse_model import Thumbnails, WarehouseModel
from desktop.warehouse_pane import Pane
from desktop.warehouse_rows import CANDIDATES, Row, next_open, picture_files
from desktop.warehouse_table import WarehouseTable
from engine.errors import EngineError

if TYPE_CHECKING:
    from desktop.label_dialog import LabelDialog
    from desktop.open_catalog import OpenCatalog

#: Rows go to the window at least this often, and in pieces of at most so many.
_ROWS_EVERY_S: Final = 0.25
_ROWS_AT_ONCE: Final = 24


class WarehouseView(QWidget):
    """A page of the window. `catalog` gives the open catalog, None while there is none."""

    def __init__(self, catalog: Callable[[], OpenCatalog | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalog = catalog
        self._lookups, self._files = Lane("warehouse"), Lane("warehouse-files")
        self._photos, self._thumbs = Lane("warehouse-photos"), Lane("warehouse-thumbnails")
        self._wanted = self._done = self._jobs = 0
        self._known: set[Path] = set()
        self._touched = False
        self._theme = Theme.of(QGuiApplication.palette())
        self._labels: LabelDialog | None = None
        self.model = WarehouseModel(Thumbnails(self._thumbs), self)
        self.table = WarehouseTable(self.model, self._theme)
        self.inspector = Inspector(self._photos, catalog)
        self.banner = Banner()
        self.add_pictures = button(self.tr("Add pictures…"), "open", "", self.tr("Choose pictures to look up"))
        self.add_folder = button(self.tr("Add folder…"), "catalog", "", self.tr("Look up all pictures in a folder"))
        self.stop = button(self.tr("Stop"), "close", "", self.tr("Stop looking up; what was found stays"))
        self.save = button(self.tr("Export…"), "details", "", self.tr("Save the table as CSV or XLSX"))
        self.print = button(self.tr("Labels…"), "item", "", self.tr("Print new labels, or save them as PDF"))
        self.clear = button(self.tr("Clear"), "back", "", self.tr("Remove all rows from the table"))
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.count = ElidedLabel("", "body")
        self._count_line = Pane(self.count)
        self.empty = self._empty_page()
        self._stack = QStackedLayout()
        self._stack.setStackingMode(QStackedLayout.StackingMode.StackOne)
        self._arrange()
        self._connect()
        self._show_state()

    def _arrange(self) -> None:
        head = row(self.add_pictures, self.add_folder, self.stop, 1, self.save, self.print, self.clear, spacing=10)
        work = QWidget()
        body = row(self.table, self.inspector, spacing=16)
        body.setStretch(0, 1)
        work.setLayout(body)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(Pane(work))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(10)
        layout.addLayout(head)
        layout.addWidget(self.banner)
        layout.addLayout(column(self._count_line, self.progress, spacing=4))
        layout.addLayout(self._stack, 1)
        self.setFocusProxy(self.table)

    def _empty_page(self) -> QWidget:
        said = self.tr("Drop pictures or a folder here")
        more = self.tr(
            "Each is looked up; what is doubtful comes first. Enter confirms, 1 to 9 choose another product."
        )
        page = frame("card")
        words = [label(said, "headline"), label(more, "quiet-large", wrap=True)]
        for one in words:
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        sign = IconLabel("warehouse", 72, "muted")
        page.setLayout(column(1, row(1, sign, 1), *words, 2, spacing=14, margins=(60, 40, 60, 40)))
        return page

    def _connect(self) -> None:
        self.add_pictures.clicked.connect(self._choose_pictures)
        self.add_folder.clicked.connect(self._choose_folder)
        self.stop.clicked.connect(self.stop_looking)
        self.save.clicked.connect(self._choose_export)
        self.print.clicked.connect(self.open_labels)
        self.clear.clicked.connect(self.clear_all)
        self.table.confirmWanted.connect(self.confirm)
        self.table.unknownWanted.connect(self.mark_unknown)
        self.table.undoWanted.connect(self.undo)
        self.table.chosen.connect(self.choose)
        self.table.moved.connect(lambda _: self._show_current())
        self.inspector.confirmWanted.connect(self.confirm)
        self.inspector.unknownWanted.connect(self.mark_unknown)
        self.inspector.undoWanted.connect(self.undo)
        self.inspector.chosen.connect(self.choose)

    # -- looking up --------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path]) -> None:
        """Look up files, and the pictures in folders; returns at once, rows come as they are found."""
        catalog = self._catalog()
        if catalog is None:
            self.banner.say(
                Message(self.tr("No catalog is open."), self.tr("Open a catalog first, then drop the pictures again."))
            )
            return
        self.banner.dismiss()
        self._jobs += 1
        self._lookups.submit(
            partial(self._look_up, catalog, tuple(paths), frozenset(self._known)),
            self._finished,
            self._failed,
            replace=False,
        )
        self._show_state()

    def _look_up(self, catalog: OpenCatalog, paths: Sequence[Path], known: frozenset[Path]) -> int:
        """On the lane: find the files, look them up, send rows in pieces; how many pictures there were."""
        lane = self._lookups
        files = [path for path in picture_files(paths, pictures.SUFFIXES, lane.cancelled) if path not in known]
        lane.post(partial(self._expect, len(files)))
        rows: list[Row] = []
        sent = float("-inf")  # the first row is shown as soon as it is there, however slow the next ones are
        with catalog.using() as lookup, ExitStack() as stack:
            answers = lookup.look_up_many(files, CANDIDATES)
            if isinstance(answers, Generator):
                # Its decoding threads end with it, not when the garbage is collected.
                stack.callback(answers.close)
            for path, outcome in answers:
                if lane.cancelled():
                    return 0
                rows.append(Row.of(path, outcome))
                if len(rows) >= _ROWS_AT_ONCE or time.monotonic() - sent >= _ROWS_EVERY_S:
                    lane.post(partial(self._arrived, tuple(rows)))
                    rows, sent = [], time.monotonic()
        lane.post(partial(self._arrived, tuple(rows)))
        return len(files)

    def _expect(self, count: int) -> None:
        self._wanted += count
        self._show_state()

    def _arrived(self, rows: Sequence[Row]) -> None:
        self.model.insert([one for one in rows if one.path not in self._known])
        self._known.update(one.path for one in rows)
        self._done += len(rows)
        if rows and not self._touched:
            # Until somebody moves, the most doubtful row of all is the one to begin with.
            self.table.go_to(0)
        self._show_state()
        if rows and self.isVisible() and not self.table.hasFocus() and not self._touched:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _finished(self, found: int) -> None:
        self._jobs -= 1
        if not found and not self._jobs and not self.model.rows:
            self.banner.say(
                Message(self.tr("There are no pictures in it."), self.tr("Choose a folder that holds photos."))
            )
        self._show_state()

    def _failed(self, error: Exception) -> None:
        self._jobs -= 1
        self._say(error)
        self._show_state()

    def stop_looking(self) -> None:
        """Stop; rows that are there stay."""
        self._lookups.cancel()
        self._jobs, self._wanted = 0, self._done
        self._show_state()

    def clear_all(self) -> None:
        """Stop and remove all rows."""
        self.stop_looking()
        self.model.clear()
        self._known.clear()
        self._wanted = self._done = 0
        self._touched = False
        self.inspector.show_row(None)
        self._show_state()

    @property
    def busy(self) -> bool:
        """Whether pictures are being looked up."""
        return self._jobs > 0

    # -- deciding ----------------------------------------------------------------------------------------------------

    @property
    def current(self) -> Row | None:
        """The row that the keys decide."""
        place = self.table.current_row()
        return self.model.rows[place] if 0 <= place < len(self.model.rows) else None

    def confirm(self) -> None:
        """Confirm the current row as it reads and go to the next doubtful one."""
        self._decide(Row.confirmed)

    def mark_unknown(self) -> None:
        """Say that the item is not in the catalog and go to the next doubtful one."""
        self._decide(Row.unknown)

    def choose(self, place: int) -> None:
        """Choose a candidate of the current row, 0 is the best; Enter then confirms it."""
        found = self.current
        if found is not None:
            self._touched = True
            self.model.change(self.table.current_row(), found.choosing(place))
            self._show_current()

    def undo(self) -> None:
        """Take the last decision or choice back and go to its row."""
        place = self.model.undo()
        if place is not None:
            self.table.go_to(place)
            self._show_current()
            self._show_state()

    def _decide(self, decide: Callable[[Row], Row]) -> None:
        place, found = self.table.current_row(), self.current
        if found is None:
            return
        self._touched = True
        self.model.change(place, decide(found))
        following = next_open(self.model.rows, place)
        if following is not None:
            self.table.go_to(following)
        self._show_current()
        self._show_state()

    def _show_current(self) -> None:
        if self.table.hasFocus():
            self._touched = self._touched or self.table.current_row() > 0
        self.inspector.show_row(self.current)

    # -- export and labels -------------------------------------------------------------------------------------------

    def export_to(self, path: Path) -> None:
        """Write all rows to a CSV or XLSX file."""
        rows = tuple(self.model.rows)
        said = self.tr("Saved {count} rows in {name}.").format(count=wording.number(len(rows)), name=path.name)
        self._files.submit(lambda: export(path, rows), lambda _: self._note(said), self._say, replace=False)

    def labels(self, decided_only: bool = False) -> list[Label]:
        """A label for each row that stands for a product, in the order of the table."""
        rows = [one for one in self.model.rows if not (decided_only and one.is_open)]
        return [Label.of(one.product) for one in rows if one.product is not None]

    def open_labels(self) -> None:
        """Show the window for labels."""
        from desktop.label_dialog import LabelDialog

        if self._labels is None:
            self._labels = LabelDialog(self._files, self.labels, self.window())
            self._labels.said.connect(self._note)
            self._labels.failed.connect(self._say)
        self._labels.setStyleSheet(self._theme.style_sheet())
        dress(self._labels, self._theme)
        self._labels.refresh()
        self._labels.show()
        self._labels.raise_()

    def _choose_pictures(self) -> None:
        kinds = self.tr("Pictures") + " (" + " ".join(f"*.{suffix}" for suffix in pictures.SUFFIXES) + ")"
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("Open pictures"), "", kinds)
        if chosen:
            self.add([Path(name) for name in chosen])

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of pictures"))
        if chosen:
            self.add([Path(chosen)])

    def _choose_export(self) -> None:
        kinds = "XLSX (*.xlsx);;CSV (*.csv)"
        chosen, kind = QFileDialog.getSaveFileName(self, self.tr("Save the table"), "warehouse.xlsx", kinds)
        if chosen:
            path = Path(chosen)
            self.export_to(path if path.suffix else path.with_suffix(".csv" if kind.startswith("CSV") else ".xlsx"))

    # -- state -------------------------------------------------------------------------------------------------------

    def _note(self, text: str) -> None:
        self.banner.dismiss()
        self.count.setText(text)

    def _say(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.banner.say(message(error), "warehouse")

    def _show_state(self) -> None:
        rows = self.model.rows
        self._stack.setCurrentIndex(1 if rows or self._jobs else 0)
        self.stop.setVisible(self._jobs > 0)
        self.progress.setVisible(self._jobs > 0)
        # Setting a value paints at once, the table with it; this way all is painted once, when its turn comes.
        self.progress.setUpdatesEnabled(False)
        self.progress.setRange(0, self._wanted)
        self.progress.setValue(self._done)
        self.progress.setUpdatesEnabled(True)
        for made in (self.save, self.print, self.clear):
            made.setEnabled(bool(rows))
        if self._jobs:
            text = self.tr("{done} of {wanted} looked up").format(
                done=wording.number(self._done), wanted=wording.number(self._wanted)
            )
        elif rows:
            left, unreadable = sum(one.is_open for one in rows), sum(one.error is not None for one in rows)
            text = self.tr("Pictures: {count}. Not decided: {left}. Unreadable: {unreadable}.").format(
                count=wording.number(len(rows)), left=wording.number(left), unreadable=wording.number(unreadable)
            )
        else:
            text = ""
        self.count.setText(text)
        self._count_line.setVisible(bool(text))

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours and sizes."""
        self._theme = theme
        self.table.restyle(theme)
        self.inspector.restyle(theme)
        self.banner.restyle(theme)
        dress(self, theme)

    def _follow_palette(self) -> None:
        window = self.window()
        theme = Theme.of(QGuiApplication.palette(), window_scale(window.width(), window.height()))
        if theme != self._theme or not self._dressed:
            self._dressed = True
            self.restyle(theme)

    _dressed = False

    def showEvent(self, event: QShowEvent) -> None:
        """The keys belong to the table as soon as the page is on screen."""
        super().showEvent(event)
        self._follow_palette()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the platform's palette or of the window's style sheet."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange) and self.isVisible():
            self._follow_palette()

    def shut_down(self) -> None:
        """End the threads, before the window goes."""
        for lane in (self._lookups, self._files, self._photos, self._thumbs):
            lane.stop()
