"""A crash on any thread, in Qt and in native code writes a report; the next start works and mentions it once."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from desktop import crash
from desktop.crash import Crashes, install, without_secrets
from desktop.crash_notice import CrashNotice
from desktop.tasks import Lane


@pytest.fixture
def crashes(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Crashes]:
    # Whatever pytest has as hooks would call the provoked error a failure of the test.
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    monkeypatch.setattr(threading, "excepthook", lambda *_: None)
    crashes = install(lambda: {"catalog": "demo 000001", "provider": "cpu int8"}, tmp_path / "crashes")
    yield crashes
    crashes.close()


def reports(folder: Path) -> list[str]:
    return [path.read_text("utf-8") for path in sorted(folder.glob("crash-*.txt"))]


def test_a_bug_in_a_job_is_reported_with_what_store_it_needs(crashes: Crashes, qtbot: QtBot) -> None:
    paths: list[str] = []
    crashes.written.connect(paths.append)
    logging.getLogger("engine.test").warning("opened rtsp://admin:hunter2@10.0.0.7/shelf")
    lane = Lane("buggy")
    secret = "a value that must not leave the shop"

    def job() -> int:
        assert secret
        raise ValueError("a bug 货")

    lane.submit(job, lambda _: None, lambda _: None)
    qtbot.waitUntil(lambda: bool(paths))
    lane.stop()
    text = Path(paths[0]).read_text("utf-8")
    for wanted in (
        "ValueError: a bug 货",
        "in job",
        "catalog: demo 000001",
        "provider: cpu int8",
        "skulens: ",
        "Qt 6.",
    ):
        assert wanted in text
    assert "opened rtsp://***@10.0.0.7/shelf" in text
    assert "hunter2" not in text and secret not in text
    # Said now, so the next start has nothing to mention.
    assert crashes.earlier() is None


def test_a_bug_on_another_thread_is_reported(crashes: Crashes, qtbot: QtBot) -> None:
    def run() -> None:
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=run, name="stray")
    with qtbot.waitSignal(crashes.written):
        thread.start()
        thread.join()
    (text,) = reports(crashes.folder)
    assert "in a thread" in text and "where: stray" in text


def test_the_same_bug_again_and_again_is_one_report_and_a_flood_is_five(crashes: Crashes) -> None:
    for _ in range(3):
        crashes.report("the same", "main")
    assert len(reports(crashes.folder)) == 1
    for number in range(20):
        crashes.report(f"story {number}", "main")
    assert len(reports(crashes.folder)) == crash.REPORTS_A_RUN


def test_old_reports_are_pruned(crashes: Crashes) -> None:
    for number in range(30):
        (crashes.folder / f"crash-20200101T0000{number:02}-1-1.txt").write_text("old")
    crashes.report("new", "main")
    assert len(reports(crashes.folder)) == crash.KEPT_REPORTS


def test_facts_that_fail_and_a_folder_that_cannot_be_written_never_raise(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    (tmp_path / "file").write_text("")
    crashes = install(lambda: {"x": str(1 // 0)}, tmp_path / "file" / "crashes")
    try:
        assert crashes.report("story", "main") is None
        assert crashes.earlier() is None
    finally:
        crashes.close()


def test_ctrl_c_is_no_crash(crashes: Crashes) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert reports(crashes.folder) == []


def test_addresses_lose_their_password_and_paths_the_users_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    text = without_secrets(f"rtsp://me:pass@cam/1 and {tmp_path}/catalog and rtsp://cam/2")
    assert text == "rtsp://***@cam/1 and ~/catalog and rtsp://cam/2"


_DIE = """
import ctypes, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer, qFatal
from desktop import crash
application = QCoreApplication([])
crashes = crash.install(lambda: {"provider": "cpu"}, Path(sys.argv[1]))
def slot():
    if sys.argv[2] == "native": ctypes.string_at(0)
    if sys.argv[2] == "qt": qFatal("out of windows")
    if sys.argv[2] == "kill": import os, signal; os.kill(os.getpid(), signal.SIGKILL)
    if sys.argv[2] == "python": raise ValueError("in a slot")
QTimer.singleShot(0, slot)
QTimer.singleShot(200, application.quit)
application.exec()
print("earlier", crashes.earlier())
crashes.close()
print("alive")
"""


def run(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _DIE, str(folder), how], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(("how", "sign"), [("native", "Segmentation fault"), ("qt", "Qt gave up: ")])
def test_a_process_that_dies_leaves_a_report_that_the_next_start_mentions_once(
    tmp_path: Path, how: str, sign: str
) -> None:
    died = run(tmp_path, how)
    assert died.returncode < 0
    next_start = run(tmp_path, "nothing")
    assert next_start.returncode == 0
    first = next_start.stdout.splitlines()[0]
    assert "crash-" in first
    everything = "\n".join(reports(tmp_path))
    assert sign in everything and "provider: cpu" in everything and "Python" in everything
    again = run(tmp_path, "nothing")
    assert again.stdout.splitlines() == ["earlier None", "alive"]
    assert not list(tmp_path.glob("fatal-*.txt"))


def test_an_error_in_a_slot_is_reported_and_the_program_goes_on(tmp_path: Path) -> None:
    done = run(tmp_path, "python")
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "alive"
    assert "ValueError: in a slot" in reports(tmp_path)[0]
    assert "ValueError: in a slot" in done.stderr


def test_a_killed_process_is_no_crash(tmp_path: Path) -> None:
    assert run(tmp_path, "kill").returncode < 0
    assert run(tmp_path, "nothing").stdout.splitlines() == ["earlier None", "alive"]


@pytest.mark.parametrize("earlier", [False, True])
def test_the_notice_says_where_and_does_not_block(qtbot: QtBot, tmp_path: Path, earlier: bool) -> None:
    notice = CrashNotice(tmp_path / "crash-1.txt", earlier=earlier)
    qtbot.addWidget(notice)
    notice.show()
    assert not notice.isModal()
    assert notice.findChild(QLineEdit).text() == str(tmp_path / "crash-1.txt")
    assert ("last time" in notice.findChildren(QLabel)[0].text()) is earlier
    for button in notice.findChildren(QPushButton):
        assert button.accessibleName() and button.minimumHeight() >= 44
