"""The log file: what happened on this machine, for store IT. Never on stdout, which belongs to results."""

from __future__ import annotations

import contextlib
import logging
import sys
from pathlib import Path

from engine.config import log_folder

LOG_NAME = "skulens.log"
#: The file is renamed to skulens.log.1 when it has grown to this, and the older one goes.
LIMIT_BYTES = 1_000_000
_FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


class TurningFileHandler(logging.FileHandler):
    """A log file with one predecessor, safe when several Skulens write to it.

    The standard RotatingFileHandler brings socket and pickle with it and loses lines when two processes turn the file
    at once; this one looks again before it renames.
    """

    def __init__(self, path: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self._path = path
        self._limit_bytes = limit_bytes

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; turn the file first when it is full. A full disk silences the log, never the program."""
        with contextlib.suppress(OSError):
            if self._path.stat().st_size >= self._limit_bytes:
                if self.stream is not None:
                    self.stream.close()
                    self.stream = None
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """A line that cannot be written is lost; stderr is for the user."""


def set_up(verbose: bool = False, folder: Path | None = None) -> Path | None:
    """Log to a file in `folder` (the user's log folder) and, warnings or with `verbose` everything, to stderr.

    Returns the file, or None where it cannot be written; then only stderr is used. Calling it again replaces the
    handlers of the first call.
    """
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if getattr(handler, "of_skulens", False)]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    on_screen = logging.StreamHandler(sys.stderr)
    on_screen.setLevel(logging.DEBUG if verbose else logging.ERROR)
    on_screen.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    _add(root, on_screen)
    folder = folder or log_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOG_NAME).open("a"):
            pass
    except OSError as error:
        logging.getLogger(__name__).info("no log file in %s: %s", folder, error)
        return None
    in_file = TurningFileHandler(folder / LOG_NAME)
    in_file.setFormatter(logging.Formatter(_FORMAT))
    _add(root, in_file)
    return folder / LOG_NAME


def _add(root: logging.Logger, handler: logging.Handler) -> None:
    handler.of_skulens = True  # type: ignore[attr-defined]
    root.addHandler(handler)
