"""The geometry of a chart: what is shown, where it lies, and what is marked at the edges."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.dexcom_share.glucose.chart import Chart, Limits, Zone, make_chart
from custom_components.dexcom_share.glucose.forecast import Forecast
from custom_components.dexcom_share.share import GlucoseReading

NOW = datetime(2026, 11, 22, 13, 37, tzinfo=UTC)
LIMITS = Limits(low=70, high=180, urgent_low=55, urgent_high=300)
MINUTE = timedelta(minutes=1)


def readings(*minutes: float, value: int = 100) -> list[GlucoseReading]:
    """Return readings of so many minutes ago."""
    return [GlucoseReading(NOW - each * MINUTE, value) for each in minutes]


def chart(
    found: list[GlucoseReading], *, hours: int = 3, limits: Limits = LIMITS, zone: str = "UTC", step: float = 50
) -> Chart:
    """Return the chart of some hours."""
    return make_chart(found, NOW, timedelta(hours=hours), limits, ZoneInfo(zone), step_mgdl=step)


@pytest.mark.parametrize(
    ("value", "limits", "zone"),
    [
        (55, LIMITS, Zone.URGENT_LOW),
        (56, LIMITS, Zone.LOW),
        (70, LIMITS, Zone.LOW),
        (71, LIMITS, Zone.IN_RANGE),
        (179, LIMITS, Zone.IN_RANGE),
        (180, LIMITS, Zone.HIGH),
        (299, LIMITS, Zone.HIGH),
        (300, LIMITS, Zone.URGENT_HIGH),
        (39, Limits(low=30, high=500, urgent_low=20), Zone.URGENT_LOW),
        (39, Limits(low=30, high=500), Zone.LOW),
        (401, Limits(low=30, high=500), Zone.HIGH),
        (401, Limits(low=30, high=500, urgent_high=500), Zone.URGENT_HIGH),
    ],
)
def test_a_limit_belongs_to_the_zone_outside(value: int, limits: Limits, zone: Zone) -> None:
    """As with the alerts; what the sensor can't measure is beyond every limit."""
    assert limits.zone(GlucoseReading(NOW, value)) is zone


def test_only_a_gap_parts_the_curve() -> None:
    """A clock that jitters and a second device are no gap; a reading that is missing is one."""
    made = chart(readings(40, 35, 27.6, 25, 24, 14, 9))
    assert [len(segment) for segment in made.segments] == [5, 2]


def test_the_span_is_all_that_is_shown() -> None:
    """Neither what is older nor what is stamped ahead."""
    made = chart(readings(181, 180, 100, 0, -1))
    places = [dot.x for segment in made.segments for dot in segment]
    assert len(places) == 3
    assert places[0] == 0
    assert places[-1] == made.now_x


def test_an_empty_chart_has_its_edges() -> None:
    """Also without readings band, times and limits are there, and now is at the right."""
    made = make_chart([], NOW, timedelta(hours=3), LIMITS, UTC, forecast=Forecast(value_mgdl=90, urgent_low_chance=0))
    assert made.segments == ()
    assert made.forecast is None
    assert made.now_x == pytest.approx(40 / 41)
    assert [tick.mgdl for tick in made.value_ticks if tick.is_limit] == [70, 180]


def test_a_forecast_goes_on_from_the_newest_reading() -> None:
    """To what is expected 20 minutes after it, with room for it at the right."""
    found = readings(8, 3, value=120)
    made = make_chart(
        found, NOW, timedelta(hours=3), LIMITS, UTC, forecast=Forecast(value_mgdl=80, urgent_low_chance=0.1)
    )
    newest = made.segments[-1][-1]
    assert made.forecast
    start, end = made.forecast
    assert start == (newest.x, newest.y)
    assert made.now_x < end[0] < 1
    assert end[1] < newest.y
    # 3 minutes and 17 minutes on the same scale.
    assert (end[0] - made.now_x) / (made.now_x - newest.x) == pytest.approx(17 / 3)


@pytest.mark.parametrize(
    ("hours", "zone", "ticks"),
    [
        (3, "UTC", ["11:00", "12:00", "13:00"]),
        (6, "UTC", ["08:00", "09:00", "10:00", "11:00", "12:00", "13:00"]),
        (12, "UTC", ["02:00", "04:00", "06:00", "08:00", "10:00", "12:00"]),
        (24, "Europe/Berlin", ["18:00", "00:00", "06:00", "12:00"]),
        (3, "Asia/Kathmandu", ["17:00", "18:00", "19:00"]),
    ],
)
def test_times_are_whole_hours_on_the_clock_on_the_wall(hours: int, zone: str, ticks: list[str]) -> None:
    """Also where the offset of the zone is no whole hour."""
    assert [f"{tick.time:%H:%M}" for tick in chart([], hours=hours, zone=zone).time_ticks] == ticks


def test_an_hour_that_comes_twice_is_marked_twice() -> None:
    """The night on which the clocks are set back has one hour more."""
    now = datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    made = make_chart([], now, timedelta(hours=4), LIMITS, ZoneInfo("Europe/Berlin"))
    assert [f"{tick.time:%H:%M}" for tick in made.time_ticks] == ["01:00", "02:00", "02:00", "03:00"]


@pytest.mark.parametrize(("step", "numbers"), [(50, [70, 150, 200, 250]), (36, [70, 144, 216, 250])])
def test_values_between_the_limits_are_round_in_the_unit_shown(step: float, numbers: list[float]) -> None:
    """Multiples of the step, where there is room."""
    made = chart([], limits=Limits(low=70, high=250), step=step)
    assert {tick.mgdl for tick in made.value_ticks if tick.is_limit} == {70, 250}
    assert all(tick.mgdl % step == 0 for tick in made.value_ticks if not tick.is_limit)
    assert {70, 250} <= {tick.mgdl for tick in made.value_ticks} <= set(numbers)


@given(
    minutes=st.lists(st.floats(-100, 2000), max_size=40),
    value=st.integers(39, 401),
    hours=st.integers(3, 24),
    low=st.integers(60, 150),
    width=st.integers(1, 250),
    expected=st.integers(39, 401),
)
def test_all_lies_inside(minutes: list[float], value: int, hours: int, low: int, width: int, expected: int) -> None:
    """Whatever the readings and limits, nothing is outside of the drawing area, out of order or in each other's way."""
    found = readings(*sorted(minutes, reverse=True), value=value)
    made = make_chart(
        found,
        NOW,
        timedelta(hours=hours),
        Limits(low=low, high=low + width),
        ZoneInfo("Australia/Lord_Howe"),
        forecast=Forecast(value_mgdl=expected, urgent_low_chance=0),
    )
    dots = [dot for segment in made.segments for dot in segment]
    assert [dot.x for dot in dots] == sorted(dot.x for dot in dots)
    places = [
        *(place for dot in dots for place in (dot.x, dot.y)),
        *made.band,
        made.now_x,
        *(tick.y for tick in made.value_ticks),
        *(tick.x for tick in made.time_ticks),
        *(place for end in made.forecast or () for place in end),
    ]
    assert all(0 <= place <= 1 for place in places)
    assert made.band[0] < made.band[1]
    for lower, upper in pairwise(made.value_ticks):
        assert lower.y < upper.y
        assert upper.y - lower.y > 0.15 or (lower.is_limit and upper.is_limit)
