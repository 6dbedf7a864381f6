"""The window: it connects what is on its screen to camera, catalog and lookup, and says what drops and answers mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent

from desktop import messages, pictures
from desktop.building import Building
from desktop.camera import Camera
from desktop.camera_watch import CameraWatch
from desktop.catalog_desk import CatalogDesk
from desktop.catalog_switch import CatalogSwitch
from desktop.comparing import Comparing
from desktop.confirm_desk import ConfirmDesk
from desktop.intake import Intake
from desktop.open_catalog import Answer, Detail, Source
from desktop.scanning import Scanner
from desktop.screen import Screen
from desktop.tasks import Lane
from desktop.window_keys import bind_keys
from engine.config import Settings
from engine.errors import EngineError, ImageError
from engine.records import Candidate, Region, Verdict

#: Settings that a catalog takes when it is opened.
_AT_OPENING: Final = (
    *("provider", "threads"),
    *("keep_confirmed_pictures", "confirmed_picture_days", "encrypt_confirmed_pictures"),
)
#: A live match that stays this long is noted in the history.
_NOTED_AFTER_MS: Final = 1500


@dataclass(frozen=True, slots=True)
class Lanes:
    """One thread for each kind of work, so that a long one never holds up another."""

    lookup: Lane
    reads: Lane
    confirm: Lane
    compare: Lane
    switch: Lane
    build: Lane

    @classmethod
    def make(cls) -> Lanes:
        """Fresh lanes; no thread starts before it has work."""
        names = ("lookup", "reads", "confirm", "compare", "switch", "build")
        return cls(*(Lane(name) for name in names))

    def stop(self) -> None:
        """End the threads."""
        for lane in (self.lookup, self.reads, self.confirm, self.compare, self.switch, self.build):
            lane.stop()


class Window(Screen):
    """Skulens' only main window."""

    def __init__(
        self, settings: Settings, lanes: Lanes, camera: Camera, save: Callable[[Settings, Settings], Settings]
    ) -> None:
        super().__init__(lanes.reads, lambda: self.switch.current)
        self.settings, self._lanes, self.camera, self._save = settings, lanes, camera, save
        self._frames_before = 0
        self.scanner = Scanner(lanes.lookup)
        self.switch = CatalogSwitch(lanes.switch, settings)
        self.building = Building(lanes.build, settings)
        self.watch = CameraWatch(camera, self.scan.viewfinder, self.scanner, self.bar, self.banner)
        self.intake = Intake(self.scanner, self.banner, self)
        self.desk = CatalogDesk(self.switch, self.building, self.scan, self.status)
        self.answers = ConfirmDesk(lanes.confirm, lambda: self.switch.current, self.scan, self.scanner)
        self.comparing = Comparing(lanes.compare, lambda: self.switch.current)
        self._note = QTimer(self)
        self._note.setSingleShot(True)
        self._note.setInterval(_NOTED_AFTER_MS)
        self._pace = QTimer(self)
        self._pace.setInterval(1000)
        self._pace.timeout.connect(self._measure)
        self._connect()
        bind_keys(self)
        self._use_settings(settings)
        self._restyle()
        # Else the first key of the day would go to the search box, which is the first in the window.
        self.scan.viewfinder.setFocus()

    # -- connections -------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        scan, bar = self.scan, self.bar
        self.scanner.answered.connect(self._answered)
        self.scanner.refreshed.connect(scan.card.refresh)
        self.scanner.failed.connect(self._not_answered)
        self.scanner.frozenChanged.connect(scan.show_frozen)
        self.scanner.still.connect(scan.viewfinder.show_frame)
        self.scanner.looked.connect(scan.viewfinder.show_region)
        self.scanner.working.connect(scan.viewfinder.show_working)
        scan.viewfinder.regionDrawn.connect(self._region_drawn)
        scan.freeze.clicked.connect(self.freeze)
        scan.resume.clicked.connect(self.resume)
        scan.region.clicked.connect(self.draw_region)
        scan.open.clicked.connect(self.intake.open_dialog)
        scan.paste.clicked.connect(self.intake.paste)
        scan.card.confirmed.connect(self._confirmed)
        scan.card.lookAlikesShown.connect(self.comparing.compare)
        self.comparing.found.connect(scan.card.show_marks)
        scan.card.detailWanted.connect(lambda candidate: self.show_detail(candidate.product.sku, candidate))
        scan.card.hint.connect(self.hint)
        scan.card.idle.openWanted.connect(self.intake.open_dialog)
        scan.card.idle.sampleWanted.connect(self.intake.try_sample)
        scan.card.idle.searchWanted.connect(self.search)
        scan.card.unknown.closerWanted.connect(partial(self.advise, "closer"))
        scan.card.unknown.lightWanted.connect(partial(self.advise, "light"))
        scan.card.unknown.regionWanted.connect(self.draw_region)
        scan.card.ambiguous.regionWanted.connect(self.draw_region)
        scan.card.unknown.searchWanted.connect(self.search)
        scan.history.skuWanted.connect(self.show_detail)
        for panel in (scan.detail, scan.search, scan.catalog):
            panel.closeWanted.connect(self.show_answer)
        scan.search.skuWanted.connect(self.show_detail)
        scan.search.failed.connect(self.say)
        bar.search.textEdited.connect(self._search_for)
        bar.search.stepped.connect(scan.search.focus_next)
        bar.search.left.connect(self.show_answer)
        bar.warehouse.clicked.connect(self.toggle_warehouse)
        bar.catalog.clicked.connect(self.show_catalog)
        bar.settings.clicked.connect(self.open_settings)
        bar.help.clicked.connect(self.help.open_sheet)
        self.answers.hint.connect(self.hint)
        self.answers.failed.connect(self.say)
        self.switch.opened.connect(lambda _: self.answers.confirming.forget())
        self.switch.opened.connect(self.scanner.use)
        self.switch.opened.connect(lambda _: self.banner.settle("catalog"))
        self.desk.chosen.connect(lambda folder: self._change_settings(catalog=folder))
        self.desk.hint.connect(self.hint)
        self.intake.hint.connect(self.hint)
        self.intake.failed.connect(self.say)
        self.intake.stillComing.connect(self._still_coming)
        self.intake.manyCame.connect(self._many_came)
        self.watch.chosen.connect(lambda source: self._change_settings(camera=source))
        self.switch.failed.connect(self.say)
        self._note.timeout.connect(self._note_live)
        self.pages.currentChanged.connect(self._page_changed)
        self.restyled.connect(self.desk.restyle)

    # -- catalog -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the catalog and the camera of the settings; called once the window is on screen."""
        if self.settings.catalog is not None:
            self.switch.open(self.settings.catalog)
        else:
            self.switch.open_demo()
        self.watch.open(self.settings.camera)
        self._pace.start()

    # -- camera ------------------------------------------------------------------------------------------------------

    def use_camera(self, source: str) -> None:
        """Show another camera, file or stream, and remember it."""
        self.watch.use(source)

    def _measure(self) -> None:
        frames = self.scan.viewfinder.frames
        self.status.show_rate(frames - self._frames_before if not self.scanner.frozen else 0)
        self._frames_before = frames

    # -- looking up --------------------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """Freeze the view and look up; without a picture it says what is missing."""
        if not self.scanner.freeze():
            self.hint(self.tr("There is no picture yet. Choose a camera, or open a picture."))
        else:
            self.show_answer()

    def resume(self) -> None:
        """Go on with the live view."""
        self.scan.viewfinder.clear_region()
        self.scanner.resume()
        if not self.watch.had_frames:
            # There is no live view to go on with; a still that is called live would hear no key and no region.
            self.scan.viewfinder.clear_frame()

    def draw_region(self) -> None:
        """Begin a region."""
        if self.scan.viewfinder.region is None and not self.watch.had_frames and not self.scanner.frozen:
            self.hint(self.tr("There is no picture yet. Choose a camera, or open a picture."))
            return
        self.scan.viewfinder.start_framing()
        self.hint(self.tr("Drag over the item, or use the arrow keys; Shift resizes."))

    def _region_drawn(self, region: Region | None) -> None:
        self.scanner.draw_region(region)

    def look_up_files(self, paths: Sequence[Path]) -> None:
        """One picture is looked up here; several, or a folder, open the warehouse."""
        self.intake.files(paths)

    def _still_coming(self) -> None:
        self.show_scan()
        self.scan.viewfinder.clear_region()

    def _many_came(self, paths: list[Path]) -> None:
        self.show_warehouse()
        if self._warehouse is not None:
            self._warehouse.add(paths)

    def _answered(self, answer: Answer) -> None:
        self.scan.card.show_answer(answer)
        self._note.stop()
        if answer.source is not Source.LIVE:
            self.banner.settle("lookup")
            self.scan.history.add(answer)
            self.show_answer()
        elif answer.result.verdict is Verdict.MATCH:
            self._note.start()

    def _not_answered(self, error: Exception) -> None:
        if not isinstance(error, ImageError):
            # The view shows a picture by now that the card is not about: no answer is better than another item's.
            self._note.stop()
            self.scan.card.clear()
        self.say(error)

    def _note_live(self) -> None:
        answer = self.scan.card.answer
        if answer is not None and answer.source is Source.LIVE and answer.result.verdict is Verdict.MATCH:
            self.scan.history.add(answer)

    def _confirmed(self) -> None:
        if self.scanner.frozen and self.watch.had_frames:
            self.resume()

    def advise(self, what: str) -> None:
        """Go on with the live view and say what to try."""
        if self.watch.had_frames:
            self.resume()
        texts = {
            "closer": self.tr("Closer: let the item fill the view, then press Space."),
            "light": self.tr("More light: turn the item until no glare is left, then press Space."),
        }
        self.hint(texts[what])

    # -- panels --------------------------------------------------------------------------------------------

    def _page_changed(self) -> None:
        # The live view rests while the warehouse is on show.
        self.scanner.paused = self.pages.currentWidget() is not self.scan

    def _search_for(self, text: str) -> None:
        if not text.strip():
            self.scan.show_panel(self.scan.card)
            return
        self.show_scan()
        self.scan.show_panel(self.scan.search)
        self.scan.search.search(text)

    def show_detail(self, sku: str, candidate: Candidate | None = None) -> None:
        """Read a product with all its photos and show it."""
        catalog = self.switch.current
        if catalog is None:
            return
        answer = self.scan.card.answer
        result = answer.result if answer is not None and candidate is not None else None
        location = self.settings.location

        def show(detail: Detail) -> None:
            self.scan.detail.show_detail(detail, location, candidate, result)
            self.scan.show_panel(self.scan.detail)

        self._lanes.reads.submit(lambda: catalog.detail(sku), show, self.say)

    def say(self, error: Exception) -> None:
        """Show trouble without stopping anybody."""
        if isinstance(error, EngineError):
            kind = "catalog" if error.code.startswith(("catalog", "encoder")) else "lookup"
            self.banner.say(messages.message(error), kind)

    # -- settings ----------------------------------------------------------------------------------------------------

    def open_settings(self) -> None:
        """Show the settings."""
        from desktop.settings import SettingsDialog

        dialog = SettingsDialog(self.settings, self.camera.sources(), self)
        if self.theme is not None:
            dialog.setStyleSheet(self.theme.style_sheet())
        dialog.accepted.connect(lambda: self.apply(dialog.changes()))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def apply(self, changes: Mapping[str, object]) -> None:
        """Take changed settings over; what they concern starts anew."""
        before = self.settings
        self._change_settings(**changes)
        if self.settings.camera != before.camera:
            self.watch.open(self.settings.camera)
        current = self.switch.current
        if current is not None and any(getattr(self.settings, one) != getattr(before, one) for one in _AT_OPENING):
            self.switch.open(current.facts.folder)
        if self.scan.card.answer is not None and self.settings.location != before.location:
            self.scan.card.show_answer(self.scan.card.answer)

    def _change_settings(self, **changes: object) -> None:
        wanted = self.settings.model_copy(update=changes)
        if wanted == self.settings:
            return
        try:
            stored = self._save(wanted, self.settings)
        except EngineError as error:
            self.say(error)
            stored = wanted
        self._use_settings(stored)

    def _use_settings(self, settings: Settings) -> None:
        self.settings = settings
        self.switch.settings = self.building.settings = settings
        self.scanner.candidates, self.scanner.limits = settings.candidates, settings.limits
        self.scan.card.location = self.scan.search.location = settings.location
        self.scan.history.keep_pictures = settings.keep_scan_pictures

    # -- drops -------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and files; addresses too, to say why they are not opened."""
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(kind) for kind in pictures.ENCODED):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look up what was dropped."""
        self.intake.take(pictures.brought(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the camera and the threads, then let the catalog go."""
        self._pace.stop()
        self.building.stop()
        self.camera.shut_down()
        if self._warehouse is not None:
            self._warehouse.shut_down()
        self._lanes.stop()
        self.switch.close()
        super().closeEvent(event)
