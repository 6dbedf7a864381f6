"""Settings on disk: whole or not at all, damaged, shared by several processes; and the dialog that edits them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QDialog
from pytestqt.qtbot import QtBot

from desktop import settings_store
from desktop.settings import SettingsDialog
from desktop.settings_store import SETTINGS_NAME, load, save
from engine.config import Settings, log_folder, profile_folder
from engine.errors import DiskFull, NotWritable, SettingsDamaged


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    settings = Settings(
        catalog=tmp_path / "目录 1", provider="cpu", language="zh_CN", camera="rtsp://c/1", candidates=7
    )
    assert load(tmp_path / "new") == Settings()
    save(settings, folder=tmp_path / "new")
    assert load(tmp_path / "new") == settings
    assert [path.name for path in (tmp_path / "new").glob("*.json")] == [SETTINGS_NAME]


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"\xff\xfe\x00", b"[1, 2]", b'"text"', b'{"camera": "' + b"x" * 1_100_000 + b'"}', b"[" * 100_000],
    ids=["empty", "cut", "binary", "list", "text", "huge", "deep"],
)
def test_a_damaged_file_is_set_aside_and_said_once(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / SETTINGS_NAME
    path.write_bytes(damage)
    with pytest.raises(SettingsDamaged) as caught:
        load(tmp_path)
    assert SETTINGS_NAME in caught.value.message and caught.value.advice
    assert load(tmp_path) == Settings()
    assert (tmp_path / "settings.damaged-1.json").read_bytes() == damage
    path.write_bytes(damage)
    with pytest.raises(SettingsDamaged):
        load(tmp_path)
    assert (tmp_path / "settings.damaged-2.json").exists()


def test_a_damaged_file_in_a_profile_that_cannot_be_written_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / SETTINGS_NAME).write_bytes(b"{")

    def refused(_: Path, __: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(settings_store, "replace", refused)
    with pytest.raises(SettingsDamaged):
        load(tmp_path)
    assert load(tmp_path) == Settings()


def test_one_value_that_does_not_fit_costs_only_itself(tmp_path: Path) -> None:
    values = {"camera": "Front", "provider": "quantum", "candidates": -3, "limits": {"name_chars": "x"}, "future": 1}
    (tmp_path / SETTINGS_NAME).write_text(json.dumps(values))
    assert load(tmp_path) == Settings(camera="Front")


def test_two_windows_that_change_different_things_both_keep_them(tmp_path: Path) -> None:
    first = second = save(Settings(), folder=tmp_path)
    save(first.model_copy(update={"camera": "Front"}), before=first, folder=tmp_path)
    stored = save(second.model_copy(update={"language": "zh_CN"}), before=second, folder=tmp_path)
    assert stored == load(tmp_path) == Settings(camera="Front", language="zh_CN")


def test_saving_over_a_damaged_file_keeps_it_beside(tmp_path: Path) -> None:
    (tmp_path / SETTINGS_NAME).write_bytes(b"{")
    before = Settings()
    save(before.model_copy(update={"camera": "Front"}), before=before, folder=tmp_path)
    assert load(tmp_path).camera == "Front"
    assert (tmp_path / "settings.damaged-1.json").read_bytes() == b"{"


def test_a_full_or_locked_disk_is_said_and_the_old_file_stays(tmp_path: Path) -> None:
    save(Settings(camera="old"), folder=tmp_path)
    # A limit on file sizes is what a full disk looks like to a program, and needs no disk of its own.
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from desktop import settings_store; from engine.config import Settings; from engine.errors import DiskFull\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try: settings_store.save(Settings(camera='new'), folder=Path(sys.argv[1]))\n"
        "except DiskFull as error: print(error.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == DiskFull.code
    assert load(tmp_path).camera == "old"
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable):
        save(Settings(), folder=tmp_path / "file")


def test_a_window_that_holds_the_lock_and_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_store, "LOCK_WITHIN_S", 0.1)
    with settings_store._alone(tmp_path), pytest.raises(NotWritable, match="another Skulens"):
        save(Settings(), folder=tmp_path)
    save(Settings(camera="free"), folder=tmp_path)


_WRITER = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QDialog
from pytestqt.qtbot import QtBot

from desktop import settings_store
from desktop.settings import SettingsDialog
from engine.config import Settings
folder, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
mine = settings_store.load(folder)
for number in range(rounds):
    wanted = mine.model_copy(update={name: f"{name}-{number}"})
    mine = settings_store.save(wanted, before=mine, folder=folder)
    assert settings_store.load(folder) is not None
"""


def test_two_processes_on_one_profile_do_not_damage_each_other(tmp_path: Path) -> None:
    """Both write their own value again and again; each read finds a whole file, and at the end both are there."""
    save(Settings(), folder=tmp_path)
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), name, "20"], stderr=subprocess.PIPE)
        for name in ("camera", "location")
    ]
    for writer in writers:
        _, said = writer.communicate(timeout=60)
        assert writer.returncode == 0, said.decode()
    assert load(tmp_path) == Settings(camera="camera-19", location="location-19")
    assert not list(tmp_path.glob("*damaged*")) and not list(tmp_path.glob(".*.part"))


