from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import logs
from engine.config import log_folder


@pytest.fixture(autouse=True)
def _handlers_go_away() -> Iterator[None]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    for handler in [one for one in root.handlers if one not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_lines_go_to_the_file_and_only_errors_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    path = logs.set_up()
    assert path == log_folder() / logs.LOG_NAME
    logging.getLogger("x").info("found 一 %s", "bar\udcff")
    logging.getLogger("x").error("broken")
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "ERROR: broken\n")
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert re.search(r"\d INFO \d+ x: found 一 bar\\udcff\n", text)
    assert "ERROR" in text


def test_verbose_shows_all_and_a_second_set_up_replaces_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up(True, tmp_path / "a")
    path = logs.set_up(True, tmp_path / "b")
    logging.getLogger("x").debug("once")
    assert capsys.readouterr().err == "DEBUG: once\n"
    assert path is not None
    assert path.read_text().count("once") == 1
    assert "once" not in (tmp_path / "a" / logs.LOG_NAME).read_text()


def test_a_full_file_turns_and_one_predecessor_stays(tmp_path: Path) -> None:
    path = tmp_path / "log"
    handlers = [logs.TurningFileHandler(path, limit_bytes=2_000) for _ in range(2)]  # as two processes would
    for number in range(200):
        record = logging.LogRecord("x", logging.INFO, "", 0, "line %d %s", (number, "." * 40), None)
        handlers[number % 2].handle(record)
    for handler in handlers:
        handler.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["log", "log.1"]
    assert path.stat().st_size < 4_200
    assert "line 199" in path.read_text() + path.with_name("log.1").read_text()


def test_a_folder_that_cannot_be_written_does_not_stop_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert logs.set_up(folder=tmp_path / "file" / "logs") is None
    logging.getLogger("x").error("still said")
    assert "still said" in capsys.readouterr().err


def test_a_disk_that_fails_later_loses_lines_not_the_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logs.TurningFileHandler(tmp_path / "log")

    class Full:
        def write(self, text: str) -> None:
            raise OSError(28, "No space left on device")

        def flush(self) -> None:
            pass

        def close(self) -> None:
            pass

    handler.stream = Full()  # type: ignore[assignment]
    handler.handle(logging.LogRecord("x", logging.INFO, "", 0, "lost", None, None))
    handler.close()
    assert capsys.readouterr().err == ""
