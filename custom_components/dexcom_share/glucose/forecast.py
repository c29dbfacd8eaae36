"""Where the glucose goes within the next 20 minutes, and whether that is urgently low.

The method, the data it was fitted on and what it was measured to do are described in docs/forecast.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log
from typing import Final

from ..share.models import HIGH_LIMIT_MGDL, LOW_LIMIT_MGDL, GlucoseReading, Trend

URGENT_LOW_MGDL: Final = 55
"""What counts as urgently low, here as in Dexcom's own "urgent low soon"."""
MAX_AGE: Final = timedelta(minutes=12)
"""The age up to which the newest reading still says where the glucose goes."""

_MARGIN_MGDL: Final = 7.5
"""How far above the limit a forecast warns: forecasts err, and a missed low weighs more than a false alert."""
_STEP_MINUTES: Final = 5.0
_STEPS: Final = 3
_MAX_GAP_MINUTES: Final = 17.5
"""Two missing readings are bridged by a straight line, more make the readings before them unusable."""
_MAX_READINGS: Final = 24

_ARROW_MGDL_PER_MINUTE: Final = {
    Trend.DOUBLE_UP: 3.5,
    Trend.SINGLE_UP: 2.5,
    Trend.FORTY_FIVE_UP: 1.5,
    Trend.FORTY_FIVE_DOWN: -1.5,
    Trend.SINGLE_DOWN: -2.5,
    Trend.DOUBLE_DOWN: -3.5,
}
"""The middle of what each arrow stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    """Forecast of the logarithm of the glucose, linear in its level and its changes over the last three steps."""

    constant: float
    level: float
    changes: tuple[float, float, float]

    def mgdl(self, level: float, changes: Sequence[float]) -> float:
        """Return the forecast in mg/dL for a level and changes (newest first) in natural logarithms of mg/dL."""
        return exp(
            self.constant
            + self.level * level
            + sum(weight * change for weight, change in zip(self.changes, changes, strict=True))
        )


# Least squares over the windows of four readings of 16 people (AZT1D, BIG IDEAs), see docs/forecast.md. All weights
# are positive, so a lower newest reading never makes for a higher forecast.
_IN_5_MINUTES: Final = _Model(constant=0.071, level=0.986, changes=(0.537, 0.011, 0.047))
_IN_20_MINUTES: Final = _Model(constant=0.459, level=0.907, changes=(1.108, 0.137, 0.196))


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What to expect: the value 20 min after the newest reading (mg/dL, 39 to 401), and whether an urgent low comes."""

    value_mgdl: int
    urgent_low_soon: bool


def forecast(readings: Sequence[GlucoseReading], now: datetime) -> Forecast | None:
    """Return the forecast from the newest reading on, None without a reading of the last 12 min.

    `readings` are oldest first; no more than the newest 24 count. An urgent low comes soon when
    the newest value is at or below 55 mg/dL already, or the forecast for 5 or 20 min is within 7.5 mg/dL of it. Where
    older readings are missing, the glucose is taken to have changed before as it did since, a single reading goes by
    its arrow. Source of the coefficients and of the margin: docs/forecast.md.
    """
    if not readings or now - readings[-1].time > MAX_AGE:
        return None
    newest = readings[-1]
    level = _logarithm(newest)
    changes = _changes(readings)
    later = _IN_20_MINUTES.mgdl(level, changes)
    lowest = min(later, _IN_5_MINUTES.mgdl(level, changes))
    return Forecast(
        value_mgdl=min(max(round(later), LOW_LIMIT_MGDL), HIGH_LIMIT_MGDL),
        urgent_low_soon=newest.value <= URGENT_LOW_MGDL or lowest <= URGENT_LOW_MGDL + _MARGIN_MGDL,
    )


def _logarithm(reading: GlucoseReading) -> float:
    """Return the natural logarithm of a value in mg/dL, where values below 39 count as 39."""
    return log(max(reading.value, LOW_LIMIT_MGDL))


def _changes(readings: Sequence[GlucoseReading]) -> list[float]:
    """Return the changes of the logarithm over the last three steps of 5 min, newest first."""
    points = _points(readings)
    oldest_minutes = points[-1][0]
    changes: list[float] = []
    start_minutes, start = points[0]
    segment = 1
    while len(changes) < _STEPS and oldest_minutes - start_minutes >= _STEP_MINUTES / 2:
        end_minutes = min(start_minutes + _STEP_MINUTES, oldest_minutes)
        while points[segment][0] < end_minutes:
            segment += 1
        (newer_minutes, newer), (older_minutes, older) = points[segment - 1], points[segment]
        end = newer + (older - newer) * (end_minutes - newer_minutes) / (older_minutes - newer_minutes)
        # The oldest step may be covered in part only: clocks jitter and a sensor's step isn't always 5 min.
        changes.append((start - end) * _STEP_MINUTES / (end_minutes - start_minutes))
        start_minutes, start = end_minutes, end
    if not changes:
        changes.append(_change_by_arrow(readings[-1]))
    return changes + changes[-1:] * (_STEPS - len(changes))


def _points(readings: Sequence[GlucoseReading]) -> list[tuple[float, float]]:
    """Return minutes before the newest reading and logarithms, newest first, back to the first gap or 15 min."""
    newest = readings[-1]
    points = [(0.0, _logarithm(newest))]
    for reading in reversed(readings[-_MAX_READINGS:-1]):
        minutes = (newest.time - reading.time).total_seconds() / 60
        if minutes - points[-1][0] > _MAX_GAP_MINUTES:
            break
        if minutes > points[-1][0]:
            points.append((minutes, _logarithm(reading)))
        if minutes >= _STEPS * _STEP_MINUTES:
            break
    return points


def _change_by_arrow(reading: GlucoseReading) -> float:
    """Return the change of the logarithm over one step that the arrow of a reading stands for."""
    # Relative to the value: with differences of logarithms a lower value could lead to a higher forecast.
    return _ARROW_MGDL_PER_MINUTE.get(reading.trend, 0.0) * _STEP_MINUTES / max(reading.value, LOW_LIMIT_MGDL)
