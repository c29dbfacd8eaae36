"""Rules of what is shown as current."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from custom_components.dexcom_share.glucose.forecast import Forecast
from custom_components.dexcom_share.glucose.freshness import HeardReading
from custom_components.dexcom_share.glucose.ranges import GlucoseRange
from custom_components.dexcom_share.glucose.snapshot import (
    Snapshot,
    grow_older,
    holds_until,
    next_minute,
    take_snapshot,
)
from custom_components.dexcom_share.share import GlucoseReading

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def reading(minutes: float, value: int = 100, *, heard: float | None = None) -> HeardReading:
    """Return a reading some minutes after noon, heard at once or at another minute."""
    taken = GlucoseReading(NOON + minutes * MINUTE, value)
    return HeardReading.of(taken, taken.time if heard is None else NOON + heard * MINUTE)


@pytest.mark.parametrize(
    ("age", "current", "stale"),
    [
        (timedelta(0), True, False),
        (11 * MINUTE - timedelta(seconds=1), True, False),
        (11 * MINUTE, True, True),
        (15 * MINUTE - timedelta(seconds=1), True, True),
        (15 * MINUTE, False, True),
        (timedelta(days=2), False, True),
    ],
)
def test_a_value_grows_stale_and_then_unknown(age: timedelta, current: bool, stale: bool) -> None:
    """From 11 minutes on a value is stale, from 15 on it says nothing about now."""
    snapshot = take_snapshot(reading(0), reading(-5), NOON + age)
    assert snapshot.is_stale == stale
    assert snapshot.current == (reading(0) if current else None)
    assert snapshot.current_change_mgdl == (0 if current else None)
    assert snapshot.newest == reading(0)
    assert snapshot.age_minutes == age // MINUTE


def test_what_rests_on_a_value_ends_with_it() -> None:
    """Range and forecast go when 15 minutes are over; until then only the age changes."""
    soon = Forecast(value_mgdl=60, urgent_low_chance=0.1)
    fresh = replace(take_snapshot(reading(0), None, NOON), range=GlucoseRange.IN_RANGE, forecast=soon)
    assert grow_older(fresh, NOON + 14 * MINUTE) == replace(fresh, age=14 * MINUTE)
    assert grow_older(fresh, NOON + 15 * MINUTE) == replace(fresh, age=15 * MINUTE, range=None, forecast=None)


@pytest.mark.parametrize("newest", [None, reading(0)])
def test_what_has_no_age_grows_no_older(newest: HeardReading | None) -> None:
    """Without a reading, and while no clock tells how old it is."""
    snapshot = take_snapshot(newest, None, NOON, is_time_known=False)
    assert grow_older(snapshot, NOON + MINUTE) == snapshot


def test_without_a_reading_nothing_is_known() -> None:
    """No reading is stale, not current, and has no age."""
    snapshot = take_snapshot(None, None, NOON)
    assert snapshot == Snapshot()
    assert snapshot.is_stale
    assert snapshot.current is None
    assert snapshot.age_minutes is None
    assert next_minute(snapshot, NOON) == NOON + MINUTE
    assert holds_until(snapshot, NOON) is None


def test_a_reading_from_the_future_ages_from_when_it_was_seen() -> None:
    """A fast clock of the wearer's phone does not keep a value current for longer."""
    ahead = reading(8, heard=0)
    assert take_snapshot(ahead, None, NOON).age == timedelta(0)
    assert take_snapshot(ahead, None, NOON + 15 * MINUTE).current is None


def test_while_no_clock_is_sure_nothing_is_current() -> None:
    """Nor has it an age (T2)."""
    snapshot = take_snapshot(reading(0), reading(-5), NOON, is_time_known=False)
    assert snapshot.current is None
    assert snapshot.age is None
    assert snapshot.is_stale
    assert snapshot.newest == reading(0)
    assert holds_until(snapshot, NOON) is None


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (reading(0, 100), reading(5, 93), -7),
        (reading(0, 100), reading(7.5, 101), 1),
        (reading(0, 100), reading(7.6, 101), None),
        (reading(0, 39), reading(5, 45), None),
        (reading(0, 395), reading(5, 401), None),
    ],
)
def test_change(before: HeardReading, after: HeardReading, change: int | None) -> None:
    """There is a change between neighbours only, and only between measured values."""
    assert take_snapshot(after, before, after.time).change_mgdl == change


def test_a_single_reading_has_no_change() -> None:
    """There is nothing to compare with."""
    assert take_snapshot(reading(0), None, NOON).change_mgdl is None


@pytest.mark.parametrize("seconds", [0, 1, 59, 60, 61, 659, 660, 899, 900])
def test_the_next_minute_is_a_whole_one_of_age(seconds: int) -> None:
    """So the age, the stale flag and the end of a value are all told when they happen."""
    now = NOON + timedelta(seconds=seconds)
    moment = next_minute(take_snapshot(reading(0), None, now), now)
    assert timedelta(0) < moment - now <= MINUTE
    assert (moment - NOON) % MINUTE == timedelta(0)


@pytest.mark.parametrize("age", [timedelta(0), timedelta(seconds=1), 10 * MINUTE, 11 * MINUTE - timedelta(seconds=1)])
def test_a_fresh_snapshot_holds_until_it_is_stale(age: timedelta) -> None:
    """Until then the clock changes nothing but the age."""
    now = NOON + age
    assert holds_until(take_snapshot(reading(0), None, now), now) == NOON + 11 * MINUTE


@pytest.mark.parametrize("age", [11 * MINUTE, 14 * MINUTE, timedelta(days=2)])
def test_a_stale_snapshot_is_derived_anew_each_minute(age: timedelta) -> None:
    """What is the matter may change at any time."""
    now = NOON + age
    assert holds_until(take_snapshot(reading(0), None, now), now) is None
