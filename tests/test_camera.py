"""The camera: what a source is, what is said when it goes, and that it comes back by itself.

No camera is connected to the machine that runs this, so a list of devices is injected whose feeds play a real video
file into the same sink; everything behind the sink is the real path.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize, QUrl
from PySide6.QtGui import QImage
from PySide6.QtMultimedia import QtVideo, QVideoFrame, QVideoFrameFormat, QVideoSink
from pytestqt.qtbot import QtBot

from desktop import camera as camera_room
from desktop import camera_frames
from desktop.camera import SILENT_LOOKS, Camera, SourceKind, kind_of, retry_after_ms, shown_name
from desktop.camera_devices import DeviceList, Feed, Offer, PlayerFeed, best_offer, distinct
from engine.errors import CameraDenied, CameraLost, CameraMissing, EngineError, ImageUnreadable, VideoUnreadable
from engine.records import Picture
from tests.rtsp_server import write_video

PIXELS = QVideoFrameFormat.PixelFormat


class PluggedDevices(DeviceList):
    """A list of cameras that a test plugs in and out; each shows the same clip."""

    def __init__(self, clip: Path, *names: str) -> None:
        super().__init__()
        self._clip = clip
        self._names = list(names)
        self.feeds: list[Feed] = []
        self.dead = False

    def names(self) -> list[str]:
        return list(self._names)

    def plug(self, *names: str) -> None:
        self._names = list(names)
        self.changed.emit()

    def feed(self, name: str, sink: QVideoSink) -> Feed:
        assert name in self._names
        feed: Feed = DeadFeed(self) if self.dead else PlayerFeed(QUrl.fromLocalFile(str(self._clip)), sink, self)
        self.feeds.append(feed)
        return feed


class DeadFeed(Feed):
    """A device that starts and never sends a frame."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class Seen:
    """What a camera said, in order."""

    def __init__(self, camera: Camera) -> None:
        self.frames: list[Picture] = []
        self.errors: list[EngineError] = []
        self.states: list[str] = []
        self.threads: set[int] = set()
        camera.frame.connect(self._frame)
        camera.failed.connect(self.errors.append)
        camera.state.connect(self.states.append)

    def _frame(self, picture: Picture) -> None:
        self.frames.append(picture)
        self.threads.add(threading.get_ident())


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_video(tmp_path_factory.mktemp("clips") / "clip 货架.mp4", frames=20)


@pytest.fixture
def devices(qapp: object, clip: Path) -> PluggedDevices:
    return PluggedDevices(clip, "Front", "Back")


@pytest.fixture
def camera(devices: PluggedDevices, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    monkeypatch.setattr(camera_room, "WATCH_EVERY_MS", 100)
    monkeypatch.setattr(camera_room, "FIRST_RETRY_MS", 100)
    camera = Camera(devices=devices)
    yield camera
    camera.shut_down()


# -- pure ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", SourceKind.DEVICE),
        ("HD Webcam C920", SourceKind.DEVICE),
        ("UVC: 1.3M/HD", SourceKind.DEVICE),
        ("rtsp://10.0.0.7/shelf", SourceKind.STREAM),
        ("RTSPS://cam.store/1", SourceKind.STREAM),
        ("http://cam.store/1.mp4", SourceKind.STREAM),
        ("/home/me/clip", SourceKind.FILE),
        ("clips\\shelf.mp4", SourceKind.FILE),
        ("shelf.MOV", SourceKind.FILE),
        ("~/clip.avi", SourceKind.FILE),
    ],
)
def test_what_a_source_is(source: str, kind: SourceKind) -> None:
    assert kind_of(source) is kind


def test_a_password_in_an_address_is_never_shown() -> None:
    assert shown_name("rtsp://admin:secret@10.0.0.7:8554/shelf?token=x") == "rtsp://10.0.0.7:8554/shelf"
    assert shown_name("Front") == "Front"


def test_retries_slow_down_to_a_bound() -> None:
    waits = [retry_after_ms(attempt) for attempt in range(1, 40)]
    assert waits[:4] == [500, 1000, 2000, 4000]
    assert waits == sorted(waits)
    assert waits[-1] == camera_room.LAST_RETRY_MS


def test_two_cameras_of_one_model_have_two_names() -> None:
    assert distinct(["Cam", "Other", "Cam", "Cam"]) == ["Cam", "Other", "Cam (2)", "Cam (3)"]


