"""Days, hours of the day, and which of these are best and worst."""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from custom_components.dexcom_share.glucose.statistics.goals import STANDARD
from custom_components.dexcom_share.glucose.statistics.summaries import (
    HourSummary,
    best_and_worst,
    daily_summaries,
    hourly_summaries,
)
from custom_components.dexcom_share.glucose.statistics.windowed import Window, WindowedReadings

from .making import DAY, HOUR, MINUTE, START, counted

type Hours = dict[int, Sequence[int | None]]


def windowed(values: Sequence[int | None], zone: str = "UTC") -> WindowedReadings:
    """Return readings from the first minute of a day on."""
    end = START + len(values) * 5 * MINUTE
    return WindowedReadings.of(counted(values), Window(start=START - MINUTE, end=end - MINUTE, zone=ZoneInfo(zone)))


def day_of_hours(values: Hours, days: int = 1) -> list[int | None]:
    """Return days on which some hours have twelve values of their own, and the others 100."""
    return [value for hour in range(24 * days) for value in values.get(hour % 24, [100] * 12)]


class TestDays:
    """One summary for each day."""

    def test_each_day_has_its_figures(self) -> None:
        """A day without readings is there, and has none."""
        first, second, third = daily_summaries(windowed([100] * 288 + [None] * 288 + [200] * 288), STANDARD)
        assert [one.day for one in (first, second, third)] == [date(2026, 11, day) for day in (1, 2, 3)]
        assert first.figures is not None
        assert (first.figures.n, first.figures.mean_mgdl, first.figures.ranges.in_range_percent) == (288, 100, 100)
        assert second.figures is None
        assert not second.sufficiency.is_sufficient
        assert third.figures is not None
        assert third.figures.ranges.in_range_percent == 0

    def test_a_day_counts_as_far_as_it_lies_in_the_window(self) -> None:
        """Sufficiency is of that part."""
        window = Window(start=START + 6 * HOUR, end=START + DAY + 6 * HOUR)
        first, second = daily_summaries(WindowedReadings.of(counted([100] * 400), window), STANDARD)
        # Midnight belongs to the day that begins with it.
        assert (first.sufficiency.expected, second.sufficiency.expected) == (215, 73)
        assert first.sufficiency.is_sufficient
        assert second.sufficiency.is_sufficient

    def test_days_are_those_of_the_zone(self) -> None:
        """The second of November is a day of 25 hours in Denver, it was the first there."""
        days = daily_summaries(windowed([100] * 288 * 2, "America/Denver"), STANDARD)
        assert [(one.day.day, one.sufficiency.n) for one in days] == [(31, 6 * 12), (1, 25 * 12), (2, 17 * 12)]

    def test_a_reading_before_the_first_one_expected_is_not_lost(self) -> None:
        """It is of a day on which none was expected."""
        window = Window(start=START + DAY - 2 * MINUTE, end=START + DAY + 2 * HOUR)
        readings = counted([90, *[100] * 30], START + DAY - MINUTE)
        days = daily_summaries(WindowedReadings.of(readings, window), STANDARD)
        assert [(one.day.day, one.sufficiency.n, one.sufficiency.expected) for one in days] == [(1, 1, 0), (2, 24, 24)]


class TestHours:
    """One summary for each hour of the day, over all days."""

    def test_hours_are_over_all_days(self) -> None:
        """Of three days an hour has 36 readings."""
        hours = hourly_summaries(windowed(day_of_hours({7: [200] * 12}, days=3)), STANDARD)
        assert [one.hour for one in hours] == list(range(24))
        assert {one.sufficiency.n for one in hours} == {36}
        high = [one.hour for one in hours if one.figures and one.figures.ranges.above_percent]
        assert high == [7]

    def test_only_the_hours_of_the_window(self) -> None:
        """What is not in it is not there."""
        window = Window(start=START, end=START + 3 * HOUR)
        hours = hourly_summaries(WindowedReadings.of(counted([100] * 300), window), STANDARD)
        assert [one.hour for one in hours] == [0, 1, 2, 3]

    def test_most_and_least_in_range(self) -> None:
        """The best hour has the most time in range, the worst the least."""
        values: Hours = {hour: [100] * 9 + [200] * 3 for hour in range(24)}
        values[5] = [100] * 11 + [200]
        values[18] = [200] * 12
        assert self.best_and_worst(values) == (5, 18)

    def test_of_hours_alike_less_time_below_is_better(self) -> None:
        """A low is worse than a high."""
        values: Hours = {hour: [100] * 11 + [200] for hour in range(24)}
        values[3] = [100] * 11 + [60]
        assert self.best_and_worst(values) == (0, 3)

    def test_where_nothing_stands_out_there_is_none(self) -> None:
        """All hours in range, for instance; or no readings."""
        assert self.best_and_worst({}) is None
        assert best_and_worst(hourly_summaries(windowed([None] * 288), STANDARD)) is None

    def test_hours_without_enough_readings_are_left_out(self) -> None:
        """Eight of twelve are not enough."""
        values: Hours = {
            4: [None] * 4 + [40] * 8,
            5: [100] * 11 + [60],
        }
        assert self.best_and_worst(values) == (0, 5)

    def best_and_worst(self, values: Hours) -> tuple[int, int] | None:
        """Return the best and the worst hour of days alike."""
        found: tuple[HourSummary, HourSummary] | None = best_and_worst(
            hourly_summaries(windowed(day_of_hours(values, days=2)), STANDARD)
        )
        return found and (found[0].hour, found[1].hour)
