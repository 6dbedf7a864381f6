"""`skulens confirm` and `skulens overlay`: said on the command line, known to every lookup."""

from __future__ import annotations

import csv
import getpass
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import Drawn
from test_docs_cli import EXAMPLES, shape

from engine.cli import main
from engine.image import read_picture
from engine.overlay import login_name
from engine.overlay_file import FILE_NAME

QUIET = ["--provider", "cpu", "--threads", "1"]


@pytest.fixture
def photo(drawn: Drawn, tmp_path: Path) -> Path:
    return drawn.save(drawn.picture("TWIN-LIME", 6), tmp_path / "a b 一.png")


def printed(capsys: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> Any:
    assert main([*map(str, arguments)]) == code
    return json.loads(capsys.readouterr().out)


def best(capsys: pytest.CaptureFixture[str], photo: Path, catalog: Path) -> dict[str, Any]:
    found: dict[str, Any] = printed(capsys, "find", "--json", *QUIET, "--catalog", catalog, photo)["candidates"][0]
    return found


def test_confirming_listing_and_undoing_print_what_is_documented(
    own_catalog: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--json", "--catalog", own_catalog]
    before = best(capsys, photo, own_catalog)
    said = printed(capsys, "confirm", photo, "--sku", "TWIN-LIME", "--who", "Ada", *QUIET, *where)
    assert shape(said) == shape(EXAMPLES["confirm"])
    assert (said["image"], said["who"], said["status"], said["number"]) == (str(photo), "Ada", "active", 1)
    found = best(capsys, photo, own_catalog)
    assert found["sku"] == "TWIN-LIME" and found["similarity"] > 0.999 > before["similarity"]
    listed = printed(capsys, "overlay", "list", *where)
    assert shape(listed) == shape(EXAMPLES["overlay-list"])
    assert listed["feedback"] == [{name: value for name, value in said.items() if name != "image"}]
    assert printed(capsys, "info", *where)["confirmations"]["active"] == 1
    exported = printed(capsys, "overlay", "export", "--out", tmp_path / "out", *where)
    assert shape(exported) == shape(EXAMPLES["overlay-export"])
    undone = printed(capsys, "overlay", "undo", "1", *where)
    assert shape(undone) == shape(EXAMPLES["overlay-undo"])
    assert best(capsys, photo, own_catalog) == before
    assert main(["overlay", "undo", "1", "--catalog", str(own_catalog)]) == 2
    assert "There is no confirmation 1" in capsys.readouterr().err


def test_people_get_lines(own_catalog: Path, photo: Path, capsys: pytest.CaptureFixture[str], drawn: Drawn) -> None:
    where = ["--catalog", str(own_catalog)]
    stranger = drawn.save(drawn.stranger(0), photo.with_name("stranger.png"))
    assert main(["confirm", str(photo), "--sku", "TWIN-MINT", "--not", "--who", "", *QUIET, *where]) == 0
    assert re.fullmatch(r".*: 1: is not TWIN-MINT, said at \S+Z; active\n", capsys.readouterr().out)
    assert main(["confirm", str(stranger), "--sku", "ACORN", *QUIET, *where]) == 0
    said = capsys.readouterr().out
    assert said.endswith("; quarantined (unlike the photos of the product)\n") and f"by {login_name()} at" in said
    assert main(["overlay", "list", *where]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 active, 1 quarantined, 0 parked, 0 undone"
    assert main(["overlay", "undo", "2", *where]) == 0
    assert capsys.readouterr().out == "2 is undone.\n"
    assert main(["overlay", "export", "--out", str(photo.parent / "out"), *where]) == 0
    assert capsys.readouterr().out.endswith("2 rows, 1 pictures\n")


def test_the_export_is_a_table_with_its_pictures(
    own_catalog: Path, photo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--catalog", str(own_catalog)]
    for who in ("=Ada", "Bo"):
        sku = "TWIN-LIME" if who == "=Ada" else "ACORN"
        assert main(["confirm", str(photo), "--sku", sku, "--who", who, *QUIET, *where]) == 0
    assert main(["overlay", "undo", "2", *where]) == 0
    assert main(["overlay", "export", "--out", str(tmp_path / "new" / "out"), *where]) == 0
    data = (tmp_path / "new" / "out" / "overlay.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    first, second = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (first["sku"], first["who"], first["status"]) == ("TWIN-LIME", "'=Ada", "active"), "no formula"
    assert (second["path"], second["status"]) == ("", "undone")
    assert read_picture(tmp_path / "new" / "out" / first["path"]).ndim == 3
    (tmp_path / "file").touch()
    assert main(["overlay", "export", "--out", str(tmp_path / "file"), *where]) == 2
    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{photo}", "--sku", "NOTHING"], "The SKU NOTHING"),
        (["{photo}.gone", "--sku", "ACORN"], "There is no file"),
        (["{photo}"], "--sku"),
    ],
)
def test_what_cannot_be_confirmed_is_said_and_nothing_is_kept(
    arguments: list[str], said: str, own_catalog: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [one.format(photo=photo) for one in arguments]
    assert main(["confirm", *given, *QUIET, "--catalog", str(own_catalog)]) == 2
    captured = capsys.readouterr()
    assert said in captured.err and captured.out == ""
    assert not (own_catalog / FILE_NAME).exists()


def test_info_goes_on_over_a_damaged_overlay_and_says_so(
    own_catalog: Path, photo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_catalog / FILE_NAME).write_bytes(b"this is no database, though it is long enough" * 99)
    assert main(["info", "--json", "--catalog", str(own_catalog)]) == 0
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert (found["confirmations"], found["parked"]) == (None, [])
    assert "cannot be used" in captured.err and "Move overlay.sqlite" in captured.err
    for command in (["overlay", "list"], ["confirm", str(photo), "--sku", "ACORN", *QUIET]):
        assert main([*command, "--catalog", str(own_catalog)]) == 2


def test_info_says_what_is_parked(own_catalog: Path, photo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--json", "--catalog", own_catalog]
    printed(capsys, "confirm", photo, "--sku", "TWIN-LIME", *QUIET, *where)
    printed(capsys, "confirm", photo, "--sku", "TWIN-LIME", "--not", *QUIET, *where)
    assert printed(capsys, "info", *where)["parked"] == ["1: somebody said otherwise later"]


def test_without_a_login_nobody_said_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert login_name() == ""