def test_a_fluent_picture_wins_over_a_large_one() -> None:
    offers = [Offer(3840, 2160, 10), Offer(640, 480, 30), Offer(1280, 720, 30), Offer(1280, 720, 5)]
    assert best_offer(offers) == 2
    assert best_offer([Offer(2592, 1944, 5), Offer(1280, 720, 5)]) == 1
    assert best_offer([]) is None


# -- frames --------------------------------------------------------------------------------------------------------


def filled(pixels: QVideoFrameFormat.PixelFormat) -> QVideoFrame:
    """A frame of smooth values with a width that needs row padding."""
    frame = QVideoFrame(QVideoFrameFormat(QSize(322, 240), pixels))
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    for number in range(frame.planeCount()):
        values = np.frombuffer(frame.bits(number), np.uint8)
        values[:] = np.arange(len(values)) // frame.bytesPerLine(number) * (number + 1) // 4 + 60
        if "A" in pixels.name.split("_")[1]:
            # Opaque: an image with alpha would be blended by Qt, a camera's is not.
            values[0 if pixels.name[7] == "A" else 3 :: 4] = 255
    frame.unmap()
    return frame


READABLE = [
    PIXELS.Format_YUV420P, PIXELS.Format_YV12, PIXELS.Format_YUV422P, PIXELS.Format_NV12, PIXELS.Format_NV21,
    PIXELS.Format_P010, PIXELS.Format_P016, PIXELS.Format_YUYV, PIXELS.Format_UYVY, PIXELS.Format_Y8,
    PIXELS.Format_BGRA8888, PIXELS.Format_BGRX8888, PIXELS.Format_BGRA8888_Premultiplied, PIXELS.Format_ARGB8888,
    PIXELS.Format_XRGB8888, PIXELS.Format_RGBA8888, PIXELS.Format_RGBX8888, PIXELS.Format_ABGR8888,
    PIXELS.Format_XBGR8888,
]  # fmt: skip


@pytest.mark.parametrize("pixels", READABLE, ids=lambda pixels: pixels.name)
def test_every_layout_gives_the_picture_that_qt_would_show(qapp: object, pixels: QVideoFrameFormat.PixelFormat) -> None:
    frame = filled(pixels)
    assert camera_frames.readable(frame)
    ours = camera_frames.rgb_of(frame)
    theirs = camera_frames.rgb_of_image(frame.toImage())
    assert ours.dtype == np.uint8 and ours.shape == theirs.shape
    assert ours.flags.c_contiguous and ours.flags.owndata
    difference = np.abs(ours.astype(np.int16) - theirs)
    # Qt repeats chroma between two samples, we interpolate: single rows differ a little, the picture does not.
    assert difference.mean() < 1.0
    assert difference.max() <= 4


SPACES = QVideoFrameFormat.ColorSpace
RANGES = QVideoFrameFormat.ColorRange


@pytest.mark.parametrize(
    ("space", "height", "red", "blue"),
    [
        (SPACES.ColorSpace_BT601, 720, 0.299, 0.114),
        (SPACES.ColorSpace_BT709, 240, 0.2126, 0.0722),
        (SPACES.ColorSpace_BT2020, 240, 0.2627, 0.0593),
        (SPACES.ColorSpace_Undefined, 480, 0.299, 0.114),
        (SPACES.ColorSpace_Undefined, 720, 0.2126, 0.0722),
    ],
)
@pytest.mark.parametrize("full", [False, True])
def test_colours_are_true_in_every_colour_space(
    qapp: object, space: QVideoFrameFormat.ColorSpace, height: int, red: float, blue: float, full: bool
) -> None:
    """A tomato red, made by the standard's own formula (ITU-R BT.601-7, 2.5), comes back as it was."""
    wanted = np.array([201.0, 62.0, 40.0])
    luma = float(wanted @ (red, 1 - red - blue, blue))
    parts = (luma, (wanted[2] - luma) / (2 * (1 - blue)), (wanted[0] - luma) / (2 * (1 - red)))
    scaled = parts if full else (parts[0] * 219 / 255, parts[1] * 224 / 255, parts[2] * 224 / 255)
    levels = (scaled[0] + (0 if full else 16), scaled[1] + 128, scaled[2] + 128)
    layout = QVideoFrameFormat(QSize(64, height), PIXELS.Format_YUV420P)
    layout.setColorSpace(space)
    layout.setColorRange(RANGES.ColorRange_Full if full else RANGES.ColorRange_Video)
    frame = QVideoFrame(layout)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    for number, level in enumerate(levels):
        np.frombuffer(frame.bits(number), np.uint8)[:] = round(level)
    frame.unmap()
    assert np.abs(camera_frames.rgb_of(frame) - wanted).max() <= 2


