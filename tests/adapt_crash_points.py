"""Kills an adaptation at many points and looks at what it left. Run by test_train_adapt.py.

    python -m tests.adapt_crash_points CATALOG ENCODER WORK SEED

From this warm process a child is forked for each point; it adapts for real and kills itself (SIGKILL) just before its
n-th open, rename, removal, new folder or SQLite connection in the catalog's folder. The points are drawn by the seed;
the last ones, around the activation, are always among them. Then the old or the new catalog must open, and the next
adaptation must end. One JSON object a line says what was found.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from pathlib import Path

from engine.generation import current_version, versions
from engine.training.adapt import adapt_catalog
from engine.verify import verify
from tests.crash_points import count_points, run_child

#: Sealing, activation and pruning.
LAST, DRAWN = 8, 3


def main(original: Path, encoder: Path, work: Path, seed: int) -> None:
    def adapt(folder: Path) -> str:
        return adapt_catalog(folder, provider="cpu", threads=1, encoders=[encoder]).ending.value

    total = count_points(Path(shutil.copytree(original, work / "whole")), adapt)
    drawn = random.Random(seed).sample(range(total - LAST), DRAWN)
    for point in sorted({*drawn, *range(total - LAST, total)}):
        folder = Path(shutil.copytree(original, work / f"killed-{point}"))
        killed, event = run_child(adapt, folder, point, 0.0)
        version = current_version(folder)
        sound = all(verify(folder, one, [encoder]).ok for one in versions(folder))
        found = {"point": point, "before": event, "killed": killed, "version": version, "sound": sound}
        print(json.dumps({**found, "next": adapt(folder)}), flush=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
