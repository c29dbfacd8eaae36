"""The glucose profile: percentiles by time of day."""

from collections.abc import Sequence
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from custom_components.dexcom_share.glucose.statistics.profile import POINTS, glucose_profile
from custom_components.dexcom_share.glucose.statistics.windowed import Window, WindowedReadings

from .making import DAY, MINUTE, START, counted


def windowed(values: Sequence[int | None], zone: str = "UTC") -> WindowedReadings:
    """Return readings from the first minute of a day on."""
    end = START + len(values) * 5 * MINUTE
    return WindowedReadings.of(counted(values), Window(start=START - MINUTE, end=end, zone=ZoneInfo(zone)))


def test_a_point_every_quarter_of_an_hour() -> None:
    """From midnight on."""
    profile = glucose_profile(windowed([100] * 288))
    assert [point.minute_of_day for point in profile] == list(range(0, 1440, 15))
    assert len(profile) == POINTS
    assert {point.n for point in profile} == {12}


def test_a_point_looks_half_an_hour_either_way() -> None:
    """The half hour before with its start, the one after without its end."""
    readings = windowed([place if 60 <= place < 84 else 100 for place in range(288)])
    at_six = glucose_profile(readings)[6 * 4]
    assert at_six.percentiles is not None
    # From 05:30 to 06:25 these are the readings 66 to 77.
    assert at_six.percentiles.p50_mgdl == median(range(66, 78))
    assert at_six.percentiles.p5_mgdl == pytest.approx(66 + 0.05 * 11)
    assert at_six.percentiles.p95_mgdl == pytest.approx(77 - 0.05 * 11)


def test_midnight_is_no_border() -> None:
    """The point of midnight looks at the evening too."""
    first, *_ = glucose_profile(windowed([200] * 6 + [100] * 276 + [50] * 3 + [60] * 3))
    assert first.n == 12
    assert first.percentiles is not None
    assert (first.percentiles.p25_mgdl, first.percentiles.p50_mgdl, first.percentiles.p75_mgdl) == (57.5, 130, 200)


def test_percentiles_are_over_all_days() -> None:
    """Of five days, each steady, the middle one is the median."""
    point = glucose_profile(windowed([value for value in (60, 80, 100, 120, 140) for _ in range(288)]))[40]
    assert point.n == 60
    assert point.percentiles is not None
    assert [
        point.percentiles.p5_mgdl,
        point.percentiles.p25_mgdl,
        point.percentiles.p50_mgdl,
        point.percentiles.p75_mgdl,
        point.percentiles.p95_mgdl,
    ] == [60, 80, 100, 120, 140]


def test_where_there_are_no_readings_there_is_no_point() -> None:
    """A gap of the day stays one; its edges have what there is."""
    profile = glucose_profile(windowed([100] * 144))
    assert profile[12 * 4 + 1].n == 3
    assert profile[12 * 4 + 2].percentiles is None
    assert profile[12 * 4 + 2].n == 0


def test_time_of_day_is_that_of_the_zone() -> None:
    """In Kathmandu it is 05:45 when the day begins in UTC."""
    values: list[int | None] = [100] * 288
    values[0] = 300
    profile = glucose_profile(windowed(values, "Asia/Kathmandu"))
    high = [point.minute_of_day for point in profile if point.percentiles and point.percentiles.p95_mgdl > 100]
    assert high == [315 + offset for offset in (15, 30, 45, 60)]


def test_an_empty_window_has_an_empty_profile() -> None:
    """96 points of nothing."""
    window = Window(start=START, end=START + DAY)
    assert all(point.percentiles is None for point in glucose_profile(WindowedReadings.of(counted([]), window)))
