"""A network camera on loopback that is killed, restarted, silenced and never answers, seen through the real path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop import camera as camera_room
from desktop.camera import Camera
from engine.errors import EngineError, StreamUnreachable
from engine.records import Picture
from tests.rtsp_server import RtspServer, elementary_frames


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return elementary_frames(tmp_path_factory.mktemp("stream"))


@pytest.fixture
def server(units: list[bytes]) -> Iterator[RtspServer]:
    server = RtspServer(units)
    yield server
    server.kill()


class Watcher:
    """What the camera said, and its newest frame."""

    def __init__(self, camera: Camera) -> None:
        self.frames = 0
        self.newest: Picture | None = None
        self.errors: list[EngineError] = []
        self.states: list[str] = []
        camera.frame.connect(self._frame)
        camera.failed.connect(self.errors.append)
        camera.state.connect(self.states.append)

    def _frame(self, picture: Picture) -> None:
        self.frames += 1
        self.newest = picture

    def red_and_blue(self) -> bool:
        """Whether the newest frame is the clip: its left half red, its right half blue."""
        if self.newest is None:
            return False
        assert self.newest.shape == (240, 320, 3)
        left, right = self.newest[:, :140].reshape(-1, 3).mean(0), self.newest[:, 180:].reshape(-1, 3).mean(0)
        return bool(left[0] > left[2] + 60 and right[2] > right[0] + 60)


@pytest.fixture
def camera(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    monkeypatch.setattr(camera_room, "WATCH_EVERY_MS", 100)
    monkeypatch.setattr(camera_room, "FIRST_RETRY_MS", 100)
    monkeypatch.setattr(camera_room, "LAST_RETRY_MS", 400)
    camera = Camera(silent_looks=8)
    yield camera
    camera.shut_down()


def test_a_stream_that_is_killed_and_restarted_comes_back_by_itself(
    camera: Camera, server: RtspServer, units: list[bytes], qtbot: QtBot
) -> None:
    seen = Watcher(camera)
    camera.open(server.url)
    qtbot.waitUntil(lambda: seen.frames > 5, timeout=20_000)
    # Before the first key frame the decoder may show grey.
    qtbot.waitUntil(lambda: seen.red_and_blue(), timeout=20_000)

    server.kill()
    qtbot.waitUntil(lambda: bool(seen.errors), timeout=20_000)
    assert isinstance(seen.errors[0], StreamUnreachable)
    assert server.url in seen.errors[0].message and seen.errors[0].advice
    qtbot.wait(1_000)
    # It went on trying, and said so once.
    assert len(seen.errors) == 1
    assert seen.states.count("opening") >= 2

    before = seen.frames
    again = RtspServer(units, port=server.port)
    try:
        qtbot.waitUntil(lambda: seen.frames > before + 5, timeout=20_000)
        assert seen.states[-1] == "live"
        assert len(seen.errors) == 1
    finally:
        camera.close()
        again.kill()


def test_a_stream_that_falls_silent_is_noticed_and_opened_again(
    camera: Camera, server: RtspServer, qtbot: QtBot
) -> None:
    seen = Watcher(camera)
    camera.open(server.url)
    qtbot.waitUntil(lambda: seen.frames > 5, timeout=20_000)
    server.silent.set()
    qtbot.waitUntil(lambda: bool(seen.errors), timeout=20_000)
    assert isinstance(seen.errors[0], StreamUnreachable)
    assert "nothing came for 0.8 seconds" in seen.errors[0].message
    before = seen.frames
    players = server.players
    server.silent.clear()
    qtbot.waitUntil(lambda: seen.frames > before + 5, timeout=20_000)
    assert server.players > players


@pytest.mark.parametrize("trouble", ["silent", "mute"])
def test_a_server_that_connects_and_sends_nothing_is_noticed(
    camera: Camera, server: RtspServer, qtbot: QtBot, trouble: str
) -> None:
    getattr(server, trouble).set()
    seen = Watcher(camera)
    camera.open(server.url)
    qtbot.waitUntil(lambda: bool(seen.errors), timeout=20_000)
    assert isinstance(seen.errors[0], StreamUnreachable)
    assert seen.frames == 0
    getattr(server, trouble).clear()
    qtbot.waitUntil(lambda: seen.frames > 5, timeout=20_000)


def test_nobody_listens_and_a_name_nobody_knows(camera: Camera, server: RtspServer, qtbot: QtBot) -> None:
    seen = Watcher(camera)
    server.kill()
    camera.open(f"rtsp://admin:secret@127.0.0.1:{server.port}/shelf")
    qtbot.waitUntil(lambda: bool(seen.errors), timeout=20_000)
    assert isinstance(seen.errors[0], StreamUnreachable)
    assert "secret" not in str(seen.errors[0])
    camera.open("rtsp://camera.invalid/shelf")
    qtbot.waitUntil(lambda: len(seen.errors) == 2, timeout=30_000)
    assert "its name is not known here" in seen.errors[1].message


@pytest.mark.parametrize("address", ["http://127.0.0.1/clip.mp4", "rtsp://", "rtsp://host:port/x", "ftp://host/x"])
def test_only_rtsp_addresses_are_ever_contacted(camera: Camera, qtbot: QtBot, address: str) -> None:
    seen = Watcher(camera)
    camera.open(address)
    assert isinstance(seen.errors[0], StreamUnreachable)
    assert "rtsp://camera/stream" in seen.errors[0].message


def test_closing_a_stream_does_not_wait_for_a_server_that_keeps_silent(
    camera: Camera, server: RtspServer, qtbot: QtBot
) -> None:
    """Qt ends a connection where it is told to. The server says nothing more, so who waits for it waits for ever."""
    seen = Watcher(camera)
    camera.open(server.url)
    qtbot.waitUntil(lambda: seen.frames > 5, timeout=20_000)
    server.mute.set()
    server.silent.set()
    camera.close()
    assert seen.states[-1] == "closed"
    count = seen.frames
    camera.open(server.url)
    camera.close()
    qtbot.wait(100)
    assert seen.frames == count and not seen.errors


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads and files are counted in /proc")
def test_a_camera_that_stays_away_costs_no_thread_and_no_file(
    camera: Camera, server: RtspServer, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kiosk may wait for its camera for days: a thousand tries must cost what one costs."""
    monkeypatch.setattr(camera_room, "FIRST_RETRY_MS", 10)
    monkeypatch.setattr(camera_room, "LAST_RETRY_MS", 10)

    def open_things() -> tuple[int, int]:
        return len(list(Path("/proc/self/task").iterdir())), len(list(Path("/proc/self/fd").iterdir()))

    server.kill()
    seen = Watcher(camera)
    camera.open(server.url)
    qtbot.waitUntil(lambda: seen.states.count("opening") > 5, timeout=20_000)
    before = open_things()
    qtbot.waitUntil(lambda: seen.states.count("opening") > 60, timeout=60_000)
    after = open_things()
    assert after[0] <= before[0] + 2 and after[1] <= before[1] + 2
    assert len(seen.errors) == 1
