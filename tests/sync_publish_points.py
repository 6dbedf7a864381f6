"""Kills a publisher at many points and looks at what readers see then. Run by test_sync_repository.py.

    python -m tests.sync_publish_points OPERATION FOLDER SEED POINTS TIMED

From this warm process a child is forked for each point; it publishes for real and kills itself (SIGKILL) just before
its n-th open, rename, removal or new folder, or is killed from outside after a delay. Then a store that knows the
repository and a new one read it, the next publish must complete, and both must follow. One JSON object a line.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.sync.errors import KeyMissing, SyncError
from engine.sync.repository import beside
from tests.crash_points import count_points, run_child
from tests.sync_repositories import FolderFetcher, Office, Store, make_office, make_store


def add(office: Office) -> None:
    office.repository().add("stable", b"two")


def stock(office: Office) -> None:
    office.repository().stock("stable", b"two")


def rotate(office: Office) -> None:
    office.repository().rotate(["root", "targets", "snapshot", "timestamp", "stock"])


def lost(office: Office) -> None:
    """A rotation without the old keys."""
    office.repository().rotate(["targets", "timestamp"])


def init(office: Office) -> None:
    office.repository().init()
    office.repository().add("stable", b"one")


OPERATIONS: dict[str, Callable[[Office], None]] = {
    "add": add,
    "stock": stock,
    "rotate": rotate,
    "lost": lost,
    "init": init,
}


def read(store: Store, operation: str) -> str:
    """What a store gets, or the name of the error."""
    try:
        if operation != "stock":
            return (store.pull() or b"").decode()
        with store.trust() as trust:
            trust.refresh()
            found = trust.stock("stable")
        return "" if found is None else found.data.decode()
    except SyncError as error:
        return error.code


def go_on(office: Office, operation: str) -> None:
    """The next publish, as a person would do it who knows nothing of the kill."""
    if operation == "init" and not (office.folder / "metadata" / "timestamp.json").exists():
        office.repository().init()
    if operation == "stock":
        office.repository().stock("stable", b"next")
        return
    try:
        office.repository().add("stable", b"next")
    except KeyMissing:
        assert operation == "lost"  # the rotation has not begun for who reads, and the old key is still lost
        lost(office)
        office.repository().add("stable", b"next")


def prepare(home: Path, operation: str) -> tuple[Path, list[str]]:
    """What there is before, and what a reader may see afterwards."""
    original = home / "original"
    original.mkdir(parents=True)
    if operation == "init":
        return original, ["", "one", "source_unreachable", "sync_not_set_up"]
    office = make_office(original)
    office.repository().stock("stable", b"one")
    make_store(office, "known").pull()
    if operation == "lost":
        for role in ("targets", "timestamp"):
            for path in beside(office.folder, "keys").glob(f"{role}-*.pem"):
                path.unlink()
        return original, ["one", "not_trusted"]  # no key could make it seamless
    return original, ["one", "two"] if operation in ("add", "stock") else ["one"]


def known_store(home: Path, operation: str) -> Store:
    """The store that knew the repository before; of a new repository there can be none."""
    office = Office(home / "repo")
    if operation != "init":
        return make_store(office, "known")
    root = office.folder / "metadata" / "1.root.json"
    return make_store(office, "known") if root.exists() else Store(home / "none", FolderFetcher(office.folder))


def stale(office: Office) -> list[str]:
    """Keys that a root took out and that still lie with the others, and the root that stores are given if it is old."""
    first, newest = office.metadata("1.root.json").signed, office.metadata(office.newest("root")).signed
    gone = {keyid for role in first.roles.values() for keyid in role.keyids} - set(newest.keys)
    ends = tuple(f"-{keyid[:16]}.pem" for keyid in gone)
    found = [path.name for path in office.keys().folder.iterdir() if path.name.endswith(ends)]
    handed_out = (office.folder / "root.json").read_bytes()
    return found + ["root.json"] * (handed_out != (office.folder / "metadata" / office.newest("root")).read_bytes())


def main(operation: str, home: Path, seed: int, points: int, timed: int) -> None:
    original, allowed = prepare(home, operation)

    def work(folder: Path) -> None:
        OPERATIONS[operation](Office(folder / "repo"))

    shutil.copytree(original, home / "counted")
    total = count_points(home / "counted", work)
    shutil.copytree(original, home / "once")
    started = time.perf_counter()
    work(home / "once")
    duration_s = time.perf_counter() - started
    chance = random.Random(seed)
    few = chance.sample(range(total - 4), min(points, total - 4))
    chosen: list[int | None] = [*sorted({*few, *range(total - 4, total)}), *[None] * timed]
    for number, point in enumerate(chosen):
        folder = home / f"at-{number}"
        shutil.copytree(original, folder)
        killed, event = run_child(work, folder, point, chance.random() * duration_s)
        reader = read(known_store(folder, operation), operation)
        go_on(Office(folder / "repo"), operation)
        office = Office(folder / "repo")
        follower = read(known_store(folder, operation), operation)
        following = read(make_store(office, "new"), operation)
        rubbish = [str(path) for path in folder.rglob(".*.part")]
        print(
            json.dumps(
                {
                    "point": point,
                    "of": total,
                    "before": event,
                    "killed": killed,
                    "reader": reader,
                    "allowed": allowed,
                    "next": following,
                    "follower": follower,
                    "rubbish": rubbish + stale(office),
                }
            ),
            flush=True,
        )
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
