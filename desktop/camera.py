"""The camera that the window sees: one source at a time, which comes back by itself after it was lost."""

from __future__ import annotations

import re
import socket
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, QUrl, Signal
from PySide6.QtMultimedia import QVideoFrame, QVideoSink

from desktop import camera_frames
from desktop.camera_devices import DeviceList, Feed, PlayerFeed, SystemDevices
from desktop.tasks import Lane
from engine.errors import (
    CameraDenied,
    CameraError,
    CameraLost,
    CameraMissing,
    EngineError,
    StreamUnreachable,
    VideoUnreadable,
)
from engine.records import Picture

#: How often the watchdog looks, and how many looks without a frame mean that none will come.
WATCH_EVERY_MS: Final = 500
SILENT_LOOKS: Final = 10
#: While it opens it may take this many times longer: a stream shows nothing before its next key frame.
OPENING_PATIENCE: Final = 3
FIRST_RETRY_MS: Final = 500
LAST_RETRY_MS: Final = 15_000
#: Frames that come faster are dropped before they cost anything.
MOST_FRAMES_PER_S: Final = 30
_LIKE_A_PATH: Final = re.compile(r"^[/~]|[\\/].*\.\w{2,4}$|\.(mp4|mov|avi|mkv|webm|m4v)$", re.IGNORECASE)


class CameraState(StrEnum):
    """What the signal `state` says."""

    CLOSED = "closed"
    OPENING = "opening"
    LIVE = "live"
    #: Lost, or not there yet; it comes back by itself.
    WAITING = "waiting"


class SourceKind(StrEnum):
    """What the text in the settings names."""

    DEVICE = "device"
    STREAM = "stream"
    FILE = "file"


def kind_of(source: str) -> SourceKind:
    """`rtsp://` and other addresses are streams, what looks like a path is a file, the rest is a camera's name."""
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", source):
        return SourceKind.STREAM
    if _LIKE_A_PATH.search(source) or (source and Path(source).is_file()):
        return SourceKind.FILE
    return SourceKind.DEVICE


def shown_name(source: str) -> str:
    """The source without the password that an address may carry, for the screen and the log."""
    if kind_of(source) is not SourceKind.STREAM:
        return source
    parts = urlsplit(source)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def retry_after_ms(attempt: int) -> int:
    """How long to wait before attempt 1, 2, ...: doubles up to LAST_RETRY_MS, so a dead address costs little."""
    return int(min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** min(attempt - 1, 16)))


