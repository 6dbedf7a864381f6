"""Kills a changing process at every step of its work and looks at what it left. Run by test_crash_activation.py.

    python -m tests.crash_points OPERATION FOLDER SEED

For each point a child is forked from this warm process; it does the work for real and kills itself (SIGKILL) just
before its n-th open, rename, removal, new folder or SQLite connection, or is killed from outside after a delay. Then
the folder must open, verify and take the next change. One JSON object a line says what was found.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from engine.generation import Generation, current_version, prune, rollback, versions
from engine.records import StockLevel
from engine.stock import StockReader, write_stock
from engine.verify import verify
from tests.storage_fixtures import make_encoder, make_generation

#: Every way by which Python code changes names on a disk, and opening, which comes before every write.
EVENTS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "shutil.rmtree", "sqlite3.connect"}
#: Kills after a delay: they hit what no event shows, such as SQLite's own writes. A build takes long enough for many.
TIMED_KILLS = {"build": 25}
FEW = 5


def build(folder: Path) -> None:
    make_generation(folder, products=8, seed=2)


def replace_stock(folder: Path) -> None:
    write_stock(folder, [("SKU-001", StockLevel("Berlin", 2, datetime.now(UTC)))])


OPERATIONS: dict[str, Callable[[Path], object]] = {
    "build": build,
    "rollback": rollback,
    "prune": lambda folder: prune(folder, keep=1),
    "stock": replace_stock,
}


def prepare(folder: Path) -> None:
    """Two generations, the second active, and a stock of 1."""
    make_generation(folder, seed=0)
    make_generation(folder, seed=1)
    write_stock(folder, [("SKU-001", StockLevel("Berlin", 1, datetime.now(UTC)))])


def kill_before(wanted: int, folder: Path) -> Callable[[str, tuple[object, ...]], None]:
    """An audit hook that ends this process before its `wanted`-th change in `folder`, and names the event."""
    seen = 0
    inside = str(folder)

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event not in EVENTS or not arguments or inside not in str(arguments[0]):
            return
        if seen == wanted:
            os.write(2, f"{event}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1

    return hook


def count_points(folder: Path, work: Callable[[Path], object]) -> int:
    """How many points a whole work has, counted in a child that nobody kills."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        seen = 0

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            nonlocal seen
            if event in EVENTS and arguments and str(folder) in str(arguments[0]):
                seen += 1

        sys.addaudithook(hook)
        work(folder)
        os.write(writer, str(seen).encode())
        os._exit(0)
    os.close(writer)
    os.wait()
    with os.fdopen(reader) as said:
        return int(said.read())


def run_child(work: Callable[[Path], object], folder: Path, point: int | None, delay_s: float) -> tuple[bool, str]:
    """Fork, work, and die; whether it was killed, and before which event."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(writer, 2)
            if point is not None:
                sys.addaudithook(kill_before(point, folder))
            work(folder)
            os._exit(0)
        except BaseException as error:
            os.write(2, f"failed: {error!r}\n".encode())
            os._exit(1)
    os.close(writer)
    if point is None:
        time.sleep(delay_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as said:
        words = said.read().strip()
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit(f"the work failed before it was killed: {words}")
    return os.WIFSIGNALED(status), words


def findings(folder: Path, encoder: Path) -> dict[str, object]:
    """What is there now."""
    with Generation.open_current(folder, [encoder]) as generation:
        version = generation.version
        found = generation.catalog.search_text("oat")
    report = verify(folder, encoders=[encoder])
    reader = StockReader(folder)
    quantity = reader.levels(["SKU-001"])["SKU-001"][0].quantity
    reader.close()
    return {
        "version": version,
        "versions": versions(folder),
        "products": len(found),
        "verified": report.ok,
        "quantity": quantity,
    }


def main(operation: str, home: Path, seed: int) -> None:
    work, encoder = OPERATIONS[operation], make_encoder(home / "encoder")
    prepare(home / "original")
    started = time.perf_counter()
    shutil.copytree(home / "original", home / "once")
    work(home / "once")  # also warms what is imported late
    duration_s = time.perf_counter() - started
    chance = random.Random(seed)
    points: list[int | None] = [None] * TIMED_KILLS.get(operation, FEW)
    point = 0
    while points or point >= 0:
        timed = point < 0
        folder = home / f"{'timed' if timed else 'point'}-{len(points) if timed else point}"
        shutil.copytree(home / "original", folder)
        if timed:
            points.pop()
            killed, event = run_child(work, folder, None, chance.random() * duration_s)
        else:
            killed, event = run_child(work, folder, point, 0.0)
        left = findings(folder, encoder)
        next_fits, rubbish = True, []
        if (len(points) if timed else point) % 4 == 0:
            next_fits = all(verify(folder, one, [encoder]).ok for one in versions(folder))
            before_next = current_version(folder)
            make_generation(folder, seed=3)
            prune(folder)
            rubbish = [one.name for one in folder.iterdir() if one.name.startswith(".") and one.name != ".lock"]
            next_fits &= verify(folder, encoders=[encoder]).ok and current_version(folder) > before_next
        print(
            json.dumps(
                {
                    "killed": killed,
                    "before": event,
                    "timed": timed,
                    **left,
                    "next_fits": next_fits,
                    "rubbish": rubbish,
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)
        if not timed:
            point = point + 1 if killed else -1


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
