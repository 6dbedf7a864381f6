"""The set-up: what it looks for, how it works without root, and what the frozen application leaves out."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
sys.path.insert(0, str(TOP / "tools"))

import frozen_files  # noqa: E402
import frozen_size  # noqa: E402
import portable  # noqa: E402
import prepare  # noqa: E402
import shipped  # noqa: E402
import system_libraries  # noqa: E402

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux has no libraries that every system brings")
with_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="needs Debian's dpkg-deb")


def test_a_prepared_machine_downloads_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object) -> bool:
        raise AssertionError("a download was started")

    monkeypatch.setattr(system_libraries, "missing_packages", list)
    monkeypatch.setattr(system_libraries, "fetch", refuse)
    monkeypatch.setattr(system_libraries, "install", refuse)
    system_libraries.provide(tmp_path / "system")
    assert list(tmp_path.iterdir()) == []


def test_missing_packages_are_named_once_and_sorted() -> None:
    absent = {"libxcb-icccm.so.4", "libEGL.so.1"}
    missing = system_libraries.missing_packages(lambda name: name not in absent, lambda language: language != "zh-cn")
    assert missing == ["fonts-wqy-microhei", "libegl1", "libxcb-icccm4"]


@on_linux
def test_the_loader_is_asked_for_real() -> None:
    assert system_libraries.loads("libc.so.6")
    assert not system_libraries.loads("libskulens-does-not-exist.so.1")


def test_the_window_libraries_are_here_for_the_tests() -> None:
    """The tests run where the set-up has run; so what it provides is there, by whichever way."""
    if sys.platform == "linux":
        assert system_libraries.missing_packages() == []


@with_dpkg
@on_linux
def test_packages_unpacked_without_root_are_found_by_the_loader(tmp_path: Path) -> None:
    """A real package with a real library, unpacked and used the way tools/in-venv does it."""
    inside = tmp_path / "package"
    library = inside / "usr/lib/x86_64-linux-gnu/libskulenstest.so.1"
    library.parent.mkdir(parents=True)
    source = tmp_path / "test.c"
    source.write_text("int skulens_answer(void) { return 42; }\n")
    subprocess.run(["gcc", "-shared", "-o", library, source], check=True)
    (inside / "usr/share/fonts").mkdir(parents=True)
    (inside / "DEBIAN").mkdir()
    (inside / "DEBIAN/control").write_text(
        "Package: skulens-test\nVersion: 1\nArchitecture: all\nMaintainer: none <none@example.com>\nDescription: test\n"
    )
    archive = tmp_path / "test.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", inside, archive], check=True, capture_output=True)
    with pytest.raises(OSError, match="libskulenstest"):
        ctypes.CDLL("libskulenstest.so.1")

    root = tmp_path / "a folder" / "system"
    system_libraries.unpack([archive], root)
    ask = "import ctypes; print(ctypes.CDLL('libskulenstest.so.1').skulens_answer())"
    sourced = ["sh", "-c", '. "$0" && exec "$1" -c "$2"', root / "environment", sys.executable, ask]
    out = subprocess.run(sourced, capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "42"
    assert str(root / "usr/share/fonts") in (root / "fonts.conf").read_text()


@on_linux
def test_without_apt_the_line_to_run_is_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(system_libraries, "missing_packages", lambda: ["libegl1"])
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SystemExit, match=r"sudo apt-get install --no-install-recommends libegl1"):
        system_libraries.provide(tmp_path / "system")


@on_linux
def test_what_was_just_installed_is_found_though_this_process_looked_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """fontconfig lists the fonts once in a process, so the second look is another process's."""
    monkeypatch.setattr(system_libraries, "missing_packages", lambda: ["fonts-wqy-microhei"])
    monkeypatch.setattr(system_libraries, "install", lambda *_: True)
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    system_libraries.provide(tmp_path / "system")


def test_an_environment_is_made_again_when_what_decides_it_changes(tmp_path: Path) -> None:
    known = prepare.wanted(["dev"], tmp_path, portable=False)
    assert known == prepare.wanted(["dev"], tmp_path, portable=False)
    others = [
        prepare.wanted([], tmp_path, portable=False),
        prepare.wanted(["dev"], tmp_path / "moved", portable=False),
        prepare.wanted(["dev"], tmp_path, portable=True),
    ]
    assert len({known, *others}) == 4


