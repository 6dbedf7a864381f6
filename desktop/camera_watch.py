"""What the window does about its camera: frames to view and scanner, trouble to the banner, choosing another."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QWidget

from desktop import messages
from desktop.banner import Banner
from desktop.camera import Camera, CameraState
from desktop.scanning import Scanner
from desktop.top_bar import TopBar
from desktop.viewfinder import Viewfinder
from engine.errors import CameraMissing, EngineError
from engine.records import Picture


class CameraWatch(QObject):
    """Stands between the camera and the screen."""

    #: str: another camera, file or address, to be remembered.
    chosen = Signal(str)

    def __init__(self, camera: Camera, view: Viewfinder, scanner: Scanner, bar: TopBar, banner: Banner) -> None:
        super().__init__()
        self._camera, self._view, self._scanner, self._bar, self._banner = camera, view, scanner, bar, banner
        self._source = ""
        self.had_frames = False
        #: While it lasts the view goes on saying it: trying again every few seconds is no news.
        self._in_trouble = False
        camera.frame.connect(self._frame)
        camera.failed.connect(self._failed)
        camera.state.connect(self._state)
        camera.devicesChanged.connect(lambda names: bar.show_cameras(names, self._source))
        bar.cameraChosen.connect(self.use)
        bar.videoFileWanted.connect(self._choose_video)
        bar.streamWanted.connect(self._ask_stream)

    def open(self, source: str) -> None:
        """Show a camera, file or stream."""
        self._source = source
        self._in_trouble = False
        self._scanner.resume()
        self._view.clear_frame()
        self._camera.open(source)
        self._bar.show_cameras(self._camera.sources(), source)

    def use(self, source: str) -> None:
        """Show another one and say so, to be remembered."""
        self.open(source)
        self.chosen.emit(source)

    def _frame(self, frame: Picture) -> None:
        self.had_frames = True
        if not self._scanner.frozen:
            self._view.show_frame(frame)
        self._scanner.offer(frame)

    def _failed(self, error: EngineError) -> None:
        said = messages.message(error)
        self._in_trouble = True
        self._view.show_placeholder(*said)
        # A machine without a camera is a normal case: the empty view says so, no alarm is needed.
        if self.had_frames or not isinstance(error, CameraMissing):
            self._banner.say(said, "camera")

    def _state(self, state: str) -> None:
        if state == CameraState.LIVE:
            self._in_trouble = False
            self._banner.settle("camera")
        elif state in (CameraState.CLOSED, CameraState.WAITING):
            self.had_frames = False
            if not self._scanner.frozen:
                self._view.clear_frame()
        elif state == CameraState.OPENING and not self._in_trouble:
            self._view.show_placeholder(self.tr("Opening the camera…"), self.tr("Meanwhile you can drop a photo here."))

    def _window(self) -> QWidget:
        return self._view.window()

    def _choose_video(self) -> None:
        kinds = self.tr("Videos") + " (*.mp4 *.mov *.mkv *.webm *.avi *.m4v)"
        chosen, _ = QFileDialog.getOpenFileName(self._window(), self.tr("Open a video"), "", kinds)
        if chosen:
            self.use(chosen)

    def _ask_stream(self) -> None:
        before = self._source if self._source.startswith("rtsp") else "rtsp://"
        address, agreed = QInputDialog.getText(
            self._window(), self.tr("Network camera"), self.tr("Address, e.g. rtsp://camera/stream"), text=before
        )
        if agreed and address.strip():
            self.use(address.strip())
