"""When a store renews its catalog and asks for stock: pure decisions about times.

A chain's stores must not all come at 02:30:00. Each night has its own moment for each machine, drawn from the
machine's name and the date, so that the load is spread, a restart changes nothing, and no machine is always the last. A
night that was missed (switched off, offline) is caught up soon after. Times of day are those of the store's own clock;
on the night when clocks are put forward a moment that does not exist comes an hour later.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Timetable:
    """When to renew. `nightly` and the opening hours are local times of day.

    `spread` is how long after `nightly` a renewal may begin; `stock_every` of 0 asks for stock with the catalog only.
    Opening hours that end before they begin go past midnight; equal ones are the whole day.
    """

    nightly: time = time(2, 30)
    spread: timedelta = timedelta(minutes=60)
    catch_up: timedelta = timedelta(minutes=10)
    stock_every: timedelta = timedelta(minutes=15)
    opens: time = time(7, 0)
    closes: time = time(22, 0)

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.spread < timedelta(days=1):
            raise ValueError(f"a spread from 0 to less than a day: {self.spread}")
        if self.catch_up < timedelta(0) or self.stock_every < timedelta(0):
            raise ValueError("times to wait are not negative")


def moment_of(day: date, machine: str, table: Timetable, now: datetime) -> datetime:
    """The renewal's moment in the night of a day (local), in the zone of `now`.

    `machine` is any text that stays the same on one machine and differs from machine to machine.
    """
    draw = int.from_bytes(hashlib.sha256(f"{machine}\n{day.isoformat()}".encode()).digest()[:8], "big")
    shift_s = draw % (int(table.spread.total_seconds()) + 1)
    naive = datetime.combine(day, table.nightly) + timedelta(seconds=shift_s)
    # Through the time line: that way a local time which a change of clocks leaves out is moved, not believed.
    return datetime.fromtimestamp(naive.replace(tzinfo=now.tzinfo).timestamp(), now.tzinfo)


def next_renewal(now: datetime, last: datetime | None, machine: str, table: Timetable) -> datetime:
    """When to renew next.

    Args:
        now: aware, in the store's zone.
        last: when the last renewal ended that came to an answer (updated or unchanged), aware; None if none did.
        machine: see `moment_of`.
        table: the store's timetable.

    Returns:
        A moment from `now` on, in the zone of `now`. It is at most `catch_up` away where a night was missed. A `last`
        in the future (the clock was set back) counts as none.
    """
    if last is not None and last > now:
        last = None
    today = now.date()
    moments = [moment_of(today + timedelta(days=shift), machine, table, now) for shift in range(-2, 3)]
    missed = max((moment for moment in moments if moment <= now), default=None)
    if missed is not None and (last is None or last < missed):
        shift_s = _draw(machine, now) % (int(table.catch_up.total_seconds()) + 1)
        return now + timedelta(seconds=shift_s)
    return min(moment for moment in moments if moment > now)


def next_stock(now: datetime, last: datetime | None, machine: str, table: Timetable) -> datetime | None:
    """When to ask for stock next, in the zone of `now`; None if it is never asked for alone.

    Each machine has its own place within the interval, so that requests are spread over it. Outside opening hours it is
    the first moment after opening.
    """
    if not table.stock_every:
        return None
    every_s = table.stock_every.total_seconds()
    place_s = _draw(machine, None) % max(1, int(every_s))
    earliest = now
    if last is not None and last <= now:
        earliest = max(now, last + table.stock_every / 2)
    since = earliest.timestamp() - place_s
    due = datetime.fromtimestamp(place_s + -(-since // every_s) * every_s, now.tzinfo)
    if is_open(due, table):
        return due
    opening = datetime.combine(due.date(), table.opens, now.tzinfo)
    if opening < due:
        opening += timedelta(days=1)
    since = opening.timestamp() - place_s
    return datetime.fromtimestamp(place_s + -(-since // every_s) * every_s, now.tzinfo)


def is_open(moment: datetime, table: Timetable) -> bool:
    """Whether the store is open at a moment, by its own clock."""
    at = moment.timetz().replace(tzinfo=None)
    if table.opens == table.closes:
        return True
    if table.opens < table.closes:
        return table.opens <= at < table.closes
    return at >= table.opens or at < table.closes


def _draw(machine: str, now: datetime | None) -> int:
    text = machine if now is None else f"{machine}\n{now.date().isoformat()} late"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
