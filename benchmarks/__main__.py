"""All figures of this machine in one table, and as JSON (`make bench`).

    python -m benchmarks [--quick] [--only NAME ...] [--work DIR] [--json FILE] [--photos DIR]
                         [--grocery DIR] [--clothing DIR]

Each benchmark runs in a process of its own, so that none warms or fills another's memory. Recognition, how it rises
with confirmations and how steady the live view is are measured where a folder of the Grocery Store Dataset is given; a
quick run measures recognition on the bundled demo. A figure that misses its target is marked; the exit code stays 0,
because a busy machine is no defect. It is 1 if a benchmark did not run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config import demo_source, resources

Figures = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One line of the table. `met` is None for a figure without a target."""

    name: str
    figure: str
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Benchmark:
    """A module of this package, its arguments, and what of its JSON goes into the table."""

    module: str
    arguments: tuple[str, ...]
    rows: Callable[[Figures], list[Row]]


def lookup_rows(found: Figures) -> list[Row]:
    total, bare = found["total_ms"], found["bare_ms"]
    name = f"photo to result, {found['references']:,} references, {found['encoder']}"
    ratio = Row("  ratio to the bare calls", f"{found['ratio']:.2f}", "1.25", found["ratio"] <= found["target"])
    steps = ", ".join(f"{step} {ms:.1f}" for step, ms in found["steps_ms"].items() if step != "total")
    return [Row(name, f"{total:.1f} ms (bare calls {bare:.1f})"), ratio, Row("  steps, ms", steps)]


def live_rows(found: Figures) -> list[Row]:
    rate, target = found["lookups_per_s"], found["target_per_s"]
    spread = Row("  one lookup, ms", f"median {found['p50_ms']:.1f}, 95 % {found['p95_ms']:.1f}")
    return [Row("live lookups, 640x480", f"{rate:.1f} a second", f"{target:.0f}", rate >= target), spread]


def start_rows(found: Figures) -> list[Row]:
    largest = sorted(found["phases_ms"].items(), key=lambda part: -part[1])[:3]
    imports = list(found["imports_ms"].items())[:3]
    return [
        Row("cold start of find, one photo", f"{found['total_ms']:.0f} ms"),
        Row("  largest parts, ms", ", ".join(f"{name} {ms:.0f}" for name, ms in largest)),
        Row("  largest imports, ms", ", ".join(f"{name} {ms:.0f}" for name, ms in imports)),
    ]


def window_start_rows(found: Figures) -> list[Row]:
    largest = sorted(found["phases_ms"].items(), key=lambda part: -part[1])[:3]
    return [
        Row("cold start of the window, first frame", f"{found['total_ms']:.0f} ms"),
        Row("  largest parts, ms", ", ".join(f"{name} {ms:.0f}" for name, ms in largest)),
    ]


def memory_rows(found: Figures) -> list[Row]:
    growth, target = found["growth_mb"], found["target_mb"]
    who = "window" if "opened_mb" in found else "engine"
    return [
        Row(f"memory of the {who}", f"{found['resident_mb']:.0f} MB"),
        Row(f"  growth over {found['frames']:,} frames", f"{growth:+.1f} MB", f"{target:.0f}", growth < target),
    ]


def stall_rows(found: Figures) -> list[Row]:
    parts = {name: part for name, part in found.items() if isinstance(part, dict) and "longest_stall_ms" in part}
    parts = parts or {"": found}
    return [
        Row(
            f"longest stall of the window {name}".strip(),
            f"{part['longest_stall_ms']:.0f} ms",
            "50",
            part["longest_stall_ms"] <= 50,
        )
        for name, part in parts.items()
    ]


def build_rows(found: Figures) -> list[Row]:
    ratio = found["ratio"]
    return [
        Row("building, photos a second", f"{found['photos_per_s']:.1f} (bare {found['bare_photos_per_s']:.1f})"),
        Row("  share of the bare speed", f"{ratio:.2f}", "0.85", ratio >= 0.85),
    ]


def recognition_rows(found: Figures) -> list[Row]:
    rows = []
    for row in found["rows"]:
        for gallery, part in row["galleries"].items():
            top1, top5 = (part["accuracy"][rank]["value"] for rank in ("top1", "top5"))
            name = f"{found['shop']}, {gallery}: {row['encoder']}, {row['variant']}"
            rows.append(Row(name, f"{top1:.1%} / {top5:.1%} first, among five"))
            wrong = f"{part['wrong']['value']:.1%} of {part['wrong']['count']} wrong" if part["wrong"] else "none"
            rows.append(Row("  MATCH", f"{part['match']:.0%} of known items, {wrong}"))
    return rows


def confirmations_rows(found: Figures) -> list[Row]:
    return [
        Row(
            f"top-1 after {row['confirmed']}",
            f"{row['top1']:.1%} ({row['wrong_matches']} wrong of {row['matches']} matches)",
        )
        for row in found["steps"]
    ]


