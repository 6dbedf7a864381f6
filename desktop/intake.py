"""Pictures that a person brings: dropped, pasted, opened by a dialog, or one of the bundled samples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from desktop import pictures
from desktop.banner import Banner
from desktop.messages import Message
from desktop.scanning import Scanner
from engine.config import Limits, resources
from engine.errors import ImageError, ImageTooLarge, ImageTooSmall

#: Samples are shown in steps of this, so that neighbours in the alphabet do not follow each other.
_STRIDE = 7


class Intake(QObject):
    """Decides what a picture is for: one is looked up, many go to the warehouse, an address is refused."""

    #: A still is about to be looked up.
    stillComing = Signal()  # noqa: N815
    #: list[Path]: pictures and folders for the warehouse.
    manyCame = Signal(list)  # noqa: N815
    #: str: something to say for a moment.
    hint = Signal(str)
    #: ImageError: what was brought cannot be looked up.
    failed = Signal(object)

    def __init__(self, scanner: Scanner, banner: Banner, window: QWidget) -> None:
        super().__init__(window)
        self._scanner, self._banner, self._window = scanner, banner, window
        self._sample = 0

    def files(self, paths: Sequence[Path]) -> None:
        """One picture is looked up; several, or a folder, are for the warehouse."""
        if len(paths) == 1 and not paths[0].is_dir():
            self.stillComing.emit()
            self._scanner.look_up_file(paths[0])
        elif paths:
            self.manyCame.emit(list(paths))

    def take(self, brought: pictures.Brought) -> None:
        """Look up what a drop or a paste brought."""
        if brought.paths:
            self.files([Path(path) for path in brought.paths])
        elif brought.pixels is not None:
            refused = size_refusal(brought.pixels, self.tr("The pasted picture"), self._scanner.limits)
            if refused is not None:
                self.failed.emit(refused)
                return
            self.stillComing.emit()
            self._scanner.look_up_pixels(brought.pixels)
        elif brought.data:
            self.stillComing.emit()
            self._scanner.look_up_bytes(brought.data)
        elif brought.addresses:
            sentence = self.tr("An address was dropped or pasted; Skulens does not open addresses.")
            self._banner.say(Message(sentence, self.tr("Save the picture on this machine and drop the file.")))
        else:
            self.hint.emit(self.tr("There is no picture on the clipboard."))

    def paste(self) -> None:
        """Take what is on the clipboard."""
        self.take(pictures.brought(QGuiApplication.clipboard().mimeData()))

    def open_dialog(self) -> None:
        """Ask for pictures."""
        kinds = self.tr("Pictures") + " (" + " ".join(f"*.{suffix}" for suffix in pictures.SUFFIXES) + ")"
        chosen, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Open pictures"), "", kinds)
        self.files([Path(name) for name in chosen])

    def try_sample(self) -> None:
        """Look the next of the bundled samples up."""
        samples = sample_pictures()
        if samples:
            self.files([samples[self._sample % len(samples)]])
            self._sample += _STRIDE
        else:
            self.hint.emit(self.tr("No samples are installed."))


def size_refusal(pixels: QImage, name: str, limits: Limits) -> ImageError | None:
    """Why pixels that another program decoded are too many or too few; the limits are those of files."""
    width, height = pixels.width(), pixels.height()
    if width * height > limits.image_megapixels * 1_000_000:
        return ImageTooLarge(name=name, width=width, height=height, limit_megapixels=f"{limits.image_megapixels:g}")
    if min(width, height) < limits.image_min_side_px:
        return ImageTooSmall(name=name, width=width, height=height, minimum=limits.image_min_side_px)
    return None


def sample_pictures() -> list[Path]:
    """The stills that come with Skulens."""
    folder = resources() / "assets" / "samples"
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
