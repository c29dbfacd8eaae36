"""Where the glucose goes within the next 20 minutes, and how likely that is urgently low.

The method, the data it was fitted on and what it was measured to do are described in docs/forecast.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log
from typing import Final

from ..share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading, Trend
from .low_chance import MAX_GAP_MINUTES, STEP_MINUTES, Point, low_chance

MAX_AGE: Final = timedelta(minutes=12)
"""The age up to which the newest reading still says where the glucose goes."""
MAX_READINGS: Final = 24
"""The forecast looks at no more readings than these: two hours."""

_STEPS: Final = 3

_ARROW_MGDL_PER_MINUTE: Final = {
    Trend.DOUBLE_UP: 3.5,
    Trend.SINGLE_UP: 2.5,
    Trend.FORTY_FIVE_UP: 1.5,
    Trend.FORTY_FIVE_DOWN: -1.5,
    Trend.SINGLE_DOWN: -2.5,
    Trend.DOUBLE_DOWN: -3.5,
}
"""The middle of what each arrow stands for."""

# Least absolute error over the windows of 37 people, see docs/forecast.md: the logarithm of the value in 20 min, linear
# in its level and its changes over the last three steps, newest first. All weights are positive, so a lower newest
# reading never makes for a higher forecast.
VALUE_COEFFICIENTS: Final = (0.241, 0.950, 1.316, 0.200, 0.182)
"""Of the constant, the level, and the changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What to expect: the value 20 min after the newest reading (mg/dL, 39 to 401), and the chance of an urgent low.

    The chance (0 to 1) is that of a sensor reading below 55 mg/dL within these 20 min; it is 1 where the newest reading
    is at or below 55 mg/dL already.
    """

    value_mgdl: int
    urgent_low_chance: float


def forecast(readings: Sequence[GlucoseReading], now: datetime) -> Forecast | None:
    """Return the forecast from the newest reading on, None without a reading of the last 12 min.

    `readings` are oldest first; no more than the newest 24 count. Where older readings are missing, the glucose is
    taken to have changed before as it did since, a single reading goes by its arrow. Source of the coefficients:
    docs/forecast.md.
    """
    if not readings or now - readings[-1].time > MAX_AGE:
        return None
    points = points_of(readings)
    by_arrow = _change_by_arrow(readings[-1])
    return Forecast(value_mgdl=_value(points, by_arrow), urgent_low_chance=low_chance(points, by_arrow))


def urgent_low_chance(readings: Sequence[GlucoseReading]) -> float:
    """Return the chance of `Forecast` alone (0 to 1), from the newest reading on, however old it is.

    `readings` are oldest first, at least one. Source: docs/forecast.md.
    """
    return low_chance(points_of(readings), _change_by_arrow(readings[-1]))


def _value(points: Sequence[Point], by_arrow: float) -> int:
    """Return the value to expect in 20 min (mg/dL)."""
    constant, level, first, second, third = VALUE_COEFFICIENTS
    newer, middle, older = changes_of(points, by_arrow)
    value = exp(
        constant + level * log(max(points[0][1], LOW_LIMIT_MGDL)) + first * newer + second * middle + third * older
    )
    return min(max(round(value), LOW_LIMIT_MGDL), HIGH_LIMIT_MGDL)


def changes_of(points: Sequence[Point], by_arrow: float) -> list[float]:
    """Return the changes of the logarithm over the last three steps of 5 min, newest first."""
    points = _newest_of(points)
    oldest_minutes = points[-1][0]
    changes: list[float] = []
    start_minutes, start = 0.0, log(points[0][1])
    segment = 1
    while len(changes) < _STEPS and oldest_minutes - start_minutes >= STEP_MINUTES / 2:
        end_minutes = min(start_minutes + STEP_MINUTES, oldest_minutes)
        while points[segment][0] < end_minutes:
            segment += 1
        (newer_minutes, newer), (older_minutes, older) = points[segment - 1], points[segment]
        part = (end_minutes - newer_minutes) / (older_minutes - newer_minutes)
        end = log(newer) + log(older / newer) * part
        # The oldest step may be covered in part only: clocks jitter and a sensor's step isn't always 5 min.
        changes.append((start - end) * STEP_MINUTES / (end_minutes - start_minutes))
        start_minutes, start = end_minutes, end
    if not changes:
        changes.append(by_arrow)
    return changes + changes[-1:] * (_STEPS - len(changes))


def _newest_of(points: Sequence[Point]) -> list[Point]:
    """Return the points of the last 15 min, back to the first gap, each older than the one before it."""
    newest = [(0.0, max(points[0][1], LOW_LIMIT_MGDL))]
    last = 0.0
    for minutes, value in points:
        if minutes - last > MAX_GAP_MINUTES or last >= _STEPS * STEP_MINUTES:
            break
        if minutes > last:
            newest.append((minutes, max(value, LOW_LIMIT_MGDL)))
            last = minutes
    return newest


def points_of(readings: Sequence[GlucoseReading]) -> list[Point]:
    """Return the newest 24 of readings (oldest first) as points, newest first."""
    newest = readings[-1].time
    return [
        ((newest - reading.time).total_seconds() / 60, reading.value) for reading in readings[: -MAX_READINGS - 1 : -1]
    ]


def _change_by_arrow(reading: GlucoseReading) -> float:
    """Return the change of the logarithm over one step that the arrow of a reading stands for."""
    # Relative to the value: with differences of logarithms a lower value could lead to a higher forecast.
    return _ARROW_MGDL_PER_MINUTE.get(reading.trend, 0.0) * STEP_MINUTES / max(reading.value, LOW_LIMIT_MGDL)
