"""Cold start of `skulens find` on one photo: how long, and what takes it.

    python -m benchmarks.cold_start [--quick] [--catalog DIR]

Each run is a new process; files are in the system's cache. Parts are from the process itself: modules by their import
time (-X importtime, the time that a package and what only it brings takes), and the lookup's own steps.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.pictures import stills

_PROGRAM = "import sys; from engine.cli import main; sys.exit(main(sys.argv[1:]))"
#: Like _PROGRAM, with the time of each phase on stderr.
_PHASES = """
import sys, time
marks = [("", time.perf_counter())]
def mark(name): marks.append((name, time.perf_counter()))
import engine.cli.app; import engine.cli.find_command; mark("command line")
import engine.lookup; mark("imports of the lookup")
from engine.cli.options import catalog_folder, settings_with
from pathlib import Path
settings = settings_with("cpu")
folder = catalog_folder(Path(sys.argv[1]) if sys.argv[1] else None, settings); mark("find the catalog")
lookup = engine.lookup.open_lookup(folder, settings); mark("open catalog and encoder")
lookup.look_up_file(Path(sys.argv[2])); mark("the first lookup")
for (_, before), (name, after) in zip(marks, marks[1:]): print("phase", name, (after - before) * 1e3, file=sys.stderr)
"""
_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|(\s+)(\S+)")


def measure(work: Path, rounds: int = 7, catalog: Path | None = None) -> dict[str, Any]:
    """Median milliseconds from start to exit, the phases in it, and the packages that cost most to import."""
    photo = stills(work)[0]
    arguments = ["find", "--json", str(photo), *(["--catalog", str(catalog)] if catalog else [])]
    _run(["-c", _PROGRAM, *arguments])  # the demo is built, and byte code and pages are in the cache
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        _run(["-c", _PROGRAM, *arguments])
        times.append((time.perf_counter() - started) * 1e3)
    bare = []
    for _ in range(rounds):
        started = time.perf_counter()
        _run(["-c", "pass"])
        bare.append((time.perf_counter() - started) * 1e3)
    phases: dict[str, list[float]] = {}
    for _ in range(rounds):
        for line in _run(["-c", _PHASES, str(catalog or ""), str(photo)]).splitlines():
            if line.startswith("phase "):
                name, value = line.removeprefix("phase ").rsplit(" ", 1)
                phases.setdefault(name, []).append(float(value))
    parts = {"Python itself": statistics.median(bare)} | {k: statistics.median(v) for k, v in phases.items()}
    packages = packages_by_import(_run(["-X", "importtime", "-c", _PROGRAM, *arguments]))
    return {
        "total_ms": statistics.median(times),
        "phases_ms": parts,
        "imports_ms": dict(sorted(packages.items(), key=lambda item: -item[1])[:8]),
        "not_imported": sorted({"torch", "PySide6", "rich", "sqlite_utils", "openpyxl", "PIL"} - packages.keys()),
    }


def packages_by_import(text: str) -> dict[str, float]:
    """Milliseconds of each top-level package from -X importtime: its own modules, and what they were first to bring.

    A module that another package brought counts for itself, so the parts add up to the whole.
    """
    parts: dict[str, float] = {}
    for line in text.splitlines():
        found = _IMPORT.match(line)
        if found:
            package = found[4].split(".")[0]
            parts[package] = parts.get(package, 0.0) + int(found[1]) / 1e3
    return parts


def _run(arguments: list[str]) -> str:
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="")
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr[-2000:]}")
    return done.stderr


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 runs")
    parser.add_argument("--catalog", type=Path, help="default: the demo")
    parser.add_argument("--work", type=Path, help="keeps drawn pictures for the next run")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(measure(asked.work or Path(scratch), 3 if asked.quick else 7, asked.catalog), indent=1))


if __name__ == "__main__":
    main()
