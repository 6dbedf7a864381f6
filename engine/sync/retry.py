"""When a failed attempt is made again, as pure decisions.

The wait is exponential with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015):
uniform between nothing and a bound that doubles, so that the stores of a chain do not come back in step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: Answers that may be another one a moment later (RFC 9110, RFC 6585, RFC 8470).
PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class RetryRules:
    """How often and how long."""

    #: Attempts in a row that bring nothing; one that brings `progress_bytes` more than ever before starts anew.
    attempts: int = 5
    progress_bytes: int = 262_144
    first_wait_s: float = 1.0
    longest_wait_s: float = 60.0
    #: A server that asks for more patience (Retry-After) is left alone until the next renewal.
    longest_asked_wait_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Tries:
    """What was tried so far: attempts in a row without progress, and the most bytes that were ever at hand."""

    failed: int = 0
    most_bytes: int = 0

    def after_failure(self, rules: RetryRules, at_hand_bytes: int) -> Tries:
        """One more failed attempt, which ended with so many bytes at hand."""
        progress = at_hand_bytes - self.most_bytes >= rules.progress_bytes
        return Tries(1 if progress else self.failed + 1, max(self.most_bytes, at_hand_bytes))


def wait_s(
    rules: RetryRules, tries: Tries, asked_s: float | None, left_s: float, uniform: Callable[[float, float], float]
) -> float | None:
    """Seconds until the next attempt, or None to give up.

    `asked_s` is what the server asked for (Retry-After), `left_s` what is left of the deadline, `uniform` a source of
    random numbers between two bounds.
    """
    if tries.failed >= rules.attempts:
        return None
    doubled = rules.first_wait_s * 2.0 ** min(tries.failed - 1, 60)
    wait = uniform(0.0, min(rules.longest_wait_s, doubled))
    if asked_s is not None:
        if asked_s > rules.longest_asked_wait_s:
            return None
        # Never before the time that was asked for, and not all in the same instant.
        wait = asked_s + uniform(0.0, rules.first_wait_s)
    return wait if wait < left_s else None


def asked_wait_s(value: str | None, now: datetime) -> float | None:
    """Retry-After (RFC 9110, 10.2.3): seconds or a date; None where it is missing or not understood."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - now).total_seconds())
