"""New labels for what the warehouse found: which sheet, which rows, then PDF or printer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFileDialog, QVBoxLayout, QWidget

from desktop import wording
from desktop.labels import SHEETS, Label, Sheet, print_labels, save_pdf
from desktop.tasks import Lane
from desktop.tiles import button, column, label, row

_TOUCH_PX = 44


class LabelDialog(QDialog):
    """Not modal. `labels(decided_only)` gives the labels of the table as it is now."""

    #: str: what was done, for the line above the table.
    said = Signal(str)
    #: EngineError.
    failed = Signal(object)

    def __init__(self, lane: Lane, labels: Callable[[bool], list[Label]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Labels"))
        self._lane, self._labels = lane, labels
        self.sheet = QComboBox()
        for number, one in enumerate(SHEETS):
            self.sheet.addItem(one.name, number)
        self.sheet.setAccessibleName(self.tr("Label sheet"))
        self.sheet.setMinimumHeight(_TOUCH_PX)
        self.decided = QCheckBox(self.tr("Only rows that were confirmed"))
        self.decided.setAccessibleName(self.decided.text())
        self.decided.setMinimumHeight(_TOUCH_PX)
        self.count = label("", "body", wrap=True)
        self.pdf = button(self.tr("Save as PDF…"), "details", "primary", self.tr("Save the labels as a PDF file"))
        self.printer = button(self.tr("Print…"), "item", "", self.tr("Print the labels"))
        self.close_button = button(self.tr("Close"), "", "", self.tr("Close this window"))
        for made in (self.pdf, self.printer, self.close_button):
            made.setMinimumHeight(_TOUCH_PX)
            made.setAccessibleName(made.text())
        self.sheet.currentIndexChanged.connect(lambda _: self.refresh())
        self.decided.toggled.connect(lambda _: self.refresh())
        self.pdf.clicked.connect(self._choose_pdf)
        self.printer.clicked.connect(self._choose_printer)
        self.close_button.clicked.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(14)
        layout.addWidget(label(self.tr("Labels"), "headline"))
        layout.addLayout(column(label(self.tr("Label sheet"), "small"), self.sheet, spacing=4))
        layout.addWidget(self.decided)
        layout.addWidget(self.count)
        layout.addStretch(1)
        layout.addLayout(row(self.close_button, 1, self.printer, self.pdf, spacing=10))
        self.resize(560, 0)
        self.refresh()

    def chosen_sheet(self) -> Sheet:
        """The sheet that is chosen."""
        return SHEETS[self.sheet.currentData()]

    def refresh(self) -> None:
        """Count again: rows may have been decided since."""
        labels, sheet = self._labels(self.decided.isChecked()), self.chosen_sheet()
        pages = -(-len(labels) // sheet.count)
        self.count.setText(
            self.tr("Labels: {labels}, pages: {pages}. The bars are the GTIN, or the SKU where there is none.").format(
                labels=wording.number(len(labels)), pages=wording.number(pages)
            )
            if labels
            else self.tr("There is no label to print yet: confirm rows first.")
        )
        for made in (self.pdf, self.printer):
            made.setEnabled(bool(labels))

    def save_to(self, path: Path) -> None:
        """Save the labels as a PDF."""
        labels, sheet = self._labels(self.decided.isChecked()), self.chosen_sheet()
        if not labels:
            # Somebody took the last decision back while the file was being chosen.
            self.refresh()
            return
        self._lane.submit(
            lambda: save_pdf(path, labels, sheet, self._lane.cancelled),
            lambda without: self.said.emit(self._done(labels, without, path.name)),
            self.failed.emit,
            replace=False,
        )

    def _done(self, labels: Sequence[Label], without: int, where: str) -> str:
        text = self.tr("{count} labels: {where}.").format(count=wording.number(len(labels)), where=where)
        if without:
            text += " " + self.tr("{count} have no bars: their SKU is too long or not plain letters.").format(
                count=wording.number(without)
            )
        return text

    def _choose_pdf(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self.tr("Save the labels"), "labels.pdf", "PDF (*.pdf)")
        if chosen:
            path = Path(chosen)
            self.save_to(path if path.suffix else path.with_suffix(".pdf"))

    def _choose_printer(self) -> None:
        # Loaded here: only who prints needs the print system.
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setWindowTitle(self.tr("Print labels"))
        if dialog.exec() != QDialog.DialogCode.Accepted:
            return
        labels, sheet = self._labels(self.decided.isChecked()), self.chosen_sheet()
        if not labels:
            self.refresh()
            return
        self._lane.submit(
            lambda: print_labels(printer, printer.resolution(), labels, sheet, self._lane.cancelled),
            lambda without: self.said.emit(self._done(labels, without, printer.printerName())),
            self.failed.emit,
            replace=False,
        )
