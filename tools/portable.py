"""Prove that hnswlib was compiled for every x86-64 processor: no instruction in it uses an AVX register.

    python tools/portable.py [LIBRARY.so]       default: the hnswlib of this environment

NumPy, OpenCV, ONNX Runtime and Qt look at the processor when they start and choose; hnswlib does not, so one compiled
with `-march=native` ends with an illegal instruction on an older kiosk.
"""

from __future__ import annotations

import importlib.util
import platform
import re
import subprocess
import sys
from pathlib import Path

#: AVX and AVX2 use ymm registers, AVX-512 zmm and mask registers; the baseline of x86-64 has none of them.
NOT_BASELINE = re.compile(r"%(?:[yz]mm\d|k[0-7]\b)")


def beyond_baseline(disassembly: str) -> int:
    """How many lines of a disassembly use a register that the baseline of x86-64 lacks."""
    return sum(NOT_BASELINE.search(line) is not None for line in disassembly.splitlines())


def library() -> Path:
    """Where this environment's hnswlib is, without loading it."""
    found = importlib.util.find_spec("hnswlib")
    if found is None or found.origin is None:
        sys.exit("hnswlib is not installed here.")
    return Path(found.origin)


def main() -> None:
    """Disassemble and count; exit 1 if something is there that not every processor has."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        print("Not an x86-64 machine: nothing to check.")
        return
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else library()
    shown = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True)
    found = beyond_baseline(shown.stdout)
    if found:
        sys.exit(f"{path.name} is not portable: {found} instructions need AVX. Build with HNSWLIB_NO_NATIVE=1.")
    print(f"{path.name} is portable: none of its instructions needs AVX.")


if __name__ == "__main__":
    main()
