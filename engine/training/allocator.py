"""The C library's memory allocator, told to keep what a training step frees for the next step."""

from __future__ import annotations

import ctypes
import sys

#: Parameters of glibc's mallopt (malloc.h): M_TRIM_THRESHOLD and M_MMAP_THRESHOLD; the largest value that they take.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MOST = -1, -3, 2**31 - 1


def keep_freed_memory() -> bool:
    """Keep large freed blocks in the process instead of giving each back to the system; whether that took effect.

    A step frees and takes hundreds of maps of some megabytes. As glibc is by default each of them is new memory, which
    the system has to clear and map page by page: on a virtual machine that doubled the time of a step. Only for
    processes that train: the memory stays taken.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another C library
        return False
    return all(mallopt(parameter, _MOST) == 1 for parameter in (_TRIM_THRESHOLD, _MMAP_THRESHOLD))
