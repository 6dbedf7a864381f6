"""Which data files go with the program, and where: the same list for the wheel and for the frozen application."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
#: Variants of the encoder that a lookup uses; float32 is for making and measuring encoders.
VARIANTS = ("int8", "float16")
#: Samples that go with the program: enough to try it and for the smoke test.
SAMPLES = 6
#: What a build writes beside a catalog's source.
BUILT = ("CURRENT", "demo.json", "rejected.csv", "features.sqlite", "stock.sqlite")


def encoder_files(folder: Path) -> Iterator[Path]:
    """The description of the encoder and the variants that a lookup uses."""
    described = folder / "encoder.json"
    variants = json.loads(described.read_text(encoding="utf-8"))["variants"]
    yield described
    for name in VARIANTS:
        yield folder / variants[name]["file"]


def source_files(folder: Path) -> Iterator[Path]:
    """A catalog's source: its tables and pictures, without the generations that were built from it."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        hidden = any(part.startswith(".") or part == "__pycache__" for part in inside)
        if path.is_file() and not hidden and not inside[0].isdigit() and path.name not in BUILT:
            yield path


def sample_files(folder: Path) -> Iterator[Path]:
    """The first samples by name."""
    yield from sorted(folder.rglob("*.jpg"))[:SAMPLES]


def data_files() -> list[tuple[Path, str]]:
    """Pairs of a file and its place under the folder that `engine.config.resources` names."""
    assets = TOP / "assets"
    files = [
        *encoder_files(assets / "encoder"),
        *(path for path in sorted((assets / "icon").rglob("*")) if path.is_file()),
        *sample_files(assets / "samples"),
        *source_files(TOP / "catalogs" / "demo"),
    ]
    return [(path, path.relative_to(TOP).as_posix()) for path in files]
