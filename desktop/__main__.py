"""The command `skulens`: without arguments the window, `--smoke-test` for builds, anything else the command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping


def main() -> int:
    """Start what the arguments ask for; the exit status."""
    arguments = sys.argv[1:]
    if not arguments:
        if sys.platform == "linux" and not has_screen(os.environ):
            from engine.cli.app import USAGE, say
            from engine.errors import NoScreen

            say(NoScreen())
            return USAGE
        from desktop.app import run

        return run()
    if arguments == ["--smoke-test"]:
        from desktop.smoke_test import smoke_test

        return smoke_test()
    from engine.cli.app import run as run_command

    if "doctor" in arguments:
        from engine.cli import doctor_command

        doctor_command.camera_names = camera_names
    return run_command(arguments)


def has_screen(environment: Mapping[str, str]) -> bool:
    """Whether Qt has anything to draw on; it ends the program where it finds nothing."""
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM"))


def camera_names() -> list[str]:
    """The connected cameras by name, for `skulens doctor`: the engine knows none."""
    from PySide6.QtCore import QCoreApplication

    application = QCoreApplication.instance() or QCoreApplication([])
    from desktop.camera_devices import SystemDevices

    names = SystemDevices().names()
    del application
    return names


if __name__ == "__main__":
    sys.exit(main())
