"""What the warehouse knows about each picture, and the order of doubt. Pure; no Qt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from engine.errors import EngineError
from engine.records import Candidate, LookupResult, Product, Verdict

#: The keys 1 to 9 choose among this many.
CANDIDATES: Final = 9


class Decision(StrEnum):
    """What a person said about a row."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """One picture: its answer or its error, which candidate is chosen, and what a person said.

    `chosen` is a place in the candidates, -1 for none; it begins at the best one unless the verdict is UNKNOWN.
    """

    path: Path
    result: LookupResult | None = None
    error: EngineError | None = None
    chosen: int = -1
    decision: Decision = Decision.OPEN

    @classmethod
    def of(cls, path: Path, outcome: LookupResult | EngineError) -> Row:
        """The row of a lookup's outcome."""
        if isinstance(outcome, EngineError):
            return cls(path, error=outcome)
        best = 0 if outcome.candidates and outcome.verdict is not Verdict.UNKNOWN else -1
        return cls(path, result=outcome, chosen=best)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """All candidates, best first; none for a picture that could not be read."""
        return () if self.result is None else self.result.candidates

    @property
    def candidate(self) -> Candidate | None:
        """The chosen candidate."""
        return self.candidates[self.chosen] if 0 <= self.chosen < len(self.candidates) else None

    @property
    def best(self) -> Candidate | None:
        """The best candidate, also of a row whose verdict is UNKNOWN."""
        return self.candidates[0] if self.candidates else None

    @property
    def product(self) -> Product | None:
        """What the row stands for in an export or on a label: what was confirmed, or a MATCH that nobody denied."""
        candidate = self.candidate
        if candidate is None or self.decision is Decision.UNKNOWN:
            return None
        matched = self.result is not None and self.result.verdict is Verdict.MATCH
        return candidate.product if self.decision is Decision.CONFIRMED or matched else None

    @property
    def is_open(self) -> bool:
        """Whether somebody should look at it: not decided, and not an unreadable file, which nobody can decide."""
        return self.decision is Decision.OPEN and self.error is None

    def choosing(self, place: int) -> Row:
        """With another candidate chosen, open again; the same row if there is no such candidate."""
        if not 0 <= place < len(self.candidates):
            return self
        return replace(self, chosen=place, decision=Decision.OPEN)

    def confirmed(self) -> Row:
        """Confirmed as it reads: the chosen candidate or, if none is, that it is not in the catalog."""
        if self.error is not None:
            return self
        return replace(self, decision=Decision.UNKNOWN if self.candidate is None else Decision.CONFIRMED)

    def unknown(self) -> Row:
        """Said to be not in the catalog."""
        return self if self.error is not None else replace(self, decision=Decision.UNKNOWN)


_DOUBT: Final = {Verdict.UNKNOWN: 0, Verdict.AMBIGUOUS: 1, Verdict.MATCH: 2}


def doubt(row: Row) -> tuple[int, float]:
    """A sort key, most doubtful first: UNKNOWN, AMBIGUOUS, MATCH; within one the less probable first.

    Among UNKNOWN the most likely to be known after all comes first: there a person can help. Unreadable files, with
    which nobody can, come last.
    """
    if row.result is None:
        return (3, 0.0)
    if row.result.verdict is Verdict.UNKNOWN:
        return (0, -row.result.known)
    return (_DOUBT[row.result.verdict], row.best.probability if row.best else 0.0)


def probability(row: Row) -> float:
    """The probability of the chosen candidate, else of the best one, 0..1."""
    shown = row.candidate or row.best
    return 0.0 if shown is None else shown.probability


def next_open(rows: Sequence[Row], after: int) -> int | None:
    """The place of the next row to look at below `after`, going on from the top; None when all are decided."""
    count = len(rows)
    places = [*range(after + 1, count), *range(min(after + 1, count))]
    return next((place for place in places if rows[place].is_open), None)


def picture_files(
    paths: Iterable[Path], suffixes: Sequence[str], cancelled: Callable[[], bool] = lambda: False
) -> Iterator[Path]:
    """The pictures in `paths`, each once: files as they are given, and in folders, also nested ones, what has a suffix.

    Hidden files and folders and links to folders are left out. A folder that cannot be read gives nothing.
    """
    endings = tuple(f".{suffix}" for suffix in suffixes)
    seen: set[Path] = set()
    for given in paths:
        found: Iterable[Path] = _below(given, endings, cancelled) if given.is_dir() else [given]
        for path in found:
            if path not in seen:
                seen.add(path)
                yield path


def _below(folder: Path, endings: tuple[str, ...], cancelled: Callable[[], bool]) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        if cancelled():
            return
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower().endswith(endings):
                yield Path(place, name)
