from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import SKUS, Drawn

from engine.cli import main
from engine.cli.app import COMMANDS
from engine.cli.json_lines import price, rfc3339
from engine.generation import current_version
from engine.records import Candidate, Product

ROOT = Path(__file__).parent.parent
QUIET = ["--provider", "cpu", "--threads", "1"]


def find(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    code = main(["find", "--json", *QUIET, *arguments])
    printed = capsys.readouterr()
    return code, [json.loads(line) for line in printed.out.splitlines()], printed.err


def test_find_prints_the_documented_object(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a b 一.jpg"))
    code, [answer], _ = find(capsys, "--catalog", str(tiny_catalog), "--top", "3", photo)
    assert code == 0
    assert list(answer) == ["image", "verdict", "known", "candidates", "timings_ms"]
    assert answer["image"] == photo
    assert answer["verdict"] in {"match", "ambiguous", "unknown"}
    assert 0 <= answer["known"] <= 1
    candidates = answer["candidates"]
    assert len({candidate["sku"] for candidate in candidates}) == 3
    assert sum(candidate["probability"] for candidate in candidates) <= 1
    best = candidates[0]
    assert list(best) == ["sku", "name", "probability", "similarity", "price", "currency", "aisle", "stock"]
    assert (best["sku"], best["name"], best["aisle"]) == ("ACORN", "Acorn crackers", "A0")
    assert (best["price"], best["currency"]) == (None, "")
    assert sorted(best["stock"], key=lambda level: str(level["location"])) == [
        {"location": "shop", "quantity": 5, "updated_at": "2026-01-31T12:00:00Z"},
        {"location": "store room", "quantity": 3, "updated_at": "2026-01-31T12:00:00Z"},
    ]
    prices = {candidate["sku"]: candidate["price"] for candidate in candidates}
    assert all(prices[sku] == 100 * (1 + SKUS.index(sku)) + 50 for sku in prices if SKUS.index(sku) % 3)


def test_one_bad_picture_does_not_stop_the_others(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = str(drawn.save(drawn.picture("BASIL", 5), tmp_path / "good.png"))
    broken = tmp_path / "cut.jpg"
    broken.write_bytes(drawn.save(drawn.picture("CEDAR"), tmp_path / "whole.jpg").read_bytes()[:3000])
    given = [good, str(broken), str(tmp_path / "missing.jpg"), str(tmp_path), good]
    code, answers, err = find(capsys, "--catalog", str(tiny_catalog), *given)
    assert code == 1
    assert [answer["image"] for answer in answers] == given
    assert [answer.get("error", {}).get("code") for answer in answers] == [
        None, "image_truncated", "image_not_found", "image_is_folder", None,
    ]  # fmt: skip
    assert all(set(answer["error"]) == {"code", "message", "advice"} for answer in answers[1:4])
    assert all(answer["error"]["message"] and answer["error"]["advice"] for answer in answers[1:4])
    assert "Traceback" not in err
    code, [alone], _ = find(capsys, "--catalog", str(tiny_catalog), str(broken))
    assert (code, alone["error"]["code"]) == (1, "image_truncated")


def test_names_come_from_a_file_too(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [str(drawn.save(drawn.picture(sku, 5), tmp_path / f"{sku}.png")) for sku in SKUS[:3]]
    listed = tmp_path / "names.txt"
    listed.write_bytes("\r\n".join([*names[1:], "", ""]).encode())
    code, answers, _ = find(capsys, "--catalog", str(tiny_catalog), names[0], "--images-from", str(listed))
    assert code == 0
    assert [answer["image"] for answer in answers] == names


def test_people_get_lines_and_remarks(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(drawn.save(drawn.picture("BASIL", 5), tmp_path / "b.png"))
    assert main(["find", *QUIET, "--catalog", str(tiny_catalog), photo, str(tmp_path / "no.png")]) == 1
    printed = capsys.readouterr()
    assert printed.out.startswith(f"{photo}: ")
    assert re.search(r"%\s+BASIL\s+Basil crackers\s+\(2\.50 EUR; aisle A1; ", printed.out)
    assert "stock figures are old" in printed.err
    assert "There is no file" in printed.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["find"], "at least one picture"),
        (["find", "--top", "0", "a.jpg"], "--top"),
        (["find", "--images-from", "/no/such/file"], "No such file"),
        (["find", "--catalog", "/no/such/folder", "a.jpg"], "There is no catalog"),
        (["find", "--wrong"], "No such option"),
        (["nonsense"], "No such command"),
        (["eval"], "--queries"),
        (["eval", "--queries", "/no/such/file.csv"], "cannot be used as a list of queries"),
        (["info", "--catalog", "/no/such/folder"], "There is no catalog"),
        (["verify", "--catalog", "/no/such/folder"], "There is no catalog"),
        (["verify", "--version", "1"], "six digits"),
        (["rollback", "--catalog", "/no/such/folder"], ""),
        (["prune", "--catalog", "/no/such/folder"], ""),
    ],
)
def test_usage_and_catalog_errors_are_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert "Traceback" not in printed.err


def test_a_bug_is_a_short_sentence_and_a_traceback_in_the_log(
    tiny_catalog: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def mistake(*_: object) -> None:
        raise AssertionError("boom")

    monkeypatch.setattr("engine.lookup.open_lookup", mistake)
    assert main(["find", "--catalog", str(tiny_catalog), "a.jpg"]) == 70
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "boom" in printed.err
    assert "Traceback" not in printed.err
    log = Path(printed.err.strip().rsplit(": ", 1)[1])
    assert "Traceback" in log.read_text()
    assert "mistake" in log.read_text()


def test_an_interruption_is_exit_code_130(
    tiny_catalog: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.errors import Interrupted

    for error in (KeyboardInterrupt, Interrupted):

        def stop(*_: object, error: type[BaseException] = error) -> None:
            raise error

        monkeypatch.setattr("engine.lookup.open_lookup", stop)
        assert main(["find", "--catalog", str(tiny_catalog), "a.jpg"]) == 130
        assert "Traceback" not in capsys.readouterr().err


def test_eval_measures(tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(drawn.save(drawn.picture(sku, 5), tmp_path / f"{sku}.png").name, sku) for sku in SKUS[:6]]
    rows += [(drawn.save(drawn.stranger(1), tmp_path / "stranger.png").name, ""), ("missing.png", "ACORN")]
    table = io.StringIO()
    csv.writer(table).writerows([("path", "sku"), *rows])
    (tmp_path / "queries.csv").write_text(table.getvalue(), encoding="utf-8")
    arguments = ["eval", *QUIET, "--catalog", str(tiny_catalog), "--queries", str(tmp_path / "queries.csv")]
    assert main([*arguments, "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)
    assert list(measured) == [
        "queries", "known", "strangers", "unreadable", "top1", "top5", "verdicts", "wrong_match_rate", "latency_ms",
        "map10", "match_coverage", "auroc_known", "risk_coverage", "calibration_first", "calibration_known",
        "intervals", "categories", "confusions",
    ]  # fmt: skip
    assert [measured[name] for name in ("queries", "known", "strangers", "unreadable")] == [8, 7, 1, 1]
    assert measured["top1"] == pytest.approx(6 / 7)
    assert sum(measured["verdicts"].values()) == 7
    assert measured["wrong_match_rate"] == 0
    assert main(arguments) == 0
    assert "wrong_match_rate" in capsys.readouterr().out
    (tmp_path / "queries.csv").write_text("path,sku\nACORN.png,NOBODY\n")
    assert main(arguments) == 2
    assert "NOBODY" in capsys.readouterr().err


def test_info_verify_prune_and_rollback(own_catalog: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalog = ["--catalog", str(own_catalog)]
    assert main(["info", "--json", "--provider", "cpu", *catalog]) == 0
    info = json.loads(capsys.readouterr().out)
    assert (info["name"], info["version"], info["products"], info["references"]) == ("Tiny", "000001", 15, 42)
    assert (info["provider"], info["variant"]) == ("cpu", "int8")
    assert main(["info", "--provider", "cpu", *catalog]) == 0
    assert "Tiny" in capsys.readouterr().out
    assert main(["verify", "--json", *catalog]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["prune", "--json", *catalog]) == 0
    assert json.loads(capsys.readouterr().out)["removed"] == []
    assert main(["rollback", *catalog]) == 2
    assert "no earlier version" in capsys.readouterr().err
    version = own_catalog / current_version(own_catalog)
    damaged = bytearray((version / "catalog.sqlite").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (version / "catalog.sqlite").write_bytes(damaged)
    assert main(["verify", *catalog]) == 2
    assert "WRONG" in capsys.readouterr().out


def test_settings_are_the_default_and_damaged_ones_do_not_stop(
    tiny_catalog: Path, home: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from engine.config import profile_folder

    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.png"))
    profile_folder().mkdir(parents=True)
    settings = profile_folder() / "settings.json"
    settings.write_text(json.dumps({"catalog": str(tiny_catalog)}))
    code, [answer], _ = find(capsys, photo)
    assert (code, answer["candidates"][0]["sku"]) == (0, "ACORN")
    settings.write_text("{")
    code, _, _ = find(capsys, "--catalog", str(tiny_catalog), photo)
    assert code == 0


def program(*arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    code = "import sys; from engine.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.Popen([sys.executable, "-c", code, *arguments], cwd=ROOT, **more)


def test_a_pipe_is_answered_line_by_line_and_ctrl_c_ends_it(tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    photo = drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.png")
    command = ["find", "--json", *QUIET, "--catalog", str(tiny_catalog), "--images-from", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with program(*command, **pipes) as running:
        assert running.stdin and running.stdout and running.stderr
        for name in (os.fsencode(photo), b"missing.jpg", os.fsencode(photo)):
            running.stdin.write(name + b"\n")
            running.stdin.flush()
            assert json.loads(running.stdout.readline())["image"] == os.fsdecode(name)  # before the next is sent
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert b"Traceback" not in err
    assert b"Fatal" not in err


def test_a_reader_that_goes_away_is_no_crash(tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.png"))
    command = ["find", "--json", *QUIET, "--catalog", str(tiny_catalog), *[photo] * 20]
    with program(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout and running.stderr
        running.stdout.readline()
        running.stdout.close()
        err = running.stderr.read()
    assert running.returncode == 1
    assert b"Traceback" not in err
    assert b"mistake" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("command", ["find", "info"])
def test_a_full_disk_under_the_output_is_named(command: str, tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.png"))
    arguments = [command, "--json", "--provider", "cpu", "--catalog", str(tiny_catalog)]
    with (
        Path("/dev/full").open("wb") as full,
        program(*arguments, *[photo] * (command == "find"), stdout=full, stderr=subprocess.PIPE) as running,
    ):
        assert running.stderr
        err = running.stderr.read()
    assert running.returncode == 2
    assert b"no space left on the disk of the output" in err
    assert b"mistake" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a screen")
def test_the_window_without_a_screen_is_a_sentence_and_no_crash() -> None:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET", "QT_QPA_PLATFORM")
    bare = {name: value for name, value in os.environ.items() if name not in screens}
    done = subprocess.run(
        [sys.executable, "-m", "desktop"], cwd=ROOT, env=bare, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("There is no screen for the window")


def test_the_version_and_help_of_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", capsys.readouterr().out)
    for command in COMMANDS:
        assert main([command, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: skulens {command} ")


def test_verbose_says_on_stderr_what_happens(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.png"))
    assert main(["--verbose", "find", "--json", *QUIET, "--catalog", str(tiny_catalog), photo]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["image"] == photo
    assert "int8 on cpu" in printed.err


def test_prices_and_times_for_people_and_programs() -> None:
    def shown(minor: int | None, currency: str) -> str:
        return price(Candidate(Product("A", "A", price_minor=minor, currency=currency), 0, 0, 1))

    assert [shown(199, "EUR"), shown(199, "JPY"), shown(1999, "KWD"), shown(5, ""), shown(None, "EUR")] == [
        "1.99 EUR", "199 JPY", "1.999 KWD", "0.05", "",
    ]  # fmt: skip
    assert rfc3339(None) is None
