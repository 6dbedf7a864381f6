from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SEED, POINTS, TIMED = 20261123, 16, 10


ROOT = Path(__file__).parent.parent


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: thousands of fsyncs take minutes on a disk, and SIGKILL needs none."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else tmp_path) as folder:
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_build_killed_anywhere_leaves_the_old_or_the_new_catalog_and_the_next_one_goes_on(place: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.build_crash_points", str(place), str(SEED), str(POINTS), str(TIMED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) > POINTS + TIMED
    assert sum(one["killed"] for one in found) >= 30
    for one in found:
        assert one["sound"], one
        assert (one["version"], one["products"]) in (("000001", 3), ("000002", 5)), one
        # Stock follows the activation; the levels of a build that was not activated never show.
        assert one["quantity"] == 1 or one["version"] == "000002", one
        after = one["next"]
        assert after["sound"] and (after["products"], after["quantity"]) == (5, 2), one
        assert (after["encoded"], after["reused"]) == (10 - one["kept"], one["kept"]), one
        assert one["rubbish"] == [], one
    assert {one["version"] for one in found} == {"000001", "000002"}
    assert {one["quantity"] for one in found} == {1, 2}
    assert {one["kept"] for one in found} >= {6, 10}
