"""What the engine brings into a process: never a screen, never a training framework, and only what a path uses."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Drawn

import engine

ROOT = Path(__file__).parent.parent
NEVER = {"PySide6", "shiboken6", "torch", "torchvision", "ray", "pymilvus", "onnx", "mitsuba"}
#: What `skulens find` has no use for. (pydantic brings importlib.metadata, and with it email, zipfile and socket.)
NOT_FOR_FIND = NEVER | {
    "sqlite_utils", "openpyxl", "rich", "PIL", "pi_heif", "charset_normalizer", "multiprocessing", "http", "ssl",
    "xml", "pandas", "scipy", "sympy",
}  # fmt: skip


def modules_after(code: str, *arguments: str) -> set[str]:
    """Top-level modules that a fresh process holds after `code`."""
    report = "\nimport sys; sys.stderr.write('\\nMODULES ' + ' '.join({name.split('.')[0] for name in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(done.stderr.rsplit("MODULES ", 1)[1].split())


def public_modules() -> list[str]:
    found = [info.name for info in pkgutil.walk_packages(engine.__path__, "engine.")]
    return [name for name in found if ".resources" not in name]


def test_no_module_of_the_engine_brings_a_screen_or_a_framework() -> None:
    names = [name for name in public_modules() if not name.startswith("engine.training.")]
    assert len(names) > 30
    brought = modules_after("\n".join(f"import {name}" for name in names))
    assert not brought & NEVER


@pytest.mark.parametrize("name", ["engine.lookup", "engine.ingest.build", "engine.cli.app", "engine.generation"])
def test_a_room_alone_brings_neither(name: str) -> None:
    assert not modules_after(f"import {name}") & NEVER


def test_find_imports_only_what_it_uses(tiny_catalog: Path, drawn: Drawn, tmp_path: Path) -> None:
    photo = str(drawn.save(drawn.picture("ACORN", 5), tmp_path / "a.jpg"))
    code = "import sys; from engine.cli import main; assert main(sys.argv[1:]) == 0"
    arguments = ["find", "--json", "--provider", "cpu", "--threads", "1", "--catalog", str(tiny_catalog), photo]
    brought = modules_after(code, *arguments)
    assert {"onnxruntime", "cv2", "numpy", "sqlite3"} <= brought
    assert brought & NOT_FOR_FIND == set()


def test_help_is_cheap() -> None:
    brought = modules_after("from engine.cli import main; main(['--help'])")
    assert not brought & {"numpy", "cv2", "onnxruntime", "hnswlib", "pydantic", "rich"}