def live_clips_rows(found: Figures) -> list[Row]:
    alone, pooled = found["alone"], found["pooled"]
    waits = [found["frames_until_a_new_product"][kind]["pooled"]["median"] for kind in ("any product", "same category")]
    each, card = "flips_per_minute_each_answer_shown", "flips_per_minute_on_the_card"
    return [
        Row(
            "live top-1 after 1 s, pooled",
            f"{pooled['top1_after_1_s']:.1%} (a frame alone {alone['top1_after_1_s']:.1%})",
        ),
        Row("  flips a minute of the answer", f"{pooled[each]:.1f} (alone {alone[each]:.1f})"),
        Row("  flips a minute of the card", f"{pooled[card]:.2f} (alone {alone[card]:.2f})"),
        Row("  frames until a new product, alike", " / ".join(f"{wait:.0f}" for wait in waits)),
    ]


def planned(asked: argparse.Namespace, work: Path) -> dict[str, Benchmark]:
    """All benchmarks that can run with what is here."""
    common = (*(["--quick"] if asked.quick else []), "--work", str(work))
    photos = asked.photos or demo_source() / "images"
    quick_build = ["--photos", "48", "--rounds", "2"] if asked.quick else []
    plan = {
        "lookup": Benchmark("lookup", common, lookup_rows),
        "live": Benchmark("live", common, live_rows),
        "cold_start": Benchmark("cold_start", common, start_rows),
        "window_start": Benchmark("window_start", common, window_start_rows),
        "build_rate": Benchmark("build_rate", (str(photos), "--json", *quick_build), build_rows),
        "gui_stall": Benchmark("gui_stall", common, stall_rows),
        "memory": Benchmark("memory", common, memory_rows),
        "window_memory": Benchmark("window_memory", common, memory_rows),
    }
    recognition = ("--work", str(work), "--json", "-")
    if asked.quick:
        plan["recognition"] = Benchmark("recognition", ("--quick", *recognition), recognition_rows)
    elif asked.grocery:
        folders = ["--grocery", str(asked.grocery), *(["--clothing", str(asked.clothing)] if asked.clothing else [])]
        plan["recognition"] = Benchmark("recognition", (*folders, *recognition), recognition_rows)
    if asked.grocery:
        grocery = ("--grocery", str(asked.grocery))
        plan["confirmations"] = Benchmark("confirmations", (*common, *grocery, "--json", "-"), confirmations_rows)
        plan["live_clips"] = Benchmark("live_clips", (*common, *grocery, "--json"), live_clips_rows)
    there = {name: one for name, one in plan.items() if Path(__file__).with_name(f"{one.module}.py").is_file()}
    return {name: one for name, one in there.items() if not asked.only or name in asked.only}


def run(benchmark: Benchmark) -> Figures:
    """Run one benchmark in a process of its own. Raises RuntimeError with the end of its stderr."""
    environment = {"QT_QPA_PLATFORM": "offscreen"} | dict(os.environ)
    command = [sys.executable, "-m", f"benchmarks.{benchmark.module}", *benchmark.arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise RuntimeError(f"exit {done.returncode}: {done.stderr.strip()[-600:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def machine() -> Figures:
    """What was measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "system": platform.platform(),
        "cpu": model,
        "cores": cores,
        "python": platform.python_version(),
        "load": load,
    }


def table(rows: list[Row]) -> str:
    """Plain text in columns."""
    widths = [max([len(getattr(row, part)) for row in rows], default=0) for part in ("name", "figure", "target")]
    marks = {True: "met", False: "MISSED", None: ""}
    return "\n".join(
        f"{row.name:{widths[0]}}  {row.figure:{widths[1]}}  {row.target:>{widths[2]}}  {marks[row.met]}".rstrip()
        for row in rows
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smaller catalogs, fewer rounds")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    parser.add_argument("--work", type=Path, help="keeps the catalogs for the next run")
    parser.add_argument("--json", type=Path, default=resources() / "build" / "benchmarks.json")
    parser.add_argument("--photos", type=Path, help="photos for build_rate; default: the demo's")
    parser.add_argument("--grocery", type=Path)
    parser.add_argument("--clothing", type=Path)
    asked = parser.parse_args()
    found: Figures = {"machine": machine(), "quick": asked.quick}
    rows = [Row("machine", f"{found['machine']['cpu']}, {found['machine']['cores']} cores")]
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        work = asked.work or Path(scratch)
        for name, benchmark in planned(asked, work).items():
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                found[name] = run(benchmark)
                rows += benchmark.rows(found[name])
            except (RuntimeError, ValueError, KeyError) as error:
                failed = True
                found[name] = {"error": str(error)}
                rows.append(Row(name, "did not run", "", False))
                print(f"{name}: {error}", file=sys.stderr)
    print(table(rows))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(found, indent=1) + "\n")
    print(f"\nJSON: {asked.json}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
