"""Print how large the frozen application is and what its largest parts are.

    python tools/frozen_size.py dist/skulens [--json]
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

LARGEST = 12


def part(inside: Path) -> str:
    """The name of the part that a file belongs to: two folders deep in Qt, one elsewhere."""
    folders = inside.parts[1:] if inside.parts[0] == "_internal" else inside.parts
    if folders[0] == "PySide6" and len(folders) > 3:
        return "/".join(folders[:3])
    if len(folders) > 2 and folders[0] in {"assets", "catalogs", "PySide6"}:
        return "/".join(folders[:2])
    return folders[0]


def sizes(folder: Path) -> Counter[str]:
    """Bytes of each part; a link counts nothing."""
    counted: Counter[str] = Counter()
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            counted[part(path.relative_to(folder))] += path.stat().st_size
    return counted


def main() -> None:
    """Print a table, or one JSON object with bytes."""
    folder = Path(sys.argv[1])
    counted = sizes(folder)
    if "--json" in sys.argv[2:]:
        print(json.dumps({"total": counted.total(), "parts": dict(counted.most_common(LARGEST))}))
        return
    print(f"{folder}: {counted.total() / 1e6:.0f} MB")
    for name, size in counted.most_common(LARGEST):
        print(f"  {size / 1e6:7.1f} MB  {name}")


if __name__ == "__main__":
    main()
