"""The composition root: makes the parts, gives them to each other, runs, and takes them down again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from desktop import crash, i18n, settings_store
from desktop.camera import Camera
from desktop.messages import message
from desktop.window import Lanes, Window
from engine import logs
from engine.config import APP_NAME, Settings, resources
from engine.errors import EngineError, SettingsDamaged

_log = logging.getLogger(__name__)

#: What a desktop puts around a window, its title bar above all.
FRAME_PX = 40


def make_application(arguments: Sequence[str]) -> QApplication:
    """The QApplication with names and icon; the one that exists already, if any (in tests)."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(list(arguments))
    application.setApplicationName(APP_NAME)
    application.setApplicationDisplayName("Skulens")
    application.setDesktopFileName(APP_NAME)
    application.setApplicationVersion(crash.version())
    icons = sorted((resources() / "assets" / "icon").glob(f"{APP_NAME}*"))
    if icons:
        icon = QIcon()
        for file in icons:
            icon.addFile(str(file))
        application.setWindowIcon(icon)
    return application


def load_settings() -> tuple[Settings, EngineError | None]:
    """The settings, and what was wrong with them."""
    try:
        return settings_store.load(), None
    except SettingsDamaged as error:
        return settings_store.load(), error


def run(arguments: Sequence[str] = ()) -> int:
    """Open the window and stay until it is closed; the exit status."""
    logs.set_up()
    application = make_application([sys.argv[0], *arguments])
    settings, trouble = load_settings()
    i18n.speak(settings.language)
    # Before the window is made: a bug in making it leaves a report, too.
    made: list[Window] = []
    crashes = crash.install(lambda: facts_of(made[0]) if made else {})
    window = Window(settings, Lanes.make(), Camera(), save_settings)
    made.append(window)
    crashes.written.connect(lambda path: notice(window, Path(path)))
    show(window)
    earlier = crashes.earlier()
    if trouble is not None:
        window.banner.say(message(trouble))
    if earlier is not None:
        notice(window, earlier, earlier=True)
    # After the first frame of the window, so that a slow disk or camera never delays it.
    QTimer.singleShot(0, window.start)
    status = application.exec()
    crashes.close()
    return status


def show(window: Window) -> None:
    """Show the window; filling a screen on which the frame around it would push its foot over the edge."""
    room = window.screen().availableSize()
    if room.width() < window.width() or room.height() < window.height() + FRAME_PX:
        window.showMaximized()
    else:
        window.show()


def notice(window: Window, report: Path, *, earlier: bool = False) -> None:
    """Show where a crash report is."""
    from desktop.crash_notice import CrashNotice

    CrashNotice(report, window, earlier=earlier).show()


def facts_of(window: Window) -> dict[str, str]:
    """What a crash report says about this run."""
    catalog = window.switch.current
    if catalog is None:
        return {"catalog": "none"}
    facts = catalog.facts
    return {
        "catalog": f"{facts.name} version {facts.version}, {facts.products} products",
        "encoder": f"{facts.encoder_id} on {facts.provider}, {facts.variant}",
    }


def save_settings(settings: Settings, before: Settings) -> Settings:
    """Write what changed."""
    return settings_store.save(settings, before)
