"""A bug ends in a report file that says what happened, and in a sentence that says where it is.

Python errors on any thread, fatal messages of Qt and crashes of native code are all caught. A report holds versions,
the catalog and the provider, the traceback without values, and the last lines of the log; never a picture, and no
password of a camera's address.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import platform
import re
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler, qVersion

from engine.config import log_folder
from engine.storage import process_alive, write_whole

KEPT_REPORTS: Final = 20
#: A bug in a timer would fill the disk with one and the same story.
REPORTS_A_RUN: Final = 5
LOG_LINES: Final = 80
_SEEN_NAME: Final = ".mentioned"

_log = logging.getLogger(__name__)
_SECRET: Final = re.compile(r"(?<=://)[^/\s@]+@")

#: Qt warns about much that concerns no user; what it calls critical is a warning for us.
_LEVELS: Final = {QtMsgType.QtWarningMsg: logging.INFO, QtMsgType.QtCriticalMsg: logging.WARNING}

#: What the report says about this run: the catalog, the provider. Called when a crash happens.
Facts = Callable[[], Mapping[str, str]]


class Crashes(QObject):
    """The hooks of one run. Make it by `install`."""

    #: The path of a report that was just written; connect it to show where. Comes on the GUI thread.
    written = Signal(str)

    def __init__(self, folder: Path, facts: Facts) -> None:
        super().__init__()
        self.folder = folder
        self._facts = facts
        self._stories: set[str] = set()
        self._lock = threading.Lock()
        self._tail = _Tail()
        self._before = (sys.excepthook, threading.excepthook)
        self._fatal: IO[str] | None = None
        self._qt_before: object = None

    # -- hooks -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Put the hooks in place."""
        with contextlib.suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
        logging.getLogger().addHandler(self._tail)
        sys.excepthook = self._python
        threading.excepthook = self._thread
        self._qt_before = qInstallMessageHandler(self._qt)
        with contextlib.suppress(OSError):
            # Stays open: a process that dies in native code can only write to a file that is open already.
            self._fatal = (self.folder / f"fatal-{os.getpid()}.txt").open("w", encoding="utf-8")
            self._fatal.write("\n".join(self._about("native code")) + "\n")
            self._fatal.flush()
            faulthandler.enable(self._fatal, all_threads=True)

    def close(self) -> None:
        """Take the hooks away at the end of the run."""
        logging.getLogger().removeHandler(self._tail)
        sys.excepthook, threading.excepthook = self._before
        qInstallMessageHandler(self._qt_before)  # type: ignore[arg-type]
        if self._fatal is not None:
            faulthandler.disable()
            self._fatal.close()
            with contextlib.suppress(OSError):
                Path(self._fatal.name).unlink()
            self._fatal = None

    def _python(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        self.report("".join(traceback.format_exception(kind, error, trace)), threading.current_thread().name)
        self._before[0](kind, error, trace)

    def _thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
            name = arguments.thread.name if arguments.thread else "a thread"
            self.report("".join(traceback.format_exception(arguments.exc_value)), name)
        self._before[1](arguments)

    def _qt(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        if kind == QtMsgType.QtFatalMsg:
            self.report(f"Qt gave up: {text}\n" + "".join(traceback.format_stack()), "Qt")
        level = {QtMsgType.QtWarningMsg: logging.INFO, QtMsgType.QtCriticalMsg: logging.WARNING}.get(
            kind, logging.DEBUG
        )
        logging.getLogger("qt").log(level, "%s: %s", context.category, text)
        if callable(self._qt_before):
            self._qt_before(kind, context, text)

    # -- reports -----------------------------------------------------------------------------------------------------

    def report(self, story: str, where: str) -> Path | None:
        """Write a report about `story` (a traceback) and say so by `written`; None if it was said or cannot be written.

        Never raises: it is called where an error is already on its way.
        """
        try:
            with self._lock:
                if story in self._stories or len(self._stories) >= REPORTS_A_RUN:
                    return None
                self._stories.add(story)
            lines = [
                *self._about(where),
                "",
                story.rstrip(),
                "",
                f"Last {LOG_LINES} lines of the log:",
                *self._tail.lines,
            ]
            now = datetime.now(UTC)
            path = self.folder / f"crash-{now:%Y%m%dT%H%M%S}-{os.getpid()}-{len(self._stories)}.txt"
            write_whole(path, (without_secrets("\n".join(lines)) + "\n").encode("utf-8", "backslashreplace"))
            _prune(self.folder)
            _log.error("a crash report was written: %s", path)
            _mark_mentioned(self.folder, path.name)
            self.written.emit(str(path))
        except Exception:
            _log.exception("a crash report could not be written")
            return None
        return path

    def _about(self, where: str) -> list[str]:
        facts: Mapping[str, str] = {}
        try:
            facts = self._facts()
        except Exception as error:
            facts = {"facts": f"not known ({type(error).__name__})"}
        return [
            "Skulens crash report. It holds no pictures; send it to your store IT.",
            f"time: {datetime.now(UTC).isoformat(timespec='seconds')}",
            f"skulens: {version()}",
            f"system: {platform.platform()} {platform.machine()}",
            f"python: {platform.python_version()}, Qt {qVersion()}",
            f"where: {where}",
            *(f"{name}: {value}" for name, value in facts.items()),
        ]

    def earlier(self) -> Path | None:
        """The newest report of an earlier run that nobody was told about; the next call gives None."""
        _collect_fatal(self.folder)
        known = _mentioned(self.folder)
        fresh = sorted(path for path in self.folder.glob("crash-*.txt") if path.name not in known)
        for path in fresh:
            _mark_mentioned(self.folder, path.name)
        return fresh[-1] if fresh else None


class _Tail(logging.Handler):
    """Keeps the last lines of the log in memory for the report."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self.lines: deque[str] = deque(maxlen=LOG_LINES)

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(Exception):
            self.lines.append(self.format(record))


def install(facts: Facts = dict, folder: Path | None = None) -> Crashes:
    """Catch what nobody catches, from now on; `facts` describes the run in the report."""
    crashes = Crashes(folder or log_folder() / "crashes", facts)
    crashes.start()
    return crashes


def version() -> str:
    """The version of the installed package, "unknown" in a bare checkout."""
    try:
        return metadata.version("skulens")
    except metadata.PackageNotFoundError:
        return "unknown"


def without_secrets(text: str) -> str:
    """Names and passwords in addresses are taken out, and the user's home folder becomes `~`."""
    text = _SECRET.sub("***@", text)
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


def _collect_fatal(folder: Path) -> None:
    """Turn what dead processes left in their fatal files into reports; an empty story (power cut) is no crash."""
    for path in folder.glob("fatal-*.txt"):
        pid = path.stem.removeprefix("fatal-")
        if not pid.isdigit() or int(pid) == os.getpid() or process_alive(int(pid)):
            continue
        with contextlib.suppress(OSError):
            text = path.read_text("utf-8", "backslashreplace")
            if "Fatal Python error" in text or "Windows fatal exception" in text:
                stamp = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                write_whole(folder / f"crash-{stamp:%Y%m%dT%H%M%S}-{pid}-0.txt", without_secrets(text).encode())
            path.unlink()


def _prune(folder: Path) -> None:
    for path in sorted(folder.glob("crash-*.txt"))[:-KEPT_REPORTS]:
        path.unlink(missing_ok=True)


def _mentioned(folder: Path) -> set[str]:
    try:
        return set((folder / _SEEN_NAME).read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return set()


def _mark_mentioned(folder: Path, name: str) -> None:
    kept = {path.name for path in folder.glob("crash-*.txt")}
    names = sorted((_mentioned(folder) & kept) | {name})
    write_whole(folder / _SEEN_NAME, ("\n".join(names) + "\n").encode())