class Camera(QObject):
    """Opens a camera, video file or stream and delivers its newest frames as RGB arrays on the GUI thread."""

    #: Picture: RGB uint8 (H, W, 3), owned by the receiver.
    frame = Signal(object)
    #: EngineError; said once for each outage, while the camera goes on trying.
    failed = Signal(object)
    #: A CameraState.
    state = Signal(str)
    #: list[str]: the names of the connected cameras.
    devicesChanged = Signal(list)  # noqa: N815

    def __init__(
        self, parent: QObject | None = None, *, devices: DeviceList | None = None, silent_looks: int = SILENT_LOOKS
    ) -> None:
        super().__init__(parent)
        self._devices: DeviceList = SystemDevices(self) if devices is None else devices
        self._devices.changed.connect(self._devices_changed)
        self._silent_looks = silent_looks
        self._sink = QVideoSink(self)
        self._sink.videoFrameChanged.connect(self._arrived)
        self._lane = Lane("frames")
        # Apart, so that a name server that does not answer never holds up the frames of the next source.
        self._names = Lane("addresses")
        self._feed: Feed | None = None
        self._source: str | None = None
        self._device = ""
        self._opening = 0
        self._attempt = 0
        self._looks = 0
        self._said: type[EngineError] | None = None
        self._state = CameraState.CLOSED
        self._since_frame = QElapsedTimer()
        self._watch = QTimer(self)
        self._watch.setInterval(WATCH_EVERY_MS)
        self._watch.timeout.connect(self._look)
        self._retry = QTimer(self)
        self._retry.setSingleShot(True)
        self._retry.timeout.connect(self._start)

    def sources(self) -> list[str]:
        """The names of the connected cameras, the system's default first."""
        return self._devices.names()

    def open(self, source: str) -> None:
        """Show `source`: '' for the first camera, a camera's name, a video file's path or an rtsp:// address.

        Returns at once. What goes wrong comes by `failed`; a camera or stream is tried again until `close`.
        """
        self.close()
        self._source = source
        self._start()

    def close(self) -> None:
        """Stop; no frame comes after this."""
        self._source = None
        self._attempt = 0
        self._said = None
        self._drop_feed()
        self._retry.stop()
        self._become(CameraState.CLOSED)

    def shut_down(self) -> None:
        """Close for good and end the thread, before the window goes."""
        self.close()
        self._lane.stop()
        self._names.stop()

    # -- starting ----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        # A camera that was plugged in starts at once: the attempt that was due anyway must not start it again.
        self._retry.stop()
        if self._source is None:
            return
        source = self._source
        self._become(CameraState.OPENING)
        kind = kind_of(source)
        if kind is SourceKind.FILE:
            path = Path(source).expanduser()
            if not path.is_file():
                self._broke("there is no such file")
                return
            self._run(PlayerFeed(QUrl.fromLocalFile(str(path.absolute())), self._sink, self))
        elif kind is SourceKind.STREAM:
            self._find_host(source)
        else:
            self._start_device(source)

    def _start_device(self, wanted: str) -> None:
        names = self._devices.names()
        if not names and not wanted:
            self._wait(CameraMissing())
            return
        self._device = wanted or names[0]
        if self._device not in names:
            self._wait(CameraLost(name=self._device))
            return
        self._run(self._devices.feed(self._device, self._sink))

    def _find_host(self, source: str) -> None:
        """Look the host's name up on the lane first: Qt would do it where it cannot be interrupted."""
        try:
            parts = urlsplit(source)
            host, port = parts.hostname, parts.port or 554
        except ValueError:
            host, port = None, 0
        if parts.scheme not in ("rtsp", "rtsps") or not host:
            self._broke("only addresses like rtsp://camera/stream can be opened")
            return
        opening = self._opening

        def resolve() -> None:
            try:
                socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except OSError as error:
                raise StreamUnreachable(name=shown_name(source), reason="its name is not known here") from error

        def resolved(_: None) -> None:
            if opening == self._opening:
                self._run(PlayerFeed(QUrl(source), self._sink, self))

        def unknown(error: Exception) -> None:
            if opening == self._opening and isinstance(error, EngineError):
                self._wait(error)

        self._names.submit(resolve, resolved, unknown)

    def _run(self, feed: Feed) -> None:
        self._feed = feed
        self._looks = 0
        feed.broken.connect(self._broke)
        feed.denied.connect(self._was_denied)
        self._watch.start()
        feed.start()

    # -- frames ------------------------------------------------------------------------------------------------------

    def _arrived(self, frame: QVideoFrame) -> None:
        if self._feed is None or not frame.isValid():
            return
        self._looks = 0
        if self._since_frame.isValid() and self._since_frame.elapsed() < 900 // MOST_FRAMES_PER_S:
            return
        self._since_frame.start()
        if not camera_frames.readable(frame):
            # A layout that no camera or decoder we know has: Qt can read it, but only here.
            self._deliver(self._opening, camera_frames.rgb_of_image(frame.toImage()))
            return
        opening = self._opening

        def convert() -> Picture:
            return camera_frames.rgb_of(frame)

        self._lane.submit(convert, lambda picture: self._deliver(opening, picture), self._unreadable)

    def _deliver(self, opening: int, picture: Picture) -> None:
        if opening != self._opening or self._source is None:
            return
        if self._state is not CameraState.LIVE:
            self._attempt = 0
            self._said = None
            self._become(CameraState.LIVE)
        self.frame.emit(picture)

    def _unreadable(self, error: Exception) -> None:
        """A damaged frame (a JPEG that ends too early): the next one is only milliseconds away."""

    # -- losing it and getting it back -------------------------------------------------------------------------------

    def _look(self) -> None:
        """The watchdog. It counts its own looks, not seconds: a long pause of the whole window is one look."""
        self._looks += 1
        allowed = self._silent_looks * (1 if self._state is CameraState.LIVE else OPENING_PATIENCE)
        if self._looks >= allowed:
            self._broke(f"nothing came for {allowed * WATCH_EVERY_MS / 1000:g} seconds")

    def _devices_changed(self) -> None:
        names = self._devices.names()
        self.devicesChanged.emit(names)
        if self._source is None or kind_of(self._source) is not SourceKind.DEVICE:
            return
        if self._feed is not None:
            if self._device not in names:
                self._wait(CameraLost(name=self._device))
        elif names and (not self._source or self._source in names):
            self._attempt = 0
            self._start()

    def _broke(self, reason: str) -> None:
        source = self._source
        if source is None:
            return
        kind = kind_of(source)
        name = shown_name(source)
        if kind is SourceKind.FILE:
            error: CameraError = VideoUnreadable(name=Path(source).name, reason=reason)
            self._drop_feed()
            self._source = None
            self._become(CameraState.CLOSED)
            self.failed.emit(error)
            return
        if kind is SourceKind.STREAM:
            error = StreamUnreachable(name=name, reason=reason)
        elif self._state is CameraState.LIVE:
            error = CameraLost(name=self._device)
        else:
            error = CameraDenied(name=self._device)
        self._wait(error)

    def _was_denied(self) -> None:
        self._wait(CameraDenied(name=self._device))

    def _wait(self, error: EngineError) -> None:
        """Say what is wrong, once, and try again later: by the clock, and at once when a camera is plugged in."""
        self._drop_feed()
        self._attempt += 1
        self._retry.start(retry_after_ms(self._attempt))
        self._become(CameraState.WAITING)
        if self._said is not type(error):
            self._said = type(error)
            self.failed.emit(error)

    def _drop_feed(self) -> None:
        self._opening += 1
        self._watch.stop()
        self._lane.cancel()
        self._names.cancel()
        if self._feed is not None:
            feed, self._feed = self._feed, None
            feed.broken.disconnect(self._broke)
            feed.denied.disconnect(self._was_denied)
            feed.stop()
            feed.deleteLater()

    def _become(self, state: CameraState) -> None:
        if state is not self._state:
            self._state = state
            self.state.emit(state.value)
