"""docs/cli.md says what the program says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import SKUS, Drawn

from engine.cli import main
from engine.cli.app import COMMANDS

PAGE = (Path(__file__).parent.parent / "docs" / "cli.md").read_text(encoding="utf-8")
HELP = dict(re.findall(r"```text skulens ?([^\n]*)\n(.*?)\n```", PAGE, re.DOTALL))
EXAMPLES = {name: json.loads(text) for name, text in re.findall(r"```json ([\w-]+)\n(.*?)\n```", PAGE, re.DOTALL)}


def test_every_command_is_on_the_page() -> None:
    assert set(COMMANDS) <= {command.split(" ")[0] for command in HELP}


@pytest.mark.parametrize("command", HELP)
def test_the_help_is_the_real_one(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert HELP[command] == capsys.readouterr().out.rstrip()


def shape(value: Any) -> Any:
    """Names and kinds of a JSON value, without the values."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    assert main(list(arguments)) == code
    return json.loads(capsys.readouterr().out)


def test_the_json_of_find_has_the_documented_fields(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = drawn.save(drawn.picture("BASIL", 5), tmp_path / "b.png")
    options = ["find", "--json", "--provider", "cpu", "--threads", "1", "--catalog", str(tiny_catalog), "--top", "1"]
    assert shape(printed(capsys, *options, str(photo))) == shape(EXAMPLES["find"])
    notes = tmp_path / "notes.txt"
    notes.write_text("no picture")
    failed = printed(capsys, *options, str(notes), code=1)
    assert shape(failed) == shape(EXAMPLES["find-error"])
    assert failed["error"] == EXAMPLES["find-error"]["error"]


def test_the_json_of_eval_has_the_documented_fields(
    tiny_catalog: Path, drawn: Drawn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    drawn.save(drawn.picture(SKUS[0], 5), tmp_path / "a.png")
    drawn.save(drawn.stranger(1), tmp_path / "s.png")  # and a picture that is said to show something else: a confusion
    (tmp_path / "queries.csv").write_text(f"path,sku\na.png,{SKUS[0]}\na.png,{SKUS[1]}\ns.png,\n")
    options = ["--json", "--provider", "cpu", "--threads", "1", "--catalog", str(tiny_catalog)]
    measured = printed(capsys, "eval", *options, "--queries", str(tmp_path / "queries.csv"))
    if not measured["verdicts"]["match"]:  # then nothing is wrong among them, and there is no interval
        measured["intervals"]["wrong_match_rate"] = EXAMPLES["eval"]["intervals"]["wrong_match_rate"]
    assert shape(measured) == shape(EXAMPLES["eval"])


def test_the_json_of_catalog_check_has_the_documented_fields(
    tiny_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "catalog-check", "--json", "--catalog", str(tiny_catalog))
    assert shape(found) == shape(EXAMPLES["catalog-check"])
    bare, twin = (one["findings"][0] for one in EXAMPLES["catalog-check"]["worst"])
    assert found["worst"][0]["findings"][0] == bare
    twins = [one for product in found["worst"] for one in product["findings"] if one["kind"] == "twin"]
    assert shape(twins[0]) == shape(twin)


def test_the_json_of_the_catalog_commands_has_the_documented_fields(
    own_catalog: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--json", "--catalog", str(own_catalog)]
    info, example = printed(capsys, "info", *where), dict(EXAMPLES["info"])
    assert set(example.pop("calibration")) <= set(info.pop("calibration"))
    info["not_used"] = info["not_used"] or example["not_used"]  # a machine with a GPU has nothing to say here
    assert shape(info) == shape(example)
    assert shape(printed(capsys, "verify", *where)) == shape(EXAMPLES["verify"])
    assert set(printed(capsys, "prune", *where)) == set(EXAMPLES["prune"])


def test_the_json_of_rollback_has_the_documented_fields(
    own_catalog: Path, tiny_source: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = ["build", str(tiny_source), "--out", str(own_catalog), "--name", "Second", "--provider", "cpu"]
    assert main(build) == 0
    capsys.readouterr()
    back = printed(capsys, "rollback", "--json", "--catalog", str(own_catalog))
    assert shape(back) == shape(EXAMPLES["rollback"])
    assert back["version"] == "000001"
