"""When a live answer may replace the one on screen. Pure: times are given, nothing is read from a clock.

Thirty answers a second flicker. The card changes only when the new answer was said a few times in a row, sooner for a
clear match than for "unknown", which every hand that crosses the view causes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.records import LookupResult, Verdict

#: How often in a row, and for how long, a new answer must be said before it replaces the card: times and seconds.
AGREE: Final = {Verdict.MATCH: (2, 0.05), Verdict.AMBIGUOUS: (3, 0.25), Verdict.UNKNOWN: (4, 0.8)}
#: The figures of an unchanged answer are refreshed this often.
REFRESH_S: Final = 0.5


class Change(StrEnum):
    """What to do with a live answer."""

    KEEP = "keep"
    REFRESH = "refresh"
    REPLACE = "replace"


def subject(result: LookupResult) -> tuple[str, ...]:
    """What an answer is about: two answers with one subject show the same card."""
    if result.verdict is Verdict.MATCH:
        return (Verdict.MATCH, result.candidates[0].product.sku)
    if result.verdict is Verdict.AMBIGUOUS:
        return (Verdict.AMBIGUOUS, *sorted(candidate.product.sku for candidate in result.candidates[:2]))
    return (Verdict.UNKNOWN,)


@dataclass(slots=True)
class Steadiness:
    """Remembers what is on screen and what wants to replace it."""

    shown: tuple[str, ...] | None = None
    shown_at_s: float = 0.0
    wanted: tuple[str, ...] | None = None
    wanted_times: int = 0
    wanted_since_s: float = 0.0

    def forget(self) -> None:
        """Start over, so that the next answer is shown at once (after a freeze, a resume, another catalog)."""
        self.shown = self.wanted = None

    def take(self, result: LookupResult, at_s: float) -> Change:
        """Decide on an answer that arrived at `at_s`, in seconds of a clock that only grows."""
        said = subject(result)
        if said == self.shown:
            self.wanted = None
            if at_s - self.shown_at_s < REFRESH_S:
                return Change.KEEP
            self.shown_at_s = at_s
            return Change.REFRESH
        if said != self.wanted:
            self.wanted, self.wanted_times, self.wanted_since_s = said, 0, at_s
        self.wanted_times += 1
        times, seconds = AGREE[result.verdict]
        if self.shown is not None and (self.wanted_times < times or at_s - self.wanted_since_s < seconds):
            return Change.KEEP
        self.shown, self.shown_at_s, self.wanted = said, at_s, None
        return Change.REPLACE
