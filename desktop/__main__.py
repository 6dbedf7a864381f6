"""The command `skulens`: without arguments the window, `--smoke-test` for builds, anything else the command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Start what the arguments ask for; the exit status."""
    arguments = sys.argv[1:]
    if not arguments:
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
