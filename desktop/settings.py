"""The settings dialog: what a person or store IT may change, each with a name, a unit and a key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from desktop.tiles import button, label, row
from engine.config import Settings

_TOUCH_PX = 44
#: Left, top, right and bottom of the text in a box of numbers: the style sheet does not reach it.
_MARGINS = (10, 0, 10, 0)
#: A choice of how long, which is no number of days.
_NOT_KEPT = "none"
_HOUR_S, _DAY_S = 3600, 24 * 3600


class SettingsDialog(QDialog):
    """Shows `settings`; when it is accepted, `changes()` are the values that the person changed."""

    def __init__(self, settings: Settings, cameras: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.camera = self._camera_box(cameras)
        self.location = QLineEdit(settings.location)
        self.location.setMaxLength(128)
        self.location.setPlaceholderText(self.tr("As in the stock file, e.g. shop"))
        self.language = self._choice(
            [(self.tr("As the system"), ""), ("English", "en"), ("简体中文", "zh_CN")], settings.language
        )
        self.provider = self._choice(
            [
                (self.tr("Choose the fastest that works"), "auto"),
                (self.tr("Processor (CPU)"), "cpu"),
                (self.tr("Graphics card (CUDA)"), "cuda"),
            ],
            settings.provider,
        )
        self.candidates = QSpinBox()
        self.candidates.setRange(1, 50)
        self.candidates.setValue(settings.candidates)
        self.candidates.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.candidates.lineEdit().setTextMargins(*_MARGINS)
        self.stock_age = self._hours(settings.stock_stale_after_s / _HOUR_S, self.tr(" h"))
        self.catalog_age = self._hours(settings.catalog_old_after_s / _DAY_S, self.tr(" days"))
        self.crops = self._choice(
            [
                (self.tr("Not kept"), _NOT_KEPT),
                (self.tr("30 days"), "30"),
                (self.tr("1 year"), "365"),
                (self.tr("For ever"), "0"),
            ],
            str(settings.confirmed_picture_days) if settings.keep_confirmed_pictures else _NOT_KEPT,
        )
        self.keep = QCheckBox(self.tr("Keep the pictures of this session's scans in the history"))
        self.keep.setChecked(settings.keep_scan_pictures)
        self.encrypt = QCheckBox(self.tr("Encrypt the pictures that you confirm, with a key in your profile"))
        self.encrypt.setChecked(settings.encrypt_confirmed_pictures)
        self.save = button(self.tr("Save"), "", "primary", self.tr("Save the settings (Enter)"))
        self.save.setDefault(True)
        self.cancel = button(self.tr("Cancel"), "", "", self.tr("Leave everything as it is (Esc)"))
        self.save.clicked.connect(self.accept)
        self.cancel.clicked.connect(self.reject)
        self._before = self._shown()
        self._arrange()

    def changes(self) -> dict[str, object]:
        """Names and values of the settings that the person changed; for `Settings.model_copy(update=...)`."""
        return {name: value for name, value in self._shown().items() if value != self._before[name]}

    def _shown(self) -> dict[str, object]:
        """What the controls say, in the units of Settings."""
        return {
            "camera": self._camera_source(),
            "location": self.location.text().strip(),
            "language": self.language.currentData(),
            "provider": self.provider.currentData(),
            "candidates": self.candidates.value(),
            "stock_stale_after_s": round(self.stock_age.value() * _HOUR_S),
            "catalog_old_after_s": round(self.catalog_age.value() * _DAY_S),
            "keep_scan_pictures": self.keep.isChecked(),
            "encrypt_confirmed_pictures": self.encrypt.isChecked(),
            **self._shown_crops(),
        }

    def _shown_crops(self) -> dict[str, object]:
        days = self.crops.currentData()
        if days == _NOT_KEPT:
            kept, days = False, self._settings.confirmed_picture_days
        else:
            kept = True
        return {"keep_confirmed_pictures": kept, "confirmed_picture_days": int(days)}

    def _camera_box(self, cameras: Sequence[str]) -> QComboBox:
        """Names to choose from; a video file's path or an rtsp:// address can be typed."""
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.addItem(self.tr("First camera found"), "")
        for name in cameras:
            box.addItem(name, name)
        if self._settings.camera and self._settings.camera not in cameras:
            box.addItem(self._settings.camera, self._settings.camera)
        box.setCurrentIndex(max(0, box.findData(self._settings.camera)))
        return box

    def _camera_source(self) -> str:
        text = self.camera.currentText().strip()
        known = self.camera.findText(text)
        return str(self.camera.itemData(known)) if known >= 0 else text

    def _choice(self, choices: Sequence[tuple[str, str]], chosen: str) -> QComboBox:
        box = QComboBox()
        for text, value in choices:
            box.addItem(text, value)
        if box.findData(chosen) < 0:
            box.addItem(chosen, chosen)
        box.setCurrentIndex(box.findData(chosen))
        return box

    def _hours(self, value: float, unit: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(0.1, 10_000)
        box.setDecimals(1)
        box.setValue(value)
        box.setSuffix(unit)
        box.setButtonSymbols(QDoubleSpinBox.ButtonSymbols.NoButtons)
        box.lineEdit().setTextMargins(*_MARGINS)
        return box

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(20)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        rows: list[tuple[str, QWidget, str]] = [
            (
                self.tr("Camera"),
                self.camera,
                self.tr("A camera's name, a video file, or an address like rtsp://camera/1"),
            ),
            (self.tr("This store's stock location"), self.location, self.tr("Shown first on every card")),
            (self.tr("Language"), self.language, self.tr("Used from the next start on")),
            (self.tr("Computes on"), self.provider, self.tr("Used when the catalog is opened next")),
            (self.tr("Products in an answer"), self.candidates, self.tr("How many products a lookup lists")),
            (self.tr("Stock is old after"), self.stock_age, self.tr("Older figures are marked on the card")),
            (
                self.tr("Catalog is old after"),
                self.catalog_age,
                self.tr("An older one is marked in the status bar"),
            ),
            (
                self.tr("Pictures you confirm are kept"),
                self.crops,
                self.tr("On this machine only, so that a new encoder can look at them again"),
            ),
        ]
        for text, control, tip in rows:
            name = label(text, "body")
            name.setBuddy(control)
            control.setAccessibleName(text)
            control.setAccessibleDescription(tip)
            control.setToolTip(tip)
            control.setMinimumHeight(_TOUCH_PX)
            name.setMinimumHeight(_TOUCH_PX)
            form.addRow(name, control)
        self.keep.setMinimumHeight(_TOUCH_PX)
        self.keep.setAccessibleName(self.keep.text())
        self.keep.setToolTip(self.tr("They stay in memory only and are gone when the window closes"))
        self.encrypt.setMinimumHeight(_TOUCH_PX)
        self.encrypt.setAccessibleName(self.encrypt.text())
        self.encrypt.setToolTip(
            self.tr("Whoever copies the catalog's folder cannot see them; without the key nobody can")
        )
        for control in (self.save, self.cancel):
            control.setMinimumHeight(_TOUCH_PX)
            control.setAccessibleName(control.text())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 20)
        layout.setSpacing(16)
        layout.addWidget(label(self.tr("Settings"), "headline"))
        layout.addLayout(form)
        layout.addWidget(self.keep)
        layout.addWidget(self.encrypt)
        layout.addStretch(1)
        layout.addLayout(row(1, self.cancel, self.save, spacing=10))
        self.resize(680, 0)
        self.camera.setFocus()
