"""Prove that the frozen application brings every library that its parts are linked to.

    python tools/frozen_links.py dist/skulens

A plugin of Qt that lacks a library is skipped in silence: the window opens and the camera is missing. Linux only. The
application's start program adds its own folder to the loader's path; so does this.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def unresolved(folder: Path) -> list[str]:
    """Lines `FILE: LIBRARY` for each shared object whose library the loader does not find."""
    found = []
    environment = {**os.environ, "LD_LIBRARY_PATH": str((folder / "_internal").resolve())}
    for path in sorted(folder.rglob("*.so*")):
        if path.is_symlink() or not path.is_file():
            continue
        shown = subprocess.run(["ldd", path], capture_output=True, text=True, env=environment, check=False).stdout
        missing = [line.split()[0] for line in shown.splitlines() if line.endswith("not found")]
        found += [f"{path.relative_to(folder)}: {name}" for name in missing]
    return found


def main() -> None:
    """Exit 1 with the list if something is missing."""
    if sys.platform != "linux":
        return
    missing = unresolved(Path(sys.argv[1]))
    if missing:
        sys.exit("Libraries that the frozen application lacks:\n  " + "\n  ".join(missing))
    print("Every library that the frozen application is linked to is there.")


if __name__ == "__main__":
    main()
