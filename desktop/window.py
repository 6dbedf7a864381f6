"""The window: it connects the parts, and turns keys, drops and pastes into what they mean. It decides little itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QInputDialog,
    QMainWindow,
    QStackedWidget,
    QWidget,
)

from desktop import messages, pictures, wording
from desktop.banner import Banner
from desktop.building import Building
from desktop.camera import Camera, CameraState
from desktop.catalog_switch import CatalogSwitch
from desktop.key_help import KeyHelp
from desktop.messages import Message
from desktop.open_catalog import Answer, Detail, OpenCatalog, Source
from desktop.scan_page import ScanPage
from desktop.scanning import Scanner
from desktop.status_line import StatusLine
from desktop.tasks import Lane
from desktop.theme import Theme, window_scale
from desktop.tiles import column
from desktop.top_bar import TopBar
from engine.config import Settings, resources
from engine.errors import CameraMissing, EngineError
from engine.records import Candidate, Picture, Progress, Region, Verdict

if TYPE_CHECKING:
    from desktop.build_dialog import BuildDialog
    from desktop.warehouse import WarehouseView

_log = logging.getLogger(__name__)

#: A live match that stays this long is noted in the history.
_NOTED_AFTER_MS: Final = 1500
_HINT_MS: Final = 4000


@dataclass(frozen=True, slots=True)
class Lanes:
    """One thread for each kind of work, so that a long one never holds up another."""

    lookup: Lane
    reads: Lane
    switch: Lane
    build: Lane

    @classmethod
    def make(cls) -> Lanes:
        """Four fresh lanes; no thread starts before it has work."""
        return cls(Lane("lookup"), Lane("reads"), Lane("switch"), Lane("build"))

    def stop(self) -> None:
        """End the threads."""
        for lane in (self.lookup, self.reads, self.switch, self.build):
            lane.stop()


class Window(QMainWindow):
    """Skulens' only main window."""

    def __init__(
        self, settings: Settings, lanes: Lanes, camera: Camera, save: Callable[[Settings, Settings], Settings]
    ) -> None:
        super().__init__()
        self.setWindowTitle("Skulens")
        self.setAcceptDrops(True)
        self.setMinimumSize(1024, 680)
        self.resize(1280, 800)
        self.settings, self._lanes, self.camera, self._save = settings, lanes, camera, save
        self.theme: Theme | None = None
        self._frames_before, self._sample = 0, 0
        self._had_frames = False
        self._warehouse: WarehouseView | None = None
        self._build_dialog: BuildDialog | None = None
        self.scanner = Scanner(lanes.lookup)
        self.switch = CatalogSwitch(lanes.switch, settings)
        self.building = Building(lanes.build, settings)
        self.bar, self.banner, self.status = TopBar(), Banner(), StatusLine()
        self.scan = ScanPage(lanes.reads)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.scan)
        body = QWidget()
        body.setLayout(column(self.bar, self.banner, self.pages, self.status, spacing=0))
        self.setCentralWidget(body)
        self.help = KeyHelp(body)
        self._note = QTimer(self)
        self._note.setSingleShot(True)
        self._note.setInterval(_NOTED_AFTER_MS)
        self._unhint = QTimer(self)
        self._unhint.setSingleShot(True)
        self._unhint.setInterval(_HINT_MS)
        self._unhint.timeout.connect(lambda: self.scan.viewfinder.show_hint(""))
        self._pace = QTimer(self)
        self._pace.setInterval(1000)
        self._pace.timeout.connect(self._measure)
        self._connect()
        self._bind_keys()
        self._use_settings(settings)
        self._restyle()

    # -- connections -------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        scan, bar = self.scan, self.bar
        self.camera.frame.connect(self._frame)
        self.camera.failed.connect(self._camera_failed)
        self.camera.state.connect(self._camera_state)
        self.camera.devicesChanged.connect(lambda names: self.bar.show_cameras(names, self.settings.camera))
        self.scanner.answered.connect(self._answered)
        self.scanner.refreshed.connect(scan.card.refresh)
        self.scanner.failed.connect(self.say)
        self.scanner.frozenChanged.connect(scan.show_frozen)
        self.scanner.still.connect(scan.viewfinder.show_frame)
        self.scanner.looked.connect(scan.viewfinder.show_region)
        self.scanner.working.connect(scan.viewfinder.show_working)
        scan.viewfinder.regionDrawn.connect(self._region_drawn)
        scan.freeze.clicked.connect(self.freeze)
        scan.resume.clicked.connect(self.resume)
        scan.region.clicked.connect(self.draw_region)
        scan.open.clicked.connect(self.open_picture)
        scan.paste.clicked.connect(self.paste)
        scan.card.confirmed.connect(self._confirmed)
        scan.card.detailWanted.connect(lambda candidate: self.show_detail(candidate.product.sku, candidate))
        scan.card.hint.connect(self.hint)
        scan.card.idle.openWanted.connect(self.open_picture)
        scan.card.idle.sampleWanted.connect(self.try_sample)
        scan.card.idle.searchWanted.connect(self.search)
        scan.card.unknown.closerWanted.connect(partial(self._advise, "closer"))
        scan.card.unknown.lightWanted.connect(partial(self._advise, "light"))
        scan.card.unknown.regionWanted.connect(self.draw_region)
        scan.card.ambiguous.regionWanted.connect(self.draw_region)
        scan.card.unknown.searchWanted.connect(self.search)
        scan.history.skuWanted.connect(self.show_detail)
        for panel in (scan.detail, scan.search, scan.catalog):
            panel.closeWanted.connect(self.show_answer)
        scan.search.skuWanted.connect(self.show_detail)
        scan.search.failed.connect(self.say)
        scan.catalog.openWanted.connect(self.open_catalog)
        scan.catalog.buildWanted.connect(self.build_catalog)
        scan.catalog.demoWanted.connect(self.open_demo)
        bar.search.textEdited.connect(self._search_for)
        bar.search.stepped.connect(scan.search.focus_next)
        bar.search.left.connect(self.show_answer)
        bar.warehouse.clicked.connect(self.toggle_warehouse)
        bar.catalog.clicked.connect(self.show_catalog)
        bar.settings.clicked.connect(self.open_settings)
        bar.help.clicked.connect(self.help.open_sheet)
        bar.cameraChosen.connect(self.use_camera)
        bar.videoFileWanted.connect(self._choose_video)
        bar.streamWanted.connect(self._ask_stream)
        self.switch.opened.connect(self._use_catalog)
        self.switch.failed.connect(self.say)
        self.switch.busy.connect(self._opening)
        self.switch.progressed.connect(self._demo_progressed)
        self._note.timeout.connect(self._note_live)
        QGuiApplication.styleHints().colorSchemeChanged.connect(lambda _: self._restyle())

    def _bind_keys(self) -> None:
        bound: list[tuple[str, Callable[[], object]]] = [
            ("Space", self._space),
            ("Esc", self.back),
            ("Return", self._enter),
            ("Enter", self._enter),
            ("Ctrl+I", self.scan.card.want_details),
            ("R", self.draw_region),
            ("L", partial(self._advise, "light")),
            ("T", self.try_sample),
            ("Ctrl+O", self.open_picture),
            ("Ctrl+V", self.paste),
            ("Ctrl+F", self.search),
            ("Ctrl+W", self.toggle_warehouse),
            ("Ctrl+K", self.bar.camera.showMenu),
            ("Ctrl+L", self.show_catalog),
            ("Ctrl+Shift+O", self.open_catalog),
            ("Ctrl+B", self.build_catalog),
            ("Ctrl+D", self.open_demo),
            ("Ctrl+,", self.open_settings),
            ("F1", self.help.toggle),
            ("F2", self.banner.dismiss),
            ("F11", self._toggle_full_screen),
            ("Ctrl+Q", self.close),
            *((str(number), partial(self._choose, number - 1)) for number in range(1, 10)),
        ]
        for key, action in bound:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.activated.connect(action)

    # -- catalog -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Open the catalog and the camera of the settings; called once the window is on screen."""
        if self.settings.catalog is not None:
            self.switch.open(self.settings.catalog)
        else:
            self.switch.open_demo()
        self.camera.open(self.settings.camera)
        self.bar.show_cameras(self.camera.sources(), self.settings.camera)
        self._pace.start()

    def open_catalog(self) -> None:
        """Ask for a catalog folder and open it."""
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Open the folder that holds the file CURRENT"))
        if chosen:
            self.open_catalog_in(Path(chosen))

    def open_catalog_in(self, folder: Path) -> None:
        """Open a catalog, and remember it once it is open."""
        self.switch.open(folder)

    def open_demo(self) -> None:
        """Open the bundled demo."""
        self.switch.open_demo()

    def build_catalog(self) -> None:
        """Show the build window."""
        if self._build_dialog is None:
            from desktop.build_dialog import BuildDialog

            self._build_dialog = BuildDialog(self.building, self)
            self._build_dialog.openWanted.connect(self.open_catalog_in)
        if self.theme is not None:
            self._build_dialog.restyle(self.theme)
        self._build_dialog.show()
        self._build_dialog.raise_()
        self._build_dialog.activateWindow()

    def _use_catalog(self, catalog: OpenCatalog) -> None:
        facts = catalog.facts
        same = self.status.folder == facts.folder
        self.scanner.use(catalog)
        self.scan.search.use(catalog)
        self.scan.catalog.show_facts(facts)
        self.status.show_catalog(facts, self.settings.catalog_old_after_s)
        self.banner.settle("catalog")
        if not same:
            self.scan.card.clear()
            self.show_answer()
            demo = self._is_demo(facts.folder)
            self._change_settings(catalog=None if demo else facts.folder)
        self.hint(self.tr("{name} is open.").format(name=facts.name or facts.folder.name))

    def _is_demo(self, folder: Path) -> bool:
        from engine.demo import demo_folder

        return folder == demo_folder()

    def _opening(self, busy: bool) -> None:
        if busy and self.switch.current is None:
            self.scan.viewfinder.show_hint(self.tr("Opening the catalog…"))
        elif not busy:
            self.scan.viewfinder.show_hint("")

    def _demo_progressed(self, progress: Progress) -> None:
        from desktop.build_dialog import progress_line

        prepared = self.tr("Preparing the demo catalog")
        self.scan.viewfinder.show_hint(f"{prepared}: {progress_line(progress)}")

    # -- camera ------------------------------------------------------------------------------------------------------

    def _frame(self, frame: Picture) -> None:
        self._had_frames = True
        if not self.scanner.frozen:
            self.scan.viewfinder.show_frame(frame)
        self.scanner.offer(frame)

    def _camera_failed(self, error: EngineError) -> None:
        said = messages.message(error)
        self.scan.viewfinder.show_placeholder(*said)
        # A machine without a camera is a normal case: the empty view says so, no alarm is needed.
        if self._had_frames or not isinstance(error, CameraMissing):
            self.banner.say(said, "camera")

    def _camera_state(self, state: str) -> None:
        if state == CameraState.LIVE:
            self.banner.settle("camera")
        elif state in (CameraState.CLOSED, CameraState.WAITING) and not self.scanner.frozen:
            self.scan.viewfinder.clear_frame()
        elif state == CameraState.OPENING:
            self.scan.viewfinder.show_placeholder(
                self.tr("Opening the camera…"), self.tr("Meanwhile you can drop a photo here.")
            )

    def use_camera(self, source: str) -> None:
        """Show another camera, file or stream, and remember it."""
        self._change_settings(camera=source)
        self.scanner.resume()
        self.scan.viewfinder.clear_frame()
        self.camera.open(source)
        self.bar.show_cameras(self.camera.sources(), source)

    def _choose_video(self) -> None:
        kinds = self.tr("Videos") + " (*.mp4 *.mov *.mkv *.webm *.avi *.m4v)"
        chosen, _ = QFileDialog.getOpenFileName(self, self.tr("Open a video"), "", kinds)
        if chosen:
            self.use_camera(chosen)

    def _ask_stream(self) -> None:
        before = self.settings.camera if self.settings.camera.startswith("rtsp") else "rtsp://"
        address, agreed = QInputDialog.getText(
            self, self.tr("Network camera"), self.tr("Address, e.g. rtsp://camera/stream"), text=before
        )
        if agreed and address.strip():
            self.use_camera(address.strip())

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

    def draw_region(self) -> None:
        """Begin a region."""
        if self.scan.viewfinder.region is None and not self._had_frames and not self.scanner.frozen:
            self.hint(self.tr("There is no picture yet. Choose a camera, or open a picture."))
            return
        self.scan.viewfinder.start_framing()
        self.hint(self.tr("Drag over the item, or use the arrow keys; Shift resizes."))

    def _region_drawn(self, region: Region | None) -> None:
        self.scanner.draw_region(region)

    def look_up_files(self, paths: list[Path]) -> None:
        """One picture is looked up here; several, or a folder, open the warehouse."""
        if len(paths) == 1 and not paths[0].is_dir():
            self.show_scan()
            self.scan.viewfinder.clear_region()
            self.scanner.look_up_file(paths[0])
        elif paths:
            self.show_warehouse()
            assert self._warehouse is not None
            self._warehouse.add(paths)

    def open_picture(self) -> None:
        """Ask for pictures."""
        kinds = self.tr("Pictures") + " (" + " ".join(f"*.{suffix}" for suffix in pictures.SUFFIXES) + ")"
        chosen, _ = QFileDialog.getOpenFileNames(self, self.tr("Open pictures"), "", kinds)
        self.look_up_files([Path(name) for name in chosen])

    def paste(self) -> None:
        """Look up what is on the clipboard."""
        self._take(pictures.brought(QGuiApplication.clipboard().mimeData()))

    def try_sample(self) -> None:
        """Look the next of the bundled samples up."""
        samples = sample_pictures()
        if samples:
            self.look_up_files([samples[self._sample % len(samples)]])
            self._sample += 7
        else:
            self.hint(self.tr("No samples are installed."))

    def _take(self, brought: pictures.Brought) -> None:
        if brought.paths:
            self.look_up_files([Path(path) for path in brought.paths])
        elif brought.data or brought.pixels is not None:
            self.show_scan()
            self.scan.viewfinder.clear_region()
            if brought.pixels is not None:
                self.scanner.look_up_pixels(brought.pixels)
            else:
                self.scanner.look_up_bytes(brought.data)
        elif brought.addresses:
            sentence = self.tr("An address was dropped or pasted; Skulens does not open addresses.")
            self.banner.say(Message(sentence, self.tr("Save the picture on this machine and drop the file.")))
        else:
            self.hint(self.tr("There is no picture on the clipboard."))

    def _answered(self, answer: Answer) -> None:
        self.scan.card.show_answer(answer)
        self._note.stop()
        if answer.source is not Source.LIVE:
            self.banner.settle("lookup")
            self.scan.history.add(answer)
            self.show_answer()
        elif answer.result.verdict is Verdict.MATCH:
            self._note.start()

    def _note_live(self) -> None:
        answer = self.scan.card.answer
        if answer is not None and answer.source is Source.LIVE and answer.result.verdict is Verdict.MATCH:
            self.scan.history.add(answer)

    def _confirmed(self, answer: Answer, candidate: Candidate) -> None:
        self.scan.history.add(answer, candidate, confirmed=True)
        self.hint(self.tr("Confirmed: {name}").format(name=wording.name_of(candidate.product)))
        if self.scanner.frozen and self._had_frames:
            self.resume()

    def _advise(self, what: str) -> None:
        """Go on with the live view and say what to try."""
        if self._had_frames:
            self.resume()
        texts = {
            "closer": self.tr("Closer: let the item fill the view, then press Space."),
            "light": self.tr("More light: turn the item until no glare is left, then press Space."),
        }
        self.hint(texts[what])

    # -- panels and pages --------------------------------------------------------------------------------------------

    def show_answer(self) -> None:
        """Show the answer card."""
        self.scan.show_panel(self.scan.card)
        self.bar.search.clear()
        self.scan.viewfinder.setFocus()

    def show_catalog(self) -> None:
        """Show what the catalog is."""
        self.show_scan()
        self.scan.show_panel(self.scan.catalog)

    def search(self) -> None:
        """Put the cursor into the search box."""
        self.show_scan()
        self.bar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.bar.search.selectAll()

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

    def show_scan(self) -> None:
        """Show the scan screen."""
        self.pages.setCurrentWidget(self.scan)
        self.bar.warehouse.setChecked(False)
        self.scanner.paused = False

    def show_warehouse(self) -> None:
        """Show the warehouse; the live view rests meanwhile."""
        if self._warehouse is None:
            from desktop.warehouse import WarehouseView

            self._warehouse = WarehouseView(self._lookup_provider)
            self.pages.addWidget(self._warehouse)
        self.pages.setCurrentWidget(self._warehouse)
        self.bar.warehouse.setChecked(True)
        self.scanner.paused = True

    def toggle_warehouse(self) -> None:
        """Warehouse, or back."""
        if self.pages.currentWidget() is self._warehouse and self._warehouse is not None:
            self.show_scan()
        else:
            self.show_warehouse()

    def back(self) -> None:
        """Esc: close what is on top, else go on with the live view."""
        if self.help.isVisible():
            self.help.close_sheet()
        elif self.pages.currentWidget() is not self.scan:
            self.show_scan()
        elif self.scan.panel is not self.scan.card:
            self.show_answer()
        else:
            self.resume()

    def hint(self, text: str) -> None:
        """Say something for a moment, over the view."""
        self.scan.viewfinder.show_hint(text)
        self._unhint.start()

    def say(self, error: Exception) -> None:
        """Show trouble without stopping anybody."""
        if isinstance(error, EngineError):
            kind = "catalog" if error.code.startswith(("catalog", "encoder")) else "lookup"
            self.banner.say(messages.message(error), kind)

    # -- keys --------------------------------------------------------------------------------------------------------

    def _space(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        else:
            self.show_scan()
            self.freeze()

    def _enter(self) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QAbstractButton):
            focused.click()
        elif self.scan.panel is self.scan.search:
            first = self.scan.search.first()
            if first is not None:
                first.click()
        elif self.scan.panel is self.scan.card:
            self.scan.card.confirm()

    def _choose(self, index: int) -> None:
        if self.pages.currentWidget() is self.scan and self.scan.panel is self.scan.card:
            self.scan.card.choose(index)

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    # -- settings and looks ------------------------------------------------------------------------------------------

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
            self.use_camera(self.settings.camera)
        current = self.switch.current
        if current is not None and (self.settings.provider, self.settings.threads) != (before.provider, before.threads):
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

    def _restyle(self) -> None:
        theme = Theme.of(QGuiApplication.palette(), window_scale(self.width(), self.height()))
        if theme == self.theme:
            return
        self.theme = theme
        self.setStyleSheet(theme.style_sheet())
        for part in (self.bar, self.banner, self.status, self.scan, self.help):
            part.restyle(theme)
        if self._build_dialog is not None:
            self._build_dialog.restyle(theme)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the platform's palette while the window is open."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ThemeChange) and hasattr(self, "help"):
            # Not in the middle of Qt's own walk over the widgets.
            QTimer.singleShot(0, self._restyle)
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A larger window gets larger letters."""
        super().resizeEvent(event)
        self._restyle()

    def sizeHint(self) -> QSize:
        """The smallest screen that is supported."""
        return QSize(1280, 800)

    # -- drops -------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures and files; addresses too, to say why they are not opened."""
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage() or any(mime.hasFormat(kind) for kind in pictures.ENCODED):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look up what was dropped."""
        self._take(pictures.brought(event.mimeData()))
        event.acceptProposedAction()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press on nothing gives the keys back to the view."""
        self.scan.viewfinder.setFocus()
        super().mousePressEvent(event)

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

    def _lookup_provider(self) -> OpenCatalog | None:
        return self.switch.current


def sample_pictures() -> list[Path]:
    """The stills that come with Skulens."""
    folder = resources() / "assets" / "samples"
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))


