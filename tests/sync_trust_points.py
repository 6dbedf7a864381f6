"""Kills a store's refresh at many points and looks at what it trusts then. Run by test_sync_trust.py.

    python -m tests.sync_trust_points FOLDER SEED POINTS TIMED

The store has the document `one`; meanwhile root and timestamp keys were rotated and `two` was published. From this warm
process a child is forked for each point; it refreshes for real and is killed (SIGKILL) before its n-th change of its
state folder, or from outside after a delay. Then the state must open, an older repository must still be refused once
the store has taken a newer one over, and the next refresh must end well. One JSON object a line.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from pathlib import Path

from engine.sync.errors import SyncError
from engine.sync.trust_state import TrustState
from engine.sync.trust_view import view
from tests.crash_points import count_points, run_child
from tests.sync_repositories import FolderFetcher, Store, make_office, make_store


def main(home: Path, seed: int, points: int, timed: int) -> None:
    office = make_office(home / "office")
    old = office.copy("old")
    make_store(office, "original").pull()
    office.repository().rotate(["root", "timestamp"])
    office.repository().add("stable", b"two")

    def work(folder: Path) -> None:
        assert Store(folder, FolderFetcher(office.folder)).pull() == b"two"

    original = office.folder.with_name("original")
    shutil.copytree(original, home / "counted")
    total = count_points(home / "counted", work)
    shutil.copytree(original, home / "once")
    started = time.perf_counter()
    work(home / "once")
    duration_s = time.perf_counter() - started
    chance = random.Random(seed)
    chosen: list[int | None] = [*sorted(chance.sample(range(total), min(points, total))), *[None] * timed]
    for number, point in enumerate(chosen):
        folder = home / f"store-{number}"
        shutil.copytree(original, folder)
        killed, event = run_child(work, folder, point, chance.random() * duration_s)
        store = Store(folder, FolderFetcher(office.folder))
        kept = (store.kept() or b"").decode()
        state = TrustState(folder)
        root = view(state.installed_root(), state.files()).root.version
        shutil.copytree(folder, home / "attacked")
        try:
            rollback = (Store(home / "attacked", FolderFetcher(old.folder)).pull() or b"").decode()
        except SyncError as error:
            rollback = error.code
        shutil.rmtree(home / "attacked")
        following = (store.pull() or b"").decode()
        print(
            json.dumps(
                {
                    "point": point,
                    "of": total,
                    "before": event,
                    "killed": killed,
                    "kept": kept,
                    "root": root,
                    "rollback": rollback,
                    "next": following,
                    "rubbish": [path.name for path in folder.rglob(".*")],
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
