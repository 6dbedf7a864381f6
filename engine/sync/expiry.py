"""How long what is signed may be believed, and which of it must soon be signed again. Pure.

Each metadata file carries its own lifetime in a signed field of ours, so that every machine that signs it again gives
it the same, whatever that machine's defaults are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from engine.sync.layout import LIFETIME_S, SIGNED_AT, TIME_FORMAT

if TYPE_CHECKING:
    from tuf.api.metadata import Signed

#: Root and targets keys are offline and their people few; the others are signed by a nightly job.
LIFETIMES: Final[Mapping[str, timedelta]] = MappingProxyType(
    {
        "root": timedelta(days=365),
        "targets": timedelta(days=90),
        "snapshot": timedelta(days=7),
        "timestamp": timedelta(days=7),
        "stock": timedelta(days=1),
    }
)
#: Of a stock role that has said nothing yet: there is nothing in it that could grow old.
UNUSED_STOCK_LIFETIME = timedelta(days=3650)
#: What is left of a lifetime when it is time to sign again, unless the asker says otherwise.
WARN_FRACTION = 0.25
_LONGEST = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Expiry:
    """Until when one metadata file may be believed. Times are UTC, whole seconds."""

    role: str
    version: int
    expires: datetime
    lifetime: timedelta

    def left_s(self, now: datetime) -> float:
        """Seconds until it expires; negative afterwards."""
        return (self.expires - now).total_seconds()

    def due(self, now: datetime, within: timedelta | None = None) -> bool:
        """Whether less than `within` is left; None asks for less than a quarter of its lifetime."""
        return self.left_s(now) < (within or self.lifetime * WARN_FRACTION).total_seconds()


def lifetime_of(signed: Signed, default: timedelta) -> timedelta:
    """The lifetime that a metadata file carries; the default where it carries none that makes sense."""
    seconds = signed.unrecognized_fields.get(LIFETIME_S)
    if not isinstance(seconds, int) or not 0 < seconds <= _LONGEST.total_seconds():
        return default
    return timedelta(seconds=seconds)


def stamp(signed: Signed, version: int, lifetime: timedelta, now: datetime) -> None:
    """Make it the given version, signed now, to be believed for `lifetime`. `now` is UTC."""
    signed.version = version
    signed.expires = now + lifetime
    signed.unrecognized_fields[LIFETIME_S] = int(lifetime.total_seconds())
    signed.unrecognized_fields[SIGNED_AT] = now.strftime(TIME_FORMAT)
