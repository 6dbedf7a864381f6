"""Where pictures come from: a camera of this machine, a video file or a stream, all into one QVideoSink."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QObject, QPermission, Qt, QUrl, Signal
from PySide6.QtMultimedia import (
    QCamera,
    QCameraDevice,
    QCameraFormat,
    QMediaCaptureSession,
    QMediaDevices,
    QMediaPlayer,
    QVideoSink,
)

#: What we ask a camera for: enough to see a label, and not more to convert than the encoder can use.
WANTED_PX: Final = (1280, 720)
ENOUGH_FRAMES_PER_S: Final = 24.0


class Feed(QObject):
    """Something that puts frames into a sink until it is stopped or breaks."""

    #: The reason, in the driver's words.
    broken = Signal(str)
    denied = Signal()

    def start(self) -> None:
        """Begin; frames come later or never, the caller watches."""
        raise NotImplementedError

    def stop(self) -> None:
        """End; no signal comes after this."""
        raise NotImplementedError


class DeviceList(QObject):
    """The cameras of a machine. A test gives its own, since no camera is connected there."""

    #: After a camera was plugged in or out.
    changed = Signal()

    def names(self) -> list[str]:
        """What is connected now, the system's default first; every name once."""
        raise NotImplementedError

    def feed(self, name: str, sink: QVideoSink) -> Feed:
        """A feed of the connected camera `name`; KeyError if it has gone meanwhile."""
        raise NotImplementedError


class PlayerFeed(Feed):
    """A video file, which loops, or a network stream, by QMediaPlayer without sound."""

    def __init__(self, url: QUrl, sink: QVideoSink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._url = url
        self._player = QMediaPlayer(self)
        self._player.setVideoSink(sink)
        if url.isLocalFile():
            self._player.setLoops(QMediaPlayer.Loops.Infinite.value)
        elif hasattr(self._player, "setPlaybackOptions"):
            # Qt 6.10 and later: do not buffer; the newest frame is the only one of interest.
            options = self._player.playbackOptions()
            options.setPlaybackIntent(type(options).PlaybackIntent.LowLatencyStreaming)
            self._player.setPlaybackOptions(options)
        # Queued: whoever hears `broken` stops the player, which must not happen inside one of its own signals.
        self._player.errorOccurred.connect(self._failed, Qt.ConnectionType.QueuedConnection)
        self._player.mediaStatusChanged.connect(self._status_changed, Qt.ConnectionType.QueuedConnection)
        self._stopped = False

    def start(self) -> None:
        """Load and play; loading happens on a thread of Qt."""
        self._player.setSource(self._url)
        self._player.play()

    def stop(self) -> None:
        """Stop playing and let go of the file or connection."""
        self._stopped = True
        self._player.stop()
        self._player.setSource(QUrl())

    def _failed(self, error: QMediaPlayer.Error, text: str) -> None:
        if not self._stopped:
            self.broken.emit(text or error.name)

    def _status_changed(self, status: QMediaPlayer.MediaStatus) -> None:
        if self._stopped:
            return
        if status == QMediaPlayer.MediaStatus.EndOfMedia:
            self.broken.emit("the other side ended the connection")
        elif status == QMediaPlayer.MediaStatus.LoadedMedia and not self._player.hasVideo():
            self.broken.emit("it holds no video")


class CameraFeed(Feed):
    """A camera that QtMultimedia knows."""

    def __init__(self, device: QCameraDevice, sink: QVideoSink, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._camera = QCamera(device, self)
        chosen = best_format(device.videoFormats())
        if chosen is not None:
            self._camera.setCameraFormat(chosen)
        self._session = QMediaCaptureSession(self)
        self._session.setCamera(self._camera)
        self._session.setVideoSink(sink)
        self._camera.errorOccurred.connect(self._failed, Qt.ConnectionType.QueuedConnection)
        self._stopped = False

    def start(self) -> None:
        """Ask for permission where the system wants it, then start the camera."""
        application = QCoreApplication.instance()
        if application is None:
            raise ValueError("a camera needs an application")
        # Imported here: older Qt builds for Linux leave the permission classes out.
        from PySide6.QtCore import QCameraPermission

        state = application.checkPermission(QCameraPermission())
        if state == Qt.PermissionStatus.Undetermined:
            application.requestPermission(QCameraPermission(), self, self._permitted)
        elif state == Qt.PermissionStatus.Denied:
            self.denied.emit()
        else:
            self._camera.start()

    def stop(self) -> None:
        """Release the device."""
        self._stopped = True
        self._camera.stop()
        # Qt takes null here (the stubs do not say so); the sink is free for the next feed before this one is deleted.
        self._session.setVideoSink(None)  # type: ignore[arg-type]
        self._session.setCamera(None)  # type: ignore[arg-type]

    def _permitted(self, permission: QPermission) -> None:
        if self._stopped:
            return
        if permission.status() == Qt.PermissionStatus.Granted:
            self._camera.start()
        else:
            self.denied.emit()

    def _failed(self, error: QCamera.Error, text: str) -> None:
        if error != QCamera.Error.NoError and not self._stopped:
            self.broken.emit(text or error.name)


class SystemDevices(DeviceList):
    """The cameras that QtMultimedia finds."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices = QMediaDevices(self)
        self._devices.videoInputsChanged.connect(self.changed)

    def names(self) -> list[str]:
        """See DeviceList."""
        return list(self._by_name())

    def feed(self, name: str, sink: QVideoSink) -> Feed:
        """See DeviceList."""
        return CameraFeed(self._by_name()[name], sink)

    @staticmethod
    def _by_name() -> dict[str, QCameraDevice]:
        devices = sorted(QMediaDevices.videoInputs(), key=lambda device: not device.isDefault())
        return dict(zip(distinct([device.description() for device in devices]), devices, strict=True))


def distinct(names: Sequence[str]) -> list[str]:
    """Two cameras of one model get different names: the second becomes "NAME (2)"."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


class Offer(NamedTuple):
    """A size and rate that a camera offers."""

    width: int
    height: int
    frames_per_s: float


def best_offer(offers: Sequence[Offer]) -> int | None:
    """The place of the offer to take: fluent before large, then nearest to WANTED_PX; None if there is none."""

    def rank(place: int) -> tuple[bool, int, float]:
        offer = offers[place]
        off = abs(offer.width * offer.height - WANTED_PX[0] * WANTED_PX[1])
        return offer.frames_per_s < ENOUGH_FRAMES_PER_S, off, -offer.frames_per_s

    return min(range(len(offers)), key=rank, default=None)


def best_format(formats: Sequence[QCameraFormat]) -> QCameraFormat | None:
    """`best_offer` over Qt's list."""
    place = best_offer(
        [Offer(one.resolution().width(), one.resolution().height(), one.maxFrameRate()) for one in formats]
    )
    return None if place is None else formats[place]