@pytest.mark.parametrize("angle", list(QtVideo.Rotation), ids=lambda angle: angle.name)
def test_a_turned_frame_is_upright(qapp: object, angle: QtVideo.Rotation) -> None:
    layout = QVideoFrameFormat(QSize(32, 16), PIXELS.Format_BGRX8888)
    layout.setRotation(angle)
    frame = cornered(layout)
    ours = camera_frames.rgb_of(frame)
    theirs = camera_frames.rgb_of_image(frame.toImage())
    assert ours.shape == theirs.shape
    assert np.abs(ours.astype(np.int16) - theirs).mean() < 2


def test_a_mirrored_or_upside_down_surface_is_set_right(qapp: object) -> None:
    layout = QVideoFrameFormat(QSize(32, 16), PIXELS.Format_BGRX8888)
    assert camera_frames.rgb_of(cornered(layout))[2, 2, 0] == 240
    layout.setMirrored(True)
    assert camera_frames.rgb_of(cornered(layout))[2, -2, 0] == 240
    layout.setScanLineDirection(QVideoFrameFormat.Direction.BottomToTop)
    assert camera_frames.rgb_of(cornered(layout))[-2, -2, 0] == 240


def cornered(layout: QVideoFrameFormat) -> QVideoFrame:
    """Dark, with a bright corner top left."""
    frame = QVideoFrame(layout)
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    values = np.frombuffer(frame.bits(0), np.uint8).reshape(16, 32, 4)
    values[:] = 20
    values[:8, :8] = 240
    frame.unmap()
    return frame


def test_a_frame_outlives_the_buffer_it_came_from(qapp: object) -> None:
    frame = filled(PIXELS.Format_YUYV)
    picture = camera_frames.rgb_of(frame)
    before = picture.copy()
    assert frame.map(QVideoFrame.MapMode.WriteOnly)
    np.frombuffer(frame.bits(0), np.uint8)[:] = 0
    frame.unmap()
    assert np.array_equal(picture, before)


def test_a_damaged_jpeg_frame_is_a_users_trouble_not_a_bug(qapp: object) -> None:
    frame = QVideoFrame(QVideoFrameFormat(QSize(64, 64), PIXELS.Format_Jpeg))
    with pytest.raises(ImageUnreadable):
        camera_frames.rgb_of(frame)


def test_an_image_with_row_padding_becomes_rgb() -> None:
    image = QImage(3, 2, QImage.Format.Format_RGB32)
    image.fill(0xFF102030)
    picture = camera_frames.rgb_of_image(image)
    assert picture.shape == (2, 3, 3)
    assert (picture == (0x10, 0x20, 0x30)).all()


# -- a video file --------------------------------------------------------------------------------------------------


def test_a_video_file_plays_in_a_loop(camera: Camera, clip: Path, qtbot: QtBot) -> None:
    seen = Seen(camera)
    camera.open(str(clip))
    # More frames than it holds: it has begun again.
    qtbot.waitUntil(lambda: len(seen.frames) > 25, timeout=10_000)
    picture = seen.frames[5]
    assert picture.shape == (240, 320, 3) and picture.dtype == np.uint8 and picture.flags.owndata
    left, right = picture[200:, :140].reshape(-1, 3).mean(0), picture[200:, 180:].reshape(-1, 3).mean(0)
    assert left[0] > 150 and left[2] < 60
    assert right[2] > 150 and right[0] < 60
    assert seen.states == ["opening", "live"]
    assert seen.threads == {threading.get_ident()}
    assert not seen.errors
    camera.close()
    count = len(seen.frames)
    qtbot.wait(200)
    assert len(seen.frames) == count
    assert seen.states[-1] == "closed"