def test_a_moved_environment_is_noticed(tmp_path: Path) -> None:
    here = tmp_path / "here" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", here], check=True)
    assert not prepare.moved(here)
    there = (tmp_path / "here").rename(tmp_path / "there") / ".venv"
    assert prepare.moved(there)


def test_in_venv_runs_this_environment() -> None:
    if Path(sys.prefix) != TOP / ".venv":
        pytest.skip("started from another environment")
    out = subprocess.run(
        [TOP / "tools/in-venv", "python", "-c", "import sys; print(sys.prefix)"],
        capture_output=True, text=True, check=True, cwd="/",
    )  # fmt: skip
    assert out.stdout.strip() == sys.prefix


def test_find_python_says_what_to_install() -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHON": "python-that-is-not-there"}
    done = subprocess.run([TOP / "tools/find-python"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "3.11" in done.stderr and "apt-get install" in done.stderr


@pytest.mark.parametrize(
    ("line", "counted"),
    [
        ("  4010: vmovups %zmm1,(%rax)", 1),
        ("  4010: vaddps %ymm0,%ymm1,%ymm2", 1),
        ("  4010: vmovdqu8 (%rsi),%xmm3{%k1}", 1),
        ("  4010: addps %xmm0,%xmm1", 0),
        ("  4010: call 5000 <zmm_is_only_a_name>", 0),
    ],
)
def test_portable_counts_instructions_that_not_every_processor_has(line: str, counted: int) -> None:
    assert portable.beyond_baseline(line) == counted


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/lib/libQt6QuickControls2.so.6",
        "PySide6/Qt/lib/libQt6Pdf.so.6",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "onnxruntime/capi/libonnxruntime_providers_cuda.so",
        "numpy/core/tests/data/x.csv",
        r"PySide6\plugins\sqldrivers\qsqlite.dll",
    ],
)
def test_frozen_application_leaves_out(place: str) -> None:
    assert frozen_files.unwanted(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/lib/libQt6Multimedia.so.6",
        "PySide6/Qt/lib/libQt6Quick.so.6",  # the FFmpeg plugin is linked to it
        "PySide6/Qt/lib/libQt6Widgets.so.6",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/multimedia/libffmpegmediaplugin.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "onnxruntime/capi/libonnxruntime_providers_shared.so",
        "assets/encoder/int8.onnx",
    ],
)
def test_frozen_application_keeps(place: str) -> None:
    assert not frozen_files.unwanted(place)


def test_frozen_application_keeps_the_gpu_if_asked() -> None:
    assert not frozen_files.unwanted("onnxruntime/capi/libonnxruntime_providers_cuda.so", with_cuda=True)


def test_sizes_count_each_file_once(tmp_path: Path) -> None:
    library = tmp_path / "_internal/PySide6/Qt/lib/libQt6Core.so.6"
    library.parent.mkdir(parents=True)
    library.write_bytes(bytes(1000))
    (library.parent / "libQt6Core.so").symlink_to(library.name)
    (tmp_path / "skulens").write_bytes(bytes(10))
    assert frozen_size.sizes(tmp_path) == {"PySide6/Qt/lib": 1000, "skulens": 10}


def test_a_source_is_shipped_without_what_was_built_from_it(tmp_path: Path) -> None:
    for name in (
        "products.csv", "stock.csv", "images/A-1/front.jpg",
        "CURRENT", "demo.json", "000001/catalog.sqlite", ".lock", "features.sqlite", "rejected.csv",
    ):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    names = {path.relative_to(tmp_path).as_posix() for path in shipped.source_files(tmp_path)}
    assert names == {"products.csv", "stock.csv", "images/A-1/front.jpg"}


def test_everything_that_ships_is_there() -> None:
    files = shipped.data_files()
    places = [place for _, place in files]
    assert all(path.is_file() for path, _ in files)
    assert len(places) == len(set(places))
    assert {"assets/encoder/encoder.json", "catalogs/demo/products.csv"} <= set(places)
    assert not any("float32" in place for place in places)
