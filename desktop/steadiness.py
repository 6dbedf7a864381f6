"""When a live answer may replace the one on screen. Pure: times are given, nothing is read from a clock.

Twenty-five answers a second flicker. The engine pools the frames of one thing (engine.pooling), so that its answers
change less; where two products are nearly as likely, they still change places now and then. So the card changes only
for an answer that is said long enough: shortly for a clear match, longer where the new product is hardly more likely
than the one on the card, and for "unknown", which every hand that crosses the view causes. The times were chosen on
clips of train photos (docs/lookup.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from engine.records import LookupResult, Verdict

#: How long a new answer must be said before it replaces the card, in seconds.
AGREE_S: Final = {Verdict.MATCH: 0.05, Verdict.AMBIGUOUS: 0.25, Verdict.UNKNOWN: 0.8}
#: A product that is ahead of the one on the card by less than this (probability) is not clearly better, ...
CLEAR_LEAD: Final = 0.2
#: ... and must stay ahead for so long.
NARROW_S: Final = 1.2
#: A card that nothing has said for so long gives way to the next answer, whatever that is: answers that change all the
#: time must not leave the product of an earlier scene on screen.
UNSAID_S: Final = 1.5
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
    #: The product that comes first on the card; None for unknown.
    shown_sku: str | None = None
    said_at_s: float = 0.0
    refreshed_at_s: float = 0.0
    wanted: tuple[str, ...] | None = None
    wanted_since_s: float = 0.0

    def forget(self) -> None:
        """Start over, so that the next answer is shown at once (after a freeze, a resume, another catalog)."""
        self.shown = self.shown_sku = self.wanted = None

    def take(self, result: LookupResult, at_s: float) -> Change:
        """Decide on an answer that arrived at `at_s`, in seconds of a clock that only grows."""
        said = subject(result)
        if said == self.shown:
            self.wanted, self.said_at_s = None, at_s
            if at_s - self.refreshed_at_s < REFRESH_S:
                return Change.KEEP
            self.refreshed_at_s = at_s
            return Change.REFRESH
        if said != self.wanted:
            self.wanted, self.wanted_since_s = said, at_s
        if self.shown is not None and at_s - self.said_at_s < UNSAID_S:
            agreed_s = at_s - self.wanted_since_s
            if agreed_s <= 0 or agreed_s < self._needed_s(result):
                return Change.KEEP
        self.shown, self.said_at_s, self.refreshed_at_s, self.wanted = said, at_s, at_s, None
        self.shown_sku = None if result.verdict is Verdict.UNKNOWN else result.candidates[0].product.sku
        return Change.REPLACE

    def _needed_s(self, result: LookupResult) -> float:
        if result.verdict is not Verdict.AMBIGUOUS or self.shown_sku is None:
            return AGREE_S[result.verdict]
        of_shown = [one.probability for one in result.candidates if one.product.sku == self.shown_sku]
        lead = result.candidates[0].probability - (of_shown[0] if of_shown else 0.0)
        return AGREE_S[result.verdict] if lead >= CLEAR_LEAD else NARROW_S