def test_frames_are_converted_off_the_gui_thread(
    camera: Camera, clip: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    where: set[int] = set()
    real = camera_frames.rgb_of

    def noted(frame: QVideoFrame) -> Picture:
        where.add(threading.get_ident())
        return real(frame)

    monkeypatch.setattr(camera_frames, "rgb_of", noted)
    seen = Seen(camera)
    camera.open(str(clip))
    qtbot.waitUntil(lambda: len(seen.frames) > 3, timeout=10_000)
    assert where and threading.get_ident() not in where


def test_a_missing_or_broken_video_file_is_said_and_not_tried_again(
    camera: Camera, tmp_path: Path, qtbot: QtBot
) -> None:
    seen = Seen(camera)
    camera.open(str(tmp_path / "none.mp4"))
    assert isinstance(seen.errors[0], VideoUnreadable) and "none.mp4" in seen.errors[0].message
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"not a video" * 100)
    camera.open(str(broken))
    qtbot.waitUntil(lambda: len(seen.errors) == 2, timeout=10_000)
    assert isinstance(seen.errors[1], VideoUnreadable) and "broken.mp4" in seen.errors[1].message
    assert seen.states[-1] == "closed"
    qtbot.wait(400)
    assert len(seen.errors) == 2


# -- a camera that is plugged in and out ---------------------------------------------------------------------------


def test_the_first_camera_is_taken_and_another_by_its_name(
    camera: Camera, devices: PluggedDevices, qtbot: QtBot
) -> None:
    assert camera.sources() == ["Front", "Back"]
    seen = Seen(camera)
    camera.open("")
    qtbot.waitUntil(lambda: len(seen.frames) > 2, timeout=10_000)
    camera.open("Back")
    count = len(seen.frames)
    qtbot.waitUntil(lambda: len(seen.frames) > count + 2, timeout=10_000)
    assert not seen.errors


def test_unplugging_is_said_and_plugging_in_goes_on_by_itself(
    camera: Camera, devices: PluggedDevices, qtbot: QtBot
) -> None:
    seen = Seen(camera)
    lists: list[list[str]] = []
    camera.devicesChanged.connect(lists.append)
    camera.open("Front")
    qtbot.waitUntil(lambda: len(seen.frames) > 2, timeout=10_000)
    devices.plug("Back")
    assert [type(error) for error in seen.errors] == [CameraLost]
    assert "Front" in seen.errors[0].message and seen.errors[0].advice
    assert seen.states[-1] == "waiting"
    qtbot.wait(500)
    # It was asked for by name: another camera is not taken instead, and the sentence is not repeated.
    assert len(devices.feeds) == 1
    assert len(seen.errors) == 1
    count = len(seen.frames)
    devices.plug("Back", "Front")
    qtbot.waitUntil(lambda: len(seen.frames) > count + 2, timeout=10_000)
    assert seen.states[-1] == "live"
    assert lists == [["Back"], ["Back", "Front"]]
    # A second outage is said again.
    devices.plug("Back")
    assert len(seen.errors) == 2


def test_without_any_camera_it_waits_for_the_first_one(camera: Camera, devices: PluggedDevices, qtbot: QtBot) -> None:
    devices.plug()
    seen = Seen(camera)
    camera.open("")
    assert [type(error) for error in seen.errors] == [CameraMissing]
    devices.plug("New")
    qtbot.waitUntil(lambda: len(seen.frames) > 2, timeout=10_000)
    qtbot.wait(4 * camera_room.FIRST_RETRY_MS)  # the attempt that was due by the clock is not made as well
    assert len(devices.feeds) == 1
    assert seen.states == ["opening", "waiting", "opening", "live"]


def test_a_camera_that_another_program_holds_is_noticed_and_tried_again(
    camera: Camera, devices: PluggedDevices, qtbot: QtBot
) -> None:
    camera._silent_looks = 1
    devices.dead = True
    seen = Seen(camera)
    camera.open("Front")
    qtbot.waitUntil(lambda: bool(seen.errors), timeout=10_000)
    assert isinstance(seen.errors[0], CameraDenied)
    # The patience of an ordinary camera again: on a busy machine one look may pass between two frames.
    camera._silent_looks = SILENT_LOOKS
    devices.dead = False
    qtbot.waitUntil(lambda: len(seen.frames) > 2, timeout=10_000)
    assert seen.states[-1] == "live"


def test_access_that_the_system_denies_is_said(camera: Camera, devices: PluggedDevices, qtbot: QtBot) -> None:
    devices.dead = True
    seen = Seen(camera)
    camera.open("Front")
    devices.feeds[0].denied.emit()
    assert [type(error) for error in seen.errors] == [CameraDenied]


def test_this_machines_own_list_of_cameras_can_be_asked(qapp: object) -> None:
    camera = Camera()
    assert isinstance(camera.sources(), list)
    camera.open("a camera that nobody has")
    camera.shut_down()
