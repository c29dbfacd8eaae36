"""The readings of a window, all of it or some hours of each day."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from custom_components.dexcom_share.glucose.statistics.time_of_day import HoursOfDay
from custom_components.dexcom_share.glucose.statistics.windowed import Window, WindowedReadings

from .making import DAY, HOUR, MINUTE, START, at, counted

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = HoursOfDay(time(22), time(6))


def test_a_window_has_its_end_but_not_its_start() -> None:
    """A day has 288 readings, however it lies."""
    readings = counted([100] * 600)
    inside = WindowedReadings.of(readings, Window(start=START, end=START + DAY))
    assert len(inside.values_mgdl) == len(inside.expected_local_times_ms) == 288
    assert at(inside.local_times_ms[0]) == START + 5 * MINUTE
    assert at(inside.local_times_ms[-1]) == START + DAY


def test_nights_only() -> None:
    """By the clocks of the zone; readings and what is expected alike."""
    readings = counted([100] * 288 * 3)
    window = Window(start=START, end=START + 2 * DAY, zone=BERLIN, hours=NIGHT)
    inside = WindowedReadings.of(readings, window)
    assert len(inside.values_mgdl) == len(inside.expected_local_times_ms) == 2 * 8 * 12
    assert {at(one).hour for one in inside.local_times_ms} == {22, 23, 0, 1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("midday", "hours"), [(datetime(2026, 3, 28, 11, tzinfo=UTC), 7), (datetime(2026, 10, 24, 10, tzinfo=UTC), 9)]
)
def test_the_night_of_a_change_is_shorter_or_longer(midday: datetime, hours: int) -> None:
    """From 22 to 6 it is seven hours in March and nine in October; so many readings are expected."""
    window = Window(start=midday, end=midday + DAY, zone=BERLIN, hours=NIGHT)
    inside = WindowedReadings.of(counted([100] * 300, midday), window)
    assert len(inside.values_mgdl) == len(inside.expected_local_times_ms) == hours * 12


def test_what_a_window_covers() -> None:
    """The same moments of which it takes readings."""
    window = Window(start=START, end=START + DAY, zone=BERLIN, hours=NIGHT)
    assert not window.covers(START)
    assert window.covers(START + HOUR)
    assert window.covers(START + 5 * HOUR - MINUTE)
    assert not window.covers(START + 5 * HOUR)
    assert window.covers(START + DAY)
    assert not window.covers(START + DAY + MINUTE)
    assert Window(start=START, end=START + DAY).covers(START + 12 * HOUR)


def test_a_window_must_have_a_length() -> None:
    """Also not a negative one."""
    with pytest.raises(ValueError, match="end after its start"):
        Window(start=START, end=START)
