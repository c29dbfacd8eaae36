"""Figures of each day, and of each hour of the day over many days; the best and the worst of these hours."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ..reading_columns import EPOCH
from .counted import DAY_MS
from .distribution import Distribution
from .figures import Figures, figures_of
from .goals import TargetSet
from .sufficiency import Sufficiency
from .time_of_day import HOUR_MS
from .windowed import WindowedReadings

_FIRST_DAY: Final = EPOCH.date()


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySummary:
    """One day of a window, as far as it lies in it; `figures` are None without readings."""

    day: date
    sufficiency: Sufficiency
    figures: Figures | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourSummary:
    """The hour of the day that begins at `hour` (0 to 23), over a window; `figures` are None without readings."""

    hour: int
    sufficiency: Sufficiency
    figures: Figures | None


def daily_summaries(readings: WindowedReadings, targets: TargetSet) -> tuple[DaySummary, ...]:
    """Return each day on which there are readings or should be, oldest first."""
    groups = _by([time_ms // DAY_MS for time_ms in readings.local_times_ms], readings.values_mgdl)
    expected = Counter(time_ms // DAY_MS for time_ms in readings.expected_local_times_ms)
    return tuple(
        DaySummary(
            day=_FIRST_DAY + timedelta(days=number),
            sufficiency=Sufficiency.of(groups[number].total(), expected[number]),
            figures=figures_of(Distribution.from_counts(groups[number]), targets),
        )
        for number in sorted({*expected, *groups})
    )


def hourly_summaries(readings: WindowedReadings, targets: TargetSet) -> tuple[HourSummary, ...]:
    """Return the hours of the day in which there are readings or should be, from midnight on."""
    groups = _by([time_ms % DAY_MS // HOUR_MS for time_ms in readings.local_times_ms], readings.values_mgdl)
    expected = Counter(time_ms % DAY_MS // HOUR_MS for time_ms in readings.expected_local_times_ms)
    return tuple(
        HourSummary(
            hour=hour,
            sufficiency=Sufficiency.of(groups[hour].total(), expected[hour]),
            figures=figures_of(Distribution.from_counts(groups[hour]), targets),
        )
        for hour in sorted({*expected, *groups})
    )


def best_and_worst(hours: Sequence[HourSummary]) -> tuple[HourSummary, HourSummary] | None:
    """Return the hours of the day with the most and the least time in range, None where none stands out.

    Of hours alike in this, less time below is better, and the earlier one is named. Hours without sufficient data are
    left out.
    """
    ranked = [
        (hour, (hour.figures.ranges.in_range_percent, -hour.figures.ranges.below_percent))
        for hour in hours
        if hour.figures and hour.sufficiency.is_sufficient
    ]
    if not ranked:
        return None
    best, most = max(ranked, key=lambda pair: pair[1])
    worst, least = min(ranked, key=lambda pair: pair[1])
    return None if most == least else (best, worst)


def _by(keys: Sequence[int], values_mgdl: Sequence[int]) -> defaultdict[int, Counter[int]]:
    """Return how often each value occurs for each key."""
    groups: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for key, value in zip(keys, values_mgdl, strict=True):
        groups[key][value] += 1
    return groups
