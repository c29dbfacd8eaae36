"""Whether a reading still tells the glucose of now, by its effective time."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.dexcom_share.glucose.freshness import HeardReading, age_at, is_current, is_overdue
from custom_components.dexcom_share.share.models import GlucoseReading, Trend

START = datetime(2026, 11, 1, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("heard_after", "effective"), [(9 * SECOND, 0 * SECOND), (-9 * MINUTE, -9 * MINUTE)])
def test_the_effective_time_is_the_earlier_one(heard_after: timedelta, effective: timedelta) -> None:
    """Of the stamp and the moment it was heard; the rest stays as the wire gave it."""
    reading = HeardReading.of(GlucoseReading(START, 62, Trend.FLAT, -5 * MINUTE), START + heard_after)
    assert reading.time == START + effective
    assert (reading.stamp, reading.heard_at) == (START, START + heard_after)
    assert (reading.value, reading.trend, reading.utc_offset) == (62, Trend.FLAT, -5 * MINUTE)


@pytest.mark.parametrize(
    ("age", "current", "overdue"),
    [
        (-MINUTE, True, False),
        (11 * MINUTE - SECOND, True, False),
        (11 * MINUTE, True, True),
        (15 * MINUTE - SECOND, True, True),
        (15 * MINUTE, False, True),
    ],
)
def test_a_reading_is_current_for_less_than_15_minutes(age: timedelta, current: bool, overdue: bool) -> None:
    """And its successor is overdue from 11 on (alert rule T4)."""
    assert is_current(START, START + age) is current
    assert is_overdue(START, START + age) is overdue
    assert age_at(START, START + age) == max(age, timedelta(0))
