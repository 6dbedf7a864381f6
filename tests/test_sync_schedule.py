"""When a store renews: spread over the chain, the same after a restart, caught up after a missed night."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sync.schedule import Timetable, is_open, moment_of, next_renewal, next_stock

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TABLE = Timetable()
zones = st.sampled_from([STOCKHOLM, UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/St_Johns")])
nows = st.builds(
    lambda moment, zone: moment.replace(tzinfo=UTC).astimezone(zone),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),
    zones,
)
machines = st.text(min_size=1, max_size=12)
tables = st.builds(
    Timetable,
    nightly=st.times(),
    spread=st.timedeltas(timedelta(0), timedelta(hours=6)),
    opens=st.times(),
    closes=st.times(),
)


def local(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=STOCKHOLM)


@given(nows, machines, tables)
def test_every_night_has_its_moment_within_the_spread(now: datetime, machine: str, table: Timetable) -> None:
    day = now.date()
    moment = moment_of(day, machine, table, now)
    begin = datetime.combine(day, table.nightly, now.tzinfo).astimezone(UTC)
    assert timedelta(hours=-1) <= moment - begin <= table.spread + timedelta(hours=1)  # clocks may be changed
    assert moment == moment_of(day, machine, table, now)


@given(nows, machines, tables, st.none() | st.timedeltas(timedelta(days=-3), timedelta(days=3)))
def test_the_next_renewal_is_ahead_and_never_more_than_a_day_and_the_spread_away(
    now: datetime, machine: str, table: Timetable, since: timedelta | None
) -> None:
    last = None if since is None else now + since
    found = next_renewal(now, last, machine, table)
    assert now <= found <= now + timedelta(days=1, hours=2) + table.spread
    if last is None or last > now or last < now - timedelta(days=1, hours=2) - table.spread:
        assert found - now <= table.catch_up


@given(nows, machines, st.timedeltas(timedelta(0), timedelta(days=2)))
def test_a_renewal_that_is_done_is_not_done_again_that_night(now: datetime, machine: str, later: timedelta) -> None:
    moment = next_renewal(now, now, machine, TABLE)
    done = moment + timedelta(minutes=3)
    following = next_renewal(done, done, machine, TABLE)
    assert following - moment > timedelta(hours=21)
    assert next_renewal(done + timedelta(minutes=1), done, machine, TABLE) == following


def test_a_chain_comes_spread_over_the_hour_and_nobody_is_always_last() -> None:
    now = local(12)
    moments = [next_renewal(now, now, f"kiosk {number}", TABLE) for number in range(2_000)]
    night = datetime(2026, 11, 11, 2, 30, tzinfo=STOCKHOLM)
    minutes = [int((moment - night).total_seconds() // 60) for moment in moments]
    assert min(minutes) == 0 and max(minutes) in (59, 60)
    busiest = max(minutes.count(minute) for minute in range(60))
    assert busiest < 3 * 2_000 / 60
    nights = {moment_of(date(2026, 11, day), "kiosk 1", TABLE, now).minute for day in range(1, 20)}
    assert len(nights) > 8


def test_a_missed_night_is_caught_up_within_minutes() -> None:
    morning, before = local(8), local(3, day=9)
    found = next_renewal(morning, before, "till 4", TABLE)
    assert morning <= found <= morning + TABLE.catch_up
    done = next_renewal(found, found, "till 4", TABLE)
    assert done.date() == date(2026, 11, 11) and done.hour in (2, 3)


def test_a_clock_that_was_set_back_does_not_stop_renewals() -> None:
    assert next_renewal(local(8), local(8, day=30), "till 4", TABLE) <= local(8) + TABLE.catch_up


def test_the_night_without_half_past_two_is_renewed_in_too() -> None:
    now = datetime(2027, 3, 27, 12, tzinfo=STOCKHOLM)  # clocks go from 02:00 to 03:00 on the 28th
    table = Timetable(spread=timedelta(0))
    found = next_renewal(now, now, "till 4", table)
    assert (found.date(), found.astimezone(UTC).hour) == (date(2027, 3, 28), 1)
    assert found.hour == 3


@given(nows, machines, tables, st.none() | st.timedeltas(timedelta(days=-2), timedelta(0)))
def test_stock_is_asked_for_while_the_store_is_open(
    now: datetime, machine: str, table: Timetable, since: timedelta | None
) -> None:
    found = next_stock(now, None if since is None else now + since, machine, table)
    assert found is not None and now <= found <= now + timedelta(days=1, hours=2)
    opening = datetime.combine(found.date(), table.opens, found.tzinfo)
    late = min(abs(found - opening - timedelta(days=shift)) for shift in (-1, 0))
    assert is_open(found, table) or late <= table.stock_every + timedelta(hours=1)  # clocks may be changed
    assert next_stock(now, None, machine, Timetable(stock_every=timedelta(0))) is None


def test_stock_comes_every_quarter_of_an_hour_and_each_till_has_its_own_second() -> None:
    now, seen = local(9), []
    for _ in range(9):
        found = next_stock(now, seen[-1] if seen else None, "till 4", TABLE)
        assert found is not None
        seen.append(found)
        now = found + timedelta(seconds=5)
    assert {later - earlier for earlier, later in pairwise(seen)} == {timedelta(minutes=15)}
    places = {next_stock(local(9), None, f"till {number}", TABLE) for number in range(50)}
    assert len(places) > 40


@pytest.mark.parametrize(
    ("opens", "closes", "hour", "expected"),
    [(7, 22, 7, True), (7, 22, 22, False), (7, 22, 3, False), (22, 4, 23, True), (22, 4, 3, True), (22, 4, 12, False)],
)
def test_opening_hours_may_go_past_midnight(opens: int, closes: int, hour: int, expected: bool) -> None:
    assert is_open(local(hour), Timetable(opens=time(opens), closes=time(closes))) is expected


@pytest.mark.parametrize("wrong", [{"spread": timedelta(days=1)}, {"stock_every": timedelta(seconds=-1)}])
def test_a_timetable_that_makes_no_sense_is_refused(wrong: dict[str, timedelta]) -> None:
    with pytest.raises(ValueError, match=r"spread|negative"):
        Timetable(**wrong)  # type: ignore[arg-type]
