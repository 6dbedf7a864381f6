"""Build a catalog from a folder: choose, watch, stop, and read what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop import messages, wording
from desktop.banner import Banner
from desktop.building import Building, folder_for
from desktop.refusals import reason_of
from desktop.theme import Theme
from desktop.tiles import button, column, dress, label, row
from engine.config import data_folder
from engine.errors import EngineError, Interrupted
from engine.records import Progress, Rejected

if TYPE_CHECKING:
    from engine.ingest.build import BuildReport

#: Rows of the refused list that are shown; rejected.csv has all of them.
_MOST_ROWS = 2000


class BuildDialog(QDialog):
    """Not modal: lookups go on while a catalog is built."""

    #: Path: open the catalog in this folder.
    openWanted = Signal(object)  # noqa: N815

    def __init__(self, building: Building, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Build a catalog"))
        self._building = building
        self._source: Path | None = None
        self._folder = data_folder()
        self._source_box = QLineEdit()
        self._source_box.setReadOnly(True)
        self._source_box.setPlaceholderText(self.tr("A folder with products.csv (or .xlsx, .jsonl) and images/"))
        self._source_box.setAccessibleName(self.tr("Source folder"))
        self._name = QLineEdit()
        self._name.setAccessibleName(self.tr("Name of the catalog"))
        self._name.setMaxLength(80)
        self.choose = button(self.tr("Choose…"), "open", "", self.tr("Choose the source folder"))
        self.start = button(self.tr("Build"), "build", "primary", self.tr("Build the catalog"))
        self.stop = button(self.tr("Stop"), "close", "", self.tr("Stop; the next build goes on where it stopped"))
        self.use = button(self.tr("Open this catalog"), "catalog", "primary", self.tr("Use the new catalog now"))
        self.close_button = button(self.tr("Close"), "", "", self.tr("Close this window; a running build goes on"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(self.tr("Progress"))
        self._step = label("", "body", wrap=True)
        self._summary = label("", "large", wrap=True)
        self._banner = Banner()
        self._table = QTableWidget(0, 4)
        self._table.setAccessibleName(self.tr("Refused rows and photos"))
        self._table.setHorizontalHeaderLabels([self.tr("File"), self.tr("Line"), self.tr("SKU"), self.tr("Reason")])
        self._table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self._table.verticalHeader().hide()
        self._table.horizontalHeader().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
        self.choose.clicked.connect(self._choose)
        self.start.clicked.connect(self._start)
        self.stop.clicked.connect(building.stop)
        self.use.clicked.connect(lambda: self.openWanted.emit(self._folder))
        self.close_button.clicked.connect(self.close)
        building.progressed.connect(self._progressed)
        building.finished.connect(self._finished)
        building.nothingUsable.connect(self._show_refused)
        building.failed.connect(self._failed)
        self._arrange()
        self._show_state()

    def _arrange(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(12)
        source = row(self._source_box, self.choose, spacing=10)
        source.setStretch(0, 1)
        layout.addWidget(label(self.tr("Build a catalog"), "headline"))
        layout.addLayout(column(label(self.tr("Source folder"), "small"), source, spacing=4))
        layout.addLayout(column(label(self.tr("Name"), "small"), self._name, spacing=4))
        layout.addWidget(self._banner)
        layout.addLayout(column(self._step, self._bar, spacing=8))
        layout.addWidget(self._summary)
        layout.addWidget(self._table, 1)
        layout.addStretch(0)
        layout.addLayout(row(self.close_button, 1, self.stop, self.start, self.use, spacing=10))
        self.resize(780, 620)

    def restyle(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self.setStyleSheet(theme.style_sheet())
        self._banner.restyle(theme)
        dress(self, theme)

    def use_source(self, source: Path) -> None:
        """Set the source folder and a name after it."""
        self._source = source
        self._table.setRowCount(0)
        self._source_box.setText(str(source))
        if not self._name.text():
            self._name.setText(source.resolve().name)
        self._show_state()

    def _choose(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Choose the source folder"))
        if chosen:
            self.use_source(Path(chosen))

    def _start(self) -> None:
        if self._source is None:
            return
        self._folder = folder_for(self._source, data_folder() / "catalogs")
        self._banner.dismiss()
        self._summary.setText("")
        self._table.setRowCount(0)
        self._bar.setRange(0, 0)
        self._building.start(self._source, self._folder, self._name.text().strip())
        self._show_state()

    def _progressed(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)
        self._step.setText(progress_line(progress))

    def _finished(self, report: BuildReport) -> None:
        self._step.setText("")
        self._summary.setText(
            self.tr("Done: {products} products, {photos} photos, {refused} refused, {seconds} s.").format(
                products=wording.number(report.products),
                photos=wording.number(report.photos),
                refused=wording.number(len(report.rejected)),
                seconds=round(report.seconds),
            )
        )
        self._show_refused(report.rejected)
        self._show_state(done=True)

    def _show_refused(self, rejected: Sequence[Rejected]) -> None:
        shown = rejected[:_MOST_ROWS]
        self._table.setRowCount(len(shown))
        for place, refused in enumerate(shown):
            reason = reason_of(refused)
            cells = (refused.file, "" if refused.line is None else str(refused.line), refused.sku, reason)
            for number, text in enumerate(cells):
                cell = QTableWidgetItem(text)
                # A long reason is cut off in its cell. "<" would make Qt take a tool tip for markup.
                cell.setToolTip(text.replace("<", "‹"))
                self._table.setItem(place, number, cell)

    def _failed(self, error: Exception) -> None:
        self._step.setText("")
        if isinstance(error, Interrupted):
            self._summary.setText(" ".join(messages.message(error)))
        elif isinstance(error, EngineError):
            self._banner.say(messages.message(error))
        self._show_state()

    def _show_state(self, *, done: bool = False) -> None:
        running = self._building.running
        self._bar.setVisible(running)
        self._step.setVisible(running)
        self._table.setVisible(not running and self._table.rowCount() > 0)
        self.stop.setVisible(running)
        self.start.setVisible(not running and not done)
        self.start.setEnabled(self._source is not None)
        self.use.setVisible(done)
        self.choose.setEnabled(not running)
        self._name.setEnabled(not running)


def progress_line(progress: Progress) -> str:
    """What a build does now, how fast, and how long it will take."""
    steps = {
        "read": wording.translate("Building", "Reading the products"),
        "encode": wording.translate("Building", "Looking at the photos"),
        "write": wording.translate("Building", "Writing the catalog"),
        "index": wording.translate("Building", "Building the index"),
        "calibrate": wording.translate("Building", "Learning what is certain"),
    }
    parts = [steps.get(progress.step, progress.step)]
    if progress.total:
        parts.append(f"{wording.number(progress.done)} / {wording.number(progress.total)}")
    if progress.rate_per_s:
        parts.append(wording.translate("Building", "{rate} a second").format(rate=round(progress.rate_per_s)))
    if progress.left_s is not None:
        minutes, seconds = divmod(round(progress.left_s), 60)
        parts.append(wording.translate("Building", "{time} left").format(time=f"{minutes}:{seconds:02d}"))
    return "  ·  ".join(parts)
