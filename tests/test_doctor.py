"""The doctor: right about this machine, and right about each thing that can be wrong."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import doctor
from engine.config import encoder_folder
from engine.doctor import (
    Report,
    State,
    check_cameras,
    check_catalog,
    check_folders,
    check_libraries,
    check_provider,
    check_variants,
    examine,
    sample_batch,
)
from engine.encoder_info import INFO_FILE, read_info

INFO = json.loads((encoder_folder() / INFO_FILE).read_text())


@pytest.fixture
def int8_only(tmp_path: Path) -> Path:
    folder = tmp_path / "encoder"
    folder.mkdir()
    shutil.copy(encoder_folder() / "int8.onnx", folder)
    (folder / INFO_FILE).write_text(json.dumps({**INFO, "variants": {"int8": INFO["variants"]["int8"]}}))
    return folder


def test_a_whole_machine(tiny_catalog: Path) -> None:
    report = examine(tiny_catalog, "cpu", 1, lambda: ["Front", "USB"])
    assert report.ok, [finding for finding in report.findings if finding.state == State.WRONG]
    found = {finding.name: finding for finding in report.findings}
    assert found["provider"].detail == "int8 on cpu"
    assert found["camera"].detail == "Front, USB"
    assert "version 000001" in found["catalog"].detail
    variants = {check.variant: check for check in report.variants}
    assert set(variants) == {"int8", "float16", "float32"}
    assert variants["float32"].mean_cosine == pytest.approx(1, abs=1e-5)
    assert variants["int8"].mean_cosine > 0.97 and variants["float16"].mean_cosine > 0.999
    assert all(check.one_row_ms > 0 and check.load_ms > 0 for check in report.variants)


def test_the_command(tiny_catalog: Path) -> None:
    run = [sys.executable, "-m", "desktop", "doctor", "--catalog", str(tiny_catalog), "--provider", "cpu"]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([*run, "--json"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is True and {check["variant"] for check in report["variants"]} == set(INFO["variants"])
    assert any(finding["name"] == "camera" for finding in report["findings"])


def test_text_and_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.cli.app import run

    (tmp_path / "CURRENT").write_text("000001\n")
    monkeypatch.setattr(doctor, "_RUNS", 1)
    monkeypatch.setattr(doctor, "_PICTURES", 1)
    assert run(["doctor", "--catalog", str(tmp_path), "--threads", "1"]) == 2
    out = capsys.readouterr().out
    assert "wrong catalog: " in out and "int8     on cpu: cosine to float32" in out


def test_libraries() -> None:
    findings = list(check_libraries())
    assert findings[0].name == "machine" and "Python" in findings[0].detail
    assert all(finding.state == State.OK for finding in findings)


def test_two_runtimes_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.0")
    wrong = [finding for finding in check_libraries() if finding.state == State.WRONG]
    assert len(wrong) == 1 and "both installed" in wrong[0].detail and wrong[0].advice


def test_unknown_versions_are_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", none)
    assert {finding.state for finding in check_libraries()} == {State.OK, State.NOTE}


def test_folders(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    states = [finding.state for finding in check_folders((tmp_path / "new", blocked / "inside"))]
    assert states == [State.OK, State.WRONG]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert [finding.state for finding in check_folders((tmp_path,))] == [State.WRONG]
    tmp_path.chmod(0o700)


def test_a_forced_provider_that_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onnxruntime.get_available_providers", lambda: ["CPUExecutionProvider"])
    (finding,) = check_provider(encoder_folder(), "cuda", 1)
    assert finding.state == State.WRONG and "no CUDA" in finding.detail and finding.advice
    states = [finding.state for finding in check_provider(encoder_folder(), "auto", 1)]
    assert states == [State.OK, State.NOTE]


def test_a_damaged_variant(int8_only: Path) -> None:
    info = read_info(int8_only)
    (int8_only / "int8.onnx").write_bytes(b"x")
    checks, faults = check_variants(int8_only, info, 1)
    assert checks == ()
    assert [fault.state for fault in faults] == [State.WRONG, State.NOTE]


def test_no_encoder_at_all(tmp_path: Path) -> None:
    report = examine(tmp_path, encoder=tmp_path / "none")
    assert not report.ok and report.variants == ()
    assert [finding.name for finding in report.findings if finding.state == State.WRONG] == ["encoder"]


def test_a_variant_that_computes_something_else(int8_only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a CPU whose kernels are wrong, say: seen by asking for more agreement than int8 can give."""
    monkeypatch.setattr(doctor, "_AGREES", 0.99999)
    monkeypatch.setattr(doctor, "_RUNS", 1)
    monkeypatch.setattr(doctor, "_PICTURES", 2)
    checks, faults = check_variants(encoder_folder(), read_info(encoder_folder()), 1)
    assert len(checks) == 3
    assert "variant int8" in [fault.name for fault in faults if fault.state == State.WRONG]


def test_without_samples_the_probe_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "resources", lambda: tmp_path)
    batch, count = sample_batch(read_info(encoder_folder()))
    assert batch.shape[0] == count == 1
    samples = tmp_path / "assets" / "samples"
    samples.mkdir(parents=True)
    (samples / "broken.jpg").write_text("no picture")
    assert sample_batch(read_info(encoder_folder()))[1] == 1


def test_cameras() -> None:
    def broken() -> list[str]:
        raise ImportError("libpulse.so.0: cannot open shared object file")

    assert check_cameras(None).state == State.NOTE
    assert check_cameras(list).state == State.NOTE and check_cameras(list).advice
    assert check_cameras(lambda: ["A"]).state == State.OK
    found = check_cameras(broken)
    assert found.state == State.WRONG and "libpulse" in found.detail


def test_catalogs(own_catalog: Path, tmp_path: Path) -> None:
    assert [finding.state for finding in check_catalog(tmp_path / "nothing")] == [State.NOTE]
    assert State.WRONG not in [finding.state for finding in check_catalog(own_catalog)]
    (own_catalog / "stock.sqlite").unlink(missing_ok=True)
    assert [finding.name for finding in check_catalog(own_catalog) if finding.state == State.NOTE] == ["stock"]
    (own_catalog / "stock.sqlite").write_bytes(b"not a database" * 100)
    assert [finding.name for finding in check_catalog(own_catalog)][-1] == "stock"
    (own_catalog / "CURRENT").write_text("000077\n")
    assert [finding.state for finding in check_catalog(own_catalog)] == [State.WRONG]


def test_a_report_is_ok_without_wrongs() -> None:
    assert Report((), ()).ok
    assert Report((check_cameras(None),), ()).ok
