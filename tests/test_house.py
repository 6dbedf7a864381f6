"""The house rules that a machine can check: import contracts, sizes of files, licences, versions, the Makefile."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))
#: Modules of PySide6 whose library is offered under the GPL (or a commercial licence) only, never under the LGPL.
GPL_ONLY_QT = {
    "QtCharts",
    "QtDataVisualization",
    "QtGraphs",
    "QtGraphsWidgets",
    "QtHttpServer",
    "QtNetworkAuth",
    "QtVirtualKeyboard",
    "QtQuick3D",
}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((TOP / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Every dotted name that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=TOP, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_module_of_qt_that_is_gpl_only() -> None:
    used = {
        (path.relative_to(TOP), name)
        for path in sources("engine", "desktop", "benchmarks", "catalogs", "tests")
        for name in imported(path)
        if name.startswith("PySide6.") and name.split(".")[1] in GPL_ONLY_QT
    }
    assert not used


def test_no_file_is_a_warehouse() -> None:
    long = {
        str(path.relative_to(TOP)): lines
        for path in sources("engine", "desktop", "tools")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


@pytest.mark.parametrize("module", ["engine", "engine.errors", "engine.records", "engine.config"])
def test_the_ground_loads_nothing_heavy(module: str) -> None:
    probe = f"import sys, {module}; print(*{{name.split('.')[0] for name in sys.modules}})"
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout.split()
    assert not {"PySide6", "torch", "onnxruntime", "cv2", "hnswlib"} & set(out)


def test_version_is_the_same_everywhere() -> None:
    changelog = (TOP / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", changelog, re.MULTILINE)
    assert newest is not None and newest[1] == PYPROJECT["project"]["version"]


def test_every_target_of_the_makefile_says_what_it_does() -> None:
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None and set(phony[1].split()) == targets
    helped = subprocess.run(["make", "help"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([a-z]+)", helped, re.MULTILINE)) == targets
    assert {"run", "test", "check", "build", "bench"} <= targets
