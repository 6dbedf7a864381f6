"""Progress with a rate and the time left, told at most a few times a second."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from engine.records import Progress, ProgressCallback

#: The rate is that of the last seconds: a build that goes on begins with photos that cost nothing.
_WINDOW_S = 10.0
_INTERVAL_S = 0.1


class Pace:
    """Counts the parts of one step and tells `callback`; the first and the last part are always told."""

    def __init__(
        self, step: str, total: int, callback: ProgressCallback, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._step, self._total, self._callback, self._clock = step, total, callback, clock
        self._marks: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._told = float("-inf")
        self.done = 0
        self.advance(0)

    def advance(self, parts: int = 1) -> None:
        """Count parts that are done. Raises what the callback raises, e.g. Interrupted."""
        self.done += parts
        now = self._clock()
        if now - self._told < _INTERVAL_S and self.done < self._total:
            return
        self._told = now
        rate = self._rate(now)
        left = (self._total - self.done) / rate if rate and self._total else None
        self._callback(Progress(self._step, self.done, self._total, rate, left))

    def _rate(self, now: float) -> float | None:
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and now - self._marks[1][0] >= _WINDOW_S:
            self._marks.popleft()
        since, before = self._marks[0]
        if now - since <= 0 or self.done == before:
            return None
        return (self.done - before) / (now - since)
