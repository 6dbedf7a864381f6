"""The allocator keeps what is freed: the second large block is no new memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.train,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's mallopt"),
]

_PROBE = """
import ctypes, resource, sys
from engine.training.allocator import keep_freed_memory
kept = keep_freed_memory() if sys.argv[1] == "keep" else None
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
def touch():
    block = libc.malloc(8_000_000); ctypes.memset(block, 1, 8_000_000); libc.free(block)
touch()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20): touch()
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_freed_blocks_are_used_again() -> None:
    def faults(how: str) -> tuple[str, int]:
        environment = {"MALLOC_MMAP_THRESHOLD_": "131072"}  # without it glibc raises the threshold by itself in time
        done = subprocess.run(
            [sys.executable, "-c", _PROBE, how], capture_output=True, text=True, check=True, env=environment
        )
        kept, count = done.stdout.split()
        return kept, int(count)

    kept, few = faults("keep")
    if kept == "False":
        pytest.skip("another C library than glibc")
    assert few < faults("leave")[1] / 10
