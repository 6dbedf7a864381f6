"""How fast bytes may come, and how slowly they must not."""

from __future__ import annotations

import time
from collections.abc import Callable

_MOST_CHUNK_BYTES = 65_536
_LEAST_CHUNK_BYTES = 256


class Bandwidth:
    """A limit on bytes a second over everything that shares this object: a token bucket that may go into debt.

    The first `burst_s` seconds' worth passes at once; from then on the average is the limit. 0 is no limit.
    """

    def __init__(
        self,
        bytes_per_s: float = 0.0,
        burst_s: float = 0.25,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if bytes_per_s < 0:
            raise ValueError(f"a negative bandwidth: {bytes_per_s}")
        self._rate, self._clock, self._sleep = bytes_per_s, clock, sleep
        self._most = bytes_per_s * burst_s
        self._tokens, self._filled_at = self._most, clock()

    @property
    def chunk_bytes(self) -> int:
        """How much to read at once: what a quarter of a second allows, so that the limit is kept smoothly."""
        if not self._rate:
            return _MOST_CHUNK_BYTES
        return int(min(_MOST_CHUNK_BYTES, max(_LEAST_CHUNK_BYTES, self._rate / 4)))

    def spend(self, size_bytes: int, longest_s: float = float("inf")) -> None:
        """Note bytes that have come, and wait until they may have, at most `longest_s`."""
        if not self._rate:
            return
        now = self._clock()
        self._tokens = min(self._most, self._tokens + (now - self._filled_at) * self._rate) - size_bytes
        self._filled_at = now
        if self._tokens < 0:
            self._sleep(max(0.0, min(longest_s, -self._tokens / self._rate)))


class LeastSpeed:
    """Says when a server is too slow to wait for, as one that sends a byte a second (slow-loris) is.

    Only time in which we waited for the server counts, and it is judged once a window.
    """

    def __init__(self, bytes_per_s: float, window_s: float) -> None:
        self._least, self._window_s = bytes_per_s, window_s
        self._spent_s, self._came = 0.0, 0

    def too_slow(self, size_bytes: int, waited_s: float) -> bool:
        """Note what came after so much waiting; whether the window that ends with it had too little."""
        self._spent_s += waited_s
        self._came += size_bytes
        if self._spent_s < self._window_s:
            return False
        slow = self._came < self._least * self._spent_s
        self._spent_s, self._came = 0.0, 0
        return slow