def test_a_process_killed_while_it_saves_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    save(Settings(camera="camera-0"), folder=tmp_path)
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path), "camera", "1000000"])
        before = load(tmp_path).camera
        while writer.poll() is None and load(tmp_path).camera == before:
            pass
        writer.kill()
        writer.wait()
        assert load(tmp_path).camera.startswith("camera-")
    assert not list(tmp_path.glob("*damaged*"))


_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from desktop import app
from desktop.window import Window
from engine.config import profile_folder

name, value, catalog = sys.argv[1:]
rounds = 0

def step():
    global rounds
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, Window))
    if window.banner.said.sentence:
        print(window.banner.said, file=sys.stderr)
        QApplication.exit(1)
    if window.switch.current is None:
        return
    rounds += 1
    window.apply({name: value + str(rounds)})
    if rounds == 25:
        window.close()
        QApplication.quit()

make = app.make_application
def made(arguments):
    application = make(arguments)
    global ticker
    ticker = QTimer()
    ticker.timeout.connect(step)
    ticker.start(10)
    return application
app.make_application = made
sys.exit(app.run())
"""


def test_two_windows_on_one_profile_and_one_catalog_do_not_damage_each_other(tiny_catalog: Path) -> None:
    """Two real applications at once: both open the catalog, both save again and again, both end well."""
    save(Settings(catalog=tiny_catalog, provider="cpu", threads=1))
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    windows = [
        subprocess.Popen(
            [sys.executable, "-c", _WINDOW, name, value, str(tiny_catalog)], stderr=subprocess.PIPE, env=environment
        )
        for name, value in (("location", "shop-"), ("language", "en-"))
    ]
    try:
        for window in windows:
            _, said = window.communicate(timeout=120)
            assert window.returncode == 0, said.decode()
    finally:
        for window in windows:
            window.kill()
            window.communicate()
    stored = load()
    assert (stored.location, stored.language, stored.catalog) == ("shop-25", "en-25", tiny_catalog)
    assert not list(profile_folder().glob("*damaged*")) and not list((log_folder() / "crashes").glob("crash-*"))


# -- the dialog ------------------------------------------------------------------------------------------------------


def test_the_dialog_gives_only_what_was_changed(qtbot: QtBot) -> None:
    settings = Settings(camera="rtsp://cam/1", stock_stale_after_s=5001, language="de", provider="cuda")
    dialog = SettingsDialog(settings, ["Front", "Back"])
    qtbot.addWidget(dialog)
    assert dialog.changes() == {}
    dialog.camera.setEditText("Back")
    dialog.location.setText(" shop ")
    dialog.language.setCurrentIndex(dialog.language.findData("zh_CN"))
    dialog.provider.setCurrentIndex(dialog.provider.findData("auto"))
    dialog.catalog_age.setValue(1.5)
    dialog.keep.setChecked(True)
    dialog.candidates.setValue(9)
    assert dialog.changes() == {
        "camera": "Back", "location": "shop", "language": "zh_CN", "provider": "auto", "keep_scan_pictures": True,
        "catalog_old_after_s": 129_600, "candidates": 9,
    }  # fmt: skip
    stored = Settings.model_validate(settings.model_copy(update=dialog.changes()).model_dump())
    # 5001 s are shown as 1.4 h; that alone is no change.
    assert stored.stock_stale_after_s == 5001 and stored.camera == "Back"


@pytest.mark.parametrize(
    ("typed", "source"),
    [
        ("First camera found", ""),
        ("Front", "Front"),
        (" rtsp://cam/2 ", "rtsp://cam/2"),
        ("/videos/a.mp4", "/videos/a.mp4"),
    ],
)
def test_a_camera_is_chosen_or_typed(qtbot: QtBot, typed: str, source: str) -> None:
    dialog = SettingsDialog(Settings(camera="Gone"), ["Front"])
    qtbot.addWidget(dialog)
    dialog.camera.setEditText(typed)
    assert dialog.changes() == {"camera": source}


def test_every_control_has_a_name_and_room_for_a_thumb(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings(), [])
    qtbot.addWidget(dialog)
    dialog.show()
    controls = [
        *dialog.findChildren(QComboBox), *dialog.findChildren(QAbstractSpinBox), *dialog.findChildren(QAbstractButton),
        dialog.location,
    ]  # fmt: skip
    assert len(controls) >= 10
    for control in controls:
        assert control.accessibleName(), control
        assert control.height() >= 44, control


def test_enter_saves_and_escape_does_not(qtbot: QtBot) -> None:
    for key, accepted in ((Qt.Key.Key_Return, True), (Qt.Key.Key_Escape, False)):
        dialog = SettingsDialog(Settings(), [])
        qtbot.addWidget(dialog)
        dialog.open()
        qtbot.keyClick(dialog.location, key)
        assert (dialog.result() == QDialog.DialogCode.Accepted) is accepted
        assert not dialog.isVisible()
