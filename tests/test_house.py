"""The house rules that a machine can check: import contracts, sizes of files, licences, versions, the Makefile."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

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
    lint = [Path(sys.executable).parent / "lint-imports", "--no-cache"]
    done = subprocess.run(lint, cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_no_module_of_qt_that_is_gpl_only() -> None:
    used = {
        (path.relative_to(TOP), name)
        for path in sources("engine", "desktop", "benchmarks", "catalogs", "tests")
        for name in imported(path)
        if name.startswith("PySide6.") and name.split(".")[1] in GPL_ONLY_QT
    }
    assert not used


def test_every_import_is_declared() -> None:
    """Nothing is used that only happens to be installed here."""
    own = {"engine", "desktop", "tests", "benchmarks", "catalogs", *(path.stem for path in sources("tests", "tools"))}
    extras = PYPROJECT["project"]["optional-dependencies"]
    lines = [*PYPROJECT["project"]["dependencies"], *extras["dev"], *extras["train"]]
    allowed = {canonicalize_name(Requirement(line).name) for line in lines}
    allowed |= {"shiboken6", "packaging"}  # come with pyside6-essentials and pytest and belong to them
    distributions = importlib.metadata.packages_distributions()
    strange = set()
    for path in sources("engine", "desktop", "tests", "benchmarks"):
        for name in {name.split(".")[0] for name in imported(path)} - own - set(sys.stdlib_module_names):
            offered = {canonicalize_name(each) for each in distributions.get(name, [name])}
            if not offered & allowed:
                strange.add((str(path.relative_to(TOP)), name))
    assert not strange


def test_no_file_is_a_warehouse() -> None:
    allowed = {"engine/errors.py": 500}  # a list with one entry an error
    lines = {
        path.relative_to(TOP).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources("engine", "desktop", "tools")
    }
    assert not {name: count for name, count in lines.items() if count > allowed.get(name, 400)}


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


def required(name: str, found: set[str]) -> set[str]:
    """The names of all packages that a package needs on this machine, itself included, extras left out."""
    if name in found:
        return found
    found.add(name)
    for line in importlib.metadata.requires(name) or []:
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({**default_environment(), "extra": ""}):
            required(canonicalize_name(needed.name), found)
    return found


def table_names(page: Path, heading: str) -> list[str]:
    """The first column, without its backticks, of the tables under a heading."""
    section = page.read_text(encoding="utf-8").split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)


def declared() -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in PYPROJECT["project"]["dependencies"]}


def test_every_dependency_has_its_reason() -> None:
    reasons = table_names(TOP / "docs" / "dependencies.md", "Runtime")
    assert len(reasons) == len(set(reasons)) and set(reasons) == declared()
    extras = table_names(TOP / "docs" / "dependencies.md", "Extras")
    assert set(extras) == set(PYPROJECT["project"]["optional-dependencies"])


def test_notices_name_every_package_that_is_installed_with_skulens() -> None:
    listed = set(table_names(TOP / "THIRD_PARTY_NOTICES.md", "Packages"))
    needed = set().union(*(required(name, set()) for name in installed_here()))
    assert needed <= listed
    # what the list has beyond them is what other platforms need
    assert listed - needed <= {"onnxruntime", "onnxruntime-gpu"}


def installed_here() -> set[str]:
    requirements = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
    return {canonicalize_name(each.name) for each in requirements if each.marker is None or each.marker.evaluate()}


#: How a licence in the notices shows in a package's own metadata.
SHOWN = {
    "LGPL-3.0": "LGPL-3",
    "MIT": "MIT",
    "MIT-CMU": "MIT-CMU",
    "Apache-2.0": "Apache",
    "BSD-3-Clause": "BSD",
    "BSD-2-Clause": "BSD-2",
    "ISC": "ISC",
    "PSF-2.0": "PSF",
    "public domain": "Public Domain",
    "Apache-2.0 or BSD-2-Clause": "Apache-2.0 OR BSD-2-Clause",
    "Apache-2.0 or BSD-3-Clause": "Apache-2.0 OR BSD-3-Clause",
    "Apache-2.0 or MIT": "Apache-2.0 OR MIT",
    "MIT-0": "MIT-0",
}


def test_licences_in_the_notices_are_those_of_the_packages() -> None:
    page = (TOP / "THIRD_PARTY_NOTICES.md").read_text(encoding="utf-8")
    for name in set().union(*(required(name, set()) for name in installed_here())):
        row = re.search(rf"^\| `{re.escape(name)}` \| ([^|]+) \|", page, re.MULTILINE)
        assert row is not None, name
        about = importlib.metadata.metadata(name)
        classifiers = [line for line in about.get_all("Classifier", []) if line.startswith("License")]
        said = " ".join([*about.get_all("License-Expression", []), *about.get_all("License", []), *classifiers])
        if not said:  # hnswlib: its metadata is silent, its licence file is not
            texts = [file.read_text() for file in importlib.metadata.files(name) or [] if "LICENSE" in file.name]
            said = " ".join(texts)
        assert SHOWN[row[1].strip()] in said, (name, row[1], said[:200])


def test_runtimes_of_onnx_exclude_each_other() -> None:
    """On every platform exactly one of the two packages that share the folder `onnxruntime` is asked for."""
    platforms = [("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64"), ("win32", "ARM64"), ("darwin", "arm64")]
    requirements = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
    for system, machine in platforms:
        place = {**default_environment(), "sys_platform": system, "platform_machine": machine}
        asked = [
            each.name
            for each in requirements
            if each.name.startswith("onnxruntime") and each.marker is not None and each.marker.evaluate(place)
        ]
        assert asked == ["onnxruntime-gpu" if machine in {"x86_64", "AMD64"} else "onnxruntime"], (system, machine)


def test_qt_for_python_keeps_its_hands_off_none() -> None:
    """PySide6 6.12.0 gives back a reference to None that it never took, in each call without a result."""
    probe = (
        "import sys; from PySide6.QtCore import QObject; o = QObject(); before = sys.getrefcount(None)\n"
        "for _ in range(500): o.setObjectName('x')\n"
        "print(sys.getrefcount(None) - before)"
    )
    out = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert abs(int(out)) < 50
